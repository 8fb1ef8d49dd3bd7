"""Decompositions of a difference between two groups' means, from cluster moments.

Kitagawa (1955), Oaxaca (1973) and Blinder (1973), in the notation of Jann (2008): the gap is the
mean of the first group minus that of the second; the twofold decomposition weighs differences of
covariates with reference coefficients, the threefold with the second group's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesops_lib.statistics.bilinear import Part, Quantity, product
from salesops_lib.statistics.oaxaca_problem import (
    ONE,
    Problem,
    coefficients,
    group_effect,
    group_mean,
    mean_gap,
    regress,
    slopes_of,
)


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
        return group_effect(regress(problem.coded, "pooled", [problem.y], columns), ONE).at(value)
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
        return slopes_of(regress(problem.coded, str(reference), [problem.y], columns), len(columns))
    a, b = (
        slopes_of(regress(problem.coded, base, [problem.y], columns), len(columns))
        if share
        else None
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
    one = regress(problem.coded, base, [problem.y], columns)
    rows = [0, *range(len(one.coef) - len(columns), len(one.coef))]
    mapping = np.zeros((1 + len(design.covariate), 1 + len(columns)))
    mapping[0, 0] = 1.0
    mapping[0, 1:] = -design.shift @ design.basis
    mapping[1:, 1:] = design.basis
    return coefficients(one, rows).mapped(mapping)


def _raw_means(problem: Problem) -> tuple[Quantity, Quantity]:
    """Means of 1 and the raw columns, first and second group, around their natural zero."""
    columns = [0, *range(2, 2 + len(problem.design.covariate))]
    shift = np.concatenate([np.zeros(1), problem.design.shift])
    a, b = (group_mean(problem.raw, columns, first) for first in (True, False))
    return (
        Quantity(a.value + shift, a.influence, a.df),
        Quantity(b.value + shift, b.influence, b.df),
    )
