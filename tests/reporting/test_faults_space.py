"""Disk, quota and memory used up, for real: the run ends in good order and the last good report is
kept."""

# ruff: noqa: F811 -- fixtures that come from another module
from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reporting.conftest import Bench, eventually
from tests.reporting.faulty import check_stale, good, published  # noqa: F401

Make = Callable[..., str]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small file system is not permitted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_full_disk(good: Bench, make_notebook: Make, small_disk: Path) -> None:
    shutil.copytree(good.out, small_disk / "out")
    shutil.rmtree(good.out)
    good.out.symlink_to(small_disk / "out")
    with (small_disk / "filler").open("wb") as filler:
        free = os.statvfs(small_disk)
        filler.write(b"0" * (free.f_bavail * free.f_frsize - 1_200_000))
    good.add("two", make_notebook("print('x' * 2_000_000)"))
    check_stale(good, good.run("--jobs", "1"), "The disk is full")
    assert good.entry("one")["status"] == "published"

    with (small_disk / "filler").open("ab") as filler:
        free = os.statvfs(small_disk)
        filler.write(b"0" * (free.f_bavail * free.f_frsize))
    done = good.run()
    assert done.code == 1 and "The disk is full" in done.stderr, done.stderr
    assert not good.partial_files()


@pytest.mark.parametrize("room", [8, 16, 24, 32])
def test_a_disk_that_fills_up_leaves_room_for_the_index(
    bench: Bench, make_notebook: Make, small_disk: Path, room: int
) -> None:
    """What was kept for it was let go of only after it could not be written."""
    bench.add("one", make_notebook("1"))
    bench.add("two", make_notebook("2"))
    bench.pack["scopes"] = ["company", "each region"]
    bench.out.symlink_to(small_disk)
    with (small_disk / "filler").open("wb") as filler:
        free = os.statvfs(small_disk)
        filler.write(b"0" * (free.f_bavail * free.f_frsize - (512 + room) * 1024))
    done = bench.run("--jobs", "1")
    assert done.code == 1 and "The disk is full" in done.stderr, done.stderr
    assert "The disk is full" in (bench.out / "index.html").read_text()


def test_used_up_quota(good: Bench, make_notebook: Make) -> None:
    """Where no file system can be mounted: no file of the run may be larger than 1 MB."""
    good.add("one", make_notebook("11"))
    good.add("two", make_notebook("print('x' * 2_000_000)"))
    done = subprocess.run(
        [sys.executable, "-m", "salesops_lib.cli", *good.arguments("--jobs", "1")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "two for company: The disk is full" in done.stderr
    assert good.entry("two")["status"] == "stale" and good.entry("one")["status"] == "published"
    assert (good.company / "two.html").read_bytes() == good.good["two.html"]
    assert not good.partial_files()


def test_a_notebook_that_fills_the_disk_says_so(
    good: Bench, make_notebook: Make, small_disk: Path
) -> None:
    target = str(small_disk / "file")
    good.add("two", make_notebook(f"open({target!r}, 'wb').write(bytes(10_000_000))"))
    check_stale(good, good.run(), "The disk is full")


@pytest.fixture
def small_machine() -> Iterator[Path]:
    """A control group whose processes have 700 MB together; what is more, the system kills."""
    place = Path(f"/sys/fs/cgroup/memory/salesops-{os.getpid()}")
    limit = place / "memory.limit_in_bytes"
    if not place.parent.is_dir():
        place = Path(f"/sys/fs/cgroup/salesops-{os.getpid()}")
        limit = place / "memory.max"
    try:
        place.mkdir()
        limit.write_text("700000000")
    except OSError as problem:
        if place.is_dir():
            place.rmdir()
        pytest.skip(f"memory cannot be limited here: {problem}")
    yield place
    assert eventually(lambda: not (place / "cgroup.procs").read_text().split())
    place.rmdir()


@pytest.mark.slow
def test_the_machine_runs_out_of_memory(
    good: Bench, make_notebook: Make, small_machine: Path
) -> None:
    """The system then kills the notebook, not the run that watches over it."""
    good.pack["retries"] = 0
    good.add("one", make_notebook("11"))
    good.add("two", make_notebook("import numpy as np; np.ones(200_000_000)"))
    command = [sys.executable, "-m", "salesops_lib.cli", *good.arguments("--jobs", "1")]
    join = f"echo $$ > {small_machine}/cgroup.procs && exec " + ' "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", join, "sh", *command], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    said = "The kernel ended unexpectedly (signal 9). The machine may have run out of memory."
    assert said in done.stderr, done.stderr
    assert good.entry("two")["status"] == "stale" and good.entry("one")["status"] == "published"
    assert (good.company / "two.html").read_bytes() == good.good["two.html"]
    assert not good.partial_files()
