"""Reps who are employed and not at work: months without hours and without deals in which others had them.
Nobody's selling is measured by them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.analyses.columns import moments

# One month is a holiday, which months of a year have anyhow; from two running on it is leave.
_RUNNING = 2
# Who has not begun to write hours down by this month on the job may still be learning the trade.
_LEARNING = 3
# Who writes hours down in fewer of the months with work than this may have worked in the others, too.
_WRITES = 0.75
# The months around a run that tell of its rep's rate; the share of reps at work that makes a month one; the
# chance of one false leave in a company.
_NEAR, _MOST, _BY_CHANCE = 3, 0.5, 0.001
# Of a rep's usual hours, what is more than the days of a week that lies in two months.
_SOME = 0.2
_DEALS = ("deals_created", "deals_closed")

Mask = NDArray[np.bool_]


def on_leave(data: pd.DataFrame, *, rep: str, period: str | None, value: str) -> Mask:
    """(rows,): the rep-months of `data` that were leave, none where hours and deals are not known.

    Parameters
    ----------
    data
        Rep-months with `hours`, `deals_created`, `deals_closed` and `tenure_months` as far as they are known,
        as a dataset has them; `period` holds the month, as any day, period or words that say one.
    """
    counts = _counts(data)
    if not counts or not {rep, period, value} <= set(data.columns):
        return np.zeros(len(data), dtype=bool)
    month = _months(data[period], str(period))
    if month is None:
        return np.zeros(len(data), dtype=bool)
    rows = pd.DataFrame({
        "rep": np.asarray(data[rep], dtype=object), "month": month, "busy": busy(data, value),
        "tenure": _tenure(data),
        "written": written(data["hours"], data[rep]) if "hours" in data.columns else False,
        "deals": data[counts].fillna(0.0).sum(axis=1).to_numpy(dtype=np.float64),
    })  # fmt: skip
    return away(rows) | silent(rows)


def _months(column: pd.Series, name: str) -> NDArray[np.datetime64] | None:
    """The first day of each row's month; None where the column numbers periods or says no time."""
    times = None if isinstance(column, pd.DataFrame) else moments(column, name)
    if times is None:
        return None
    return times.tz_localize(None).to_period("M").to_timestamp().to_numpy()


def busy(data: pd.DataFrame, value: str) -> Mask:
    """(rows,): whether anything was sold, or a deal created or closed, where that is known."""
    done = _above_zero(data[value])
    for name in _counts(data):
        done |= _above_zero(data[name])
    return done


def _counts(data: pd.DataFrame) -> list[str]:
    """The columns that count deals. In a frame that is not ours, one of the same name may be something else:
    ids of the deals, say."""
    return [
        name for name in _DEALS
        if name in data.columns
        and isinstance(data[name], pd.Series)
        and pd.api.types.is_numeric_dtype(data[name])
    ]  # fmt: skip


def written(hours: pd.Series, rep: pd.Series) -> Mask:
    """(rows,): whether a rep's month holds hours; those of a week that lies in two months are not enough."""
    known = pd.to_numeric(hours, errors="coerce")
    usual = known.where(known > 0).groupby(np.asarray(rep, dtype=object)).transform("median")
    return np.array(known > _SOME * usual, dtype=bool)


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
    run = _runs(ordered, idle)
    length = idle.groupby(run).transform("sum")
    by_rep = ordered["rep"]
    not_begun = at_work.groupby(by_rep).cumsum() == 0
    new = ordered.groupby("rep")["tenure"].transform("min") <= _LEARNING
    of_work = ordered["written"].groupby(by_rep).transform("sum")
    writes = of_work >= _WRITES * (at_work & covered).groupby(by_rep).transform("sum")
    found = idle & writes & (length >= _RUNNING) & ~(not_begun & new)
    return found.sort_index().to_numpy(dtype=bool)


def silent(rows: pd.DataFrame) -> Mask:
    """(rows,): months of two or more running without hours or a deal begun or closed, of a rep who did so many
    before and after that it happens to no rep of a thousand such companies by chance, while most others did.

    Counts of a rep's months scatter more than chance alone makes them; how much, all reps tell together.

    Parameters
    ----------
    rows
        rep, month, busy, written, tenure, deals (begun and closed).
    """
    ordered = rows.reset_index(drop=True).sort_values(["rep", "month"], kind="stable")
    if ordered.empty:
        return np.zeros(0, dtype=bool)
    by_month = ordered.groupby("month")["busy"].transform("mean")
    idle = ~ordered["busy"] & ~ordered["written"] & (by_month >= _MOST)
    run = _runs(ordered, idle)
    length = idle.groupby(run).transform("sum")
    found = pd.Series(False, index=ordered.index)
    wanted = np.log(len(ordered) / _BY_CHANCE) / _zeros(ordered[ordered["busy"]])
    # Few runs can be as long as that: those of who had so many deals in any month.
    most = ordered.groupby("rep")["deals"].transform("max")
    long = ordered[idle & (length >= _RUNNING) & (most * length > wanted)]
    people = dict(list(ordered[ordered["rep"].isin(long["rep"])].groupby("rep")))
    for _, mine in long.groupby(run):
        own = people[mine["rep"].iloc[0]]
        before = own[own["month"] < mine["month"].iloc[0]]["deals"].tail(_NEAR)
        after = own[own["month"] > mine["month"].iloc[-1]]["deals"].head(_NEAR)
        new = before.empty and own["tenure"].iloc[0] <= _LEARNING
        near = [float(one.mean()) for one in (before, after) if len(one)]
        others = int((~own["busy"]).sum()) - len(mine)
        if near and not new and others <= 1 and min(near) * len(mine) > wanted:
            found[mine.index] = True
    return found.sort_index().to_numpy(dtype=bool)


def _runs(ordered: pd.DataFrame, idle: pd.Series) -> pd.Series:
    """Numbers of runs of idle rows. One begins with the row before it, with the rep's first, or after months
    that the rep has no row for: who left and came back was not idle between."""
    month = ordered["month"].rank(method="dense")
    other = (ordered["rep"] != ordered["rep"].shift()) | (month.diff() > 1)
    return (~idle | other).cumsum()


def _zeros(rows: pd.DataFrame) -> float:
    """The log of the chance of a month without deals, by deals expected: −1 where counts are as chance makes
    them, nearer nothing where they scatter by more (negative binomial). Given as a positive number."""
    grouped = rows.groupby("rep")["deals"]
    mean = grouped.transform("mean")
    freedom = len(rows) - grouped.ngroups
    if freedom < 1 or not (mean > 0).any():
        return 1.0
    scatter = float(((rows["deals"] - mean) ** 2 / mean.where(mean > 0)).sum() / freedom)
    return np.log(scatter) / (scatter - 1) if scatter > 1 + 1e-6 else 1.0


def said(reps: pd.Series, follows: str) -> str:
    """How many were away, whose months of leave `reps` are, and what follows."""
    return (
        f"{wording.count(reps.nunique(), 'rep')} had neither hours nor deals in "
        f"{wording.count(len(reps), 'rep-month')}, two or more running, in which others had them: taken as leave, {follows}."
    )


def _above_zero(column: pd.Series) -> Mask:
    return np.array(pd.to_numeric(column, errors="coerce") > 0, dtype=bool)


def _tenure(data: pd.DataFrame) -> NDArray[np.float64]:
    if "tenure_months" not in data.columns:
        return np.full(len(data), np.nan)
    return pd.to_numeric(data["tenure_months"], errors="coerce").to_numpy(dtype=np.float64)
