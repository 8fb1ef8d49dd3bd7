"""Permutation test of equal means that stays valid when spreads differ.

The statistic is Welch's t, not the plain difference: permuting a studentised statistic keeps the
level asymptotically even where the two groups have different variances, and exactly where they are
exchangeable (Janssen 1997; Chung and Romano 2013).
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from salesops_lib.statistics.cluster_moments import Array


def welch_t(a: Array, b: Array) -> float:
    """Welch's t of two samples; NaN where neither varies."""
    spread = np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float((np.mean(a) - np.mean(b)) / np.sqrt(spread))


def permutation_p(
    a: Array, b: Array, *, draws: int = 9999, rng: int | np.random.Generator = 0
) -> float:
    """Two-sided p-value of the studentised permutation test.

    All assignments are enumerated where there are no more of them than `draws`, otherwise `draws`
    are sampled and the observed one is counted in (Phipson and Smyth 2010), so p is never 0.

    Parameters
    ----------
    a, b
        One value an independent unit; at least two each.
    """
    values = np.concatenate([a, b]).astype(float)
    values = values - values.mean()
    scale = values.std()
    if scale == 0:
        return 1.0
    values = values / scale
    n, k = len(values), len(a)
    exact = comb(n, k) <= draws
    if exact:
        picks = np.array(list(combinations(range(n), k)))
    else:
        source = np.random.default_rng(rng)
        picks = np.argpartition(source.random((draws, n)), k - 1, axis=1)[:, :k]
    sum_a = values[picks].sum(axis=1)
    square_a = (values**2)[picks].sum(axis=1)
    # A hair below the observed value, so that ties count in spite of rounding.
    bar = abs(_t(values[:k].sum(), (values[:k] ** 2).sum(), values, k)) * (1 - 1e-9)
    beyond = int((np.abs(_t(sum_a, square_a, values, k)) >= bar).sum())
    return beyond / len(picks) if exact else (beyond + 1) / (draws + 1)


def sign_flip_p(
    differences: Array, *, draws: int = 9999, rng: int | np.random.Generator = 0
) -> float:
    """Two-sided p-value that paired differences have mean zero: signs are flipped at random (all
    ways where there are no more of them than `draws`), the statistic is studentised."""
    x = differences.astype(float)
    n = len(x)
    if not np.any(x):
        return 1.0
    x = x / np.abs(x).max()
    exact = 2**n <= draws
    if exact:
        signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        signs = np.random.default_rng(rng).choice([-1.0, 1.0], size=(draws, n))
    # The sum of squares stays, so |t| is a rising function of |sum|.
    bar = abs(x.sum()) * (1 - 1e-9)
    beyond = int((np.abs(signs @ x) >= bar).sum())
    return beyond / len(signs) if exact else (beyond + 1) / (draws + 1)


def between_groups_p(
    values: Array,
    groups: np.ndarray,
    weights: Array,
    *,
    draws: int = 1999,
    rng: int | np.random.Generator = 0,
) -> float:
    """p-value of no difference between several groups: units, each with its weight, are permuted
    between the groups, and the weighted sum of squares between them is compared. Exact however few
    units a group has, as long as units are exchangeable; NaN where no group has two.

    Parameters
    ----------
    values, groups, weights
        (units,): one value an independent unit.
    """
    codes = np.unique(groups, return_inverse=True)[1]
    size = int(codes.max()) + 1
    if size < 2 or len(codes) <= size:
        return float("nan")
    # For the digits only: a constant adds the same to every permutation's sum of squares.
    centred = values - np.average(values, weights=weights)
    source = np.random.default_rng(rng)
    order = source.permuted(np.tile(np.arange(len(codes)), (draws, 1)), axis=1)
    order = np.vstack([np.arange(len(codes)), order])
    member = np.eye(size)[codes]
    sums = (weights * centred)[order] @ member
    square = (sums**2 / (weights[order] @ member)).sum(axis=1)
    beyond = int((square[1:] >= square[0] * (1 - 1e-9)).sum())
    return (beyond + 1) / (draws + 1)


def _t(sum_a: Array, square_a: Array, values: Array, k: int) -> Array:
    """Welch's t from the first group's sum and sum of squares."""
    n = len(values)
    sum_b, square_b = values.sum() - sum_a, (values**2).sum() - square_a
    var_a = (square_a - sum_a**2 / k) / (k - 1)
    var_b = (square_b - sum_b**2 / (n - k)) / (n - k - 1)
    spread = np.maximum(var_a / k + var_b / (n - k), 1e-300)
    return (sum_a / k - sum_b / (n - k)) / np.sqrt(spread)
