"""Is there a gap at all: tests and intervals on rep means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.bilinear import Part, t_quantile
from salesops_lib.statistics.cluster_moments import Array
from salesops_lib.statistics.fieller import fieller
from salesops_lib.statistics.means import welch
from salesops_lib.statistics.permutation import permutation_p, sign_flip_p
from salesops_lib.statistics.picked import Picked


@dataclass(frozen=True)
class Difference:
    """The gap and what speaks for it.

    Attributes
    ----------
    value, low, high, ratio
        The difference with its interval, and the ratio with Fieller's.
    welch_p, permutation_p
        p-values of no gap.
    method
        How they were got.
    """

    value: float
    low: float
    high: float
    ratio: Estimate
    welch_p: float
    permutation_p: float
    method: str


def compare(
    rows: Rows, picked: Picked, *, draws: int, rng: int | np.random.Generator
) -> Difference:
    """Welch and a studentised permutation test of the gap `picked.by`; where reps sell in both channels,
    the paired counterparts (t over reps, sign flips)."""
    found = _compare(rows, picked.by, picked.together, draws=draws, rng=rng)
    return replace(
        found,
        ratio=replace(found.ratio, confidence=picked.confidence),
        welch_p=min(1.0, picked.among * found.welch_p),
        permutation_p=min(1.0, picked.among * found.permutation_p),
    )


def _compare(
    rows: Rows, gap: Part, confidence: float, *, draws: int, rng: int | np.random.Generator
) -> Difference:
    values = rows.cluster_means(rows.outcome)
    a, b = values[rows.in_a], values[~rows.in_a]
    if rows.units is not None:
        return _paired(rows, values, gap, confidence, draws, rng)
    if np.ptp(a) == np.ptp(b) == 0:
        return _without_spread(gap.value, float(a[0]), float(b[0]), len(values), confidence)
    test = welch(a, b)
    low, high = test.interval(confidence)
    spread = [float(np.var(one, ddof=1)) / len(one) for one in (a, b)]
    method = "Welch, rep means"
    ratio = _ratio(rows, values, (spread[0], spread[1], 0.0), test.df, (low, high), confidence)
    p = permutation_p(a, b, draws=draws, rng=rng)
    return Difference(gap.value, low, high, ratio, test.p, p, method)


def _without_spread(value: float, a: float, b: float, n: int, confidence: float) -> Difference:
    """All reps of a channel alike: nothing to judge the gap by but itself."""
    method = "no spread between reps"
    at = a / b if _has_ratio(a, b) else math.nan
    ratio = Estimate(at, at, at, confidence, "ratio", n, method)
    p = 1.0 if value == 0 else 0.0
    return Difference(value, value, value, ratio, p, p, method)


def _paired(
    rows: Rows, values: Array, gap: Part, confidence: float, draws: int,
    rng: int | np.random.Generator,
) -> Difference:  # fmt: skip
    low, high = gap.interval(confidence)
    units = rows.units
    assert units is not None
    error = []
    for inside in (rows.in_a, ~rows.in_a):
        own = values[inside]
        share = (own - own.mean()) / len(own) * math.sqrt(len(own) / (len(own) - 1))
        error.append(np.bincount(units[inside], weights=share, minlength=int(units.max()) + 1))
    spread = (float(error[0] @ error[0]), float(error[1] @ error[1]), float(error[0] @ error[1]))
    ratio = _ratio(rows, values, spread, gap.df, (low, high), confidence)
    se = gap.std_error()
    p = 2 * float(special.stdtr(gap.df, -abs(gap.value) / se)) if se > 0 else 1.0
    both = np.intersect1d(units[rows.in_a], units[~rows.in_a])
    flips = p
    if 2 * len(both) == len(values):
        first = dict(zip(units[rows.in_a], values[rows.in_a], strict=True))
        second = dict(zip(units[~rows.in_a], values[~rows.in_a], strict=True))
        paired = np.array([first[one] - second[one] for one in both])
        flips = sign_flip_p(paired, draws=draws, rng=rng)
    return Difference(gap.value, low, high, ratio, p, flips, "paired t, rep means")


def _ratio(
    rows: Rows, values: Array, spread: tuple[float, float, float], df: float,
    limits: tuple[float, float], confidence: float,
) -> Estimate:  # fmt: skip
    """Mean of a over mean of b, by Fieller; on the log scale, of geometric means. Of what is never negative no
    ratio is."""
    a, b = float(values[rows.in_a].mean()), float(values[~rows.in_a].mean())
    n = len(values) if rows.units is None else int(rows.units.max()) + 1
    if rows.scale == "log":
        value, low, high = (math.exp(x) for x in (a - b, *limits))
        return Estimate(value, low, high, confidence, "ratio", n, "t on logs, rep means")
    if not _has_ratio(a, b):
        return Estimate(math.nan, confidence=confidence, unit="ratio", n=n, method="not above zero")
    found = fieller(a, b, *spread, t_quantile(confidence, df))
    low = max(found.low, 0.0) if (values >= 0).all() else found.low
    return Estimate(found.value, low, found.high, confidence, "ratio", n, "Fieller, rep means")


def _has_ratio(a: float, b: float) -> bool:
    """Whether one of two means is a multiple of the other. Where returns outweigh what was sold, 3 is minus
    three times -1 and yet more, and -3 is three times -1 and less: it would contradict the difference."""
    return a >= 0 and b > 0
