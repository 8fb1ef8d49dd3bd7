"""Reps who came together and sold like ramped ones from their first month: as from a company that was bought."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from salesops_lib.analyses.ramp_time_cost.spells import Spells

# So many reps in one month, this part of all who are seen from their start; months that tell how they began;
# of a ramped rep's month, what is like one.
FEWEST, _PART, _FIRST, _LIKE = 5, 1 / 3, 3, 0.9


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Who came in one month with customers of their own, by what they sold.

    Attributes
    ----------
    month
        When they came.
    came, seen
        How many they are, and how many are seen from their start.
    early, others
        What they, and the others, sold a month in their first three, as shares of a ramped rep's; NaN where
        there are no others.
    """

    month: pd.Timestamp
    came: int
    seen: int
    early: float
    others: float


def came_together(clean: Spells) -> Arrivals | None:
    """The largest such group; None where nobody came so.

    Parameters
    ----------
    clean
        Spells whose values are shares of a ramped rep's month.
    """
    if not clean.dated:
        return None
    started = clean.reps[clean.reps["entry"] == 0]
    # Who is dated in the month in which the records begin may have been there before.
    later = started[started["first_period"] > clean.rows["period"].min()]
    counts = later["first_period"].value_counts()
    if counts.empty or counts.iloc[0] < max(FEWEST, _PART * len(started)):
        return None
    month = counts.index[0]
    group = set(later.loc[later["first_period"] == month, "rep"])
    first = clean.rows[clean.rows["tenure"].le(_FIRST) & clean.rows["rep"].isin(started["rep"])]
    inside = first["rep"].isin(group)
    early, others = _pace(first[inside]), _pace(first[~inside])
    if early < _LIKE or others >= _LIKE:
        return None
    return Arrivals(pd.Timestamp(month), len(group), len(started), early, others)


def _pace(rows: pd.DataFrame) -> float:
    worked = float(rows["exposure"].sum())
    return float(rows["value"].sum()) / worked if worked else float("nan")
