"""The sentences of the bookings forecast."""

from __future__ import annotations

import math

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate

# From here on a change in percent is no way to say it.
_MANY_TIMES = 10.0


def bookings(
    estimate: Estimate, period: str, so_far: float, currency: str, *, inner: Estimate | None = None
) -> str:
    """What will be booked, `period` being `in 2026-Q4`, and how sure that is.

    Parameters
    ----------
    inner
        The 80% interval, for where the one that was asked for cannot be given.
    """
    known = not math.isnan(estimate.low)
    said = (
        wording.estimate(estimate, currency)
        if known
        else wording.quantity(estimate.value, estimate.unit, currency)
    )
    text = f"Bookings {period}: {said}"
    if so_far > 0:
        text += f", of which {wording.money(so_far, currency)} is booked already"
    if known:
        return f"{text}."
    if inner is None or math.isnan(inner.low):
        return f"{text}; too few past forecasts can be checked to say how far off that may be."
    level = f"{estimate.confidence * 100:.6g}%"
    return (
        f"{text}; too few past forecasts can be checked for a {level} interval, the "
        f"{wording.interval(inner, currency)}."
    )


def against_last_year(estimate: Estimate, before: float, period: str, currency: str) -> str:
    """Whether the period beats the same one a year before."""
    if math.isnan(estimate.low) or not before > 0:
        return ""
    times = estimate.value / before
    change = wording.percent(times - 1, signed=True)
    if times >= _MANY_TIMES:
        change = f"{wording.number(times)} times as much"
    was = wording.money(before, currency)
    if estimate.low > before:
        return f" That is more than the {was} of the same period a year before ({change})."
    if estimate.high < before:
        return f" That is less than the {was} of the same period a year before ({change})."
    return (
        f" Whether that beats the {was} of the same period a year before ({change}): "
        f"{wording.CANNOT_TELL}."
    )


def pipeline_expected(
    estimate: Estimate, deals: int, amount: float, wins: float, period: str, currency: str
) -> str:
    share = estimate.value / amount if amount > 0 else math.nan
    return (
        f"The {wording.count(deals, 'open deal')} ({wording.money(amount, currency)}) should bring "
        f"{wording.estimate(estimate, currency)} in {period}: about "
        f"{wording.number(wins)} wins, {wording.percent(share)} of what is in the pipeline."
    )


def win_rate(estimate: Estimate, closed: float) -> str:
    text = f"Of the deals begun, {wording.estimate(estimate)} are won in the end"
    if estimate.low <= closed <= estimate.high:
        return f"{text}."
    return (
        f"{text}; closed deals alone say {wording.percent(closed)}, as the open ones are left out."
    )


def coverage_needed(needed: Estimate, now: float, period: str) -> str:
    """Pipeline coverage needed to reach quota with 80% probability."""
    if math.isinf(needed.value):
        return (
            f"No amount of the pipeline we have would make the quota of {period} likely: too little "
            "of it closes in time."
        )
    if needed.value == 0:
        return (
            f"The quota of {period} is likely (four times in five) without today's pipeline: deals "
            "not begun yet are enough."
        )
    text = (
        f"To reach the quota of {period} four times in five takes an open pipeline of "
        f"{wording.ratio(needed.value)} the quota still open ({wording.interval(needed)})"
    )
    if math.isnan(now):
        return f"{text}."
    if now < needed.low:
        verdict = "too little"
    elif now > needed.high:
        verdict = "enough"
    else:
        verdict = f"whether that is enough: {wording.CANNOT_TELL}"
    return f"{text}; it is {wording.ratio(now)} now, {verdict}."


def quota_probability(
    chance: Estimate, quota: float, period: str, assumed: bool, currency: str
) -> str:
    money = wording.money(quota, currency)
    whose = (
        f"the quota of {period}, taken to be the latest known quarter's ({money})"
        if assumed
        else f"the quota of {period} ({money})"
    )
    if math.isnan(chance.value):
        return (
            f"The chance of reaching {whose}: {wording.CANNOT_TELL}, too few past forecasts can be "
            "checked to say how far off this one may be."
        )
    text = f"The chance of reaching {whose} is {chance_text(chance.value)}"
    edges = [chance_text(one) for one in (chance.low, chance.high) if not math.isnan(one)]
    if len(set(edges)) > 1:
        text += f" ({edges[0]} to {edges[1]}, as the forecast's centre may itself be off)"
    if chance.low < 0.5 < chance.high:
        return f"{text}: whether it is more likely than not, {wording.CANNOT_TELL}."
    return f"{text}."


