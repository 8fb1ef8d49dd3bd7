"""Decompositions of a difference between two groups' means, from cluster moments.

Kitagawa (1955), Oaxaca (1973) and Blinder (1973), in the notation of Jann (2008): the gap is the
mean of the first group minus that of the second; the twofold decomposition weighs differences of
covariates with reference coefficients, the threefold with the second group's. The sequential
decomposition is that of Gelbach (2016): what one set of covariates explains, and what a second set
explains net of the first, whatever order the columns have within a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.bilinear import Part, Quantity, product
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


def _group_mean(moments: ClusterMoments, columns: Sequence[int], first: bool) -> Quantity:
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
    a, b = (_group_mean(moments, columns, first) for first in (True, False))
    gap = a.plus(b, 1.0, -1.0)
    most = moments.most_df()
    return Quantity(gap.value, gap.influence, lambda way: min(gap.df(way), most))


# ── Coefficients ──────────────────────────────────────────────────────────────────────────────

BASES = ("pooled", "neumark", "a", "b")


def _fit(moments: ClusterMoments, base: str, y: Sequence[int], x: Sequence[int]) -> Fit:
    """Regress on x over both groups with a group indicator (`pooled`), without (`neumark`), or
    within one group. The coefficients of x come last."""
    if base == "pooled":
        return fit(moments, y, [0, 1, *x])
    used = {"a": moments.in_a, "b": ~moments.in_a}.get(base)
    return fit(moments, y, [0, *x], used)


def _coefficients(one: Fit, rows: Sequence[int], response: int = 0) -> Quantity:
    """Some rows of the coefficients of one response."""
    chosen = list(rows)
    pick = np.zeros(one.coef.shape[1])
    pick[response] = 1.0

    def df(way: Array) -> float:
        contrast = np.zeros(len(one.coef))
        contrast[chosen] = way
        return one.df(contrast, pick)

    return Quantity(one.coef[chosen, response], one.influence[:, chosen, response], df)


def _slopes(one: Fit, count: int, response: int = 0) -> Quantity:
    size = len(one.coef)
    return _coefficients(one, range(size - count, size), response)


def _group_effect(one: Fit, responses: Array) -> Part:
    """The coefficient of the group indicator, of a combination of responses."""
    contrast = np.zeros(len(one.coef))
    contrast[1] = 1.0
    share = one.influence[:, 1] @ responses
    return Part(
        float(one.coef[1] @ responses), share, 0.0,
        ((float(share @ share), one.df(contrast, responses)),),
    )  # fmt: skip


# ── Twofold and threefold ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Component:
    """One component of a decomposition.

    Attributes
    ----------
    total
        All of it.
    detail
        Its parts by raw covariate column; where there are constants, the intercept's comes first.
    """

    total: Part
    detail: tuple[Part, ...]
    has_intercept: bool


def gap_of(problem: Problem) -> Part:
    """The difference in mean outcome."""
    return mean_gap(problem.coded, [problem.y]).part(ONE)


def reference_weight(problem: Problem, reference: str | float) -> float | None:
    """Weight on the first group's coefficients; None where both groups are pooled."""
    if reference in ("pooled", "neumark"):
        return None
    if reference == "cotton":
        return problem.group_weight()
    if isinstance(reference, str):
        return {"a": 1.0, "b": 0.0}[reference]
    return reference


def twofold(problem: Problem, reference: str | float) -> dict[str, Component]:
    """Explained and unexplained parts under reference coefficients."""
    beta_a, beta_b = (_raw_coefficients(problem, base) for base in ("a", "b"))
    weight = reference_weight(problem, reference)
    if weight is None:
        beta = _raw_coefficients(problem, str(reference))
    else:
        beta = beta_a.plus(beta_b, weight, 1 - weight)
    mean_a, mean_b = _raw_means(problem)
    gap_x = mean_a.plus(mean_b, 1.0, -1.0)
    many = range(1, len(beta.value))
    total = explained_total(problem, reference)
    above, below = beta_a.plus(beta, 1.0, -1.0), beta.plus(beta_b, 1.0, -1.0)
    rest = tuple(
        product(mean_a, above, [k]).plus(product(mean_b, below, [k]))
        for k in range(len(beta.value))
    )
    return {
        "explained": Component(total, tuple(product(gap_x, beta, [k]) for k in many), False),
        "unexplained": Component(unexplained_total(problem, reference, total), rest, True),
    }


