"""Quarter and year totals, each with an interval of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import intervals
from salesops_lib.analyses.forecast.accuracy import name_of
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.panel import Panel

_FINER = {"month": ("quarter", "year"), "week": ("quarter", "year"), "quarter": ("year",)}
# Last month of the quarters that end in one year, where they do not end with it.
_ENDS_IN = {"Q-JAN": 10, "Q-FEB": 11}


def frame(
    panel: Panel, origins: Origins, levels: tuple[float, ...], *, pool: bool = True
) -> pd.DataFrame:
    """One row a series and quarter or year that ends within the horizon; see `Forecast.totals`."""
    rows: list[pd.DataFrame] = []
    size = intervals.sizes(origins)
    kinds = _FINER.get(panel.calendar.kind, ())
    for end in np.unique(panel.ends) if kinds else ():
        members = np.flatnonzero(panel.ends == end)
        for kind in kinds:
            for label, first, last in _spans(panel, int(end), origins.horizon, kind):
                rows.append(
                    _rows(panel, origins, levels, members, kind, label, first, last, pool, size)
                )
    names = [f"{side}-{name_of(level)}" for level in levels for side in ("lo", "hi")]
    columns = ["unique_id", "kind", "period", "first", "last", "periods", "so_far", "mean", *names]
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.concat(rows, ignore_index=True)
    place = {name: at for at, name in enumerate(panel.ids)}
    return table.sort_values(
        by=["unique_id", "kind", "first"],
        key=lambda column: column.map(place) if column.name == "unique_id" else column,
        kind="stable",
        ignore_index=True,
    )


def _spans(panel: Panel, end: int, horizon: int, kind: str) -> list[tuple[int, int, int]]:
    """(number of the quarter or year, first step, last step) of those that end in the horizon."""
    ahead = end + np.arange(1, horizon + 2)
    number = _numbers(panel, ahead, kind)
    spans = []
    for one in np.unique(number[:horizon]):
        steps = np.flatnonzero(number[:horizon] == one)
        if number[steps[-1] + 1] != one:
            spans.append((int(one), int(steps[0]), int(steps[-1])))
    return spans


def _numbers(panel: Panel, ordinals: NDArray[np.int64], kind: str) -> NDArray[np.int64]:
    calendar = panel.calendar
    return calendar.quarters(ordinals) if kind == "quarter" else calendar.years(ordinals)


def _rows(
    panel: Panel,
    origins: Origins,
    levels: tuple[float, ...],
    members: NDArray[np.int64],
    kind: str,
    number: int,
    first: int,
    last: int,
    pool: bool,
    size: intervals.Sizes,
) -> pd.DataFrame:
    target = intervals.total(origins, first, last)
    found = intervals.limits(target, origins, 0, levels, pool=pool, size=size)
    end = int(panel.ends[members[0]])
    width = panel.values.shape[1]
    past = _numbers(panel, end - np.arange(width - 1, -1, -1), kind) == number
    booked = np.nansum(panel.values[members][:, past], axis=1)
    label = f"{1970 + number // 4}-Q{number % 4 + 1}" if kind == "quarter" else str(number)
    if kind == "year" and panel.calendar.freq in _ENDS_IN:
        end_of_year = pd.Timestamp(year=number, month=_ENDS_IN[panel.calendar.freq], day=1)
        label = f"{end_of_year - pd.DateOffset(months=11):%Y-%m} to {end_of_year:%Y-%m}"
    dates = panel.calendar.dates(np.array([end + 1 + first, end + 1 + last]))
    columns: dict[str, Any] = {
        "unique_id": np.asarray(panel.ids, dtype=object)[members],
        "kind": kind,
        "period": label,
        "first": dates[0],
        "last": dates[1],
        "periods": last - first + 1,
        "so_far": booked,
        "mean": booked + target.mean[0, members],
    }
    for i, level in enumerate(levels):
        columns[f"lo-{name_of(level)}"] = booked + found.low[i, members]
        columns[f"hi-{name_of(level)}"] = booked + found.high[i, members]
    return pd.DataFrame(columns)
