"""What the cost of ramp and the training case say, in plain English."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.words import assumed_months, whole_months
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.ramp_time_cost.capacity import HiringPlan
    from salesops_lib.analyses.ramp_time_cost.result import RampCost, RampTime, TrainingCase

# Less production than this lost, in months, is none.
NO_LOSS = 0.02
_HARDLY_ANY = 0.1
# What nothing is uncertain about and leaves nothing, by whether it costs anything.
JUST_EVEN = ("costs nothing and brings in nothing", "brings in just what it costs")
COSTS_NOTHING = "the programme costs nothing"
NO_HIRES = "Nobody is hired in a year, so a shorter ramp brings in nothing."
GAP_NOT_KNOWN = (
    "What training could correct of the channel gap is not known, so the case rests on the shorter "
    "ramp alone."
)
NO_GAP = "No channel gap is given, so nothing is added for closing a part of one."
NO_WORTH = "A ramped month is taken to contribute nothing, so"


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
        findings.append(_pay(cost.pay_during_ramp, currency))
    return replace(cost, findings=tuple(findings))


def hired(a_year: float) -> str:
    """`1 hire`, `4 hires`, `2.5 hires`: as many as the money is of, never the nearest whole one."""
    if a_year == round(a_year):
        return wording.count(round(a_year), "hire")
    return f"{wording.stated(a_year)} hires"


def _cost_year(cost: RampCost, currency: str) -> str:
    if cost.hires_per_year == 0:
        return "Nobody is hired in a year, so ramp costs nothing."
    hires = hired(cost.hires_per_year)
    if cost.contribution_per_month.size == 0:
        return f"{NO_WORTH} ramp costs nothing."
    if cost.ramp.months_lost.high < NO_LOSS:
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
    if math.isinf(cost.ramp.median_months.value):
        return "What a month less would be worth cannot be told: the climb goes on where the data ends."
    if cost.hires_per_year == 0:
        return NO_HIRES
    if cost.contribution_per_month.size == 0:
        return f"{NO_WORTH} neither does a month less of ramp."
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


def _pay(pay: Estimate, currency: str) -> Finding:
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


def with_case_findings(case: TrainingCase, currency: str) -> TrainingCase:
    """`case` with its sentences."""
    findings = [
        Finding("training_case", case.net, _case(case, currency)),
        Finding("ramp_saving_year", case.ramp_saving, _ramp_saving(case, currency)),
        Finding("ramp_net_year", case.ramp_net, _ramp_net(case, currency)),
    ]
    if case.gap_saving is not None and _with_gap(case):
        findings.append(Finding("gap_saving_year", case.gap_saving, _gap(case, currency)))
    findings += [
        Finding("programme_pays", case.probability, _probability(case)),
        Finding("payback_months", case.payback_months, _payback(case)),
        Finding("break_even_months_saved", case.break_even_months, _break_even(case)),
    ]
    return replace(case, findings=tuple(findings))


def not_answered(because: str) -> tuple[Finding, ...]:
    """In the place of the answer and of the lever, where no ramp can be seen."""
    nothing = Estimate(math.nan, unit="money/year", method="no ramp seen")
    sentence = (
        f"{wording.CANNOT_TELL.capitalize()} what ramp costs and whether training pays, because "
        f"{because}."
    )
    return tuple(Finding(name, nothing, sentence) for name in ("training_case", "ramp_net_year"))


def _case(case: TrainingCase, currency: str) -> str:
    net = f"a net {_plainly(case.net, currency)}"
    if case.net.low > 0:
        verdict = f"The training programme pays: after its own cost it leaves {net}"
    elif case.net.high < 0:
        verdict = f"The training programme does not pay: after its own cost it leaves {net}"
    elif case.net.low == case.net.high:
        verdict = f"The training programme {JUST_EVEN[case.programme_cost > 0]}: it leaves {net}"
    elif case.programme_cost == 0:
        verdict = (
            f"{wording.CANNOT_TELL.capitalize()} whether the training programme brings in anything: "
            f"it costs nothing, and leaves {net}"
        )
    else:
        verdict = (
            f"{wording.CANNOT_TELL.capitalize()} whether the training programme pays: after its own "
            f"cost it leaves {net}"
        )
    assumed = f"if {_saved(case)}"
    if _with_gap(case):
        assumed += f" and closes {_range(case.gap_closed, 'share')} of the correctable channel gap"
    return f"{verdict}, {assumed}.{_ramp_alone(case)}"


def _with_gap(case: TrainingCase) -> bool:
    return case.gap_saving is not None and case.gap_closed[1] > 0


def _ramp_alone(case: TrainingCase) -> str:
    """Which of the two parts carries the case, where the gap's is not certain."""
    gap = case.gap_saving
    if gap is None or not _with_gap(case) or gap.low > 0 or gap.high <= 0:
        return ""
    if case.ramp_saving.low <= case.programme_cost:
        return ""
    return (
        " The shorter ramp alone pays for it; what closing the gap adds is not certain, and may be "
        "nothing."
    )


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
    return most if low == high else f"{whole_months(low)} to {most}"


def _ramp_saving(case: TrainingCase, currency: str) -> str:
    if case.hires_per_year == 0:
        return NO_HIRES
    if case.months_saved[1] == 0:
        return "A shorter ramp brings in nothing: the programme is taken to shorten none."
    if case.contribution_per_month.size == 0:
        return f"{NO_WORTH} a shorter ramp brings in nothing."
    if case.ramp_saving.value == 0:
        return "A shorter ramp brings in nothing: there is no ramp left to shorten."
    hires = hired(case.hires_per_year)
    return (
        f"A shorter ramp of {hires} a year brings in {_plainly(case.ramp_saving, currency)}, "
        f"before the programme's cost."
    )


