"""Additive Holt–Winters smoothing of many histories at once, averaged over its parameters.

As `smoothing`, with a season that moves: rows are right-aligned histories, NaN on the left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics import seasonality, smoothing
from salesops_lib.statistics.smoothing import Grid

Array = NDArray[np.float64]
Starts = NDArray[np.int64]

_LEVEL = (0.05, 0.15, 0.3, 0.5, 0.8)
_SEASON = (0.02, 0.1, 0.3)
# Rows × points × season kept together in the cache.
_CELLS = 120_000


def grid_of(phi: tuple[float, ...]) -> tuple[Grid, Array]:
    """Level and trend parameters, and beside each the smoothing of the season."""
    level = Grid.of(_LEVEL, (0.03, 0.15), phi)
    points = len(level.alpha)
    both = Grid(*(np.tile(one, len(_SEASON)) for one in (level.alpha, level.beta, level.phi)))
    return both, np.repeat(np.array(_SEASON), points)


def smooth(
    rows: Array,
    starts: Starts,
    season_length: int,
    horizon: int,
    phi: tuple[float, ...],
) -> Array:
    """Forecasts (n, horizon) with damped trend (`phi` 0: none) and a season that is updated.

    Started from the classical decomposition of the whole row, so a row of at least two seasons is
    wanted; a shorter one starts without a season.
    """
    grid, gamma = grid_of(phi)
    points = len(gamma)
    shape = seasonality.profile(rows, starts, season_length, memory=1.0)
    plain = rows - seasonality.laid_back(shape, rows.shape[1])
    out = np.empty((len(rows), horizon))
    for part in smoothing.blocks(starts, points * season_length, _CELLS):
        level, trend, _ = smoothing.initial(plain[part], starts[part], grid)
        out[part] = _block(
            rows[part], starts[part], shape[part], level, trend, grid, gamma, horizon
        )
    return out


def _block(
    rows: Array,
    starts: Starts,
    shape: Array,
    level: Array,
    trend: Array,
    grid: Grid,
    gamma: Array,
    horizon: int,
) -> Array:
    width, length = rows.shape[1], shape.shape[1]
    filled = np.where(np.isnan(rows), 0.0, rows)
    # (season, rows, points): the season of column t is number (t − width) mod length.
    season = np.repeat(shape.T[:, :, None], len(gamma), axis=2)
    everyone = int(starts.max())
    gain, turn = grid.alpha * grid.beta, gamma * (1.0 - grid.alpha)
    sse = np.zeros_like(level)
    for t in range(int(starts.min()), width):
        now = season[(t - width) % length]
        drift = grid.phi * trend
        expected = level + drift
        error = filled[:, t, None] - expected - now
        if t < everyone:
            begun = (starts <= t)[:, None]
            error = np.where(begun, error, 0.0)
            level = np.where(begun, expected + grid.alpha * error, level)
            trend = np.where(begun, drift + gain * error, trend)
        else:
            level = expected + grid.alpha * error
            trend = drift + gain * error
        now += turn * error
        sse += error * error
    weight = smoothing.likelihood_weights(sse, width - starts)
    reach = np.cumsum(grid.phi[None, :] ** np.arange(1, horizon + 1)[:, None], axis=0)
    turned = np.einsum("rg,srg->rs", weight, season)
    base = np.einsum("rg,rg->r", weight, level)[:, None] + (weight * trend) @ reach.T
    return base + seasonality.laid_ahead(turned, horizon)
