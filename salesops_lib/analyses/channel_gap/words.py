"""What the channel gap says, in plain English. Numbers are worded by `wording`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from salesops_lib import wording
from salesops_lib.analyses.channel_gap.labels import label, plural
from salesops_lib.estimate import Estimate, Finding

if TYPE_CHECKING:
    from salesops_lib.analyses.channel_gap.result import ChannelGap

# More data than this many times what there is will not be collected.
OUT_OF_REACH = 100
# ── Findings ──────────────────────────────────────────────────────────────────────────────────


def findings(gap: ChannelGap) -> tuple[Finding, ...]:
    """Everything a channel gap has to say, the answer first; what is not known is said too."""
    said = (
        Finding("correctable_money_year", gap.correctable_year, _correctable(gap)),
        Finding("gap_ratio", gap.ratio, _ratio(gap)),
        Finding("gap_difference", gap.difference, _difference(gap)),
        Finding("market_part", gap.market, _market(gap)),
        Finding("practice_part", gap.practice, _practice(gap)),
        Finding("unexplained_part", gap.unexplained, _unexplained(gap)),
        Finding("correctable_share", _shown_share(gap), _share(gap)),
        Finding("unmeasured_market", gap.robustness, _sensitivity(gap)),
    )
    about = f"{gap.a} against {gap.b}"
    return tuple(replace(one, sentence=wording.opened(one.sentence), subject=about) for one in said)


def lead(gap: ChannelGap) -> tuple[str, str]:
    """The findings that answer first: the money, or the gap where no money can be named."""
    first = ("correctable_money_year", "gap_ratio")
    return first[::-1] if math.isnan(gap.correctable.value) else first


def not_compared(because: str) -> tuple[Finding, ...]:
    """In the place of the answer and of the lever, where no two channels can be compared."""
    nothing = Estimate(math.nan, unit="money/year", method="nothing compared")
    sentence = f"{cannot()} why one channel sells more: {because}."
    names = ("correctable_money_year", "training_net_year")
    return tuple(Finding(name, nothing, sentence) for name in names)


def _correctable(gap: ChannelGap) -> str:
    a, b, year = gap.a, gap.b, gap.correctable_year
    if math.isnan(gap.correctable.value):
        return (
            f"{cannot()} what {training(gap)} could close: no practice is measured that differs "
            + (f"between {a} and {b}." if gap.same_people else "among the reps of a channel.")
        )
    if gap.scale == "share":
        size = _estimate(gap, gap.correctable)
        if gap.correctable.excludes(0.0):
            text = (
                f"Bringing {_practice_of(gap)} to the level of {a} would move {label(gap.outcome)}"
            )
        else:
            text = (
                f"{cannot()} whether bringing {_practice_of(gap)} to the level of {a} would move "
                f"{label(gap.outcome)}"
            )
        return f"{text}: {size}; in money this needs bookings as the outcome."
    level = wording.level(gap.confidence)
    if year.low <= 0 <= year.high:
        low, high = ends(year, gap.currency)
        text = (
            f"{cannot()} whether {training(gap)} to the practice of {a} would raise "
            f"{label(gap.outcome)}: the difference in practice is worth anything from {low} to {high} "
            f"of {label(gap.outcome)} a year ({level} interval, best guess {money(year, gap.currency)})"
        )
    elif year.value < 0:
        text = (
            f"There is nothing to train {'for ' * gap.same_people}{b} in that {a} does better: in "
            f"practice {b} is ahead, by {wording.estimate(flipped(year), gap.currency)} in "
            f"{label(gap.outcome)}"
        )
    else:
        text = (
            f"Bringing {_practice_of(gap)} to the level of {a} is worth "
            f"{wording.estimate(year, gap.currency)} in {label(gap.outcome)}"
        )
    return text + _caveat(gap) + "."


def _caveat(gap: ChannelGap) -> str:
    if not gap.market_known:
        return (
            ". How much of that is the market's doing, which no training changes, cannot be told: "
            "no market facts could be set against it"
        )
    if gap.inseparable:
        names = wording.listed([label(one) for one in gap.inseparable])
        return (
            f". That is before {names}, which cannot be told apart from the channel and may be "
            "behind some of it"
        )
    return ""


def _ratio(gap: ChannelGap) -> str:
    what = _what(gap)
    if math.isnan(gap.ratio.value):
        below = gap.means.loc[gap.means["value"] <= 0, "channel"].tolist()
        return (
            f"{cannot()} how many times as much {gap.a} {verb(gap)} as {gap.b}, {what}: on average "
            f"{wording.listed(below)} {'is' if len(below) == 1 else 'are'} not above zero."
        )
    text = f"{gap.a} {verb(gap)} {wording.ratio(gap.ratio.value)} what {gap.b} does, {what}"
    if not gap.ratio.excludes(1.0) or not gap.difference.excludes(0.0):
        return (
            f"{text} ({wording.interval(gap.ratio)}): with {_counts(gap)}, we {wording.CANNOT_TELL} "
            + (
                f"that the {plural(gap.channel)} differ."
                if gap.same_people
                else f"whether the {plural(gap.channel)} differ or the reps do."
            )
        )
    return f"{text} ({wording.interval(gap.ratio)}, {_counts(gap)})."


def _difference(gap: ChannelGap) -> str:
    if gap.scale == "share":
        where = "above" if gap.difference.value >= 0 else "below"
        size = gap.difference if gap.difference.value >= 0 else flipped(gap.difference)
        return (
            f"In {label(gap.outcome)}, {gap.a} is {_estimate(gap, size)} {where} {gap.b}, every rep "
            "counting the same."
        )
    more = "more" if gap.difference.value >= 0 else "less"
    if gap.scale == "log":
        has, what = verb(gap), ""
    else:
        has, what = "has", f" {label(gap.outcome)}"
    return (
        f"{gap.a} {has} {_size(gap, gap.difference)} {more}{what}{_per(gap)} than {gap.b}, every rep counting "
        "the same."
    )


def _market(gap: ChannelGap) -> str:
    if gap.market_known:
        return _part(gap, gap.market, "The market")
    return (
        f"{cannot()} what the market makes of it: there are no market facts that vary within a "
        "channel."
    )


def _practice(gap: ChannelGap) -> str:
    if math.isnan(gap.practice.value):
        where = f"{gap.a} and {gap.b}" if gap.same_people else "reps"
        return (
            f"{cannot()} what practice makes of it: none is measured that differs between {where}."
        )
    who = "Practice, net of the market," if gap.market_known else "Practice"
    return _part(gap, gap.practice, who)


def _part(gap: ChannelGap, part: Estimate, who: str) -> str:
    if part.excludes(0.0):
        leader = gap.a if gap.difference.value >= 0 else gap.b
        way = "of" if part.value * gap.difference.value > 0 else "against"
        return f"{who} makes {_size(gap, part)}{_of_what(gap)} {way} the lead of {leader}."
    return (
        f"{who} may work either way: {_estimate(gap, part)}{_of_what(gap)} of the difference between "
        f"{gap.a} and {gap.b}."
    )


def _unexplained(gap: ChannelGap) -> str:
    size = f"{_estimate(gap, gap.unexplained)}{_of_what(gap)}".removesuffix(",")
    text = f"Of the difference, {size} is not explained"
    names = [label(one) for one in gap.inseparable]
    if names:
        them = ("is", "it") if len(names) == 1 else ("are", "them")
        return (
            f"{text}; {wording.listed(names)} {them[0]} in it, because the data cannot tell "
            f"{them[1]} from the channel itself."
        )
    return f"{text} by anything measured; market factors that nobody measured are in it."


def _shown_share(gap: ChannelGap) -> Estimate:
    """The share, without a point value where no interval can hold it."""
    if gap.more_rep_months > 0:
        return replace(gap.correctable_share, value=math.nan)
    return gap.correctable_share


def _share(gap: ChannelGap) -> str:
    share = gap.correctable_share
    if math.isnan(gap.correctable.value):
        return f"{cannot()} what share of the difference training could close."
    if gap.more_rep_months == 0:
        text = "Of the difference between the channels,"
        if share.excludes(0.0):
            return f"{text} {wording.estimate(share)} is practice."
        low, high, guess = (wording.percent(x) for x in (share.low, share.high, share.value))
        level = wording.level(gap.confidence)
        return (
            f"{text} anything from {low} to {high} may be practice ({level} interval, best guess "
            f"{guess})."
        )
    rows = int(gap.means["rows"].sum())
    text = (
        "What share of the gap is correctable cannot be given, because the gap itself may be "
        "nothing"
    )
    if not math.isfinite(gap.more_rep_months) or gap.more_rep_months > OUT_OF_REACH * rows:
        return f"{text}; no amount of data that could be collected would bound it."
    more = wording.count(wording.rounded_up(gap.more_rep_months), gap.row)
    return (
        f"{text}; if it is as large as it looks, about {more} more, from new reps, would bound it "
        f"(there are {rows:,})."
    )


def _sensitivity(gap: ChannelGap) -> str:
    strength = gap.robustness
    if math.isnan(strength.value):
        return f"{cannot()} how strong an unmeasured market factor would have to be."
    text = (
        "A market factor that nobody measured would wipe the correctable part out if it accounted "
        f"for {wording.percent(strength.value)} of the differences that are left, both between the "
        "channels and in practice between reps"
    )
    if len(gap.measured):
        strongest = gap.measured.iloc[0]
        text += (
            f"; {strongest['label']}, the strongest one measured, accounts for "
            f"{wording.percent(float(strongest['strength']))}"
        )
    if strength.low == 0:
        return f"{text}. Without any, the part may already be nothing."
    return f"{text}. {wording.percent(strength.low)} would do to leave it in doubt."


# ── Bits ──────────────────────────────────────────────────────────────────────────────────────


def cannot() -> str:
    return wording.CANNOT_TELL.capitalize()


def training(gap: ChannelGap) -> str:
    """Training a channel's people, or all people for one kind of deal."""
    return f"training for {gap.b}" if gap.same_people else f"training {gap.b}"


