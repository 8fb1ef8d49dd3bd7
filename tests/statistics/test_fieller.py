"""Fieller's set: by hand, by its definition, and bounded exactly where the denominator is told
from zero."""

from __future__ import annotations

import math

import numpy as np
import pytest

from salesops_lib.statistics.fieller import fieller


def test_by_hand() -> None:
    """n = 2, d = 4, var 1 and 1, no covariance, quantile 2:
    (16 − 4) r² − 2·8 r + (4 − 4) = 0 has the roots 0 and 4/3."""
    found = fieller(2.0, 4.0, 1.0, 1.0, 0.0, 2.0)
    assert found.value == 0.5
    assert found.bounded
    assert (found.low, found.high) == pytest.approx((0.0, 4 / 3))


def test_limits_solve_the_definition() -> None:
    found = fieller(3.0, 5.0, 0.8, 0.6, 0.3, 1.7)
    for r in (found.low, found.high):
        error = math.sqrt(0.8 + r**2 * 0.6 - 2 * r * 0.3)
        assert abs(3.0 - r * 5.0) == pytest.approx(1.7 * error)


@pytest.mark.parametrize(("t", "bounded"), [(1.69, False), (1.71, True)])
def test_bounded_exactly_where_the_denominator_differs_from_zero(t: float, bounded: bool) -> None:
    found = fieller(0.5, t, 0.4, 1.0, 0.2, 1.70)
    assert found.bounded is bounded
    if not bounded:
        assert (found.low, found.high) == (-math.inf, math.inf)
        # With that many times less variance it is on the edge.
        edge = fieller(0.5, t, 0.4 / found.more, 1.0 / found.more, 0.2 / found.more, 1.70 - 1e-9)
        assert edge.bounded


def test_no_denominator_is_unbounded_for_any_data() -> None:
    found = fieller(1.0, 0.0, 1.0, 1.0, 0.0, 1.7)
    assert math.isnan(found.value)
    assert found.more == math.inf


def test_coverage_where_the_denominator_is_weak() -> None:
    """Truth .5, the denominator two standard errors from zero: the set holds it 90% of the time,
    delta intervals do not."""
    rng = np.random.default_rng(0)
    cov = np.array([[1.0, 0.5], [0.5, 1.0]])
    draws = rng.multivariate_normal([1.0, 2.0], cov, size=4000)
    held = [
        (not (one := fieller(n, d, 1.0, 1.0, 0.5, 1.6449)).bounded
        and abs(n - 0.5 * d) <= 1.6449 * math.sqrt(1 + 0.25 - 0.5))
        or (one.low <= 0.5 <= one.high and one.bounded)
        for n, d in draws
    ]  # fmt: skip
    assert np.mean(held) == pytest.approx(0.90, abs=0.015)


def test_how_much_more_by_hand() -> None:
    """d = 2, var 3, quantile 2: 4 − 4·3/m is nothing at m = 3. On the edge itself the set is unbounded,
    and once is enough."""
    assert fieller(0.5, 2.0, 0.01, 3.0, 0.0, 2.0).more == pytest.approx(3.0)
    edge = fieller(0.5, 2.0, 0.01, 1.0, 0.0, 2.0)
    assert (edge.bounded, edge.low, edge.high, edge.more) == (False, -math.inf, math.inf, 1.0)
