"""A last period that is not over yet is left out, not read as a crash."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import series_words
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.calendar import day_of
from salesops_lib.analyses.forecast.panel import Panel
from salesops_lib.errors import NotEnoughData

Array = NDArray[np.float64]
# A period must hold less than this share of its forecast before it can look unfinished at all.
_LOW = 0.7
# … and lie this many typical one-step errors below, and below every shortfall seen before.
_TYPICAL_ERRORS = 4.0
# A period of which at least this part of it was expected is one like it.
_AS_MUCH = 0.5


def without_running(panel: Panel, as_of: object) -> Panel:
    """The panel without the periods that end after the day `as_of`."""
    if as_of is None or panel.calendar.kind == "step":
        return panel
    day = day_of(as_of)
    width = panel.values.shape[1]
    last = int(panel.ends.max())
    drop = int(np.sum(panel.calendar.ends(last - np.arange(width)) > day))
    if drop == 0:
        return _told_of_silence(panel, last, day)
    keep = panel.ends.min() == last
    if drop >= width or not keep:
        # Series that stop earlier lose fewer periods: cut them one by one.
        return _cut_each(panel, last - drop, str(day.date()), drop)
    said = series_words.partial_known(str(day.date()), panel.calendar.kind, drop)
    return _known_only(panel.shortened(drop, said))


def _told_of_silence(panel: Panel, last: int, day: pd.Timestamp) -> Panel:
    """The panel, with a notice where whole periods lie between its end and the day."""
    missing = 0
    while panel.calendar.ends(np.array([last + missing + 1]))[0] <= day:
        missing += 1
    if not missing:
        return panel
    said = series_words.nothing_lately(str(day.date()), panel.calendar.kind, missing)
    return replace(panel, notices=(*panel.notices, said))


def _cut_each(panel: Panel, last: int, day: str, periods: int) -> Panel:
    drop = np.maximum(panel.ends - last, 0)
    width = panel.values.shape[1]
    column = np.arange(width)[None, :] - drop[:, None]
    inside = column >= 0
    pick = np.maximum(column, 0)
    values = np.where(inside, np.take_along_axis(panel.values, pick, axis=1), np.nan)
    observed = inside & np.take_along_axis(panel.observed, pick, axis=1)
    said = series_words.partial_known(day, panel.calendar.kind, periods)
    return _known_only(
        replace(
            panel,
            values=values,
            observed=observed,
            starts=panel.starts + drop,
            ends=panel.ends - drop,
            notices=(*panel.notices, said),
        )
    )


def _known_only(panel: Panel) -> Panel:
    """Without series that had not begun."""
    begun = panel.lengths > 0
    if begun.all():
        return panel
    if not begun.any():
        raise NotEnoughData(
            "no period is over by the day of the forecast",
            column="ds",
            remedy="Give a later day or an earlier history.",
        )
    return replace(
        panel,
        ids=tuple(one for one, there in zip(panel.ids, begun, strict=True) if there),
        values=panel.values[begun],
        observed=panel.observed[begun],
        starts=panel.starts[begun],
        ends=panel.ends[begun],
    )


def without_unfinished(panel: Panel, origins: Origins, how: str) -> tuple[Panel, Origins]:
    """Panel and origins without a last period that looks unfinished over all series together.

    The sum over series is held against the sum of their forecasts one period ahead: it is left out
    where it is far lower than that, and lower than in any period before.
    """
    if how == "keep" or panel.calendar.kind == "step" or origins.cuts < 2:
        return panel, origins
    share, expected = _share_of_expected(panel, origins)
    if not (how == "drop" or _looks_unfinished(share, expected)):
        return panel, origins
    if not np.all(panel.lengths > 1):
        return panel, origins
    last = panel.ends.max()
    period = str(pd.Timestamp(panel.calendar.ends(np.array([last]))[0]).date())
    said = series_words.partial_guessed(period, panel.calendar.kind, float(share[0]))
    at_last = panel.ends == last
    if not at_last.all():
        return panel, origins
    return panel.shortened(1, said), _without_latest(origins)


def _share_of_expected(panel: Panel, origins: Origins) -> tuple[Array, Array]:
    """Actual over forecast, one period ahead, summed over the series that run to the end; and the forecast."""
    running = panel.ends == panel.ends.max()
    actual = origins.actual[1:, running, 0]
    mean = origins.mean[0, 1:][:, running, 0]
    there = ~np.isnan(actual) & ~np.isnan(mean)
    expected = np.where(there, mean, 0.0).sum(axis=1)
    came = np.where(there, actual, 0.0).sum(axis=1)
    share = np.divide(came, expected, out=np.full(len(came), np.nan), where=expected > 0)
    return share, expected


def _looks_unfinished(share: Array, expected: Array) -> bool:
    # Where nothing came before when as much was expected, it ended, or comes now and then.
    if np.any((share[1:] <= 0) & (expected[1:] >= _AS_MUCH * expected[0])):
        return False
    before = share[1:][np.isfinite(share[1:]) & (share[1:] > 0)]
    if len(before) < 6 or not np.isfinite(share[0]) or not 0 <= share[0] < _LOW:
        return False
    typical = float(np.median(np.abs(np.log(before)))) * 1.4826
    shortfall = -np.log(max(float(share[0]), 1e-6))
    worst = -float(np.log(before.min()))
    return bool(shortfall > max(_TYPICAL_ERRORS * typical, 1.5 * worst))


def _without_latest(origins: Origins) -> Origins:
    """Cut 1 becomes cut 0; the unfinished period is no outcome of any forecast."""
    actual = origins.actual[1:].copy()
    for cut in range(min(len(actual), origins.horizon)):
        actual[cut, :, cut] = np.nan
    return Origins(
        origins.mean[:, 1:],
        actual,
        origins.scale[1:],
        origins.spread[1:],
        origins.positive[1:],
        origins.never_below[1:],
    )
