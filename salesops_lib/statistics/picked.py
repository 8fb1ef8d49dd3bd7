"""The interval of an estimate that was picked from several because it is the largest."""

from __future__ import annotations

import numpy as np
from scipy import stats

from salesops_lib.statistics.bilinear import t_quantile
from salesops_lib.statistics.cluster_moments import Array

Limits = tuple[float, float, float]


def picked_interval(limits: Limits, *, confidence: float, among: int) -> Limits:
    """Limits that hold for whichever of `among` estimates is picked, by whatever rule.

    The largest guess is large partly by luck: of five that are worth the same, its own 90% interval
    holds its truth 77 times in 100. Limits that hold for all at once (Bonferroni) hold for the one
    picked, too. Each side is read as normal, so that skewed intervals stay skewed.

    Parameters
    ----------
    limits
        (value, low, high) of the one picked.
    confidence
        Of `limits`, and of the answer.
    among
        How many there were to pick from; 1 changes nothing.

    References
    ----------
    Benjamini, Y. and Yekutieli, D. (2005), False discovery rate–adjusted multiple confidence intervals
    for selected parameters, Journal of the American Statistical Association 100, 71-81 (section 1).

    Examples
    --------
    >>> low, high = picked_interval((1.0, 0.0, 2.0), confidence=0.9, among=5)[1:]
    >>> round(low, 3), round(high, 3)
    (-0.414, 2.414)
    """
    value, low, high = limits
    tail = (1 - confidence) / 2
    wider = float(stats.norm.isf(tail / among) / stats.norm.isf(tail))
    return value, value - (value - low) * wider, value + (high - value) * wider


def told_largest(
    size: Array, error: Array, df: Array, confidence: float
) -> tuple[int, float, bool]:
    """The largest of several estimates, with t limits that hold for all of them at once (Dunn 1961,
    Journal of the American Statistical Association 56, 52-64).

    Parameters
    ----------
    size, error, df
        (estimate,) values, standard errors and degrees of freedom.

    Returns
    -------
    Its position, the half-width of its interval, and whether that interval lies above 0 and above those
    of all others.
    """
    together = 1 - (1 - confidence) / len(size)
    reach = np.array([t_quantile(together, one) for one in df]) * error
    top = int(size.argmax())
    others = np.delete(size + reach, top)
    apart = size[top] - reach[top] > others.max(initial=0.0)
    return top, float(reach[top]), bool(apart)
