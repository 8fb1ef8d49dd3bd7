"""The findings of the bookings forecast: the numbers that a report prints, with their sentences."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from scipy.special import ndtri

from salesops_lib.analyses.forecast import words
from salesops_lib.analyses.forecast.blend import like, stretch
from salesops_lib.analyses.forecast.ledger import Promise
from salesops_lib.analyses.forecast.outlook import Outlook, holding, widened
from salesops_lib.analyses.forecast.periods import Span, coming_quarter
from salesops_lib.analyses.forecast.quota import needed_factor
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.dataset.small_groups import SMALLEST_GROUP, withheld
from salesops_lib.estimate import Estimate, Finding


def concluded(
    made: BookingsForecast,
    ahead: Outlook,
    notices: tuple[str, ...],
    under_quota: float | None = None,
) -> BookingsForecast:
    """The result with its findings and notices; `under_quota` is the share of bookings that came from those who
    have a quota, where that is not most of them."""
    span = coming_quarter(ahead.views.history, made.horizon)
    found = [
        _coming(made, span),
        *_running(made),
        *_year(made),
        *_pipeline(made, ahead, span),
        *_win_rate(made, ahead),
        *_quota(made, span, under_quota),
        *_coverage(made, ahead, span),
        *_out_of_reach(made, span),
        *_last_time(made),
    ]
    return dataclasses.replace(made, findings=tuple(found), notices=tuple(dict.fromkeys(notices)))


def _place(made: BookingsForecast, ahead: Outlook) -> int:
    """Position of the focus among the nodes."""
    return int(np.argmax(ahead.views.nodes["unique_id"].to_numpy() == made.focus))


def _of(made: BookingsForecast, period: str) -> str:
    """`in 2026-Q4`, `of West in 2026-Q4`."""
    node = made.nodes[made.nodes["unique_id"] == made.focus].iloc[0]
    # The node's own name, not the path's last part: names may hold slashes.
    whose = "" if made.focus == "company" else f"of {node[node['level']]} "
    return f"{whose}in {period}"


def _row(made: BookingsForecast, span: Span) -> pd.Series:
    table = made.totals
    mine = (table["unique_id"] == made.focus) & (table["period"] == span.name)
    return table[mine].iloc[0]


def _money(made: BookingsForecast, row: pd.Series) -> Estimate:
    low, high = made.limits
    method = {
        "pipeline and series": "pipeline simulated and blended with past bookings, spread checked "
        "against past errors",
        "pipeline": "pipeline simulated, spread checked against past errors",
        "series": "split-conformal on past errors",
    }[made.methods]
    return Estimate(
        float(row["mean"]),
        float(row[low]),
        float(row[high]),
        made.confidence,
        "money",
        _origins(made),
        method,
    )


def _origins(made: BookingsForecast) -> int:
    return 0 if made.backtest.empty else int(made.backtest["cutoff"].nunique())


def _coming(made: BookingsForecast, span: Span) -> Finding:
    row = _row(made, span)
    estimate = _money(made, row)
    text = _said(made, row, estimate, _of(made, span.name))
    before = _year_before(made, span.start, span.end)
    text += words.against_last_year(estimate, before, made.currency)
    return _promise(made, "bookings_next_quarter", estimate, text, row)


def _said(made: BookingsForecast, row: pd.Series, estimate: Estimate, period: str) -> str:
    """The sentence of a period; with the 80% interval where the asked one cannot be given."""
    inner = Estimate(
        estimate.value, float(row["lo-80"]), float(row["hi-80"]), 0.8, "money", estimate.n
    )
    return words.bookings(estimate, period, float(row["so_far"]), made.currency, inner=inner)


def _promise(
    made: BookingsForecast, name: str, estimate: Estimate, text: str, row: pd.Series
) -> Promise:
    """A finding that can be scored when its period is over."""
    node = made.nodes[made.nodes["unique_id"] == made.focus].iloc[0]
    levels = [key for key in made.nodes["level"].unique() if key in made.nodes]
    keys = {key: str(node[key]) for key in levels if pd.notna(node[key])}
    return Promise(
        name,
        estimate,
        text,
        as_of=made.as_of,
        start=pd.Timestamp(row["start"]),
        end=pd.Timestamp(row["end"]),
        node=made.focus,
        keys=keys,
    )


def _year_before(made: BookingsForecast, first: pd.Timestamp, last: pd.Timestamp) -> float:
    """Bookings of the same months a year earlier; NaN where they are not all in the data."""
    past = made.history[made.history["unique_id"] == made.focus]
    start, end = first - pd.DateOffset(years=1), last - pd.DateOffset(years=1)
    inside = past[(past["ds"] >= start) & (past["ds"] <= end)]
    whole = 12 * (last.year - first.year) + last.month - first.month + 1
    return float(inside["y"].sum()) if len(inside) == whole else float("nan")


def _running(made: BookingsForecast) -> list[Finding]:
    """The quarter that is running, where some of it is booked already."""
    table = made.totals
    mine = table[
        (table["unique_id"] == made.focus)
        & (table["kind"] == "quarter")
        & (table["start"] <= made.as_of)
    ]
    if mine.empty:
        return []
    row = mine.iloc[0]
    estimate = _money(made, row)
    text = _said(made, row, estimate, _of(made, str(row["period"])))
    return [_promise(made, "bookings_this_quarter", estimate, text, row)]


def _year(made: BookingsForecast) -> list[Finding]:
    table = made.totals
    mine = table[(table["unique_id"] == made.focus) & (table["kind"] == "twelve months")]
    if mine.empty:
        return []
    row = mine.iloc[0]
    estimate = _money(made, row)
    text = _said(made, row, estimate, _of(made, f"the twelve months {row['period']}"))
    before = _year_before(made, pd.Timestamp(row["start"]), pd.Timestamp(row["end"]))
    text += words.against_last_year(
        estimate, before, made.currency, when="the twelve months before"
    )
    return [_promise(made, "bookings_next_year", estimate, text, row)]


def _pipeline(made: BookingsForecast, ahead: Outlook, span: Span) -> list[Finding]:
    if made.pipeline.empty:
        return []
    row = made.pipeline[made.pipeline["unique_id"] == made.focus].iloc[0]
    at = _place(made, ahead)
    drawn = span.window.of(ahead.opened)[:, at]
    wide = 1.0
    if ahead.has_pipeline:
        factor, _ = stretch(ahead.views, ahead.blend.mean, like(ahead.views, span.window))
        wide = float(factor[at])
    value = float(row["expected_open"])
    # A few deals may all be lost, however sure past errors make of the many.
    low, high = holding(widened(drawn, value, wide, 0.0), value, made.confidence)
    estimate = Estimate(
        value,
        float(low),
        float(high),
        made.confidence,
        "money",
        int(row["open_deals"]),
        "hazards of winning and losing by stage and age, simulated",
    )
    text = words.pipeline_expected(
        estimate,
        int(row["open_deals"]),
        float(row["open_amount"]),
        float(row["expected_wins"]),
        span.name,
        made.currency,
        used=ahead.has_pipeline,
    )
    return [Finding("pipeline_expected", estimate, text)]


def _win_rate(made: BookingsForecast, ahead: Outlook) -> list[Finding]:
    """Of the whole company: how many of the deals begun are won in the end."""
    if ahead.views.today is None or not ahead.views.trusted or made.focus != "company":
        return []
    if not ahead.views.history.has_lost:
        return []
    new = ahead.views.today.new
    z = float(ndtri((1 + made.confidence) / 2))
    error = z * float(np.sqrt(new.win_rate * (1 - new.win_rate) / max(new.decided, 1)))
    estimate = Estimate(
        new.win_rate,
        max(new.win_rate - error, 0.0),
        min(new.win_rate + error, 1.0),
        made.confidence,
        "share",
        new.decided,
        "hazards of winning and losing by age, open deals censored",
    )
    return [Finding("win_rate", estimate, words.win_rate(estimate, new.closed_rate))]


def _focus_quota(made: BookingsForecast, span: Span) -> pd.Series | None:
    if made.quota.empty:
        return None
    mine = made.quota[(made.quota["unique_id"] == made.focus) & (made.quota["period"] == span.name)]
    return None if mine.empty else mine.iloc[0]


def _quota(made: BookingsForecast, span: Span, under_quota: float | None) -> list[Finding]:
    row = _focus_quota(made, span)
    if row is None:
        return []
    estimate = Estimate(
        float(row["probability"]),
        float(row["probability_low"]),
        float(row["probability_high"]),
        made.confidence,
        "probability",
        _origins(made),
        "share of simulated futures; limits move the middle by its error",
    )
    whole = made.focus == made.nodes["unique_id"].iloc[0]
    text = words.quota_probability(
        estimate, float(row["quota"]), span.name, bool(row["assumed"]), made.currency,
        under_quota if whole else None,
    )  # fmt: skip
    return [Finding("quota_probability", estimate, text)]


def _coverage(made: BookingsForecast, ahead: Outlook, span: Span) -> list[Finding]:
    row = _focus_quota(made, span)
    if row is None or not ahead.has_pipeline or np.isnan(row["coverage_needed"]):
        return []
    left = np.full(len(ahead.views.nodes), float(row["quota"] - row["so_far"]))
    now = float(row["coverage_now"])
    at = _place(made, ahead)
    z = float(ndtri((1 + made.confidence) / 2))
    limits = [float(needed_factor(ahead, span, left, shift=shift)[at]) * now for shift in (z, -z)]
    estimate = Estimate(
        float(row["coverage_needed"]),
        min(limits),
        max(limits),
        made.confidence,
        "ratio",
        int(made.pipeline.set_index("unique_id")["open_deals"][made.focus]),
        "open pipeline over quota, for an 80% chance to reach it",
    )
    return [Finding("coverage_needed", estimate, words.coverage_needed(estimate, now, span.name))]


def _out_of_reach(made: BookingsForecast, span: Span) -> list[Finding]:
    """Of the coming quarter, and of the running one and the year where some are lost in them."""
    judged, lost, text = _lost(made, span.name)
    if not judged:
        return []
    estimate = Estimate(
        float(lost), confidence=made.confidence, unit="count", n=judged, method="count"
    )
    table = made.quota
    running = (table["kind"] == "quarter") & (table["start"] <= made.as_of)
    for period in table.loc[running | (table["kind"] == "year"), "period"].unique():
        if (also := _lost(made, str(period)))[1]:
            text += f" {also[2]}"
    return [Finding("quotas_out_of_reach", estimate, text)]


def _lost(made: BookingsForecast, period: str) -> tuple[int, int, str]:
    """Quotas judged, those out of reach, and the sentence about them."""
    table = made.quotas_below(period)
    if table.empty:
        return 0, 0, ""
    teams = table[(table["unique_id"] != made.focus) & table["probability"].notna()]
    if teams.empty:
        return 0, 0, ""
    lost = teams[teams["out_of_reach"]]
    level = made.levels[-1]
    # A company-wide sentence names no team of a few people: it would point at a person. Nor those
    # that are left out of the page with it, so that it cannot be had by subtraction.
    unsaid: set[object] = set()
    if made.focus == "company":
        every = made.quotas_below()
        every = table if every.empty else every
        every = every[every["unique_id"] != made.focus]
        unsaid = withheld(every.groupby(level)["reps"].max())
        unsaid |= set(teams.loc[teams["reps"] < SMALLEST_GROUP, level])
    left_out = lost[lost[level].isin(unsaid)]
    names = [str(one) for one in lost.loc[~lost[level].isin(unsaid), level]]
    text = words.out_of_reach(
        names,
        len(left_out),
        period,
        len(teams),
        made.level_label(level),
        small=bool((left_out["reps"] < SMALLEST_GROUP).all()),
        not_shown=int(teams[level].isin(unsaid).sum()),
    )
    return len(teams), len(lost), text


def _last_time(made: BookingsForecast) -> list[Finding]:
    """The latest backtest origin before a quarter, be it of the calendar or fiscal."""
    if made.backtest.empty:
        return []
    table = made.backtest[made.backtest["unique_id"] == made.focus]
    quarters = made.totals.loc[made.totals["kind"] == "quarter", "start"].dt.month
    first = int(quarters.iloc[0]) if len(quarters) else 1
    begins = (table["start"].dt.month - first) % 3 == 0
    at_quarter = table[begins].dropna(subset=["forecast", "y"])
    if at_quarter.empty:
        return []
    row = at_quarter.sort_values("cutoff").iloc[-1]
    came = float(row["y"])
    if not came > 0:
        return []
    low, high = made.limits
    estimate = Estimate(
        float(row["forecast"]) / came - 1,
        float(row[low]) / came - 1,
        float(row[high]) / came - 1,
        made.confidence,
        "share",
        1,
        "forecast over actual of the latest quarter, made from what was known before it",
    )
    text = words.last_error(estimate, row["cutoff"], float(row["forecast"]), came, made.currency)
    return [Finding("last_forecast_error", estimate, text)]
