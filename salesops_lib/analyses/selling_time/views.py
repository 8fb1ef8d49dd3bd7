"""What each table is called and how its columns read: keywords of `story.table`."""

from __future__ import annotations

import math
from typing import Any

from salesops_lib import wording
from salesops_lib.analyses.selling_time import words


def _number(value: float) -> str:
    return wording.number(value) if math.isfinite(value) else "–"


def _slope(value: float) -> str:
    """Percent for a percent; near nothing with one digit, as in its sentence: not −0.039 beside 1.6."""
    if not math.isfinite(value) or abs(value) >= 0.095:
        return _number(value)
    return f"{value:.1g}".replace("-", "−")


def _error(value: float) -> str:
    return "none" if value == 0 else wording.percent(value)


def _owner(name: str) -> str:
    return words.OWNERS.get(name, name)


OWNERS: dict[str, Any] = {
    "columns": {
        "owner": "Whose work",
        "hours": "Hours a rep and week",
        "low": "from",
        "high": "to",
        "share": "Of all hours",
    },
    "formats": {
        "owner": _owner,
        **dict.fromkeys(("hours", "low", "high"), _number),
        "share": "share",
    },
}
REPS: dict[str, Any] = {
    "columns": {
        "rep_id": "Rep",
        "weeks": "Weeks",
        "hours": "Hours a week",
        "selling_hours": "Selling",
        "movable_hours": "Somebody else's work",
        "selling_share": "Share selling",
    },
    "formats": {
        "weeks": "count",
        **dict.fromkeys(("hours", "selling_hours", "movable_hours"), _number),
        "selling_share": "share",
    },
}
SENSITIVITY: dict[str, Any] = {
    "columns": {
        "error_sd": "A month's hours are off by",
        "reliability": "Of the differences between months, real",
        "value": "% more bookings for 1% more hours",
        "low": "from",
        "high": "to",
    },
    "formats": {
        "error_sd": _error,
        "reliability": "share",
        **dict.fromkeys(("value", "low", "high"), _slope),
    },
}
FREED: dict[str, Any] = {
    "columns": {
        "activity": "Were all of this moved",
        "owner": "Whose work",
        "hours": "Hours a rep and week",
        "gain": "Margin a year",
        "low": "from",
        "high": "to",
        "cost": "Cost elsewhere",
    },
    "formats": {
        "owner": _owner,
        "hours": _number,
        **dict.fromkeys(("gain", "low", "high", "cost"), "money"),
    },
    "apart": ("gain", "low", "high"),
}
QUOTA: dict[str, Any] = {
    "columns": {
        "third": "Third of reps",
        "reps": "Reps",
        "from_share": "Share selling from",
        "to_share": "to",
        "reached": "Reached quota",
        "low": "interval from",
        "high": "to",
    },
    "formats": {
        "reps": "count",
        **dict.fromkeys(("from_share", "to_share", "reached", "low", "high"), "share"),
    },
}
