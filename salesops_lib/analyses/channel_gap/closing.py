"""What closing the gap is worth, what training may cost, and which practices carry it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap.result import ChannelGap
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding, Result


@dataclass(frozen=True)
class GapClosing(Result):
    """The case for training channel b.

    Attributes
    ----------
    practices
        component, label, value, low, high (money a year if the practice reaches a's level), behind
        (whether b is behind in it); what carries most first. Values sum to the correctable money.
    limit_year
        What training may cost a year and still pay: correctable money × gap_closed × gross_margin.
    """

    practices: pd.DataFrame
    limit_year: Estimate
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
    practices = chosen[["component", "label"]].assign(
        value=chosen["value"] * factor, low=chosen["low"] * factor, high=chosen["high"] * factor,
        behind=chosen["value"] > 0,
    )  # fmt: skip
    practices = practices.sort_values("value", ascending=False, ignore_index=True)
    limit = gap.correctable_year.scaled(gap_closed * gross_margin)
    closing = GapClosing(practices, limit, gap_closed, gross_margin, currency)
    return words.with_closing_findings(closing, gap)
