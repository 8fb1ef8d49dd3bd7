"""No published forecast stays out of the ledger: not where the run was killed before it was entered, nor
where it could not be written then."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salesops_lib.cli import app
from salesops_lib.errors import SalesOpsError
from salesops_lib.reporting.ledger import Ledger
from tests.reporting.conftest import FINDINGS, Bench, eventually, notebook

RUN = CliRunner()
TARGET = (
    '"target": {"as_of": "2026-09-30", "start": "2026-10-01", "end": "2026-12-31", '
    '"node": "company", "keys": {}}, "sentence"'
)


def forecast(value: str) -> str:
    """A notebook whose finding is a forecast."""
    body = json.loads(notebook("1"))
    source = FINDINGS.replace('"sentence"', TARGET).replace("2.0", value)
    body["cells"][-1]["source"] = source
    return json.dumps(body)


@pytest.fixture
def forecasting(bench: Bench) -> Bench:
    bench.add("one", forecast("2.0"))
    return bench


def promised(out: Path) -> list[float]:
    return [one["findings"][0]["value"] for one in Ledger(out).entries()]


def test_killed_between_publishing_and_entering(forecasting: Bench) -> None:
    """The lock of the ledger is held by another; the run waits for it and is killed. The next run, of
    newer data, makes another forecast: what was published before it is entered, too, and first."""
    bench = forecasting
    bench.out.mkdir()
    held = Ledger(bench.out)
    with held._lock:
        started = bench.start()
        assert eventually((bench.company / "one.html").exists), started.stderr
        os.kill(started.process.pid, signal.SIGKILL)
        started.wait(30)
    assert promised(bench.out) == []
    bench.add("one", forecast("3.0"))
    done = bench.run()
    assert done.code == 0, done.stderr
    assert promised(bench.out) == [2.0, 3.0]
    assert Ledger(bench.out).verify() == []
    # Once.
    assert bench.run().code == 0 and promised(bench.out) == [2.0, 3.0]


def test_entered_later_where_nothing_else_is_to_be_made(forecasting: Bench) -> None:
    """A folder in the way of the ledger: the run says so and fails; once it is gone, the next run finds
    its reports up to date, and enters them."""
    bench = forecasting
    (bench.out / "ledger.jsonl").mkdir(parents=True)
    first = bench.run()
    assert first.code == 1 and "ledger for company" in first.stderr, first.stderr
    assert "Traceback" not in first.stderr
    (bench.out / "ledger.jsonl").rmdir()
    again = bench.run()
    assert again.code == 0 and "0 made, 1 up to date" in again.stderr, again.stderr
    assert promised(bench.out) == [2.0]


def test_a_stale_report_is_entered_once(forecasting: Bench) -> None:
    bench = forecasting
    assert bench.run().code == 0
    bench.add("one", notebook("1/0"))
    for _ in range(2):
        assert bench.run().code == 1
    assert promised(bench.out) == [2.0]


def test_a_broken_findings_file_stops_no_run(forecasting: Bench) -> None:
    bench = forecasting
    assert bench.run().code == 0
    (bench.company / "one.findings.json").write_text("{")
    done = bench.run("--force")
    assert done.code == 0, done.stderr
    assert promised(bench.out) == [2.0]


def test_a_ledger_taken_away_as_a_whole_is_missed(forecasting: Bench) -> None:
    """Both of its files: an empty ledger is whole, but forecasts are published."""
    bench = forecasting
    assert bench.run().code == 0
    verify = ["ledger", "--out", str(bench.out), "verify"]
    assert RUN.invoke(app, verify).exit_code == 0
    for name in ("ledger.jsonl", "ledger.head.json"):
        (bench.out / name).unlink()
    checked = RUN.invoke(app, verify)
    assert checked.exit_code == 1
    assert "1 published report with forecasts not entered, the first: " in checked.stderr
    assert "2026-Q3 default company one" in checked.stderr


def test_a_ledger_that_is_not_there_is_not_found_whole(tmp_path: Path) -> None:
    """Of a misspelt folder it said "0 entries, all as written", each night."""
    checked = RUN.invoke(app, ["ledger", "--out", str(tmp_path / "reprots"), "verify"])
    assert checked.exit_code == 1
    assert "there is nothing at" in checked.stderr and "reprots. Check the path." in checked.stderr


def test_a_part_with_a_slash_in_its_name_is_scored_under_it(forecasting: Bench) -> None:
    bench = forecasting
    node = TARGET.replace('"company", "keys": {}', '"company/East~1West", "keys": {}')
    body = json.loads((bench.root / "notebooks" / "one.ipynb").read_text())
    body["cells"][-1]["source"] = FINDINGS.replace('"sentence"', node)
    bench.add("one", json.dumps(body))
    assert bench.run().code == 0
    score = ["ledger", "--out", str(bench.out), "score", "--data", str(bench.root / "data")]
    assert "company/East/West  2026-10-01" in RUN.invoke(app, score).stdout


@pytest.mark.parametrize(
    "line", [b"\xff\xfe no text\n", b'{"hash": "x"}\n', b'{"hash": 5, "findings": 3}\n']
)
def test_a_ledger_that_is_no_text_or_lacks_what_an_entry_has(
    forecasting: Bench, line: bytes
) -> None:
    """As a failing disk or an editor leaves it: the run publishes all the same and says what is wrong, and
    so do the commands. It ended in the midst, with an error of the program's own."""
    bench = forecasting
    assert bench.run().code == 0
    with (bench.out / "ledger.jsonl").open("ab") as file:
        file.write(line)
    bench.add("one", forecast("3.0"))
    done = bench.run()
    assert done.code == 1 and "ledger.jsonl" in done.stderr and "Traceback" not in done.stderr
    assert bench.entry("one")["headline"]["value"] == 3.0
    assert "The answer is 2" in (bench.out / "index.html").read_text()
    for command in ([], ["verify"], ["score", "--data", "sample"]):
        told = RUN.invoke(app, ["ledger", "--out", str(bench.out), *command])
        assert told.exit_code == 1, command
        assert isinstance(told.exception, SystemExit | SalesOpsError), command
