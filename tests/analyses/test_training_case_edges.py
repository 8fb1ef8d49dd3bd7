"""Training cases of what somebody states at the prompt: another unit, no gap, nothing a month, hardly any gain."""

from __future__ import annotations

import math

import pytest

from salesops_lib import ParameterError, moving_the_middle, performance_curve
from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_cost, ramp_time, training_case
from salesops_lib.estimate import Estimate
from tests.analyses.own_frames import months
from tests.analyses.ramp_frames import noisy


@pytest.fixture(scope="module")
def ramp() -> RampTime:
    return ramp_time(noisy(2, noise=0.3), value="bookings")


def case(ramp: RampTime, worth: float | Estimate = 20_000.0, gap: object = None, **options: object):
    cost = ramp_cost(ramp, hires_per_year=10, contribution_per_month=worth)
    terms = {"months_saved": 1.0, "programme_cost": 100_000.0, **options}
    return training_case(cost, gap, **terms)  # type: ignore[arg-type]


def test_money_of_another_length_of_time_is_refused(ramp: RampTime) -> None:
    """A gap of $25K a month was taken for $25K a year, a contribution of $240K a year for as much a month."""
    monthly = Estimate(25e3, 20e3, 30e3, 0.9, "money/month")
    with pytest.raises(ParameterError, match="gap is in money/month, must be in money/year"):
        case(ramp, gap=monthly, gap_closed=0.5)
    yearly = monthly.scaled(12, "money/year")
    assert case(ramp, gap=yearly, gap_closed=0.5).gap_saving.value == 150e3
    with pytest.raises(ParameterError, match="contribution_per_month is in money/year"):
        ramp_cost(ramp, hires_per_year=1, contribution_per_month=yearly)
    curve = performance_curve(months(), samples=0, draws=400)
    with pytest.raises(ParameterError, match="star_deal_value is in money/month, must be in money"):
        moving_the_middle(curve, star_deal_value=monthly)
    with pytest.raises(ParameterError, match="programme_cost is in months"):
        moving_the_middle(curve, programme_cost=Estimate(3.0, unit="months"))
    assert moving_the_middle(curve, programme_cost=yearly, star_deal_value=Estimate(9e3))


def test_a_part_of_no_gap_is_said_to_add_nothing(ramp: RampTime) -> None:
    text = "No channel gap is given, so nothing is added for closing a part of one."
    assert text in case(ramp, gap_closed=0.5).notices
    assert text not in case(ramp).notices
    gap = Estimate(300e3, 200e3, 400e3, 0.9, "money/year")
    assert text not in case(ramp, gap=gap, gap_closed=0.5).notices


def test_a_month_that_contributes_nothing(ramp: RampTime) -> None:
    """It was: cannot tell whether ramp costs anything, from nothing up to $0; and no ramp left to take away."""
    found = case(ramp, 0.0)
    told = {one.name: one.sentence for one in found.findings}
    cost = ramp_cost(ramp, hires_per_year=10, contribution_per_month=0)
    said = [cost.finding(name).sentence for name in ("ramp_cost_year", "one_month_less")]
    for sentence in (*said, told["ramp_saving_year"]):
        assert sentence.startswith("A ramped month is taken to contribute nothing, so")
    not_known = Estimate(0.0, 0.0, 5_000.0, 0.9, "money/month")
    cost = ramp_cost(ramp, hires_per_year=10, contribution_per_month=not_known)
    assert "anything from nothing up to" in cost.finding("ramp_cost_year").sentence


def test_a_gain_that_hardly_is_one_never_pays_back(ramp: RampTime) -> None:
    """$12 a year pay a programme of $100K back in a hundred thousand months."""
    found = case(ramp, 1.2, months_saved=1.0)
    assert 0 < found.gain.value < 100
    assert math.isinf(found.payback_months.value)
    sentence = found.finding("payback_months").sentence
    assert sentence == "The programme never pays back: it brings in next to nothing."
    slow = case(ramp, 1_200.0, months_saved=1.0).payback_months
    assert slow.value == pytest.approx(12 * 100e3 / 12e3, rel=0.01) and math.isfinite(slow.high)


def test_a_worth_that_may_be_nothing_leaves_the_case_open(ramp: RampTime) -> None:
    """Where its interval began at nothing it was taken for certain: the programme paid with more than 99%."""
    worth = Estimate(20_000.0, 0.0, 40_000.0, 0.9, "money/month")
    found = case(ramp, worth)
    assert found.probability.value < 0.95
    assert found.net.low < 0 < found.net.value
    assert found.finding("training_case").sentence.startswith("Cannot tell whether")
