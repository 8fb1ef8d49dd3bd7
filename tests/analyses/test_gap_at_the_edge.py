"""Gaps of data in which rounding is all there is, or one cell is all there is."""

from __future__ import annotations

import warnings

import pytest

import salesops_lib as so
from tests.analyses.own_frames import gap, months


@pytest.mark.parametrize("same", [5.0, 1e6])
def test_bookings_that_are_all_the_same_warn_of_nothing(same: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = gap(months().assign(bookings=same))
    assert found.finding("gap_difference").estimate.value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("slip", [1e12, 1e15])
def test_one_cell_beside_which_the_others_are_the_same(slip: float) -> None:
    """Squares of hundreds are lost beside those of a million millions."""
    frame = months()
    frame.loc[3, "market_size"] = slip
    with pytest.raises(so.NotEnoughData, match=r"market_size.*does not vary within US"):
        so.decompose_gap(
            frame, outcome="bookings", group="channel", a="EU", b="US", covariates=["market_size"]
        )


def test_one_cell_that_is_a_thousand_times_the_others_leaves_the_gap_as_it_is() -> None:
    frame = months()
    asked = {"outcome": "bookings", "group": "channel", "a": "EU", "b": "US"}
    whole = so.decompose_gap(frame, **asked, covariates=["market_size"])["value"].sum()
    frame.loc[3, "market_size"] = 1e5
    slipped = so.decompose_gap(frame, **asked, covariates=["market_size"])["value"].sum()
    assert slipped == pytest.approx(whole, rel=1e-9)
