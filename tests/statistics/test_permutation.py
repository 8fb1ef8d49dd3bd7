"""Welch's t and the permutation of groups, against scipy and by counting every arrangement."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.permutation import between_groups_p, welch_t


def test_welch_is_scipys() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 5), rng.normal(0, 3, 9)
    assert welch_t(a, b) == pytest.approx(stats.ttest_ind(a, b, equal_var=False).statistic)
    assert np.isnan(welch_t(np.ones(3), np.ones(4)))


def test_groups_are_told_apart_as_often_as_counted() -> None:
    """Six units of unequal weight in three groups of two: of all 720 orders, the share in which the groups
    lie at least as far apart; known from 20,000 draws to .004."""
    values = np.array([1.0, 2.0, 4.0, 5.0, 9.0, 3.0])
    weights = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 2.0])
    groups = np.array([0, 0, 1, 1, 2, 2])
    centre = np.average(values, weights=weights)

    def between(order: tuple[int, ...]) -> float:
        at = np.array(order)
        v, w = values[at] - centre, weights[at]
        return sum((w * v)[groups == g].sum() ** 2 / w[groups == g].sum() for g in range(3))

    seen = between(tuple(range(6)))
    exact = np.mean([between(order) >= seen - 1e-9 for order in permutations(range(6))])
    found = between_groups_p(values, groups, weights, draws=20_000)
    assert found == pytest.approx(exact, abs=0.012)


def test_groups_of_one_and_one_group_tell_nothing() -> None:
    three = np.array([1.0, 2.0, 3.0])
    assert np.isnan(between_groups_p(three, np.arange(3), np.ones(3)))
    assert np.isnan(between_groups_p(three, np.zeros(3), np.ones(3)))
