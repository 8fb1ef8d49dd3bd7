"""Who has left: no lever acts on them, though some still have a row in the last period."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import days
from salesops_lib.analyses.performance_curve.panel import Panel


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
