"""Where the hours go: checked, cut to the reps and months of the data, and counted by activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.columns import check_columns, days, month_of, number
from salesops_lib.analyses.selling_time import notices as say
from salesops_lib.dataset.schema import plain_name
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.statistics.ratio_means import Ratios, ratios

MOVABLE = ("sales-ops primary", "sales-ops supporting", "marketing")
UNKNOWN = "not known"
Kinds = Mapping[str, tuple[bool, str]]


@dataclass(frozen=True)
class Hours:
    """The hours of the data's reps and months.

    Attributes
    ----------
    weekly
        rep, week, month, hours, selling_hours: one row a rep and week.
    kinds
        activity, owner, selling, movable; the order of `by_rep`.
    by_rep
        (reps, activities): total hours.
    weeks
        (reps,): weeks recorded.
    reps
        (reps,): labels.
    """

    weekly: pd.DataFrame
    kinds: pd.DataFrame
    by_rep: NDArray[np.float64]
    weeks: NDArray[np.float64]
    reps: NDArray[np.object_]
    notices: tuple[str, ...]

    def a_week(self, chosen: Sequence[NDArray[np.bool_]]) -> Ratios:
        """Hours a rep and week of each set of activities."""
        return ratios(self._sums(chosen), self.weeks)

    def shares(self, chosen: Sequence[NDArray[np.bool_]]) -> Ratios:
        """Share of all hours of each set of activities."""
        return ratios(self._sums(chosen), self.by_rep.sum(axis=1))

    def _sums(self, chosen: Sequence[NDArray[np.bool_]]) -> NDArray[np.float64]:
        return np.stack([self.by_rep[:, mask].sum(axis=1) for mask in chosen], axis=1)


def count_hours(
    activities: pd.DataFrame, kinds: Kinds, *, reps: pd.Series, months: pd.Series, rep: str
) -> Hours:
    """The hours that lie in the data's months and belong to its reps.

    A week belongs to the month of its fourth day; an activity that a rep did not do in a week
    counts as no hours, a week without any hours as not recorded.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If no hours are left, or nothing is known to be selling.
    """
    check_columns(activities, [rep, "week", "activity", "hours"], "an account of hours")
    hours = number(activities, "hours", least=0.0)
    week = days(activities, "week", "dates", "2026-09-28")
    month = month_of(week + pd.Timedelta(days=3))
    rows = pd.DataFrame({
        "rep": activities[rep].to_numpy(), "week": week.to_numpy(), "month": month,
        "activity": activities["activity"].astype(object).to_numpy(), "hours": hours.to_numpy(),
    })  # fmt: skip
    rows = rows[rows["activity"].notna() & (rows["hours"] > 0)]
    of_reps = rows["rep"].isin(reps.unique())
    if len(rows) and not of_reps.any():
        # Nobody is named: a report, whose readers may know pseudonyms only, says this sentence.
        raise NotEnoughData(
            "the hours are of other reps than the months",
            column=rep,
            remedy="Call a rep by the same id, of the same type, in both tables: 7 is not '7'.",
        )
    rows = rows[of_reps & rows["month"].isin(pd.to_datetime(months.unique()))]
    if rows.empty:
        raise NotEnoughData(
            "no hours are recorded for these reps and months",
            column="hours",
            remedy="Add the table of activities, one row a rep, week and activity.",
        )
    table = _kinds(sorted(rows["activity"].astype(str).unique()), kinds)
    place = {name: at for at, name in enumerate(table["activity"])}
    codes, labels = pd.factorize(rows["rep"], sort=True)
    at = rows["activity"].astype(str).map(place).to_numpy()
    by_rep = np.zeros((len(labels), len(table)))
    np.add.at(by_rep, (codes, at), rows["hours"].to_numpy())
    selling = table["selling"].to_numpy(bool)[at]
    weekly = (
        rows.assign(selling_hours=rows["hours"].where(selling, 0.0))
        .groupby(["rep", "week", "month"], as_index=False, sort=True)[["hours", "selling_hours"]]
        .sum()
    )
    weeks = weekly.groupby("rep")["week"].nunique().reindex(labels).to_numpy(float)
    return Hours(
        weekly,
        table,
        by_rep,
        weeks,
        np.asarray(labels, dtype=object),
        tuple(_notices(table, by_rep)),
    )


def _kinds(names: Sequence[str], kinds: Kinds) -> pd.DataFrame:
    """What each activity is; names are compared as headings are, whatever their case."""
    plain = {plain_name(name): _kind(name, kind) for name, kind in kinds.items()}
    found = [plain.get(plain_name(name), (False, UNKNOWN)) for name in names]
    table = pd.DataFrame({
        "activity": list(names), "owner": [str(owner) for _, owner in found],
        "selling": [bool(selling) for selling, _ in found],
    })  # fmt: skip
    table["movable"] = ~table["selling"] & table["owner"].isin(MOVABLE)
    if not table["selling"].any():
        raise NotEnoughData(
            f"none of the activities recorded is known to be selling ({say.some(list(names))})",
            column="activity",
            remedy="Say in activities.toml which are selling, and whose work each is.",
        )
    return table


def _kind(name: str, given: object) -> tuple[bool, str]:
    """Raises ParameterError for what does not say whether an activity is selling, and whose work it is."""
    if (
        isinstance(given, tuple | list)
        and len(given) == 2
        and isinstance(given[0], bool | np.bool_)
    ):
        return bool(given[0]), str(given[1])
    raise ParameterError(
        f"kinds[{name!r}] == {given!r}, must be whether it is selling and whose work it is, as in "
        '(False, "sales-ops primary").'
    )


def _notices(table: pd.DataFrame, by_rep: NDArray[np.float64]) -> list[str]:
    unknown = (table["owner"] == UNKNOWN).to_numpy()
    if not unknown.any():
        return []
    share = float(by_rep[:, unknown].sum() / by_rep.sum())
    return [say.unknown_kinds(list(table.loc[unknown, "activity"]), share)]


def within_months(weekly: pd.DataFrame, values: NDArray[np.float64]) -> float:
    """Variance of `values` (weeks,) between the weeks of a rep's month; NaN where no month has two.

    Parameters
    ----------
    weekly
        rep, month: one row a rep and week.
    """
    cell = weekly.groupby(["rep", "month"], sort=False).ngroup().to_numpy()
    count = np.bincount(cell)
    freedom = int((count - 1).sum())
    if not freedom:
        return float("nan")
    away = values - (np.bincount(cell, weights=values) / count)[cell]
    return float((away**2).sum()) / freedom
