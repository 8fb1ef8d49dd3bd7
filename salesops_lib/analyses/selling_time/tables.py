"""The tables of selling time, from an account of hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.columns import check_columns, number
from salesops_lib.analyses.selling_time.hours import UNKNOWN, Hours, within_months
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.estimate import Estimate

# A rep with less than this share of the average's selling hours does not write them down.
_LEAST_OF_AVERAGE = 0.25
Masks = Sequence[NDArray[np.bool_]]


def by_activity(account: Hours, confidence: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each activity's hours and share, most first; and the covariance of the hours."""
    one_each = list(np.eye(len(account.kinds), dtype=bool))
    table = _with_hours(account, account.kinds, one_each, confidence)
    covariance = account.a_week(one_each).covariance
    order = np.argsort(-table["hours"].to_numpy(), kind="stable")
    names = table["activity"].to_numpy()[order]
    return (
        table.iloc[order].reset_index(drop=True),
        pd.DataFrame(covariance[np.ix_(order, order)], index=names, columns=names),
    )


def by_owner(account: Hours, confidence: float) -> pd.DataFrame:
    """The same by whose work it is."""
    owner = account.kinds["owner"].to_numpy()
    names = pd.unique(owner)
    masks = [owner == one for one in names]
    table = _with_hours(account, pd.DataFrame({"owner": names}), masks, confidence)
    return table.sort_values("hours", ascending=False, kind="stable", ignore_index=True)


def _with_hours(
    account: Hours, table: pd.DataFrame, masks: Masks, confidence: float
) -> pd.DataFrame:
    week, share = account.a_week(masks), account.shares(masks)
    limits = np.array([week.interval(i, confidence) for i in range(len(masks))])
    ends = np.array([share.interval(i, confidence, 1.0) for i in range(len(masks))])
    return table.assign(
        hours=week.value, low=limits[:, 0], high=limits[:, 1],
        share=share.value, share_low=ends[:, 0], share_high=ends[:, 1],
    )  # fmt: skip


def totals(account: Hours, confidence: float, n: int) -> dict[str, Any]:
    """The estimates over all activities."""
    selling = account.kinds["selling"].to_numpy(bool)
    movable = account.kinds["movable"].to_numpy(bool)
    masks = [np.ones(len(selling), bool), selling, movable]
    week, share = account.a_week(masks), account.shares([selling])
    method = "ratio of totals, between reps, t"
    hours = [
        Estimate(
            float(week.value[i]), *week.interval(i, confidence), confidence, "hours", n, method
        )
        for i in range(3)
    ]
    selling_share = Estimate(
        float(share.value[0]), *share.interval(0, confidence, 1.0), confidence, "share", n, method
    )
    return {
        "hours_week": hours[0],
        "selling_hours_week": hours[1],
        "movable_hours_week": hours[2],
        "selling_share": selling_share,
    }


def by_rep(account: Hours) -> pd.DataFrame:
    """rep, weeks, hours, selling_hours, movable_hours (a week), selling_share."""
    selling = account.kinds["selling"].to_numpy(bool)
    movable = account.kinds["movable"].to_numpy(bool)
    total = account.by_rep.sum(axis=1)
    return pd.DataFrame({
        "rep": account.reps, "weeks": account.weeks.astype(float), "hours": total / account.weeks,
        "selling_hours": account.by_rep[:, selling].sum(axis=1) / account.weeks,
        "movable_hours": account.by_rep[:, movable].sum(axis=1) / account.weeks,
        "selling_share": account.by_rep[:, selling].sum(axis=1) / total,
    })  # fmt: skip