def out_of_reach(teams: list[str], small: int, period: str, judged: int, what: str = "team") -> str:
    """Which teams' quotas the evidence calls out of reach.

    Parameters
    ----------
    teams
        Their names, without the `small` ones of so few people that naming them points at a person.
    what
        What a reader calls a part of that level.
    """
    if not teams and not small:
        return f"No {what}'s quota of {period} is out of reach by this evidence ({judged} judged)."
    shown = teams[:5] + ([f"{len(teams) - 5} more"] if len(teams) > 5 else [])
    if small:
        shown.append(wording.count(small, what) + " of fewer than five people")
    return (
        f"Out of reach in {period} by this evidence, less than one chance in ten even read "
        f"generously: {wording.listed(shown)}."
    )


def last_error(
    error: Estimate, made: pd.Timestamp, forecast: float, came: float, currency: str
) -> str:
    """How wrong we were last time."""
    like = max(abs(forecast), abs(came))
    said = wording.money(forecast, currency, like=like)
    was = wording.money(came, currency, like=like)
    how = "too high" if error.value > 0 else "too low"
    text = (
        f"Last time, on {made.date().isoformat()}, this forecast said {said} for the quarter after; "
        f"{was} came, so it was {wording.percent(abs(error.value))} {how}"
    )
    if math.isnan(error.low):
        return f"{text}."
    inside = error.low <= 0 <= error.high
    return f"{text}, {'within' if inside else 'outside'} its interval."


def what_if(estimate: Estimate, factor: float, chance: float, period: str, currency: str) -> str:
    """The coming quarter with more or less open pipeline."""
    given = (
        "With the pipeline as it is"
        if factor == 1
        else f"With {wording.ratio(factor)} the open pipeline"
    )
    text = f"{given}: {wording.estimate(estimate, currency)} in {period}"
    if math.isnan(chance):
        return f"{text}."
    return f"{text}; the chance of reaching quota is {chance_text(chance)}."


def no_chance(*, held: bool) -> str:
    """Why quotas cannot be judged, `held` telling whether there are any."""
    if held:
        return "too few past forecasts can be checked to say how far off this one may be"
    return "the data hold no quotas"


def chance_text(value: float) -> str:
    """`34%`, `more than 99%`, `less than 1%`: draws cannot tell certainty."""
    if value > 0.99:
        return "more than 99%"
    if value < 0.01:
        return "less than 1%"
    return wording.percent(value)


def no_stage_history() -> str:
    return (
        "There is no history of stages: open deals are judged by their age alone, and amounts of "
        "past pipelines are not known."
    )


def no_open_deals() -> str:
    return (
        "There are no open deals in the data: the forecast is the run-rate of past bookings alone, "
        "and pipeline coverage cannot be given."
    )


def no_lost_deals() -> str:
    return "There are no lost deals in the data: a deal that is not won counts as open for ever."


def pipeline_too_young() -> str:
    return (
        "Too few months of closed deals to learn what open deals are worth: the forecast is the "
        "run-rate of past bookings alone."
    )


def undated_open(deals: int) -> str:
    return (
        f"{wording.count(deals, 'open deal')} without a creation date: not in the pipeline, but "
        "among the deals not begun yet."
    )


def undated_beginnings(deals: int) -> str:
    return (
        f"{deals:,} open deals have no creation date, so how many deals began lately is not known: "
        "the forecast is the run-rate of past bookings, and the pipeline is shown beside it."
    )


