"""What a reader of the bookings forecast must know about its data before trusting a number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.forecast.words import parts, plain
from salesops_lib.dataset.small_groups import SMALLEST_GROUP
from salesops_lib.estimate import Estimate

# Months that differ by less are drawn as a level line.
_FLAT = 0.02


def no_stage_history(*, by_source: bool) -> str:
    judged = "their age and where they came from" if by_source else "their age alone"
    return (
        f"There is no history of stages: open deals are judged by {judged}, and amounts of past pipelines are "
        "not known."
    )


def no_open_deals(undated: int = 0) -> str:
    """No deal is known to be open, or none of the `undated` open deals says since when."""
    which = "There are no open deals in the data"
    if undated:
        which = f"None of {wording.count(undated, 'open deal')} has a creation date"
    return (
        f"{which}: the forecast is the run-rate of past bookings alone, and pipeline coverage cannot "
        "be given."
    )


def no_lost_deals() -> str:
    return (
        "There are no lost deals in the data: a deal that is not won counts as open for ever. If lost "
        "deals were left out or deleted, the forecast is too high: export them too."
    )


def losses_missing(*, some: bool = False) -> str:
    """Where lost deals look left out; `some` of them are there."""
    seen = "There are no lost deals in the data, and few old ones are still open"
    if some:
        seen = (
            "Hardly any deal in the data was lost, yet far more are open today than ever seem to have "
            "been before"
        )
    return (
        f"{seen}: those that were lost look left out. What today's open deals bring cannot be learned "
        "from past ones that were nearly all won, so the forecast is the run-rate of past bookings alone. "
        "Export all lost deals."
    )


def swollen(open_deals: float, bookings: float) -> str:
    """Deals open today, and bookings of a year, against those of a year before."""
    return (
        f"{wording.tenths(open_deals)} times as many deals are open as a year ago, while bookings of a "
        f"year are {wording.tenths(bookings)} times those of the year before. If old lost deals were left "
        "out of the data or deleted, past pipelines look too small and the forecast is too high: export "
        "them all. If none were, far more deals begin than did, and the forecast takes them to be won as "
        "often as those were: after a campaign that is too many."
    )


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


def pipeline_tried(origins: int, pipeline: float, series: float, *, at: str = "month end") -> str:
    """How a pipeline view that stands aside would have done at past month ends.

    Parameters
    ----------
    at
        What the days are that it was tried at.
    pipeline, series
        Mean absolute error of the quarter after, as a share of what came; NaN where there is none.
    """
    if origins == 0 or math.isnan(pipeline):
        return ""
    where = f"one past {at}" if origins == 1 else f"{origins} past {at}s"
    text = f" Tried at {where}, the pipeline view was off by {wording.percent(pipeline)}"
    if not math.isnan(series):
        text += f", past bookings by {wording.percent(series)}"
    return f"{text}."


def no_series() -> str:
    return "Fewer than four complete months of bookings: the forecast rests on the pipeline alone."


def typical_amounts(deals: int, open_deals: int) -> str:
    which = f"{deals:,} of {open_deals:,} open deals state no amount"
    if deals == open_deals:
        which = f"None of the {open_deals:,} open deals states an amount"
    return f"{which}; each counts at the typical amount of a won deal of its product."


def one_deal(amount: float, day: pd.Timestamp, share: float, currency: str) -> str:
    """A single deal that makes most of the last year's bookings."""
    return (
        f"One deal of {wording.money(amount, currency)}, won on {day.date().isoformat()}, is "
        f"{wording.percent(share)} of the last twelve months' bookings: the forecast takes it as it "
        "is, so see that its amount is right."
    )


def one_open_deal(amount: float, part: float, mean: float, period: str, currency: str) -> str:
    """A single open deal of this stated amount whose chance is much of what is forecast.

    Parameters
    ----------
    part, mean
        What it counts for in the forecast of the period, and that forecast.
    """
    return (
        f"By its chance of being won in {period}, one open deal of {wording.money(amount, currency)} counts "
        f"for {wording.money(part, currency)} of the {wording.money(mean, currency)} expected. It brings all "
        "or nothing, so what comes will lie well above or below: see that its amount is right."
    )


def quotas_of_strangers(reps: int) -> str:
    """Quotas of reps that no part of the company has."""
    return (
        f"Quotas of {wording.count(reps, 'rep')} that the reps table does not know count for the "
        "company, and for no part of it."
    )


