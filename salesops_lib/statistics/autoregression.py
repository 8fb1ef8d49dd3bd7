"""Ridge autoregression of many histories at once, and how much of a trend to believe.

Rows are right-aligned histories, NaN on the left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Rows × time × lags that are held at once.
_CELLS = 2_000_000


def differences(rows: Array, horizon: int, *, lags: int = 12, ridge: float = 5.0) -> Array:
    """Forecasts (n, horizon) by an autoregression of the changes from one period to the next.

    Fitted by least squares with a penalty on lag k of `ridge` · k times the variance of the changes
    (Minnesota's idea, Litterman 1986: what happened longer ago is believed less), so that 12 lags can
    be had from two years. Changes are taken around their mean, which is not carried on: add the trend
    that is believed.
    """
    changes = rows[:, 1:] - rows[:, :-1]
    known = ~np.isnan(changes)
    n = np.maximum(known.sum(axis=1), 1)
    middle = np.where(known, changes, 0.0).sum(axis=1) / n
    # Before a history begins, and it may begin in the first column, changes were as usual.
    away = np.zeros((len(rows), lags + changes.shape[1]))
    away[:, lags:] = np.where(known, changes - middle[:, None], 0.0)
    step = max(1, _CELLS // (away.shape[1] * lags))
    weight = np.concatenate(
        [
            _fitted(away[at : at + step], n[at : at + step], lags, ridge)
            for at in range(0, len(away), step)
        ]
    )
    latest: Array = away[:, ::-1][:, :lags]
    ahead: Array = np.empty((len(rows), horizon))
    for one in range(horizon):
        ahead[:, one] = (weight * latest).sum(axis=1)
        latest = np.concatenate([ahead[:, one : one + 1], latest[:, :-1]], axis=1)
    out: Array = rows[:, -1:] + np.cumsum(ahead, axis=1)
    return out


def _fitted(away: Array, n: NDArray[np.int64], lags: int, ridge: float) -> Array:
    """Coefficients (rows, lags) of a change on those before it."""
    width = away.shape[1]
    # (rows, time, lags): column k holds the change k + 1 periods earlier.
    earlier = np.stack([away[:, lags - 1 - k : width - 1 - k] for k in range(lags)], axis=2)
    turned = earlier.transpose(0, 2, 1)
    square = turned @ earlier
    # A row without changes has nothing to explain; the floor only keeps its system solvable.
    penalty = np.maximum(ridge * (away**2).sum(axis=1) / n, 1e-12)
    diagonal = np.arange(lags)
    square[:, diagonal, diagonal] += penalty[:, None] * (diagonal + 1)
    fitted = np.linalg.solve(square, turned @ away[:, lags:, None])[:, :, 0]
    return np.asarray(fitted, dtype=np.float64)


def believed(rows: Array, season_length: int, *, doubt: float = 3.0) -> Array:
    """Share (n,) of each row's trend that its changes from season to season bear out.

    1 − `doubt` ÷ t², at least 0, with t the mean change against a season before over its standard
    error, a season's changes counting as one witness: James and Stein's shrinkage towards no trend.
    """
    changes = rows[:, season_length:] - rows[:, :-season_length]
    known = ~np.isnan(changes)
    n = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, changes, 0.0).sum(axis=1) / n
    variance = np.where(known, (changes - mean[:, None]) ** 2, 0.0).sum(axis=1) / n
    witnesses = np.maximum(n / season_length, 1.0)
    strength = mean**2 * witnesses / np.maximum(variance, 1e-12)
    out: Array = np.clip(1.0 - doubt / np.maximum(strength, 1e-12), 0.0, 1.0)
    return out
