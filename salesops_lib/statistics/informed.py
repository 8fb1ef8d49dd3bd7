"""A single number seen through noise, with and without what is known of it beforehand.

The noise is a mixture of t distributions (one for each belief about the measurement, all held
equally likely at first); what is known beforehand is a normal. Everything is worked out on a grid,
so that neither needs to be normal nor a sampler to converge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]
_POINTS, _REACH = 2001, 6.0


@dataclass(frozen=True)
class Evidence:
    """What data say of a number: t distributions around `value`, scaled by `error`.

    Attributes
    ----------
    value, error
        (beliefs,): estimate and standard error under each belief; empty where data say nothing.
    df
        Degrees of freedom of all of them.
    """

    value: Array
    error: Array
    df: float

    @property
    def silent(self) -> bool:
        """Whether there is nothing."""
        return len(self.value) == 0

    def density(self, at: Array) -> Array:
        """Likelihood at each point; flat where there is no evidence."""
        if self.silent:
            return np.ones(len(at))
        z = (at[:, None] - self.value) / self.error
        return np.asarray((stats.t.pdf(z, self.df) / self.error).mean(axis=1), dtype=np.float64)

    def quantile(self, p: float) -> float:
        """Of the number, were nothing known beforehand; infinite without evidence."""
        if self.silent:
            return float("nan") if p == 0.5 else np.inf * np.sign(p - 0.5)
        ends = self.value + self.error * stats.t.ppf(p, self.df)
        low, high = float(ends.min()), float(ends.max())
        if high - low < 1e-12 * max(1.0, abs(low)):
            return (low + high) / 2

        def short(x: float) -> float:
            return float(stats.t.cdf((x - self.value) / self.error, self.df).mean()) - p

        return float(optimize.brentq(short, low, high))


@dataclass(frozen=True)
class Informed:
    """Evidence and prior together: a density on a grid.

    Attributes
    ----------
    grid, mass
        Points, and their probabilities, which sum to 1.
    prior_share
        The posterior's variance over the prior's: the part of the precision that the prior brings
        where all is normal; 1 where the data say nothing.
    """

    grid: Array
    mass: Array
    prior_share: float

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.grid @ self.mass)

    def quantile(self, p: float | Array) -> Array:
        """Posterior quantiles, between the points of the grid."""
        cumulated = np.cumsum(self.mass) - self.mass / 2
        return np.asarray(np.interp(p, cumulated, self.grid), dtype=np.float64)


def informed(evidence: Evidence, mean: float, sd: float) -> Informed:
    """The posterior under a normal prior of that mean and standard deviation."""
    grid = mean + sd * np.linspace(-_REACH, _REACH, _POINTS)
    weight = stats.norm.pdf(grid, mean, sd) * evidence.density(grid)
    total = float(weight.sum())
    # Evidence so far from anything believed that no point of the grid has any: the prior's own end.
    mass = weight / total if total > 0 else np.eye(_POINTS)[_nearest(grid, evidence)]
    centre = float(grid @ mass)
    variance = float(((grid - centre) ** 2) @ mass)
    return Informed(grid, mass, min(variance / sd**2, 1.0))


def _nearest(grid: Array, evidence: Evidence) -> int:
    return int(np.abs(grid - float(np.median(evidence.value))).argmin())
