"""A total made of few large parts: discount money beyond a threshold, offers above it.

Most units add nothing and a few add much, so the total is skewed as a weighted sum of Poisson counts
is. A gamma distribution with its mean and variance holds such a sum better than a symmetric interval,
which is too short above: the total may as well hold another part as large as the largest one seen,
and that is what a second gamma distribution allows for. Fay and Feuer (1997), Statistics in Medicine
16, 791–801, take the lower limit from the first and the upper from the second, which holds more often
than it claims; Fay and Kim (2017), Biometrical Journal 59, 549–561, take both limits from both in equal
parts (mid-p).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]


def gamma_limits(
    parts: Array, strata: NDArray[np.int64], confidence: float, *, mid_p: bool = True
) -> tuple[float, float]:
    """Limits of the expected total of the same units.

    Parameters
    ----------
    parts
        (units,): what each independent unit adds, 0 or more.
    strata
        (units,): codes of what the units belong to and keep. How much units add on average may differ
        between strata, and only what varies within them is chance.
    mid_p
        Limits of Fay and Kim; otherwise those of Fay and Feuer, which are wider.

    Returns
    -------
    low, high. Where no unit adds anything, of a total of events that add 1 each.

    Examples
    --------
    Of single events among many these are the mid-p limits of a Poisson count:

    >>> few = np.repeat([1.0, 0.0], [3, 9_997])
    >>> [round(x, 2) for x in gamma_limits(few, np.zeros(10_000, dtype=np.int64), 0.90)]
    [1.0, 7.16]
    """
    tail = 0.5 - confidence / 2
    total = float(parts.sum())
    if not total > 0:
        return 0.0, -float(np.log(2 * tail if mid_p else tail))
    size = np.bincount(strata).astype(float)
    square = np.bincount(strata, weights=parts**2)
    mean = np.bincount(strata, weights=parts) / np.maximum(size, 1.0)
    alone = size < 2
    within = (square - size * mean**2) * size / np.where(alone, 1.0, size - 1)
    # A unit that is its stratum's only one: what it adds may all be chance.
    variance = float(np.where(alone, square, within).sum())
    largest = float(parts.max())
    both = (_Gamma(total, variance), _Gamma(total + largest, variance + largest**2))
    if not mid_p:
        return both[0].quantile(tail), both[1].quantile(1 - tail)
    return _middle(tail, both), _middle(1 - tail, both)


@dataclass(frozen=True)
class _Gamma:
    """The gamma distribution with this mean and variance; all of it at the mean where there is no variance."""

    mean: float
    variance: float

    @property
    def alike(self) -> bool:
        """No variance but what rounding leaves of sums of squares."""
        return self.variance <= 1e-12 * self.mean**2

    def quantile(self, at: float) -> float:
        if self.alike:
            return self.mean
        shape, scale = self.mean**2 / self.variance, self.variance / self.mean
        return scale * float(special.gammaincinv(shape, at))

    def below(self, x: float) -> float:
        if self.alike:
            return float(x >= self.mean)
        shape, scale = self.mean**2 / self.variance, self.variance / self.mean
        return float(special.gammainc(shape, x / scale))


def _middle(at: float, both: tuple[_Gamma, _Gamma]) -> float:
    """Quantile of the two in equal parts, by bisection between theirs."""
    ends = sorted(one.quantile(at) for one in both)
    low, high = ends[0], ends[1]
    for _ in range(60):
        middle = (low + high) / 2
        if sum(one.below(middle) for one in both) / 2 < at:
            low = middle
        else:
            high = middle
    return high
