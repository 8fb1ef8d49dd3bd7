"""Rows that stand for several months: quarters, and periods from a first to a last day. Each becomes
a row a month, and an amount is divided among them to the cent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import amounts, day_order, faults, parsing
from salesops_lib.dataset.faults import Fault
from salesops_lib.dataset.importing.rules import ColumnRule
from salesops_lib.errors import DataError

# Half a month: a period belongs to the months that its middle is in, so that one which begins on the
# last evening of a month (midnight elsewhere) or in the week before it is not taken for a longer one.
_HALF = pd.Timedelta(days=14)
_MONTH = 30.44
_USUAL = (1, 3, 6, 12)
_CENT = Decimal("0.01")
# 2026Q3, 2026-Q3, Q3 2026, Q3/2026: the year stands before or behind.
_QUARTER = r"(?i)^\s*(?:(\d{4})[-/ ]?Q([1-4])|Q([1-4])[-/ ]?(\d{4}))\s*$"


@dataclass(frozen=True)
class Spread:
    """For each row after spreading: how many months its period has, which of them it is, and the first
    day of the period (of quarters none: they are texts)."""

    months: np.ndarray
    place: np.ndarray
    first: pd.Series


def spread(frame: pd.DataFrame, one: ColumnRule) -> tuple[pd.DataFrame, Spread, list[str]]:
    """The frame with a row for each month of each row's period, and what to say of it.

    Raises
    ------
    DataError
        If how long the periods are cannot be told.
    """
    if one.quarter:
        months = np.full(len(frame), 3)
        notes = ["each row is a quarter, written as its three months"]
        first = pd.Series(pd.NaT, index=frame.index)
    else:
        first, last = _ends(frame, one)
        months, notes = _lengths(frame, one, first, last)
    place = np.concatenate([np.arange(n) for n in months]) if len(months) else months
    rows = frame.index.repeat(months)
    return (
        frame.loc[rows].reset_index(drop=True),
        Spread(np.repeat(months, months), place, first.loc[rows].reset_index(drop=True)),
        notes,
    )


def _ends(frame: pd.DataFrame, one: ColumnRule) -> tuple[pd.Series, pd.Series]:
    """The first and the last day of each row's period. Whether days come before months, where one of
    the columns leaves it open, the other says; else that all periods begin on the same day of a month,
    as they do one way and not the other."""
    names = (one.source, str(one.until))
    parsed = {name: parsing.as_date(frame[name]) for name in names}
    for name, other in (names, names[::-1]):
        if parsed[name].order.undecided:
            way = day_order.by_siblings(parsed[name].order, {other: parsed[other].order}).first
            way = _by_beginnings(frame[name]) if way is None and name == one.source else way
            parsed[name] = parsing.as_date(frame[name], day_first=way)
    for name, column in parsed.items():
        if column.refused:
            rows = [frame[name].iloc[row] for row in column.refused]
            kinds = {fault.kind for fault in column.refused.values()}
            said = faults.DAY_OR_MONTH.says if kinds == {faults.DAY_OR_MONTH} else "is not a day"
            raise DataError(
                said, column=name, rows=list(dict.fromkeys(rows)), remedy="Write it as 2026-09-30."
            )
    return parsed[one.source].values, parsed[str(one.until)].values


def _by_beginnings(texts: pd.Series) -> bool | None:
    """Whether days come first, where only one way makes all periods begin on one day of a month."""
    cells = texts[texts != ""].drop_duplicates()
    fits = {
        way: len(set(parsing.as_date(cells, day_first=way).values.dt.day)) == 1
        for way in (True, False)
    }
    return None if fits[True] == fits[False] else fits[True]


def _lengths(
    frame: pd.DataFrame, one: ColumnRule, first: pd.Series, last: pd.Series
) -> tuple[np.ndarray, list[str]]:
    """How many months each row's period has: by its last day, else by where the next ones begin."""
    known = first.notna() & last.notna()
    days = (last - first).dt.days + 1
    wrong = frame.loc[known & (days < 21), one.source]
    if len(wrong):
        raise DataError(
            f"begins a period shorter than a month (its end is in {one.until})",
            column=str(one.source),
            rows=wrong,
            remedy="Quotas are by month: take these rows out, or correct the days.",
        )
    months = (days / _MONTH).round().where(known, 1).clip(lower=1)
    notes = []
    guessed = first.notna() & last.isna()
    if guessed.any():
        length = _between(first, one)
        months = months.where(~guessed, length)
        shown = "a month" if length == 1 else f"{length} months"
        notes.append(
            f"{wording.count(int(guessed.sum()), 'row')} without the end of their period: taken to last "
            f"{shown}, the shortest time from one {one.source} to another"
        )
    longer = int((months > 1).sum())
    if longer:
        rows = wording.count(longer, "row")
        notes.append(f"{rows} of several months, written as a row a month")
    return months.to_numpy().astype("int64"), notes