def pipeline_tried(origins: int, pipeline: float, series: float) -> str:
    """How a pipeline view that stands aside would have done at past month ends.

    Parameters
    ----------
    pipeline, series
        Mean absolute error of the quarter after, as a share of what came; NaN where there is none.
    """
    if origins == 0 or math.isnan(pipeline):
        return ""
    where = "one past month end" if origins == 1 else f"{origins} past month ends"
    text = f" Tried at {where}, the pipeline view was off by {wording.percent(pipeline)}"
    if not math.isnan(series):
        text += f", past bookings by {wording.percent(series)}"
    return f"{text}."


def no_series() -> str:
    return "Fewer than four complete months of bookings: the forecast rests on the pipeline alone."


def typical_amounts(deals: int, open_deals: int) -> str:
    return (
        f"{deals:,} of {open_deals:,} open deals state no amount; each counts at the typical amount "
        "of a won deal of its product."
    )


def one_deal(amount: float, day: pd.Timestamp, share: float, currency: str) -> str:
    """A single deal that makes most of the last year's bookings."""
    return (
        f"One deal of {wording.money(amount, currency)}, won on {day.date().isoformat()}, is "
        f"{wording.percent(share)} of the last twelve months' bookings: the forecast takes it as it "
        "is, so see that its amount is right."
    )


def quotas_of_strangers(reps: int) -> str:
    """Quotas of reps that no part of the company has."""
    return (
        f"Quotas of {wording.count(reps, 'rep')} that the reps table does not know count for the "
        "company, and for no part of it."
    )


def ends_earlier(asked: pd.Timestamp, last: pd.Timestamp) -> str:
    return (
        f"The data end on {last.date().isoformat()}: the forecast starts there, not on "
        f"{asked.date().isoformat()}."
    )


def running_month(month: str, day: pd.Timestamp) -> str:
    return (
        f"{month} is not over on {day.date().isoformat()}: what is booked in it counts, its rest is "
        "forecast."
    )


def level_missing(level: str) -> str:
    return f"No deal has a {level}: bookings are not split by {level}."


def same_level(level: str, above: str) -> str:
    """Why a level is not shown whose parts are those of the level above."""
    level, above = _plain(level), _plain(above)
    return (
        f"Every {above} is one {level}: bookings are split by {above} only, and a {level}'s name "
        f"stands for its {above}."
    )


def wider_level(level: str, above: str) -> str:
    """Why a level is not shown that splits nothing further."""
    level, above = _plain(level), _plain(above)
    return f"No {above} holds more than one {level}: bookings are split by {above} only."


def _plain(level: str) -> str:
    return level.removesuffix("_id").replace("_", " ")


def no_limits(periods: list[str], every: bool, *, months: int = 0, needed: int = 0) -> str:
    """Why commit and best case are left out, and when they will be there.

    Parameters
    ----------
    months, needed
        Complete months of bookings that there are, and that an interval of the coming quarter
        asks for.
    """
    where = "" if every else f" of {wording.listed(periods)}"
    text = (
        f"Commit and best case{where} are left out: they are limits of an interval, and fewer than "
        "nine past forecasts so far ahead can be held against what came."
    )
    if not every or months >= needed:
        return text
    return (
        f"{text} There are {wording.count(months, 'complete month')} of bookings; with {needed}, or "
        "with the bookings of earlier months added, the coming quarter has them."
    )


def assumed_quota() -> str:
    return (
        "Quotas of the coming period are not in the data; those of the same months of the latest "
        "quarter known stand in for them."
    )


def few_origins(origins: int, *, interval: bool) -> str:
    """How few past forecasts there are to judge by.

    Parameters
    ----------
    interval
        Whether an interval is given all the same.
    """
    if origins == 0:
        return "The history is too short to test the forecast on its own past."
    text = f"The forecast could be tested on {wording.count(origins, 'past origin')} only"
    if not interval:
        return f"{text}, too few to say how far off the coming one may be."
    return f"{text}: how wide its interval must be is known less well than with nine or more."


def first_year() -> str:
    return (
        "Less than a year of bookings: their part of the forecast is their level of late carried "
        "forward with a trend that soon fades, without season."
    )


def short_season() -> str:
    return "Less than two years of bookings: a yearly season cannot be told from chance."
