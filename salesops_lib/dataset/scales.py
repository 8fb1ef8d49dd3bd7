"""Amounts of two tables that cannot be of one measure: a year's quota in each month, thousands beside whole
amounts. Each cell may be well, and every comparison of the two is wrong by a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesops_lib import wording

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

# So much less, or more, than all quotas together no company books for long; rep-months and reps that tell it.
_LEAST_REACHED, _MOST_REACHED, _REP_MONTHS, _REPS = 0.25, 4.0, 24, 3
# What part of the rep-months is not of late.
_EARLIER = 0.6
# Of a running total the k-th month is about k times the first, from here on, in most rows; a drop begins anew.
_FROM, _ABOUT, _MOSTLY, _ANEW = 4, 0.3, 0.6, 0.5
# What a year of a rep costs, against what the rep sells in it.
_LEAST_COST, _MOST_COST = 0.001, 10.0
# What the middle won deal is paid, against its list amount; and how many deals tell it.
_LEAST_PAID, _MOST_PAID, _DEALS = 0.1, 2.0, 20


def of_scales(dataset: Dataset) -> list[str]:
    """Sentences about quotas, costs and list amounts that bookings belie."""
    months = dataset._rep_months
    last = dataset.last_complete_month
    months = months[months["month"] <= last] if last is not None else months.iloc[:0]
    return [*_quotas(months), *_costs(dataset._frame("reps"), months), *_lists(dataset)]


def _quotas(months: pd.DataFrame) -> list[str]:
    owed = months[months["quota"] > 0]
    booked = float(owed["bookings"].sum())
    if len(owed) < _REP_MONTHS or owed["rep_id"].nunique() < _REPS or not booked > 0:
        return []
    if _running(owed):
        return [
            "quotas rise through the year as running totals do, each month holding all months so far: they count "
            "as single months' all the same, so attainment and the chances of reaching quota are far too low. "
            "Write each month's own quota."
        ]
    reached = booked / float(owed["quota"].sum())
    # A young company may sell next to nothing at first, and more of late; a measure is wrong throughout.
    late = _of_late(owed)
    of_late = float(late["bookings"].sum() / late["quota"].sum())
    if any(_LEAST_REACHED <= one <= _MOST_REACHED for one in (reached, of_late)):
        return []
    if reached < 1:
        told, hint = f"{wording.percent(reached)} of it", "a year's quota stands in each month, or "
    else:
        told, hint = f"{wording.number(reached)} times as much", ""
    return [
        f"in the months in which they had a quota, reps booked {told} on the whole: if {hint}quotas are in "
        "another unit or currency than deals, attainment and the chances of reaching quota mean nothing. Write "
        "each month's own quota, in the money of the deals."
    ]


def _of_late(months: pd.DataFrame) -> pd.DataFrame:
    return months[months["month"] >= months["month"].quantile(_EARLIER)]


def _running(owed: pd.DataFrame) -> bool:
    """Whether most quotas are running totals: of a run without a drop, the k-th is about k times the first, and what
    is booked does not rise with it. Where new hires are given more each month, in a young company nearly all, it
    does, and quotas as they stand are nearer to what is booked than what they rise by."""
    ordered = owed.sort_values(["rep_id", "month"], kind="stable")
    before = ordered.groupby("rep_id")["quota"].shift()
    anew = ~(ordered["quota"] >= _ANEW * before)
    runs = ordered.groupby(anew.cumsum())["quota"]
    place = runs.cumcount() + 1
    times = ordered["quota"] / (runs.transform("first") * place)
    later = place >= _FROM
    if not (later.any() and times[later].between(1 - _ABOUT, 1 + _ABOUT).mean() > _MOSTLY):
        return False
    sums = ordered[["quota", "bookings"]].groupby(place).mean()
    late, early = sums[sums.index >= _FROM].mean(), sums[sums.index < _FROM].mean()
    rises = late["bookings"] > early["bookings"] * (late["quota"] / early["quota"]) ** 0.5
    booked, owing = ordered["bookings"].sum(), ordered["quota"].sum()
    own = owing - before[~anew].sum()
    return bool(not rises and booked**2 < owing * own)


def _costs(reps: pd.DataFrame, months: pd.DataFrame) -> list[str]:
    cost = reps.loc[reps["annual_cost"] > 0].groupby("rep_id")["annual_cost"].last()
    own = months[months["rep_id"].isin(cost.index)]
    sold = _sold_a_year(own)
    if len(sold) < _REPS or not sold.median() > 0:
        return []
    share = float(cost.median() / sold.median())
    late = _sold_a_year(_of_late(own)).median()
    of_late = float(cost.median() / late) if late > 0 else share
    if any(_LEAST_COST <= one <= _MOST_COST for one in (share, of_late)):
        return []
    told = f"{share:.1g}" if share < 1 else wording.number(share)
    return [
        f"the annual_cost of the middle rep is {told} times what that rep sells in a year: in thousands beside "
        "whole amounts, or another currency? What hours and reps cost leans on it. Write it in the money of the deals."
    ]


def _sold_a_year(months: pd.DataFrame) -> pd.Series:
    sums = months.groupby("rep_id")[["bookings", "month_share"]].sum()
    return 12 * sums["bookings"] / sums["month_share"]


def _lists(dataset: Dataset) -> list[str]:
    deals = dataset._frame("deals")
    won = deals[(deals["status"] == "won") & (deals["amount"] > 0) & (deals["list_amount"] > 0)]
    if len(won) < _DEALS:
        return []
    paid = float(np.median(won["amount"] / won["list_amount"]))
    if _LEAST_PAID <= paid <= _MOST_PAID:
        return []
    told = f"{paid:.1g}" if paid < 1 else wording.number(paid)
    return [
        f"the middle won deal was paid {told} times its list_amount: the price of one piece, or another unit? "
        "Discounts, and what holding prices brings, mean nothing so. Write what the whole deal costs by the list."
    ]