def moved(reps: int) -> str:
    """Reps who were in several parts of the company."""
    return (
        f"{wording.count(reps, 'rep')} moved from one part of the company to another: all that they "
        "booked, also before, counts for the part that they are in now, as their quotas do."
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
    level = plain(level)
    return f"No deal has a {level}: bookings are not split by {level}."


def same_level(level: str, above: str) -> str:
    """Why a level is not shown whose parts are those of the level above."""
    level, above = plain(level), plain(above)
    return (
        f"Every {above} is one {level}: bookings are split by {above} only, and a {level}'s name "
        f"stands for its {above}."
    )


def wider_level(level: str, above: str) -> str:
    """Why a level is not shown that splits nothing further."""
    level, above = plain(level), plain(above)
    return f"No {above} holds more than one {level}: bookings are split by {above} only."


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


def assumed_quota(last: pd.Timestamp) -> str:
    """Quotas that are not known yet, `last` being the last month that has some."""
    return (
        f"Quotas of the coming period are not in the data, which hold them up to {last:%Y-%m}; those "
        "of the same months of the latest quarter known stand in for them."
    )


def no_quota_above_zero(period: str) -> str:
    return f"The quotas of {period} are zero or incomplete: no chance of reaching them is given."


def quotas_of_some(share: float) -> str:
    """Quotas for some parts of the company only."""
    return (
        f"Only parts that brought {wording.percent(share)} of the last twelve months' bookings have "
        "a quota: against it stand all bookings, so what holds several parts reaches its quota more "
        "easily than those that have one."
    )


def quotas_of_some_reps(share: float) -> str:
    """Quotas for some reps only, in every part of the company."""
    return (
        f"Only reps who brought {wording.percent(share)} of the last twelve months' bookings have a "
        "quota: against it stand all bookings, so it is reached more easily than those of the reps are."
    )


def quotas_not_set(reps: int, money: float, period: str, currency: str) -> str:
    """Reps of whom some month of the period has no quota while others have one; what stands in, where
    they are too many for it to tell anybody's."""
    have, their = ("has", "the rep's") if reps == 1 else ("have", "the reps'")
    text = (
        f"{wording.count(reps, 'rep')} {have} no quota yet for some or all of {period}: {their} own of "
        "three months before stands in"
    )
    if reps < SMALLEST_GROUP:
        return f"{text}."
    return f"{text}, {wording.money(money, currency)} of the quotas of the period."


def quotas_not_passed_on(share: float, period: str) -> str:
    """Quota of reps who left, or have a quota of 0 now."""
    return (
        f"Reps who had {wording.percent(share)} of the quota of the last three months have left or "
        f"have none in {period}, and nobody new has it. What they booked is in the forecast: unless "
        "the quotas of others were raised for it, the chance of reaching quota is too high."
    )


def few_origins(
    origins: int, *, interval: bool, at: str = "month end", behind: int = 0, enough: int = 9
) -> str:
    """How few past forecasts there are to judge by.

    Parameters
    ----------
    interval
        Whether an interval is given all the same.
    at
        What the days are that it was tested on.
    behind
        Past forecasts behind that interval, also those from days that nothing else could be forecast from.
    enough
        So many of them tell how wide it must be.
    """
    if origins == 0:
        return "The history is too short to test the forecast on its own past."
    text = f"The forecast could be tested on {wording.count(origins, f'past {at}')} only"
    if interval and behind >= enough:
        return (
            f"{text} together with what it is compared with, which takes a longer past. Its interval rests on "
            f"{behind:,} past forecasts."
        )
    if not interval:
        return f"{text}, too few to say how far off the coming one may be."
    return f"{text}: how wide its interval must be is known less well than with nine or more."


def first_year(steps: Sequence[float]) -> str:
    """What stands in for a season in the first year.

    Parameters
    ----------
    steps
        What past bookings alone say of each month ahead.
    """
    text = (
        "Less than a year of bookings: no season can be known, and their part of the forecast is "
        "their level of late carried forward"
    )
    change = abs(steps[-1] - steps[0])
    if not change > _FLAT * abs(steps[0]):
        return f"{text}, the same for every month."
    fades = abs(steps[-1] - steps[-2]) < 0.5 * abs(steps[1] - steps[0])
    return f"{text} with {'a trend that soon fades' if fades else 'its trend'}."


def new_level(way: str, *, pipeline: bool) -> str:
    """Months just past that are unlike any before: `above` or `below` what was to be expected."""
    said = (
        f"Bookings of the last three months all lie {way} what past bookings let expect, by more than "
        "in any three months before: "
    )
    if pipeline:
        return said + (
            "if that is a new level, the view from past bookings follows it slowly; that from open deals, "
            "which counts for more, follows as far as their wins tell it from chance."
        )
    return said + (
        "whether that is a new level cannot be told yet, so the forecast goes part of the way, and its "
        "interval reaches further than the errors until now would have it."
    )


_LATELY = {
    "wins": "Open deals have lately been won {} often than over the years before: their wins stand at {} "
    "of what past chances give.",
    "typical": "Won deals have lately brought {} than over the two years before: amounts stand at {} of "
    "theirs.",
    "stated": "Won deals have lately brought {} of the amount stated while they were open than before: "
    "amounts stand at {} of the usual.",
}


def level_moved(
    what: str, factor: Estimate, among: int, by: Sequence[str], *, another: bool = False
) -> str:
    """Wins, or what deals bring, that lately are unlike before; `factor` says how they stand to it.

    Where one of `among` parts moved and not the company, it is not named: it may be too few people's.

    Parameters
    ----------
    another
        Whether the same has been said of one of the parts already.
    """
    text = _LATELY[what].format("less" if factor.value < 1 else "more", wording.estimate(factor))
    whose = "The forecast"
    if among:
        one = "another" if another else "one"
        text = f"In {one} of {parts(among, plain(str(by[0])))}, {wording.within(text)}"
        whose = "Its forecast"
    return text + f" {whose} goes along; whether it lasts cannot be told yet."


def closed_parts(parts: int, by: Sequence[str]) -> str:
    """Parts that are taken for closed. They are not named: they may be too few people's."""
    has, it, its = ("has", "it is", "its") if parts == 1 else ("have", "they are", "their")
    return (
        f"{wording.count(parts, plain(str(by[0])))} {has} begun no deal for two months or more, where many were usual, "
        f"and {has} none open: {it} forecast to book nothing. If {its} deals are only missing from the data, the "
        "forecast lacks what they bring."
    )


def amount_season(start: str, end: str, factor: Estimate) -> str:
    """What won deals bring in the months from `start` to `end`, against an average month of the year."""
    way = "less" if factor.value < 1 else "more"
    when = start if start == end else f"{start} to {end}"
    return (
        f"Deals won in {when} usually bring {way} than in other months: amounts stand at "
        f"{wording.estimate(factor)} of an average month's. The forecast goes along."
    )


def short_season() -> str:
    return (
        "Less than two years of bookings: a yearly season cannot be told from chance, so half of it is "
        "carried on where it was seen once, two thirds where it was seen twice."
    )
