"""How long growth towards a ceiling takes to begin: g(t) = 1 − u^(t − d) after a delay d, 0 before.

A curve through the origin that is fitted to units that start late bends to reach them: it finds the
climb slow where it is late, and its end far off. Whether the start is late is a one-sided score test at
the curve without a delay; how late, a least-squares fit of the mean values by time, because a level of 0
has no logarithm for the fit of units to work on.
"""

from __future__ import annotations

import math

import numpy as np

from salesops_lib.statistics.repeated import Floats, Repeated

# The delays tried lie so far apart; shorter ones are none.
STEP = 0.1
# Added to the mean level where values are weighted by it, so that times without any do not decide alone.
_FLOOR = 0.1
_SPEEDS = 40


def start_of(
    data: Repeated, beta: Floats, *, longest: float, slowest: float
) -> tuple[float, float]:
    """The delay from 0 to `longest` that fits the mean values, and its standard error.

    Mean and spread over the delays tried, each by the likelihood of its best curve: the best of all is
    late rather than early, since values between it and the true start are easily done without, but
    those before it are not.

    Parameters
    ----------
    beta
        Log-linear effects of the design; values are read as shares of the level they give.
    slowest
        Longest time constant that is tried.
    """
    level = np.exp(np.clip(data.design @ beta, -60, 60))
    share = data.value / np.maximum(data.exposure * level, 1e-300)
    time, place = np.unique(np.round(data.time, 1), return_inverse=True)
    weight = np.bincount(place, data.exposure).astype(np.float64)
    total = np.bincount(place, data.exposure * share).astype(np.float64)
    squares = np.bincount(place, data.exposure * share**2).astype(np.float64)
    delays = np.arange(0.0, longest + STEP / 2, STEP)
    speeds = np.geomspace(0.1, slowest, _SPEEDS)
    since = np.maximum(time - delays[:, None], 0.0)
    curves = -np.expm1(-since[:, None, :] / speeds[:, None])
    # The spread of values follows their level: a first pass says where that is low.
    first = _explained(curves, total, weight)
    scale = 1 / (curves[np.unravel_index(int(first.argmax()), first.shape)] + _FLOOR)
    gained = _explained(curves, total * scale, weight * scale).max(axis=1)
    left = float(squares @ scale) - gained
    noise = float(left.min()) / max(len(data.value) - 3, 1)
    chance = np.exp(-(left - left.min()) / (2 * max(noise, 1e-12 * float(squares @ scale))))
    chance /= chance.sum()
    mean = float(chance @ delays)
    return mean, math.sqrt(float(chance @ (delays - mean) ** 2) + STEP**2 / 12)


def _explained(curves: Floats, total: Floats, weight: Floats) -> Floats:
    """(delays, speeds): sum of squares that each curve explains, its ceiling free."""
    cross, square = curves @ total, (curves**2) @ weight
    return np.divide(cross**2, square, out=np.zeros(cross.shape), where=square > 0)
