"""The interval of the largest of several estimates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.picked import Picked, picked_interval, reach_at_once


def test_one_is_its_own() -> None:
    assert picked_interval((3.0, 1.0, 7.0), confidence=0.9, among=1) == (3.0, 1.0, 7.0)


def test_two_by_hand() -> None:
    """95% for each of two: 1.95996 instead of 1.64485 standard errors, of 1 below and 2 above."""
    _, low, high = picked_interval((0.0, -1.644854, 3.289707), confidence=0.9, among=2)
    assert (low, high) == pytest.approx((-1.959964, 3.919928), abs=1e-5)


def test_the_largest_of_five_alike_is_held() -> None:
    """Its own interval holds .95⁵ − .05⁵ = .774 of the time, this one .99⁵ − .01⁵ = .951."""
    rng = np.random.default_rng(4)
    largest = rng.standard_normal((4_000, 5)).max(axis=1)
    half = float(stats.norm.ppf(0.95))
    limits = [picked_interval((x, x - half, x + half), confidence=0.9, among=5) for x in largest]
    held = np.mean([low <= 0 <= high for _, low, high in limits])
    assert held == pytest.approx(0.99**5 - 0.01**5, abs=2 * (0.951 * 0.049 / 4_000) ** 0.5)
    own = np.mean(np.abs(largest) <= half)
    assert own == pytest.approx(0.95**5 - 0.05**5, abs=2 * (0.774 * 0.226 / 4_000) ** 0.5)


def test_limits_of_all_at_once_by_hand_and_of_none() -> None:
    """95% for each of two at 5 and 1e9 degrees of freedom: 2.5706 and 1.9600 standard errors."""
    reach = reach_at_once(np.array([1.0, 2.0]), np.array([5.0, 1e9]), 0.9)
    assert reach == pytest.approx([2.570582, 2 * 1.959964], abs=1e-4)
    assert reach_at_once(np.array([]), np.array([]), 0.9).tolist() == []


def test_what_goes_with_the_pick_is_widened_as_far_as_it_does() -> None:
    """Of what the pick was made by in full, of what goes with it by .6 by .36 of the squared distance, of
    what does not by nothing; of the same thing times a number in full again."""
    left = np.random.default_rng(0).standard_normal((60, 2))
    left, _ = np.linalg.qr(left - left.mean(axis=0))
    by, beside = Part(5.0, 10 * left[:, 0]), Part(2.0, 0.1 * left[:, 1])
    with_it = Part(1.0, 3 * (0.6 * left[:, 0] + 0.8 * left[:, 1]))
    pick = Picked(by, 0.90, among=5)
    for part, goes_with in (
        (by, 1.0),
        (beside, 0.0),
        (with_it, 0.36),
        (Part(0.0, 7 * left[:, 0]), 1.0),
    ):
        usual = stats.t.ppf(0.95, part.df)
        wide = stats.t.ppf(0.99, part.df)
        reach = np.sqrt(goes_with * wide**2 + (1 - goes_with) * usual**2) * part.std_error("ignore")
        low, high = pick.interval(part)
        assert (low, high) == pytest.approx((part.value - reach, part.value + reach), rel=1e-6)
