"""Several group means, each shrunk towards the rest by as much as its own error deserves.

Normal errors of known size around group effects that are normal themselves (Rubin 1981). The spread
of the effects is integrated over, not plugged in: with a handful of groups its estimate is often
zero, and intervals that believe it are far too short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from salesops_lib.statistics.cluster_moments import Array


@dataclass(frozen=True)
class ShrunkenMeans:
    """Posterior of the group means.

    Attributes
    ----------
    mean, low, high
        (groups,).
    spread
        Posterior mean of the standard deviation between groups.
    """

    mean: Array
    low: Array
    high: Array
    spread: float


def shrink(
    means: Array, errors: Array, *, confidence: float = 0.90, grid: int = 120
) -> ShrunkenMeans:
    """Posterior under flat priors for the common mean and the spread.

    Parameters
    ----------
    means, errors
        Observed group means and their standard errors, three groups or more; with fewer the
        spread cannot be told and the means come back as they are.
    """
    quantile = float(special.ndtri(0.5 + confidence / 2))
    if len(means) < 3 or not (errors > 0).all():
        return ShrunkenMeans(means, means - quantile * errors, means + quantile * errors, np.nan)
    reach = 4 * max(float(np.std(means, ddof=1)), float(np.median(errors)))
    tau = (np.arange(grid) + 0.5) / grid * reach
    total = errors**2 + tau[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    centre = (means / total).sum(axis=1) / precision
    log_density = (
        -0.5 * np.log(precision)
        - 0.5 * np.log(total).sum(axis=1)
        - 0.5 * ((means - centre[:, None]) ** 2 / total).sum(axis=1)
    )
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    keep = tau[:, None] ** 2 / total  # how much of its own mean a group keeps
    at = keep * means + (1 - keep) * centre[:, None]
    variance = keep * errors**2 + (1 - keep) ** 2 / precision[:, None]
    low, high = _quantiles(weight, at, np.sqrt(variance), 0.5 - confidence / 2)
    return ShrunkenMeans(weight @ at, low, high, float(weight @ tau))


def _quantiles(weight: Array, at: Array, sd: Array, tail: float) -> tuple[Array, Array]:
    """Lower and upper quantiles of mixtures of normals, by bisection."""
    out = []
    for level in (tail, 1 - tail):
        left, right = (at - 8 * sd).min(axis=0), (at + 8 * sd).max(axis=0)
        for _ in range(60):
            middle = (left + right) / 2
            below = weight @ special.ndtr((middle - at) / sd) < level
            left, right = np.where(below, middle, left), np.where(below, right, middle)
        out.append((left + right) / 2)
    return out[0], out[1]
