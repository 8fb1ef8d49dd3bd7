"""A whole simulated company, through the door: the planted ramp is found without informative
leavers, and lies inside the table of beliefs with them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from salesops_lib import load_dataset, simulate_company
from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_time


def simulated(folder: Path, **options: object) -> tuple[pd.DataFrame, dict[str, float]]:
    simulate_company(activities=False, **options).write(folder)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["ramp"]
    return load_dataset(str(folder)).rep_months(), truth


def inside(ramp: RampTime, truth: float) -> bool:
    table = ramp.leavers
    return bool(table["median_low"].min() <= truth <= table["median_high"].max())


def test_without_informative_leavers(tmp_path: Path) -> None:
    """99% limits, so that one seed is enough; 100 reps, so that they say something."""
    months, truth = simulated(tmp_path, seed=5, reps=100, informative_leavers=False)
    ramp = ramp_time(months, value="bookings", confidence=0.99)
    found, lost = ramp.median_months, ramp.months_lost
    assert found.low <= truth["months_to_90"] <= found.high < 12
    assert lost.low <= truth["shortfall_months"] <= lost.high


def test_with_informative_leavers(tmp_path: Path) -> None:
    months, truth = simulated(tmp_path, seed=6, reps=100)
    ramp = ramp_time(months, value="bookings")
    assert ramp.leavers["leavers"].iloc[0] > 0
    assert inside(ramp, truth["months_to_90"])


def test_a_company_without_ramp(tmp_path: Path) -> None:
    months, _ = simulated(tmp_path, seed=7, reps=100, ramp_months=0.0, informative_leavers=False)
    ramp = ramp_time(months, value="bookings", confidence=0.99)
    assert ramp.median_months.value < 1.5
    assert ramp.median_months.low == 0


def test_the_sample(project: Path) -> None:
    folder = project / "data" / "sample"
    if not (folder / "truth.json").is_file():
        pytest.skip("the sample company is not there")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["ramp"]
    assert inside(
        ramp_time(load_dataset("sample").rep_months(), value="bookings"), truth["months_to_90"]
    )
