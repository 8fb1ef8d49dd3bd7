"""Multiplicative adjustment: statsmodels, a hand-worked table, zeros."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.poisson_means import (
    left_out_factors,
    poisson_coefficients,
    two_way_factors,
)


def test_two_way_factors_by_hand() -> None:
    """Levels 10 and 20, seasons ½ and 1½, one cell missing: what is there fits exactly."""
    rows, columns = np.array([0, 0, 1]), np.array([0, 1, 0])
    y = np.array([5.0, 15.0, 10.0])
    factors = two_way_factors(y, np.ones(3), rows, columns)
    assert factors == pytest.approx([0.5, 1.5], rel=1e-6)


def test_against_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(40), 10)
    x = rng.normal(size=(400, 2))
    y = rng.poisson(np.exp(1 + x @ [0.3, -0.2] + 0.3 * rng.normal(size=40)[groups])).astype(float)
    beta, covariance = poisson_coefficients(y, np.zeros(400), x, groups)
    fit = sm.GLM(y, sm.add_constant(x), family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    assert beta == pytest.approx(fit.params[1:], rel=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(fit.bse[1:], rel=0.04)


def test_left_out_factors_do_not_know_their_own_value() -> None:
    """A value made ten times larger leaves its own factor, by the other rows, where it was."""
    rng = np.random.default_rng(3)
    rows, columns = np.repeat(np.arange(8), 5), np.tile(np.arange(5), 8)
    y = rng.lognormal(0, 0.2, 40)
    factors = np.ones(5)
    before = left_out_factors(y, np.ones(40), rows, columns, factors)
    y[7] *= 10
    after = left_out_factors(y, np.ones(40), rows, columns, factors)
    assert after[7] == pytest.approx(before[7])
    assert after[12] > before[12]


def test_a_column_without_anything_has_the_factor_of_the_others() -> None:
    """Levels 10 and 20 in three columns alike, the last of which sold nothing; a fourth is only returns."""
    rows, columns = np.repeat([0, 1], 4), np.tile(np.arange(4), 2)
    y = np.array([10.0, 10.0, 0.0, 0.0, 20.0, 20.0, 0.0, -1.0])
    factors = two_way_factors(y, np.ones(8), rows, columns)
    assert np.isfinite(factors).all() and factors.mean() == pytest.approx(1.0)
    assert factors == pytest.approx(np.ones(4))


def test_left_out_factors_by_hand() -> None:
    """Levels 2 and 4 of two columns alike: for the first row's first value the other row says 6 of the 4
    that it expects there; where nobody else sold anything in a column the factor stays as it is."""
    rows, columns = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2])
    y = np.array([3.0, 1.0, 6.0, 0.0, 6.0])
    found = left_out_factors(y, np.ones(5), rows, columns, np.array([1.0, 1.0, 0.7]))
    level = np.array([4 / 2, 12 / 2.7])
    by_hand = [6 / level[1], 1.0, 3 / level[0], 1 / level[0], 0.7]
    assert found == pytest.approx(by_hand)
