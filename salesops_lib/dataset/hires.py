"""How many reps a company hires in a year, counted by their dates."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from salesops_lib.dataset.assumptions import Assumption

# The time that is counted in months; hires of a shorter one say little about a year.
_COUNTED, _LEAST = 24, 12
# Of fewer reps with a date than this share, those counted may be a small part of those hired.
_DATED = 0.5


def counted(
    default: Assumption, reps: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> Assumption:
    """The hires of the last two years a year; `default` where they cannot be counted, as where most reps have no date.

    Who came back or moved is hired once, and nobody knows when where the row before has no date. The month in which
    the records begin is not counted: whoever was there already may be dated in it.

    Parameters
    ----------
    default
        The assumption that nobody stated, from which the result has its label and unit.
    reps
        One row a rep and spell of employment, with rep_id and hire_date.
    first, last
        The days that the records reach; NaT where nothing is dated.
    """
    if pd.isna(first) or pd.isna(last) or "hire_date" not in reps:
        return default
    hired = reps.groupby("rep_id")["hire_date"].min().dropna()
    hired = hired.drop(reps.loc[reps["hire_date"].isna(), "rep_id"], errors="ignore")
    months = min(_COUNTED, (last - (first + pd.DateOffset(months=1))).days // 30)
    reps_known = reps["rep_id"].nunique()
    if hired.empty or months < _LEAST or len(hired) < _DATED * reps_known:
        return default
    inside = hired.gt(last - pd.DateOffset(months=months)) & hired.le(last)
    # Sentences tell as many hires as the money is of: 2.5 of them.
    a_year = round(float(inside.sum()) * 12 / months, 1)
    return replace(
        default,
        value=a_year,
        source=f"counted from the hire dates of the last {months} months"
        + _not_counted(reps_known - len(hired), reps_known),
    )


def _not_counted(undated: int, reps: int) -> str:
    """What the count may lack: who is undated may have been hired within it."""
    if not undated:
        return ""
    have = "has none and is" if undated == 1 else "have none and are"
    return f"; {undated:,} of {reps:,} reps {have} not counted"
