"""The point forecast: an average of simple methods on the log scale where values are positive.

Which methods, and how they are averaged, was chosen on the training parts of the M1 and tourism
competitions (`benchmarks/bench_forecast.py`), never on their test parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import working_days
from salesops_lib.statistics import seasonal_smoothing, seasonality, smoothing

Array = NDArray[np.float64]
Starts = NDArray[np.int64]
# A trend that would end below nothing ends at this share of the mean level.
_LEAST = 0.02


def combine(
    rows: Array, starts: Starts, season_length: int, horizon: int, days: Array | None = None
) -> Array:
    """Forecasts (n, horizon) of right-aligned histories `rows` (n, t), on their own scale.

    Six members: on the log scale a level that drifts along its long slope (Theta's idea) and damped
    Holt–Winters; on the original scale a drifting level, a drifting level or local trend by
    likelihood, and Holt–Winters; and the mean of the last two years carried along the slope. The
    forecast is midway between their mean and their median: the mean uses what each knows, the
    median does not follow one that runs away. A row with a zero or negative value is taken as it
    is throughout.

    In a history under two seasons, season and growth cannot be told apart, so neither is carried
    on: the mean of its level and of damped local trends is forecast.

    Where `days` (n, t + horizon) gives the working days of each period, a positive series that
    shows their effect is forecast without it, and the effect of the days to come is put back.
    """
    if days is not None:
        positive = np.all(np.where(np.isnan(rows), 1.0, rows) > 0, axis=1)
        logs = np.log(np.where(positive[:, None] & ~np.isnan(rows), rows, 1.0))
        logs[np.isnan(rows)] = np.nan
        shift = working_days.effect(logs, starts, days, season_length)
        width = rows.shape[1]
        ahead = combine(rows * np.exp(-shift[:, :width]), starts, season_length, horizon)
        return ahead * np.exp(shift[:, width:])
    known = ~np.isnan(rows)
    positive = np.all(np.where(known, rows, 1.0) > 0, axis=1)
    logged = np.log(np.where(known & positive[:, None], rows, 1.0))
    work = np.where(known, np.where(positive[:, None], logged, rows), np.nan)
    simple, drift = _without_season(work, starts, season_length, horizon, positive)
    out = _middle(simple)
    short = (season_length > 1) & ((rows.shape[1] - starts) < 2 * season_length)
    if short.any():
        level = smoothing.smooth(work[short], starts[short], horizon, smoothing.LEVEL)
        trend = smoothing.smooth(work[short], starts[short], horizon, smoothing.DAMPED)
        out[short] = _back(0.5 * (level + trend), positive[short])
    seasonal = (rows.shape[1] - starts) >= 2 * season_length
    if season_length > 1 and seasonal.any():
        pick = np.flatnonzero(seasonal)
        more = _with_season(
            rows[pick],
            work[pick],
            starts[pick],
            season_length,
            horizon,
            positive[pick],
            drift[pick],
        )
        out[pick] = _middle(np.concatenate([simple[:, pick], more]))
    return out


def _without_season(
    work: Array, starts: Starts, season_length: int, horizon: int, positive: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Members (3, n, horizon) that take the season out first, and the slope of a period."""
    width = work.shape[1]
    shape = seasonality.profile(work, starts, season_length)
    plain = work - seasonality.laid_back(shape, width)
    season = seasonality.laid_ahead(shape, horizon)
    drift = smoothing.slope(plain, starts)
    drifting = smoothing.drift(plain, starts, horizon) + season
    # The same series without its season, on the original scale and of size about one.
    middle = np.nanmean(plain, axis=1, keepdims=True)
    unit = np.where(
        positive[:, None], np.exp(np.where(positive[:, None], plain - middle, 0.0)), plain - middle
    )
    unit[np.isnan(plain)] = np.nan
    local = smoothing.smooth_or_drift(unit, starts, horizon)
    members = [_back(drifting, positive)]
    for one in (smoothing.drift(unit, starts, horizon), local):
        raised = np.log(np.maximum(one, _LEAST)) if positive.any() else one
        scaled = np.where(positive[:, None], raised, one) + middle + season
        members.append(_back(scaled, positive))
    return np.stack(members), drift


def _with_season(
    rows: Array,
    work: Array,
    starts: Starts,
    season_length: int,
    horizon: int,
    positive: NDArray[np.bool_],
    drift: Array,
) -> Array:
    """Members (3, n, horizon) that let the season move."""
    turning = seasonal_smoothing.smooth(work, starts, season_length, horizon, (0.95, 0.99))
    lowest = np.nanmin(rows, axis=1, keepdims=True)
    raw = seasonal_smoothing.smooth(rows, starts, season_length, horizon, (0.0, 0.9, 0.98))
    raw = np.where(positive[:, None], np.maximum(raw, 0.3 * lowest), raw)
    year = drift[:, None] * season_length
    last = work[:, -season_length:]
    before = work[:, -2 * season_length : -season_length]
    two = seasonality.laid_ahead(0.65 * last + 0.35 * (before + year), horizon)
    years = (np.arange(horizon) // season_length + 1)[None, :]
    return np.stack([_back(turning, positive), raw, _back(two + 0.75 * year * years, positive)])


def _back(ahead: Array, positive: NDArray[np.bool_]) -> Array:
    return np.where(positive[:, None], np.exp(np.where(positive[:, None], ahead, 0.0)), ahead)


def _middle(members: Array) -> Array:
    middle: Array = 0.5 * (members.mean(axis=0) + np.median(members, axis=0))
    return middle


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
