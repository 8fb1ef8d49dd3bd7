"""What closing the gap is worth, what training may cost, and which practices carry it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap.result import ChannelGap
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.statistics.picked import reach_at_once, told_largest


@dataclass(frozen=True)
class GapClosing(Result):
    """The case for training channel b.

    Attributes
    ----------
    practices
        component, label, value, low, high (money a year if the practice reaches a's level), told_low,
        told_high (limits that hold for all practices at once, as what is said of the first), behind
        (whether b is behind in it); what carries most first. Values sum to the correctable money.
    limit_year
        What training may cost a year and still pay: correctable money × gap_closed × gross_margin.
    first
        The practice that carries most, money a year, with an interval that holds for all practices
        at once (Dunn 1961): the largest of several was picked for it. With practices that bring
        nothing, its own interval is above zero in two of ten companies.
    apart
        Whether that interval lies above those of all other practices.
    """

    practices: pd.DataFrame
    limit_year: Estimate
    first: Estimate
    apart: bool
    gap_closed: float
    gross_margin: float
    currency: str
    findings: tuple[Finding, ...] = field(default=())


def closing_gap(
    gap: ChannelGap, *, gap_closed: float = 0.5, gross_margin: float = 0.7, currency: str = "$"
) -> GapClosing:
    """What bringing b's practice to a's level is worth.

    Parameters
    ----------
    gap_closed
        Part of the difference in practice that training closes, 0 to 1.
    gross_margin
        Margin on bookings, 0 to 1: training is paid out of margin.
    """
    for name, value in (("gap_closed", gap_closed), ("gross_margin", gross_margin)):
        if not 0 <= value <= 1:
            raise ParameterError(f"{name} == {value!r}, must be from 0 to 1.")
    chosen = gap.decomposition[gap.decomposition["group"] == "practice"]
    # On the log scale parts are not money a row: they share the yearly money in proportion.
    total = chosen["value"].sum()
    year = gap.correctable_year.value
    factor = gap.rows_per_year if gap.scale == "money" else (year / total if total else 0.0)
    value = chosen["value"] * factor
    reach = reach_at_once(
        chosen["std_error"].to_numpy(float) * abs(factor), chosen["df"].to_numpy(float),
        gap.confidence,
    )  # fmt: skip
    practices = chosen[["component", "label"]].assign(
        value=value, low=chosen["low"] * factor, high=chosen["high"] * factor,
        told_low=value - reach, told_high=value + reach, behind=chosen["value"] > 0,
    )  # fmt: skip
    practices = practices.sort_values("value", ascending=False, ignore_index=True)
    limit = gap.correctable_year.scaled(gap_closed * gross_margin)
    first, apart = _first(gap, chosen, factor)
    closing = GapClosing(practices, limit, first, apart, gap_closed, gross_margin, currency)
    return words.with_closing_findings(closing, gap)


def _first(gap: ChannelGap, practices: pd.DataFrame, factor: float) -> tuple[Estimate, bool]:
    """The largest of the practices, all of them at once, and whether it is told from the others."""
    if practices.empty:
        return Estimate(math.nan, confidence=gap.confidence, unit="money/year"), False
    value = practices["value"].to_numpy(float) * factor
    error = practices["std_error"].to_numpy(float) * abs(factor)
    top, reach, apart = told_largest(value, error, practices["df"].to_numpy(float), gap.confidence)
    first = Estimate(
        float(value[top]), float(value[top] - reach), float(value[top] + reach), gap.confidence,
        "money/year", gap.correctable.n, "delta method over reps, t, all practices at once",
    )  # fmt: skip
    return first, apart
