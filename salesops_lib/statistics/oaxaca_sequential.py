"""What one set of covariates explains of a gap, and what a second set explains net of the first.

The sequential decomposition of Gelbach (2016), whatever order the columns have within a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesops_lib.statistics.bilinear import Part, Quantity, product
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.oaxaca import (
    explained_total,
    gap_of,
    reference_weight,
    unexplained_total,
)
from salesops_lib.statistics.oaxaca_problem import Problem, mean_gap, regress, slopes_of


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
    long = regress(coded, base, [y], [*outer, *inner])
    gap = gap_of(problem)
    gap_outer = mean_gap(coded, outer)
    short = slopes_of(regress(coded, base, [y], outer), len(outer))
    inner_slopes = slopes_of(long, len(inner))
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
    one = regress(coded, base, inner, outer)
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
