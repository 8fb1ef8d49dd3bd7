"""A total made of few large parts: discount money beyond a threshold, offers above it.

Most units add nothing and a few add much, so the total is skewed as a weighted sum of Poisson counts
is. A gamma distribution with its mean and variance holds such a sum better than a symmetric interval,
which is too short above: the total may as well hold another part as large as the largest one seen,
and that is what the upper limit allows for. Fay and Feuer (1997), Statistics in Medicine 16, 791–801,
who find that it holds at least what it claims.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def gamma_limits(parts: Array, strata: NDArray[np.int64], confidence: float) -> tuple[float, float]:
    """Limits of the expected total of the same units.

    Parameters
    ----------
    parts
        (units,): what each independent unit adds, 0 or more.
    strata
        (units,): codes of what the units belong to and keep. How much units add on average may differ
        between strata, and only what varies within them is chance.

    Returns
    -------
    low, high. Where no unit adds anything, of a total of events that add 1 each.

    Examples
    --------
    Of single events among many these are nearly the limits of a Poisson count, 0.818 and 7.754
    (Garwood 1936):

    >>> few = np.repeat([1.0, 0.0], [3, 9_997])
    >>> [round(x, 2) for x in gamma_limits(few, np.zeros(10_000, dtype=np.int64), 0.90)]
    [0.82, 7.75]
    """
    tail = 0.5 - confidence / 2
    total = float(parts.sum())
    if not total > 0:
        return 0.0, _gamma(1 - tail, 1.0, 1.0)
    size = np.bincount(strata).astype(float)
    square = np.bincount(strata, weights=parts**2)
    mean = np.bincount(strata, weights=parts) / np.maximum(size, 1.0)
    alone = size < 2
    within = (square - size * mean**2) * size / np.where(alone, 1.0, size - 1)
    # A unit that is its stratum's only one: what it adds may all be chance.
    variance = float(np.where(alone, square, within).sum())
    largest = float(parts.max())
    return _gamma(tail, total, variance), _gamma(1 - tail, total + largest, variance + largest**2)


def _gamma(at: float, mean: float, variance: float) -> float:
    """Quantile of the gamma distribution with that mean and variance."""
    if variance <= 0:
        return mean
    return float(stats.gamma.ppf(at, mean**2 / variance, scale=variance / mean))
