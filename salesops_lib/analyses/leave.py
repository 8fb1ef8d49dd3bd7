"""Reps who are employed and not at work: months without hours and without deals, in which others wrote hours
down. Nobody's selling is measured by them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib import wording

# One month is a holiday, which months of a year have anyhow; from two running on it is leave.
_RUNNING = 2
# Who has not begun to write hours down by this month on the job may still be learning the trade.
_LEARNING = 3
# Who writes hours down in fewer of the months with work than this may have worked in the others, too.
_WRITES = 0.75
_DEALS = ("deals_created", "deals_closed")

Mask = NDArray[np.bool_]


def on_leave(data: pd.DataFrame, *, rep: str, period: str | None, value: str) -> Mask:
    """(rows,): the rep-months of `data` that were leave, none where hours or deals are not known.

    Parameters
    ----------
    data
        Rep-months with `hours`, `deals_created` or `deals_closed`, and `tenure_months` where it is known, as
        a dataset has them; `period` holds the month as a day.
    """
    if not {rep, period, value, "hours"} <= set(
        data.columns
    ) or not pd.api.types.is_datetime64_any_dtype(data[period]):
        return np.zeros(len(data), dtype=bool)
    if not any(name in data.columns for name in _DEALS):
        return np.zeros(len(data), dtype=bool)
    month = data[period].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp().to_numpy()
    return away(
        pd.DataFrame({
            "rep": data[rep].to_numpy(), "month": month, "busy": busy(data, value),
            "written": _above_zero(data["hours"]), "tenure": _tenure(data),
        })
    )  # fmt: skip


def busy(data: pd.DataFrame, value: str) -> Mask:
    """(rows,): whether anything was sold, or a deal created or closed, where that is known."""
    done = _above_zero(data[value])
    for name in _DEALS:
        if name in data.columns:
            done |= _above_zero(data[name])
    return done


def away(rows: pd.DataFrame) -> Mask:
    """(rows,): months of two or more running in which a rep did nothing, who else writes hours down, and
    others wrote theirs.

    Of who sells and has no hours, these were not written down; who is new may not have begun to. Of who
    never did anything at all, all months are leave.

    Parameters
    ----------
    rows
        rep, month, busy, written (hours are there), tenure (NaN where it is not known).
    """
    ordered = rows.reset_index(drop=True).sort_values(["rep", "month"], kind="stable")
    covered = ordered["month"].isin(ordered.loc[ordered["written"], "month"].unique())
    at_work = ordered["written"] | ordered["busy"]
    idle = covered & ~at_work
    # A run begins with the row before it, or with the rep's first.
    run = (~idle | (ordered["rep"] != ordered["rep"].shift())).cumsum()
    length = idle.groupby(run).transform("sum")
    by_rep = ordered["rep"]
    not_begun = at_work.groupby(by_rep).cumsum() == 0
    new = ordered.groupby("rep")["tenure"].transform("min") <= _LEARNING
    of_work = (ordered["written"] & covered).groupby(by_rep).transform("sum")
    writes = of_work >= _WRITES * (at_work & covered).groupby(by_rep).transform("sum")
    found = idle & writes & (length >= _RUNNING) & ~(not_begun & new)
    return found.sort_index().to_numpy(dtype=bool)


def said(reps: int, months: int, follows: str) -> str:
    """How many were away, and what follows."""
    return (
        f"{wording.count(reps, 'rep')} had neither hours nor deals in {wording.count(months, 'rep-month')}, "
        f"two or more running, in which others wrote hours down: taken as leave, {follows}."
    )


def _above_zero(column: pd.Series) -> Mask:
    return np.array(pd.to_numeric(column, errors="coerce") > 0, dtype=bool)


def _tenure(data: pd.DataFrame) -> NDArray[np.float64]:
    if "tenure_months" not in data.columns:
        return np.full(len(data), np.nan)
    return pd.to_numeric(data["tenure_months"], errors="coerce").to_numpy(dtype=np.float64)
