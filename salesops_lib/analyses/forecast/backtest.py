"""Rolling origins: every forecast is made from what was known at its origin, and nothing later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import combination, quarter_end, weighing
from salesops_lib.analyses.forecast.panel import Panel

Array = NDArray[np.float64]
METHODS = ("forecast", "seasonal naive", "last year's growth")
# Histories × periods that are smoothed together; bounds memory, not results.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Origins:
    """Forecasts made with the last 0, 1, 2, … periods cut off.

    Attributes
    ----------
    mean
        (methods, cuts, n, horizon) forecasts in the order of `METHODS`; NaN where the history at
        that origin was too short. Cut 0 is the forecast of the future.
    actual
        (cuts, n, horizon) what came true, NaN where it has not yet or was a filled gap.
    scale
        (cuts, n) mean absolute change against the same period a season before, at the origin.
    spread
        (cuts, n) root mean square of the same, for RMSSE.
    positive
        (cuts, n) whether every value up to the origin was above zero.
    never_below
        (cuts, n) whether none was below zero: then no forecast is, and no limit.
    """

    mean: Array
    actual: Array
    scale: Array
    spread: Array
    positive: NDArray[np.bool_]
    never_below: NDArray[np.bool_]

    @property
    def cuts(self) -> int:
        return self.mean.shape[1]

    @property
    def horizon(self) -> int:
        return self.mean.shape[3]

    def with_forecast(self, mean: Array) -> Origins:
        """The same origins with other forecasts (cuts, n, horizon) by the first method."""
        return replace(self, mean=np.concatenate([mean[None], self.mean[1:]]))


def least_history(panel: Panel) -> NDArray[np.int64]:
    """Periods a history must hold before it is forecast from, by series.

    Two seasons where the series has more; a series without them is judged from what it has.
    """
    two_seasons = 2 * panel.season_length
    long = panel.lengths > two_seasons
    return np.where(long, two_seasons, np.minimum(4, np.maximum(panel.lengths, 1)))


def roll(panel: Panel, horizon: int, cuts: int, *, pool: bool = True) -> Origins:
    """Forecast `panel` at `cuts` origins, the latest first.

    Parameters
    ----------
    cuts
        Number of origins, including the end of the data.
    pool
        Whether what all series say of a method counts in each of them.
    """
    count, width = panel.values.shape
    cuts = int(min(cuts, max(1, (panel.lengths - least_history(panel)).max() + 1)))
    mean = np.full((len(METHODS), cuts, count, horizon), np.nan)
    actual = np.full((cuts, count, horizon), np.nan)
    scale = np.full((cuts, count), np.nan)
    spread = np.full((cuts, count), np.nan)
    positive = np.zeros((cuts, count), dtype=bool)
    never_below = positive.copy()
    single = np.full((combination.count(panel.season_length), *mean.shape[1:]), np.nan)
    least = least_history(panel)
    at_once = max(1, _CELLS // max(count * width, 1))
    for first in range(0, cuts, at_once):
        some = np.arange(first, min(first + at_once, cuts))
        cut, row = np.nonzero((panel.lengths[None, :] - some[:, None]) >= least[None, :])
        cut = some[cut]
        rows, starts = _as_known(panel, cut, row)
        days = _working_days(panel, cut, row, horizon)
        place = _places(panel, cut, row, horizon)
        unit = _unit(rows)
        made = combination.members(rows * unit, starts, panel.season_length, horizon, days, place)
        sound = np.all(np.where(np.isnan(rows), 0.0, rows) >= 0, axis=1)
        never_below[cut, row] = sound
        single[:, cut, row] = np.where(sound[:, None], np.maximum(made, 0.0), made) / unit
        mean[1, cut, row] = combination.seasonal_naive(rows, panel.season_length, horizon)
        mean[2, cut, row] = combination.last_years_growth(rows, panel.season_length, horizon)
        scale[cut, row], spread[cut, row] = _naive_error(rows, panel.season_length)
        positive[cut, row] = np.all(np.where(np.isnan(rows), 1.0, rows) > 0, axis=1)
    seen = np.where(panel.observed, panel.values, np.nan)
    for back in range(1, cuts):
        steps = min(back, horizon)
        actual[back, :, :steps] = seen[:, width - back : width - back + steps]
    mean[0] = weighing.combined(
        single, actual, scale, panel.season_length, _witnesses(panel) if pool else None
    )
    return Origins(mean, actual, scale, spread, positive, never_below)


def _unit(rows: Array) -> Array:
    """(n, 1) power of two that brings rows of tiny amounts up to about a million, 1 for all others.

    What keeps the methods from dividing by nothing is small beside money, not beside millionths. A
    power of two changes no digit; rows with a logarithm need none, as there size is a summand.
    """
    known = ~np.isnan(rows)
    largest = np.where(known, np.abs(rows), 0.0).max(axis=1, keepdims=True)
    lowest = np.where(known, rows, np.inf).min(axis=1, keepdims=True)
    tiny = (largest > 0) & (largest < 1) & (lowest <= 0)
    power = 20.0 - np.floor(np.log2(np.where(tiny, largest, 1.0)))
    return np.where(tiny, np.exp2(np.minimum(power, 1000.0)), 1.0)


def _witnesses(panel: Panel) -> NDArray[np.int64]:
    """Series that differ: one under two names, as a region of one team, is one witness."""
    found = np.unique(np.nan_to_num(panel.values), axis=0, return_index=True)
    return np.asarray(found[1], dtype=np.int64)


def _as_known(
    panel: Panel, cut: NDArray[np.int64], row: NDArray[np.int64]
) -> tuple[Array, NDArray[np.int64]]:
    """Histories with their last `cut` periods taken off, right-aligned again."""
    width = panel.values.shape[1]
    column = np.arange(width)[None, :] - cut[:, None]
    rows = np.where(column >= 0, panel.values[row[:, None], np.maximum(column, 0)], np.nan)
    return rows, panel.starts[row] + cut


def _working_days(
    panel: Panel, cut: NDArray[np.int64], row: NDArray[np.int64], horizon: int
) -> Array | None:
    """(n, t + horizon) working days under each history and ahead; None where periods are no months."""
    if panel.calendar.kind not in {"month", "quarter"}:
        return None
    width = panel.values.shape[1]
    first = int(panel.ends.min()) - width - int(cut.max()) + 1
    known = panel.calendar.working_days(np.arange(first, int(panel.ends.max()) + horizon + 1))
    number = (panel.ends[row] - cut)[:, None] + np.arange(1 - width, horizon + 1)[None, :]
    found: Array = known[number - first]
    return found


def _places(
    panel: Panel, cut: NDArray[np.int64], row: NDArray[np.int64], horizon: int
) -> NDArray[np.int64] | None:
    """(n, t + horizon) each period's place in its quarter; None where periods are no months or weeks."""
    season = panel.season_length
    if panel.calendar.kind not in {"month", "week"} or not quarter_end.known(season):
        return None
    width = panel.values.shape[1]
    first = int(panel.ends.min()) - width - int(cut.max()) + 1
    last = int(panel.ends.max()) + horizon + quarter_end.reach(season)
    known = quarter_end.groups(panel.calendar.quarters_mostly(np.arange(first, last + 1)), season)
    number = (panel.ends[row] - cut)[:, None] + np.arange(1 - width, horizon + 1)[None, :]
    found: NDArray[np.int64] = known[number - first]
    return found


def _naive_error(rows: Array, season_length: int) -> tuple[Array, Array]:
    """In-sample mean absolute and root mean square error of the seasonal naive forecast.

    Against the value before where a history is no longer than a season.
    """
    known = np.sum(~np.isnan(rows), axis=1)
    seasonal = _change(rows, season_length)
    simple = _change(rows, 1)
    longer = (known > season_length)[:, None]
    mean = np.where(longer, seasonal, simple)
    return mean[:, 0], mean[:, 1]


def _change(rows: Array, lag: int) -> Array:
    if rows.shape[1] <= lag:
        return np.full((len(rows), 2), np.nan)
    change = rows[:, lag:] - rows[:, :-lag]
    there = ~np.isnan(change)
    n = there.sum(axis=1)
    change = np.where(there, change, 0.0)
    size = np.maximum(n, 1)
    both = np.stack(
        [np.abs(change).sum(axis=1) / size, np.sqrt((change**2).sum(axis=1) / size)], axis=1
    )
    return np.where((n > 0)[:, None] & (both > 0), both, np.nan)
