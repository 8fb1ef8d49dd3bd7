"""Business that is booked at the quarter's end: whether it is, and in which months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib import wording

QUARTER = 3
# What part of all is booked in one month of every quarter, and over how many quarters, so that it is its end.
_NEARLY_ALL, _FEWEST = 0.75, 4


def month_number(month: pd.Series) -> pd.Series:
    """Calendar months since year 0 of timestamps."""
    return month.dt.year * 12 + month.dt.month - 1


def last_month(month: pd.Series, value: pd.Series) -> int | None:
    """The place, in a quarter of the calendar, of the month in which quarters end; None where nearly all is not
    booked in one of them.

    Parameters
    ----------
    month
        (rows,): numbers of calendar months, see `month_number`.
    value
        (rows,): what was booked.
    """
    sums = value.groupby(month).sum()
    if len(sums) < QUARTER * _FEWEST or not sums.sum() > 0:
        return None
    at = sums.index.to_numpy() % QUARTER
    shares = np.array([sums[at == place].sum() for place in range(QUARTER)]) / sums.sum()
    best = int(shares.argmax())
    return best if shares[best] >= _NEARLY_ALL else None


def in_quarters(
    rep: pd.Series, month: pd.Series, value: pd.Series
) -> tuple[pd.Series, pd.Series, float] | None:
    """Each row's quarter, whether the rep has its last month, and what part of all is booked in last months; None
    where business is not booked at the quarter's end.

    Parameters
    ----------
    rep, month, value
        (rows,): who, the calendar month as a timestamp, and what was booked.
    """
    number = month_number(month)
    place = last_month(number, value)
    if place is None:
        return None
    quarter = (number - place - 1) // QUARTER
    last = (number - place) % QUARTER == 0
    whole = last.groupby([rep, quarter]).transform("any")
    return quarter, whole, float(value[last].sum() / value.sum())


def said(share: float, follows: str) -> str:
    """That business is booked at the quarter's end, and what follows from it."""
    return f"{wording.percent(share)} is booked in the last month of quarters: {follows}"
