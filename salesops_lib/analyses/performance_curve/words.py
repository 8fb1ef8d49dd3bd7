"""The sentences of this analysis, written from its numbers."""

from __future__ import annotations

import math

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate

# Where the repeatable share of the spread may be less than this, reps may be all alike.
LEAST_SKILL = 0.1
# What is that near to all of it reads 100%: where nothing is luck, rounding would decide what is said.
_ALL = 5e-4
PRACTICE_LABELS = {
    "win_rate": "Win rate",
    "cycle_days": "Days from first contact to close",
    "discount": "Discount",
    "mean_amount": "Deal size",
    "deals_created": "New deals in the pipeline",
    "selling_hours": "Hours spent selling",
    "selling_share": "Share of hours spent selling",
}
MODELS = {
    "log": "Every {period} is above zero and luck multiplies, so {period}s are compared in logs.",
    "means": "Some {period}s have no sale or a few very large deals, so each rep's mean {period} is "
    "compared, with a relative error that falls with the {period}s behind it. Where reps differ in how "
    "many deals they win, those who sell little vary more than that, and chances of 70% or more are "
    "off: of being at the bottom some 6 points too high, of being a star some 7 too low. Moving the "
    "middle may then be worth some 15% more than is said.",
    "additive": "Luck adds or takes about the same amount for everyone, so amounts are compared as "
    "they are.",
    "observed": "Luck cannot be told from skill in these data, so values stand as observed.",
}


def model(name: str, by_deals: bool, period: str = "month") -> str:
    """What the model of luck takes for granted."""
    if name == "means" and by_deals:
        return (
            f"Some {period}s have no sale or a few very large deals, so each rep's mean {period} is "
            "compared, with a relative error that falls with the deals behind it."
        )
    return MODELS[name].format(period=period)


def reliability(value: Estimate) -> str:
    if math.isnan(value.value):
        return f"How much of the spread between reps repeats: {wording.CANNOT_TELL}."
    share = wording.percent(value.value)
    text = (
        f"About {share} of the spread between reps is repeatable skill "
        f"({wording.interval(value)}); the rest is luck."
    )
    if value.low < LEAST_SKILL:
        return f"{text} Whether reps differ at all: {wording.CANNOT_TELL}."
    return text


def luck(expected: float, stars: int) -> str:
    if stars == 0:
        return "Nobody is ranked among the stars."
    if stars == 1:
        return (
            "The one rep ranked as a star would still be among the stars with a probability of "
            f"{wording.chance(expected)} if luck were taken out."
        )
    return (
        f"Of the {wording.count(stars, 'rep')} ranked as stars, about {wording.about(expected, of=stars)} would "
        "still be among the stars if luck were taken out."
    )


def spread(value: Estimate, currency: str) -> str:
    if math.isnan(value.value):
        return (
            "How many times what a core rep sells a star is expected to sell: "
            f"{wording.CANNOT_TELL}; returns may outweigh what one of them sells."
        )
    return (
        f"A star is expected to sell {wording.ratio(value.value)} what a core rep sells "
        f"({wording.interval(value, currency)}), luck taken out."
    )


def regression(kept: Estimate) -> str:
    """`kept`: share of a rep's distance from the average in one half that was left in the next.

    One number only: the lead of the best few, which one would like to quote beside it, is another
    share, and the two may contradict each other.
    """
    if math.isnan(kept.low):
        return f"Whether a lead lasts from one half to the next: {wording.CANNOT_TELL}."
    text = (
        "Of what a rep was above or below average in the first half, "
        f"{wording.percent(kept.value)} ({wording.interval(kept)}) was left in the second"
    )
    if kept.low <= 0 <= kept.high:
        return f"{text}. Whether a lead lasts: {wording.CANNOT_TELL}."
    if kept.high < 0:
        return f"{text}: who was ahead fell behind."
    if kept.high < 1 - _ALL:
        return f"{text}: rankings of one half fade in the next."
    if kept.low > 1 - _ALL and kept.high < 1 + _ALL:
        return f"{text}: leads did not fade."
    return f"{text}. Whether leads fade at all: {wording.CANNOT_TELL}."


def prediction(value: Estimate) -> str:
    """`value`: error of the shrunken prediction of the second half ÷ error of the raw one."""
    if math.isnan(value.value):
        return (
            "Whether what is expected of a rep predicts the second half better than what was seen: "
            f"{wording.CANNOT_TELL}."
        )
    change = value.value - 1
    size = wording.percent(abs(change))
    if math.isnan(value.low) or value.low <= 1 <= value.high:
        lead = "is as good as" if abs(change) < 0.005 else (
            f"has an error {size} {'smaller' if change < 0 else 'larger'} than"
        )  # fmt: skip
        return (
            f"Predicting the second half from the first, what is expected of a rep {lead} what was "
            f"seen; which is better: {wording.CANNOT_TELL}."
        )
    near, far = sorted((abs(value.low - 1), abs(value.high - 1)))
    return (
        f"Predicting the second half from the first, what is expected of a rep has an error {size} "
        f"{'smaller' if change < 0 else 'larger'} than what was seen "
        f"({wording.level(value.confidence)} interval {wording.percent(near)} to "
        f"{wording.percent(far)})."
    )


