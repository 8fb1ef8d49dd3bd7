"""Forecasts of whole seasons, laid out over their periods.

A year is less noisy than its months, and its trend is easier to tell from noise (Kourentzes,
Petropoulos & Trapero 2014, "Improving forecasting by estimating time series structural components
across multiple frequencies").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics import seasonality, smoothing

Array = NDArray[np.float64]
# A falling trend ends at this share of the lowest year.
_LEAST = 0.2


def forecast(rows: Array, shape: Array, horizon: int, positive: NDArray[np.bool_]) -> Array:
    """Forecasts (n, horizon) on the scale of `rows` (n, t): a drifting level of yearly means.

    Parameters
    ----------
    rows
        Right-aligned histories of at least one season each, NaN on the left. Years are counted back
        from the last value, so that the last year is whole.
    shape
        (n, season) profile of the season, in logs where a row is `positive`.
    """
    length = shape.shape[1]
    years = rows.shape[1] // length
    mean = rows[:, -years * length :].reshape(len(rows), years, length).mean(axis=2)
    starts = np.isnan(mean).sum(axis=1)
    yearly = smoothing.drift(mean, starts, -(-horizon // length))
    lowest = _LEAST * np.nanmin(mean, axis=1, keepdims=True)
    yearly = np.where(positive[:, None], np.maximum(yearly, lowest), yearly)
    factor = np.exp(np.where(positive[:, None], shape, 0.0))
    apart = np.where(positive[:, None], factor / factor.mean(axis=1, keepdims=True), shape)
    season = seasonality.laid_ahead(apart, horizon)
    base = np.repeat(yearly, length, axis=1)[:, :horizon]
    return np.where(positive[:, None], base * season, base + season)
