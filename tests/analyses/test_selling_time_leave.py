"""Reps employed and not at work: no hours of theirs are freed, whether their row in the reps table says so
or nothing is recorded of them."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib import freed_hours, selling_time
from salesops_lib.analyses.selling_time import SellingTime
from tests.analyses.hours_frames import KINDS, company

MONTHS = pd.date_range("2026-01-01", periods=8, freq="MS")


def away(*months: pd.Timestamp, deals: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The company with nothing of its first rep in those months, but deals begun."""
    data, activities = company()
    gone = (data["rep_id"] == "R00") & data["month"].isin(months)
    data = data.assign(
        bookings=data["bookings"].mask(gone, 0.0), deals_created=(~gone).astype(float) + deals
    )
    week = activities["week"] + pd.Timedelta(days=3)
    out = (activities["rep_id"] == "R00") & week.dt.to_period("M").dt.to_timestamp().isin(months)
    return data, activities[~out]


def of(data: pd.DataFrame, activities: pd.DataFrame) -> SellingTime:
    return selling_time(data, activities=activities, kinds=KINDS)


def test_leave_costs_what_a_gap_in_employment_does() -> None:
    """One of 16 reps is away for five of eight months: the hours of the others cost what they cost without
    those rows, and not 4% more."""
    months = MONTHS[2:7]
    data, activities = away(*months)
    gone = (data["rep_id"] == "R00") & data["month"].isin(months)
    on_leave, not_there = of(data, activities), of(data[~gone], activities)
    assert on_leave.headcount == pytest.approx((data["month_share"].sum() - 5) / 8)
    assert on_leave.headcount == pytest.approx(not_there.headcount)
    one, other = freed_hours(on_leave), freed_hours(not_there)
    assert one.cost_year == pytest.approx(other.cost_year)
    assert one.gain_year.value == pytest.approx(other.gain_year.value)
    assert one.hire_limit_year.value == pytest.approx(other.hire_limit_year.value)
    assert one.break_even_hours.value == pytest.approx(other.break_even_hours.value)
    said = [one for one in on_leave.notices if "leave" in one]
    assert len(said) == 1 and said[0].startswith(
        "1 rep had neither hours nor deals in 5 rep-months"
    )
    assert not any("leave" in one for one in not_there.notices)


@pytest.mark.parametrize("known_weeks", [True, False], ids=["weeks", "hours of months"])
def test_an_hour_of_mail_in_a_month_of_leave_is_no_work(known_weeks: bool) -> None:
    """One hour in the second of three months away: they are leave as without it."""
    data, activities = away(*MONTHS[2:5])
    one = activities[activities["rep_id"] == "R00"].tail(1)
    mail = one.assign(week=pd.Timestamp("2026-04-13"), hours=1.0)
    more = pd.concat([activities, mail], ignore_index=True)

    def headcount(found: pd.DataFrame) -> float:
        if known_weeks:
            return of(data, found).headcount
        week = found["week"] + pd.Timedelta(days=3)
        hours = found.assign(
            month=week.dt.to_period("M").dt.to_timestamp(),
            selling_hours=found["hours"].where(found["activity"].map(lambda one: KINDS[one][0]), 0),
        )
        sums = hours.groupby(["rep_id", "month"], as_index=False)[["hours", "selling_hours"]].sum()
        return selling_time(data.merge(sums, how="left")).headcount

    assert headcount(more) == pytest.approx(headcount(activities))
    assert headcount(more) == pytest.approx((data["month_share"].sum() - 3) / 8)


@pytest.mark.parametrize(
    ("months", "deals"),
    [((MONTHS[3],), 0.0), ((MONTHS[1], MONTHS[3], MONTHS[5]), 0.0), (tuple(MONTHS[2:7]), 1.0)],
    ids=["a holiday", "three holidays", "who begins deals is there"],
)
def test_who_is_at_work_counts(months: tuple[pd.Timestamp, ...], deals: float) -> None:
    data, activities = away(*months, deals=deals)
    assert of(data, activities).headcount == pytest.approx(data["month_share"].sum() / 8)


def test_months_without_hours_of_anybody_are_nobodys_leave() -> None:
    """The account of hours begins in April; R00 sold nothing before."""
    data, activities = away(*MONTHS[:3])
    late = activities[activities["week"] >= "2026-04-01"]
    assert of(data, late).headcount == pytest.approx(data["month_share"].sum() / 8)
