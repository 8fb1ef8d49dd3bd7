"""Ratios of totals over clusters: hours a week, shares of hours, and how they vary together.

A ratio of totals (all hours over all weeks) weighs every week the same; its error is between
clusters, because the weeks of one person are no independent witnesses. Cochran (1977), Sampling
Techniques, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ratios:
    """Several ratios with one denominator each.

    Attributes
    ----------
    value
        (k,).
    covariance
        (k, k): of the ratios, between clusters; zero where there is one cluster.
    clusters
        G.
    """

    value: Array
    covariance: Array
    clusters: int

    def interval(self, at: int, confidence: float, top: float = np.inf) -> tuple[float, float]:
        """t interval with G − 1 degrees, within 0 and `top`; all of that for one cluster."""
        if self.clusters < 2:
            return 0.0, top
        reach = float(stats.t.ppf(0.5 + confidence / 2, self.clusters - 1)) * float(
            np.sqrt(self.covariance[at, at])
        )
        middle = float(self.value[at])
        return max(middle - reach, 0.0), min(middle + reach, top)


def ratios(above: Array, below: Array) -> Ratios:
    """Ratios of totals.

    Parameters
    ----------
    above
        (clusters, k): each cluster's totals.
    below
        (clusters,) or (clusters, k): what they are divided by.
    """
    under = np.asarray(below, dtype=np.float64).reshape(len(above), -1)
    total = under.sum(axis=0)
    value = above.sum(axis=0) / total
    groups = len(above)
    # Linearised: each cluster's departure from the common ratio.
    away = (above - value * under) / total
    factor = groups / (groups - 1) if groups > 1 else 0.0
    return Ratios(value, factor * (away.T @ away), groups)
