"""The sentences of the bookings forecast."""

from __future__ import annotations

import math

import pandas as pd

from salesops_lib import wording
from salesops_lib.estimate import Estimate

# Why parts are left out: some are small, others would tell about the small ones.
UNTOLD = "not shown, so that no group of fewer than five people can be told"
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
    level = wording.level(estimate.confidence)
    return (
        f"{text}; too few past forecasts can be checked for a {level} interval, the "
        f"{wording.interval(inner, currency)}."
    )


def echo_source(foretold: int) -> str:
    """By what the deals that follow others are known: so many of the last twelve months."""
    months = "its last twelve months" if foretold == 12 else f"{foretold} of its last twelve months"
    return f"the deals won so many months before, which foretold {months} better than its own line"


def against_last_year(
    estimate: Estimate,
    before: float,
    currency: str,
    *,
    when: str = "the same period a year before",
) -> str:
    """Whether a period beats the same one a year before."""
    if math.isnan(estimate.low) or not before > 0:
        return ""
    times = estimate.value / before
    change = wording.percent(times - 1, signed=True)
    if times >= _MANY_TIMES:
        change = f"{wording.number(times)} times as much"
    was = wording.money(before, currency)
    if estimate.low > before:
        return f" That is more than the {was} of {when} ({change})."
    if estimate.high < before:
        return f" That is less than the {was} of {when} ({change})."
    return f" We cannot tell whether that is more than the {was} of {when}, or less ({change})."


def pipeline_expected(
    estimate: Estimate,
    deals: int,
    amount: float,
    wins: float,
    period: str,
    currency: str,
    *,
    used: bool = True,
) -> str:
    """What the open deals should bring, `used` telling whether the forecast rests on it."""
    share = estimate.value / amount if amount > 0 else math.nan
    aside = "" if used else " The forecast does not rest on this."
    return (
        f"The {wording.count(deals, 'open deal')} ({wording.money(amount, currency)}) should bring "
        f"{wording.estimate(estimate, currency)} in {period}: {_wins(wins)}, "
        f"{wording.percent(share)} of what is in the pipeline.{aside}"
    )


def _wins(expected: float) -> str:
    """Deals come whole, and no forecast knows more than two digits of how many."""
    if expected < 1:
        return "less than one win"
    few = wording.about(expected)
    return f"about {few} {'win' if few == '1' else 'wins'}"


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
        f"For four chances in five of reaching the quota of {period}, open deals must be worth "
        f"{_times(needed.value)} what is left of it to book ({_times_range(needed)})"
    )
    if math.isnan(now):
        return f"{text}."
    if now < needed.low:
        verdict = ", which is too little"
    elif now > needed.high:
        verdict = ", which is enough"
    else:
        verdict = f"; we {wording.CANNOT_TELL} whether that is enough"
    return f"{text}. Today's are worth {_times(now)} that{verdict}."


def _times(value: float) -> str:
    return f"{wording.number(value)} times"


def _times_range(needed: Estimate) -> str:
    level = f"{wording.level(needed.confidence)} interval"
    low, high = wording.number(needed.low), _times(needed.high)
    if math.isinf(needed.high):
        return f"{level} {_times(needed.low)} or more"
    return f"{level} {low} to {high}" if needed.low > 0 else f"{level} up to {high}"


def quota_probability(
    chance: Estimate,
    quota: float,
    period: str,
    assumed: bool,
    currency: str,
    under_quota: float | None = None,
) -> str:
    """`under_quota` is the share of bookings that came from those who have a quota, where it is not most of them."""
    money = wording.money(quota, currency)
    whose = (
        f"the quota of {period}, taken to be the latest known quarter's ({money})"
        if assumed
        else f"the quota of {period} ({money})"
    )
    if math.isnan(chance.value):
        return (
            f"We {wording.CANNOT_TELL} the chance of reaching {whose}: too few past forecasts can be "
            "checked to say how far off this one may be."
        )
    text = (
        f"The chance of reaching {whose}{',' if assumed else ''} is {wording.chance(chance.value)}"
    )
    edges = [wording.chance(one) for one in (chance.low, chance.high) if not math.isnan(one)]
    if len(set(edges)) > 1:
        text += f" ({edges[0]} to {edges[1]}, as the middle of the forecast may itself be off)"
    if chance.low < 0.5 < chance.high:
        text += f"; we {wording.CANNOT_TELL} whether it is more likely than not"
    if under_quota is not None:
        # Or 99% would be read as good news, where half of the company has no quota at all.
        text += (
            f". All bookings count towards it, but only {wording.percent(under_quota)} of them came from those "
            "who have a quota"
        )
    return f"{text}."


def out_of_reach(
    teams: list[str],
    left_out: int,
    period: str,
    judged: int,
    what: str = "team",
    *,
    small: bool = True,
    not_shown: int = 0,
) -> str:
    """Which teams' quotas the evidence calls out of reach.

    Parameters
    ----------
    teams
        Their names, without the `left_out` ones that may not be named.
    what
        What a reader calls a part of that level.
    small
        Whether all that are left out are of few people; others are left out because their names
        would tell about few.
    not_shown
        How many of those judged no reader is shown.
    """
    if not teams and not left_out:
        among = f", {not_shown} of them {UNTOLD}" if not_shown else ""
        if not_shown == judged:
            among = f", none of them {UNTOLD.removeprefix('not ')}"
        return (
            f"No {what}'s quota of {period} is out of reach by this evidence ({judged} "
            f"judged{among})."
        )
    shown = teams[:5] + ([f"{len(teams) - 5} more"] if len(teams) > 5 else [])
    if left_out:
        why = "of fewer than five people" if small else UNTOLD
        shown.append(f"{parts(left_out, what)} {why}")
    return (
        f"Out of reach in {period} by this evidence, less than one chance in ten even read "
        f"generously: {wording.listed(shown)}."
    )


def last_error(
    error: Estimate, made: pd.Timestamp, forecast: float, came: float, currency: str
) -> str:
    """How wrong we were last time."""
    said, was, by = wording.with_difference(forecast, came, currency)
    how = "too high" if error.value > 0 else "too low"
    text = (
        f"Last time, on {made.date().isoformat()}, this forecast said {said} for the quarter after; "
        f"{was} came, so it was {by} ({wording.percent(abs(error.value))}) {how}"
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
    return f"{text}; the chance of reaching quota is {wording.chance(chance)}."


def no_chance(*, held: bool) -> str:
    """Why quotas cannot be judged, `held` telling whether there are any."""
    if held:
        return "too few past forecasts can be checked to say how far off this one may be"
    return "the data hold no quotas"


def past_day(month_end: bool) -> str:
    """What the days are that past forecasts are made at."""
    return "month end" if month_end else "date"


def parts(n: int, what: str) -> str:
    """`1 region`, `6 territories`."""
    return wording.count(n, what, what[:-1] + "ies" if what.endswith("y") else None)


def plain(level: str) -> str:
    """What a reader calls a column of the data: `manager` for `manager_id`."""
    return level.removesuffix("_id").replace("_", " ")
