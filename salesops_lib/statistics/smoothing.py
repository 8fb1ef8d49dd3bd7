"""Exponential smoothing of many histories at once, averaged over its parameters.

One pass over time carries every history and every point of a parameter grid; each point then counts
by its likelihood, exp(−n/2 · log SSE), so nothing is optimised and a short history is not fooled by
one lucky parameter. Rows are right-aligned histories, NaN on the left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Starts = NDArray[np.int64]
# Cells of rows × grid that stay in a core's cache while time runs.
_BLOCK = 24_000
# What part of its slope over all history a noisy series goes on with.
_OF_SLOPE = 0.75


@dataclass(frozen=True, slots=True)
class Grid:
    """Points (alpha, beta, phi): smoothing of the level, of the trend as a share of it, damping."""

    alpha: Array
    beta: Array
    phi: Array

    @classmethod
    def of(
        cls, alpha: tuple[float, ...], beta: tuple[float, ...] = (0,), phi: tuple[float, ...] = (0,)
    ) -> Grid:
        points = np.array([(a, b, p) for p in phi for b in beta for a in alpha], dtype=float)
        return cls(points[:, 0].copy(), points[:, 1].copy(), points[:, 2].copy())


LEVEL = Grid.of((0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95))
LOCAL = Grid.of((0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9), (0.02, 0.1, 0.3, 0.6), (0.8, 0.9, 0.98))
DAMPED = Grid.of((0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9), (0.02, 0.1), (0.6, 0.8))
# A local trend must earn its two more parameters: e⁻³ against a drifting level.
_PRIOR = np.concatenate(
    [
        np.full(len(LEVEL.alpha), 1.0 / len(LEVEL.alpha)),
        np.full(len(LOCAL.alpha), np.exp(-3.0) / len(LOCAL.alpha)),
    ]
)


def smooth(rows: Array, starts: Starts, horizon: int, grid: Grid) -> Array:
    """Forecasts (n, horizon) of damped-trend smoothing, averaged over `grid` by likelihood.

    Parameters
    ----------
    rows
        (n, t) histories without seasonality, right-aligned.
    starts
        (n,) column of each row's first value; every row holds at least one.
    grid
        `phi` 0 is simple smoothing of a level.
    """
    out = np.empty((len(rows), horizon))
    for part in blocks(starts, len(grid.alpha)):
        level, trend, sse = _filtered(rows[part], starts[part], grid)
        weight = likelihood_weights(sse, rows.shape[1] - starts[part])
        out[part] = _ahead(weight, level, trend, grid, horizon)
    return out


def drift(rows: Array, starts: Starts, horizon: int) -> Array:
    """Forecasts (n, horizon) of a level smoothed around the line of the row's least-squares slope.

    Theta's idea (Hyndman & Billah 2003: simple smoothing with drift) without its lag: what is
    smoothed is the distance from the line, so a straight line is carried on exactly.
    """
    width = rows.shape[1]
    steep = slope(rows, starts)[:, None]
    flat = rows - steep * (np.arange(width) - width + 1)[None, :]
    return smooth(flat, starts, horizon, LEVEL) + steep * np.arange(1, horizon + 1)[None, :]


def smooth_or_drift(rows: Array, starts: Starts, horizon: int) -> Array:
    """Forecasts averaged, by likelihood, over a level that drifts and damped local trends.

    A smooth series is followed along its latest slope, a noisy one along most of its slope over
    all history, and what lies between in proportion to the evidence.
    """
    out = np.empty((len(rows), horizon))
    width = rows.shape[1]
    for part in blocks(starts, len(LEVEL.alpha) + len(LOCAL.alpha)):
        some, start = rows[part], starts[part]
        steep = slope(some, start)[:, None]
        flat = some - steep * (np.arange(width) - width + 1)[None, :]
        level, trend, sse = _filtered(flat, start, LEVEL)
        level2, trend2, sse2 = _filtered(some, start, LOCAL)
        n = width - start
        weight = likelihood_weights(np.hstack([sse, sse2]), n, prior=_PRIOR)
        first, second = weight[:, : len(LEVEL.alpha)], weight[:, len(LEVEL.alpha) :]
        steps = np.arange(1, horizon + 1)[None, :]
        out[part] = (
            _ahead(first, level, trend, LEVEL, horizon)
            + first.sum(axis=1)[:, None] * _OF_SLOPE * steep * steps
            + _ahead(second, level2, trend2, LOCAL, horizon)
        )
    return out


def blocks(starts: Starts, points: int, cells: int = _BLOCK) -> Iterator[NDArray[np.int64]]:
    """Row numbers in parts small enough for the cache, rows that begin together side by side."""
    order = np.argsort(starts, kind="stable")
    step = max(1, cells // points)
    for at in range(0, len(order), step):
        yield order[at : at + step]


def _filtered(rows: Array, starts: Starts, grid: Grid) -> tuple[Array, Array, Array]:
    """Level, trend and summed squared one-step error at the last column, (n, points) each."""
    width = rows.shape[1]
    level, trend, sse = initial(rows, starts, grid)
    filled = np.where(np.isnan(rows), 0.0, rows)
    everyone = int(starts.max())
    has_trend = bool(np.any(grid.phi > 0))
    gain = grid.alpha * grid.beta
    for t in range(int(starts.min()), width):
        drift = grid.phi * trend if has_trend else 0.0
        expected = level + drift
        error = filled[:, t, None] - expected
        if t >= everyone:
            level = expected + grid.alpha * error
            trend = drift + gain * error if has_trend else trend
        else:
            begun = (starts <= t)[:, None]
            error = np.where(begun, error, 0.0)
            level = np.where(begun, expected + grid.alpha * error, level)
            trend = np.where(begun, drift + gain * error, trend) if has_trend else trend
        sse += error * error
    return level, trend, sse


def _ahead(weight: Array, level: Array, trend: Array, grid: Grid, horizon: int) -> Array:
    reach = np.cumsum(grid.phi[None, :] ** np.arange(1, horizon + 1)[:, None], axis=0)
    ahead = np.einsum("rg,rg->r", weight, level)[:, None] + np.zeros((1, horizon))
    return ahead + (weight * trend) @ reach.T if np.any(grid.phi > 0) else ahead


def initial(rows: Array, starts: Starts, grid: Grid) -> tuple[Array, Array, Array]:
    """Level and trend before the first value, from a line through the first eight."""
    n, width = rows.shape
    count = np.minimum(width - starts, 8)
    offset = np.arange(8)
    columns = np.minimum(starts[:, None] + offset, width - 1)
    used = offset < count[:, None]
    values = np.where(used, np.take_along_axis(rows, columns, axis=1), 0.0)
    middle = (count - 1) / 2
    away = np.where(used, offset - middle[:, None], 0.0)
    mean = values.sum(axis=1) / count
    slope = (away * values).sum(axis=1) / np.maximum((away**2).sum(axis=1), 1.0)
    flat = grid.phi == 0
    first = (mean - slope * (middle + 1))[:, None]
    level = np.where(flat, mean[:, None] - 0.5 * slope[:, None] * middle[:, None], first)
    trend = np.where(flat, 0.0, slope[:, None])
    return level, trend, np.zeros((n, len(grid.alpha)))


def likelihood_weights(sse: Array, n: NDArray[np.int64], prior: Array | None = None) -> Array:
    """Weights of grid points, ∝ prior × SSE^(−n/2), summing to one in each row."""
    log = -0.5 * n[:, None] * np.log(np.maximum(sse, 1e-300))
    if prior is not None:
        log += np.log(prior)[None, :]
    log -= log.max(axis=1, keepdims=True)
    weight = np.exp(log)
    return weight / weight.sum(axis=1, keepdims=True)


def slope(rows: Array, starts: Starts) -> Array:
    """Least-squares slope per period of each row."""
    width = rows.shape[1]
    column = np.arange(width)[None, :]
    known = column >= starts[:, None]
    away = np.where(known, column - ((starts + width - 1) / 2)[:, None], 0.0)
    values = np.where(known, rows, 0.0)
    return (away * values).sum(axis=1) / np.maximum((away**2).sum(axis=1), 1.0)
