"""Sentences about forecasts of series."""

from __future__ import annotations

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


def partial_known(day: str, kind: str) -> str:
    return f"The {kind} that was still running on {day} is left out and forecast as a whole."


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
        f"history: no season of its own can be told, so the level and a damped trend are forecast."
    )


def refused(level: str, series: int, count: int, needed: int) -> str:
    return (
        f"No {level}% interval for {series:,} of {wording.count(count, 'series', 'series')}: "
        f"it takes {needed} past forecast errors at each step, and the history holds fewer."
    )


def borrowed(level: str, series: int, count: int) -> str:
    return (
        f"The {level}% intervals of {series:,} of {wording.count(count, 'series', 'series')} "
        f"rest at some steps on the errors of all series together, scaled to each."
    )


def not_backtested() -> str:
    return "The history is too short to try the forecast on its own past, so no accuracy is given."


def against_naive(ratio: Estimate, origins: int, series: int) -> str:
    """How the forecast did against repeating last year."""
    where = f"over {wording.count(origins, 'past origin')} and {wording.count(series, 'series', 'series')}"
    if ratio.high < 1:
        return (
            f"The forecast's errors were {wording.percent(1 - ratio.value)} smaller than those of "
            f"repeating last year, {where} ({_share_interval(ratio)})."
        )
    if ratio.low > 1:
        return (
            f"The forecast's errors were {wording.percent(ratio.value - 1)} larger than those of "
            f"repeating last year, {where}: repeat last year instead."
        )
    return (
        f"Whether the forecast beats repeating last year: {wording.CANNOT_TELL}; its errors were "
        f"{wording.percent(ratio.value)} of theirs {where}."
    )


def _share_interval(ratio: Estimate) -> str:
    level = f"{ratio.confidence * 100:.3g}% interval"
    return f"{level} {wording.percent(1 - ratio.high)} to {wording.percent(1 - ratio.low)}"


def coverage(share: Estimate, level: str) -> str:
    return (
        f"The {level}% intervals held the outcome in {wording.percent(share.value)} of "
        f"{wording.count(share.n, 'forecast')} of the backtest."
    )
