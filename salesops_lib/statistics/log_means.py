"""Mean and variance of the log of a mean of n values, some of them zero, the others lognormal.

For one lognormal value they are -v/2 and v with v = log(1 + c^2); for many they tend to the same with
c^2 / n. In between, and with zeros, the log of a mean is more spread out and lies lower than that
formula says (a mean of zeros and lognormals is close to a gamma), which would pass for differences
between units. So they are simulated once, with a fixed stream, for 1 to n values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SAMPLES = 3_000
# Past this many values the formula with c^2 / n is as good as the simulation.
_LONGEST = 60


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
