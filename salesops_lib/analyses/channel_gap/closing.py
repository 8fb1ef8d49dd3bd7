"""What closing the gap is worth, what training may cost, and which practices carry it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap import companion_words as words
from salesops_lib.analyses.channel_gap.result import ChannelGap
from salesops_lib.analyses.options import check_made, is_number
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.statistics.bilinear import t_quantile
from salesops_lib.statistics.picked import reach_at_once


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
    net_year
        What it leaves after `programme_cost`, of which no more is lost than that: what a year is the better
        for, as every lever is told.
    first
        The practice that carries most, money a year, with an interval that holds for all practices
        at once (Dunn 1961): the largest of several was picked for it. With practices that bring
        nothing, its own interval is above zero in two of ten companies.
    apart
        Whether that interval lies above those of all other practices.
    """

    practices: pd.DataFrame
    limit_year: Estimate
    net_year: Estimate
    first: Estimate
    apart: bool
    gap_closed: float
    gross_margin: float
    programme_cost: float
    currency: str
    findings: tuple[Finding, ...] = field(default=())


def closing_gap(
    gap: ChannelGap,
    *,
    gap_closed: float = 0.5,
    gross_margin: float = 0.7,
    programme_cost: float = 0.0,
    currency: str = "$",
) -> GapClosing:
    """What bringing b's practice to a's level is worth.

    Parameters
    ----------
    gap_closed
        Part of the difference in practice that training closes, 0 to 1.
    gross_margin
        Margin on bookings, 0 to 1: training is paid out of margin.
    programme_cost
        What the training costs, money a year, 0 or more.
    currency
        Symbol in sentences.

    Raises
    ------
    ParameterError
        For a share or a cost that is none, or where `gap` is not from `channel_gap`.
    """
    check_made("gap", gap, "channel_gap", "decomposition", "correctable_year")
    for name, value in (("gap_closed", gap_closed), ("gross_margin", gross_margin)):
        if not (is_number(value) and 0 <= value <= 1):
            raise ParameterError(f"{name} == {value!r}, must be from 0 to 1.")
    if not (is_number(programme_cost) and programme_cost >= 0):
        raise ParameterError(f"programme_cost == {programme_cost!r}, must be 0 or more.")
    chosen = gap.decomposition[gap.decomposition["group"] == "practice"]
    # On the log scale parts are not money a row: they share the yearly money in proportion.
    total = chosen["value"].sum()
    year = gap.correctable_year.value
    factor = gap.rows_per_year if gap.scale == "money" else (year / total if total else 0.0)
    value, low, high = (chosen[one].to_numpy(float) * factor for one in ("value", "low", "high"))
    wider = _wider(chosen["df"].to_numpy(float), gap.confidence)
    practices = chosen[["component", "label"]].assign(
        value=value, low=low, high=high, behind=chosen["value"] > 0,
        # Each side is widened as a t interval would be, so that skewed limits stay skewed.
        told_low=value - wider * (value - low), told_high=value + wider * (high - value),
    )  # fmt: skip
    practices = practices.sort_values("value", ascending=False, ignore_index=True)
    limit = gap.correctable_year.scaled(gap_closed * gross_margin)
    first, apart = _first(gap, practices)
    # Nobody is trained to the worse practice: as in the training case, no more is lost than the cost.
    net = replace(
        limit,
        value=_gained(limit.value) - programme_cost,
        low=_gained(limit.low) - programme_cost,
        high=_gained(limit.high) - programme_cost,
    )
    closing = GapClosing(
        practices, limit, net, first, apart, gap_closed, gross_margin, programme_cost, currency
    )
    return words.with_closing_findings(closing, gap)


def _gained(worth: float) -> float:
    """Never below nothing; what is not known stays so."""
    return worth if math.isnan(worth) else max(worth, 0.0)


def _wider(df: np.ndarray, confidence: float) -> np.ndarray:
    """How many times as wide intervals are that hold for all of several at once."""
    usual = np.array([t_quantile(confidence, one) for one in df])
    return reach_at_once(1 / usual, df, confidence)


def _first(gap: ChannelGap, practices: pd.DataFrame) -> tuple[Estimate, bool]:
    """The largest of the practices, which come first, all of them at once, and whether it is told from
    the others."""
    if practices.empty:
        return Estimate(math.nan, confidence=gap.confidence, unit="money/year"), False
    top, others = practices.iloc[0], practices.iloc[1:]
    apart = top["told_low"] > max([0.0, *others["told_high"]])
    first = Estimate(
        float(top["value"]), float(top["told_low"]), float(top["told_high"]), gap.confidence,
        "money/year", gap.correctable.n, "profile over reps, t, all practices at once",
    )  # fmt: skip
    return first, bool(apart)
