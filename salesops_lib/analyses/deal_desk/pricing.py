"""The closed deals of the window with what they listed for and what they were sold or offered for."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_columns, days, number
from salesops_lib.analyses.deal_desk import notices as say
from salesops_lib.dataset.period import day_of
from salesops_lib.errors import DataError, NotEnoughData

STATUSES = ("open", "won", "lost")
# Kinds of a deal beyond so many, or of fewer deals, are one: each costs a coefficient.
_MOST_KINDS, _FEWEST_DEALS = 10, 15
REST = "all others"
# Deals at the window's start lack a list amount by chance unless that is as rare as this.
_BY_CHANCE = 0.01
# Of what was paid, so much without a list amount may make a discount of all another than of the rest.
_MUCH = 0.05
# As many days before a month tell how often deals are closed.
_RECENT = 91
# Discounts that differ by less than a tenth of a point are one: what is left is the rounding of amounts.
TELLING = 0.001


@dataclass(frozen=True)
class Priced:
    """Closed deals of the window whose list price and own price are known.

    Attributes
    ----------
    deals
        rep, won, listed, paid (money; offered where lost), discount (share of list, negative above
        list), late (closed in the last days of a fiscal quarter), account, and a column for each of
        `kinds`.
    kinds
        Which of product and segment there are.
    months
        Months counted.
    unpriced
        Lost deals that were quoted, of which the list amount or the amount is not known.
    """

    deals: pd.DataFrame
    kinds: tuple[str, ...]
    months: int
    notices: tuple[str, ...]
    unpriced: int = 0

    @property
    def won(self) -> pd.DataFrame:
        return self.deals[self.deals["won"]].reset_index(drop=True)

    @property
    def alike(self) -> bool:
        """Whether every deal was sold at the same discount."""
        sold = self.deals.loc[self.deals["won"], "discount"]
        return len(sold) > 1 and bool(sold.max() - sold.min() < TELLING)


@dataclass(frozen=True)
class Window:
    """The deals closed in the months counted.

    Attributes
    ----------
    deals, closed
        Of these months, with the day that each closed.
    months
        How many of them the data reach back over.
    end
        Their last day.
    ever
        The day that each of all deals closed, blank where it did not.
    """

    deals: pd.DataFrame
    closed: pd.Series
    months: int
    end: pd.Timestamp
    ever: pd.Series


def closed_in_window(
    deals: pd.DataFrame, *, status: str, close: str, last_month: object, months: int
) -> Window:
    """The deals closed in the `months` months up to `last_month`.

    Raises
    ------
    DataError
        For a status that is none of open, won and lost, or a date that is none.
    NotEnoughData
        If nothing closed.
    """
    wrong = ~deals[status].isin(STATUSES)
    if wrong.any():
        raise DataError(
            "holds other words than open, won and lost", column=status,
            rows=deals.index[wrong.to_numpy()], remedy="Write each deal's status as one of these.",
        )  # fmt: skip
    closed = days(deals, close, "dates", "2026-09-30", blank=True)
    dated = deals[status].ne("open") & closed.notna()
    if not dated.any():
        raise NotEnoughData("no deal has been closed", column=close)
    end = last_whole_month(closed[dated]) if last_month is None else month_end(last_month)
    start = (end - pd.DateOffset(months=months) + pd.offsets.MonthEnd(0)).normalize()
    inside = dated & (closed > start) & (closed < end + pd.Timedelta(days=1))
    if not inside.any():
        raise NotEnoughData("no deal was closed in these months", column=close)
    before = closed[dated & (closed <= start)]
    first = closed[inside].min() if before.empty else start + pd.Timedelta(days=1)
    counted = _months_between(first, end)
    return Window(deals[inside], closed[inside], counted, end, closed.where(dated))


def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    """Months from one day's to another's, both counted."""
    return int((last.to_period("M") - first.to_period("M")).n) + 1


def last_whole_month(closed: pd.Series) -> pd.Timestamp:
    """The last day of the last month that is over. A month is running where nothing was closed after some
    day of it and so long a silence is no chance; taken for a whole one it makes a year's money too low.

    Parameters
    ----------
    closed
        Days on which deals were closed, none blank.
    """
    last = closed.max().normalize()
    end = month_end(last)
    before = (end - pd.DateOffset(months=1) + pd.offsets.MonthEnd(0)).normalize()
    first = before - pd.Timedelta(days=_RECENT - 1)
    recent = closed[(closed >= first) & (closed < before + pd.Timedelta(days=1))]
    # As many are expected in the days after it as in those of the months before, on the days of the week
    # on which deals are closed at all: some companies close on the first only, or on the last.
    silent, worked = (
        int(days[(days.day > last.day) & days.dayofweek.isin(recent.dt.dayofweek.unique())].size)
        for days in (pd.date_range(last, end), pd.date_range(first, before))
    )
    later = int((recent.dt.day > last.day).sum())
    running = worked > 0 and math.exp(-later * silent / worked) < _BY_CHANCE
    return before if running else end


def month_end(day: object) -> pd.Timestamp:
    """The last day of a day's month, or of a period of pandas, or DataError."""
    day = day.end_time if isinstance(day, pd.Period) else day
    return day_of(day) + pd.offsets.MonthEnd(0)


