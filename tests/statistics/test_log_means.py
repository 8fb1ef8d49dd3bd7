"""The log of a mean: exact for one lognormal value, simulated independently for many with zeros."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.log_means import log_mean_moments, log_mean_shape


def test_one_lognormal_value_is_exact() -> None:
    """c² = e^.64 − 1: shift .32, variance .64."""
    shift, variance = log_mean_moments(np.array([np.expm1(0.64)]), 0.0, np.array([1.0]))
    assert shift[0, 0] == pytest.approx(0.32, abs=0.03)
    assert variance[0, 0] == pytest.approx(0.64, abs=0.04)


@pytest.mark.parametrize(("zeros", "n"), [(0.0, 12), (0.1, 6), (0.6, 12)])
def test_against_an_independent_simulation(zeros: float, n: int) -> None:
    rng = np.random.default_rng(7)
    values = rng.lognormal(-0.32, 0.8, (40_000, n)) * (rng.random((40_000, n)) >= zeros)
    means = values.mean(1) / (1 - zeros)
    logs = np.log(means[means > 0])
    squared = np.exp(0.64) / (1 - zeros) - 1
    shift, variance = log_mean_moments(np.array([squared]), zeros, np.array([float(n)]))
    assert shift[0, 0] == pytest.approx(-logs.mean(), abs=0.02)
    assert variance[0, 0] == pytest.approx(logs.var(), rel=0.08)


def test_sizes_in_between_lie_in_between() -> None:
    _, variance = log_mean_moments(np.array([1.0]), 0.1, np.array([3.0, 3.5, 4.0, 500.0]))
    assert variance[0, 0] > variance[0, 1] > variance[0, 2] > variance[0, 3]
    assert variance[0, 3] == pytest.approx(1 / 500, rel=0.1)


@pytest.mark.parametrize(("zeros", "n"), [(0.0, 12), (0.1, 3), (0.1, 12), (0.6, 12), (0.1, 24)])
def test_shape_against_an_independent_simulation(zeros: float, n: int) -> None:
    rng = np.random.default_rng(8)
    values = rng.lognormal(0, 0.8, (60_000, n)) * (rng.random((60_000, n)) >= zeros)
    means = values.mean(1)
    logs = np.log(means[means > 0])
    squared = float(np.exp(0.64)) / (1 - zeros) - 1
    skewness, excess = log_mean_shape(squared, zeros, np.array([float(n)]))
    assert skewness[0] == pytest.approx(stats.skew(logs), abs=0.08)
    assert excess[0] == pytest.approx(stats.kurtosis(logs), abs=0.25)


def test_a_few_months_with_zeros_have_a_left_tail() -> None:
    """Three months, a tenth of them zero: skewness near -.44, against next to none in twelve."""
    skewness, excess = log_mean_shape(1.107, 0.1, np.array([1.0, 3.0, 12.0]))
    assert skewness == pytest.approx([0, -0.44, -0.04], abs=0.06)
    assert excess[1] > 0.7
