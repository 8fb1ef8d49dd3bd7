"""Forecasts of the ledger against what came: edges of an interval, of a period, of a part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast.ledger import Promise, score
from salesops_lib.estimate import Estimate
from tests.analyses.forecast_company import opened, reps

NAMES = ["deal_id", "rep_id", "status", "amount", "close_date"]


def scored(low: float = 90.0, high: float = 110.0, **target: Any) -> pd.Series:
    """One forecast of 100 for the first quarter of 2026, against 80 in North, 20 of somebody whom the
    reps do not know, 999 that were lost, and 40 of the autumn before."""
    rows = [
        ("A", "R0", "won", 80.0, "2026-02-11"),
        ("B", "R9", "won", 20.0, "2026-03-31"),
        ("C", "R0", "lost", 999.0, "2026-02-11"),
        ("D", "R0", "won", 40.0, "2025-11-20"),
        ("E", "R0", "won", 1.0, "2026-07-01"),
    ]
    data = opened({"reps": reps(), "deals": pd.DataFrame(rows, columns=NAMES)})
    span = {"start": "2026-01-01", "end": "2026-03-31", "node": "company", "keys": {}, **target}
    said = {"name": "f", "value": 100.0, "low": low, "high": high, "confidence": 0.9}
    other = {"name": "no forecast", "value": 1.0}
    table = score([{"findings": [other, {**said, "target": span}]}], data)
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [(100, 110, True), (90, 100, True), (100.01, 110, False), (90, 99.99, False)],
)
def test_an_interval_holds_its_own_limits(low: float, high: float, inside: bool) -> None:
    found = scored(low, high)
    assert (found["actual"], found["error"], found["inside"]) == (100.0, 0.0, inside)


def test_deals_of_reps_that_nobody_knows_are_the_companys_and_unassigned() -> None:
    assert scored(node="company/North", keys={"region": "North"})["actual"] == 80.0
    lost = scored(node="company/unassigned", keys={"region": "unassigned"})
    assert (lost["actual"], lost["state"]) == (20.0, "scored")
    assert scored(node="company/x", keys={"colour": "red"})["state"] == "no data"


def test_records_reach_back_to_the_month_of_the_first_deal() -> None:
    """The first deal closed on the 20th of November: that month counts as known, October does not."""
    november = scored(start="2025-11-01", end="2025-11-30")
    assert (november["actual"], november["state"]) == (40.0, "scored")
    assert scored(start="2025-10-01", end="2025-12-31")["state"] == "no data"


def test_a_quarter_without_bookings_has_no_error_in_percent() -> None:
    none = scored(start="2026-04-01", end="2026-06-30")
    assert (none["actual"], none["inside"], none["state"]) == (0.0, False, "scored")
    assert np.isnan(none["error"])


def test_a_period_is_over_on_its_last_day() -> None:
    assert scored(start="2026-07-01", end="2026-07-01")["state"] == "scored"
    assert scored(start="2026-07-01", end="2026-07-02")["state"] == "running"


def test_days_of_a_promise_are_written_as_days_and_missing_ones_as_nothing() -> None:
    made = Promise("f", Estimate(1.0), "x", as_of=pd.Timestamp("2025-12-31 18:00"))
    target = made.to_dict()["target"]
    assert (target["as_of"], target["start"], target["end"]) == ("2025-12-31", None, None)
