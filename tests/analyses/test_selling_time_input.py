"""Hours as companies write them down: gaps, names, contradictions, and bad input by name."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData, ParameterError, freed_hours, selling_time
from tests.analyses.hours_frames import KINDS, company


def test_a_week_not_written_down_is_no_week_without_selling() -> None:
    data, activities = company()
    lost = activities[(activities["week"].rank(method="dense") % 4) != 0]
    found = selling_time(data, activities=lost, kinds=KINDS)
    whole = selling_time(data, activities=activities, kinds=KINDS)
    assert found.hours_week.value == pytest.approx(whole.hours_week.value, rel=0.05)


def test_names_of_activities_in_any_case_and_unknown_ones() -> None:
    data, activities = company()
    kinds = {name.upper(): kind for name, kind in KINDS.items() if name != "Travel"}
    found = selling_time(data, activities=activities, kinds=kinds)
    travel = found.activities.set_index("activity").loc["Travel"]
    assert travel["owner"] == "not known" and not travel["movable"]
    assert "Nothing says whether Travel is selling" in found.notices[0]
    with pytest.raises(
        NotEnoughData, match="none of the activities recorded is known to be selling"
    ):
        selling_time(data, activities=activities, kinds={})


def test_without_a_table_of_activities_the_hours_of_rep_months_serve() -> None:
    data, _ = company()
    rng = np.random.default_rng(3)
    sold = 60 + 20 * rng.random(len(data))
    found = selling_time(data.assign(selling_hours=sold, hours=sold * 2))
    assert found.selling_share.value == pytest.approx(0.5)
    assert found.movable_hours_week.value == 0
    assert "taken as right" in " ".join(found.notices)
    assert math.isfinite(found.data_elasticity.value)
    assert "Cannot tell how much of the rest" in found.finding("movable_hours_week").sentence


def test_hours_that_contradict_each_other_and_hours_half_known() -> None:
    """A month of which only the selling hours were known counted as sold through, and one with more
    selling hours than hours was raised to them."""
    data, _ = company(reps=6, months=6)
    sold = 60 + 20 * np.random.default_rng(3).random(len(data))
    data = data.assign(selling_hours=sold, hours=sold * 2)
    half = data.assign(hours=data["hours"].where(np.arange(len(data)) % 3 > 0))
    assert selling_time(half).selling_share.value == pytest.approx(0.5)
    data.loc[data.index[[2, 4]], "hours"] = 10.0
    with pytest.raises(
        DataError, match=r"'selling_hours': more hours of selling than hours; rows 2, 4"
    ):
        selling_time(data)


@pytest.mark.parametrize(("change", "message"), [
    (lambda d, a: (d.drop(columns="bookings"), a), "column 'bookings': is not there"),
    (lambda d, a: (d, a.drop(columns="hours")), "column 'hours': is not there"),
    (lambda d, a: (d, a.assign(hours=-a["hours"])), "column 'hours': lies below 0; rows 0, 1"),
    (lambda d, a: (d, a.assign(hours="eight")), "holds cells that are not numbers; rows 0, 1"),
    (lambda d, a: (d, a.assign(week="soon")), "column 'week': holds cells that are not dates"),
    (lambda d, a: (d.assign(month="soon"), a), "column 'month': holds cells that are not months"),
    (lambda d, a: (pd.concat([d, d]), a), "two rows of one rep and month; rows 0, 1"),
    (lambda d, a: (d.assign(bookings=np.inf), a), "column 'bookings': holds cells"),
])  # fmt: skip
def test_bad_input_is_named(change, message: str) -> None:
    data, activities = change(*company(reps=4, months=2))
    with pytest.raises(DataError, match=message):
        selling_time(data, activities=activities, kinds=KINDS)


def test_options_out_of_range_and_no_hours() -> None:
    data, activities = company(reps=4, months=2)
    given = {"activities": activities, "kinds": KINDS}
    with pytest.raises(ParameterError, match="estimator == 'ols'"):
        selling_time(data, **given, estimator="ols")
    with pytest.raises(ParameterError, match="prior"):
        selling_time(data, **given, prior=(0.3, 0.0))
    with pytest.raises(ParameterError, match="error_sd"):
        selling_time(data, **given, error_sd=-0.1)
    with pytest.raises(NotEnoughData, match="no hours are recorded"):
        selling_time(data, activities=activities.iloc[:0], kinds=KINDS)
    with pytest.raises(NotEnoughData, match="no hours are recorded"):
        selling_time(data.assign(hours=np.nan, selling_hours=np.nan))


def test_nothing_of_the_callers_is_changed() -> None:
    data, activities = company(reps=4, months=3)
    before = data.copy(), activities.copy()
    selling_time(data, activities=activities, kinds=KINDS)
    pd.testing.assert_frame_equal(data, before[0])
    pd.testing.assert_frame_equal(activities, before[1])


def test_minutes_are_not_hours() -> None:
    """2,000 "hours" of a week were told, and an hour freed was worth a sixtieth: it lost money for sure."""
    data, activities = company()
    hours = selling_time(data, activities=activities, kinds=KINDS)
    minutes = activities.assign(hours=activities["hours"] * 60)
    found = selling_time(data, activities=minutes, kinds=KINDS)
    assert found.selling_share.value == pytest.approx(hours.selling_share.value)
    assert "a week has 168: these are minutes" in found.notices[0]
    assert not any("a week has 168" in text for text in hours.notices)
    with pytest.raises(NotEnoughData, match=r"2,\d\d\d hours a week, which has 168.*divided by 60"):
        freed_hours(found)
    assert freed_hours(hours).hour_worth.value > 0
    monthly = found.sellers.assign(hours=60 * 160.0, selling_hours=60 * 70.0)
    monthly = monthly.rename(columns={"bookings_year": "bookings"})
    assert "a week has 168" in selling_time(monthly).notices[0]


def test_hours_of_reps_with_other_ids() -> None:
    """The remedy was to add the table that had been given."""
    data, activities = company()
    numbered = data.assign(rep_id=data["rep_id"].str[1:].astype(int))
    with pytest.raises(
        NotEnoughData, match="'rep_id': the hours are of other reps than the months"
    ):
        selling_time(numbered, activities=activities, kinds=KINDS)


@pytest.mark.parametrize("kind", [True, "selling", ("sales", True), (True, "sales", 1)])
def test_kinds_of_another_shape(kind: object) -> None:
    data, activities = company()
    with pytest.raises(ParameterError, match=r"kinds\['Meetings'\] == .*sales-ops primary"):
        selling_time(data, activities=activities, kinds={**KINDS, "Meetings": kind})


def test_shares_of_a_month_in_percent_and_columns_of_two_parts() -> None:
    data, activities = company()
    for wrong in (100.0, -0.5):
        with pytest.raises(DataError, match=r"'month_share': must be from 0 to 1; rows 0, 1"):
            selling_time(data.assign(month_share=wrong), activities=activities, kinds=KINDS)
    with pytest.raises(ParameterError, match="outcome and period are both 'month'"):
        selling_time(data, activities=activities, kinds=KINDS, outcome="month")
