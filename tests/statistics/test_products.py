"""Limits of products by hand."""

from __future__ import annotations

import math

import pytest

from salesops_lib.statistics.products import product


def test_log_distances_add_as_squares() -> None:
    """ln(2/1) = ln(3/1.5): together √2 ln 2 below 6; above, ln 2 alone."""
    value, low, high = product((2, 1, 4), (3, 1.5, 3))
    assert value == 6
    assert low == pytest.approx(6 * math.exp(-math.sqrt(2) * math.log(2)))
    assert high == pytest.approx(12)


def test_it_does_not_matter_which_comes_first() -> None:
    assert product((2, 1, 4), (3, 2, 5)) == pytest.approx(product((3, 2, 5), (2, 1, 4)))


def test_nothing_stays_nothing_with_an_upper_limit() -> None:
    assert product((0, 0, 2), (10, 8, 12)) == (0, 0, 20)
    assert product((5, 0, 6), (10, 10, 10))[1] == 0


def test_open_limits_stay_open() -> None:
    assert product((2, 1, math.inf), (3, 3, 3))[2] == math.inf
    assert product((math.inf, 2, math.inf), (3, 3, 3)) == (math.inf, 6, math.inf)


def test_either_open_limit_leaves_the_product_open() -> None:
    assert product((3, 3, 3), (2, 1, math.inf))[1:] == pytest.approx((3, math.inf))


def test_two_nothings_reach_as_far_as_both_limits() -> None:
    """Up to 2 of up to 12 is up to 24."""
    assert product((0, 0, 2), (0, 0, 12)) == (0, 0, 24)
    assert product((10, 8, 12), (0, 0, 2)) == (0, 0, 20)


def test_missing_limits_count_as_none() -> None:
    assert product((2, math.nan, math.nan), (3, 1.5, 6)) == pytest.approx((6, 3, 12))