def _ramp_net(case: TrainingCase, currency: str) -> str:
    net, cost = case.ramp_net, wording.money(case.programme_cost, currency)
    hires = hired(case.hires_per_year)
    paid = f"after the programme's {cost}"
    if net.low > 0:
        return f"A shorter ramp of {hires} a year leaves {_plainly(net, currency)} {paid}."
    if net.high < 0:
        return (
            f"A shorter ramp of {hires} a year does not pay for the programme: {paid} it leaves "
            f"{_plainly(net, currency)}."
        )
    if case.programme_cost == 0:
        return (
            f"{COSTS_NOTHING.capitalize()}, so what a shorter ramp of {hires} a year brings in is left "
            f"whole: {_plainly(net, currency)}."
        )
    return (
        f"{wording.CANNOT_TELL.capitalize()} whether a shorter ramp of {hires} a year pays for the "
        f"programme: {paid} it leaves {_plainly(net, currency)}."
    )


def _gap(case: TrainingCase, currency: str) -> str:
    assert case.gap_saving is not None
    share = f"Closing {_range(case.gap_closed, 'share')} of the correctable channel gap"
    gap = case.gap_saving
    if gap.low > 0 or gap.high <= 0:
        return f"{share} brings in {_plainly(gap, currency)}."
    most = wording.quantity(gap.high, gap.unit, currency)
    guess = wording.money(gap.value, currency)
    return (
        f"{wording.CANNOT_TELL.capitalize()} what closing the channel gap adds: {share[0].lower()}"
        f"{share[1:]} brings in anything from nothing to {most} "
        f"({wording.level(gap.confidence)} interval, best guess {guess})."
    )


def _probability(case: TrainingCase) -> str:
    return f"The programme has a chance of {wording.chance(case.probability.value)} of bringing in more than it costs."


def _payback(case: TrainingCase) -> str:
    if case.programme_cost == 0:
        return f"{COSTS_NOTHING.capitalize()}, so there is nothing to pay back."
    if math.isinf(case.payback_months.value):
        little = "next to nothing" if case.gain.value > 0 else "nothing"
        return f"The programme never pays back: it brings in {little}."
    if case.payback_months.high < 1:
        return "A year of the programme is paid back in less than a month."
    return f"A year of the programme is paid back in {_plainly(case.payback_months, '')}."


def _break_even(case: TrainingCase) -> str:
    months, kind = case.break_even_months, "of full production a hire"
    if case.saved != "production":
        kind = "of time to the target"
    if case.programme_cost == 0:
        return (
            f"{COSTS_NOTHING.capitalize()}, so it need not shorten ramp at all to pay for itself."
        )
    if math.isinf(months.value):
        return (
            "No shortening of ramp is enough to pay for the programme: ramp takes away less than "
            "the programme costs."
        )
    if months.value == 0 and months.high > 0:
        upper = (
            "no shortening of ramp may be enough"
            if math.isinf(months.high)
            else f"{_most(months.high)} {kind} may have to be saved"
        )
        return (
            f"By the best guess the channel gap alone pays for the programme, but that is not "
            f"certain: {upper}."
        )
    if months.value == 0:
        return "The channel gap alone pays for the programme; it need not shorten ramp at all."
    with_gap = case.gap_saving is not None and case.gap_saving.value > 0
    it = (
        "What closing the channel gap adds included, the programme" if with_gap else "The programme"
    )
    return f"{it} breaks even when it saves {_plainly(months, '')} {kind}."


def _most(months: float) -> str:
    if months < _HARDLY_ANY:
        return "up to a tenth of a month"
    return f"up to {wording.quantity(months, 'months')}"


def case_notices(
    ramp: RampTime, gap: Estimate | None, saved: str, asked: float, produced: float
) -> tuple[str, ...]:
    """What to know about a training case."""
    found = []
    if gap is not None and gap.high <= 0:
        found.append("The channel gap has nothing that training could close, so it adds nothing.")
    elif gap is not None and gap.value <= 0:
        found.append(
            "By the best guess the channel gap has nothing that training could close, so it adds "
            "nothing; that it may have is in the interval."
        )
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


def with_plan_findings(plan: HiringPlan, currency: str) -> HiringPlan:
    """`plan` with its sentences."""
    count, less = plan.hires_per_year, _plainly(plan.relief, currency)
    one = count == 1
    start = "starting at any time of it, is" if one else "starting evenly over it, are"
    booked = (
        f"Next year's {hired(count)}, {start} expected to book {_plainly(plan.bookings, currency)} in that "
        "year, at the level of the last twelve months."
    )
    relief = (
        f"That is {less} less than as many ramped reps would: the part of their full quotas that the "
        "hires cannot be expected to carry."
    )
    if one:
        relief = (
            f"That is {less} less than a ramped rep would: the part of a full quota that the hire "
            "cannot be expected to carry."
        )
    if count == 0:
        booked = "Nobody is hired in a year, so hires book nothing."
        relief = f"A hire would be expected to book {less} less in that year than a ramped rep."
    return replace(
        plan,
        findings=(
            Finding("plan_bookings", plan.bookings, booked),
            Finding("quota_relief", plan.relief, relief),
        ),
    )
