"""Limits of a product or a sum of independent estimates from their own limits.

MOVER (Zou & Donner 2008; Donner & Zou 2012): squared distances from the values to their limits add
up, so that skewed intervals stay skewed. For a product the distances are taken on the log scale.
"""

from __future__ import annotations

import math

Limits = tuple[float, float, float]


def product(first: Limits, second: Limits) -> Limits:
    """value, low, high of first × second, both (value, low, high), none below 0.

    A lower limit of 0 stays 0; an open upper limit stays open; missing limits (NaN) count as none.

    >>> product((2.0, 1.0, 4.0), (3.0, 3.0, 3.0))
    (6.0, 3.0, 12.0)
    """
    (a, a_low, a_high), (b, b_low, b_high) = _closed(first), _closed(second)
    value = a * b
    if value == 0:
        return value, 0.0, _zero_high(a, a_high, b, b_high)
    if not math.isfinite(value):
        return value, a_low * b_low, math.inf
    low = 0.0
    if a_low > 0 and b_low > 0:
        low = value * math.exp(-math.hypot(math.log(a / a_low), math.log(b / b_low)))
    if math.isinf(a_high) or math.isinf(b_high):
        return value, low, math.inf
    high = value * math.exp(math.hypot(math.log(a_high / a), math.log(b_high / b)))
    return value, low, high


def _zero_high(a: float, a_high: float, b: float, b_high: float) -> float:
    if a == 0 and b == 0:
        return a_high * b_high
    return a_high * b if a == 0 else b_high * a


def _closed(limits: Limits) -> Limits:
    value, low, high = limits
    return value, value if math.isnan(low) else low, value if math.isnan(high) else high
