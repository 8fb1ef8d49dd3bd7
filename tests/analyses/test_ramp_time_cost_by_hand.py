"""The pieces that the cost of ramp and the training case are made of, each by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from salesops_lib import ParameterError
from salesops_lib.analyses.ramp_time_cost import (
    RampTime,
    case_draws,
    hiring_plan,
    ramp_cost,
    ramp_time,
    training,
    training_case,
)
from salesops_lib.analyses.ramp_time_cost.cost import in_money, lost_at, with_curve_known
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.products import product
from tests.analyses.ramp_frames import noisy


def test_a_contribution_whose_curve_is_known_has_the_rest_of_its_error(ramp: RampTime) -> None:
    assert ramp.pace is not None and ramp.pace.level_error > 0.01
    found = with_curve_known(ramp.mature_level.scaled(0.5), ramp.pace)
    value, wide = 0.5 * ramp.mature_level.value, math.exp(ramp.pace.level_error)
    assert (found.value, found.low, found.high) == pytest.approx(
        (value, value / wide, value * wide)
    )


@pytest.mark.parametrize("falling", [False, True])
def test_money_of_the_own_level_by_hand(ramp: RampTime, falling: bool) -> None:
    """At each end of the months the level that belongs to it: the longest ramp is the high end of the
    months lost, the low end of the months sold."""
    pace, months = ramp.pace, ramp.months_lost
    assert pace is not None
    worth = ramp.mature_level.scaled(0.5)
    at_low, at_high = pace.level_at_low, pace.level_at_high
    assert at_low < 1 < at_high
    ends = (at_high, at_low) if falling else (at_low, at_high)
    known = with_curve_known(worth, pace)
    by_hand = product(
        (months.value, min(months.low * ends[0], months.value),
         max(months.high * ends[1], months.value)),
        (known.value, known.low, known.high),
    )  # fmt: skip
    found = in_money(ramp, months, worth, falling=falling)
    assert (found.value, found.low, found.high) == pytest.approx(by_hand)


def test_months_without_limits_are_money_without_limits(ramp: RampTime) -> None:
    months = replace(ramp.months_lost, low=math.nan, high=math.nan)
    found = in_money(ramp, months, Estimate(100.0, 90.0, 110.0, 0.9, "money/month", 5, "given"))
    assert found.value == pytest.approx(100 * months.value)
    assert math.isnan(found.low) and math.isnan(found.high)


def test_what_a_ramp_of_some_length_loses(exact: RampTime) -> None:
    """Of a curve that reaches nine tenths after 4 months, .1^(t/4) in each month t; where it is an
    event, every month before it, and never more than were looked at."""
    every = np.arange(1, exact.horizon + 1)
    assert lost_at(exact, 4.0) == pytest.approx((0.1 ** (every / 4)).sum())
    event = ramp_time(noisy(2), value="bookings", definition="milestone")
    assert lost_at(event, 4.0) == 4.0
    assert lost_at(event, event.horizon + 3.0) == event.horizon


def test_production_lost_by_time_to_the_target() -> None:
    """The months' shortfalls added up; nothing without a ramp, everything where it never ends."""
    found = training._lost(np.array([0.0, 4.0, 9.0, math.inf]), 0.9, 12)
    month = np.arange(1, 13)
    by_hand = [0.0, (0.1 ** (month / 4)).sum(), (0.1 ** (month / 9)).sum(), 12.0]
    assert found == pytest.approx(by_hand)


def test_production_lost_where_the_climb_begins_late() -> None:
    """Half of 4 months pass before it: two months lost whole, then .1^((t − 2)/2). Half of 5: two whole,
    and the third counts half a month of the climb."""
    found = training._lost(np.array([4.0, 5.0, math.inf]), 0.9, 12, 0.5)
    month = np.arange(3, 13)
    by_hand = [2 + (0.1 ** ((month - 2) / 2)).sum(), 2 + (0.1 ** ((month - 2.5) / 2.5)).sum(), 12.0]
    assert found == pytest.approx(by_hand)


def test_draws_of_a_worth_have_its_limits() -> None:
    """80 to 125 around 100 at 90%, alike in logs. Limits that are none, or without end, leave the value alone;
    limits that reach nothing are kept, half a bell on either side, and no draw is below nothing."""
    rng = np.random.default_rng(0)
    draws = case_draws.draws_within(Estimate(100.0, 80.0, 125.0, 0.9), rng)
    assert np.quantile(draws, [0.05, 0.5, 0.95]) == pytest.approx([80, 100, 125], rel=1e-3)
    assert np.log(draws).std() == pytest.approx(math.log(1.25) / stats.norm.ppf(0.95), rel=1e-3)
    for low in (0.0, -20.0):
        draws = case_draws.draws_within(Estimate(100.0, low, 125.0, 0.9), rng)
        limits = [max(low, 0.0), 100, 125]
        assert np.quantile(draws, [0.05, 0.5, 0.95]) == pytest.approx(limits, abs=0.2)
        assert draws.min() == 0
    for low, high in ((100.0, 100.0), (80.0, math.inf)):
        none = case_draws.draws_within(Estimate(100.0, low, high, 0.9), rng)
        assert (none == 100.0).all()


def test_draws_of_the_own_level_move_with_the_curve(ramp: RampTime) -> None:
    assert ramp.pace is not None
    noise = case_draws.normals(np.random.default_rng(1))
    own = ramp.mature_level.scaled(0.5)
    found = case_draws.contribution_draws(ramp, own, noise, np.random.default_rng(2))
    rest = case_draws.draws_within(with_curve_known(own, ramp.pace), np.random.default_rng(2))
    assert found == pytest.approx(rest * ramp.pace.levels(noise, ramp.confidence))
    assert np.corrcoef(np.log(found), noise)[0, 1] > 0.1
    given = Estimate(own.value, own.low, own.high, 0.9, "money/month", 3, "elsewhere")
    other = case_draws.contribution_draws(ramp, given, noise, np.random.default_rng(2))
    assert abs(np.corrcoef(other, noise)[0, 1]) < 0.05


