"""A team whose last rep has left is still in the data, and on a schedule still gets its report: it was
made again every day, because an error without a word was all that came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from salesops_lib.dataset.simulation import simulate_company
from tests.reporting.planted import EVERY, readable, salesops


@pytest.fixture
def left(warm: None, tmp_path: Path) -> Path:
    """All notebooks, published for a manager whose only rep left more than a year ago."""
    made = simulate_company(reps=24, months=36, seed=5)
    made.write(tmp_path / "data")
    people = made.tables["reps"].copy()
    gone = people["end_date"] < "2025-06-01"
    assert gone.any()
    people.loc[people.index[gone][0], "manager_id"] = "M99"
    people.to_csv(tmp_path / "data" / "reps.csv", index=False)
    (tmp_path / "data" / "reps.csv.gz").unlink(missing_ok=True)
    packs = tmp_path / "packs.toml"
    packs.write_text(f'[packs.left]\nnotebooks = {EVERY}\nscopes = ["manager=M99"]\n')
    out = salesops(
        tmp_path,
        "left",
        *("--packs", str(packs)),
        data=tmp_path / "data",
        out=tmp_path / "out",
        period="2026-Q3",
    )
    return out / "manager=M99"


def test_every_report_of_a_team_that_has_left_is_made_and_says_so(left: Path) -> None:
    record = json.loads((left / "run.json").read_text())
    assert {one["status"] for one in record["notebooks"]} == {"published"}
    for name in ("performance_curve", "deal_desk"):
        page = readable(left / f"{name}.html")
        assert "because nobody of this part of the company is among the reps compared" in page, name
