"""Business that is booked at the quarter's end: whether it is, and in which months."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib import wording
from salesops_lib.dataset.month_numbers import month_numbers

QUARTER = 3
# What part of all is booked in one month of every quarter, and over how many quarters, so that it is its end.
_NEARLY_ALL, _FEWEST = 0.75, 4
# As often the same month of three has the most where each is as likely; all four of a year's quarters are less.
_CHANCE = 0.02


def last_month(month: pd.Series, value: pd.Series) -> int | None:
    """The place, in a quarter of the calendar, of the month in which quarters end; None where nearly all is not
    booked in one of them.

    Parameters
    ----------
    month
        (rows,): numbers of calendar months, see `month_numbers`.
    value
        (rows,): what was booked.
    """
    sums = value.groupby(month).sum()
    if len(sums) < QUARTER * _FEWEST or not sums.sum() > 0:
        return None
    at = sums.index.to_numpy() % QUARTER
    shares = np.array([sums[at == place].sum() for place in range(QUARTER)]) / sums.sum()
    best = int(shares.argmax())
    return best if shares[best] >= _NEARLY_ALL and _again_and_again(sums, best) else None


def _again_and_again(sums: pd.Series, place: int) -> bool:
    """Whether of three months one after the other it is mostly the one at `place` that has the most: one large
    deal, or a few, have three quarters of all in one month by chance."""
    month = sums.index.to_series()
    group = (month - month.min()) // QUARTER
    size, booked = month.groupby(group).size(), sums.groupby(group).sum()
    best = sums.groupby(group).idxmax()[(size == QUARTER) & (booked > 0)]
    often = int((best % QUARTER == place).sum())
    return bool(stats.binom.sf(often - 1, len(best), 1 / QUARTER) <= _CHANCE)


def in_quarters(
    rep: pd.Series, month: pd.Series, value: pd.Series
) -> tuple[pd.Series, pd.Series, float] | None:
    """Each row's quarter, whether the rep has a row of its last month, and what part of all is booked in last
    months; None where business is not booked at the quarter's end.

    Parameters
    ----------
    rep, month, value
        (rows,): who, the calendar month as a timestamp, and what was booked.
    """
    number = month_numbers(month)
    place = last_month(number, value)
    if place is None:
        return None
    quarter = (number - place - 1) // QUARTER
    last = (number - place) % QUARTER == 0
    whole = last.groupby([rep, quarter]).transform("any")
    return quarter, whole, float(value[last].sum() / value.sum())


def began_unseen(
    rep: pd.Series, month: pd.Series, quarter: pd.Series, tenure: pd.Series
) -> pd.Series:
    """(rows,): whether the row's quarter began before the rep's first row though the rep was at work already:
    what is booked at its end was made in more months than there are rows.

    Parameters
    ----------
    rep, month
        (rows,): who, and the calendar month as a timestamp.
    quarter
        (rows,): as `in_quarters` has it.
    tenure
        (rows,): months on the job, 1 in the first; NaN is long.
    """
    number = month_numbers(month)
    first = number.groupby(rep).transform("min")
    seen = number.groupby([rep, quarter]).transform("size")
    opened = quarter == quarter.where(number == first).groupby(rep).transform("max")
    # A month of a few days at the begin of a job may have no row.
    before = number - tenure.fillna(np.inf) + 1 < first - 1
    return opened & before & (seen < QUARTER)


def said(share: float, follows: str) -> str:
    """That business is booked at the quarter's end, and what follows from it."""
    return f"{wording.percent(share)} of all is booked in the last month of quarters: {follows}"
