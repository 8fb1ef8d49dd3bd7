"""Planted truth behind the money, plans and facts of the ramp report; the full Monte Carlo is
`make calibrate`'s `ramp_time_cost_findings`."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.calibration import ramp_time_cost_findings as planted
from benchmarks.calibration.ramp_time_cost import rep_months
from salesops_lib.analyses.ramp_time_cost import (
    hiring_plan,
    ramp_cost,
    ramp_factors,
    ramp_time,
    training_case,
)
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.weibull import weibull_aft

COMPANIES = 60


@pytest.fixture(scope="module")
def ramp():
    """Without the curves that are as likely, so that limits can be worked by hand from one curve."""
    found = ramp_time(rep_months(np.random.default_rng(5), 40, "deals", 4.0), value="bookings")
    assert found.pace.delay == 0
    return replace(found, pace=replace(found.pace, others=()))


def sold_in_a_year(u: float) -> float:
    """Months of full production of twelve hires, one a month."""
    return sum(1 - u**k for m in range(1, 13) for k in range(1, 14 - m))


@pytest.mark.parametrize("world", [planted.WORLDS[0], planted.WORLDS[3]], ids=lambda one: one.name)
def test_intervals_hold(world: planted.Team | planted.Facts) -> None:
    """Nine times in ten, to within two points and the binomial error of 60 companies."""
    rows = planted.block(planted.WORLDS.index(world), 100, COMPANIES, planted.SEED)
    table = planted.summary(world.name, rows, planted.SEED)
    wrong = table[~table["ok"]]
    assert wrong.empty, wrong[["quantity", "coverage", "bias"]].to_string()


def test_a_year_of_hires_is_the_sum_of_its_months(ramp) -> None:
    """Its interval is narrower than that of the longest ramp at the lowest level: a slower climb goes
    with a higher one."""
    plan = hiring_plan(ramp, hires_per_year=12, value_per_month=ramp.mature_level)
    assert plan.bookings.value == pytest.approx(plan.months["expected"].sum())
    # One hire a month: those of month m have sold 12 − m + 1 months, less what ramp took.
    level = ramp.mature_level
    by_hand = sold_in_a_year(ramp.pace.u) * level.value
    assert plan.bookings.value == pytest.approx(by_hand)
    slowest = sold_in_a_year(ramp.pace.high)
    assert slowest * ramp.mature_level.low < plan.bookings.low < plan.bookings.value
    # The longest ramp with the level that goes with it, and the level's own error.
    sold = by_hand / level.value
    down = math.log(sold / (slowest * ramp.pace.level_at_high))
    apart = math.hypot(max(down, 0.0), ramp.pace.level_error)
    assert math.log(plan.bookings.value / plan.bookings.low) == pytest.approx(apart)


def test_a_given_value_leaves_the_curves_limits_alone(ramp) -> None:
    """With $100 a month known, the limits are those of the months sold at the curve's limits."""
    plan = hiring_plan(ramp, hires_per_year=12, value_per_month=100.0)
    sold = [100 * sold_in_a_year(u) for u in (ramp.pace.high, ramp.pace.low)]
    assert (plan.bookings.low, plan.bookings.high) == pytest.approx(tuple(sold))


def test_the_levels_interval_carries_the_curves_error(ramp) -> None:
    """On the log scale the squared distances of the limits add up: the level's own and the curve's."""
    level, pace = ramp.mature_level, ramp.pace
    up = math.log(level.high / level.value)
    assert up == pytest.approx(math.hypot(pace.level_error, math.log(pace.level_at_high)))
    down = math.log(level.value / level.low)
    assert down == pytest.approx(math.hypot(pace.level_error, math.log(pace.level_at_low)))
    assert pace.level_at_low < 1 < pace.level_at_high
    # At the curve's own limits, which are 90% limits, the level's course meets what was fitted.
    ends = pace.levels(np.array([-1.0, 0.0, 1.0]) * 1.6448536, 0.90)
    assert ends == pytest.approx([pace.level_at_low, 1.0, pace.level_at_high])


def test_a_cost_counts_the_level_once(ramp) -> None:
    """The cost's limits are the months' at the curve's limits with the level that goes with them, and
    the level's own error were the curve known: not the curve's error twice."""
    cost = ramp_cost(ramp, hires_per_year=1, contribution_per_month=ramp.mature_level)
    lost, pace = ramp.months_lost, ramp.pace
    up = math.hypot(math.log(lost.high * pace.level_at_high / lost.value), pace.level_error)
    assert math.log(cost.per_hire.high / cost.per_hire.value) == pytest.approx(up)


def test_a_contribution_from_elsewhere_does_not_move_with_the_curve(ramp) -> None:
    """The same numbers with another source: independent of the length of ramp, so that the programme's
    worth is told more sharply, since a slower climb goes with a higher level."""
    own = ramp.mature_level
    other = Estimate(own.value, own.low, own.high, own.confidence, own.unit, own.n, "payroll")
    same = {
        "months_saved": 2.0,
        "programme_cost": 1.0,
        "hires_per_year": 10,
        "saved": "time_to_target",
    }
    one, two = (training_case(ramp, contribution_per_month=c, **same) for c in (own, other))
    assert one.ramp_saving.value == pytest.approx(two.ramp_saving.value)
    assert one.ramp_saving.high - one.ramp_saving.low != pytest.approx(
        two.ramp_saving.high - two.ramp_saving.low, rel=1e-3
    )


def test_limits_of_several_facts_hold_at_once() -> None:
    """Four facts looked at: each one's limits are of a 97.5% interval, so that they stand clear of "as
    long" exactly where four times its p is below a tenth."""
    data, facts = planted.Facts(40, 1.0).draw(np.random.default_rng(3))
    ramp = ramp_time(data, value="sold", event="there", definition="milestone", exposure=None)
    names = ["experience", "training", "role", "area"]
    table = ramp_factors(ramp, facts, covariates=names).table
    assert len(table) == 4
    middle, low, high = (np.log(table[one]) for one in ("times_as_long", "low", "high"))
    assert np.allclose(high - middle, middle - low)
    events = int(ramp.events)
    # Standard errors from p, back to the limits: t with the events less five coefficients.
    error = np.abs(middle) / stats.t.isf(table["p"] / 2, events - 5)
    assert np.allclose(high - middle, stats.t.isf(0.05 / 4, events - 5) * error)
    assert table["p_holm"].min() == pytest.approx(min(4 * table["p"].min(), 1.0))


def test_few_events_are_known_less_well_than_the_likelihood_says() -> None:
    """One fact: the standard error times the root of events over events less two, half a month off the
    time of an event, which was seen at a month's end."""
    data, facts = planted.Facts(30, 0.5).draw(np.random.default_rng(8))
    ramp = ramp_time(data, value="sold", event="there", definition="milestone", exposure=None)
    (row,) = ramp_factors(ramp, facts, covariates=["experience"]).table.to_dict(orient="records")
    frame = ramp.basis.frame
    known = frame.assign(
        x=frame["rep"].map(facts.set_index("rep_id")["experience"]),
        months=frame["months"] - 0.5 * frame["reached"],
    )
    fit = weibull_aft(known, duration="months", event="reached", covariates=("x",)).coefficients
    events = int(known["reached"].sum())
    assert np.log(row["times_as_long"]) == pytest.approx(fit["coefficient"].iloc[1])
    error = fit["std_error"].iloc[1] * math.sqrt(events / (events - 2))
    half = np.log(row["high"] / row["times_as_long"])
    assert half == pytest.approx(stats.t.isf(0.05, events - 2) * error)
