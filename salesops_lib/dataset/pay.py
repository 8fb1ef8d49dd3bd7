"""What a rep costs a year, by the reps table."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from salesops_lib.dataset.assumptions import Assumption

# The mean of fewer would tell what each of them is paid.
_FEWEST = 5
# A cost from which on a part of a unit is nothing.
_WHOLE = 1_000


def of_reps(default: Assumption, reps: pd.DataFrame, last: pd.Timestamp) -> Assumption:
    """The mean cost of those employed; `default` where it is known of fewer than five, or of less than half.

    Parameters
    ----------
    default
        The assumption that nobody stated, from which the result has its label and unit.
    reps
        One row a rep and spell of employment, with rep_id, hire_date, end_date and annual_cost.
    last
        The last day that the records reach; NaT where nothing is dated.
    """
    if pd.isna(last):
        return default
    there = reps[~(reps["end_date"] < last) & ~(reps["hire_date"] > last)]
    cost = (
        there.sort_values("hire_date", na_position="first").groupby("rep_id")["annual_cost"].last()
    )
    known = cost[cost > 0]
    if len(known) < max(_FEWEST, len(cost) / 2):
        return default
    # Money is told of whole units, unless it is written in thousands or millions.
    mean = float(known.mean())
    value = float(round(mean)) if mean >= _WHOLE else mean
    return replace(default, value=value, source=f"mean of {len(known)} reps in the reps table")
