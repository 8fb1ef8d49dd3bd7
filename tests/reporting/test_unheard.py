"""Nobody listens any more: reports are made for their readers, not for whoever watches them being made."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reporting.conftest import Bench

Make = Callable[..., str]
SALESOPS = [sys.executable, "-m", "salesops_lib.cli"]


@pytest.fixture
def two(bench: Bench, make_notebook: Make) -> Bench:
    bench.add("one", make_notebook("1"))
    bench.add("two", make_notebook("2"))
    return bench


def check(bench: Bench, code: int) -> None:
    assert code == 0
    assert {one.name for one in bench.company.glob("*.html")} == {"one.html", "two.html"}
    assert (bench.out / "index.html").is_file() and bench.record()["status"] == "published"
    assert bench.partial_files() == []


def stream_to(path: str) -> int:
    return os.open(path, os.O_WRONLY)


def broken_pipe() -> int:
    """As `salesops run … 2>&1 | head -1` leaves it after the first line."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def hung_up_terminal() -> int:
    """As a session that was left with `setsid salesops run …` behind it."""
    master, terminal = pty.openpty()
    os.close(master)
    return terminal


@pytest.mark.parametrize(
    "listener",
    [broken_pipe, hung_up_terminal, lambda: stream_to("/dev/full")],
    ids=["left-pager", "hung-up-terminal", "log-on-a-full-disk"],
)
def test_a_listener_that_is_gone(two: Bench, listener: Callable[[], int]) -> None:
    gone = listener()
    done = subprocess.run(
        [*SALESOPS, *two.arguments()], stdout=gone, stderr=gone, timeout=120, check=False
    )
    os.close(gone)
    check(two, done.returncode)


def test_a_terminal_that_hangs_up_while_the_bar_is_drawn(bench: Bench, make_notebook: Make) -> None:
    note, go = bench.root / "waits", bench.root / "go"
    wait = "import pathlib, time\n"
    wait += f"pathlib.Path({str(note)!r}).touch()\n"
    wait += f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)"
    bench.add("one", make_notebook(wait))
    bench.add("two", make_notebook("2"))
    master, terminal = pty.openpty()
    program = subprocess.Popen(
        [*SALESOPS, *bench.arguments()], stderr=terminal, env={**os.environ, "TERM": "xterm"}
    )
    os.close(terminal)
    shown = b""
    while not note.exists():
        shown += os.read(master, 4096)
    assert b"Reports" in shown
    os.close(master)
    go.touch()
    check(bench, program.wait(120))


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_streams_that_were_closed_from_the_start(two: Bench, closed: str) -> None:
    """Some that start services close them: the next file that is opened takes the number of one."""
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *SALESOPS, *two.arguments()]
    done = subprocess.run(command, timeout=120, capture_output=True, text=True, check=False)
    check(two, done.returncode)
    if "2>&-" in closed:
        assert done.stderr == "" and "Test, 2026-Q3" not in done.stdout


def test_what_a_process_without_streams_starts_has_them(tmp_path: Path) -> None:
    """Else a socket of the warm server takes the number of one: no kernel of a real pack came up."""
    child = f"import os, pathlib; [os.fstat(n) for n in range(3)]; pathlib.Path({str(tmp_path / 'ok')!r}).touch()"
    parent = (
        "import subprocess, sys\nfrom salesops_lib.reporting import console\nconsole.open_missing()\n"
        f"sys.exit(subprocess.run([sys.executable, '-c', {child!r}]).returncode)"
    )
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", parent]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    assert (tmp_path / "ok").exists()
