"""Mean and variance of the log of a mean of n values, some of them zero, the others lognormal.

For one lognormal value they are -v/2 and v with v = log(1 + c^2); for many they tend to the same with
c^2 / n. In between, and with zeros, the log of a mean is more spread out and lies lower than that
formula says (a mean of zeros and lognormals is close to a gamma), which would pass for differences
between units. So they are simulated once, with a fixed stream, for 1 to n values.

It is not quite normal either: a mean of two to four values, one of which may be zero, has a long
left tail. Read as normal, low means would be believed too much and high ones too little.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

_SAMPLES = 3_000
# Past this many values the formula with c^2 / n is as good as the simulation.
_LONGEST = 60
# For the shape, which needs more samples; past so many values it fades as that of a mean does.
_SHAPE_SAMPLES, _SHAPE_LONGEST = 10_000, 12


def log_mean_moments(
    squared_variation: Floats, zero_share: float, sizes: Floats
) -> tuple[Floats, Floats]:
    """What to add to the log of a mean to make it unbiased, and its variance.

    Parameters
    ----------
    squared_variation
        Squared coefficient of variation of one value, zeros included (nodes).
    zero_share
        Share of values that are 0.
    sizes
        Values behind each mean; between whole numbers the moments are interpolated in 1/n.

    Returns
    -------
    shift, variance
        Nodes x means; given that the mean is not 0.
    """
    longest = int(np.clip(np.ceil(sizes.max()), 2, _LONGEST))
    rng = np.random.default_rng(0)
    shape = (_SAMPLES, longest)
    normal = rng.standard_normal(shape)
    sold = rng.random(shape) >= zero_share
    count = np.arange(1, longest + 1)
    shift = np.empty((len(squared_variation), len(sizes)))
    variance = np.empty_like(shift)
    for node, squared in enumerate(squared_variation):
        sigma2 = max(np.log((1 + squared) * (1 - zero_share)), 1e-12)
        values = sold * np.exp(np.sqrt(sigma2) * normal - sigma2 / 2) / (1 - zero_share)
        means = np.cumsum(values, axis=1) / count
        with np.errstate(divide="ignore"):
            logs = np.where(means > 0, np.log(means), np.nan)
        centre, spread = -np.nanmean(logs, axis=0), np.nanvar(logs, axis=0)
        # What the simulation adds to the formula, carried over to sizes in between and beyond.
        formula = np.log1p(squared / count)
        wanted = np.log1p(squared / sizes)
        inverse, at = 1 / count[::-1], 1 / np.clip(sizes, 1, longest)
        shift[node] = wanted / 2 * np.interp(at, inverse, (2 * centre / formula)[::-1])
        variance[node] = wanted * np.interp(at, inverse, (spread / formula)[::-1])
    return shift, variance


def log_mean_shape(
    squared_variation: float, zero_share: float, sizes: Floats
) -> tuple[Floats, Floats]:
    """Skewness and excess kurtosis of the log of means of `sizes` values, given that it is not 0.

    Sums of values that are not 0 are simulated; how many are not 0 is binomial, and exact.
    """
    sigma = np.sqrt(max(np.log((1 + squared_variation) * (1 - zero_share)), 1e-12))
    logs = np.log(np.cumsum(np.exp(sigma * _both_ways()), axis=1))
    centre = logs.mean(axis=0)
    left = logs - centre
    square = left * left
    second, third, fourth = (one.mean(axis=0) for one in (square, square * left, square * square))
    count = np.arange(1, _SHAPE_LONGEST + 1)
    chance = stats.binom.pmf(count[:, None], count, 1 - zero_share)
    chance /= chance.sum(axis=0)
    # Moments of the mixture over how many are not 0 (rows), about its own mean.
    apart = centre[:, None] - centre @ chance
    second, third, fourth = second[:, None], third[:, None], fourth[:, None]
    variance = (chance * (second + apart**2)).sum(axis=0)
    cubes = (chance * (third + 3 * second * apart + apart**3)).sum(axis=0)
    fourths = fourth + 4 * third * apart + 6 * second * apart**2 + apart**4
    skewness = cubes / variance**1.5
    excess = (chance * fourths).sum(axis=0) / variance**2 - 3
    inverse, at = 1 / count[::-1], 1 / np.clip(sizes, 1, _SHAPE_LONGEST)
    fading = np.minimum(_SHAPE_LONGEST / sizes, 1)
    return (
        np.interp(at, inverse, skewness[::-1]) * np.sqrt(fading),
        np.interp(at, inverse, excess[::-1]) * fading,
    )


@cache
def _both_ways() -> Floats:
    half = np.random.default_rng(0).standard_normal((_SHAPE_SAMPLES // 2, _SHAPE_LONGEST))
    return np.concatenate([half, -half])
