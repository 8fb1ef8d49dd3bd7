"""Does luck last from one month to the next? Then twelve months hold less than twelve months' news.

A lag-one correlation of what is left within reps is looked for, and taken into account only where it
is clear: months are then counted as fewer (or, where good and bad months alternate, as more).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.performance_curve.panel import Panel, has_calendar

Floats = NDArray[np.float64]

_FEWEST_PAIRS = 40
# Standard errors: without any persistence, one data set in four hundred passes.
_CLEAR = 3.0
_LARGEST = 0.8


@dataclass(frozen=True)
class Persistence:
    """How luck carries over.

    Attributes
    ----------
    correlation
        Of neighbouring months of a rep, luck only; 0 where it is not clear.
    inflation
        Of each rep's variance of the mean, against independent months.
    correction
        Of the noise variance, which lasting luck makes look small within reps.
    """

    correlation: float
    inflation: Floats
    correction: float


def left_within(panel: Panel, values: Floats) -> Floats:
    """What is left after each rep's mean and, where there are rows enough, each period's."""
    left = values - _group_mean(values, panel.rep, panel.n_reps)[panel.rep]
    if has_calendar(len(panel.value), len(panel.periods)):
        left = left - _group_mean(left, panel.period, len(panel.periods))[panel.period]
    return left


def _group_mean(values: Floats, codes: NDArray[np.int64], n: int) -> Floats:
    return np.bincount(codes, weights=values, minlength=n) / np.bincount(codes, minlength=n)


def persistence(panel: Panel, values: Floats) -> Persistence:
    """From the values of rep-months on the scale of the model."""
    size = panel.n_periods.astype(float)
    correlation = _lag_one(panel, left_within(panel, values), size)
    if correlation == 0:
        return Persistence(0.0, np.ones(panel.n_reps), 1.0)
    inflation = _inflation(size, correlation)
    correction = float((size - 1).sum() / np.maximum(size - inflation, 0).sum())
    return Persistence(correlation, inflation, correction)


def _lag_one(panel: Panel, left: Floats, size: Floats) -> float:
    order = np.lexsort((panel.period, panel.rep))
    rep, period, left = panel.rep[order], panel.period[order], left[order]
    pair = (np.diff(rep) == 0) & (np.diff(period) == 1)
    count = int(pair.sum())
    freedom = float((size - 1).sum())
    if count < _FEWEST_PAIRS or not (left**2).sum() > 0:
        return 0.0
    variance = float((left**2).sum()) / freedom
    # Deviations from a mean of n months are correlated by -1/n of their own.
    own = float((1 / size[rep[:-1][pair]]).mean())
    correlation = float((left[:-1] * left[1:])[pair].mean()) / variance + own
    if abs(correlation) * np.sqrt(count) < _CLEAR:
        return 0.0
    return float(np.clip(correlation, -_LARGEST, _LARGEST))


def _inflation(size: Floats, correlation: float) -> Floats:
    """1 + 2 sum over k of (1 - k/n) r^k: variance of a mean of n months against independent ones."""
    longest = int(size.max())
    lags = np.arange(1, longest)
    weight = np.maximum(1 - lags / size[:, None], 0) * correlation**lags
    return np.maximum(1 + 2 * weight.sum(1), 0.1)
