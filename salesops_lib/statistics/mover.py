"""The interval of a difference of two estimates, from their intervals alone."""

from __future__ import annotations

import math


def difference_interval(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Value, low and high of first − second by the method of variance estimates recovery.

    Each limit of the difference takes the half-widths that face it, so skewed intervals stay
    skewed; with symmetric ones it is the usual root of summed squares. The two estimates are
    taken as independent and of one confidence level.

    Parameters
    ----------
    first, second
        (value, low, high); infinite limits give infinite limits, NaN gives NaN.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Construction of confidence limits about effect measures,
    Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> difference_interval((10.0, 7.0, 13.0), (6.0, 2.0, 10.0))
    (4.0, -1.0, 9.0)
    """
    value, low, high = first
    other, other_low, other_high = second
    gap = value - other
    return (
        gap,
        gap - math.hypot(value - low, other_high - other),
        gap + math.hypot(high - value, other - other_low),
    )
