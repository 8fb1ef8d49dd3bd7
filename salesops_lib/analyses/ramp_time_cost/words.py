"""What ramp-time cost says, in plain English. Numbers are worded by `wording`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.ramp_time_cost.result import Pace, RampCost, RampTime, TrainingCase
    from salesops_lib.analyses.ramp_time_cost.spells import Spells
    from salesops_lib.statistics.survival import SurvivalCurve

# An expected month at the target by the second month on the job is no ramp worth the name.
NO_RAMP = 2.0
# Fewer reps seen starting, and the reader is told.
FEW_STARTS = 12
POOR_FIT = 0.05
# Hire dates that all fall on the first month of the data may be the date of the records.
SAME_START = 1 / 3


def with_findings(ramp: RampTime) -> RampTime:
    """`ramp` with the sentences that its numbers allow."""
    say = _curve_time if ramp.pace is not None else _milestone_time
    return replace(
        ramp,
        findings=(
            Finding("time_to_productivity", ramp.median_months, say(ramp)),
            Finding("months_lost", ramp.restricted_mean_months, _lost(ramp)),
        ),
    )


def _curve_time(ramp: RampTime) -> str:
    months, level = ramp.median_months, wording.percent(ramp.target)
    basis = f"seen in {wording.count(ramp.n_seen_starting, 'rep')} from the start"
    confidence = f"{ramp.confidence * 100:.3g}%"
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
        f"Half of new reps reach {what} within {_counted(months)}; "
        f"{wording.count(ramp.events, 'rep')} of {ramp.n_reps} got there."
    )


def _counted(months: Estimate) -> str:
    """A time that was counted in whole months, with its limits."""
    level = f"{months.confidence * 100:.3g}% interval"
    upper = "or more" if math.isinf(months.high) else f"to {assumed_months(months.high)}"
    low = _whole(months.low) if upper != "or more" else assumed_months(months.low)
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
            f"{wording.count(late, 'rep')} of {len(spells.reps)} "
            f"{'was' if late == 1 else 'were'} hired before the data begins: they show what a "
            f"mature month is worth, and only {wording.count(seen, 'rep')} show how a rep starts."
        )
    if spells.dated:
        begin = spells.rows["period"].min()
        same = int(((spells.reps["first_period"] == begin) & (spells.reps["entry"] == 0)).sum())
        if same >= max(3, SAME_START * len(spells.reps)):
            found.append(
                f"{wording.count(same, 'rep')} of {len(spells.reps)} were hired in the very month "
                f"the data begins: if that is when records start, and not when they started, ramp "
                f"is longer ago and looks shorter than it was."
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


def milestone_notices(curve: SurvivalCurve, within: int, wanted: int) -> list[str]:
    """What to know about a milestone curve."""
    found = []
    if within < wanted:
        found.append(
            f"Nobody was followed past month {within} without the milestone; the mean counts up to "
            f"there."
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
    return table.assign(
        label=[said[one][0] for one in table["scenario"]],
        assumes=[said[one][1] for one in table["scenario"]],
    )


def with_cost_findings(cost: RampCost, currency: str) -> RampCost:
    """`cost` with its sentences."""
    findings = [
        Finding("ramp_cost_year", cost.per_year, _cost_year(cost, currency)),
        Finding("ramp_cost_hire", cost.per_hire, _cost_hire(cost, currency)),
        Finding("one_month_less", cost.one_month_less, _one_month_less(cost, currency)),
    ]
    compared = _compared(cost, currency)
    if compared is not None:
        findings.append(compared)
    if cost.pay_during_ramp is not None:
        findings.append(_pay(cost, cost.pay_during_ramp, currency))
    return replace(cost, findings=tuple(findings))


def _cost_year(cost: RampCost, currency: str) -> str:
    hires = wording.count(round(cost.hires_per_year), "hire")
    if cost.per_year.high == 0:
        return f"Ramp costs nothing that can be seen: {hires} a year sell fully from the start."
    if cost.per_year.low == 0:
        limit = wording.quantity(cost.per_year.high, "money/year", currency)
        upper = f"up to {limit}" if math.isfinite(cost.per_year.high) else "without a known limit"
        return (
            f"{wording.CANNOT_TELL.capitalize()} whether ramp costs anything: with {hires} a year "
            f"the lost contribution is anything from nothing {upper}."
        )
    return (
        f"Ramp costs {wording.estimate(cost.per_year, currency)} in lost contribution, with {hires} "
        f"a year."
    )


def _cost_hire(cost: RampCost, currency: str) -> str:
    monthly = wording.quantity(cost.contribution_per_month.value, "money/month", currency)
    return (
        f"Each hire costs {wording.estimate(cost.per_hire, currency)} until ramped: "
        f"{wording.quantity(cost.ramp.months_lost.value, 'months')} of a contribution of {monthly}."
    )


def _one_month_less(cost: RampCost, currency: str) -> str:
    if cost.one_month_less.value == 0:
        return "There is no month of ramp left to take away."
    return (
        f"Ramped one month sooner, the hires of a year bring in "
        f"{wording.estimate(cost.one_month_less, currency)} more."
    )


def _compared(cost: RampCost, currency: str) -> Finding | None:
    """The first against the last of the lengths put side by side: one month against three."""
    rows = cost.side_by_side[cost.side_by_side["ramp"] == "what if"]
    if len(rows) < 2:
        return None
    short, long = rows.iloc[0], rows.iloc[-1]
    gap = float(long["cost_per_year"] - short["cost_per_year"])
    scale = gap / float(long["cost_per_year"]) if long["cost_per_year"] > 0 else 0.0
    estimate = Estimate(
        gap,
        float(long["low"]) * scale,
        float(long["high"]) * scale,
        cost.per_year.confidence,
        "money/year",
        cost.per_year.n,
        "ramp of one length against another, contribution's limits",
    )
    sentence = (
        f"A ramp of {assumed_months(long['months_to_target'])} instead of "
        f"{assumed_months(short['months_to_target'])} costs "
        f"{_plainly(estimate, currency)} more."
    )
    return Finding("one_against_three", estimate, sentence)


def _pay(cost: RampCost, pay: Estimate, currency: str) -> Finding:
    sentence = (
        f"Beside it, a hire is paid {_plainly(pay, currency)} until ramped. That is no part of the "
        f"cost above: it is paid whatever the length of ramp."
    )
    return Finding("pay_during_ramp", pay, sentence)


def _plainly(estimate: Estimate, currency: str) -> str:
    """With its interval where it has one that is not a point."""
    if estimate.low < estimate.high:
        return wording.estimate(estimate, currency)
    return wording.quantity(estimate.value, estimate.unit, currency)


def cost_notices(ramp: RampTime) -> tuple[str, ...]:
    """What to know about a cost."""
    if ramp.pace is None:
        return (
            "Until the milestone a hire is counted as selling nothing, so this is the most that "
            "ramp can cost; the learning curve counts what hires sell on the way.",
        )
    if ramp.pace.high >= 1:
        return (
            f"Lost production is counted over the first {ramp.horizon} months only; the climb may "
            f"go on after that.",
        )
    return ()


def with_case_findings(case: TrainingCase, ramp: RampTime, currency: str) -> TrainingCase:
    """`case` with its sentences."""
    findings = [
        Finding("training_case", case.net, _case(case, ramp, currency)),
        Finding("ramp_saving_year", case.ramp_saving, _ramp_saving(case, currency)),
    ]
    if case.gap_saving is not None and case.gap_closed[1] > 0:
        share = _range(case.gap_closed, "share")
        sentence = (
            f"Closing {share} of the correctable channel gap brings in "
            f"{_plainly(case.gap_saving, currency)}."
        )
        findings.append(Finding("gap_saving_year", case.gap_saving, sentence))
    findings += [
        Finding("programme_pays", case.probability, _probability(case)),
        Finding("payback_months", case.payback_months, _payback(case)),
        Finding("break_even_months_saved", case.break_even_months, _break_even(case)),
    ]
    return replace(case, findings=tuple(findings))


def _case(case: TrainingCase, ramp: RampTime, currency: str) -> str:
    cost = wording.quantity(case.programme_cost, "money/year", currency)
    gain = wording.quantity(case.gain.value, "money/year", currency)
    chance = _chance(case.probability.value)
    if case.net.low > 0:
        verdict = f"The training programme pays: for {cost} it brings in {gain}"
    elif case.net.high < 0:
        verdict = f"The training programme does not pay: for {cost} it brings in only {gain}"
    else:
        verdict = (
            f"{wording.CANNOT_TELL.capitalize()} whether the training programme pays: for {cost} "
            f"it brings in about {gain}"
        )
    assumed = f"if {_saved(case)}"
    if case.gap_saving is not None and case.gap_closed[1] > 0:
        assumed += f" and closes {_range(case.gap_closed, 'share')} of the correctable channel gap"
    net = case.net
    return f"{verdict}, {assumed}: a net {_plainly(net, currency)}, with {chance} of paying for itself."


def _saved(case: TrainingCase) -> str:
    months = _range(case.months_saved, "months")
    if case.saved == "production":
        return f"it saves each hire {months} of full production"
    return f"it makes hires productive {months} sooner"


def _range(pair: tuple[float, float], unit: str) -> str:
    low, high = pair
    if unit == "share":
        most = wording.percent(high)
        return most if low == high else f"{wording.percent(low)} to {most}"
    most = assumed_months(high)
    return most if low == high else f"{_whole(low)} to {most}"


def assumed_months(months: float) -> str:
    """A number of months that somebody chose: `1 month`, `2 months`, `2.5 months`."""
    return f"{_whole(months)} {'month' if months == 1 else 'months'}"


def _whole(months: float) -> str:
    return f"{int(months)}" if months == int(months) else wording.number(months)


def _chance(probability: float) -> str:
    if probability > 0.99:
        return "a chance of more than 99%"
    if probability < 0.01:
        return "a chance of less than 1%"
    return f"a chance of {wording.percent(probability)}"


def _ramp_saving(case: TrainingCase, currency: str) -> str:
    if case.ramp_saving.value == 0:
        return "A shorter ramp brings in nothing: there is no ramp left to shorten."
    hires = wording.count(round(case.hires_per_year), "hire")
    return (
        f"A shorter ramp of {hires} a year brings in {_plainly(case.ramp_saving, currency)}, "
        f"before the programme's cost."
    )


def _probability(case: TrainingCase) -> str:
    return f"The programme has {_chance(case.probability.value)} of bringing in more than it costs."


def _payback(case: TrainingCase) -> str:
    if math.isinf(case.payback_months.value):
        return "The programme never pays back: it brings in nothing."
    return f"A year of the programme is paid back in {_plainly(case.payback_months, '')}."


def _break_even(case: TrainingCase) -> str:
    months, kind = case.break_even_months, "of full production a hire"
    if case.saved != "production":
        kind = "of time to the target"
    if math.isinf(months.value):
        return (
            "No shortening of ramp is enough to pay for the programme: ramp takes away less than "
            "the programme costs."
        )
    if months.value == 0:
        return "The channel gap alone pays for the programme; it need not shorten ramp at all."
    return f"The programme breaks even when it saves {_plainly(months, '')} {kind}."


def case_notices(
    ramp: RampTime, gap: Estimate | None, saved: str, asked: float, produced: float
) -> tuple[str, ...]:
    """What to know about a training case."""
    found = []
    if gap is not None and gap.value <= 0:
        found.append("The channel gap has nothing that training could close, so it adds nothing.")
    most = ramp.months_lost.value
    if saved == "production" and produced < asked:
        found.append(
            f"{assumed_months(asked)} of full production cannot be saved: a hire only "
            f"loses {wording.quantity(most, 'months')}, so that is what is counted."
        )
    if saved != "production" and asked > ramp.median_months.value:
        found.append(
            f"Ramp takes only {wording.quantity(ramp.median_months.value, 'months')}, so it cannot "
            f"be {assumed_months(asked)} shorter; no more than all of it is counted."
        )
    return tuple(found)


def power_verdict(hires: float, years: float) -> str:
    """How many hires it takes to see an effect."""
    if math.isnan(hires):
        return "there is no such length of ramp to save"
    if math.isinf(hires):
        return "cannot be seen with any number of hires"
    when = "" if math.isinf(years) else f", {wording.number(years)} years of hiring"
    return f"{wording.count(int(hires), 'hire')}{when}"
