"""What the funnel, the comparison of many channels and the case for training say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.channel_gap.labels import plural
from salesops_lib.analyses.channel_gap.words import cannot, flipped, money, training
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.channel_gap.closing import GapClosing
    from salesops_lib.analyses.channel_gap.comparison import ChannelComparison
    from salesops_lib.analyses.channel_gap.funnel import Funnel
    from salesops_lib.analyses.channel_gap.result import ChannelGap


def with_funnel_findings(funnel: Funnel) -> Funnel:
    """`funnel` with its sentence: the step that carries most, or that none can be told."""
    at = funnel.largest
    top = funnel.steps.loc[funnel.steps["value"].abs().idxmax()]
    ratio = wording.ratio(float(top["ratio"]))
    name = str(top["label"]).lower()
    side, way = ("adds", "to") if at.value > 0 else ("takes", "from")
    size = at if at.value > 0 else flipped(at)
    much = f"{wording.estimate(size, funnel.currency)} a rep-month {way} what {funnel.a} books"
    step = f"Along the funnel, the step “{name}” ({ratio} the level of {funnel.b})"
    if not at.excludes(0.0):
        sentence = (
            f"{step} looks largest, but we {wording.CANNOT_TELL} that any single step sets "
            f"{funnel.a} and {funnel.b} apart: {wording.estimate(at, funnel.currency)} a rep-month."
        )
    elif funnel.apart:
        sentence = f"{step} {side} most: {much}."
    else:
        sentence = f"{step} {side} {much}; we {wording.CANNOT_TELL} that it is more than another step does."
    return replace(funnel, findings=(Finding("funnel_step", at, sentence),))


def funnel_table(funnel: Funnel) -> pd.DataFrame:
    """step, a, b, ratio, part: a funnel as a reader sees it, each number in its own unit; parts with
    the limits that hold for all steps at once, as the sentence has them of the largest."""

    def said(step: str, value: float) -> str:
        if step == "deal_size":
            return wording.money(value, funnel.currency)
        rate = step in ("closing_rate", "win_rate", "won_of_open")
        return wording.percent(value) if rate else wording.number(value)

    rows = []
    for one in funnel.steps.to_dict("records"):
        part = Estimate(one["value"], one["told_low"], one["told_high"], funnel.confidence, "money")
        rows.append(
            {
                "step": one["label"],
                "a": said(one["step"], one["a"]),
                "b": said(one["step"], one["b"]),
                "ratio": wording.ratio(one["ratio"]),
                "part": wording.estimate(part, funnel.currency),
            }
        )
    return pd.DataFrame(rows)


def league_headings(found: ChannelComparison) -> dict[str, str]:
    """Column → heading of the league, its first column named as what is compared. From two channels
    alone the spread between channels cannot be told, so nothing can be drawn towards it and there is
    no such column."""
    first = wording.opened(found.channel.replace("_", " "))
    headings = {found.channel: first, "reps": "Reps", "observed": "A rep-month"}
    return headings | ({"shrunk": "With luck taken out"} if len(found.league) > 2 else {})


def with_comparison_findings(found: ChannelComparison) -> ChannelComparison:
    """`found` with its sentence: who differs from whom once all pairs are looked at together."""
    pairs = found.pairs
    apart = pairs[(pairs["low"] > 0) | (pairs["high"] < 0)]
    n = int(found.league["reps"].sum())
    widest = pairs.loc[pairs["difference"].abs().idxmax()]
    flip = -1.0 if widest["difference"] < 0 else 1.0
    ends = sorted((flip * float(widest["low"]), flip * float(widest["high"])))
    at = Estimate(
        flip * float(widest["difference"]), ends[0], ends[1], found.confidence, "money", n,
        f"{found.method}, rep means",
    )  # fmt: skip
    better, worse = (widest["a"], widest["b"]) if flip > 0 else (widest["b"], widest["a"])
    count = len(found.league)
    if count == 2:  # one pair: the gap itself, said with the ratio
        differ = (
            f"{better} and {worse} differ beyond chance"
            if len(apart)
            else f"{wording.CANNOT_TELL} that {better} and {worse} differ"
        )
        sentence = wording.opened(f"{differ}: {wording.estimate(at, found.currency)} a rep-month.")
    elif apart.empty:
        sentence = (
            f"Looking at all {count} {plural(found.channel)} together, we {wording.CANNOT_TELL} that "
            "any two differ: "
            f"even {better} and {worse}, the furthest apart, are "
            f"{wording.estimate(at, found.currency)} a rep-month apart."
        )
    else:
        sentence = (
            f"Looking at all {count} {plural(found.channel)} together, "
            f"{wording.count(len(apart), 'pair')} of {len(pairs)} "
            f"{'differs' if len(apart) == 1 else 'differ'} beyond chance; {better} and {worse} are "
            f"furthest apart, {wording.estimate(at, found.currency)} a rep-month."
        )
    return replace(found, findings=(Finding("largest_gap", at, sentence),))


def with_closing_findings(closing: GapClosing, gap: ChannelGap) -> GapClosing:
    """`closing` with what training may cost, and the practice that carries most."""
    out = [
        Finding("training_limit_year", closing.limit_year, _limit(closing, gap)),
        Finding("training_net_year", closing.net_year, _net(closing, gap)),
    ]
    if len(closing.practices):
        name = str(closing.practices.iloc[0]["label"])
        out.append(Finding("first_practice", closing.first, _first(closing, name, gap)))
    return replace(closing, findings=tuple(out))


def practices_title(closing: GapClosing) -> str:
    """The message of the picture of practices: which carry the gap, as far as it can be told."""
    table = closing.practices
    name = wording.opened(str(table.iloc[0]["label"]))
    carrying = int((table["told_low"] > 0).sum())
    if len(table) == 1:
        can = "carries part of" if carrying else "cannot be told to carry"
        return f"{name}, the one practice measured, {can} the gap"
    if not carrying:
        return "No single practice can be told to carry the gap"
    # Told from every other, which is not more than all others together.
    if closing.apart:
        return f"{name} carries more of the gap than any other practice"
    which = f"{carrying} practices carry" if carrying > 1 else "One practice carries"
    return f"{which} part of the gap; which carries most cannot be told"


def _limit(closing: GapClosing, gap: ChannelGap) -> str:
    limit = closing.limit_year
    who = training(gap)
    terms = (
        f"if it closes {wording.percent(closing.gap_closed)} of the difference in practice, at a "
        f"margin of {wording.percent(closing.gross_margin)}"
    )
    if math.isnan(limit.value):
        return f"{cannot()} what {who} may cost: no correctable money is known."
    if limit.high <= 0:
        return f"{wording.opened(who)} would not pay at any price, {terms}."
    if limit.value <= 0:
        return (
            f"At best guess {who} brings nothing, {terms}; it may be worth up to "
            f"{wording.money(limit.high, closing.currency)} a year "
            f"({wording.interval(limit, closing.currency)})."
        )
    if limit.low <= 0:
        return (
            f"{wording.opened(who)} pays for itself at a cost below "
            f"{money(limit, closing.currency)} a year at best guess, {terms}, but it may also bring nothing "
            f"({wording.interval(limit, closing.currency)})."
        )
    return (
        f"{wording.opened(who)} pays for itself at a cost below "
        f"{wording.estimate(limit, closing.currency)}, {terms}."
    )


def _net(closing: GapClosing, gap: ChannelGap) -> str:
    """What a year of training is worth when it is paid for: comparable with every other lever."""
    net, who = closing.net_year, training(gap)
    if math.isnan(net.value):
        return f"{cannot()} whether {who} would pay for itself: no correctable money is known."
    left = wording.estimate(net, closing.currency)
    paid = f"after the programme's {wording.money(closing.programme_cost, closing.currency)} a year"
    terms = f"if it closes {wording.percent(closing.gap_closed)} of the difference in practice"
    if closing.programme_cost == 0:
        brought = (
            f"what {who} brings in is left whole" if net.low > 0
            else f"{who} brings in nothing" if net.high <= 0
            else f"we {wording.CANNOT_TELL} whether {who} brings in anything"
        )  # fmt: skip
        return f"The programme costs nothing, and {brought}: {left}, {terms}."
    if net.low > 0:
        return f"{wording.opened(who)} leaves {left} {paid}, {terms}."
    if net.high < 0:
        return f"{wording.opened(who)} does not pay for the programme: {paid} it leaves {left}, {terms}."
    return f"{cannot()} whether {who} pays for the programme: {paid} it leaves {left}, {terms}."


def _first(closing: GapClosing, name: str, gap: ChannelGap) -> str:
    at = closing.first
    size = wording.estimate(at, gap.currency)
    if len(closing.practices) == 1:
        told = "is worth" if at.low > 0 else "may be worth anything"
        return f"{name.capitalize()} is the one practice that is measured, and {told}: {size}."
    if at.value <= 0:
        return wording.opened(f"{gap.b} is behind {gap.a} in no measured practice.")
    if closing.apart:
        return f"{name.capitalize()} carries more of it than any other practice: {size}."
    if at.low > 0:
        return (
            f"{name.capitalize()} is worth most at best guess, {size}; we {wording.CANNOT_TELL} that it is "
            "more than another practice."
        )
    return f"{name.capitalize()} may carry most of it, but we {wording.CANNOT_TELL}: {size}."
