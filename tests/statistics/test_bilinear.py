"""Variance of products of estimates: unbiased, by simulation; degrees of freedom, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.bilinear import Part, Quantity, product, t_quantile


def estimated(rng: np.random.Generator, truth: np.ndarray, n: int) -> Quantity:
    sample = truth + rng.normal(size=(n, len(truth)))
    error = (sample - sample.mean(axis=0)) / np.sqrt(n * (n - 1))
    return Quantity(sample.mean(axis=0), error, lambda _way: n - 1.0)


def test_subtracting_the_trace_is_unbiased_and_adding_it_is_not() -> None:
    """Two independent mean vectors near zero, where the trace is all there is."""
    rng = np.random.default_rng(0)
    left, right = np.array([0.1, 0.0]), np.array([0.0, 0.2])
    values, taken, added = [], [], []
    for _ in range(4000):
        one, two = estimated(rng, left, 12), estimated(rng, right, 12)
        # Independent samples: their influences sit on clusters of their own.
        zero = np.zeros((12, 2))
        one = Quantity(one.value, np.vstack([one.influence, zero]), one.df)
        two = Quantity(two.value, np.vstack([zero, two.influence]), two.df)
        part = product(one, two)
        values.append(part.value)
        taken.append(float(part.influence @ part.influence) - part.trace)
        added.append(part.variance("add"))
    assert np.mean(taken) == pytest.approx(np.var(values), rel=0.1)
    assert np.mean(added) > 2 * np.var(values)


def test_variance_is_held_near_what_the_larger_factor_alone_brings() -> None:
    """0.18 − 0.4 would be negative: 0.5 less a quarter of 0.4; a huge trace leaves half of 0.5."""
    error, pieces = np.array([0.3, -0.3]), ((0.5, 10.0), (0.2, 5.0))
    assert Part(0.0, error, trace=0.4, pieces=pieces).variance() == pytest.approx(0.4)
    assert Part(0.0, error, trace=5.0, pieces=pieces).variance() == 0.25


def test_two_equal_pieces_have_their_degrees_together_not_added() -> None:
    assert Part(1.0, np.ones(3), pieces=((2.0, 10.0), (2.0, 10.0))).df == pytest.approx(10.0)
    assert Part(1.0, np.ones(3), pieces=((2.0, 7.0),)).df == pytest.approx(7.0)
    # 3² / (1/20 + 4/8 + 2·2/20), by hand
    assert Part(1.0, np.ones(3), pieces=((1.0, 20.0), (2.0, 8.0))).df == pytest.approx(12.0)
    assert Part(1.0, np.zeros(3)).df == 1.0


def test_scaling_and_summing() -> None:
    part = Part(2.0, np.array([1.0, -1.0]), trace=0.1, pieces=((2.0, 9.0),))
    tripled = part.scaled(3.0)
    assert (tripled.value, tripled.std_error(), tripled.df) == pytest.approx(
        (6.0, 3 * part.std_error(), 9.0)
    )
    assert part.plus(part, 1.0, -1.0).value == 0.0
    assert part.plus(part, 1.0, -1.0).variance("ignore") == 0.0


def test_interval_is_that_of_t() -> None:
    part = Part(1.0, np.array([0.6, 0.8]), pieces=((1.0, 5.0),))
    half = stats.t.ppf(0.95, 5)
    assert part.interval(0.90) == pytest.approx((1 - half, 1 + half))
    assert t_quantile(0.90, 5) == pytest.approx(half)
