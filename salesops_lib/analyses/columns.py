"""Columns of the frames that analyses are handed: there, numbers, days; or an error that names them."""

from __future__ import annotations

import decimal
import numbers
import re
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.dataset import faults
from salesops_lib.dataset.parsing import as_date
from salesops_lib.errors import DataError

# Day and month in figures before the year: 03/04/2026 is two days, by who writes it.
_IN_PARTS = re.compile(r"\s*\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}\b")
_QUARTER = re.compile(r"\d{4}-?Q[1-4]", re.I)

# Words of which there is nearly one a row are no groups: from so many cells on, more than one in so many.
_FEW_CELLS, _MOST_GROUPS = 12, 3

# A period of which less than this is missing is a whole one.
_MISSING = 1e-9


def check_frame(given: object) -> None:
    """Raises DataError for what is no frame of pandas: a dataset, say, or a frame of polars."""
    if isinstance(given, pd.DataFrame):
        return
    remedy = "Of a dataset, give a table such as dataset.rep_months() or dataset.deals()."
    if hasattr(given, "to_pandas"):
        remedy = "Give frame.to_pandas()."
    raise DataError(f"a pandas DataFrame is needed, not a {type(given).__name__}", remedy=remedy)


def check_columns(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    """Raises DataError for what is no frame, or the first column that is not there or there twice."""
    check_frame(frame)
    for name in names:
        if name not in frame.columns:
            raise DataError(
                f"is not there, and {what} needs it", column=name, remedy=there_are(frame, [name])
            )
    check_once(frame, names)


def there_are(frame: pd.DataFrame, missing: Sequence[str]) -> str:
    """What helps where columns are missing: the names that there are, or where they lie."""
    if all(name in frame.index.names for name in missing):
        it = "It is" if len(missing) == 1 else "They are"
        return f"{it} in the index of the frame: give frame.reset_index()."
    return f"There are: {', '.join(map(str, frame.columns))}."


def check_once(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Raises DataError for the first of these columns that is there twice, as after a join: which one is
    meant cannot be told."""
    for name in names:
        if name in frame.columns and isinstance(frame[name], pd.DataFrame):
            raise DataError("is there more than once", column=name,
                            remedy="Rename or drop all but one of them.")  # fmt: skip


def under_its_name(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A result's table with the caller's name over its column `rep`.

    Raises
    ------
    DataError
        Where another column of the table has that name: one of the two would be lost.
    """
    if name != "rep" and name in table.columns:
        raise DataError("has the name of a column of the result, which holds something else", column=name,
                        remedy="Rename it, for example to 'rep'.")  # fmt: skip
    return table.rename(columns={"rep": name})


def with_measures(
    frame: pd.DataFrame, amounts: Sequence[str], covariates: Sequence[str]
) -> pd.DataFrame:
    """`frame` with those of the columns as floats that hold numbers as objects of Python, as databases
    give money (Decimal), and lists that hold None. Taken for words, each of them would be a group of its own.

    Raises
    ------
    DataError
        For a covariate that holds numbers as words, or beside words, of which nearly every row has another.
    """
    read = {}
    for name in dict.fromkeys((*amounts, *covariates)):
        column = frame[name]
        if isinstance(column, pd.DataFrame) or not _may_hold_words(column):
            continue
        cells = column.dropna()
        if len(cells) and cells.map(_is_measure).all():
            read[name] = column.astype(object).where(column.notna(), np.nan).astype(float)
    copied = frame.copy(deep=False)
    for name, column in read.items():
        copied[name] = column
    _check_groups(copied, covariates)
    return copied


def _check_groups(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if not _may_hold_words(frame[name]):
            continue
        cells = frame[name].dropna()
        if len(cells) < _FEW_CELLS or cells.astype(str).nunique() * _MOST_GROUPS <= len(cells):
            continue
        known = pd.to_numeric(cells.astype(str), errors="coerce").notna()
        if known.mean() > 0.5:
            raise DataError(
                "holds words, not numbers" if known.all() else "holds words beside numbers",
                column=name, rows=cells.index[(known.all() | ~known).to_numpy()],
                remedy="Turn it into numbers, for example with pandas.to_numeric.",
            )  # fmt: skip


def _may_hold_words(column: pd.Series) -> bool:
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def _is_measure(cell: object) -> bool:
    return isinstance(cell, numbers.Real | decimal.Decimal) and not isinstance(
        cell, bool | np.bool_
    )


def number(frame: pd.DataFrame, name: str, *, least: float | None = None) -> pd.Series:
    """The column as floats; blank cells stay missing.

    Raises
    ------
    DataError
        For cells that are no numbers, infinite, or below `least`, with the rows.
    """
    values = pd.to_numeric(frame[name], errors="coerce").astype(float)
    wrong = (values.isna() & frame[name].notna()) | np.isinf(values)
    if wrong.any():
        raise DataError(
            "holds cells that are not numbers", column=name, rows=frame.index[wrong],
            remedy="Correct those cells or leave them blank.",
        )  # fmt: skip
    if least is not None and (values < least).any():
        raise DataError(
            f"lies below {least:g}", column=name, rows=frame.index[(values < least).to_numpy()],
            remedy="Correct those rows.",
        )  # fmt: skip
    return values


def days(
    frame: pd.DataFrame, name: str, what: str, example: str, *, blank: bool = False
) -> pd.Series:
    """The column as days; blank cells stay missing where they may be `blank`.

    Raises
    ------
    DataError
        For cells that are none, with the rows.
    """
    known = pd.to_datetime(_plain(frame[name]), errors="coerce", format="ISO8601")
    wrong = known.isna() & (frame[name].notna() | (not blank))
    if wrong.any():
        raise DataError(
            f"holds cells that are not {what}", column=name,
            rows=frame.index[wrong.to_numpy()], remedy=f"Write them as {example}.",
        )  # fmt: skip
    # The day is the one that was written down.
    return (
        known.dt.tz_localize(None) if known.dtype != object and known.dt.tz is not None else known
    )


def _plain(column: pd.Series) -> pd.Series:
    """Periods as their first day, days of Arrow as pandas' own: not all that is done with days works on
    Arrow's."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    return column.astype(object) if isinstance(column.dtype, pd.ArrowDtype) else column


def read_days(column: pd.Series, name: str) -> pd.Series:
    """Dates, or text, as days and moments; missing where a cell is none. Whether 03/04/2026 is a day
    of April is told from the whole column, as at the dataset's door: pandas would take it for one of
    March, and 31/04/2026 beside it for one of April.

    Raises
    ------
    DataError
        Where the column does not tell.
    """
    column = _plain(column)
    words = column if not pd.api.types.is_datetime64_any_dtype(column) else ()
    if not any(isinstance(one, str) and _IN_PARTS.match(one) for one in words):
        with warnings.catch_warnings():
            # Cells written in several ways, and time zones that differ, as around a clock change.
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", FutureWarning)
            return pd.to_datetime(column, errors="coerce")
    read = as_date(column, keep_time=True)
    doubt = sorted(at for at, one in read.refused.items() if one.kind == faults.DAY_OR_MONTH)
    if doubt:
        raise DataError(
            "day or month may come first", column=name, rows=column.index[doubt],
            remedy="Write days as 2026-09-30.",
        )  # fmt: skip
    return read.values


def moments(column: pd.Series, name: str) -> pd.DatetimeIndex | None:
    """Each row's time, of a period its first moment; None where the column numbers periods or says no time."""
    try:
        times = time_labels(column, name)
    except DataError:
        return None
    if isinstance(times, pd.PeriodIndex):
        times = times.to_timestamp()
    return times if isinstance(times, pd.DatetimeIndex) else None


def time_labels(column: pd.Series, name: str) -> pd.Index:
    """Labels that sort by time: timestamps, periods or numbers; text is read as days or quarters.

    Raises
    ------
    DataError
        For text that is none, with the rows.
    """
    if (
        pd.api.types.is_numeric_dtype(column)
        or pd.api.types.is_datetime64_any_dtype(column)
        or isinstance(column.dtype, pd.PeriodDtype)
    ):
        return pd.Index(column)
    text = column.astype(str)
    if text.str.fullmatch(_QUARTER).all():
        return pd.Index(pd.PeriodIndex(text, freq="Q").to_timestamp())
    known = pd.to_datetime(text, errors="coerce", format="ISO8601")
    if known.isna().any():
        known = read_days(text, name)
    if known.isna().any():
        raise DataError(
            "not a date, period or number", column=name, rows=column.index[known.isna().to_numpy()],
            remedy="Write months as 2026-09.",
        )  # fmt: skip
    return pd.Index(known)


def month_of(days: pd.Series) -> NDArray[np.datetime64]:
    """The first day of each day's month."""
    return days.to_numpy("datetime64[ns]").astype("datetime64[M]").astype("datetime64[ns]")


def whole_periods(data: pd.DataFrame, share: str | None) -> pd.DataFrame:
    """The rows of which no part is missing by the column `share` (1: the whole period): in half a month
    half is sold, created and logged. All of them where the column is not there or none is whole."""
    if share is None or share not in data:
        return data
    whole = ~(data[share] < 1 - _MISSING)
    return data[whole] if whole.any() else data
