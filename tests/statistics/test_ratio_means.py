"""Ratios of totals: by hand, and against a loop."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.permutation import between_groups_p
from salesops_lib.statistics.ratio_means import ratios


def test_by_hand() -> None:
    """30 hours in 2 weeks and 10 in 2: 40 / 4 = 10 a week. Departures 30 − 20 and 10 − 20, each over
    4: ±2.5; variance 2 · (2.5² + 2.5²) = 25, so 10 ± 6.314 · 5 with 1 degree, cut at 0."""
    found = ratios(np.array([[30.0], [10.0]]), np.array([2.0, 2.0]))
    assert found.value[0] == 10.0
    assert found.covariance[0, 0] == pytest.approx(25.0)
    reach = float(stats.t.ppf(0.95, 1)) * 5
    assert found.interval(0, 0.90) == pytest.approx((0.0, 10 + reach))
    assert found.interval(0, 0.90, top=12.0)[1] == 12.0


def test_the_covariance_is_that_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    above, below = rng.uniform(1, 9, (8, 3)), rng.uniform(1, 5, 8)
    found = ratios(above, below)
    value = above.sum(axis=0) / below.sum()
    total = np.zeros((3, 3))
    for hours, weeks in zip(above, below, strict=True):
        away = (hours - value * weeks) / below.sum()
        total += np.outer(away, away)
    assert found.covariance == pytest.approx(total * 8 / 7)


def test_one_cluster_says_nothing_of_the_spread() -> None:
    found = ratios(np.array([[3.0]]), np.array([4.0]))
    assert found.interval(0, 0.9, top=1.0) == (0.0, 1.0)


def test_groups_permuted_by_hand() -> None:
    """Shares 1, 1 against 0, 0: of the 6 ways to split four in two pairs, 2 are as far apart: p = 1/3
    as draws grow."""
    values, groups = np.array([1.0, 1.0, 0.0, 0.0]), np.array(["a", "a", "b", "b"])
    p = between_groups_p(values, groups, np.ones(4), draws=20_000)
    assert p == pytest.approx(1 / 3, abs=0.01)
    assert between_groups_p(np.arange(4.0), np.array(list("aabb")), np.ones(4)) < 0.4
    assert np.isnan(between_groups_p(values, np.array(list("abcd")), np.ones(4)))


def test_the_level_holds_with_few_units_a_group() -> None:
    """Eight groups of four, nothing between them, spreads that differ between units' weights."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(8), 4)
    p = [
        between_groups_p(rng.normal(size=32), groups, rng.uniform(1, 3, 32), draws=199, rng=rng)
        for _ in range(400)
    ]
    assert np.mean(np.array(p) <= 0.10) == pytest.approx(0.10, abs=3 * (0.09 / 400) ** 0.5)
