"""Multiplicative adjustment of means that may be zero: Poisson pseudo-likelihood.

``E[y] = exp(offset + x' beta)`` is estimated consistently whatever the distribution of y, zeros
included, as long as the mean is right (Gourieroux, Monfort & Trognon 1984; Santos Silva & Tenreyro
2006); standard errors are clustered, because the rows of one group move together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def two_way_factors(
    y: Floats, exposure: Floats, rows: Ints, columns: Ints, *, sweeps: int = 30
) -> Floats:
    """Column factors s (mean 1) of ``E[y] = exposure * level[row] * s[column]``: the Poisson
    maximum likelihood, by iterative proportional fitting. Columns without anything sold get the
    factor of the others' mean, 1, so that nothing is divided by 0."""
    n_rows, n_columns = int(rows.max()) + 1, int(columns.max()) + 1
    row_total = np.bincount(rows, weights=y, minlength=n_rows)
    column_total = np.bincount(columns, weights=y, minlength=n_columns)
    factors = np.ones(n_columns)
    for _ in range(sweeps):
        reach = np.bincount(rows, weights=exposure * factors[columns], minlength=n_rows)
        level = np.maximum(row_total, 0) / np.maximum(reach, 1e-300)
        expected = np.bincount(columns, weights=exposure * level[rows], minlength=n_columns)
        sold = (expected > 0) & (column_total > 0)
        fresh = np.divide(column_total, expected, out=np.full(n_columns, np.nan), where=sold)
        fresh = np.where(np.isnan(fresh), np.nanmean(fresh), fresh)
        fresh /= fresh.mean()
        if np.allclose(fresh, factors, rtol=1e-10, atol=0):
            break
        factors = fresh
    return factors


def left_out_factors(
    y: Floats, exposure: Floats, rows: Ints, columns: Ints, factors: Floats
) -> Floats:
    """Each observation's column factor as the other rows have it. A large value raises its own
    column's factor; divided by that, values would look less variable than they are."""
    level = np.bincount(rows, weights=y) / np.bincount(rows, weights=exposure * factors[columns])
    expected = exposure * level[rows]
    others = np.bincount(columns, weights=y)[columns] - y
    reach = np.bincount(columns, weights=expected)[columns] - expected
    usable = (others > 0) & (reach > 0)
    return np.where(usable, others / np.where(usable, reach, 1.0), factors[columns])


def poisson_coefficients(
    y: Floats, offset: Floats, design: Floats, groups: Ints, *, steps: int = 50
) -> tuple[Floats, Floats]:
    """Coefficients of `design` (an intercept is added) and their covariance, clustered by group.

    Returns
    -------
    beta (columns), covariance (columns x columns), both without the intercept.
    """
    full = np.column_stack([np.ones(len(y)), design])
    beta = np.zeros(full.shape[1])
    beta[0] = np.log(max(float(y.sum()), 1e-300) / float(np.exp(offset).sum()))
    fisher = np.eye(full.shape[1])
    for _ in range(steps):
        mean = np.exp(np.clip(offset + full @ beta, -50, 50))
        fisher = full.T @ (full * mean[:, None])
        step = np.linalg.solve(fisher, full.T @ (y - mean))
        # A long first step from 0 would overflow; a bounded one converges all the same.
        beta = beta + step / max(1.0, float(np.abs(step).max()) / 2)
        if np.abs(step).max() < 1e-9:
            break
    residual = y - np.exp(np.clip(offset + full @ beta, -50, 50))
    n_groups = int(groups.max()) + 1
    scores = np.column_stack(
        [np.bincount(groups, weights=column * residual, minlength=n_groups) for column in full.T]
    )
    bread = np.linalg.inv(fisher)
    correction = n_groups / max(n_groups - full.shape[1], 1)
    covariance = correction * bread @ (scores.T @ scores) @ bread
    return beta[1:], covariance[1:, 1:]
