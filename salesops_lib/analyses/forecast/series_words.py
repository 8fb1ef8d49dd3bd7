"""Sentences about forecasts of series."""

from __future__ import annotations

import math

from salesops_lib import wording
from salesops_lib.estimate import Estimate


def gaps(periods: int, series: int) -> str:
    return (
        f"{wording.count(periods, 'missing period')} in {wording.count(series, 'series', 'series')} "
        f"filled from the same period a year before; no filled value counts in any score."
    )


def stops_early(series: int, count: int) -> str:
    return (
        f"{series:,} of {wording.count(count, 'series', 'series')} "
        f"{'stops' if series == 1 else 'stop'} before the last period of the data; "
        f"each is forecast from where it ends."
    )


def partial_known(day: str, kind: str, periods: int) -> str:
    if periods == 1:
        return f"The {kind} that was not over on {day} is left out and forecast as a whole."
    return (
        f"The last {wording.count(periods, kind)} of the data were not over on {day}: they are left "
        "out, and the forecast starts with the first of them."
    )


def nothing_lately(day: str, kind: str, periods: int) -> str:
    """The day asked for lies whole periods after the last one in the data."""
    those = f"the {kind}" if periods == 1 else f"the {wording.count(periods, kind)}"
    first = "it" if periods == 1 else "the first of them"
    return f"The data hold nothing of {those} that ended by {day} last: the forecast starts with {first}."


def missed_lately(series: int, count: int, kind: str, way: str) -> str:
    """Series whose latest errors are unlike any before, all to one side: `above` or `below`."""
    return (
        f"{series:,} of {wording.count(count, 'series', 'series')} {'lies' if series == 1 else 'lie'} "
        f"{way} what would have been forecast in each of the last three {kind}s, by more than in any "
        "three before: whether that is a new level cannot be told yet, so the forecast goes part of "
        "the way, and its interval reaches further than the errors until now would have it."
    )


def partial_guessed(period: str, kind: str, share: float) -> str:
    return (
        f"The last {kind} ({period}) holds {wording.percent(share)} of what was expected, less than "
        f"in any {kind} before: it looks unfinished, so it is left out and forecast as a whole. "
        f'If it is complete, pass partial="keep".'
    )


def short(series: int, count: int, seasons_needed: int) -> str:
    return (
        f"{series:,} of {wording.count(count, 'series', 'series')} "
        f"{'has' if series == 1 else 'have'} less than two seasons ({seasons_needed} periods) of "
        f"history: season and chance cannot be told apart, so half of a season seen once is carried "
        "on, with a damped trend."
    )


def refused(level: str, series: int, count: int, needed: int) -> str:
    return (
        f"No {level}% interval for {series:,} of {wording.count(count, 'series', 'series')}: "
        f"it takes {needed:,} past forecast errors at each step, and the history holds fewer."
    )


def refused_at_some(level: str, series: int, count: int, needed: int) -> str:
    return (
        f"No {level}% interval at some of the steps ahead for {series:,} of "
        f"{wording.count(count, 'series', 'series')}: it takes {needed:,} past forecast errors at a "
        "step, and there the history holds fewer."
    )


def borrowed(level: str, series: int, count: int) -> str:
    return (
        f"The {level}% intervals of {series:,} of {wording.count(count, 'series', 'series')} "
        f"rest at some steps on the errors of all series together, scaled to each."
    )


def not_backtested() -> str:
    return "The history is too short to try the forecast on its own past, so no accuracy is given."


def repeated(season_length: int, per_year: bool, young: bool) -> str:
    """What the seasonal naive forecast repeats.

    Parameters
    ----------
    per_year
        Whether a season is a year.
    young
        Whether some origin knew less than a season.
    """
    if season_length == 1:
        return "repeating the last value"
    what = "repeating last year" if per_year else "repeating the last season"
    season = "year" if per_year else "season"
    return f"{what} (the last value, where no {season} was known)" if young else what


def against_naive(ratio: Estimate, origins: int, series: int, what: str) -> str:
    """How the forecast did against `what`, as `repeated` says it."""
    where = f"over {wording.count(origins, 'past origin')} and {wording.count(series, 'series', 'series')}"
    if math.isnan(ratio.value):
        return f"We {wording.CANNOT_TELL} whether the forecast beats {what}: that was never wrong."
    if ratio.high < 1:
        return (
            f"The forecast's errors were {wording.percent(1 - ratio.value)} smaller than those of "
            f"{what}, {where} ({_share_interval(ratio)})."
        )
    if ratio.low > 1:
        return (
            f"The forecast's errors were {wording.percent(ratio.value - 1)} larger than those of "
            f"{what}, {where}: that would have been the better forecast."
        )
    return (
        f"We {wording.CANNOT_TELL} whether the forecast beats {what}: its errors were "
        f"{wording.percent(ratio.value)} as large, {where}."
    )


def _share_interval(ratio: Estimate) -> str:
    level = f"{wording.level(ratio.confidence)} interval"
    return f"{level} {wording.percent(1 - ratio.high)} to {wording.percent(1 - ratio.low)}"


def coverage(share: Estimate, level: str) -> str:
    return (
        f"The {level}% intervals held the outcome in {wording.percent(share.value)} of "
        f"{wording.count(share.n, 'forecast')} of the backtest."
    )
