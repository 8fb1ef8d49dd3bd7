"""How many reps a company hires in a year, counted by their dates."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from salesops_lib.dataset.assumptions import Assumption

# The time that is counted in months; hires of a shorter one say little about a year.
_COUNTED, _LEAST = 24, 12
# Where it is known of a smaller share of reps, those counted may be a small part of those hired.
_KNOWN = 0.5


def counted(
    default: Assumption,
    reps: pd.DataFrame,
    first: pd.Timestamp,
    last: pd.Timestamp,
    seen: pd.Series | None = None,
) -> Assumption:
    """The hires of the last two years a year; `default` where they cannot be counted, as where of most reps nobody
    knows whether they were hired in them.

    Who came back or moved is hired once, and nobody knows when where the row before has no date, but whoever was
    seen before the two years was not hired in them. The month in which the records begin is not counted: whoever
    was there already may be dated in it.

    Parameters
    ----------
    default
        The assumption that nobody stated, from which the result has its label and unit.
    reps
        One row a rep and spell of employment, with rep_id and hire_date.
    first, last
        The days that the records reach; NaT where nothing is dated.
    seen
        The month in which a rep, the index, is first seen at work.
    """
    if pd.isna(first) or pd.isna(last) or "hire_date" not in reps:
        return default
    hired = reps.groupby("rep_id")["hire_date"].min().dropna()
    hired = hired.drop(reps.loc[reps["hire_date"].isna(), "rep_id"], errors="ignore")
    months = min(_COUNTED, (last - (first + pd.DateOffset(months=1))).days // 30)
    if hired.empty or months < _LEAST:
        return default
    since = last - pd.DateOffset(months=months)
    undated = reps.loc[~reps["rep_id"].isin(hired.index), "rep_id"].drop_duplicates()
    there = undated.map(seen).le(since) if seen is not None else undated.isna()
    unknown, of = int((~there).sum()), len(hired) + len(undated)
    if of - unknown < _KNOWN * of:
        return default
    inside = hired.gt(since) & hired.le(last)
    # Sentences tell as many hires as the money is of: 2.5 of them.
    a_year = round(float(inside.sum()) * 12 / months, 1)
    return replace(
        default,
        value=a_year,
        source=f"counted from the hire dates of the last {months} months"
        + _not_counted(unknown, of),
    )


def _not_counted(unknown: int, reps: int) -> str:
    """What the count may lack: of whom nobody knows, may have been hired within it."""
    if not unknown:
        return ""
    have = "has none and is" if unknown == 1 else "have none and are"
    return f"; {unknown:,} of {reps:,} reps {have} not counted"
