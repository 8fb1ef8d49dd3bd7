"""Real faults: processes killed, memory and disk used up, files broken. Each ends in a defined state,
with an exit code and a reason, no process left, nothing half-written, the last good report kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reporting.conftest import (
    FIGURE,
    Bench,
    Running,
    eventually,
    forks,
    notebook,
    prepare,
    running,
)

Make = Callable[..., str]
WAIT = "import time; open(NOTE, 'w').close(); time.sleep(300)"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Bench:
    """Two good reports."""
    bench = prepare(tmp_path_factory.mktemp("published"))
    bench.add("one", notebook("1"))
    bench.add("two", notebook("2"))
    assert bench.run().code == 0
    return bench


@pytest.fixture
def good(bench: Bench, published: Bench) -> Bench:
    """A bench with good reports published, about to go wrong."""
    shutil.copytree(published.out, bench.out)
    for path in (published.root / "notebooks").iterdir():
        bench.add(path.stem, path.read_text())
    bench.good = {
        path.name: path.read_bytes() for path in bench.company.iterdir() if path.name != "run.json"
    }
    return bench


def check_stale(bench: Bench, done: Running, reason: str, name: str = "two") -> None:
    """`name` failed for `reason`: exit 1, reason said everywhere, last good report kept as it was."""
    assert done.code == 1, done.stderr
    assert reason in done.stderr and "Traceback" not in done.stderr, done.stderr
    entry = bench.entry(name)
    assert entry["status"] == "stale" and reason in entry["reason"], entry
    for kind in (".html", ".ipynb", ".findings.json"):
        assert (bench.company / f"{name}{kind}").read_bytes() == bench.good[f"{name}{kind}"]
    index = (bench.out / "index.html").read_text()
    assert "out of date" in index or "stale" in index
    check_clean(bench)


def check_clean(bench: Bench) -> None:
    assert not bench.partial_files()
    assert eventually(lambda: not forks()), forks()


def waiting(bench: Bench, make_notebook: Make, before: str = "") -> Path:
    """Let notebook `two` wait for ever; the file that appears once it does."""
    note = bench.root / "waits"
    bench.add("two", make_notebook(before or "1", WAIT.replace("NOTE", repr(str(note)))))
    return note


def test_failing_notebook_keeps_the_last_good_report(good: Bench, make_notebook: Make) -> None:
    good.add("two", make_notebook("raise ValueError('no such thing')"))
    good.add("one", make_notebook("11"))
    done = good.run()
    check_stale(good, done, "ValueError: no such thing")
    assert good.entry("one")["status"] == "published"
    assert (good.company / "one.html").read_bytes() != good.good["one.html"]
    assert good.entry("two")["last_good"]

    good.add("two", make_notebook("2"))
    assert good.run().code == 0 and good.entry("two")["status"] == "published"


def test_first_failure_publishes_nothing_of_it(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1/0"))
    done = bench.run()
    assert done.code == 1 and "ZeroDivisionError" in done.stderr
    assert [path.name for path in bench.company.iterdir()] == ["run.json"]
    assert bench.entry("one")["status"] == "failed"
    assert "ZeroDivisionError" in (bench.out / "index.html").read_text()


def test_killed_kernel_is_tried_again(good: Bench, make_notebook: Make) -> None:
    flag = good.root / "flag"
    good.add(
        "two",
        make_notebook(
            "import os, signal, pathlib\n"
            f"flag = pathlib.Path({str(flag)!r})\n"
            "first = not flag.exists()\nflag.touch()\n"
            "if first: os.kill(os.getpid(), signal.SIGKILL)"
        ),
    )
    done = good.run()
    assert done.code == 0, done.stderr
    assert "ended unexpectedly (signal 9)" in done.stderr and "Trying again" in done.stderr
    assert good.entry("two")["attempts"] == 2
    check_clean(good)


def test_kernel_that_is_always_killed_fails(good: Bench, make_notebook: Make) -> None:
    good.pack["retries"] = 1
    good.add("two", make_notebook("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    check_stale(good, good.run(), "The kernel ended unexpectedly (signal 9)")
    assert good.entry("two")["attempts"] == 2


def test_crashing_native_code_says_what_it_wrote(good: Bench, make_notebook: Make) -> None:
    good.pack["retries"] = 0
    good.add(
        "two",
        make_notebook(
            "import os; os.write(2, b'heap corruption\\n'); import time; time.sleep(0.2); os.abort()"
        ),
    )
    check_stale(good, good.run(), "The kernel ended unexpectedly (signal 6)")


def test_time_limit_ends_the_notebook_and_what_it_started(good: Bench, make_notebook: Make) -> None:
    good.pack["time_limit"] = 3
    good.add(
        "two",
        make_notebook("import subprocess; subprocess.run(['sleep', '86317'])"),
    )
    check_stale(good, good.run(), "It ran longer than 3 seconds")
    assert eventually(lambda: not running("sleep 86317"))


def test_time_limit_ends_a_notebook_that_ignores_interrupts(
    good: Bench, make_notebook: Make
) -> None:
    good.pack["time_limit"] = 3
    good.add(
        "two",
        make_notebook(
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
        ),
    )
    check_stale(good, good.run(), "It ran longer than 3 seconds")


def test_out_of_memory(good: Bench, make_notebook: Make) -> None:
    good.pack["memory_limit"] = "200 MB"
    good.add("two", make_notebook("import numpy as np; np.ones(100_000_000)"))
    check_stale(good, good.run(), "It ran out of memory")


@pytest.mark.parametrize("body", ["", "{", '{"nbformat": 4, "cells": [{}]}', "\x00\x01"])
def test_corrupt_notebook(good: Bench, body: str) -> None:
    good.add("two", body)
    check_stale(good, good.run("--force"), "notebook two")


def test_notebook_without_parameters_cell(good: Bench, make_notebook: Make) -> None:
    good.add("two", make_notebook("1").replace('"parameters"', '"other"'))
    check_stale(good, good.run(), "tagged 'parameters'")


def test_corrupt_data_ends_the_run_and_keeps_all(good: Bench) -> None:
    (good.root / "data" / "reps.csv").write_bytes(b"\x00\xff\xfe not a table")
    done = good.run()
    assert done.code == 1 and "Traceback" not in done.stderr, done.stderr
    assert "reps" in done.stderr
    for name, body in good.good.items():
        assert (good.company / name).read_bytes() == body
    assert [one["status"] for one in good.record()["notebooks"]] == ["stale", "stale"]
    check_clean(good)


@pytest.mark.parametrize(
    ("cell", "figures", "reason"),
    [
        ("1", 1, "0 figures were drawn"),
        (
            "from IPython.display import display\n"
            "display({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>'}, raw=True)",
            1,
            "A figure is empty",
        ),
        (
            "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)",
            1,
            "empty",
        ),
    ],
)
def test_green_run_with_an_empty_figure_fails(
    good: Bench, make_notebook: Make, cell: str, figures: int, reason: str
) -> None:
    good.add("two", make_notebook(cell, figures=figures))
    check_stale(good, good.run(), reason)


def test_missing_finding_fails(good: Bench, make_notebook: Make) -> None:
    good.add("two", make_notebook(FIGURE, figures=1, findings=("answer", "money")))
    check_stale(good, good.run(), "Findings are missing: money")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_run_in_good_order(good: Bench, make_notebook: Make, number: int) -> None:
    good.add("one", make_notebook("11"))
    note = waiting(
        good, make_notebook, "import subprocess; p = subprocess.Popen(['sleep', '86318'])"
    )
    started = good.start("--jobs", "2")
    assert eventually(note.exists), started.stderr
    staged = good.out / ".salesops" / "staging" / "2026-Q3" / "default" / "company"
    assert eventually((staged / ".done-one.json").exists)
    os.kill(started.process.pid, number)
    started.wait(30)
    check_stale(good, started, f"interrupted by {signal.Signals(number).name}")
    assert eventually(lambda: not running("sleep 86318"))
    # What was finished is not made again.
    good.add("two", make_notebook("2"))
    done = good.run()
    assert done.code == 0 and "[1/1] two" in done.stderr, done.stderr
    assert (good.company / "one.html").read_bytes() != good.good["one.html"]


def test_killed_run_leaves_no_process_and_no_lock(good: Bench, make_notebook: Make) -> None:
    note = waiting(
        good, make_notebook, "import subprocess; p = subprocess.Popen(['sleep', '86319'])"
    )
    started = good.start()
    assert eventually(note.exists), started.stderr
    os.kill(started.process.pid, signal.SIGKILL)
    started.wait(30)
    assert eventually(lambda: not forks()), forks()
    assert eventually(lambda: not running("sleep 86319"))
    assert not good.partial_files()
    for name, body in good.good.items():
        assert (good.company / name).read_bytes() == body
    good.add("two", make_notebook("2"))
    assert good.run().code == 0


def test_killed_worker_loses_no_report(good: Bench, make_notebook: Make) -> None:
    flag = good.root / "flag"
    note = good.root / "waits"
    cell = WAIT.replace("NOTE", repr(str(note))).replace(
        "300", f"0 if pathlib.Path({str(flag)!r}).exists() else 300"
    )
    good.add("two", make_notebook("import pathlib", cell))
    started = good.start("--jobs", "1")
    assert eventually(note.exists), started.stderr
    flag.touch()
    # Children of the server: the run itself, its worker, the kernel. The worker holds no sockets
    # of a kernel: it is the one between.
    family = [one for one in forks() if one.pid != started.process.pid]
    worker = min(family, key=lambda one: one.create_time())
    worker.kill()
    assert started.wait() == 0, started.stderr
    assert "The worker process died. Trying again." in started.stderr
    check_clean(good)


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
