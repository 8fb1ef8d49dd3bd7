"""What a reader calls a column, and the few fixed names in tables."""

from __future__ import annotations

MISSING_LEVEL = "(not known)"
ALL = "all"
# Channels too small to be shown, taken together.
REST = "the rest"
STEPS = {
    "open_deals": "Open deals",
    "closed_deals": "Deals closed",
    "won_deals": "Deals won",
    "closing_rate": "Closed of those open",
    "win_rate": "Won of those closed",
    "won_of_open": "Won of those open",
    "deal_size": "Money a won deal",
}
_LABELS = {
    "cycle_days": "days to win a deal",
    "mean_amount": "deal size",
    "deals_created": "deals opened",
    "tenure_months": "time on the job",
    "won": "share of deals won",
    "newness": "experience on the job",
    "selling_share": "share of hours spent selling",
}


def label(name: str) -> str:
    """What a reader calls a column, also one that is named by a number."""
    return _LABELS.get(name, str(name).replace("_", " "))


def plural(by: str) -> str:
    """What a reader calls several groups of a column: channels, regions, reseller types."""
    name = label(by)
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
