"""Whether deals that were lost were left out of the data.

Past pipelines then hold the deals that were won later, today's holds them all, and chances learned from
the former are far too high: a company was forecast twice its bookings.
"""

from __future__ import annotations

import numpy as np

from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import NEVER

# Old deals that it takes to say so, and the share of them not won that is few.
_FEWEST_OLD, _FEW = 30, 0.2
# Months back that tell of a year ago, and how many times as many deals open as bookings explain are odd.
_YEAR_AGO, _ODD = (6, 18), 1.4
# Standard deviations of a count that are chance.
_BY_CHANCE = 2.0


def in_play(history: History) -> tuple[float, float]:
    """Deals in play today, and the usual number about a year ago; (1, 1) where the history is too short."""
    first, last = _YEAR_AGO
    rows = history.rows
    # What is older than nearly every win takes is left lying, and adds up by itself.
    age = history.snaps[rows.snap] - history.created[rows.deal]
    many = np.bincount(rows.snap[age <= _longest(history)], minlength=len(history.snaps))
    before = many[:-first][-(last - first) :]
    if len(before) < last - first or np.median(before) <= 0:
        return 1.0, 1.0
    return float(many[-1]), float(np.median(before))


def _longest(history: History) -> float:
    """Days that nearly every win takes."""
    known = history.won & (history.created < NEVER)
    if not known.any():
        return float("inf")
    return float(np.quantile(history.close[known] - history.created[known], 0.99))


def looks_swollen(history: History) -> tuple[float, float] | None:
    """How many times as many deals are open as a year ago, and as much was booked in twelve months as in
    the twelve before, where the former is far more; else None."""
    booked = history.bookings.sum(axis=0)
    end = history.last_complete_month - history.first_month + 1
    late, early = booked[end - 12 : end].sum(), booked[max(end - 24, 0) : end - 12].sum()
    if end < 24 or early <= 0:
        return None
    (now, then), growth = in_play(history), float(late / early)
    odd = _ODD * max(growth, 1.0) * then
    # Six deals where four were usual are chance.
    return (now / then, growth) if now > odd + _BY_CHANCE * np.sqrt(odd) else None


def missing(history: History) -> bool:
    """Whether lost deals look left out, and not open for ever: of the deals begun longer ago than nearly
    every win takes few were not won. Where some are told as lost a company may well win nearly all, unless
    its pipeline is also far larger today than it seems to have been."""
    old = history.created < history.snaps[-1] - _longest(history)
    few = int(old.sum()) >= _FEWEST_OLD and float((~history.won[old]).mean()) < _FEW
    return few and (not history.has_lost or looks_swollen(history) is not None)
