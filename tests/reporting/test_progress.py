"""What a run shows: a bar on a terminal, plain lines elsewhere; and the log it leaves."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from salesops_lib.reporting.journal import Journal
from salesops_lib.reporting.progress import Progress
from tests.reporting.conftest import Bench

Make = Callable[..., str]


def test_plain_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    progress.begin(2, skipped=1)
    progress.started("one for company")
    progress.ended("one for company")
    progress.ended("two for company", "It broke.")
    progress.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1 of 3 reports are up to date already"
    assert lines[1].startswith("[1/2] one for company (")
    assert lines[2] == "[2/2] two for company: FAILED: It broke."
    assert not any("\x1b" in line for line in lines)


def test_quiet_says_what_failed_only(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(quiet=True)
    progress.begin(2, skipped=1)
    progress.ended("one")
    progress.ended("two", "It broke.")
    assert capsys.readouterr().err == "[2/2] two: FAILED: It broke.\n"


def test_a_bar_on_a_terminal() -> None:
    """With what runs and how many are left, in a terminal of 100 columns."""
    code = (
        "import time\n"
        "from salesops_lib.reporting.progress import Progress\n"
        "p = Progress()\n"
        "p.begin(3, skipped=0)\n"
        "p.started('forecast for region=North'); time.sleep(0.4)\n"
        "p.ended('forecast for region=North')\n"
        "p.started('channel_gap for company'); time.sleep(0.4)\n"
        "p.ended('channel_gap for company', 'It broke.')\n"
        "p.close()\n"
    )
    parent, child = pty.openpty()
    env = {**os.environ, "COLUMNS": "100", "TERM": "xterm"}
    program = subprocess.Popen([sys.executable, "-c", code], stderr=child, env=env)
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert program.wait() == 0
    text = shown.decode()
    assert "Reports" in text and "0/3" in text and "1/3" in text
    assert "forecast for region=North" in text
    assert "channel_gap for company: FAILED: It broke." in text


def test_the_log_of_a_run_tells_every_step(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    bench.add("two", make_notebook("1/0"))
    assert bench.run().code == 1
    (log,) = (bench.out / ".salesops" / "log").iterdir()
    events = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = [one["event"] for one in events]
    assert kinds[0] == "start" and kinds[-1] == "end" and kinds.count("outcome") == 2
    failed = next(one for one in events if one.get("status") == "failed")
    assert failed["report"] == "two for company" and "ZeroDivisionError" in failed["details"]
    assert all(one["at"] and one["pid"] for one in events)


def test_a_log_that_cannot_be_written_stops_nothing(bench: Bench) -> None:
    (bench.root / "file").touch()
    Journal(bench.root / "file" / "log.jsonl").write("start")