def test_where_gains_first_reach_the_cost() -> None:
    """Half-way from 1 month to 2, at once, exactly at a step, never, and after a flat stretch."""
    grid = np.array([0.0, 1.0, 2.0])
    gains = np.array([[0, 4, 8], [7, 8, 9], [0, 6, 8], [0, 1, 2], [0, 0, 12]], dtype=float)
    found = training._first_reached(gains, grid, 6.0)
    assert found.tolist() == [1.5, 0.0, 1.0, math.inf, 1.5]


def case(ramp: RampTime, **options: object) -> training.TrainingCase:
    cost = ramp_cost(ramp, hires_per_year=10, contribution_per_month=20_000.0)
    return training_case(cost, **{"programme_cost": 100_000.0, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("months", "steps"),
    [((1.0, 2.0), 0.5), ((0.5, 1.0), 0.25), ((4.0, 14.0), 2.0), ((1.0, 50.0), 6.0)],
)
def test_months_of_the_table_read_well(
    ramp: RampTime, months: tuple[float, float], steps: float
) -> None:
    """From nothing to what may be saved in at most eight steps of a quarter, a half, 1, 2, 3 or 6."""
    found = case(ramp, months_saved=months).sensitivity["months_saved"].unique()
    assert np.diff(found) == pytest.approx(np.full(len(found) - 1, steps))
    assert found[0] == 0 and found[-2] < months[1] <= found[-1]
    assert len(found) <= 8 or steps == 6.0


def test_a_gap_the_other_way_is_nothing_to_close(exact: RampTime) -> None:
    gap = Estimate(-50_000.0, -90_000.0, -10_000.0, 0.9, "money/year", 20, "given")
    found = case(exact, months_saved=1.0, gap=gap, gap_closed=0.5)
    assert found.gap_saving is not None
    assert (found.gap_saving.value, found.gap_saving.high) == (0.0, 0.0)
    assert found.gain.value == pytest.approx(found.ramp_saving.value)


def test_limits_are_those_of_the_draws(exact: RampTime) -> None:
    """Anything from .2 to .4 months saved, of 1.3: a twentieth of it lies below .21, one above .39."""
    found = case(exact, months_saved=(0.2, 0.4)).production_gained
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.21, 0.39), abs=0.004)


def test_the_curve_ends_where_all_of_the_ramp_is_saved(ramp: RampTime) -> None:
    """Ten hires at 20,000 a month: from there on the net is the months lost, with their limits."""
    lost = ramp.months_lost
    curve = case(ramp, months_saved=(1.0, 2 * lost.high)).break_even_curve
    last = curve.iloc[-1]
    assert last["months_saved"] > lost.high
    by_hand = [200_000 * one - 100_000 for one in (lost.value, lost.low, lost.high)]
    assert last[["net", "low", "high"]].tolist() == pytest.approx(by_hand, rel=0.01)
    assert curve["net"].iloc[0] == curve["low"].iloc[0] == curve["high"].iloc[0] == -100_000


def test_a_seed_that_is_none_is_named(exact: RampTime) -> None:
    with pytest.raises(ParameterError, match="rng"):
        case(exact, months_saved=1.0, rng="a seed")


@pytest.mark.parametrize(
    ("a_year", "said"),
    [
        (0.4, "0.40 hires"),
        (1, "1 hire"),
        (2.5, "2.5 hires"),
        (12, "12 hires"),
        (12.5, "12.5 hires"),
    ],
)
def test_money_is_told_of_as_many_hires_as_it_is_of(
    ramp: RampTime, a_year: float, said: str
) -> None:
    """At 2.5 hires a year the sentences said 2, and at 0.4 that none cost money."""
    cost = ramp_cost(ramp, hires_per_year=a_year, contribution_per_month=100.0)
    case = training_case(cost, months_saved=1, programme_cost=10, saved="time_to_target")
    plan = hiring_plan(ramp, hires_per_year=a_year, value_per_month=100.0)
    told = (
        cost.finding("ramp_cost_year"), case.finding("ramp_saving_year"),
        case.finding("ramp_net_year"), plan.finding("plan_bookings"),
    )  # fmt: skip
    for one in told:
        assert f" {said}" in one.sentence
    assert cost.per_year.value == pytest.approx(a_year * cost.per_hire.value)


def test_what_closing_the_gap_brings_has_the_limits_that_its_own_page_gives(ramp: RampTime) -> None:
    """Half of a gap at a margin of .68, on the channel page up to 836K: the limits of 4,000 slices were
    those of the slice below, and here the same money came up to 835K."""
    gap = Estimate(63_289.26, 10_000.0, 2_458_775.48, 0.9, "money/year", 23)
    case = training_case(
        ramp, gap, months_saved=1, gap_closed=0.5, gap_margin=0.68, programme_cost=1e5,
        hires_per_year=10, contribution_per_month=100.0,
    )  # fmt: skip
    assert case.gap_saving is not None
    assert case.gap_saving.low == pytest.approx(3_400, rel=1e-5)
    assert case.gap_saving.high == pytest.approx(835_983.66, rel=1e-5)


def test_a_limit_next_to_an_infinite_draw_is_the_draw_itself() -> None:
    """Twenty draws of 1 to 19 and infinite: 95% parts the 19th from it."""
    draws = np.array([*range(1, 20), math.inf])
    assert training._quantile(draws, 0.95) == 19
    assert training._quantile(draws, 0.05) == 1.5
    assert training._quantile(draws, 0.99) == math.inf
