"""Finite-sample ranks, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics import conformal


@pytest.mark.parametrize(("level", "fewest"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_a_level_needs_so_many_residuals(level: float, fewest: int) -> None:
    assert conformal.needed(level) == fewest
    assert conformal.rank(fewest, level) == fewest
    assert conformal.rank(fewest - 1, level) > fewest - 1


def test_the_radius_is_the_residual_of_the_rank_or_refused() -> None:
    """19 residuals 1..19: 90% takes rank ⌈20 × .9⌉ = 18, 95% the 19th; of 8 residuals 90% none."""
    scores = np.arange(1.0, 20.0)[None, :]
    assert conformal.radius(scores, 0.90)[0] == 18
    assert conformal.radius(scores, 0.95)[0] == 19
    assert np.isnan(conformal.radius(scores[:, :8], 0.90)[0])
    assert np.isnan(conformal.radius(np.empty((1, 0)), 0.5)[0])


def test_missing_residuals_do_not_count() -> None:
    scores = np.array([[3.0, np.nan, 1.0, 2.0, np.nan, 4.0]])
    assert conformal.radius(scores, 0.8)[0] == 4.0
    assert np.isnan(conformal.radius(scores, 0.9)[0])


def test_the_newest_residuals_that_make_the_rank_exact_are_kept() -> None:
    """12 residuals, newest first: for 90% the newest 9, for 80% all but 3 (9 + 1 is 2 × 5)."""
    scores = np.arange(12.0)[None, :] + 1
    assert np.flatnonzero(~np.isnan(conformal.newest(scores, 0.9)[0])).tolist() == list(range(9))
    assert (~np.isnan(conformal.newest(scores, 0.8))).sum() == 9
    assert (~np.isnan(conformal.newest(scores[:, :7], 0.9))).sum() == 7


def test_coverage_is_exact_for_exchangeable_residuals() -> None:
    """Binomial error of 20,000 draws at .9: sd .0021."""
    draws = np.abs(np.random.default_rng(1).normal(size=(20_000, 13)))
    reach = conformal.radius(conformal.newest(draws[:, 1:], 0.9), 0.9)
    assert abs(np.mean(draws[:, 0] <= reach) - 0.9) < 4 * 0.0021