def priced(
    deals: pd.DataFrame, *, rep: str, status: str, amount: str, list_amount: str, close: str,
    product: str | None, segment: str | None, account: str | None, quoted: str | None,
    last_month: object, months: int, quarter_end_month: int, quarter_end_days: int,
) -> Priced:  # fmt: skip
    """The deals to look at.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If no won deal has a list amount.
    """
    check_columns(deals, [rep, status, amount, close], "price realisation")
    if list_amount not in deals.columns:
        raise NotEnoughData(
            "the deals have no list amount, so what was given away is not known",
            column=list_amount, remedy="Add what each deal would have cost at list price.",
        )  # fmt: skip
    window = closed_in_window(
        deals, status=status, close=close, last_month=last_month, months=months
    )
    inside, counted, after = window.deals, window.months, window.end + pd.Timedelta(days=1)
    listed, paid = number(inside, list_amount, least=0.0), number(inside, amount)
    returned = (inside[status] == "won") & (paid < 0)
    won = (inside[status] == "won") & ~returned
    rows = pd.DataFrame({
        "rep": inside[rep].astype(object), "won": won, "listed": listed, "paid": paid,
        "late": last_days(window.closed, quarter_end_month, quarter_end_days),
    })  # fmt: skip
    names = {"product": product, "segment": segment, "account": account}
    there = {
        kind: name for kind, name in names.items()
        if name is not None and name in inside and bool(inside[name].notna().any())
    }  # fmt: skip
    for kind, name in there.items():
        rows[kind] = inside[name].astype(object)
    if rows["rep"].isna().all():
        raise NotEnoughData(
            "no deal closed in these months has a rep, so reps cannot be compared",
            column=rep, remedy="Say whose each deal is.",
        )  # fmt: skip
    known = (listed > 0) & paid.notna() & rows["rep"].notna()
    usable = known & (paid > 0)
    if not (usable & won).any():
        raise _nothing_priced(
            won, known, paid, status=status, amount=amount, list_amount=list_amount
        )
    since = _kept_since(window, won, known, deals[list_amount].notna())
    if since is not None:
        counted = min(counted, _months_between(since, window.end))
    offered = _comparable(inside, won, usable, quoted)
    unpriced = int((offered & ~won & ~usable & rows["rep"].notna()).sum())
    usable &= offered
    notices = _uncounted(rows, known, guessed=since is None)
    rows = rows[usable].assign(discount=1 - paid[usable] / listed[usable])
    notices += _notices(rows, int(returned.sum()), counted, since)
    if last_month is None and (window.ever >= after).any():
        notices.append(say.running_month(after))
    kinds = tuple(one for one in ("product", "segment") if one in there)
    for kind in kinds:
        rows[kind] = _pooled(rows[kind])
    return Priced(rows.reset_index(drop=True), kinds, counted, tuple(notices), unpriced)


def _nothing_priced(
    won: pd.Series, known: pd.Series, paid: pd.Series, *, status: str, amount: str, list_amount: str
) -> NotEnoughData:
    """Why there is no won deal with a price: nobody is sent looking for list amounts that are there."""
    if not won.any():
        return NotEnoughData("no deal was won in these months", column=status,
                             remedy="Choose a longer time.")  # fmt: skip
    if (known & won).any():
        return NotEnoughData(
            "every deal won in these months was given away whole, which is no discount", column=amount,
            remedy="Write what was paid for each deal, or leave it blank where it is not known.",
        )  # fmt: skip
    if paid[won].isna().all():
        return NotEnoughData("no deal won in these months has an amount", column=amount,
                             remedy="Add what was paid for each deal.")  # fmt: skip
    return NotEnoughData(
        "no deal won in these months has a list amount, so what was given away is not known",
        column=list_amount, remedy="Add what each deal would have cost at list price.",
    )  # fmt: skip


