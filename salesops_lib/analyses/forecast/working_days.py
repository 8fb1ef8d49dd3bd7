"""The part of a month that is due to how many working days it has.

A season already holds what every March has in common; what is left is that this March has 23
working days and the last had 21. Mondays to Fridays are counted; public holidays are not known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics import seasonality

Array = NDArray[np.float64]
Starts = NDArray[np.int64]
# Fewer seasons say too little; an effect must be this many standard errors from none to be used.
_SEASONS, _STANDARD_ERRORS = 3, 2.5


def effect(logs: Array, starts: Starts, days: Array, season_length: int) -> Array:
    """Log effect (n, t + horizon) of working days on each period of each history and after it.

    Parameters
    ----------
    logs
        (n, t) logarithms, right-aligned, NaN before a history begins.
    days
        (n, t + horizon) working days of each period.

    Returns
    -------
    Elasticity × the log working days above what is usual in that season; the elasticity by least
    squares from the history alone, drawn towards none by its error, 0 where the history does not
    show one.
    """
    width = logs.shape[1]
    over = np.log(days)
    known = np.where(np.isnan(logs), np.nan, over[:, :width])
    usual = seasonality.profile(known, starts, season_length, memory=1.0)
    length = over.shape[1]
    season = np.concatenate(
        [
            seasonality.laid_back(usual, width),
            seasonality.laid_ahead(usual, max(length - width, 1))[:, : length - width],
        ],
        axis=1,
    )
    unusual = over - season - np.nanmean(known, axis=1, keepdims=True)
    shape = seasonality.profile(logs, starts, season_length, memory=1.0)
    rest = seasonality.detrended(logs, starts, season_length) - seasonality.laid_back(shape, width)
    there = ~np.isnan(rest)
    x = np.where(there, unusual[:, :width], 0.0)
    y = np.where(there, rest, 0.0)
    n = there.sum(axis=1)
    power = np.maximum((x**2).sum(axis=1), 1e-12)
    slope = (x * y).sum(axis=1) / power
    left = np.where(there, y - slope[:, None] * x, 0.0)
    freedom = np.maximum(n - season_length - 1, 1)
    error = np.sqrt((left**2).sum(axis=1) / freedom / power)
    strength = np.abs(slope) / np.maximum(error, 1e-12)
    enough = (width - starts >= _SEASONS * season_length) & (strength > _STANDARD_ERRORS)
    shown = np.where(enough, slope * (1 - 1 / np.maximum(strength, 1.0) ** 2), 0.0)
    return shown[:, None] * unusual
