"""What each table is called and how its columns read: keywords of `story.table`."""

from __future__ import annotations

from typing import Any

_MONEY = ("cost_per_hire", "cost_per_year", "low", "high")

DEFINITIONS: dict[str, Any] = {
    "columns": {
        "definition": "Definition",
        "months": "Months",
        "low": "from",
        "high": "to",
        "naive_median": "Median of those who got there",
    },
    "formats": dict.fromkeys(("months", "low", "high", "naive_median"), "months"),
}
LEAVERS: dict[str, Any] = {
    "columns": {
        "label": "Belief",
        "assumes": "What it takes for granted",
        "median_months": "Months to the target",
        "median_low": "from",
        "median_high": "to",
        "months_lost": "Months of production lost",
    },
    "formats": dict.fromkeys(
        ("median_months", "median_low", "median_high", "months_lost"), "months"
    ),
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
        **dict.fromkeys(("months_to_target", "months_lost"), "months"),
        **dict.fromkeys(_MONEY, "money"),
    },
}
POWER: dict[str, Any] = {
    "columns": {"months_saved": "Sooner at the target by", "verdict": "Seen after"},
    "formats": {"months_saved": "months"},
}
CAPACITY: dict[str, Any] = {
    "columns": {
        "month": "Month",
        "on_board": "Hires on board",
        "full": "If all were ramped",
        "expected": "Expected bookings",
        "low": "from",
        "high": "to",
        "relief": "Quota relief",
    },
    "formats": {
        "relief": "share",
        **dict.fromkeys(("full", "expected", "low", "high"), "money"),
    },
}
