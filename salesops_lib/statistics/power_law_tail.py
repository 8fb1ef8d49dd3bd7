"""Where a power-law tail begins, and its exponent.

Every value is tried as the start of the tail; the one whose fitted tail is closest to the data in
the Kolmogorov-Smirnov sense wins. Source: Clauset, Shalizi & Newman (2009), sections 3.1 and 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import zeta

Floats = NDArray[np.float64]

_FEWEST = 3
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Tail:
    """A fitted tail: density falls as x^-exponent from `start`; `size` values are in it, and
    `distance` is the largest gap between fitted and empirical distribution."""

    start: float
    exponent: float
    size: int
    distance: float


def power_law_tail(values: Floats, *, discrete: bool = False) -> Tail:
    """The best-fitting tail of positive values (counts if `discrete`)."""
    distinct, counts = np.unique(values[values > 0], return_counts=True)
    # The largest values alone always fit: a tail needs a few different ones.
    starts = distinct[: len(distinct) - _FEWEST + 1]
    if not len(starts):
        raise ValueError("fewer than three different positive values")
    above = np.cumsum(counts[::-1])[::-1][: len(starts)].astype(float)
    logs = np.cumsum((counts * np.log(distinct))[::-1])[::-1][: len(starts)].astype(float)
    if discrete:
        exponents = _discrete_exponents(starts.astype(float), above, logs)
    else:
        exponents = 1 + above / (logs - above * np.log(starts))
    distances = np.array(
        [
            _distance(distinct[k:], counts[k:], exponent, discrete)
            for k, exponent in enumerate(exponents)
        ]
    )
    best = int(np.argmin(distances))
    return Tail(
        float(starts[best]), float(exponents[best]), int(above[best]), float(distances[best])
    )


def _discrete_exponents(starts: Floats, above: Floats, logs: Floats) -> Floats:
    """Maximum likelihood for each start by golden section: the likelihood is concave."""

    def loss(exponent: Floats) -> Floats:
        return exponent * logs / above + np.log(zeta(exponent, starts))

    low, high = np.full(len(starts), 1.0001), np.full(len(starts), 12.0)
    for _ in range(60):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        go_left = loss(left) < loss(right)
        low, high = np.where(go_left, low, left), np.where(go_left, right, high)
    return (low + high) / 2


def _distance(
    distinct: Floats, counts: NDArray[np.int64], exponent: float, discrete: bool
) -> float:
    total = counts.sum()
    up_to = np.cumsum(counts) / total
    if discrete:
        fitted = 1 - zeta(exponent, distinct + 1) / zeta(exponent, distinct[0])
        return float(np.abs(up_to - fitted).max())
    fitted = 1 - (distinct / distinct[0]) ** (1 - exponent)
    before = up_to - counts / total
    return float(np.maximum(np.abs(up_to - fitted), np.abs(before - fitted)).max())