def threefold(problem: Problem) -> dict[str, Component]:
    """Endowments, coefficients and interaction, seen from the second group."""
    beta_a, beta_b = (_raw_coefficients(problem, base) for base in ("a", "b"))
    mean_a, mean_b = _raw_means(problem)
    gap_x, gap_beta = mean_a.plus(mean_b, 1.0, -1.0), beta_a.plus(beta_b, 1.0, -1.0)
    every = range(len(beta_a.value))
    factors = {
        "endowments": (gap_x, beta_b, every[1:]),
        "coefficients": (mean_b, gap_beta, every),
        "interaction": (gap_x, gap_beta, every[1:]),
    }
    return {
        name: Component(
            product(left, right, list(rows)),
            tuple(product(left, right, [k]) for k in rows),
            len(rows) == len(every),
        )
        for name, (left, right, rows) in factors.items()
    }


def explained_total(
    problem: Problem, reference: str | float, names: Sequence[str] | None = None
) -> Part:
    """Difference of covariate means (of all, or of `names`) times reference coefficients."""
    columns = problem.fit_columns(names)
    gap_x = mean_gap(problem.coded, columns)
    return product(gap_x, _reference_slopes(problem, reference, columns))


def unexplained_total(
    problem: Problem,
    reference: str | float,
    explained: Part,
    names: Sequence[str] | None = None,
) -> Part:
    """What is left of the gap."""
    gap = gap_of(problem)
    value = gap.value - explained.value
    columns = problem.fit_columns(names)
    if reference == "pooled":
        return _group_effect(_fit(problem.coded, "pooled", [problem.y], columns), ONE).at(value)
    slopes = _reference_slopes(problem, reference, columns)
    return _remainder(problem, columns, slopes, explained).at(value)


def _remainder(problem: Problem, columns: Sequence[int], slopes: Quantity, explained: Part) -> Part:
    """gap − explained, with the means of y − x'β as one source of error and β as the other."""
    means = mean_gap(problem.coded, [problem.y, *columns])
    own = means.part(np.concatenate([ONE, -slopes.value]))
    gap_x = means.value[1:]
    through = slopes.influence @ gap_x
    pieces = (*own.pieces, (float(through @ through), slopes.df(gap_x)))
    return Part(own.value, own.influence - through, explained.trace, pieces)


def _reference_slopes(problem: Problem, reference: str | float, columns: Sequence[int]) -> Quantity:
    weight = reference_weight(problem, reference)
    if weight is None:
        return _slopes(_fit(problem.coded, str(reference), [problem.y], columns), len(columns))
    a, b = (
        _slopes(_fit(problem.coded, base, [problem.y], columns), len(columns)) if share else None
        for base, share in (("a", weight), ("b", 1 - weight))
    )
    if a is None or b is None:
        only = a or b
        assert only is not None
        return only
    return a.plus(b, weight, 1 - weight)


def _raw_coefficients(problem: Problem, base: str) -> Quantity:
    """Intercept and coefficients of the raw columns, in the units before standardising."""
    design = problem.design
    columns = problem.fit_columns()
    one = _fit(problem.coded, base, [problem.y], columns)
    rows = [0, *range(len(one.coef) - len(columns), len(one.coef))]
    mapping = np.zeros((1 + len(design.covariate), 1 + len(columns)))
    mapping[0, 0] = 1.0
    mapping[0, 1:] = -design.shift @ design.basis
    mapping[1:, 1:] = design.basis
    return _coefficients(one, rows).mapped(mapping)


def _raw_means(problem: Problem) -> tuple[Quantity, Quantity]:
    """Means of 1 and the raw columns, first and second group, around their natural zero."""
    columns = [0, *range(2, 2 + len(problem.design.covariate))]
    shift = np.concatenate([np.zeros(1), problem.design.shift])
    a, b = (_group_mean(problem.raw, columns, first) for first in (True, False))
    return (
        Quantity(a.value + shift, a.influence, a.df),
        Quantity(b.value + shift, b.influence, b.df),
    )


