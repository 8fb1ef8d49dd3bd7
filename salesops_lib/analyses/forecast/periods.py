"""Quarters and years ahead: which months ahead they hold, and what is booked in them already."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from salesops_lib.analyses.forecast.history import History, month_start
from salesops_lib.analyses.forecast.views import Window
from salesops_lib.dataset.period_names import name_of, run_of_months


@dataclass(frozen=True)
class Span:
    """A period to forecast.

    Attributes
    ----------
    kind
        `month`, `quarter`, `year` or `twelve months`.
    name
        As a report writes it: `2026-10`, `2026-Q4`, `2026`, `2026-11 to 2027-01`.
    first_month, last_month
        Month numbers, both included.
    window
        The months of it that lie ahead.
    """

    kind: str
    name: str
    first_month: int
    last_month: int
    window: Window

    @property
    def start(self) -> pd.Timestamp:
        return month_start(self.first_month)

    @property
    def end(self) -> pd.Timestamp:
        return month_start(self.last_month + 1) - pd.Timedelta(days=1)


def months(history: History, horizon: int) -> list[Span]:
    """Each month ahead; the running one too, where it is not over."""
    now = int(history.months[-1])
    first = 1 if history.month_end else 0
    return [_span(history, "month", now + k, now + k) for k in range(first, horizon + 1)]


def totals(history: History, horizon: int) -> list[Span]:
    """Quarters and years, the fiscal ones, that end within the horizon, and the next twelve months."""
    now = int(history.months[-1])
    first, last = now + (1 if history.month_end else 0), now + horizon
    found = []
    for kind, length in (("quarter", 3), ("year", 12)):
        start = first - (first - history.fiscal_year_start + 1) % length
        while start + length - 1 <= last:
            found.append(_span(history, kind, start, start + length - 1))
            start += length
    if horizon >= 12:
        found.append(_span(history, "twelve months", now + 1, now + 12))
    coming = _coming(history, horizon, found)
    return found if coming in found else [coming, *found]


def coming_quarter(history: History, horizon: int) -> Span:
    """The first whole quarter ahead; the whole horizon where it ends before that."""
    return _coming(history, horizon, totals(history, horizon))


def _coming(history: History, horizon: int, spans: list[Span]) -> Span:
    for one in spans:
        if one.kind == "quarter" and one.window.first >= 1 and one.window.length == 3:
            return one
    now = int(history.months[-1])
    return _span(history, "horizon", now + 1, now + horizon)


def _span(history: History, kind: str, start: int, end: int) -> Span:
    now = int(history.months[-1])
    first = max(start - now, 1 if history.month_end else 0)
    return Span(kind, _name(kind, start, end), start, end, Window(first, end - now))


def _name(kind: str, start: int, end: int) -> str:
    if kind in ("month", "quarter", "year") or start == end:
        return name_of(start, end, between=" to ")
    # The next twelve months are told apart from the year of the calendar that they may be.
    return run_of_months(start, end, between=" to ")
