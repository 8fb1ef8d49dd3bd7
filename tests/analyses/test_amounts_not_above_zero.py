"""Where returns outweigh what was sold: no amount is so many times another."""

from __future__ import annotations

import math

import pytest

import salesops_lib as so
from tests.analyses.own_frames import gap, months

QUICK = {"samples": 0, "draws": 400}


def test_a_channel_below_zero_is_no_multiple_of_another() -> None:
    """EU sells more; taken from both until US, or both, are below zero, the ratio fell below 1, or below
    zero, and said that EU sells less."""
    rows = months()
    means = rows.groupby(["channel", "rep_id"])["bookings"].mean().groupby("channel").mean()
    lead = "EU" if means["EU"] > means["US"] else "US"
    for less, named in (
        (means.mean(), f"on average {'US' if lead == 'EU' else 'EU'} is not"),
        (means.max() * 2, "on average EU and US are not"),
    ):
        found = gap(rows.assign(bookings=rows["bookings"] - less))
        ratio = found.finding("gap_ratio")
        assert math.isnan(ratio.estimate.value) and math.isnan(ratio.estimate.low)
        assert ratio.sentence.startswith("Cannot tell how many times as much EU sells as US")
        assert f"{named} above zero" in ratio.sentence
        assert found.difference.value == pytest.approx(means["EU"] - means["US"])


def test_channels_without_spread_below_zero_have_no_ratio() -> None:
    rows = months()
    found = gap(rows.assign(bookings=rows["channel"].map({"EU": -3.0, "US": -1.0})))
    assert math.isnan(found.ratio.value) and found.difference.value == -2.0


@pytest.mark.parametrize("less", [0.5, 1.0, 3.0])
def test_stars_and_core_below_zero_are_no_multiples_of_each_other(less: float) -> None:
    """Of all reps' mean month: stars who lose less than the core lost 0.85x of it, and so seemed worse."""
    rows = months()
    level = rows.groupby("rep_id")["bookings"].mean().median()
    curve = so.performance_curve(rows.assign(bookings=rows["bookings"] - less * level), **QUICK)
    assert curve.model == "additive"
    found = [curve.finding("star_to_core_ratio")]
    if less <= 1:
        found.append(so.moving_the_middle(curve).finding("middle_to_star_ratio"))
    for one in found:
        assert math.isnan(one.estimate.value) == (less >= 1)
        assert ("cannot tell; returns may outweigh" in one.sentence) == (less >= 1)


def test_bookings_that_are_all_zero_are_money() -> None:
    """They were taken for a yes or no, and "in money this needs bookings as the outcome" was said of bookings."""
    found = gap(months().assign(bookings=0.0))
    assert found.scale == "money" and found.difference.unit == "money"
    text = " ".join([*(one.sentence for one in found.findings), *found.notices])
    assert "yes or no" not in text and "points" not in text and "not known what" not in text
    assert "has $0" in found.finding("gap_difference").sentence
    assert "on average EU and US are not above zero" in found.finding("gap_ratio").sentence
