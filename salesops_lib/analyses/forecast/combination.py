"""The point forecast: an average of simple methods on the log scale where values are positive.

Which methods, and how they are averaged, was chosen on the training parts of the M1 and tourism
competitions (`benchmarks/bench_forecast.py`), never on their test parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics import seasonality, smoothing

Array = NDArray[np.float64]
Starts = NDArray[np.int64]


def combine(rows: Array, starts: Starts, season_length: int, horizon: int) -> Array:
    """Forecasts (n, horizon) of right-aligned histories `rows` (n, t), on their own scale.

    A row with a zero or negative value is taken as it is, the others by their logarithm.
    """
    known = ~np.isnan(rows)
    positive = np.all(np.where(known, rows, 1.0) > 0, axis=1)
    scaled = np.log(np.where(known & positive[:, None], rows, 1.0))
    scaled = np.where(positive[:, None], scaled, rows)
    scaled[~known] = np.nan
    ahead = _members(scaled, starts, season_length, horizon)
    return np.where(positive[:, None], np.exp(np.where(positive[:, None], ahead, 0.0)), ahead)


def _members(rows: Array, starts: Starts, season_length: int, horizon: int) -> Array:
    width = rows.shape[1]
    shape = seasonality.profile(rows, starts, season_length)
    plain = rows - seasonality.laid_back(shape, width)
    season = seasonality.laid_ahead(shape, horizon)
    level = smoothing.smooth(plain, starts, horizon, smoothing.LEVEL)
    damped = smoothing.smooth(plain, starts, horizon, smoothing.DAMPED)
    drift = smoothing.slope(plain, starts)[:, None] * np.arange(1, horizon + 1)[None, :]
    theta = level + 0.5 * drift
    return (2 * theta + damped) / 3 + season


def seasonal_naive(rows: Array, season_length: int, horizon: int) -> Array:
    """Last year's value of the same period; the last value where there is no year."""
    width = rows.shape[1]
    last = rows[:, -1][:, None] + np.zeros((1, horizon))
    if width < season_length:
        return last
    year = rows[:, -season_length:]
    naive = np.tile(year, (1, -(-horizon // season_length)))[:, :horizon]
    return np.where(np.isnan(naive), last, naive)


def last_years_growth(rows: Array, season_length: int, horizon: int) -> Array:
    """Last year's value times last year's growth, compounded: what a spreadsheet does.

    Growth is the last season's total over the one before; 1 where either is missing or not
    positive.
    """
    naive = seasonal_naive(rows, season_length, horizon)
    width = rows.shape[1]
    growth = np.ones(len(rows))
    if width >= 2 * season_length:
        now = rows[:, -season_length:].sum(axis=1)
        before = rows[:, -2 * season_length : -season_length].sum(axis=1)
        fine = (now > 0) & (before > 0)
        growth = np.where(fine, now / np.where(fine, before, 1.0), 1.0)
    years = np.arange(horizon) // season_length + 1
    return naive * growth[:, None] ** years[None, :]