def sellers(account: Hours, rows: pd.DataFrame, monthly: pd.DataFrame, months: int) -> pd.DataFrame:
    """rep, month, bookings_year, selling_hours (a week) of each rep-month."""
    selling = account.by_rep[:, account.kinds["selling"].to_numpy(bool)].sum(axis=1)
    average = float(selling.sum() / account.weeks.sum())
    own = selling / account.weeks
    # A week is no year, nor a month: of reps who swing, those with few weeks recorded would seem to
    # differ more than they do, and so would their months. Between none and all of the swings may be error.
    swings = within_months(account.weekly, account.weekly["selling_hours"].to_numpy(float))
    swing = 0.0 if np.isnan(swings) else swings / 2
    hours = pd.Series(_drawn(own, average, swing / account.weeks), index=account.reps)
    table = rows[["rep", "month", "bookings"]].merge(monthly, on=["rep", "month"], how="left")
    level = table["rep"].map(hours)
    level = level.where(level >= _LEAST_OF_AVERAGE * average, average)
    weeks = account.weekly.groupby(["rep", "month"]).size().rename("weeks").reset_index()
    count = table[["rep", "month"]].merge(weeks, on=["rep", "month"], how="left")["weeks"]
    ratio = table["selling_week"] / table["rep"].map(dict(zip(account.reps, own, strict=True)))
    known = ratio.notna() & np.isfinite(ratio)
    month = np.ones(len(table))
    # Where nobody sells at all, no ratio is known.
    error = swing / (average or 1.0) ** 2 / count[known].fillna(np.inf).to_numpy(float)
    month[known] = _drawn(ratio[known].to_numpy(float), 1.0, error)
    # Nobody sells on next to nothing: such a month was not written down.
    month = np.where(month >= _LEAST_OF_AVERAGE, month, 1.0)
    return pd.DataFrame({
        "rep": table["rep"], "month": table["month"],
        "bookings_year": table["bookings"].to_numpy(float) * 12 / months,
        "selling_hours": level.to_numpy(float) * month,
    })  # fmt: skip


def _drawn(
    seen: NDArray[np.float64], average: float, error: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values drawn towards their average until they differ by as much as they do without the error: what
    hours bring bends with how much they differ, so the best guess of each, which differs less, is not it."""
    spread = max(float(seen.var(ddof=1) - error.mean()), 0.0) if len(seen) > 1 else 0.0
    known = np.divide(spread, spread + error, out=np.ones_like(seen), where=spread + error > 0)
    return np.asarray(average + np.sqrt(known) * (seen - average), dtype=np.float64)


def by_month(weekly: pd.DataFrame) -> pd.DataFrame:
    """rep, month, hours, selling_week: selling hours a recorded week, so that a week nobody wrote down is
    not taken for a week without selling."""
    grouped = weekly.groupby(["rep", "month"], as_index=False)
    return grouped.agg(hours=("hours", "sum"), selling_week=("selling_hours", "mean"))


def account_from_months(
    data: pd.DataFrame, rows: pd.DataFrame, hours: str
) -> tuple[Hours, pd.DataFrame]:
    """An account of selling and all else, from the hours of rep-months. A month of which only the
    selling hours are known is left out: it would count as sold through.

    Raises
    ------
    DataError
        For months with more selling hours than hours.
    NotEnoughData
        If the months hold no hours.
    """
    check_columns(data, [hours, "hours"], "an account of hours without a table of activities")
    selling = number(data, hours, least=0.0).to_numpy()
    every = number(data, "hours", least=0.0).to_numpy()
    over = selling > every * (1 + 1e-9)
    if over.any():
        raise DataError(
            "more hours of selling than hours", column=hours, rows=data.index[over],
            remedy="Correct these rows; both count the same month.",
        )  # fmt: skip
    weeks = rows["month"].dt.days_in_month.to_numpy() / 7 * rows["share"].to_numpy()
    kept = np.isfinite(selling) & (every > 0) & (weeks > 0)
    if not kept.any():
        raise NotEnoughData(
            "no hours are recorded for these reps and months",
            column=hours,
            remedy="Add the table of activities, one row a rep, week and activity.",
        )
    codes, labels = pd.factorize(rows["rep"][kept], sort=True)
    by_rep = np.zeros((len(labels), 2))
    np.add.at(by_rep, (codes, 0), selling[kept])
    np.add.at(by_rep, (codes, 1), (every - selling)[kept])
    kinds = pd.DataFrame({
        "activity": ["Selling", "Everything else"], "owner": ["sales", UNKNOWN],
        "selling": [True, False], "movable": [False, False],
    })  # fmt: skip
    monthly = pd.DataFrame({
        "rep": rows["rep"][kept], "month": rows["month"][kept], "hours": every[kept],
        "selling_week": selling[kept] / weeks[kept],
    })  # fmt: skip
    weekly = pd.DataFrame(columns=["rep", "week", "month", "hours", "selling_hours"])
    worked = np.bincount(codes, weights=weeks[kept]).astype(np.float64)
    account = Hours(weekly, kinds, by_rep, worked, np.asarray(labels, dtype=object), ())
    return account, monthly
