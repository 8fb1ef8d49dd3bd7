"""Intervals of what was picked from several because it is the largest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from salesops_lib.statistics.bilinear import Part, t_quantile
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


def all_at_once(confidence: float, among: int) -> float:
    """The confidence of each of so many limits at which all of them hold at once (Bonferroni)."""
    return 1 - (1 - confidence) / among


def reach_at_once(error: Array, df: Array, confidence: float) -> Array:
    """Half-widths of t intervals of several estimates that hold for all of them at once (Dunn 1961); none
    of none."""
    each = all_at_once(confidence, max(len(error), 1))
    return np.array([t_quantile(each, one) for one in df]) * error


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
    reach = reach_at_once(error, df, confidence)
    top = int(size.argmax())
    others = np.delete(size + reach, top)
    apart = size[top] - reach[top] > others.max(initial=0.0)
    return top, float(reach[top]), bool(apart)


@dataclass(frozen=True)
class Picked:
    """Limits for what is told about the one of `among` that was picked for its `by`.

    Picking moves an estimate by as much as it goes with what was picked: of ten gaps the largest is
    large partly by luck, and its parts share in that luck by their correlation r with it. A part is
    taken for r times the gap, whose limits hold for all `among` at once, and something of its own
    that was not looked at, whose limits are the usual ones; the two are put together as squares.

    Attributes
    ----------
    by
        What the pick was made by.
    confidence
        Of every interval, whichever is picked.
    among
        How many there were to pick from; 1 leaves the usual t intervals.

    References
    ----------
    Benjamini and Yekutieli (2005), as above; Zou, G. Y. and Donner, A. (2008), Construction of
    confidence limits about effect measures, Statistics in Medicine 27, 1693-1702 (limits of a sum from
    the limits of its terms). How often they hold: benchmarks/calibration, `channel_gap_findings`.
    """

    by: Part
    confidence: float
    among: int = 1

    @property
    def together(self) -> float:
        """The confidence of limits for `by`, at which those of all `among` hold at once."""
        return all_at_once(self.confidence, self.among)

    def quantile(self, df: float, goes_with: float = 1.0) -> float:
        """How many standard errors limits lie apart from an estimate of `df` degrees of freedom whose
        squared correlation with `by` is `goes_with`."""
        usual = t_quantile(self.confidence, df)
        if self.among == 1:
            return usual
        wide = t_quantile(self.together, df)
        return math.sqrt(goes_with * wide**2 + (1 - goes_with) * usual**2)

    def interval(self, part: Part) -> tuple[float, float]:
        """The limits of `part`, an estimate from the same clusters as `by`."""
        both = part.variance("ignore") * self.by.variance("ignore")
        goes_with = part.covariance(self.by) ** 2 / both if both > 0 else 0.0
        return part.limits(self.quantile(part.df, goes_with))
