"""Holding prices: the money, and the deals that may be lost over it, by hand and as identities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesops_lib import hold_prices
from salesops_lib.analyses.deal_desk import approval_case, break_even_curve, break_even_loss, words


def test_break_even_by_hand() -> None:
    """m = .7, d = .1, two points: .02 / (.63 + .02)."""
    assert break_even_loss(0.02, 0.90, 0.70) == pytest.approx(0.02 / 0.65)
    # Without cost the price alone counts; nothing taken back, nothing may be lost.
    assert break_even_loss(10.0, 90.0, 1.0) == pytest.approx(0.1)
    assert break_even_loss(0.0, 90.0, 0.5) == 0.0
    curve = break_even_curve(0.10, 0.70, most=0.02, steps=3)
    assert curve["break_even"].tolist() == pytest.approx([0, 0.01 / 0.64, 0.02 / 0.65])


@pytest.mark.parametrize(("margin", "discount", "points"), [(0.7, 0.1, 0.02), (0.3, 0.25, 0.05)])
def test_break_even_leaves_the_margin_as_it_was(
    margin: float, discount: float, points: float
) -> None:
    """Deals of list 1, cost as it is: what is left after the loss is what there was."""
    cost = (1 - margin) * (1 - discount)
    lost = break_even_loss(points, 1 - discount, margin)
    assert (1 - lost) * (1 - discount + points - cost) == pytest.approx(1 - discount - cost)


def test_half_the_excess_is_half_the_money(desk) -> None:
    half, whole = hold_prices(desk), hold_prices(desk, excess_closed=1.0)
    assert whole.money_year.value == pytest.approx(2 * half.money_year.value)
    assert whole.money_year.value == pytest.approx(desk.reps["excess_year"].sum())
    assert hold_prices(desk, gross_margin=0.3).break_even.value > half.break_even.value


def test_limits_of_deals_lost_that_differ_read_differently(desk) -> None:
    held = hold_prices(desk, excess_closed=0.5, gross_margin=0.7)
    near = replace(held, break_even=replace(held.break_even, value=0.0121, low=0.0119, high=0.0124))
    (said,) = (one for one in words.held_findings(near, desk) if one.name == "break_even_loss")
    assert "unless more than 1.21 in 100 of" in said.sentence
    assert "(90% interval 1.19 to 1.24)" in said.sentence


def test_the_deals_at_stake_are_those_of_reps_above_average(desk) -> None:
    """Their excess over their contribution and that excess, and none of the others' deals."""
    held = hold_prices(desk, excess_closed=1.0, gross_margin=0.6)
    model = desk.model
    above = model.units.mean(axis=0) > model.average.mean()
    assert 0 < above.sum() < len(above)
    assert held.deals_year == pytest.approx(model.counts[above].sum())
    taken = np.maximum(model.excess[:, above], 0) @ model.listed[above]
    share = taken / (0.6 * model.paid[above].sum() + taken)
    assert held.break_even.value == pytest.approx(share.mean())


def test_what_one_point_may_cost_is_as_sure_as_what_is_paid(desk) -> None:
    """At a share paid of p and a margin of .7 it is .01 of .7 p + .01, less where more is paid."""
    point, paid = hold_prices(desk, gross_margin=0.7).point_break_even, desk.realisation
    by_hand = [0.01 / (0.7 * share + 0.01) for share in (paid.value, paid.high, paid.low)]
    assert [point.value, point.low, point.high] == pytest.approx(by_hand)
    assert (point.confidence, point.n) == (paid.confidence, paid.n)


def test_deals_of_half_the_months_are_twice_as_many_a_year(desk) -> None:
    """What may be lost is a share of a year's deals, whatever part of a year was seen."""
    year, half = hold_prices(desk), hold_prices(replace(desk, months=desk.months // 2))
    assert desk.months == 12
    assert half.money_year.value == pytest.approx(2 * year.money_year.value)
    assert half.deals_year == pytest.approx(2 * year.deals_year)
    assert half.break_even.value == pytest.approx(year.break_even.value)


def test_an_approval_that_may_have_to_save_more_than_there_is(desk) -> None:
    case = approval_case(desk, threshold=0.1)
    ends = {"low": 0.5, "high": 0.9}, {"low": 0.5, "high": 1.4}, {"low": 1.1, "high": 1.4}
    texts = [
        words._approval(replace(case, break_even=replace(case.break_even, value=0.8, **limits)))
        for limits in ends
    ]
    assert texts[0].endswith("What a day's wait costs is not in that.")
    assert texts[1].endswith(", which may be more than there is.")
    assert texts[2].endswith(": more than there is, so it does not pay.")
