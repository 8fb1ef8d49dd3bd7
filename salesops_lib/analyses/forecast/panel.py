"""A long frame of series, checked once and laid out as right-aligned rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_dtype

from salesops_lib.analyses.columns import check_frame
from salesops_lib.analyses.forecast import series_words
from salesops_lib.analyses.forecast.calendar import Calendar, calendar_of, dates_of
from salesops_lib.errors import DataError, NotEnoughData

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Series as rows that all end in the last column.

    Attributes
    ----------
    ids
        (n,) names, in order of first appearance.
    values
        (n, t) values, NaN before a series begins; gaps are filled.
    observed
        (n, t) False before a series begins and where a gap was filled.
    starts
        (n,) column of the first value.
    ends
        (n,) period number of the last column.
    """

    ids: tuple[str, ...]
    values: Array
    observed: NDArray[np.bool_]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    calendar: Calendar
    season_length: int
    notices: tuple[str, ...] = ()

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.values.shape[1] - self.starts

    def periods(self, row: int) -> NDArray[np.int64]:
        """Period number of each column of a row."""
        width = self.values.shape[1]
        return self.ends[row] - np.arange(width - 1, -1, -1)

    def future(self, horizon: int) -> NDArray[np.int64]:
        """(n, horizon) period numbers ahead of each series."""
        return self.ends[:, None] + np.arange(1, horizon + 1)[None, :]

    def shortened(self, drop: int, notice: str) -> Panel:
        """The panel without its last `drop` periods."""
        width = self.values.shape[1] - drop
        return replace(
            self,
            values=self.values[:, :width],
            observed=self.observed[:, :width],
            ends=self.ends - drop,
            notices=(*self.notices, notice),
        )

    def history(self) -> pd.DataFrame:
        """unique_id, ds, y, observed: what the forecast was made from."""
        width = self.values.shape[1]
        row, column = np.nonzero(np.arange(width)[None, :] >= self.starts[:, None])
        ordinals = self.ends[row] - (width - 1 - column)
        return pd.DataFrame(
            {
                "unique_id": np.asarray(self.ids, dtype=object)[row],
                "ds": self.calendar.dates(ordinals),
                "y": self.values[row, column],
                "observed": self.observed[row, column],
            }
        )


def panel_of(frame: pd.DataFrame, season_length: int, *, common_end: bool = False) -> Panel:
    """Check `frame` (unique_id, ds, y) and lay it out.

    Parameters
    ----------
    common_end
        A series that stops early had nothing since: zeros up to the frame's last period. Without,
        each series ends where it ends.

    Raises
    ------
    DataError
        A column is missing, a date or value cannot be read, a period comes twice.
    NotEnoughData
        No value at all.
    """
    table, calendar = _checked(frame, season_length)
    codes, ids = pd.factorize(table["unique_id"])
    ordinals = table["ordinal"].to_numpy()
    value = table["y"].to_numpy()
    known = ~np.isnan(value)
    count = len(ids)
    first = np.full(count, np.iinfo(np.int64).max)
    last = np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, codes[known], ordinals[known])
    np.maximum.at(last, codes[known], ordinals[known])
    notices = []
    early = int(np.sum(last < last.max()))
    if common_end:
        last = np.full(count, last.max())
    elif early and calendar.kind != "step":
        notices.append(series_words.stops_early(early, count))
    width = int((last - first).max()) + 1
    values = np.full((count, width), np.nan)
    values[codes[known], width - 1 - (last[codes[known]] - ordinals[known])] = value[known]
    starts = width - 1 - (last - first)
    if common_end:
        final = np.array([int(np.flatnonzero(~np.isnan(row))[-1]) for row in values])
        stopped = np.arange(width)[None, :] > final[:, None]
        values = np.where(stopped, 0.0, values)
    observed = ~np.isnan(values)
    missing = ~observed & (np.arange(width)[None, :] >= starts[:, None])
    if missing.any():
        notices.append(series_words.gaps(int(missing.sum()), int(missing.any(axis=1).sum())))
        values = _filled(values, missing, season_length)
    return Panel(
        tuple(str(one) for one in ids),
        values,
        observed,
        starts.astype(np.int64),
        last.astype(np.int64),
        calendar,
        season_length,
        tuple(notices),
    )


def _checked(frame: pd.DataFrame, season_length: int) -> tuple[pd.DataFrame, Calendar]:
    check_frame(frame)
    lost = [name for name in ("unique_id", "ds", "y") if name not in frame.columns]
    if lost:
        raise DataError(
            f"the frame has no column {', '.join(lost)}",
            remedy="Name the columns unique_id (the series), ds (the period) and y (the value).",
        )
    if frame.empty:
        raise NotEnoughData("the frame has no rows", remedy="Give at least one series.")
    twice_named = [name for name in ("unique_id", "ds", "y") if (frame.columns == name).sum() > 1]
    if twice_named:
        raise DataError(f"the frame has two columns called {', '.join(twice_named)}")
    table = frame[["unique_id", "ds", "y"]].reset_index(drop=True)
    if table["unique_id"].isna().any():
        raise DataError(
            "a series without a name",
            column="unique_id",
            rows=_labels(frame, table["unique_id"].isna()),
        )
    number = pd.to_numeric(table["y"], errors="coerce").astype(float)
    wrong = (number.isna() & table["y"].notna()) | np.isinf(number)
    if wrong.any():
        raise DataError(
            "values that are no finite number",
            column="y",
            rows=_labels(frame, wrong),
            remedy="Correct them, or leave them empty: an empty value counts as a gap.",
        )
    if number.isna().all():
        raise NotEnoughData("no value at all", column="y", remedy="Give at least one series.")
    dates = dates_of(table["ds"])
    if dates.isna().any():
        raise DataError("no date", column="ds", rows=_labels(frame, dates.isna()))
    table["ds"] = dates if is_datetime64_dtype(dates) else dates.astype(np.int64)
    calendar = calendar_of(table["ds"], season_length)
    table = table.assign(y=number, ordinal=calendar.ordinals(table["ds"]))
    twice = table.duplicated(["unique_id", "ordinal"], keep=False)
    if twice.any():
        raise DataError(
            f"a series has more than one row in a {calendar.kind}",
            column="ds",
            rows=_labels(frame, twice),
            remedy="Sum them first.",
        )
    return table, calendar


def _labels(frame: pd.DataFrame, wrong: pd.Series) -> list[object]:
    return list(frame.index[wrong.to_numpy()])


def _filled(values: Array, missing: NDArray[np.bool_], season_length: int) -> Array:
    """Gaps filled from the past alone, so that no origin of a backtest sees what came after.

    A gap takes last year's value of the same period plus how the last season's values stood
    against the year before; without a year before, the last value.
    """
    out = values.copy()
    for row, column in zip(*np.nonzero(missing), strict=True):
        before = column - season_length
        if before >= 0 and np.isfinite(out[row, before]):
            recent = out[row, max(before + 1, 0) : column]
            older = out[row, max(before + 1 - season_length, 0) : before]
            older = older[-len(recent) :] if len(recent) else older
            pairs = recent[-len(older) :] - older if len(older) else recent[:0]
            step = float(np.nanmedian(pairs)) if np.isfinite(pairs).any() else 0.0
            out[row, column] = out[row, before] + step
        else:
            out[row, column] = out[row, column - 1]
    return out
