"""What a killed run leaves among the temporary files, and who clears it away."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reporting.conftest import Bench, eventually
from tests.reporting.test_whole_program import SALESOPS, environment

HOLD = (
    "import sys, time; from salesops_lib.reporting.kernels.scratch import run_folder; "
    "print(run_folder(), flush=True); time.sleep(300)"
)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Not in the folder of the test, whose name is too long for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def hold(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has a folder of its own, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(temporary)),
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_next_run_clears_away_what_a_killed_one_left(
    bench: Bench, make_notebook: Callable[..., str], temporary: Path
) -> None:
    """kill -9 of the program alone: its server, workers and kernels end, and cannot clear away."""
    note = bench.root / "waits"
    bench.add("one", make_notebook(f"import time; open({str(note)!r}, 'w'); time.sleep(300)"))
    program = subprocess.Popen(
        [*SALESOPS, *bench.arguments()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(TMPDIR=str(temporary)),
    )
    assert eventually(note.exists, 90)
    program.kill()
    program.wait(10)
    left = list(temporary.iterdir())
    assert len(left) == 1 and list(left[0].rglob("k.json"))
    bench.add("one", make_notebook())
    done = subprocess.run(
        [*SALESOPS, *bench.arguments()],
        capture_output=True,
        text=True,
        check=False,
        env=environment(TMPDIR=str(temporary)),
    )
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []


def test_what_is_in_use_or_of_others_is_left_alone(temporary: Path) -> None:
    """A living run's, a folder that only has such a name, and a link to one elsewhere stay."""
    living, ours = hold(temporary)
    killed, theirs = hold(temporary)
    killed.kill()
    killed.wait(10)
    alike, elsewhere = temporary / "so-alike", temporary / "elsewhere"
    for folder in (alike, elsewhere):
        folder.mkdir()
        (folder / "kept").touch()
    (elsewhere / "lock").touch()
    (temporary / "so-link").symlink_to(elsewhere)
    third, its = hold(temporary)
    try:
        assert not theirs.exists()
        assert ours.exists() and its.exists()
        assert (alike / "kept").exists() and (temporary / "so-link" / "kept").exists()
    finally:
        for one in (living, third):
            one.kill()
            one.wait(10)
