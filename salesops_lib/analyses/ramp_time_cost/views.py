"""What each table is called and how its columns read: keywords of `story.table`."""

from __future__ import annotations

import math
from typing import Any

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.comparison_words import LONGER
from salesops_lib.analyses.ramp_time_cost.words import chosen, whole_months


def _months(value: float) -> str:
    """A number of months under a heading that says so."""
    if math.isnan(value):
        return "–"
    return whole_months(value) if math.isfinite(value) else wording.number(value)


def _taken(value: float) -> str:
    return LONGER if math.isinf(value) else _months(value)


# Not broken over two lines.
_FIXED = "\N{NO-BREAK SPACE}"
_MONEY = ("cost_per_hire", "cost_per_year", "low", "high")
_MEDIAN = {"median_months": "Months to the target", "median_low": "from", "median_high": "to"}
_RAMPS = {"now": f"As{_FIXED}it{_FIXED}is", "what if": f"What{_FIXED}if"}

DEFINITIONS: dict[str, Any] = {
    "columns": {
        "definition": "Definition",
        "months": "Months",
        "low": "from",
        "high": "to",
        "naive_median": "Median of those who got there",
    },
    "formats": dict.fromkeys(("months", "low", "high", "naive_median"), _months),
}
GROUPS: dict[str, Any] = {
    "columns": {"group": "Group", "reps": "Seen from the start", **_MEDIAN},
    "formats": {"reps": "count", **dict.fromkeys(_MEDIAN, _months), "median_months": _taken},
}
FACTORS: dict[str, Any] = {
    "columns": {
        "label": "Compared",
        "reps": "Reps",
        "times_as_long": "Takes as long",
        "low": "from",
        "high": "to",
        "verdict": "Verdict",
    },
    "formats": {"reps": "count", **dict.fromkeys(("times_as_long", "low", "high"), "ratio")},
}
LEAVERS: dict[str, Any] = {
    "columns": {
        "label": "Belief",
        "assumes": "What it takes for granted",
        **_MEDIAN,
        "months_lost": "Months of production lost",
    },
    "formats": dict.fromkeys((*_MEDIAN, "months_lost"), _months),
}
SIDE_BY_SIDE: dict[str, Any] = {
    "columns": {
        "ramp": "Ramp",
        "months_to_target": "Months to the target",
        "months_lost": "Months of production lost",
        "cost_per_hire": "Cost of a hire",
        "cost_per_year": "Cost a year",
        "low": "from",
        "high": "to",
    },
    "formats": {
        "ramp": _RAMPS.get,
        **dict.fromkeys(("months_to_target", "months_lost"), _months),
        **dict.fromkeys(_MONEY, "money"),
    },
    "apart": ("cost_per_year", "low", "high"),
}
POWER: dict[str, Any] = {
    "columns": {
        "months_saved": "Months sooner at the target",
        "verdict": "All new hires trained, against those on record",
        "verdict_split": "Half of the new hires trained, against the other half",
    },
    "formats": {"months_saved": chosen},
}
CAPACITY: dict[str, Any] = {
    "columns": {
        "month": "Month",
        "on_board": "Hires on board",
        "full": "If all were ramped",
        "expected": "Expected bookings",
        "low": "from",
        "high": "to",
    },
    "formats": dict.fromkeys(("full", "expected", "low", "high"), "money"),
    "apart": ("full", "expected", "low", "high"),
}
RELIEF: dict[str, Any] = {
    "columns": {
        "month": "Month on the job",
        "expected": "Expected share of a ramped rep's quota",
        "low": "from",
        "high": "to",
        "relief": "Quota relief",
    },
    "formats": dict.fromkeys(("expected", "low", "high", "relief"), "share"),
}
