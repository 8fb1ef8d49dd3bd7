"""What each table is called and how its columns read: keywords of `story.table`."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.deal_desk import words


def _days(value: float) -> str:
    return wording.number(value) if math.isfinite(value) else "not reached"


def _saved(value: float) -> str:
    """What must be saved of what there is: nobody saves 198% of it."""
    if not math.isfinite(value):
        return "–"
    return wording.percent(value) if value <= 1 else "more than all"


def _amount(value: float) -> str:
    return wording.tenths(value) if value < 10 else wording.number(value)


KINDS: dict[str, Any] = {
    "columns": {
        "by": "By",
        "group": "Group",
        "deals": "Deals won",
        "list_year": "At list a year",
        "discount": "Discount",
        "discount_year": "Discount a year",
    },
    "formats": {
        "by": lambda name: words.KINDS.get(name, name),
        "deals": "count",
        "list_year": "money",
        "discount": words.fine,
        "discount_year": "money",
    },
}


def reps(table: pd.DataFrame, currency: str) -> dict[str, Any]:
    """Of rows of `DealDesk.reps`. What lies beyond the average has no interval of its own: as
    coarse as it is known, not `$0.06` beside `$65K`."""
    return {
        "columns": {
            "rep_id": "Rep",
            "deals": "Deals won",
            "observed": "Same deal, as seen",
            "discount": "Expected",
            "low": "from",
            "high": "to",
            "p_above": "Chance above average",
            "excess_year": "Beyond average a year",
        },
        "formats": {
            "deals": "count",
            **dict.fromkeys(("observed", "discount", "low", "high"), words.fine),
            "p_above": "probability",
            "excess_year": wording.coarse(table["excess_year"], currency),
        },
    }


GRID: dict[str, Any] = {
    "columns": {
        "threshold": "Approval above",
        "approvals_month": "Deals a month",
        "cost_year": "Cost a year",
        "above_year": "Discount beyond it a year",
        "above_low": "from",
        "above_high": "to",
        "break_even": "Must be saved",
        "break_even_low": "interval from",
        "break_even_high": "to",
    },
    "formats": {
        "threshold": "share",
        "approvals_month": _amount,
        **dict.fromkeys(("cost_year", "above_year", "above_low", "above_high"), "money"),
        **dict.fromkeys(("break_even", "break_even_low", "break_even_high"), _saved),
    },
    "apart": ("above_year", "above_low", "above_high"),
}
QUOTES: dict[str, Any] = {
    "columns": {
        "group": "Discount offered",
        "quotes": "Quotes",
        "decided": "Decided",
        "median": "Half decided within days",
        "low": "from",
        "high": "to",
    },
    "formats": {
        "quotes": "count",
        "decided": "count",
        **dict.fromkeys(("median", "low", "high"), _days),
    },
}
