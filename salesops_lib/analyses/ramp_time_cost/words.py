"""What ramp-time cost says, in plain English. Numbers are worded by `wording`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.ramp_time_cost.arrivals import Arrivals
    from salesops_lib.analyses.ramp_time_cost.result import Pace, RampTime
    from salesops_lib.analyses.ramp_time_cost.spells import Spells
    from salesops_lib.statistics.survival import SurvivalCurve

# An expected month at the target by the second month on the job is no ramp worth the name.
NO_RAMP = 2.0
# Fewer reps seen starting, and the reader is told.
FEW_STARTS = 12
POOR_FIT = 0.05
# Hire dates that all fall on the first month of the data may be the date of the records.
SAME_START = 1 / 3
# Months without sales that are worth saying: a climb from zero on the first day looks half a month late.
LATE_START = 1.0
# Years of hiring that nobody waits for.
FOREVER = 30


def with_findings(ramp: RampTime) -> RampTime:
    """`ramp` with the sentences that its numbers allow."""
    say = _curve_time if ramp.pace is not None else _milestone_time
    findings = [
        Finding("time_to_productivity", ramp.median_months, say(ramp)),
        Finding("months_lost", ramp.restricted_mean_months, _lost(ramp)),
    ]
    if len(ramp.leaving):
        findings.append(_left(ramp))
    return replace(ramp, findings=tuple(findings))


def _curve_time(ramp: RampTime) -> str:
    months, level = ramp.median_months, wording.percent(ramp.target)
    basis = f"seen in {wording.count(ramp.n_seen_starting, 'rep')} from the start"
    confidence = wording.level(ramp.confidence)
    if months.high <= NO_RAMP:
        return (
            f"New reps need no ramp: their expected month is at {level} of a mature rep's by month "
            f"{wording.number(max(months.high, 1.0))} at the latest ({confidence} confidence, "
            f"{basis})."
        )
    if months.low <= 0:
        upper = (
            "without a limit that this data can set"
            if math.isinf(months.high)
            else f"to {wording.quantity(months.high, 'months')}"
        )
        return (
            f"{wording.CANNOT_TELL.capitalize()} whether new reps ramp at all: reaching {level} of "
            f"a mature rep's expected month takes anything from no time {upper} "
            f"({confidence} interval, {basis})."
        )
    if math.isinf(months.value):
        return (
            f"New reps are still climbing where the data ends: {level} of a mature month takes "
            f"{_at_least(months.low)} ({confidence} confidence, {basis})."
        )
    return (
        f"A new rep's expected month reaches {level} of a mature rep's after "
        f"{wording.estimate(months)}, {basis}."
    )


def _milestone_time(ramp: RampTime) -> str:
    months, what = ramp.median_months, f"the milestone ({ramp.milestone})"
    if math.isinf(months.value):
        if ramp.events == 0:
            return f"Nobody has reached {what} yet, so how long it takes cannot be told."
        return (
            f"Fewer than half of the reps have reached {what} within the months seen: half take "
            f"{_at_least(months.low)}."
        )
    return (
        f"Half of the new reps who stay reach {what} within {_counted(months)}; "
        f"{wording.count(ramp.events, 'rep')} of {ramp.n_reps:,} got there."
    )


def _left(ramp: RampTime) -> Finding:
    """What became of hires, leaving as a competing event."""
    end = ramp.leaving.iloc[-1]
    share = Estimate(
        float(end["left"]),
        confidence=ramp.confidence,
        unit="share",
        n=ramp.n_reps,
        method="Aalen–Johansen",
    )
    return Finding(
        "left_before",
        share,
        f"Of all hires {wording.percent(float(end['ramped']))} get there within "
        f"{assumed_months(float(end['month']))}, {wording.percent(share.value)} leave before it, and "
        f"{wording.percent(float(end['neither']))} are still on the way.",
    )


def _counted(months: Estimate) -> str:
    """A time that was counted in whole months, with its limits."""
    level = f"{wording.level(months.confidence)} interval"
    if months.low == months.high:
        return f"{assumed_months(months.value)} ({level} {assumed_months(months.low)} at both ends)"
    upper = "or more" if math.isinf(months.high) else f"to {assumed_months(months.high)}"
    low = whole_months(months.low) if upper != "or more" else assumed_months(months.low)
    return f"{assumed_months(months.value)} ({level} {low} {upper})"


def _at_least(months: float) -> str:
    if math.isinf(months) or math.isnan(months):
        return "longer than the data shows"
    return f"{wording.quantity(months, 'months')} or more"


def _lost(ramp: RampTime) -> str:
    lost = ramp.restricted_mean_months
    if math.isnan(lost.low):
        return "How much production ramp takes away cannot be told: too few reps got there."
    if ramp.pace is None:
        return (
            f"Counting at most {ramp.horizon} months, a hire takes {wording.estimate(lost)} on "
            f"average to get there."
        )
    return (
        f"On the way there a hire sells {_months(lost)} of full production less than a mature rep "
        f"would in the first {ramp.horizon} months."
    )


def _months(months: Estimate) -> str:
    return wording.estimate(months)


def milestone_name(name: str, sustained: int) -> str:
    """`2 months in a row at 90% of quota`, `first deal`."""
    return name if sustained == 1 else name.replace("a month", f"{sustained} months in a row", 1)


def curve_notices(pace: Pace, seen: int, spells: Spells) -> list[str]:
    """What to know about a fitted learning curve."""
    found = []
    late = len(spells.reps) - seen
    if late:
        found.append(
            f"{wording.count(late, 'rep')} of {len(spells.reps):,} "
            f"{'was' if late == 1 else 'were'} hired before the data begins and "
            f"{'shows' if late == 1 else 'show'} what a mature month is worth; only "
            f"{wording.count(seen, 'rep')} {'shows' if seen == 1 else 'show'} how a rep starts."
        )
    if spells.dated:
        begin = spells.rows["period"].min()
        same = int(((spells.reps["first_period"] == begin) & (spells.reps["entry"] == 0)).sum())
        if same >= max(3, SAME_START * len(spells.reps)):
            found.append(
                f"{wording.count(same, 'rep')} of {len(spells.reps):,} were hired in the very month "
                f"the data begins: if that is when records start, and not when they started, ramp "
                f"is longer ago and looks shorter than it was."
            )
    if pace.delay >= LATE_START:
        found.append(
            f"New reps sell next to nothing in their first {wording.quantity(pace.delay, 'months')} on "
            f"the job; their climb begins after that, and all that is said of ramp counts both."
        )
    if seen < FEW_STARTS:
        found.append(f"Ramp is seen in only {wording.count(seen, 'rep')}, so it is known roughly.")
    if pace.p_shape < POOR_FIT:
        found.append(
            "The first months do not follow a smooth learning curve, so the time to the target is "
            "a rough guide; the picture shows where they part."
        )
    if pace.high >= 1:
        found.append(
            "The data does not show where the climb ends, so ramp has no upper limit here."
        )
    return found


def arrivals(found: Arrivals | None) -> list[str]:
    """What to know about reps who came together."""
    if found is None:
        return []
    others = (
        ""
        if math.isnan(found.others)
        else f", where the others sold {wording.percent(found.others)}"
    )
    return [
        f"{wording.count(found.came, 'rep')} of the {found.seen:,} seen from their start began in "
        f"{found.month:%B %Y} and sold {wording.percent(found.early)} of a ramped rep's month in their first "
        f"three{others}: they may have brought customers along, as from a company that was bought, and ramp "
        "looks shorter and hires more than they are. If so, write as their hire date the day on which they "
        "began to sell there."
    ]


def milestone_notices(curve: SurvivalCurve, within: int, wanted: int) -> list[str]:
    """What to know about a milestone curve."""
    found = []
    if within < wanted:
        found.append(
            f"Nobody was followed past month {within} without the milestone; the mean counts up to "
            f"there."
        )
    elif curve.last < within:
        found.append(
            f"Nobody was followed past month {math.floor(curve.last)}; the few who were not there "
            f"yet are counted as not there until month {within}, which changes little."
        )
    if len(curve.at_risk) and curve.at_risk[0] < 5 <= curve.at_risk.max():
        found.append(
            f"Only {wording.count(round(float(curve.at_risk[0])), 'rep')} can be followed in the "
            f"first months, so the start of the curve is weak."
        )
    return found


_SCENARIOS = {
    "learning_curve": {
        "as_seen": ("As seen", "Those who left would have gone on like those who stayed"),
        "stayers_only": ("Only who lasted", "Only reps who lasted over a year count"),
        "half_stalled": (
            "Halfway",
            "Those who left early would have got half as far as the others beyond their last level",
        ),
        "all_stalled": (
            "They would have stalled",
            "Those who left early would have stayed at the level they left at",
        ),
    },
    "milestone": {
        "as_seen": ("As seen", "Those who left would have got there like those who stayed"),
        "stayers_only": ("Without leavers", "Only reps who stayed count"),
        "half_stalled": ("Half never", "Half of those who left would never have got there"),
        "all_stalled": ("All never", "None of those who left would ever have got there"),
    },
}


def explain_leavers(table: pd.DataFrame, definition: str) -> pd.DataFrame:
    """The scenario table with its rows in words: `label` and `assumes`."""
    said = _SCENARIOS[definition]
    assumes = [said[one][1] for one in table["scenario"]]
    if (table["leavers"] == 0).all():
        assumes = [_NOBODY_LEFT[definition]] * len(table)
    return table.assign(label=[said[one][0] for one in table["scenario"]], assumes=assumes)


_NOBODY_LEFT = {
    "learning_curve": "Nobody left in the first year, so there is nothing to believe",
    "milestone": "Nobody left before it, so there is nothing to believe",
}


def power_verdict(hires: float, years: float) -> str:
    """How many hires it takes to see an effect."""
    if math.isnan(hires):
        return "there is no such length of ramp to save"
    if math.isinf(hires):
        return "cannot be seen with any number of hires"
    when = "" if math.isinf(years) else f", {_hiring_lasts(years)} of hiring"
    few = wording.rounded_up(hires)
    return f"{'about ' if few >= 100 else ''}{wording.count(few, 'hire')}{when}"


def _hiring_lasts(years: float) -> str:
    """How long so many are being hired: nobody hires for 0.02 years."""
    if years > FOREVER:
        return f"more than {FOREVER} years"
    if years >= 1:
        return f"{wording.number(years)} years"
    months = 12 * years
    return (
        wording.count(wording.rounded_up(months), "month") if months >= 1 else "less than a month"
    )


def assumed_months(months: float) -> str:
    """A number of months that somebody chose: `1 month`, `2 months`, `2.5 months`."""
    return f"{chosen(months)} {'month' if months == 1 else 'months'}"


def chosen(months: float) -> str:
    """A number that somebody chose, as it was written: `0.5` has not a second digit."""
    return f"{months:.3g}" if math.isfinite(months) else wording.number(months)


def whole_months(months: float) -> str:
    return f"{int(months)}" if months == int(months) else wording.number(months)
