"""Rows of weeks and quarters: the money of a year is the same, and a row is called what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import channel_gap
from salesops_lib.analyses.channel_gap.months import months_of


def weeks() -> pd.DataFrame:
    """Two years of 8 + 8 reps: a call brings 10."""
    rng = np.random.default_rng(1)
    days = pd.date_range("2024-01-01", "2025-12-29", freq="7D")
    n = 16 * len(days)
    rows = pd.DataFrame({
        "rep_id": np.repeat(np.arange(16), len(days)), "week": np.tile(days, 16),
        "channel": np.repeat(["EU", "US"], n // 2), "calls": rng.poisson(20, n).astype(float),
    })  # fmt: skip
    rows["calls"] += 5.0 * (rows["channel"] == "EU")
    return rows.assign(bookings=10 * rows["calls"] + rng.normal(0, 5, n))


def compared(rows: pd.DataFrame, period: str):
    return channel_gap(rows, outcome="bookings", a="EU", b="US", practice="calls", period=period,
                       permutations=9)  # fmt: skip


@pytest.mark.parametrize(("span", "called"), [
    ("W", "rep-week"), ("M", "rep-month"), ("Q", "rep-quarter"), ("Y", "rep-year"),
])  # fmt: skip
def test_a_year_is_worth_the_same_whatever_a_row_is_of(span: str, called: str) -> None:
    """5 calls more of 10 each, 8 reps and 52 weeks: $21K a year. By the distinct values of the column, weeks
    made it a fourth of that, quarters three times as much, years twelve times."""
    data = weeks()
    data["time"] = data["week"].dt.to_period(span)
    keys = ["rep_id", "channel", "time"]
    summed = data.groupby(keys, as_index=False)[["calls", "bookings"]].sum()
    found = compared(summed, "time")
    assert found.correctable_year.value == pytest.approx(5 * 10 * 8 * 52.2, rel=0.03)
    as_days = compared(summed.assign(time=summed["time"].dt.to_timestamp()), "time")
    assert as_days.correctable_year.value == pytest.approx(found.correctable_year.value, rel=0.02)
    assert found.row == as_days.row == called
    said = found.finding("gap_difference").sentence
    assert f"bookings a {called} than US" in said
    per = "per rep and month" if span == "M" else f"per {called}"
    assert per in found.finding("gap_ratio").sentence


def test_how_long_a_time_rows_are_of() -> None:
    def of(values: object, period: str = "time") -> tuple[float | None, str]:
        return months_of(pd.DataFrame({period: values}), period)

    assert of(pd.date_range("2026-01-01", "2026-12-31", freq="D")) == (12, "row")
    assert of(["2026-01", "2026-02", "2026-03", "2026-03"]) == (3, "rep-month")
    assert of(["2026-Q1", "2026-Q2", None]) == (6, "rep-quarter")
    assert of(pd.date_range("2026-01-05", periods=9, freq="7D", tz="Asia/Tokyo")) == (3, "rep-week")
    # Numbers, and words that are no days, are months as they were; chosen months are no quarters.
    assert of(range(7)) == (7, "rep-month")
    assert of(["first", "second"]) == (2, "rep-month")
    assert of(pd.to_datetime(["2026-01-01", "2026-04-01"]), "month") == (2, "rep-month")
    assert of([None, None]) == (None, "rep-month")
    assert months_of(pd.DataFrame({"other": [1]}), "time") == (None, "row")
