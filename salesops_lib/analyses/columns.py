"""Columns of the frames that analyses are handed: there, numbers, days; or an error that names them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.errors import DataError


def check_columns(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    """Raises DataError for the first column that is not there."""
    for name in names:
        if name not in frame.columns:
            known = ", ".join(str(one) for one in frame.columns)
            raise DataError(
                f"is not there, and {what} needs it", column=name, remedy=f"There are: {known}."
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
    known = pd.to_datetime(frame[name], errors="coerce", format="ISO8601")
    wrong = known.isna() & (frame[name].notna() | (not blank))
    if wrong.any():
        raise DataError(
            f"holds cells that are not {what}", column=name,
            rows=frame.index[wrong.to_numpy()], remedy=f"Write them as {example}.",
        )  # fmt: skip
    return known


def month_of(days: pd.Series) -> NDArray[np.datetime64]:
    """The first day of each day's month."""
    return days.to_numpy("datetime64[ns]").astype("datetime64[M]").astype("datetime64[ns]")
