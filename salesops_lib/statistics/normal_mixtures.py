"""Two normals together, of mean 0, variance 1 and a given skewness: given either, all is normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standardised:
    """A mixture of two normals with mean 0, variance 1 and the given skewness.

    The excess kurtosis is that of a gamma distribution of the same skewness (1.5 x skewness^2).
    """

    skewness: float
    weights: tuple[float, float]
    means: tuple[float, float]
    sd: float


def standardised(skewness: float) -> Standardised:
    """Match mean, variance, skewness and kurtosis in closed form, up to one root.

    With a two-point distribution of weight w carrying a share a of the variance, skewness
    ``sqrt(r - 4) a^1.5`` and excess kurtosis ``(r - 6) a^2`` where ``r = 1 / (w (1 - w))``.
    """
    if skewness == 0:
        return Standardised(0.0, (0.5, 0.5), (0.0, 0.0), 1.0)
    square = skewness**2
    r = brentq(lambda x: (x - 6) ** 3 - 3.375 * square * (x - 4) ** 2, 6.0, 6.0 + 50 * (1 + square))
    share = (r - 6) / (1.5 * (r - 4))
    minor = 0.5 - np.sqrt(0.25 - 1 / r)
    sign = np.sign(skewness)
    high = sign * np.sqrt(share * (1 - minor) / minor)
    low = -sign * np.sqrt(share * minor / (1 - minor))
    return Standardised(
        skewness, (minor, 1 - minor), (float(high), float(low)), float(np.sqrt(1 - share))
    )


@dataclass(frozen=True, slots=True)
class TwoNormals:
    """Two normals of mean 0 and variance 1 together, of one variance each; arrays of one shape."""

    minor: Floats
    high: Floats
    low: Floats
    variance: Floats


def two_normals(skewness: Floats, excess: Floats) -> TwoNormals:
    """Mixtures of the given skewness and excess kurtosis (one below 0 is taken as 0).

    In the notation of `standardised`, ``2 a^3 + excess a - skewness^2 = 0``, which has one positive
    root (Cardano).
    """
    square = np.square(skewness)
    third, half = np.maximum(excess, 0) / 6, square / 4
    root = np.sqrt(half**2 + third**3)
    share = np.clip(np.cbrt(half + root) + np.cbrt(half - root), 1e-9, 1 - 1e-9)
    r = 4 + square / share**3
    minor = np.maximum(0.5 - np.sqrt(0.25 - 1 / r), 1e-12)
    sign = np.where(skewness < 0, -1.0, 1.0)
    return TwoNormals(
        minor,
        sign * np.sqrt(share * (1 - minor) / minor),
        -sign * np.sqrt(share * minor / (1 - minor)),
        1 - share,
    )
