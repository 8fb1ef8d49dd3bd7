"""Additive Holt–Winters smoothing of many histories at once, averaged over its parameters.

As `smoothing`, with a season that moves: rows are right-aligned histories, NaN on the left. Level and
season begin as those of the first two seasons and follow each new value by no less than a mean of all
values so far would, so that nothing has to be optimised or seen in advance; each point of the grid
then counts by its corrected Akaike criterion (Hurvich & Tsai 1989), as the automatic choice of
Hyndman et al. (2002) ranks its models, instead of one point being chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics import seasonality, smoothing

Array = NDArray[np.float64]
Starts = NDArray[np.int64]

_LEVEL = (0.1, 0.3, 0.6, 0.95)
# The smoothing of the trend is a share of the level's, that of the season of what the level leaves.
_TREND, _DAMPING = (0.05, 0.2), (0.8, 0.9)
_SEASON = (0.05, 0.2, 0.45)
# Rows × points × season kept together in the cache.
_CELLS = 120_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Points (alpha, beta, phi, gamma): gains of level, trend and season; phi 0 has no trend."""

    alpha: Array
    beta: Array
    phi: Array
    gamma: Array

    @classmethod
    def of(
        cls,
        level: tuple[float, ...],
        trend: tuple[float, ...],
        damping: tuple[float, ...],
        season: tuple[float, ...],
    ) -> Grid:
        """Without a trend, and with every share and damping of one, at each level and season."""
        trends = [(0.0, 0.0), *((share, phi) for share in trend for phi in damping)]
        points = [
            (a, a * share, phi, g * (1.0 - a))
            for g in season
            for a in level
            for share, phi in trends
        ]
        return cls(*np.array(points).T.copy())


GRID = Grid.of(_LEVEL, _TREND, _DAMPING, _SEASON)


def smooth(
    rows: Array, starts: Starts, season_length: int, horizon: int, grid: Grid = GRID
) -> Array:
    """Forecasts (n, horizon) with damped trend and a season that is updated.

    Every row must hold two seasons.
    """
    out = np.empty((len(rows), horizon))
    for part in smoothing.blocks(starts, len(grid.alpha) * season_length, _CELLS):
        out[part] = _block(rows[part], starts[part], season_length, horizon, grid)
    return out


def _block(rows: Array, starts: Starts, length: int, horizon: int, grid: Grid) -> Array:
    width = rows.shape[1]
    filled = np.where(np.isnan(rows), 0.0, rows)
    level, trend, season = _begun(filled, starts, length, grid)
    begin = starts + 2 * length
    everyone = int(begin.max())
    sse = np.zeros_like(level)
    for t in range(int(begin.min()), width):
        now = season[(t - width) % length]
        drift = grid.phi * trend
        expected = level + drift
        error = filled[:, t, None] - expected - now
        age = np.maximum(t - starts, 1)[:, None]
        gain = np.maximum(grid.alpha, 1.0 / (age + 1))
        if t < everyone:
            begun = (begin <= t)[:, None]
            error = np.where(begun, error, 0.0)
            level = np.where(begun, expected + gain * error, level)
            trend = np.where(begun, drift + grid.beta * error, trend)
        else:
            level = expected + gain * error
            trend = drift + grid.beta * error
        now += np.maximum(grid.gamma, 1.0 / (age // length + 1)) * error
        sse += error * error
    weight = _weights(sse, width - begin, np.where(grid.phi > 0, 5, 3) + length)
    reach = np.cumsum(grid.phi[None, :] ** np.arange(1, horizon + 1)[:, None], axis=0)
    turned = np.einsum("rg,srg->rs", weight, season)
    base = np.einsum("rg,rg->r", weight, level)[:, None] + (weight * trend) @ reach.T
    return base + seasonality.laid_ahead(turned, horizon)


def _begun(filled: Array, starts: Starts, length: int, grid: Grid) -> tuple[Array, Array, Array]:
    """Level and trend (n, points) at the end of two seasons, and those seasons' shape.

    The season (length, n, points) of column t is number (t − width) mod length.
    """
    first = np.take_along_axis(filled, starts[:, None] + np.arange(2 * length), axis=1)
    older, newer = first[:, :length].mean(axis=1), first[:, length:].mean(axis=1)
    slope = (newer - older) / length
    # How high it lies does not matter: the shape is centred below.
    line = slope[:, None] * np.arange(2 * length)
    apart = (first - line).reshape(len(filled), 2, length).mean(axis=1)
    shape = np.empty_like(apart)
    place = (starts[:, None] + np.arange(length) - filled.shape[1]) % length
    np.put_along_axis(shape, place, apart - apart.mean(axis=1, keepdims=True), axis=1)
    moving = grid.phi > 0
    ahead = slope * (length - 1) / 2  # from the middle of the second season to its end
    level = newer[:, None] + np.where(moving, ahead[:, None], 0.0)
    trend = np.where(moving, slope[:, None], 0.0)
    return level, trend, np.repeat(shape.T[:, :, None], len(grid.phi), axis=2)


def _weights(sse: Array, count: NDArray[np.int64], parameters: NDArray[np.int64]) -> Array:
    """Weights (n, points) ∝ exp(−AICc / 2) of `count` errors a row."""
    n = np.maximum(count, 1)[:, None]
    # A row that is repeated exactly has no error at any point; without a floor, 0 against 0.
    fit = n * np.log(np.maximum(sse / n, 1e-12))
    criterion = fit + 2.0 * parameters * n / np.maximum(n - parameters - 1, 1)
    weight = np.exp(-0.5 * (criterion - criterion.min(axis=1, keepdims=True)))
    out: Array = weight / weight.sum(axis=1, keepdims=True)
    return out