def verb(gap: ChannelGap) -> str:
    if gap.scale == "share":
        return "reaches"
    return "brings" if gap.same_people else "sells"


def _practice_of(gap: ChannelGap) -> str:
    return f"practice in {gap.b}" if gap.same_people else f"the practice of {gap.b}"


def _what(gap: ChannelGap) -> str:
    if gap.scale == "share":
        return f"in {label(gap.outcome)}"
    return "per rep and month" if gap.row == "rep-month" else f"per {gap.row}"


def _per(gap: ChannelGap) -> str:
    return "" if gap.scale == "share" else f" a {gap.row}"


def _counts(gap: ChannelGap) -> str:
    a, b = (int(n) for n in gap.means["reps"])
    if gap.same_people:
        return f"{wording.count(a, 'rep')} who sell both"
    return f"{a:,} and {wording.count(b, 'rep')}"


def _estimate(gap: ChannelGap, value: Estimate) -> str:
    if gap.scale == "share":
        points = value.scaled(100.0, "index")
        return f"{wording.number(points.value)} points ({wording.interval(points)})"
    if gap.scale == "log":
        return wording.estimate(_as_change(value))
    return wording.estimate(value, gap.currency)


def _size(gap: ChannelGap, value: Estimate) -> str:
    """Without its sign, for sentences that say it in words."""
    if gap.scale == "log" and value.value < 0:
        return wording.estimate(flipped(_as_change(value)))
    return _estimate(gap, value if value.value >= 0 else flipped(value))


def _as_change(logs: Estimate) -> Estimate:
    """A difference of logarithms as what it changes, in parts of what there is: nobody sells 0.05 of a log."""
    value, low, high = (math.expm1(one) for one in (logs.value, logs.low, logs.high))
    return replace(logs, value=value, low=low, high=high, unit="share")


def _of_what(gap: ChannelGap) -> str:
    """What a part is an amount of."""
    if gap.scale != "log":
        return _per(gap)
    return f" of what {gap.b} {verb(gap)}{_per(gap)},"


def flipped(value: Estimate) -> Estimate:
    return value.scaled(-1.0)


def money(value: Estimate, currency: str) -> str:
    return wording.money(value.value, currency, like=value.size)


def ends(value: Estimate, currency: str) -> tuple[str, str]:
    return (
        wording.money(value.low, currency, like=value.size),
        wording.money(value.high, currency, like=value.size),
    )
