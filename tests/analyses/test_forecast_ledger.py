"""The ledger: appended only, a change is seen, and forecasts are scored by what came."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from salesops_lib import DataError
from salesops_lib.analyses.forecast import ledger as scoring
from salesops_lib.cli import app
from salesops_lib.errors import ReportError
from salesops_lib.reporting import ledger as store
from salesops_lib.reporting import promises
from salesops_lib.reporting.ledger import Ledger
from salesops_lib.reporting.remote import Remote
from tests.analyses.forecast_company import opened, reps

RUN = CliRunner()


def promise(value: float = 300.0, **target: Any) -> dict[str, Any]:
    return {
        "name": "bookings_next_quarter",
        "value": value,
        "low": 250.0,
        "high": 350.0,
        "confidence": 0.9,
        "unit": "money",
        "n": 4,
        "sentence": f"Bookings in 2026-Q1: ${value:.0f}.",
        "target": {
            "as_of": "2025-12-31",
            "start": "2026-01-01",
            "end": "2026-03-31",
            "node": "company",
            "keys": {},
            **target,
        },
    }


def body(period: str = "2025-Q4", *findings: dict[str, Any]) -> dict[str, Any]:
    return {
        "period": period,
        "pack": "default",
        "scope": "company",
        "notebook": "forecast",
        "data_fingerprint": "abc",
        "findings": list(findings or (promise(),)),
    }


@pytest.fixture
def three(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path)
    for quarter in (1, 2, 3):
        assert ledger.record(body(f"2025-Q{quarter}"))
    return ledger


def lines(ledger: Ledger) -> list[str]:
    return ledger.path.read_text().splitlines()


def rewrite(ledger: Ledger, every: list[str]) -> None:
    ledger.path.write_text("".join(f"{line}\n" for line in every))


# -- the chain ----------------------------------------------------------------------------------


def test_entries_come_back_as_they_were_written(three: Ledger) -> None:
    assert [one["period"] for one in three.entries()] == ["2025-Q1", "2025-Q2", "2025-Q3"]
    assert three.entries()[0]["findings"] == [promise()]
    assert three.verify() == []


def test_an_empty_place_is_in_order(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "nothing").verify() == []
    assert Ledger(tmp_path / "nothing").entries() == []


def test_a_changed_number_is_seen(three: Ledger) -> None:
    every = lines(three)
    every[1] = every[1].replace("300.0", "310.0")
    rewrite(three, every)
    assert three.verify() == ["entry 2 was changed after it was written"]
    with pytest.raises(DataError, match="was changed"):
        three.record(body("2025-Q4"))


def test_a_change_with_its_hash_made_good_breaks_the_chain(three: Ledger) -> None:
    every = lines(three)
    forged = json.loads(every[0])
    forged["findings"][0]["value"] = 310.0
    forged["hash"] = store._hash(forged)
    rewrite(three, [json.dumps(forged), *every[1:]])
    assert three.verify() == ["an entry before entry 2 was changed, removed or inserted"]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_removed_entry_is_seen(three: Ledger, gone: int) -> None:
    every = lines(three)
    del every[gone]
    rewrite(three, every)
    assert three.verify()


def test_entries_cut_off_at_the_end_are_seen(three: Ledger) -> None:
    rewrite(three, lines(three)[:2])
    assert three.verify() == ["1 entry missing at the end"]


def test_swapped_and_repeated_entries_are_seen(three: Ledger) -> None:
    first, second, third = lines(three)
    rewrite(three, [second, first, third])
    assert three.verify()
    rewrite(three, [first, second, third, third])
    assert three.verify()


def test_a_missing_or_broken_head_is_seen(three: Ledger) -> None:
    three._head.write_text("{")
    assert three.verify() == ["the head file cannot be read"]
    three._head.unlink()
    assert three.verify() == ["the head file is missing"]


def test_an_interrupted_write_is_no_entry_and_no_fault(three: Ledger) -> None:
    with three.path.open("a") as file:
        file.write('{"number": 4, "rec')
    assert three.verify() == []
    assert three.record(body("2025-Q4"))
    assert [one["number"] for one in three.entries()] == [1, 2, 3, 4]
    assert three.verify() == []


def test_a_machine_that_stops_between_the_two_files_loses_nothing(three: Ledger) -> None:
    head = three._head.read_text()
    three.record(body("2025-Q4"))
    three._head.write_text(head)
    assert three.verify() == []
    assert three.record(body("2026-Q1"))
    assert three.verify() == []


def test_the_same_report_made_again_is_not_a_second_forecast(three: Ledger) -> None:
    assert not three.record(body("2025-Q3"))
    assert three.record(body("2025-Q3", promise(310.0)))
    assert len(three.entries()) == 4


WRITER = """
import json, pathlib, sys, time
from salesops_lib.reporting.ledger import Ledger
folder, writer = pathlib.Path(sys.argv[1]), sys.argv[2]
(folder / f"ready {writer}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
for k in range(20):
    Ledger(folder).record({**json.loads(sys.argv[3]), "period": f"writer {writer}, {k}"})
"""


def test_several_writers_at_once(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(n), json.dumps(body())])
        for n in range(3)
    ]
    while len(list(tmp_path.glob("ready *"))) < 3:
        assert not any(one.poll() for one in writers)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert [one.wait(120) for one in writers] == [0, 0, 0]
    ledger = Ledger(tmp_path)
    assert ledger.verify() == []
    assert sorted(one["number"] for one in ledger.entries()) == list(range(1, 61))


def test_what_is_published_is_kept(tmp_path: Path) -> None:
    """Findings without a target are no forecast."""
    folder = tmp_path / "2025-Q4" / "default" / "company"
    folder.mkdir(parents=True)
    other = {"name": "win_rate", "value": 0.3}
    for name, findings in (("forecast", [other, promise()]), ("channel_gap", [other])):
        record = json.dumps({"findings": findings})
        (folder / f"{name}.findings.json").write_text(record)
    run = {"period": "2025-Q4", "pack": "default", "scope": "company", "data_fingerprint": "abc"}
    assert promises.enter(tmp_path, folder, run, ["channel_gap", "forecast"]) == 1
    (entry,) = Ledger(tmp_path).entries()
    assert entry["notebook"] == "forecast"
    assert [one["name"] for one in entry["findings"]] == ["bookings_next_quarter"]


# -- published elsewhere ------------------------------------------------------------------------


@pytest.fixture(params=["memory", "file"])
def elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if request.param == "file":
        return f"file://{tmp_path}/bucket"
    return f"memory://bucket-{tmp_path.name}-{uuid.uuid4().hex[:6]}"


def at(url: str, monkeypatch: pytest.MonkeyPatch, machine: Path | None = None) -> Ledger:
    """The ledger at a URL as one machine sees it; another machine has another cache."""
    if machine is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(machine))
    place = Remote(url)
    return Ledger(place.mirror, place)


def stored(url: str, name: str = store.NAME) -> bytes:
    place = Remote(url)
    return bytes(place.system.cat_file(f"{place.root}/{name}"))


def put(url: str, body: bytes, name: str = store.NAME) -> None:
    place = Remote(url)
    place.system.pipe_file(f"{place.root}/{name}", body)


def test_a_ledger_elsewhere_outlives_the_machine(
    elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second machine, without any copy, finds the entries, adds to them and they verify."""
    assert at(elsewhere, monkeypatch).record(body("2025-Q1"))
    assert stored(elsewhere).count(b"\n") == 1
    other = at(elsewhere, monkeypatch, tmp_path / "other")
    assert other.record(body("2025-Q2"))
    assert not other.record(body("2025-Q2"))
    assert [json.loads(one)["number"] for one in stored(elsewhere).splitlines()] == [1, 2]
    first = at(elsewhere, monkeypatch, tmp_path / "cache")
    assert first.fetch() == 0
    assert [one["period"] for one in first.entries()] == ["2025-Q1", "2025-Q2"]
    assert first.verify() == []


def test_a_change_elsewhere_is_seen_even_with_the_chain_made_good(
    elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever rewrites the whole chain and its head fools a reader, not a machine with a copy."""
    at(elsewhere, monkeypatch).record(body("2025-Q1"))
    forger = Ledger(tmp_path / "forged")
    forger.record(body("2025-Q1", promise(999.0)))
    put(elsewhere, forger.path.read_bytes())
    put(elsewhere, forger._head.read_bytes(), forger._head.name)
    assert at(elsewhere, monkeypatch, tmp_path / "stranger").fetch() == 0
    mine = at(elsewhere, monkeypatch, tmp_path / "cache")
    with pytest.raises(DataError, match="an entry was changed there"):
        mine.record(body("2025-Q2"))
    assert stored(elsewhere) == forger.path.read_bytes()


def test_entries_taken_away_elsewhere_are_missed_and_put_back(
    elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for quarter in (1, 2):
        at(elsewhere, monkeypatch).record(body(f"2025-Q{quarter}"))
    place = Remote(elsewhere)
    place.system.rm(f"{place.root}/{store.NAME}")
    assert at(elsewhere, monkeypatch).fetch() == 2
    if elsewhere.startswith("file"):
        gone = RUN.invoke(app, ["ledger", "--out", elsewhere, "verify"])
        assert gone.exit_code == 1 and "2 entries missing at" in gone.stderr
    assert not at(elsewhere, monkeypatch).record(body("2025-Q2"))
    assert stored(elsewhere).count(b"\n") == 2
    assert at(elsewhere, monkeypatch).fetch() == 0


def test_a_place_that_fails_is_a_sentence_and_loses_nothing(
    elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload fails once: the next run sends what was entered then."""

    def broken(self: Remote, path: Path) -> None:
        raise RuntimeError("no route to host")

    with monkeypatch.context() as patch:
        patch.setattr(Remote, "upload", broken)
        with pytest.raises(ReportError, match="could not be uploaded"):
            at(elsewhere, monkeypatch).record(body("2025-Q1"))
    assert at(elsewhere, monkeypatch).record(body("2025-Q2"))
    assert stored(elsewhere).count(b"\n") == 2
    assert at(elsewhere, monkeypatch).verify() == []


def test_the_commands_read_a_ledger_elsewhere(
    tmp_path: Path, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"file://{tmp_path}/bucket"
    at(url, monkeypatch, tmp_path / "publisher").record(body("2025-Q4"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "reader"))
    data = tmp_path / "data"
    data.mkdir()
    for name, frame in tables.items():
        frame.to_csv(data / f"{name}.csv", index=False)
    listed = RUN.invoke(app, ["ledger", "--out", url])
    assert "2025-Q4 default company" in listed.stdout, listed.stderr
    checked = RUN.invoke(app, ["ledger", "--out", url, "verify"])
    assert checked.exit_code == 0 and "1 entry, all as written" in checked.stdout
    scored = RUN.invoke(app, ["ledger", "--out", url, "score", "--data", str(data)])
    assert "came $320 (−6.2%), inside its interval" in scored.stdout
    put(url, stored(url).replace(b"300.0", b"301.0"))
    changed = RUN.invoke(app, ["ledger", "--out", url, "verify"])
    assert changed.exit_code == 1 and "changed there" in changed.stderr
    # A reader who never saw it before has the chain of hashes to go by.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "stranger"))
    changed = RUN.invoke(app, ["ledger", "--out", url, "verify"])
    assert changed.exit_code == 1 and "entry 1 was changed" in changed.stderr
    nowhere = RUN.invoke(app, ["ledger", "--out", "nothing://x"])
    assert nowhere.exit_code == 1 and "Cannot publish to nothing://x" in nowhere.stderr


# -- scores -------------------------------------------------------------------------------------


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Won in the first quarter of 2026: 100 in North on its first day, 220 in South on its last;
    50 the day after is no part of it, nor is what was won before."""
    deals = pd.DataFrame(
        {
            "deal_id": list("ABCD"),
            "rep_id": ["R0", "R3", "R0", "R1"],
            "status": "won",
            "amount": [100.0, 220.0, 50.0, 400.0],
            "close_date": ["2026-01-01", "2026-03-31", "2026-04-01", "2025-11-20"],
        }
    )
    return {"reps": reps(), "deals": deals}


def test_scores_by_hand(tables: dict[str, pd.DataFrame]) -> None:
    north = {"node": "company/North", "keys": {"region": "North"}}
    entries = [
        body("2025-Q4", promise(300.0), promise(300.0, **north)),
        body("2026-Q1", promise(300.0, start="2026-04-01", end="2026-06-30")),
        body("2025-Q4", promise(1.0, node="company/Mars", keys={"region": "Mars"})),
        body("2024-Q4", promise(1.0, start="2025-01-01", end="2025-03-31")),
    ]
    table = scoring.score(entries, opened(tables))
    assert table["state"].tolist() == ["scored", "scored", "running", "no data", "no data"]
    assert table["actual"].tolist()[:2] == [320.0, 100.0]
    assert table["error"].tolist()[:2] == pytest.approx([300 / 320 - 1, 2.0])
    assert table["inside"].tolist()[:2] == [True, False]
    assert table["actual"][2:].isna().all()


def test_a_forecast_without_limits_is_scored_without_a_verdict(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = scoring.score([body("2025-Q4", {**promise(), "low": None})], opened(tables))
    assert table["state"].tolist() == ["scored"]
    assert table["inside"].tolist() == [None]
    assert np.isfinite(table["error"]).all()


# -- the command --------------------------------------------------------------------------------


def test_the_command_lists_verifies_and_scores(
    three: Ledger, tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name, frame in tables.items():
        frame.to_csv(data / f"{name}.csv", index=False)
    out = ["--out", str(three.path.parent)]
    listed = RUN.invoke(app, ["ledger", *out])
    assert listed.exit_code == 0
    assert "2025-Q2 default company" in listed.stdout
    assert three.entries()[-1]["hash"] in listed.stdout
    checked = RUN.invoke(app, ["ledger", *out, "verify"])
    assert checked.exit_code == 0 and "3 entries" in checked.stdout
    scored = RUN.invoke(app, ["ledger", *out, "score", "--data", str(data)])
    assert scored.exit_code == 0
    assert "said $300, came $320 (−6.2%), inside its interval" in scored.stdout
    assert "3 of 3 intervals held; 90% was promised." in scored.stdout


def test_the_command_fails_on_a_changed_ledger(three: Ledger) -> None:
    rewrite(three, [line.replace("300.0", "301.0") for line in lines(three)])
    out = ["--out", str(three.path.parent)]
    checked = RUN.invoke(app, ["ledger", "verify", *out])
    assert checked.exit_code == 1
    assert "was changed" in checked.stderr
    scored = RUN.invoke(app, ["ledger", *out, "score", "--data", "nowhere"])
    assert scored.exit_code == 1


def test_the_command_on_an_empty_folder(tmp_path: Path) -> None:
    listed = RUN.invoke(app, ["ledger", "--out", str(tmp_path)])
    assert listed.exit_code == 0
    assert "No forecast" in listed.stdout
