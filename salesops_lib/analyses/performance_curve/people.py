"""Whose rows count, and who has left: no lever acts on them, though some have a row in the last period."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.columns import days
from salesops_lib.analyses.performance_curve.panel import FEWEST_REPS, Panel


def selling_reps(
    data: pd.DataFrame, *, rep: str = "rep_id", manager: str = "manager_id"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of reps who manage nobody, and a notice about the others: what a manager sells on the
    side is no measure of a rep."""
    if manager not in data:
        return data, ()
    heads = data[rep].isin(data[manager].dropna().unique())
    count = int(data.loc[heads, rep].nunique())
    if not count or data.loc[~heads, rep].nunique() < FEWEST_REPS:
        return data, ()
    verb = "is" if count == 1 else "are"
    return data[~heads], (
        f"{wording.count(count, 'manager')} who also {'sells' if count == 1 else 'sell'} {verb} "
        "left out: reps are compared with reps.",
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
    order = np.argsort(pd.factorize(data[period], sort=True)[0], kind="stable")
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
