"""An option of the wrong type is named, as one out of range is."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from salesops_lib.analyses.selling_time import SellingTime
from tests.analyses.own_frames import months

WRONG = ("0.5", None, float("nan"), float("inf"))


@cache
def curve() -> so.PerformanceCurve:
    return so.performance_curve(months(), samples=0, draws=200)


@cache
def times() -> SellingTime:
    weeks = pd.date_range("2025-01-06", periods=70, freq="W-MON")
    reps = [f"R{i:02d}" for i in range(20)]
    index = pd.MultiIndex.from_product([reps, weeks, ["calls", "quotes"]])
    hours = index.to_frame(index=False, name=["rep_id", "week", "activity"])
    hours["hours"] = np.random.default_rng(4).lognormal(2.5, 0.2, len(hours))
    kinds = {"calls": (True, "sales"), "quotes": (False, "sales-ops primary")}
    return so.selling_time(months(), activities=hours, kinds=kinds)


@pytest.mark.parametrize("given", WRONG)
@pytest.mark.parametrize(
    "option", ["lift", "horizon_years", "star_deals_year", "star_deal_cost", "cost_per_rep"]
)
def test_levers(option: str, given: Any) -> None:
    with pytest.raises(so.ParameterError, match=option):
        so.moving_the_middle(curve(), **{option: given})


def test_a_replacement_that_is_no_cost_and_no_mapping() -> None:
    with pytest.raises(so.ParameterError, match="replacement"):
        so.moving_the_middle(curve(), replacement=[1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["0.9", None, [0.9], 90, float("nan")])
@pytest.mark.parametrize("option", ["confidence", "target"])
def test_ramp(option: str, given: Any) -> None:
    with pytest.raises(so.DataError, match=option):
        so.ramp_time(months(), value="bookings", **{option: given})


@pytest.mark.parametrize("given", ["1", float("nan"), float("inf")])
@pytest.mark.parametrize("option", ["sustained", "horizon"])
def test_months_of_a_milestone(option: str, given: Any) -> None:
    with pytest.raises(so.DataError, match=option):
        so.ramp_time(months(), value="bookings", definition="milestone", **{option: given})


def test_a_law_of_noise_that_there_is_not() -> None:
    with pytest.raises(so.DataError, match=r"noise.*auto or one of lognormal"):
        so.ramp_time(months(), value="bookings", noise="loud")


def test_one_market_column_may_be_named_alone() -> None:
    alone, listed = (
        so.ramp_time(months(), value="bookings", market=one)
        for one in ("market_size", ("market_size",))
    )
    assert alone.median_months == listed.median_months


@pytest.mark.parametrize("given", [None, "1,3", 3])
def test_lengths_of_ramp_to_compare(given: Any) -> None:
    ramp = so.ramp_time(months(), value="bookings")
    with pytest.raises(so.DataError, match="compared"):
        so.ramp_cost(ramp, hires_per_year=1, contribution_per_month=1, compared=given)


@pytest.mark.parametrize("given", WRONG)
@pytest.mark.parametrize(
    "option", ["hours_freed_week", "sold_share", "sales_ops_hour_cost", "working_weeks_year"]
)
def test_freed_hours(option: str, given: Any) -> None:
    with pytest.raises(so.ParameterError, match=option):
        so.freed_hours(times(), **{option: given})


@pytest.mark.parametrize("given", ["", None, (0.3,), (0.3, "0.2"), (0.3, float("nan"))])
def test_published_experience(given: Any) -> None:
    frame = months().assign(selling_hours=60.0, hours=150.0)
    with pytest.raises(so.ParameterError, match="prior"):
        so.selling_time(frame, prior=given)


@pytest.mark.parametrize("given", ["abc", None, (0.2, 0.6, "x"), (float("nan"), 0.6, 0.2)])
def test_tiers(given: Any) -> None:
    with pytest.raises(so.ParameterError, match="tiers"):
        so.performance_curve(months(), tiers=given)


def test_a_company_of_stars_and_laggards_has_no_ratio_to_a_core() -> None:
    found = so.performance_curve(months(), tiers=(0.5, 0.0, 0.5), samples=0, draws=200)
    assert "star_to_core_ratio" not in {one.name for one in found.findings}


def test_hours_that_are_nobodys_and_a_company_that_does_not_sell() -> None:
    frame = months().assign(selling_hours=60.0, hours=150.0)
    with pytest.raises(so.DataError, match=r"rep_id.*missing; rows 3\. Every row"):
        so.selling_time(frame.assign(rep_id=frame["rep_id"].where(frame.index != 3)))
    none = so.selling_time(frame.assign(selling_hours=0.0))
    assert none.finding("selling_share").estimate.value == 0
