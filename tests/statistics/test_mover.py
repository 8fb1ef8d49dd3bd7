"""Hand-worked values and identities of the interval of a difference."""

from __future__ import annotations

import math

import numpy as np
import pytest

from salesops_lib.statistics.mover import difference_interval


def test_hand_worked() -> None:
    """Facing half-widths 3 and 4 give 5 on either side of 10 − 6 = 4."""
    assert difference_interval((10, 7, 13), (6, 2, 10)) == (4, -1, 9)


def test_skewed_limits_take_the_half_widths_that_face() -> None:
    """Low: √((10−9)² + (6−6)²) = 1; high: √((14−10)² + (6−3)²) = 5."""
    assert difference_interval((10, 9, 14), (6, 3, 6)) == (4, 3, 9)


def test_swapping_mirrors() -> None:
    a, b = (10.0, 8.0, 15.0), (7.0, 6.0, 7.5)
    value, low, high = difference_interval(a, b)
    assert difference_interval(b, a) == pytest.approx((-value, -high, -low))


def test_an_open_end_stays_open() -> None:
    _, low, high = difference_interval((10, 8, math.inf), (7, 6, 8))
    assert math.isfinite(low)
    assert math.isinf(high)


def test_planted_truth_is_covered() -> None:
    """Two independent normal means with their own t intervals: 90% ± 2.5 standard errors."""
    rng = np.random.default_rng(7)
    draws, n = 4_000, 400
    a = rng.normal(3, 2, (draws, n))
    b = rng.normal(1, 5, (draws, n))
    hits = 0
    z = 1.6449
    for x, y in zip(a, b, strict=True):
        limits = [
            (s.mean(), s.mean() - z * s.std() / n**0.5, s.mean() + z * s.std() / n**0.5)
            for s in (x, y)
        ]
        _, low, high = difference_interval(*limits)
        hits += low <= 2 <= high
    assert hits / draws == pytest.approx(0.90, abs=2.5 * (0.9 * 0.1 / draws) ** 0.5)