def _kept_since(
    window: Window, won: pd.Series, known: pd.Series, listed: pd.Series
) -> pd.Timestamp | None:
    """The first closing day with a list amount, if nobody kept any before: the months without are not
    months in which nothing was given away. None where those before it may lack one by chance; `listed`
    (all deals) says which have one."""
    closed = window.closed
    first = closed[known].min()
    earlier = int((won & (closed < first)).sum())
    later = won & (closed >= first)
    missing = 1 - float((known & later).sum()) / (int(later.sum()) + 1)
    if missing**earlier > _BY_CHANCE:
        return None
    kept_before = listed & (window.ever < closed.min())
    return None if kept_before.any() else first


def _comparable(
    inside: pd.DataFrame, won: pd.Series, usable: pd.Series, quoted: str | None
) -> pd.Series:
    """Lost deals count where they were quoted, if the data say so: an amount that no customer saw is
    no offer."""
    if quoted is None or quoted not in inside:
        return pd.Series(True, index=inside.index)
    known = inside[quoted].notna()
    return won | known if (known & usable & ~won).any() else pd.Series(True, index=inside.index)


def last_days(closed: pd.Series, quarter_end_month: int, count: int) -> pd.Series:
    """Whether each day is one of the last `count` of a fiscal quarter.

    Parameters
    ----------
    quarter_end_month
        Any month, 1 to 12, in which a fiscal quarter ends.
    """
    ends = (closed.dt.month - quarter_end_month) % 3 == 0
    left = closed.dt.days_in_month - closed.dt.day
    return ends & (left < count)


def quarter_end_month(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """A month in which a fiscal quarter ends, from a reporting period: the last of a period of one
    or more quarters; otherwise December, as quarters of the calendar year have it."""
    span = (end.to_period("M") - start.to_period("M")).n + 1
    whole = start.day == 1 and (end + pd.Timedelta(days=1)).day == 1
    return int(end.month) if whole and span % 3 == 0 else 12


def _pooled(kinds: pd.Series) -> pd.Series:
    """The most frequent kinds, the others as one; a blank is a kind of its own."""
    named = kinds.where(kinds.notna(), "not known").astype(str)
    counts = named.value_counts()
    kept = counts[counts >= _FEWEST_DEALS].index[:_MOST_KINDS]
    return named.where(named.isin(kept), REST)


def _uncounted(rows: pd.DataFrame, known: pd.Series, *, guessed: bool) -> list[str]:
    """What is said of won deals of which no discount is known. Where none was sold at list, a list amount may
    have been written down for its discount: `guessed` says that nothing else explains why some have none."""
    won = rows[rows["won"]]
    told = known[rows["won"]]
    said = []
    if not told.all():
        paid, of_others = float(won["paid"].sum()), float(won.loc[~told, "paid"].sum())
        listed = won.loc[told, "listed"]
        never = bool((won.loc[told, "paid"] < listed * (1 - TELLING)).all())
        much = guessed and never and of_others > _MUCH * paid
        at_list = paid / (float(listed.sum()) + of_others) if much else None
        said.append(say.without_list(int((~told).sum()), len(won), at_list))
    free = told & (won["paid"] == 0)
    if free.any():
        sums = won.loc[told, ["paid", "listed"]].sum()
        share = float(sums["paid"] / sums["listed"])
        said.append(say.free(int(free.sum()), int(told.sum()), share))
    return said


def _notices(
    rows: pd.DataFrame, returned: int, months: int, since: pd.Timestamp | None
) -> list[str]:
    said: list[str] = []
    if returned:
        said.append(say.returns(returned))
    sold = rows[rows["won"]]
    above = sold[sold["discount"] < 0]
    if len(above):
        money = float((above["paid"] - above["listed"]).sum())
        said.append(say.above_list(len(above), len(sold), money / float(sold["listed"].sum())))
    if months < 12:
        said.append(say.short_year(months) if since is None else say.kept_since(since, months))
    return said


def within_reps_columns(
    deals: pd.DataFrame, kinds: Sequence[str], references: Container[tuple[str, str]] = ()
) -> tuple[np.ndarray, list[str]]:
    """(deals, k): what makes a deal of another kind — a column for each product and segment but the
    most frequent and the `references`, (kind, level), and deal size (log of list and its square) —
    and which kind each column is of. Columns are centred on the average deal."""
    columns: list[np.ndarray] = []
    labels: list[str] = []
    for kind in kinds:
        for level in deals[kind].value_counts().index[1:]:
            if (kind, str(level)) in references:
                continue
            columns.append((deals[kind] == level).to_numpy(float))
            labels.append(kind)
    size = np.log(deals["listed"].to_numpy(float))
    size = size - size.mean()
    columns += [size, size**2]
    labels += ["size", "size"]
    x = np.stack(columns, axis=1)
    return x - x.mean(axis=0), labels
