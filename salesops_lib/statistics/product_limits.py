"""Limits of a sum of products of two estimated vectors, by their profile.

A sum Σ mₖ βₖ is no normal: where both factors are about as large as their errors, its delta error
is smallest when the estimate is too near nothing, and the interval then ends short of the truth. So
the limits are the smallest and the largest sum that any pair of vectors within t standard errors of
the estimates has (Venzon and Moolgavkar 1988, Applied Statistics 37, 87–94; for products Falk and
Biesanz 2015, Structural Equation Modeling 22, 24–38). Where one factor is known, or both well, they
are those of the delta method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from salesops_lib.statistics.cluster_moments import Array

# Directions in which the estimates err by less than this, to their largest, are not in error.
_NO_ERROR = 1e-10
_POLE = 1 - 1e-12


@dataclass(frozen=True)
class Factors:
    """The vectors of left'right.

    Attributes
    ----------
    left, right
        (k,): the estimates.
    left_influence, right_influence
        (clusters, k): each cluster's share of their errors, so that influence'influence, of both side
        by side, is their covariance.
    """

    left: Array
    right: Array
    left_influence: Array
    right_influence: Array

    def scaled(self, factor: float) -> Factors:
        """Of a sum in another unit."""
        return Factors(
            factor * self.left, self.right, factor * self.left_influence, self.right_influence
        )

    def beside(self, other: Factors) -> Factors:
        """Of the sum of both."""
        return Factors(
            np.concatenate([self.left, other.left]),
            np.concatenate([self.right, other.right]),
            np.hstack([self.left_influence, other.left_influence]),
            np.hstack([self.right_influence, other.right_influence]),
        )

    def limits(self, errors: float) -> tuple[float, float]:
        """The smallest and largest left'right of vectors at most so many standard errors away."""
        k = len(self.left)
        if not k:
            return 0.0, 0.0
        own = np.hstack([self.left_influence, self.right_influence])
        # Units of the columns must not decide what counts as no error.
        size = np.sqrt((own**2).sum(axis=0))
        unit = np.divide(own, size, out=np.zeros_like(own), where=size > 0)
        spread, ways = np.linalg.eigh(unit.T @ unit)
        kept = spread > _NO_ERROR * max(float(spread[-1]), 1e-300)
        root = size[:, None] * ways[:, kept] * np.sqrt(spread[kept])
        here = float(self.left @ self.right)
        if not kept.any() or not errors > 0:
            return here, here
        left, right = root[:k], root[k:]
        bend = (left.T @ right + right.T @ left) / 2
        slope = (left.T @ self.right + right.T @ self.left) / 2
        curve, turned = np.linalg.eigh(bend)
        along = turned.T @ slope
        low = -_farthest(-curve[::-1], -along[::-1], errors)
        return here + low, here + _farthest(curve, along, errors)


def _farthest(curve: Array, slope: Array, radius: float) -> float:
    """The largest Σ curveᵢ uᵢ² + 2 slopeᵢ uᵢ with |u| at most `radius`, `curve` in rising order.

    At the largest, u = λ slope ÷ (1 − λ curve) with λ between 0 and the first pole, and |u| is the
    radius: the secular equation of a trust region (Moré and Sorensen 1983), which λ ÷ |u| makes nearly
    straight.
    """
    steepest = float(np.sqrt((slope**2).sum()))
    top = float(curve[-1])
    tiny = 1e-14 * max(float(np.abs(curve).max()), steepest, 1e-300)

    def at(scale: float) -> Array:
        return np.asarray(scale * slope / (1 - scale * curve))

    def short(scale: float) -> float:
        away = np.sqrt(((slope / (1 - scale * curve)) ** 2).sum())
        return float(1 / away - scale / radius)

    u = np.zeros_like(slope)
    if steepest > tiny:
        most = _POLE / top if top > tiny else 2 * radius / steepest
        while top <= tiny and short(most) > 0:
            most *= 2
        scale = most if short(most) > 0 else float(optimize.brentq(short, 0.0, most, xtol=1e-300))
        u = at(scale)
    left = radius**2 - float(u @ u)
    # Nothing slopes along the strongest bend: what is left of the radius goes there.
    more = top * left if left > 1e-6 * radius**2 and top > tiny else 0.0
    return float(curve @ u**2 + 2 * slope @ u) + more
