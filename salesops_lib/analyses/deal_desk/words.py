"""What the deal desk says, in plain English. Numbers are worded by `wording`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from salesops_lib import wording
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.deal_desk.result import (
        ApprovalCase,
        DealDesk,
        HeldPrices,
        QuoteTime,
    )

COMPONENTS = {
    "usual": "The usual discount",
    "kinds": "What is sold",
    "quarter_end": "Quarter's end",
    "reps_above": "Reps above average",
    "reps_below": "Reps below average",
    "rest": "Single deals",
}
KINDS = {"product": "Product", "segment": "Segment", "size": "Deal size"}

# ── Where discounts go ────────────────────────────────────────────────────────────────────────


def findings(desk: DealDesk) -> tuple[Finding, ...]:
    """Everything measured without an assumption, the price first."""
    return (
        Finding("price_realisation", desk.realisation, _realisation(desk)),
        Finding("discount_year", desk.discount_year, _split(desk)),
        Finding("discount_reliability", desk.reliability, _reliability(desk)),
        Finding("quarter_end_discount_year", desk.quarter_end_year, _quarter_end(desk)),
        Finding("won_per_point", desk.per_point, _per_point(desk)),
    )


def _realisation(desk: DealDesk) -> str:
    paid = _fine_estimate(desk.realisation)
    listed = wording.money(desk.list_year, desk.currency)
    away = desk.discount_year
    if desk.at_list:
        return f"Customers pay list prices: nothing is given away on {listed}."
    if math.isfinite(away.low) and not away.excludes(0.0):
        low, high, guess = (
            wording.money(x, desk.currency, like=away.size)
            for x in (away.low, away.high, away.value)
        )
        return (
            f"Customers pay {paid} of list: {wording.CANNOT_TELL} whether anything is given away on "
            f"{listed} at list prices, it is anything from {low} to {high} a year (best guess {guess})."
        )
    if away.value < 0:
        more = wording.alone(away.scaled(-1.0), desk.currency)
        return f"Customers pay {paid} of list: {more} more than the {listed} that it lists for."
    given = wording.estimate(away, desk.currency)
    return f"Customers pay {paid} of list: {given} is given away on {listed} at list prices."


def _split(desk: DealDesk) -> str:
    total = wording.alone(desk.discount_year, desk.currency)
    if desk.at_list:
        return "There is no discount to follow: every deal was sold at list."
    if desk.alike:
        same = fine(desk.discount_year.value / desk.list_year)
        return f"The discount is the same on every deal, {same}: nobody and nothing moves it."
    if desk.model is None:
        return f"{_cannot()} where the discount of {total} goes: too few reps to compare."
    parts = desk.waterfall.set_index("component")["value"]

    def money(name: str) -> str:
        return wording.money(float(parts[name]), desk.currency, like=desk.discount_year.size)

    return (
        f"Of the discount of {total}, {money('usual')} is what the average rep gives on an "
        f"average deal; what is sold moves it by {money('kinds')}, the quarter's end by "
        f"{money('quarter_end')}, reps who give more than average by {money('reps_above')}, reps "
        f"who give less by {money('reps_below')}, single deals by {money('rest')}."
    )


def _reliability(desk: DealDesk) -> str:
    if desk.alike:
        return "Reps do not differ in what they give: every deal was sold at the same discount."
    if desk.model is None:
        return f"{_cannot()} whether reps differ in what they give on the same deal: too few to compare."
    if not desk.established:
        share, level = wording.alone(desk.reliability), wording.interval(desk.reliability)
        return (
            f"{_cannot()} whether reps differ in what they give on the same deal: the differences seen "
            f"may all be chance (best guess of the repeatable part {share}, {level})."
        )
    share = wording.estimate(desk.reliability)
    return (
        f"Reps differ in what they give on the same deal by more than chance: of the differences seen "
        f"{share} is repeatable. The average rep gives {_fine_estimate(desk.average)}."
    )


def _quarter_end(desk: DealDesk) -> str:
    when = f"the last {wording.count(desk.quarter_end_days, 'day')} of a quarter"
    if desk.alike:
        return "The quarter's end costs no discount: every deal was sold at the same one."
    if desk.model is None:
        return f"{_cannot()} what {when} cost: too few reps to compare."
    if math.isnan(desk.quarter_end.value):
        return f"{_cannot()} what {when} cost: no rep has deals closed both then and otherwise."
    gap, money = desk.quarter_end, desk.quarter_end_year
    points = _points(gap)
    if not gap.excludes(0.0):
        low, high, guess = (
            wording.money(x, desk.currency, like=money.size)
            for x in (money.low, money.high, money.value)
        )
        return (
            f"{_cannot()} whether the quarter's end costs discount: on the same deal of the same rep, "
            f"{when} differ from the rest by {points}, anything from {low} to {high} a year (best "
            f"guess {guess})."
        )
    if gap.value < 0:
        less, saved = _points(gap.scaled(-1.0)), wording.estimate(money.scaled(-1.0), desk.currency)
        return f"In {when} the same rep gives {less} less on the same deal: {saved} less given."
    return (
        f"In {when} the same rep gives {points} more on the same deal: "
        f"{wording.estimate(money, desk.currency)}."
    )


def _per_point(desk: DealDesk) -> str:
    if math.isnan(desk.per_point.value):
        why = "what was offered to customers who did not buy is not known"
        if desk.offers_known:
            few = desk.model is None and not desk.alike
            why = (
                "too few reps to compare" if few else "the discounts of a rep's deals hardly differ"
            )
        return f"{_cannot()} whether larger discounts go with more deals won: {why}."
    return (
        f"{association(desk.per_point)}. Either way this is not what discounts do: they go to deals "
        "in danger and to customers who push, and who would have bought anyway is not seen."
    )


def association(per_point: Estimate) -> str:
    """`One point more of discount goes with 0.4% more deals won (…)`."""
    if not per_point.excludes(0.0):
        sign = "+" if per_point.value > 0 and fine(per_point.value) != "0.0%" else ""
        return (
            f"{_cannot()} whether larger discounts go with more deals won: one point more goes with "
            f"{sign}{_fine_estimate(per_point)}"
        )
    share, word = (per_point, "more") if per_point.value > 0 else (per_point.scaled(-1.0), "fewer")
    return f"One point more of discount goes with {wording.estimate(share)} {word} deals won"


# ── Holding prices ────────────────────────────────────────────────────────────────────────────


def held_findings(held: HeldPrices, desk: DealDesk) -> tuple[Finding, ...]:
    """The money, with the deals that may be lost over it."""
    return (
        # What customers do is not in the data; the next finding says how many may be lost.
        Finding(
            "held_prices_year",
            held.money_year,
            _held(held, desk),
            condition="no deal is lost over it",
        ),
        Finding("break_even_loss", held.break_even, _loss(held)),
        Finding("point_break_even", held.point_break_even, _point(held, desk)),
    )


def not_held_findings(because: str) -> tuple[Finding, ...]:
    """The answer where no money can be named."""
    nothing = Estimate(math.nan, unit="money/year", method="not valued")
    return (
        Finding(
            "held_prices_year", nothing, f"{_cannot()} what a deal desk would recover: {because}."
        ),
    )


def _held(held: HeldPrices, desk: DealDesk) -> str:
    money, currency = held.money_year, held.currency
    what = (
        f"taking back {_part(held.excess_closed)} of what reps give beyond the average rep, on "
        "the same deals,"
    )
    if not desk.established:
        high, best = (
            wording.money(x, currency, like=money.size) for x in (money.high, money.value)
        )
        return (
            f"{_cannot()} whether {what} recovers anything: reps' differences may all be chance "
            f"(at most {high} a year at {wording.level(held.confidence)}, best guess {best})."
        )
    return (
        f"{wording.opened(what)} recovers {wording.estimate(money, currency)} in margin if no deal is "
        f"lost over it. It pays unless more than {in_100(held.break_even.value)} of these deals are lost."
    )


def _part(part: float) -> str:
    return {0.5: "half", 1.0: "all"}.get(part, wording.percent(part))


def _loss(held: HeldPrices) -> str:
    loss = held.break_even
    more = wording.told_apart(loss.low, loss.high, lambda x, more: in_100(x, more))
    low, high = (wording.number(100 * x, more=more) for x in (loss.low, loss.high))
    level = wording.level(held.confidence)
    return (
        f"Holding these prices pays unless more than {in_100(loss.value, more)} of about "
        f"{wording.about(held.deals_year)} deals a year are lost ({level} interval {low} to "
        f"{high}): at a gross margin of {wording.percent(held.gross_margin)} every "
        "deal lost takes its whole margin along."
    )


def _point(held: HeldPrices, desk: DealDesk) -> str:
    bar = held.point_break_even.value
    text = (
        f"One point less discount on every deal pays unless more than {in_100(bar)} deals are lost"
    )
    seen = desk.per_point
    if math.isnan(seen.value):
        return f"{text}; the data say nothing of how customers answer."
    low, high = (wording.tenths(100 * x) for x in (seen.low, seen.high))
    beside = (
        f"{text}. How deals won go with discounts, {low} to {high} in 100 for each point "
        f"({wording.level(seen.confidence)} interval; seen together, not cause and effect),"
    )
    if seen.high < bar:
        return f"{beside} stays below that bar."
    if seen.low > bar:
        return f"{beside} lies above that bar: try it on a few deals first."
    return f"{beside} leaves open on which side of that bar it lies: a trial would tell."


def curve_title(held: HeldPrices) -> str:
    """The message of the break-even curve."""
    return f"One point less discount pays unless more than {in_100(held.point_break_even.value)} deals are lost"


# ── Approval ──────────────────────────────────────────────────────────────────────────────────


def approval_findings(case: ApprovalCase) -> tuple[Finding, ...]:
    """What approval takes, what lies beyond, and what must be saved."""
    return (
        Finding("approval_break_even", case.break_even, _approval(case)),
        Finding("approval_deals_month", case.approvals_month, _approvals(case)),
        Finding("discount_above_threshold_year", case.above_year, _above(case)),
    )


def _approval(case: ApprovalCase) -> str:
    at = wording.percent(case.threshold)
    if math.isnan(case.break_even.value):
        return f"No deal was won at a discount above {at}: an approval there would have nothing to save."
    few = math.isnan(case.break_even.low)
    share = wording.percent(case.break_even.value) if few else wording.estimate(case.break_even)
    text = f"Approval of discounts above {at} pays for itself if it saves {share} of what lies beyond {at}"
    if few:
        return f"{text}; {_too_few(case)}."
    if case.break_even.low > 1:
        return f"{text}: more than there is, so it does not pay."
    if case.break_even.high > 1:
        return f"{text}, which may be more than there is."
    return f"{text}. What a day's wait costs is not in that."


def _approvals(case: ApprovalCase) -> str:
    cost = wording.money(case.cost_year, case.currency)
    one = wording.money(case.approval_cost, case.currency)
    low, high = (wording.number(x) for x in (case.approvals_month.low, case.approvals_month.high))
    if case.approvals_month.value == 0:
        return (
            f"No deal is offered at more than {wording.percent(case.threshold)} off "
            f"({wording.level(case.confidence)} interval for as many offers {low} to {high} a month): an "
            "approval there costs nothing."
        )
    return (
        f"{wording.number(case.approvals_month.value)} deals a month "
        f"({wording.level(case.confidence)} interval for as many offers {low} to {high}) are offered at more than "
        f"{wording.percent(case.threshold)} off and would need approval: {cost} a year at {one} each."
    )


def _above(case: ApprovalCase) -> str:
    what = (
        f"What was given beyond {wording.percent(case.threshold)} on deals that were won comes to"
    )
    if math.isnan(case.above_year.low):
        amount = wording.quantity(case.above_year.value, case.above_year.unit, case.currency)
        return f"{what} {amount}; {_too_few(case)}."
    return (
        f"{what} {wording.alone(case.above_year, case.currency)} "
        f"({wording.interval(case.above_year, case.currency)} for as much sold at list again)."
    )


def _too_few(case: ApprovalCase) -> str:
    if not case.won_above:
        return "no deal was won there"
    deals = "that is one deal" if case.won_above == 1 else f"those are {case.won_above} deals"
    return f"{deals}, too few to say what to expect another year"


def approval_title(case: ApprovalCase) -> str:
    """The message of the threshold figure."""
    at = wording.percent(case.threshold)
    if math.isnan(case.break_even.value):
        return f"No deal was won at more than {at} off"
    if case.break_even.value > 1:
        return f"Approval above {at} costs more than the discount beyond {at} by the best guess"
    return (
        f"Approval above {at} is {wording.number(case.approvals_month.value)} deals a month; it pays if "
        f"it saves {wording.percent(case.break_even.value)} of the discount beyond {at}"
    )


# ── From quote to decision ────────────────────────────────────────────────────────────────────


def quote_findings(found: QuoteTime) -> tuple[Finding, ...]:
    """How long customers take."""
    return (Finding("quote_days", found.median_days, _quote(found)),)


def _quote(found: QuoteTime) -> str:
    if not math.isfinite(found.median_days.value):
        return (
            f"{_cannot()} how long customers take from quote to decision: fewer than half of "
            f"{wording.count(found.quotes, 'quote')} are decided."
        )
    text = (
        f"Half of all quotes are decided within {wording.estimate(found.median_days)}, counting the "
        f"{found.open:,} of {found.quotes:,} that are still open."
    )
    if found.groups.empty:
        return text
    rest, large = found.groups["median"].to_numpy()
    at = wording.percent(found.threshold)
    if not found.p <= 1 - found.confidence:
        return f"{text} {_cannot()} whether quotes at more than {at} off take longer or less."
    slower = "longer" if found.slower else "less time"
    return (
        f"{text} Quotes at more than {at} off take {slower} than others of the same rep: of all of "
        f"them {_half(large)}, of the others {_half(rest)}."
    )


def _half(days: float) -> str:
    if not math.isfinite(days):
        return "fewer than half are decided"
    return f"half are decided within {wording.quantity(days, 'days')}"


# ── Bits ──────────────────────────────────────────────────────────────────────────────────────


def in_100(share: float, more: int = 0) -> str:
    """`1.9 in 100`; `more` digits beyond the usual."""
    return f"{wording.number(100 * share, more=more)} in 100"


def _points(gap: Estimate) -> str:
    low, high = (wording.tenths(100 * x) for x in (gap.low, gap.high))
    level = wording.level(gap.confidence)
    return f"{wording.tenths(100 * gap.value)} points ({level} interval {low} to {high})"


def fine(share: float) -> str:
    """A discount, where a tenth of a point tells: `11.4%`."""
    return f"{wording.tenths(100 * share)}%" if math.isfinite(share) else wording.percent(share)


def _fine_estimate(share: Estimate) -> str:
    if not (math.isfinite(share.low) and math.isfinite(share.high)):
        return wording.estimate(share)
    level = wording.level(share.confidence)
    return f"{fine(share.value)} ({level} interval {fine(share.low)} to {fine(share.high)})"


def _cannot() -> str:
    return wording.CANNOT_TELL.capitalize()
