"""Two groups, an outcome and covariates: their means and regressions, from cluster moments.

The ground that the decompositions stand on, see `oaxaca` and `oaxaca_sequential`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.bilinear import Part, Quantity
from salesops_lib.statistics.cluster_moments import Array, ClusterMoments, cluster_moments
from salesops_lib.statistics.design import Design
from salesops_lib.statistics.least_squares import Fit, fit

ONE = np.ones(1)


@dataclass(frozen=True)
class Problem:
    """Two groups, an outcome and covariates, as cluster moments.

    Attributes
    ----------
    raw
        Columns: constant, group indicator, raw covariate columns, outcome.
    coded
        Columns: constant, group indicator, fit columns, outcome.
    design
        How raw and fit columns belong together.
    """

    raw: ClusterMoments
    coded: ClusterMoments
    design: Design

    @property
    def y(self) -> int:
        """Position of the outcome in `coded`."""
        return self.coded.cross.shape[1] - 1

    def fit_columns(self, names: Sequence[str] | None = None) -> list[int]:
        """Positions in `coded` of the fit columns of some covariates (default all)."""
        chosen = self.design.names if names is None else names
        return [2 + i for i in self.design.fit_of(chosen)]

    def group_weight(self) -> float:
        """The first group's share of all row weight."""
        weight = self.raw.weight
        return float(weight[self.raw.in_a].sum() / weight.sum())


def pose(
    design: Design,
    outcome: Array,
    clusters: NDArray[np.int64],
    in_a: NDArray[np.bool_],
    weights: Array,
    units: NDArray[np.int64] | None = None,
) -> Problem:
    """The problem of decomposing the difference in `outcome`.

    Parameters
    ----------
    clusters
        (rows,): codes 0 … G−1, each cluster within one group.
    in_a
        (clusters,): whether each cluster is in the first group.
    units
        (clusters,): the independent unit of each, where units have clusters in both groups.
    """
    columns = np.column_stack([in_a[clusters].astype(float), design.raw, outcome])
    raw = cluster_moments(columns, clusters, in_a, weights, units)
    n_raw, n_fit = design.basis.shape
    mapping = np.zeros((n_raw + 3, n_fit + 3))
    mapping[0, 0] = mapping[1, 1] = mapping[-1, -1] = 1.0
    mapping[2:-1, 2:-1] = design.basis
    return Problem(raw, raw.mapped(mapping), design)


# ── Means ─────────────────────────────────────────────────────────────────────────────────────


def group_mean(moments: ClusterMoments, columns: Sequence[int], first: bool) -> Quantity:
    inside = moments.in_a if first else ~moments.in_a
    n = int(inside.sum())
    sums = moments.cross[:, 0, list(columns)]
    weight = np.where(inside, moments.weight, 0.0)
    total = weight.sum()
    value = sums[inside].sum(axis=0) / total
    error = np.where(inside[:, None], sums - moments.weight[:, None] * value, 0.0) / total
    if n > 1:
        error = error * np.sqrt(n / (n - 1))
    df = max(n - 1.0, 1.0)
    return Quantity(value, moments.by_unit(error), lambda _way: df)


def mean_gap(moments: ClusterMoments, columns: Sequence[int]) -> Quantity:
    """Differences of group means of `columns`, first minus second."""
    a, b = (group_mean(moments, columns, first) for first in (True, False))
    gap = a.plus(b, 1.0, -1.0)
    most = moments.most_df()
    return Quantity(gap.value, gap.influence, lambda way: min(gap.df(way), most))


# ── Coefficients ──────────────────────────────────────────────────────────────────────────────


def regress(moments: ClusterMoments, base: str, y: Sequence[int], x: Sequence[int]) -> Fit:
    """Regress on x over both groups with a group indicator (`pooled`), without (`neumark`), or
    within one group. The coefficients of x come last."""
    if base == "pooled":
        return fit(moments, y, [0, 1, *x])
    used = {"a": moments.in_a, "b": ~moments.in_a}.get(base)
    return fit(moments, y, [0, *x], used)


def coefficients(one: Fit, rows: Sequence[int]) -> Quantity:
    """Some rows of the coefficients of the first response."""
    chosen = list(rows)
    pick = np.zeros(one.coef.shape[1])
    pick[0] = 1.0

    def df(way: Array) -> float:
        contrast = np.zeros(len(one.coef))
        contrast[chosen] = way
        return one.df(contrast, pick)

    return Quantity(one.coef[chosen, 0], one.influence[:, chosen, 0], df)


def slopes_of(one: Fit, count: int) -> Quantity:
    """The coefficients of the last `count` columns, of the first response."""
    size = len(one.coef)
    return coefficients(one, range(size - count, size))


def group_effect(one: Fit, responses: Array) -> Part:
    """The coefficient of the group indicator, of a combination of responses."""
    contrast = np.zeros(len(one.coef))
    contrast[1] = 1.0
    share = one.influence[:, 1] @ responses
    return Part(
        float(one.coef[1] @ responses), share, 0.0,
        ((float(share @ share), one.df(contrast, responses)),),
    )  # fmt: skip
