"""Variance of logs: exact for values seen singly, recovered from means of several."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.log_variance import log_variance, skewness_of_single


def test_values_seen_singly() -> None:
    """Logs 0, 1, 2 and 5, 7: 2 + 2 about their groups' means, over 5 − 2 degrees of freedom."""
    values = np.exp(np.array([0.0, 1, 2, 5, 7]))
    sizes, groups = np.ones(5, np.int64), np.array([3, 3, 3, 9, 9])
    found = log_variance(values, sizes, groups)
    assert found == pytest.approx((4 / 3, 3.0), rel=1e-6)


@pytest.mark.parametrize("sd", [0.3, 0.8, 1.3])
def test_means_of_several(sd: float) -> None:
    """Planted truth: 4,000 means of 1 to 25 values, in groups of levels of their own."""
    rng = np.random.default_rng(3)
    sizes = rng.choice([1, 2, 3, 6, 12, 25], 4_000)
    groups = np.arange(4_000) // 10
    level = np.exp(rng.standard_normal(400))[groups]
    values = np.array([rng.lognormal(-(sd**2) / 2, sd, size).mean() for size in sizes])
    sigma2, freedom = log_variance(level * values, sizes, groups)
    assert freedom == 3_600
    # A variance of 3,600 degrees of freedom is known to 2.4%, that of means not much better.
    assert sigma2 == pytest.approx(sd**2, rel=0.08)


def test_nothing_to_tell() -> None:
    one = np.ones(3, np.int64)
    assert log_variance(np.array([1.0, 2, 3]), one, np.arange(3)) is None
    assert log_variance(np.ones(3), one, np.zeros(3, np.int64)) is None


def test_skewness_is_of_values_seen_singly() -> None:
    """Logs 0, 0, 3: deviations −1, −1, 2, third moment 2 over 2^1.5."""
    values, sizes = np.exp(np.array([0.0, 0, 3, 9, 40])), np.array([1, 1, 1, 2, 1])
    skewness, seen = skewness_of_single(values, sizes, np.array([0, 0, 0, 0, 1]))
    assert seen == 3
    assert skewness == pytest.approx(2 / 2**1.5)
