"""Real faults: processes killed, memory and disk used up, files broken. Each ends in a defined state,
with an exit code and a reason, no process left, nothing half-written, the last good report kept."""

# ruff: noqa: F811 -- fixtures that come from another module
from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reporting.conftest import FIGURE, Bench, eventually, forks, running
from tests.reporting.faulty import check_clean, check_stale, good, published  # noqa: F401

Make = Callable[..., str]
WAIT = "import time; open(NOTE, 'w').close(); time.sleep(300)"


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


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("reps.csv", b"\x00\xff\xfe not a table", "reps"),
        ("deals.csv", b"deal_id,rep_id\nD1,R1\n", "status"),
        ("deals.csv", b"", "deals.csv is empty"),
        (
            "deals.csv",
            b"deal_id,rep_id,created_date,close_date,status,amount\n",
            "holds no row, only headings",
        ),
        ("quotas.parquet", b"PAR1 cut off", "quotas.parquet cannot be read"),
    ],
)
def test_corrupt_data_ends_the_run_and_keeps_all(
    good: Bench, name: str, body: bytes, said: str
) -> None:
    (good.root / "data" / name).write_bytes(body)
    done = good.run()
    assert done.code == 1 and "Traceback" not in done.stderr, done.stderr
    assert said in done.stderr
    check_all_stale(good, said)


def test_corrupt_data_make_the_latest_reports_stale(good: Bench) -> None:
    """Which period is the latest only the data could say."""
    (good.root / "data" / "deals.csv").write_bytes(b"")
    done = good.run("--period", "latest")
    assert done.code == 1 and "deals.csv is empty" in done.stderr, done.stderr
    check_all_stale(good, "deals.csv is empty")


def check_all_stale(bench: Bench, said: str) -> None:
    for name, body in bench.good.items():
        assert (bench.company / name).read_bytes() == body
    entries = bench.record()["notebooks"]
    assert [one["status"] for one in entries] == ["stale", "stale"]
    assert all(said in one["reason"] for one in entries)
    assert "out of date" in (bench.out / "index.html").read_text()
    check_clean(bench)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [("ConnectionResetError('gone')", 2), ("TimeoutError('slow')", 2), ("ValueError('no')", 1)],
)
def test_only_what_can_pass_by_itself_is_tried_again(
    bench: Bench, make_notebook: Make, error: str, attempts: int
) -> None:
    flag = bench.root / "flag"
    cell = f"import pathlib\nflag = pathlib.Path({str(flag)!r})\nfirst = not flag.exists()\n"
    bench.add("one", make_notebook(cell + f"flag.touch()\nif first: raise {error}"))
    done = bench.run()
    assert done.code == (0 if attempts == 2 else 1), done.stderr
    assert bench.entry("one")["attempts"] == attempts
    assert ("Trying again" in done.stderr) == (attempts == 2)


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
