"""Which month is the last that is counted, where nobody says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import deal_desk
from salesops_lib.analyses.deal_desk.pricing import last_whole_month, month_end
from tests.analyses.desk_frames import company


def closed(end: str, per_day: float, *, on: str = "any", seed: int = 1) -> pd.Series:
    """Closing days of a year and a half to `end`: on any day, on weekdays, or on the first of months."""
    days = pd.date_range("2024-11-01", end)
    wanted = {"any": days.day > 0, "weekdays": days.dayofweek < 5, "first": days.day == 1}[on]
    counts = np.random.default_rng(seed).poisson(np.where(wanted, per_day, 0.0))
    return pd.Series(days.repeat(counts))


@pytest.mark.parametrize(
    ("end", "per_day", "on", "last"),
    [
        ("2026-05-31", 1.5, "any", "2026-05-31"),
        ("2026-05-14", 1.5, "any", "2026-04-30"),
        ("2026-05-04", 1.5, "weekdays", "2026-04-30"),
        # The 30th and 31st are a weekend.
        ("2026-05-29", 6.0, "weekdays", "2026-05-31"),
        # Whoever closes on the first of the month only has closed all there is.
        ("2026-05-20", 30.0, "first", "2026-05-31"),
        # Of a deal in three weeks, two weeks without one are no sign.
        ("2026-05-16", 0.05, "any", "2026-05-31"),
    ],
)
def test_a_month_that_is_running_is_none(end: str, per_day: float, on: str, last: str) -> None:
    assert last_whole_month(closed(end, per_day, on=on)) == pd.Timestamp(last)


@pytest.mark.parametrize(
    "day", ["2026-05", "2026-05-03T10:00", pd.Timestamp("2026-05-31", tz="Asia/Tokyo")]
)
def test_any_day_of_a_month_names_it(day: object) -> None:
    assert month_end(day) == pd.Timestamp("2026-05-31")


def test_a_first_month_is_counted_whatever_its_end() -> None:
    days = pd.Series(pd.date_range("2026-05-01", "2026-05-10").repeat(5))
    assert last_whole_month(days) == pd.Timestamp("2026-05-31")


def test_the_years_money_is_that_of_whole_months() -> None:
    """Two deals a day at 100 list and 90 paid: 7,300 a year. With ten days of May counted as a month it
    was 6,910."""
    days = pd.date_range("2024-11-01", "2026-05-10").repeat(2)
    frame = pd.DataFrame({
        "rep_id": np.arange(len(days)) % 7, "status": "won", "list_amount": 100.0,
        "amount": 90.0, "close_date": days,
    })  # fmt: skip
    found = deal_desk(frame)
    assert found.discount_year.value == pytest.approx(7300)
    assert any(one.startswith("May 2026 does not look over") for one in found.notices)
    named = deal_desk(frame, last_month="2026-05")
    assert named.discount_year.value == pytest.approx(10 * 2 * (365 - 31 + 10))
    assert not any("does not look over" in one for one in named.notices)


@pytest.mark.parametrize(("given", "day"), [
    (pd.Period("2026-06"), "2026-06-30"), (pd.Period("2026Q2"), "2026-06-30"),
    (pd.Period("2026-02-03", "D"), "2026-02-28"),
])  # fmt: skip
def test_a_period_names_its_last_month(given: pd.Period, day: str) -> None:
    """Of a frame that keeps months as periods it was "not a date"."""
    assert month_end(given).normalize() == pd.Timestamp(day)
    data = company()
    periods, days = (deal_desk(data, last_month=one) for one in (given, pd.Timestamp(day)))
    assert periods == days
