"""The simple methods that a forecast is averaged from (`weighing` says with which weights).

Which methods they are was chosen on the training parts of the M1 and tourism competitions
(`benchmarks/bench_forecast.py`), never on their test parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import aggregation, quarter_end, working_days
from salesops_lib.statistics import autoregression, seasonal_smoothing, seasonality, smoothing

Array = NDArray[np.float64]
Starts = NDArray[np.int64]
# A trend that would end below nothing ends at this share of the mean level.
_LEAST = 0.02


def count(season_length: int) -> int:
    """Number of members."""
    return 6 if season_length > 1 else 4


def members(
    rows: Array,
    starts: Starts,
    season_length: int,
    horizon: int,
    days: Array | None = None,
    place: Starts | None = None,
) -> Array:
    """Forecasts (members, n, horizon) of right-aligned histories `rows` (n, t), on their own scale.

    With a season:

    - a level that drifts along its long slope (Theta's idea), on the log and on the original scale;
    - a ridge autoregression of the changes, with as much of the trend as the years bear out;
    - Holt-Winters, whose season moves, averaged by likelihood;
    - a drifting level of whole years, laid out over their periods;
    - each season's own level, half of it last year's.

    Without: the two drifting levels, one that may take a local trend by likelihood, and the
    autoregression. Positive rows are modelled on the log scale unless said otherwise, a row with a zero
    or negative value on its own.

    In a history under two seasons, season, growth and chance cannot be told apart: every member is
    the mean of its level and of damped local trends, and half of what each period of a whole season
    lay above or below it, two thirds where it was seen twice (`seasonality.first_profile`).

    `days` (n, t + horizon) are the working days of each period: a positive series that shows their
    effect is forecast without it, and the effect of the days to come is put back. `place` (n, t +
    horizon) is each period's place in its quarter: likewise with the push before quarters end.
    """
    known = ~np.isnan(rows)
    positive = np.all(np.where(known, rows, 1.0) > 0, axis=1)
    logs = np.where(known, np.log(np.where(known & positive[:, None], rows, 1.0)), np.nan)
    if place is not None:
        push = quarter_end.push(logs, starts, place, season_length)
        if push.any():
            width = rows.shape[1]
            calm = rows * np.exp(-push[:, :width])
            ahead = members(calm, starts, season_length, horizon, days)
            return ahead * np.exp(push[:, width:])
    if days is not None:
        shift = working_days.effect(logs, starts, days, season_length)
        width = rows.shape[1]
        ahead = members(rows * np.exp(-shift[:, :width]), starts, season_length, horizon)
        return ahead * np.exp(shift[:, width:])
    work = np.where(positive[:, None], logs, rows)
    short = (season_length > 1) & ((rows.shape[1] - starts) < 2 * season_length)
    out = np.empty((count(season_length), len(rows), horizon))
    for few in (False, True):
        pick = np.flatnonzero(short == few)
        if len(pick):
            some = (work[pick], starts[pick], season_length, horizon, positive[pick])
            out[:, pick] = _short(*some) if few else _long(rows[pick], *some)
    return out


def _short(
    work: Array, starts: Starts, season_length: int, horizon: int, positive: NDArray[np.bool_]
) -> Array:
    width = work.shape[1]
    shape = seasonality.first_profile(work, starts, season_length)
    plain = work - seasonality.laid_back(shape, width)
    level = smoothing.smooth(plain, starts, horizon, smoothing.LEVEL)
    trend = smoothing.smooth(plain, starts, horizon, smoothing.DAMPED)
    ahead = 0.5 * (level + trend) + seasonality.laid_ahead(shape, horizon)
    return _back(ahead, positive)[None]


def _long(
    rows: Array,
    work: Array,
    starts: Starts,
    season_length: int,
    horizon: int,
    positive: NDArray[np.bool_],
) -> Array:
    width = work.shape[1]
    shape = seasonality.profile(work, starts, season_length)
    plain = work - seasonality.laid_back(shape, width)
    season = seasonality.laid_ahead(shape, horizon)
    made = [_back(smoothing.drift(plain, starts, horizon) + season, positive)]
    # The same series without its season, on the original scale and of size about one.
    middle = np.nanmean(plain, axis=1, keepdims=True)
    unit = np.where(
        positive[:, None], np.exp(np.where(positive[:, None], plain - middle, 0.0)), plain - middle
    )
    unit[np.isnan(plain)] = np.nan
    on_scale = [smoothing.drift(unit, starts, horizon)]
    if season_length == 1:
        on_scale.append(smoothing.smooth_or_drift(unit, starts, horizon))
    for one in on_scale:
        raised = np.log(np.maximum(one, _LEAST)) if positive.any() else one
        made.append(_back(np.where(positive[:, None], raised, one) + middle + season, positive))
    steps = np.arange(1, horizon + 1)[None, :]
    trend = autoregression.believed(work, season_length) * smoothing.slope(plain, starts)
    wandering = autoregression.differences(plain, horizon) + trend[:, None] * steps
    made.append(_back(wandering + season, positive))
    if season_length > 1:
        moving = seasonal_smoothing.smooth(work, starts, season_length, horizon)
        made.append(_back(moving, positive))
        made.append(aggregation.forecast(rows, shape, horizon, positive))
        made.append(_back(_season_by_season(work, season_length, horizon), positive))
    return np.stack(made)


def _season_by_season(work: Array, season_length: int, horizon: int) -> Array:
    """Each season's level, last year's value counting half, last but one's a quarter, and so on.

    Half the typical yearly change of the last four years is carried on.
    """
    seasons = -(-work.shape[1] // season_length)
    whole = np.full((len(work), seasons * season_length), np.nan)
    whole[:, whole.shape[1] - work.shape[1] :] = work
    cells = whole.reshape(len(work), seasons, season_length)
    level = cells[:, 0]
    for one in range(1, seasons):
        now = cells[:, one]
        level = np.where(np.isnan(level), now, 0.5 * (level + now))
    change = work[:, season_length:] - work[:, :-season_length]
    yearly = 0.5 * np.nanmedian(change[:, -4 * season_length :], axis=1)
    years = np.arange(horizon) // season_length + 1
    # A level that counts half of each new value lags one year behind a trend.
    return seasonality.laid_ahead(level, horizon) + yearly[:, None] * (years + 1)[None, :]


def _back(ahead: Array, positive: NDArray[np.bool_]) -> Array:
    return np.where(positive[:, None], np.exp(np.where(positive[:, None], ahead, 0.0)), ahead)


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
