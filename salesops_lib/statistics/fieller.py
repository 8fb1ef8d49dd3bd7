"""Fieller's confidence set for a ratio of two estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Fieller:
    """A ratio with its confidence set.

    Attributes
    ----------
    value
        numerator / denominator.
    low, high
        Limits; infinite where the set is unbounded.
    bounded
        Whether the set is an interval. It is so exactly where the denominator differs from zero at
        the same confidence: no honest method can bound the ratio otherwise (Gleser and Hwang 1987).
    more
        By what factor the sampling variance must shrink, at the present point estimate, for the set
        to be bounded; 1 where it is.
    """

    value: float
    low: float
    high: float
    bounded: bool
    more: float


def fieller(
    numerator: float,
    denominator: float,
    var_numerator: float,
    var_denominator: float,
    covariance: float,
    quantile: float,
) -> Fieller:
    """The set of ratios r with |numerator − r denominator| ≤ quantile × its standard error.

    Parameters
    ----------
    quantile
        Two-sided quantile of t or the normal distribution.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. JRSS B 16, 175–185.
    """
    value = numerator / denominator if denominator else math.nan
    q = quantile**2
    lead = denominator**2 - q * var_denominator
    if lead <= 0:
        more = q * var_denominator / denominator**2 if denominator else math.inf
        return Fieller(value, -math.inf, math.inf, False, more)
    half = numerator * denominator - q * covariance
    # Non-negative whenever `lead` is positive, but for rounding.
    root = math.sqrt(max(half**2 - lead * (numerator**2 - q * var_numerator), 0.0))
    return Fieller(value, (half - root) / lead, (half + root) / lead, True, 1.0)
