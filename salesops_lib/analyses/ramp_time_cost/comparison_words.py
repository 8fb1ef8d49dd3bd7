"""What comparisons of reps say: groups, and facts that go with a quick ramp. Never causes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.ramp_time_cost.result import GroupComparison, RampFactors

_NOUNS = {"cohort": ("year of hire", "years of hire"), "channel": ("channel", "channels")}
LONGER = "longer than seen"
_NO_CAUSE = "Things that go together need not cause each other."


def group_noun(by: str) -> tuple[str, str]:
    """What one group, and several, are called."""
    plain = by.replace("_", " ")
    return _NOUNS.get(by, (f"group by {plain}", f"groups by {plain}"))


def with_group_finding(found: GroupComparison) -> GroupComparison:
    """`found` with its sentence; its number is the chance of such differences where there are none."""
    reps = int(found.table["reps"].sum())
    chance = Estimate(
        found.p, confidence=found.confidence, unit="probability", n=reps, method="all alike"
    )
    finding = Finding(f"ramp_by_{found.by}", chance, _groups(found))
    return replace(found, findings=(finding,))


def _groups(found: GroupComparison) -> str:
    one, many = group_noun(found.by)
    if len(found.table) < 2:
        return f"There is only one {one}, so there is nothing to compare."
    if math.isnan(found.p):
        return f"{wording.CANNOT_TELL.capitalize()} whether {many} ramp alike: too few reps of each were seen from their start."
    chance = wording.probability(found.p)
    if found.p >= 1 - found.confidence:
        return (
            f"{wording.CANNOT_TELL.capitalize()} whether {many} ramp at different speeds: where all "
            f"ramp alike, differences as large as these come by chance {chance} of the time."
        )
    table = found.table.dropna(subset=["median_months"]).sort_values("median_months")
    quick, slow = table.iloc[0], table.iloc[-1]
    return (
        f"Ramp differs between {many}: {_takes(quick, found.by)}, {_takes(slow, found.by)}. Where all ramp alike, "
        f"differences as large come by chance {chance} of the time. {_NO_CAUSE}"
    )


def _takes(row: pd.Series, by: str) -> str:
    months = float(row["median_months"])
    time = LONGER if math.isinf(months) else wording.quantity(months, "months")
    name = wording.short(str(row["group"]))
    return f"hires of {name} take {time}" if by == "cohort" else f"{name} takes {time}"


def with_factor_words(found: RampFactors) -> RampFactors:
    """`found` with labels, verdicts and its sentence."""
    rows = found.table.to_dict(orient="records")
    table = found.table.assign(
        label=[_label(row) for row in rows],
        verdict=[_verdict(row, found.confidence) for row in rows],
    )
    first = table.sort_values("p", kind="stable").iloc[0]
    number = Estimate(
        float(first["times_as_long"]),
        float(first["low"]),
        float(first["high"]),
        found.confidence,
        "ratio",
        int(first["reps"]),
        "Weibull accelerated failure time",
    )
    said = f"“{first['label']}”: {wording.estimate(number)} as long to the milestone ({found.milestone})"
    if first["p_holm"] < 1 - found.confidence:
        sentence = f"Ramp goes with {said}. {_NO_CAUSE}"
    else:
        looked = (
            "the one comparison that the data allow does not stand out by more than chance. It"
            if len(table) == 1
            else f"none of {len(table)} comparisons stands out by more than chance. The nearest"
        )
        sentence = (
            f"{wording.CANNOT_TELL.capitalize()} what goes with a quick ramp: {looked} is {said}."
        )
    return replace(
        found,
        table=table,
        findings=(Finding("what_goes_with_ramp", number, sentence),),
    )


def each_alone(tied: list[str]) -> str:
    """Why the facts do not stand in one regression: too few events, or `tied` ones that follow from each
    other."""
    if not tied:
        return (
            "Too few reps got there to weigh the facts against each other: each is looked at alone, so "
            "two that go together both show."
        )
    names = wording.listed([_NOUNS.get(one, (one.replace("_", " "),))[0] for one in tied])
    return (
        f"{wording.opened(names)} go together, so they cannot be weighed against each other, however "
        "many reps there are: each is looked at alone, and all of them show what one does."
    )


def _label(row: dict[str, object]) -> str:
    name = str(row["factor"]).replace("_", " ")
    if name == "cohort":
        return "hired a year later"
    if not row["level"]:
        return f"one more of {name}"
    level, other = (wording.short(str(row[key]), 30) for key in ("level", "compared_with"))
    return f"{name}: {level} instead of {other}"


def _verdict(row: dict[str, float], confidence: float) -> str:
    if row["p_holm"] >= 1 - confidence:
        return wording.CANNOT_TELL
    return "longer" if row["times_as_long"] > 1 else "sooner"


def rare_levels(name: str, reps: int, fewest: int) -> str:
    """What to know where categories are too small."""
    return (
        f"{wording.count(reps, 'rep')} in a {name.replace('_', ' ')} of fewer than {fewest} "
        f"{'is' if reps == 1 else 'are'} not compared by it."
    )


def not_compared(events: int) -> str:
    """Why nothing can be said of any fact."""
    verb = "is" if events == 1 else "are"
    return (
        f"{wording.count(events, 'rep')} who got there {verb} too few to tell what goes with a quick "
        "ramp"
    )


def too_few_events(names: list[str], events: int) -> str:
    """What could not be looked at."""
    plain = wording.listed([one.replace("_", " ") for one in names])
    return (
        f"{plain[:1].upper()}{plain[1:]} cannot be looked at: only {wording.count(events, 'rep')} "
        f"got there."
    )
