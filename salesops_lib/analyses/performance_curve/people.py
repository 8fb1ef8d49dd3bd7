"""Whose rows count, and who has left: no lever acts on them, though some have a row in the last period."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses import leave
from salesops_lib.analyses.columns import check_columns, days, time_labels
from salesops_lib.analyses.people import OUTSIZED
from salesops_lib.analyses.performance_curve.panel import Panel, read_panel


def outsized(panel: Panel) -> tuple[str, ...]:
    """What is said where one rep sells several times what the next best does: no person, as a rule."""
    rate, sold = panel.observed, panel.sold
    best, next_best = np.argsort(-rate, kind="stable")[:2]
    if not rate[next_best] > 0 or rate[best] < OUTSIZED * rate[next_best]:
        return ()
    return (
        f"One rep sells {wording.ratio(float(rate[best] / rate[next_best]))} what the next best does, "
        f"{wording.percent(float(sold[best] / sold.sum()))} of all: what a star is, and what levers bring, leans on "
        "that one. If it is no person (a house account, the login of a program), give its deals to the reps who "
        "won them, or take it out of the reps table.",
    )


def read_people(
    data: pd.DataFrame, *, rep: str, period: str, value: str, leaves: str | None, **how: Any
) -> tuple[Panel, pd.DataFrame]:
    """The panel of the months at work, who is gone, and those months' rows.

    Leave is left out: taken as months without a sale, it ranks low whoever had a child.

    Parameters
    ----------
    leaves
        Column of the day on which a rep left, where there is one.
    how
        As `read_panel` takes it.

    Raises
    ------
    DataError, NotEnoughData
        As `read_panel`, and where `leaves` is not there or holds no days.
    """
    away = leave.on_leave(data, rep=rep, period=period, value=value)
    worked = data[~away]
    panel = read_panel(worked, rep=rep, period=period, value=value, **how)
    panel = dataclasses.replace(
        panel, notices=(*panel.notices, *_gaps(panel, data[away], rep, period))
    )
    if away.any():
        said = leave.said(data.loc[away, rep], "and left out")
        when = time_labels(data[period], period)
        there = data.loc[when == when.max(), rep].unique()
        # Who is away in the last period has not left.
        gone = panel.gone & ~np.isin(panel.reps, there)
        panel = dataclasses.replace(panel, gone=gone, notices=(said, *panel.notices))
    if leaves is not None:
        check_columns(data, [leaves], "who has left")
        panel = with_leavers(panel, data, rep=rep, period=period, leaves=leaves)
    return panel, worked


def _gaps(panel: Panel, away: pd.DataFrame, rep: str, period: str) -> tuple[str, ...]:
    """What is said of periods without a row, those of leave apart."""
    first, last = np.full(panel.n_reps, len(panel.periods)), np.full(panel.n_reps, -1)
    np.minimum.at(first, panel.rep, panel.period)
    np.maximum.at(last, panel.rep, panel.period)
    there = panel.n_periods.copy()
    if len(away):
        who = pd.Index(panel.reps).get_indexer(away[rep])
        when = pd.Index(panel.periods).get_indexer(time_labels(away[period], period))
        inside = (who >= 0) & (when >= first[who]) & (when <= last[who])
        np.add.at(there, who[inside], 1)
    gaps = int((last - first + 1 > there).sum())
    if not gaps:
        return ()
    return (
        f"{wording.count(gaps, 'rep')} with {panel.called}s missing between the first and the last: "
        "these count as not worked. If nothing was sold, add rows with 0.",
    )


def with_leavers(panel: Panel, data: pd.DataFrame, *, rep: str, period: str, leaves: str) -> Panel:
    """`panel` where those are gone, too, whose last row says that they left by the end of the last
    period: who goes in the last month has a row in it.

    Raises
    ------
    DataError
        If the column is not there or holds no days.
    """
    day = days(data, leaves, "dates", "2026-09-30", blank=True)
    rows = pd.DataFrame({"rep": data[rep].to_numpy(), "leaves": day.to_numpy()})
    order = np.argsort(pd.factorize(time_labels(data[period], period), sort=True)[0], kind="stable")
    last = rows.iloc[order].drop_duplicates("rep", keep="last").set_index("rep")["leaves"]
    left = last.reindex(panel.reps)
    gone = (left < _after(panel)) if isinstance(panel.periods[-1], pd.Timestamp) else left.notna()
    return dataclasses.replace(panel, gone=panel.gone | gone.to_numpy(bool))


def _after(panel: Panel) -> pd.Timestamp:
    """The first day after the last period."""
    last = pd.Timestamp(panel.periods[-1])
    if panel.per_year <= 12:
        return last + pd.DateOffset(months=int(np.rint(12 / panel.per_year)))
    return last + pd.Timedelta(days=int(np.rint(365.25 / panel.per_year)))
