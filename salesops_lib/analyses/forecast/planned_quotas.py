"""The quotas of reps, also of those whose months ahead are not in the data yet."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from salesops_lib.analyses.forecast.history import month_start
from salesops_lib.analyses.forecast.sales_data import SalesData
from salesops_lib.analyses.forecast.spells import latest_spells
from salesops_lib.dataset.month_numbers import month_numbers
from salesops_lib.dataset.period_names import month_number

_QUARTER = 3


@dataclass(frozen=True)
class Planned:
    """Quotas of reps and months, and what of them stands in.

    Attributes
    ----------
    rows
        One row a rep and month: rep_id, month (Timestamp), number (see `month_numbers`), quota in
        money, stands_in (it is the rep's own of three months before).
    now
        Number of the month that holds the last day known.
    """

    rows: pd.DataFrame
    now: int

    def stands_in(self, first: int, last: int) -> tuple[int, float]:
        """How many reps have a stand-in in the months `first` … `last`, and their sum in money."""
        mine = self.rows[self.rows["stands_in"] & self.rows["number"].between(first, last)]
        return mine["rep_id"].nunique(), float(mine["quota"].sum())

    def not_passed_on(self, first: int, last: int) -> float:
        """Share of the latest three months' quota that was of reps who have none in the months
        `first` … `last`, less what reps have a month there who had none before; 0 where that is more."""
        then = self._by_rep(self.now - _QUARTER + 1, self.now)
        later = self._by_rep(first, last)
        if then.empty or later.empty:
            return 0.0
        gone = float(then[~then.index.isin(later.index)].sum())
        new = float(later[~later.index.isin(then.index)].sum())
        return max(gone - new * _QUARTER / (last - first + 1), 0.0) / float(then.sum())

    def _by_rep(self, first: int, last: int) -> pd.Series:
        mine = self.rows[(self.rows["quota"] > 0) & self.rows["number"].between(first, last)]
        return mine.groupby("rep_id")["quota"].sum()


def planned(dataset: SalesData, as_of: pd.Timestamp) -> Planned:
    """The quotas of the past and of the months ahead.

    The forecast is of what all will book. A rep who is still there and has no quota yet in a month ahead
    for which others have one would be in the forecast, and not in the quota held against it. So the
    rep's own quota of three months before stands in, where there is one. A quota of 0 is a quota, and
    nothing stands in for who has left.
    """
    rows, now = _every(dataset), month_number(as_of)
    if not len(rows):
        return Planned(rows.assign(number=0, stands_in=False), now)
    month = pd.to_datetime(rows["month"])
    rows = rows.assign(month=month, number=month_numbers(month), stands_in=False)
    there = _there(dataset.reps(), as_of)
    known = rows.loc[(rows["number"] > now) & (rows["quota"] > 0), "number"]
    for number in sorted(known.unique()):
        have = rows.loc[rows["number"] == number, "rep_id"]
        before = rows[(rows["number"] == number - _QUARTER) & (rows["quota"] > 0)]
        lacking = before[before["rep_id"].isin(there) & ~before["rep_id"].isin(have)]
        if len(lacking):
            filled = lacking.assign(month=month_start(number), number=number, stands_in=True)
            rows = pd.concat([rows, filled], ignore_index=True)
    return Planned(rows, now)


def _every(dataset: SalesData) -> pd.DataFrame:
    parts = [dataset.quotas()]
    ahead = getattr(dataset, "quotas_ahead", None)
    if ahead is not None:
        parts.append(ahead())
    every = pd.concat([one for one in parts if len(one)] or parts[:1], ignore_index=True)
    return every.dropna(subset=["quota"]) if "quota" in every else every


def _there(reps: pd.DataFrame, as_of: pd.Timestamp) -> set[object]:
    """Reps who have not left by that day."""
    reps = latest_spells(reps)
    if "end_date" not in reps:
        return set(reps["rep_id"])
    end = pd.to_datetime(reps["end_date"])
    return set(reps.loc[end.isna() | (end > as_of), "rep_id"])