# ── Sequential ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sequential:
    """gap = first + second + rest.

    Attributes
    ----------
    first
        What the first set of covariates explains, through whatever channel, by covariate.
    second
        What the second set explains net of the first, by covariate.
    rest
        What neither explains.
    second_slopes
        (fit columns of `second`,): the coefficients that weigh the second set.
    """

    gap: Part
    first: dict[str, Part]
    second: dict[str, Part]
    first_total: Part
    second_total: Part
    explained: Part
    rest: Part
    second_slopes: Array


def sequential(
    problem: Problem,
    first: Sequence[str],
    second: Sequence[str],
    *,
    reference: str | float = "pooled",
) -> Sequential:
    """Decompose the gap into what `first` explains, what `second` explains net of it, and the rest.

    With the pooled reference the three are differences of the group indicator's coefficient in
    nested regressions: none, first, first and second. First and second together are the explained
    part of the twofold decomposition on all covariates, under every reference.
    """
    weight = reference_weight(problem, reference)
    if weight is None:
        return _sequential(problem, first, second, str(reference))
    if weight in (0.0, 1.0):
        return _sequential(problem, first, second, "a" if weight else "b")
    a, b = (_sequential(problem, first, second, base) for base in ("a", "b"))

    def mix(one: Part, other: Part) -> Part:
        return one.plus(other, weight, 1 - weight)

    names = [*first, *second]
    explained = explained_total(problem, reference, names)
    return Sequential(
        a.gap,
        {name: mix(part, b.first[name]) for name, part in a.first.items()},
        {name: mix(part, b.second[name]) for name, part in a.second.items()},
        mix(a.first_total, b.first_total),
        mix(a.second_total, b.second_total),
        explained,
        unexplained_total(problem, reference, explained, names),
        weight * a.second_slopes + (1 - weight) * b.second_slopes,
    )


def _sequential(
    problem: Problem, first: Sequence[str], second: Sequence[str], base: str
) -> Sequential:
    coded, y = problem.coded, problem.y
    outer, inner = problem.fit_columns(first), problem.fit_columns(second)
    long = _fit(coded, base, [y], [*outer, *inner])
    gap = gap_of(problem)
    gap_outer = mean_gap(coded, outer)
    short = _slopes(_fit(coded, base, [y], outer), len(outer))
    inner_slopes = _slopes(long, len(inner))
    net = _net_gap(problem, outer, inner, base, gap_outer)
    first_total, second_total = product(gap_outer, short), product(net, inner_slopes)
    names = [*first, *second]
    explained = explained_total(problem, base, names)
    rest = unexplained_total(problem, base, explained, names)
    return Sequential(
        gap,
        _by_covariate(problem, first, gap_outer, short),
        _by_covariate(problem, second, net, inner_slopes),
        first_total,
        second_total,
        explained.at(first_total.value + second_total.value),
        rest.at(gap.value - first_total.value - second_total.value),
        inner_slopes.value,
    )


def _net_gap(
    problem: Problem, outer: list[int], inner: list[int], base: str, gap_outer: Quantity
) -> Quantity:
    """Differences between the groups in the inner columns, net of the outer ones."""
    coded = problem.coded
    if not inner:
        none = coded.by_unit(np.zeros((len(coded.rows), 0)))
        return Quantity(np.zeros(0), none, lambda _way: 1.0)
    one = _fit(coded, base, inner, outer)
    if base == "pooled":
        contrast = np.zeros(len(one.coef))
        contrast[1] = 1.0
        return Quantity(one.coef[1], one.influence[:, 1], lambda way: one.df(contrast, way))
    slopes, errors = one.coef[len(one.coef) - len(outer) :], one.influence[:, -len(outer) :]
    if not outer:
        return mean_gap(coded, inner)
    raw = mean_gap(coded, inner)
    through_means = raw.influence - gap_outer.influence @ slopes
    through_slopes = np.einsum("gkj,k->gj", errors, gap_outer.value)
    own = Quantity(raw.value, through_means, raw.df)
    contrast = np.concatenate([np.zeros(len(one.coef) - len(outer)), gap_outer.value])
    slope = Quantity(gap_outer.value @ slopes, through_slopes, lambda way: one.df(contrast, way))
    return own.plus(slope, 1.0, -1.0)


def _by_covariate(
    problem: Problem, names: Sequence[str], left: Quantity, right: Quantity
) -> dict[str, Part]:
    parts, at = {}, 0
    for name in names:
        size = len(problem.design.fit_of([name]))
        parts[name] = product(left, right, range(at, at + size))
        at += size
    return parts
