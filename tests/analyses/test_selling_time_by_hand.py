"""Pieces of selling time, each by hand or a second way: whose hours count, what a week is, who is in which
third, and what is said of errors too large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from salesops_lib import freed_hours, selling_time
from salesops_lib.analyses.selling_time import quota_by_selling_share, selling_shares
from salesops_lib.analyses.selling_time.freed import _break_even, _draw
from salesops_lib.analyses.selling_time.hours import count_hours, within_months
from salesops_lib.analyses.selling_time.response import (
    LEAST_RELIABLE,
    Panel,
    _fitted,
    prior_interval,
)
from salesops_lib.analyses.selling_time.shares import _tenure
from salesops_lib.analyses.selling_time.tables import account_from_months
from salesops_lib.analyses.selling_time.time_use import _varies
from tests.analyses.hours_frames import KINDS, by_hand, company


def test_hours_of_others_and_of_other_months_count_nowhere() -> None:
    """Nor do hours of no activity, or a row that says none. A week is of its fourth day's month: one that
    begins on Thursday, 26 February, is of March, one on Sunday, 29 March, of April. Parking, of which
    nobody says whose it is, has 2 of 57 hours."""
    data, activities = by_hand()
    more = [
        ("C", "2026-03-02", "Meetings", 40.0), ("A", "2026-03-29", "Meetings", 40.0),
        ("A", "2026-02-22", "Meetings", 40.0), ("A", "2026-03-16", None, 40.0),
        ("A", "2026-03-16", "Meetings", 0.0), ("A", "2026-02-26", "Parking", 2.0),
    ]  # fmt: skip
    rows = pd.concat([activities, pd.DataFrame(more, columns=activities.columns)])
    found = count_hours(rows, KINDS, reps=data["rep_id"], months=data["month"], rep="rep_id")
    assert found.reps.tolist() == ["A", "B"] and found.weeks.tolist() == [3.0, 2.0]
    assert found.by_rep.sum(axis=1).tolist() == [42.0, 15.0]
    assert found.weekly["selling_hours"].sum() == 30.0
    (said,) = found.notices
    assert "Parking" in said and "3.5% of all hours" in said


def test_all_that_is_selling_adds_up() -> None:
    """With quotes selling as well, A sells 24 hours in two weeks and B 6 + 9, which is all B did; of A's two
    activities for sales operations and marketing 12 + 4 hours could move."""
    data, activities = by_hand()
    kinds = KINDS | {"Quotes": (True, "sales"), "Travel": (False, "marketing")}
    found = selling_time(data, activities=activities, kinds=kinds)
    assert found.reps["selling_hours"].tolist() == pytest.approx([12.0, 7.5])
    assert found.reps["selling_share"].tolist() == pytest.approx([0.6, 1.0])
    assert found.reps["movable_hours"].tolist() == pytest.approx([8.0, 0.0])
    assert found.selling_hours_week.value == pytest.approx((24 + 15) / 4)
    assert found.movable_hours_week.value == pytest.approx(16 / 4)
    # The average of both differs as much as they do: drawn together by what weeks swing, a half for error.
    assert found.sellers["selling_hours"].mean() == pytest.approx(9.75)


def test_a_week_is_a_seventh_of_the_days_worked() -> None:
    """Of the half of April that was worked, 15 days, 30 hours of selling are 14 a week; of May 31 are 7.
    June has no hours and July none of selling: neither counts."""
    data = pd.DataFrame(
        {"selling_hours": [30.0, 31.0, 5.0, np.nan], "hours": [60.0, 93.0, np.nan, 50.0]}
    )
    rows = pd.DataFrame({
        "rep": "A", "month": pd.date_range("2026-04-01", periods=4, freq="MS"),
        "share": [0.5, 1.0, 1.0, 1.0],
    })  # fmt: skip
    account, monthly = account_from_months(data, rows, "selling_hours")
    assert monthly["selling_week"].tolist() == pytest.approx([14.0, 7.0])
    assert account.by_rep.tolist() == [[61.0, 92.0]]
    assert account.weeks == pytest.approx([(15 + 31) / 7])


def test_weeks_of_a_month_by_hand() -> None:
    """Weeks of 1, 3 and 5 and of 2 and 6 have squared distances of 8 and 8 over three degrees of freedom."""
    weekly = pd.DataFrame({"rep": list("AAABBC"), "month": [1, 1, 1, 1, 1, 1]})
    values = np.array([1.0, 3.0, 5.0, 2.0, 6.0, 9.0])
    assert within_months(weekly, values) == pytest.approx(16 / 3)
    assert np.isnan(within_months(weekly.iloc[[0, 3, 5]], values[[0, 3, 5]]))


def test_three_reps_must_ramp_for_ramp_to_be_told() -> None:
    reps = pd.Series(list("AABBCCDD"))
    ramps = np.array([1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.1, 0.1])
    assert _varies(ramps, reps)
    assert not _varies(np.where(reps == "C", 0.1, ramps), reps)
    # Past the second year it falls by less than a fifth.
    assert not _varies(ramps * 0.4, reps)


def test_bands_of_tenure_end_with_their_last_month() -> None:
    months = pd.Series([1.0, 12.0, 13.0, 24.0, 25.0, np.nan])
    bands = ["first year", "first year", "second year", "second year", "longer"]
    assert _tenure(months).tolist()[:5] == bands and _tenure(months).isna().tolist()[5]


def test_a_rep_is_of_the_group_of_the_last_month(times) -> None:
    """In whatever order rows come: half of the reps went from the one team to the other in the last month."""
    data, _ = company()
    moved = (data["month"] == data["month"].max()) & (data["rep_id"] < "R08")
    data["team"] = np.where(moved, "new", "old")
    found = selling_shares(times, data.iloc[::-1], by=("team",))
    assert found.table.set_index("group")["reps"].to_dict() == {"new": 8, "old": 8}


def test_published_experience_has_a_normal_interval() -> None:
    reach = 1.6448536
    assert prior_interval((5.0, 2.0), 0.90) == pytest.approx((5.0, 5 - 2 * reach, 5 + 2 * reach))


def test_thirds_lie_beside_each_other(times) -> None:
    """Each third from its smallest to its largest share, and none above the next."""
    data, _ = company()
    share = np.sort(times.reps["selling_share"].to_numpy())
    table = quota_by_selling_share(times, data, fewest=5).table
    assert table["from_share"].tolist() == pytest.approx(share[[0, 6, 11]].tolist())
    assert table["to_share"].tolist() == pytest.approx(share[[5, 10, 15]].tolist())


def test_months_without_a_quota_are_no_part_of_reaching_it(times) -> None:
    """What is booked then does not help, and months of a quota of 0 have none. Where nothing is known to be
    booked, nothing was: one short stays short."""
    data, _ = company()
    data = data[data["rep_id"] != "R15"].copy()  # who came later
    data["quota"] = np.where(data["month"].dt.month % 2 == 0, 1e9, 0.0)
    data["bookings"] = np.where(data["quota"] > 0, 1e9 - 1.0, 1e12)
    assert quota_by_selling_share(times, data).table["reached"].tolist() == [0.0, 0.0, 0.0]
    short = np.where(data["month"].dt.month == 6, np.nan, data["bookings"])
    short = np.where(data["month"].dt.month == 8, 2e9 + 1.0, short)
    found = quota_by_selling_share(times, data.assign(bookings=short))
    assert found.table["reached"].tolist() == [0.0, 0.0, 0.0]
    data["bookings"] += data["quota"] > 0
    assert quota_by_selling_share(times, data).table["reached"].tolist() == [1.0, 1.0, 1.0]


def test_of_an_error_that_leaves_a_tenth_of_a_measurement_nothing_is_told() -> None:
    """Reliability is one less the error's variance over that of hours: known at one error it is known at
    all. The first that is too large has a row that may be anything, and larger ones have none."""
    data, activities = company()
    kept = selling_time(data, activities=activities, kinds=KINDS, error_sd=0.1).sensitivity
    at = kept.set_index("error_sd")["reliability"][0.1]
    large = float(np.sqrt(0.9 * 0.1**2 / (1 - at)))
    table = selling_time(data, activities=activities, kinds=KINDS, error_sd=large).sensitivity
    last = table.iloc[-1]
    assert last["error_sd"] == large and last["reliability"] == pytest.approx(0.1)
    assert np.isnan(last["value"]) and (last["low"], last["high"]) == (-np.inf, np.inf)
    told = table.iloc[:-1]
    assert (told["reliability"] >= LEAST_RELIABLE).all() and told["value"].notna().all()


def test_the_pooled_log_regression_by_statsmodels() -> None:
    """Month effects only, errors between reps times G / (G − 1), t with G − 1."""
    data, activities = company()
    found = selling_time(data, activities=activities, kinds=KINDS, estimator="log")
    meetings = activities[activities["activity"] == "Meetings"]
    month = (meetings["week"] + pd.Timedelta(days=3)).dt.to_period("M").dt.to_timestamp()
    hours = meetings.groupby(["rep_id", month])["hours"].mean().rename("h").reset_index()
    rows = data.merge(hours, left_on=["rep_id", "month"], right_on=["rep_id", "week"])
    rows = rows[rows["bookings"] > 0]
    x = np.column_stack([np.log(rows["h"]), pd.get_dummies(rows["month"]).to_numpy(float)])
    whose = pd.factorize(rows["rep_id"])[0]
    twin = sm.OLS(np.log(rows["bookings"] / rows["month_share"]).to_numpy(), x).fit(
        cov_type="cluster", cov_kwds={"groups": whose, "use_correction": False}
    )
    reps = whose.max() + 1
    reach = stats.t.ppf(0.95, reps - 1) * twin.bse[0] * np.sqrt(reps / (reps - 1))
    told = found.pooled_elasticity
    assert told.value == pytest.approx(twin.params[0])
    assert (told.low, told.high) == pytest.approx((told.value - reach, told.value + reach))


def test_without_error_the_data_alone_say_what_was_reported() -> None:
    """The evidence has a t distribution about it, whose quantiles are read off a grid."""
    data, activities = company()
    found = selling_time(data, activities=activities, kinds=KINDS, error_sd=0.0)
    alone, reported = found.data_elasticity, found.reported_elasticity
    assert (alone.value, alone.low, alone.high) == pytest.approx(
        (reported.value, reported.low, reported.high), abs=2e-3
    )


def test_a_month_not_worked_tells_nothing_of_the_response() -> None:
    """Whatever hours and bookings it has: no share of a month is no offset."""
    data, activities = company()
    none = data.index == 20
    idle = data.assign(month_share=data["month_share"].where(~none, 0.0))
    rest = selling_time(data[~none], activities=activities, kinds=KINDS)
    found = selling_time(idle, activities=activities, kinds=KINDS)
    assert found.reported_elasticity.value == pytest.approx(rest.reported_elasticity.value)


def test_the_hours_that_a_hire_must_free_lie_between_quantiles_of_the_draws(times) -> None:
    """The middle of the draws and the ends of their middle nine tenths; each a draw, as some are infinite."""
    drawn = _draw(times, 0.7, 0.5, 0)[0].break_even(60_000.0, times.movable_hours_week.value)
    found = _break_even(drawn, times)
    ordered = np.sort(drawn)
    expected = ordered[np.ceil(np.array([0.05, 0.5, 0.95]) * (len(drawn) - 1)).astype(int)]
    assert (found.low, found.value, found.high) == tuple(expected)
    assert found.low < found.value < found.high


def test_activities_and_the_curve_are_the_same_gain(times) -> None:
    """What one activity costs and brings is what its own hours do; the curve at the hours freed is the
    gain that is told."""
    freed = freed_hours(times, hours_freed_week=2.0, sold_share=0.5, gross_margin=0.7)
    year = times.headcount * 46.0 * 45.0
    table = freed.activities
    hours = times.activities.set_index("activity")["hours"]
    assert table["hours"].tolist() == pytest.approx(hours[table["activity"]].tolist())
    assert table["cost"].tolist() == pytest.approx((table["hours"] * year).tolist())
    assert (table["gain"] - table["cost"]).tolist() == pytest.approx(table["net"].tolist())
    assert ((table["low"] < table["gain"]) & (table["gain"] < table["high"])).all()
    curve = freed.curve
    assert curve["cost"].tolist() == pytest.approx((curve["hours"] * year).tolist())
    assert curve["hours"].iloc[-1] == pytest.approx(times.movable_hours_week.value)
    for column, one in (("gain", "value"), ("low", "low"), ("high", "high")):
        at = np.interp(2.0, curve["hours"], curve[column])
        assert at == pytest.approx(getattr(freed.gain_year, one), rel=2e-3)


@pytest.mark.parametrize("estimator", ["log", "poisson"])
def test_half_a_month_with_half_the_bookings_is_a_month(estimator: str) -> None:
    """Who was there for half of a month books half as much in it: no fewer bookings for as many hours."""
    rng = np.random.default_rng(3)
    reps, months = (code.ravel() for code in np.indices((20, 12)))
    hours = rng.normal(3.0, 0.3, len(reps))
    bookings = np.exp(0.5 * hours + rng.normal(0, 0.2, len(reps)))
    whole = Panel(
        bookings, hours, np.ones(len(reps)), reps, months, np.zeros((len(reps), 0)), np.nan
    )
    part = rng.choice([0.3, 0.6, 1.0], len(reps))
    some, of_all = (
        _fitted(one, estimator)[0] for one in (replace(whole, bookings=bookings * part, share=part), whole)
    )  # fmt: skip
    assert some is not None and of_all is not None
    # Poisson weighs a short month less; its expectation is the same.
    near = 1e-9 if estimator == "log" else 0.05
    assert some.coef[0] == pytest.approx(of_all.coef[0], abs=near)
    blind = _fitted(replace(whole, bookings=bookings * part), estimator)[0]
    assert blind is not None and blind.coef[0] != pytest.approx(of_all.coef[0], abs=0.02)
