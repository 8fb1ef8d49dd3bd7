"""What is said of hours and of their answer, and what cannot be told."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from salesops_lib import selling_time
from salesops_lib.analyses.selling_time import (
    views,
    words,
)
from salesops_lib.analyses.selling_time.words import more_bookings
from salesops_lib.estimate import Estimate
from tests.analyses.hours_frames import KINDS, company


def test_sentences_say_whose_the_number_is(times) -> None:
    said = times.finding("selling_elasticity").sentence
    assert "Ten percent more selling hours bring" in said
    assert "mostly published experience (Albers, Mantrala and Sridhar 2010" in said
    alone = times.finding("selling_elasticity_data").sentence
    assert alone.startswith("By your data alone one percent more selling hours bring 0.")
    assert "elasticity" not in alone and "% more bookings (90% interval" in alone
    assert "(0.34, 90% interval" in alone
    assert "cannot tell whether it differs from none" in alone
    share = times.finding("selling_share").sentence
    assert share.startswith("Reps spend 4") and "hours a week" in share
    movable = times.finding("movable_hours_week").sentence
    assert "of sales operations' own" in movable and "that sales operations supports" in movable
    assert times.to_dict()["findings"][0]["unit"] == "share"


@pytest.mark.parametrize("prior", [0.46, 0.5, 0.503, 0.54])
def test_half_is_not_called_most(times, prior: float) -> None:
    """ "That is mostly published experience: your own data carry 50% of it"."""
    found = replace(times, prior_share=prior)
    assert "most" not in words.weight(found) and "half" in words.weight(found)
    title = words.elasticity_title(found)
    assert title.endswith("more bookings, half by your own data")


def test_data_that_say_next_to_nothing_are_said_to() -> None:
    data, activities = company(reps=6, months=3)
    found = selling_time(data, activities=activities, kinds=KINDS)
    assert found.prior_share > 0.97
    assert "nearly all published experience" in found.finding("selling_elasticity").sentence
    alone = found.finding("selling_elasticity_data").sentence
    assert alone.startswith("Your data alone say next to nothing: one percent more ")
    assert "would bring anything from −" in alone and "elasticity" not in alone


@pytest.mark.parametrize(
    ("own", "disagree"),
    [((-1.7, -3.0, -0.4), True), ((1.9, 0.6, 3.2), True), ((-0.9, -2.2, 0.4), False)],
)
def test_data_that_disagree_with_experience_are_said_to(times, own, disagree) -> None:
    """1.3 on either side of the data and .33 of experience are 1.34 together: 2.04 or 1.56 from .34 is
    beyond them, 1.24 is not. And limits of −3 to −.4 are not next to nothing."""
    data = Estimate(*own, 0.9, "index", 20)
    found = replace(times, data_elasticity=data, prior_share=0.98)
    said = words.weight(found)
    assert ("the two disagree by more than chance" in said) == disagree
    alone = next(
        one for one in words.findings(found) if one.name == "selling_elasticity_data"
    ).sentence
    assert alone.startswith(
        f"Your data alone {'tell little' if disagree else 'say next to nothing'}:"
    )


def test_ten_percent_more_hours_by_hand(times) -> None:
    """1.1 ** e − 1, never e / 10."""
    more = more_bookings(times.prior)
    assert more.value == pytest.approx(1.1**0.34 - 1)
    assert more.low == pytest.approx(1.1**times.prior.low - 1)


def test_limits_near_nothing_have_the_digits_of_their_sentence() -> None:
    """The sentence said −0.04 to 1.5, the table below it −0.039 to 1.6."""
    said = [views.SENSITIVITY["formats"]["low"](x) for x in (-0.039, -0.003, 0.71, 1.6, math.nan)]
    assert said == ["−0.04", "−0.003", "0.71", "1.6", "–"]