def _between(first: pd.Series, one: ColumnRule) -> int:
    """Months between a period's beginning and the next."""
    begin = (first.dropna() + _HALF).dt.to_period("M")
    ordinals = np.unique(np.array([period.ordinal for period in begin.unique()]))
    gap = int(np.diff(ordinals).min()) if len(ordinals) > 1 else 0
    if gap not in _USUAL:
        told = "all are the same" if gap == 0 else f"they are {gap} months apart"
        raise DataError(
            f"whether these periods are months or quarters cannot be told: {told}",
            column=str(one.source),
            rows=first.dropna().dt.date.unique(),
            remedy=f"Give the last day of each period ({one.until}), or take the file away.",
        )
    return gap


def months_of(one: ColumnRule, texts: pd.Series, by: Spread) -> pd.Series:
    """The first day of each row's month, in the rows after spreading."""
    if one.quarter:
        return _of_quarters(one, texts, by)
    ordinal = (by.first + _HALF).dt.to_period("M").dt.to_timestamp()
    moved = [
        (day + pd.DateOffset(months=int(at))).strftime("%Y-%m-%d") if day is not pd.NaT else text
        for day, at, text in zip(ordinal, by.place, texts, strict=True)
    ]
    return pd.Series(moved, index=texts.index, dtype=object)


def _of_quarters(one: ColumnRule, texts: pd.Series, by: Spread) -> pd.Series:
    parts = texts.str.extract(_QUARTER)
    year = parts[0].where(parts[0].notna(), parts[3])
    quarter = parts[1].where(parts[1].notna(), parts[2])
    wrong = texts[year.isna()]
    if len(wrong):
        blank = "" in set(wrong)
        raise DataError(
            "is not a quarter",
            column=str(one.source),
            rows=wrong.replace("", "(blank)").drop_duplicates(),
            remedy="Write it as 2026Q3"
            + (f', or leave rows without it out: keep."{one.source}" = ["*"].' if blank else "."),
        )
    month = quarter.astype(int) * 3 - 2 + by.place
    return year + "-" + month.astype(str).str.zfill(2) + "-01"


def parts_of(one: ColumnRule, texts: pd.Series, by: Spread, *, semicolons: bool) -> pd.Series:
    """An equal part of each amount, the cents that do not divide going to the last month; a blank
    stays blank, and what is no number in a month of its own as it is, for the door to set aside.

    Raises
    ------
    DataError
        If an amount of several months is no number.
    """
    read = amounts.as_number(texts, semicolons=semicolons)
    wrong = texts[read.values.isna() & (texts != "") & (by.months > 1)]
    if len(wrong):
        fault = next(iter(read.refused.values()), Fault(faults.NOT_A_NUMBER))
        raise DataError(
            fault.kind.says,
            column=str(one.source),
            rows=wrong.drop_duplicates(),
            remedy=fault.kind.remedy,
        )
    made = []
    for row, (text, value) in enumerate(zip(texts, read.values, strict=True)):
        if np.isnan(value):
            made.append(text)
            continue
        n, amount = int(by.months[row]), Decimal(repr(value))
        part = (amount / n).quantize(_CENT) if n > 1 else amount
        part = amount - (n - 1) * part if by.place[row] == n - 1 else part
        made.append(f"{read.currencies.get(row, '')} {part:f}".strip())
    return pd.Series(made, index=texts.index, dtype=object)


def decimal(text: str) -> Decimal | None:
    """The number that a text is, exactly; thousands may stand apart by comma."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def product(row: Sequence[str]) -> str:
    """The exact product of the cells; blank where one is. What is no number stays visible, for the
    door to set aside."""
    numbers = [decimal(text) for text in row]
    if "" in row:
        return ""
    made = Decimal(1)
    for number in numbers:
        if number is None:
            return " × ".join(row)
        made *= number
    return format(made, "f")
