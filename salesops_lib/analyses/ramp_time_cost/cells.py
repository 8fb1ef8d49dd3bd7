"""The cells of the caller's rep-months: reps, numbers and months, or an error that names them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_once, number, read_days, there_are
from salesops_lib.errors import DataError
from salesops_lib.statistics.design import is_categorical

_JOINED = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])")


def check_needed(data: pd.DataFrame, columns: dict[str, str], extra: tuple[str, ...]) -> None:
    """Raises DataError where a column is not there, or there twice, or a row is nobody's."""
    for role, name in [*columns.items(), *(("", one) for one in extra)]:
        if name in data:
            continue
        remedy = f"Name the column with {role}=." if role else "Name a column of the data."
        if role == "tenure":
            remedy = "Add hire dates to the reps table, or name the column with tenure=."
        if name in data.index.names:
            remedy = there_are(data, [name])
        raise DataError("the data has no such column", column=name, remedy=remedy)
    check_once(data, [*columns.values(), *extra])
    if data[columns["rep"]].isna().any():
        missing = data.index[data[columns["rep"]].isna()]
        raise DataError("a rep is missing", column=columns["rep"], rows=missing,
                        remedy="Every row must say whose it is.")  # fmt: skip


def numbers(data: pd.DataFrame, name: str) -> np.ndarray:
    """(rows,): the column as floats, NaN where it is blank.

    Raises
    ------
    DataError
        For cells that are no finite numbers.
    """
    found = pd.to_numeric(data[name], errors="coerce").astype(float)
    wrong = (found.isna() & data[name].notna()) | np.isinf(found)
    if wrong.any():
        raise DataError("not a number", column=name, rows=data.index[wrong],
                        remedy="Correct those cells or leave them blank.")  # fmt: skip
    return found.to_numpy(dtype=float)


def whole_months(data: pd.DataFrame, name: str) -> np.ndarray:
    """(rows,): months on the job, NaN where they are not known.

    Raises
    ------
    DataError
        For parts of a month: who had been there for half a month would seem to have sold before being hired,
        and no month would follow the one before it.
    """
    found = numbers(data, name)
    parts = found % 1 > 0
    if parts.any():
        raise DataError("holds parts of months", column=name, rows=data.index[parts],
                        remedy="Count the calendar month of hire as 1 and the next as 2; give the share of the first "
                        "month that was worked as exposure=.")  # fmt: skip
    return found


def check_finite(data: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Raises DataError where one of the columns that hold numbers is infinite."""
    for name in names:
        if is_categorical(data[name]):
            continue
        infinite = np.isinf(data[name].to_numpy(dtype=float, na_value=np.nan))
        if infinite.any():
            raise DataError("is infinite", column=name, rows=data.index[infinite],
                            remedy="Correct these rows or leave them blank.")  # fmt: skip


def labels(data: pd.DataFrame, name: str | None) -> np.ndarray:
    """(rows,): the column as words, `all` where there is none."""
    if name is None or name not in data:
        return np.full(len(data), "all", dtype=object)
    check_once(data, [name])
    column = data[name]
    words = column.astype(object).where(column.notna(), "unknown").astype(str)
    return np.asarray(words, dtype=object)


def shares(data: pd.DataFrame, name: str | None) -> np.ndarray:
    """(rows,): the share of the month worked, 1 where no row says it.

    Raises
    ------
    DataError
        Where some rows say it and others do not: how much of their month was worked is not known; for more
        than a whole month.
    """
    if name is None or name not in data:
        return np.ones(len(data))
    check_once(data, [name])
    share = number(data, name, least=0.0)
    blank = share.isna()
    if blank.all():
        return np.ones(len(data))
    if blank.any():
        raise DataError("is missing", column=name, rows=data.index[blank],
                        remedy="Give the share of the month that the rep was there, 1 for all of it.")  # fmt: skip
    found = share.to_numpy(dtype=float)
    over = found > 1 + 1e-9
    if over.any():
        # In percent, a mature month would be worth a hundredth of what it is.
        raise DataError("lies above 1", column=name, rows=data.index[over],
                        remedy="Give the share of the month that the rep was there, 1 for all of it.")  # fmt: skip
    return found


def months(data: pd.DataFrame, name: str | None) -> pd.Series:
    """The first day of each row's month; NaT where the column is not there, is blank or numbers periods.

    Raises
    ------
    DataError
        For cells that are no dates.
    """
    empty = pd.Series(pd.NaT, index=range(len(data)), dtype="datetime64[ns]")
    if name is None or name not in data:
        return empty
    check_once(data, [name])
    column = data[name]
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    joined = _year_and_month(column)
    if joined is None and pd.api.types.is_numeric_dtype(column):
        return empty
    days = read_days(column, name) if joined is None else joined
    wrong = days.isna() & column.notna()
    if wrong.any():
        raise DataError("holds cells that are not dates", column=name, rows=data.index[wrong],
                        remedy="Write months as 2026-09-01, or leave them out with period=None.")  # fmt: skip
    # The month is the one that was written down, not the one that it was in London then.
    if isinstance(days.dtype, pd.DatetimeTZDtype):
        days = days.dt.tz_localize(None)
    return pd.Series(days.to_numpy(dtype="datetime64[ns]")).dt.to_period("M").dt.to_timestamp()


def _year_and_month(column: pd.Series) -> pd.Series | None:
    """Months written as 202609, in figures or words; None where any cell is something else. Taken for numbers
    of periods, or for no dates, season and who has left would not be seen."""
    known = column.dropna()
    if known.empty or pd.api.types.is_datetime64_any_dtype(column):
        return None
    text = known.astype(str).str.removesuffix(".0")
    if not text.str.fullmatch(_JOINED).all():
        return None
    days = pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
    days[column.notna().to_numpy()] = pd.to_datetime(text, format="%Y%m").to_numpy()
    return days
