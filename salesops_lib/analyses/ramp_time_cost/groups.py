"""Do groups of reps ramp alike: years of hire, channels, any column that was carried along."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from salesops_lib.analyses.ramp_time_cost import comparison_words
from salesops_lib.analyses.ramp_time_cost import learning_curve as curve_topic
from salesops_lib.analyses.ramp_time_cost import milestone as milestone_topic
from salesops_lib.analyses.ramp_time_cost.learning_curve import Fitted
from salesops_lib.analyses.ramp_time_cost.milestone import Times
from salesops_lib.analyses.ramp_time_cost.result import GroupComparison, RampTime
from salesops_lib.analyses.ramp_time_cost.spells import Spells
from salesops_lib.errors import DataError

# Groups that every result can be compared by.
COHORT, CHANNEL = "cohort", "channel"
KNOWN = (COHORT, CHANNEL)


def compare_groups(ramp: RampTime, *, by: str) -> GroupComparison:
    """Each group's own ramp, and whether the groups differ by more than chance.

    Nothing is fitted to all reps again: the groups of a learning curve start from the months that
    `ramp` was fitted on, free of channel, season and market.

    Parameters
    ----------
    by
        `cohort` (the year of hire), `channel`, or the column given to `ramp_time` as `by`. A rep's
        first value counts.

    Returns
    -------
    GroupComparison, whose p is of a score test by rep (learning curve) or log-rank (milestone).

    Raises
    ------
    DataError
        If the groups are not known, or years of hire are wanted of data without dates.
    """
    basis = ramp.basis
    if by == ramp.grouped_by:
        table, curves, p = ramp.groups, ramp.group_curves, ramp.group_p
    elif isinstance(basis, Fitted):
        per_rep = _group_of(basis.spells, by)
        table, curves, p = curve_topic.by_group(
            basis.fit,
            basis.clean,
            basis.spells.rows["rep"].map(per_rep),
            target=ramp.target,
            horizon=ramp.horizon,
        )
    elif isinstance(basis, Times):
        table, curves, p = milestone_topic.by_group(
            basis, _group_of(basis.spells, by), horizon=ramp.horizon, confidence=ramp.confidence
        )
    else:
        raise DataError("this result does not hold the months it was computed on")
    found = GroupComparison(by, ramp.confidence, table, curves, p)
    return comparison_words.with_group_finding(found)


def with_groups(ramp: RampTime, by: str) -> RampTime:
    """`ramp` with its groups filled in."""
    found = compare_groups(ramp, by=by)
    return replace(
        ramp, groups=found.table, group_curves=found.curves, group_p=found.p, grouped_by=by
    )


def _group_of(spells: Spells, by: str) -> pd.Series:
    """Group of each rep: the first value seen."""
    if f"extra_{by}" in spells.rows:
        first: pd.Series = spells.rows.groupby("rep")[f"extra_{by}"].first()
        return first.astype(object).where(first.notna(), "unknown")
    if by not in KNOWN:
        raise DataError(
            "it is not known which rep belongs where",
            column=by,
            remedy=f"Give the column to ramp_time as by=, or compare by {' or '.join(KNOWN)}.",
        )
    if by == COHORT and not spells.dated:
        raise DataError("years of hire need dates", column="month", remedy="Give period=.")
    known: pd.Series = spells.reps.set_index("rep")[by]
    return known
