"""Which covariates the two channels allow to tell apart, and what is said about the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.channel_gap import notices as say
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.statistics.design import Design, check_rank, encode

# Below so many reps in a channel a reader is told that intervals are wide.
FEW_REPS = 5


@dataclass(frozen=True)
class Usable:
    """The covariates that enter the decomposition.

    Attributes
    ----------
    market, practice
        In the order given.
    inseparable
        Market factors that do not vary within channels and differ between them: in the unexplained
        part, and perhaps in practice too.
    """

    market: tuple[str, ...]
    practice: tuple[str, ...]
    inseparable: tuple[str, ...]
    notices: tuple[str, ...]


def usable(
    rows: Rows,
    *,
    market: Sequence[str],
    practice: Sequence[str],
    reference: str | float,
    names: tuple[str, str],
) -> Usable:
    """Sort the covariates into what can be used and what can only be mentioned."""
    design = encode(rows.frame, rows.covariates)
    first, second = rows.sides()
    rank = check_rank(design, rows.weights, [first, second])
    notices = [
        say.inseparable(name, name in market, _differs(rows, name), names) for name in rank.constant
    ]
    notices += [say.collinear(name, name in market) for name in rank.collinear]
    dropped = list(rank.dropped)
    alike = [one for one in _alike(rows, design) if one in practice and one not in dropped]
    notices += [say.alike(name) for name in alike]
    dropped += alike
    for mask, who in _own_fits(reference, first, second, names):
        alone = check_rank(design.without(dropped), rows.weights, [mask]).dropped
        notices += [say.not_in_reference(name, who) for name in alone]
        dropped += alone
    design = design.without(dropped)
    notices += _overlap(design, first, names)
    kept_market = tuple(one for one in market if one in design.names)
    kept_practice = tuple(one for one in practice if one in design.names)
    notices += _size(rows, design, names)
    if kept_practice and not kept_market:
        notices.append(say.no_market(bool(market)))
    return Usable(
        kept_market,
        kept_practice,
        tuple(one for one in rank.constant if one in market and _differs(rows, one)),
        tuple(notices),
    )


def _own_fits(
    reference: str | float,
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    names: tuple[str, str],
) -> list[tuple[NDArray[np.bool_], str]]:
    """The channels in which the reference needs a regression of their own."""
    if reference in ("pooled", "neumark"):
        return []
    both = [(first, names[0]), (second, names[1])]
    if reference in ("a", 1, 1.0):
        return both[:1]
    return both[1:] if reference in ("b", 0, 0.0) else both


def _differs(rows: Rows, name: str) -> bool:
    """Whether a covariate that is constant within channels differs between them."""
    return rows.frame[name].nunique() > 1


def _alike(rows: Rows, design: Design) -> list[str]:
    """Covariates with the same mean on both sides to the last digit: the same people's, say."""
    first, second = rows.sides()
    means = [
        np.average(design.raw[side], axis=0, weights=rows.weights[side]) for side in (first, second)
    ]
    gap = np.abs(means[0] - means[1])
    return [name for name in design.names if gap[design.raw_of([name])].max() < 1e-9]


def _overlap(design: Design, first: NDArray[np.bool_], names: tuple[str, str]) -> list[str]:
    """Categories seen on one side only, numbers without common ground, no variation on one side."""
    notices = []
    for name in design.names:
        columns = design.raw[:, design.raw_of([name])]
        if columns.shape[1] > 1:
            owned = zip(design.level, design.covariate, strict=True)
            levels = [level for level, owner in owned if owner == name]
            seen_a, seen_b = columns[first].max(axis=0) > 0, columns[~first].max(axis=0) > 0
            for seen, other, who in ((seen_a, seen_b, names[0]), (seen_b, seen_a, names[1])):
                only = [levels[i] for i in np.flatnonzero(seen & ~other)]
                if only:
                    notices.append(say.one_sided(name, only, who))
            continue
        values = columns[:, 0]
        a, b = values[first], values[~first]
        for own, other, who in ((a, b, names[1]), (b, a, names[0])):
            if np.ptp(other) <= 1e-9 * max(np.ptp(own), 1e-300):
                notices.append(say.varies_once(name, who))
        if a.max() < b.min() or b.max() < a.min():
            notices.append(say.no_overlap(name))
    return notices


def _size(rows: Rows, design: Design, names: tuple[str, str]) -> list[str]:
    """Few reps, or few for so many factors."""
    counts = (int(rows.in_a.sum()), int((~rows.in_a).sum()))
    notices = [
        say.few_reps(str(name), count)
        for name, count in zip(names, counts, strict=True)
        if count < FEW_REPS
    ]
    factors = len(design.fit_covariate)
    if factors and factors + 2 > sum(counts) / 2:
        notices.append(say.many_factors(factors, sum(counts)))
    return notices
