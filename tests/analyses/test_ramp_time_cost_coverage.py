"""Planted truth through the public functions: coverage, bias, leavers. Reduced from `make calibrate`.

Tolerances are three binomial errors around the nominal level. The full tables, with seeds, are in
benchmarks/calibration/ramp_time_cost.csv.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import ramp_time_cost as planted
from salesops_lib.analyses.ramp_time_cost import ramp_time

REPLICATES = 80


def held(name: str, seed: int, replicates: int = REPLICATES) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = [one for _ in range(replicates) for one in planted.settings()[name](rng)]
    return planted.summary(name, found, replicates, seed).set_index("quantity")


def tolerance(nominal: float, replicates: int = REPLICATES) -> float:
    return 3 * math.sqrt(nominal * (1 - nominal) / replicates)


@pytest.mark.parametrize(
    "name",
    ["milestone, 20 reps", "milestone, 40 reps, late entry", "curve, deals noise, 20 hires"],
)
def test_intervals_hold(name: str) -> None:
    table = held(name, seed=11)
    assert len(table) == 3
    off = (table["coverage"] - table["nominal"]).abs()
    assert (off < tolerance(0.9)).all(), table
    assert table["bias"].abs().max() < 0.12


def test_a_company_without_ramp_is_found_to_have_none() -> None:
    table = held("curve, lognormal noise, 40 hires, no ramp", seed=12, replicates=200)
    months = table.loc["months to target"]
    assert months["value"] < 1
    assert months["coverage"] >= 0.95 - tolerance(0.95, 200)
    assert months["naive"] >= 4


def test_a_true_4_reads_4() -> None:
    """Season, growth, channels and reps hired before the data begins all present."""
    table = held("curve, deals noise, company", seed=13, replicates=60)
    months = table.loc["months to target"]
    assert months["value"] == pytest.approx(1, abs=0.1)
    assert abs(months["coverage"] - 0.9) < tolerance(0.9, 60)
    assert months["naive"] > 1.2


class TestLeavers:
    def test_the_planted_ramp_lies_inside_the_table(self) -> None:
        table = held("curve, deals noise, company, leavers", seed=14, replicates=40)
        assert table["coverage"].iloc[0] >= 0.9 - tolerance(0.9, 40)

    def test_who_lasted_shows_the_ramp_of_those_who_stay(self) -> None:
        """Slow hires who leave push the answer up; without them it is that of the others."""
        seen, lasted = [], []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            data = planted.rep_months(rng, 60, "normal", 4.0, company=True, slow=0.3)
            table = ramp_time(data, value="bookings").leavers.set_index("scenario")
            seen.append(table.loc["as_seen", "median_months"])
            lasted.append(table.loc["stayers_only", "median_months"])
        assert np.median(seen) > 4.6
        assert np.median(lasted) == pytest.approx(4, abs=0.4)


def test_the_usual_answers_are_as_wrong_as_published() -> None:
    """Large sample of the published case: median among those who ramped 4.77, dropping leavers
    5.64, Kaplan–Meier 5.99, for a true 6; in days here, so not rounded to whole months."""
    rng = np.random.default_rng(15)
    n = 30_000
    scale = 6 / math.sqrt(math.log(2))
    time = scale * rng.weibull(2, n)
    censored, leaves = rng.uniform(1, 18, n), rng.exponential(24, n)
    last = np.minimum(np.minimum(time, censored), leaves)
    there, left = last == time, last == leaves
    days = np.ceil(last * planted.DAYS)
    frame = pd.DataFrame(
        {"rep_id": np.arange(n), "tenure_months": days, "there": there, "sold": 1.0}
    )
    first = frame.assign(tenure_months=1.0, there=False)[days > 1]
    options = {"value": "sold", "definition": "milestone", "event": "there", "horizon": 500}
    right = ramp_time(pd.concat([first, frame]), **options)
    stayed = frame[~left]
    dropped = ramp_time(
        pd.concat([first[first["rep_id"].isin(stayed["rep_id"])], stayed]), **options
    )
    assert right.naive_median / planted.DAYS == pytest.approx(4.77, abs=0.06)
    assert dropped.median_months.value / planted.DAYS == pytest.approx(5.64, abs=0.08)
    assert right.median_months.value / planted.DAYS == pytest.approx(6, abs=0.06)


def test_the_committed_table_keeps_its_promises(project: Path) -> None:
    table = pd.read_csv(project / "benchmarks" / "calibration" / "ramp_time_cost.csv")
    assert set(table["setting"]) == set(planted.settings())
    assert (table["replicates"] >= 900).all()
    missed = table.loc[~table["ok"], ["setting", "quantity", "coverage", "bias"]]
    # Held .93 of the time; its middle is 5.7% low where 4 are allowed. Without a delay it was 2.5 times.
    late = ("curve, deals noise, 40 hires, late start", "months to target")
    # Holds .945, half a point more than is let pass: limits hold a climb from the first day as well.
    wide = ("curve, deals noise, company", "cost a year")
    named = list(missed[["setting", "quantity"]].itertuples(index=False, name=None))
    assert named == [late, wide], missed
    assert missed["coverage"].min() >= 0.9
