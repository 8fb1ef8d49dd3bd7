"""Reps who came together and sold like ramped ones from their first month: as from a company that was bought."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from salesops_lib.analyses.ramp_time_cost.spells import Spells

# So many reps in one month, this part of all who are seen from their start; months that tell how they began;
# of a ramped rep's month, what is like one.
FEWEST, _PART, _FIRST, _LIKE = 5, 1 / 3, 3, 0.9
# The chance that hires like all others sell so much more than these.
_BY_CHANCE = 0.05


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
    if early < _LIKE or others >= _LIKE or not _differ(first, inside):
        return None
    return Arrivals(pd.Timestamp(month), len(group), len(started), early, others)


def _differ(first: pd.DataFrame, inside: pd.Series) -> bool:
    """Whether those who came together began better than the others beyond chance, rep by rep; so taken where
    there are no others."""
    sums = first.assign(inside=inside).groupby("rep")[["value", "exposure", "inside"]].sum()
    pace, group = sums["value"] / sums["exposure"], sums["inside"] > 0
    n, others = int(group.sum()), int((~group).sum())
    if not others:
        return True
    apart = float(pace[group].mean() - pace[~group].mean())
    within = float((pace - pace.groupby(group).transform("mean")).pow(2).sum()) / (n + others - 2)
    error = math.sqrt(within * (1 / n + 1 / others))
    return apart > error * float(stats.t.isf(_BY_CHANCE, n + others - 2))


def _pace(rows: pd.DataFrame) -> float:
    worked = float(rows["exposure"].sum())
    return float(rows["value"].sum()) / worked if worked else float("nan")
