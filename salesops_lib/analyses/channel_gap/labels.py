"""What a reader calls a column, and the few fixed names in tables."""

from __future__ import annotations

from collections.abc import Iterable

MISSING_LEVEL = "(not known)"
ALL = "all"
STEPS = {
    "open_deals": "Open deals",
    "closing_rate": "Closed of those open",
    "win_rate": "Won of those closed",
    "deal_size": "Money a won deal",
}
_LABELS = {
    "cycle_days": "days to win a deal",
    "mean_amount": "deal size",
    "deals_created": "deals opened",
    "tenure_months": "time on the job",
    "selling_share": "share of hours spent selling",
}


def label(name: str) -> str:
    """What a reader calls a column."""
    return _LABELS.get(name, name.replace("_", " "))


# How much was sold, not how it was sold: parts of the outcome, no practice to train.
PARTS_OF_THE_OUTCOME = ("mean_amount", "deals_created")


def practices(columns: Iterable[str]) -> tuple[str, ...]:
    """Of the measured columns those that are practice: not what is sold, but how."""
    return tuple(one for one in columns if one not in PARTS_OF_THE_OUTCOME)
