"""Rows that stand for several months: quarters, and periods from a first to a last day. Each becomes
a row a month, and an amount is divided among them to the cent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from salesops_lib.dataset import parsing
from salesops_lib.dataset.importing.rules import ColumnRule
from salesops_lib.errors import DataError

# Half a month: a period belongs to the months that its middle is in, so that one which begins on the
# last evening of a month (midnight elsewhere) or in the week before it is not taken for a longer one.
_HALF = pd.Timedelta(days=14)
_MONTH = 30.44
_USUAL = (1, 3, 6, 12)


@dataclass(frozen=True)
class Spread:
    """For each row after spreading: how many months its period has, and which of them it is."""

    months: np.ndarray
    place: np.ndarray


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
    else:
        months, notes = _lengths(frame, one)
    place = np.concatenate([np.arange(n) for n in months]) if len(months) else months
    return (
        frame.loc[frame.index.repeat(months)].reset_index(drop=True),
        Spread(np.repeat(months, months), place),
        notes,
    )


def _lengths(frame: pd.DataFrame, one: ColumnRule) -> tuple[np.ndarray, list[str]]:
    """How many months each row's period has: by its last day, else by where the next ones begin."""
    first, last = _days(frame[one.source], one.source), _days(frame[str(one.until)], str(one.until))
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
            f"{int(guessed.sum()):,} rows do not say where their period ends: they are taken to "
            f"last {shown}, the shortest time from one {one.source} to another"
        )
    longer = int((months > 1).sum())
    if longer:
        notes.append(f"{longer:,} rows are periods of several months, written as a row a month")
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


def _days(texts: pd.Series, column: str) -> pd.Series:
    parsed = parsing.as_date(texts)
    if parsed.refused:
        rows = [f"{texts.iloc[row]}" for row in parsed.refused]
        raise DataError("is not a day", column=column, rows=rows, remedy="Write it as 2026-09-30.")
    return parsed.values


def months_of(one: ColumnRule, texts: pd.Series, by: Spread) -> pd.Series:
    """The first day of each row's month, in the rows after spreading."""
    if one.quarter:
        return _of_quarters(one, texts, by)
    first = _days(texts, str(one.source)) + _HALF
    ordinal = first.dt.to_period("M").dt.to_timestamp()
    moved = [
        (day + pd.DateOffset(months=int(at))).strftime("%Y-%m-%d") if day is not pd.NaT else text
        for day, at, text in zip(ordinal, by.place, texts, strict=True)
    ]
    return pd.Series(moved, index=texts.index, dtype=object)


def _of_quarters(one: ColumnRule, texts: pd.Series, by: Spread) -> pd.Series:
    plain = texts.str.replace("-", "", regex=False).str.upper()
    wrong = texts[~plain.str.fullmatch(r"\d{4}Q[1-4]")]
    if len(wrong):
        raise DataError(
            "is not a quarter", column=str(one.source), rows=wrong, remedy="Write it as 2026Q3."
        )
    month = plain.str[-1].astype(int) * 3 - 2 + by.place
    return plain.str[:4] + "-" + month.astype(str).str.zfill(2) + "-01"


def parts_of(one: ColumnRule, texts: pd.Series, by: Spread) -> pd.Series:
    """An equal part of each amount, the cents that do not divide going to the last month; a blank
    stays blank, for the door to set aside."""
    made = []
    for text, n, at in zip(texts, by.months, by.place, strict=True):
        if text == "" or n == 1:
            made.append(text)
            continue
        amount = decimal(text)
        if amount is None:
            raise DataError(
                "is not a number", column=str(one.source), rows=[text], remedy="Write 1234.50."
            )
        part = (amount / int(n)).quantize(Decimal("0.01"))
        made.append(str(amount - (int(n) - 1) * part if at == n - 1 else part))
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
