"""How long growth towards a ceiling takes to begin: g(t) = 1 − u^(t − d) after a delay d, 0 before.

A curve through the origin that is fitted to units that start late bends to reach them: it finds the
climb slow where it is late, and its end far off. Whether the start is late is a one-sided score test at
the curve without a delay; how late, a least-squares fit of the mean values by time, because a level of 0
has no logarithm for the fit of units to work on.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.repeated import Floats, Repeated

# The delays tried lie so far apart; shorter ones are none.
STEP = 0.1
# Added to the mean level where values are weighted by it, so that times without any do not decide alone.
_FLOOR = 0.1
_SPEEDS = 40
# Parts of the units that are left out in turn: each alone, so that their order does not matter, but where
# there are so many that it hardly does.
_PARTS = 200


def start_of(
    data: Repeated, beta: Floats, *, longest: float, slowest: float
) -> tuple[float, float]:
    """The delay that fits the mean values best, from 0 to `longest`, and its jackknife standard error.

    Parameters
    ----------
    beta
        Log-linear effects of the design; values are read as shares of the level they give.
    slowest
        Longest time constant that is tried.
    """
    level = data.exposure * np.exp(np.clip(data.design @ beta, -60, 60))
    time, place = np.unique(np.round(data.time, 1), return_inverse=True)
    parts = min(_PARTS, data.n_units)
    part = np.repeat(np.arange(data.n_units) % parts, data.sizes)
    weight, total = np.zeros((parts, len(time))), np.zeros((parts, len(time)))
    np.add.at(weight, (part, place), data.exposure)
    np.add.at(total, (part, place), data.exposure * data.value / np.maximum(level, 1e-300))
    tried = _Curves(time, np.arange(0.0, longest + STEP / 2, STEP), slowest)
    # The spread of values follows their level: a first pass says where that is low.
    every, much = total.sum(axis=0), weight.sum(axis=0)
    scale = 1 / (tried.curve(int(tried.best(every, much))) + _FLOOR)
    best = float(tried.delay(tried.best(every * scale, much * scale)))
    without = tried.delay(tried.best((every - total) * scale, (much - weight) * scale))
    error = math.sqrt((parts - 1) * float(np.var(without)))
    # Delays between those tried cannot be told apart.
    return best, max(error, STEP / math.sqrt(12))


class _Curves:
    """Every curve tried, a row each."""

    def __init__(self, time: Floats, delays: Floats, slowest: float) -> None:
        speeds = np.geomspace(0.1, slowest, _SPEEDS)
        self._delays = np.repeat(delays, len(speeds))
        since = np.maximum(time - self._delays[:, None], 0.0)
        self._curves = -np.expm1(-since / np.tile(speeds, len(delays))[:, None])
        self._squares = self._curves**2

    def best(self, total: Floats, weight: Floats) -> NDArray[np.int64]:
        """The curve of least squares, its ceiling free, of each row (…, times); of curves as good the
        earliest."""
        cross, square = total @ self._curves.T, weight @ self._squares.T
        gained = np.divide(cross**2, square, out=np.zeros(cross.shape), where=square > 0)
        most = gained.max(axis=-1, keepdims=True)
        return np.argmax(gained >= most * (1 - 1e-12), axis=-1)

    def curve(self, place: int) -> Floats:
        return np.asarray(self._curves[place])

    def delay(self, place: NDArray[np.int64]) -> Floats:
        return np.asarray(self._delays[place])