def ratchet(detected: bool | None, follow: Estimate) -> str:
    if detected is None and not math.isnan(follow.value):
        return (
            f"Whether quotas are set from last year's sales: {wording.CANNOT_TELL}; sales change too "
            "little from year to year."
        )
    if detected is None:
        return (
            f"Whether quotas are set from last year's sales: {wording.CANNOT_TELL}; two years of "
            "quotas are needed."
        )
    tenth = follow.scaled(0.1, "share")
    size, limits = wording.alone(tenth), wording.interval(tenth)
    if detected:
        return (
            f"Quotas follow last year's sales: 10% more sold raises the next quota by "
            f"{size} ({limits}). Attainment then measures "
            "change, not skill: do not rank reps on it."
        )
    if follow.low <= 0:
        return (
            f"Quotas do not visibly follow last year's sales (10% more sold moves the next quota "
            f"by {size}, {limits})."
        )
    return (
        "Quotas follow last year's sales a little (10% more sold raises the next quota by "
        f"{size}, {limits})."
    )


def left_out(gone: int, *, by_day: bool, period: str = "month") -> tuple[str, ...]:
    """`by_day`: whether the days on which reps left are known, besides who has no row."""
    if not gone:
        return ()
    verb = "has" if gone == 1 else "have"
    who = wording.count(gone, "rep")
    left = (
        f"{who} {verb} left by the end of the last {period}"
        if by_day
        else f"{who} with no row in the last {period} {verb} left"
    )
    return (f"{left}: ranked with the others, but no lever acts on them.",)


def stars_in_doubt(reliability: Estimate) -> tuple[str, ...]:
    """Where no rep is better than another, what stars would bring lies below its interval in 15 of
    100 companies instead of 5."""
    if math.isnan(reliability.low) or reliability.low >= LEAST_SKILL:
        return ()
    return (
        f"Whether reps differ at all: {wording.CANNOT_TELL}, so replacing by stars may bring less than "
        "its interval says.",
    )


def lasting_luck(correlation: float, period: str = "month") -> tuple[str, ...]:
    if correlation == 0:
        return ()
    size = f"correlation {wording.number(correlation)}"
    if correlation > 0:
        return (
            f"Good and bad luck last from one {period} to the next ({size}), so {period}s count as "
            "fewer than there are.",
        )
    return (
        f"Good and bad {period}s of a rep alternate ({size}), so {period}s count as more than "
        "there are.",
    )


def few_periods(count: int, period: str = "month") -> str:
    verb = "is" if count == 1 else "are"
    return (
        f"{wording.count(count, 'rep')} with fewer than three {period}s {verb} placed by probability "
        "and close to the average: so little history says little."
    )


def set_aside(count: int) -> str:
    return (
        f"{wording.count(count, 'rep')} at or below 0 cannot be drawn by the positive shapes; the "
        "shapes are compared on the others."
    )


def practices(table: pd.DataFrame, tested: int) -> str:
    """What goes with selling more; never what causes it."""
    apart = table[table["separates"]]
    if apart.empty:
        looked_at = (
            f"None of {tested} practices goes" if tested > 1 else "The one practice there is goes"
        )
        return (
            f"What stars do differently: {wording.CANNOT_TELL}. {looked_at} with skill "
            f"{'no more' if tested == 1 else 'more'} clearly than chance would show."
        )
    higher, lower = (
        [wording.within(str(row.label)) for row in apart.itertuples() if (row.slope > 0) is up]
        for up in (True, False)
    )
    said = [
        f"{side} in {wording.listed(names)}"
        for side, names in (("higher", higher), ("lower", lower))
        if names
    ]
    return (
        f"At equal opportunity, reps who sell more are {' and '.join(said)}. This is what goes "
        "with selling more, not proof that it is the cause: try it in training before relying on "
        "it."
    )


def practice(label: str, slope: Estimate) -> str:
    """One practice that was picked: the difference that one standard deviation goes with."""
    side = slope if slope.value >= 0 else slope.scaled(-1.0, "share")
    direction = "more" if slope.value >= 0 else "less"
    return (
        f"{label}: reps one standard deviation higher sell {wording.percent(side.value)} {direction} "
        f"({wording.interval(side)}); what was picked because it stands out is likely somewhat less."
    )


def parts_left_out(count: int) -> str:
    return (
        f"{wording.count(count, 'rep-month')} in which a rep began or left "
        f"{'is' if count == 1 else 'are'} left out of the practices."
    )
