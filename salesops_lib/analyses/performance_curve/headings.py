"""What periods and the columns of a report's two tables are called, and how they are written."""

_PERIODS = {12.0: "month", 4.0: "quarter", 2.0: "half-year", 1.0: "year"}


def period_name(per_year: float) -> str:
    """What a period is called, of which there are so many in a year: `month`, `week`.

    >>> period_name(4.0), period_name(365.25 / 7), period_name(261.0)
    ('quarter', 'week', 'day')
    """
    if per_year > 100:
        return "day"
    return _PERIODS.get(per_year, "week" if per_year > 50 else "period")


REP_HEADINGS = {
    "rank": "Rank",
    "rep_id": "Rep",
    "n_periods": "Months",
    "observed": "Seen a month",
    "shrunk": "Expected a month",
    "shrunk_low": "interval from",
    "shrunk_high": "to",
    "rank_low": "Rank from",
    "rank_high": "to",
    "tier": "Tier as seen",
    "p_star": "Is a star",
    "p_laggard": "Is at the bottom",
}
# What the tiers are called where people read them.
TIERS = {"laggard": "bottom"}
LEVER_HEADINGS = {
    "label": "Lever",
    "reps": "Reps",
    "value": "Worth a year",
    "cost": "Cost a year",
    "net": "Net a year",
    "net_low": "interval from",
    "net_high": "to",
    "break_even_text": "Breaks even at",
    "p_pays": "Pays",
    "p_best_own": "Is the best",
    "p_best": "Best if stars can be hired",
}
FORMATS = (
    dict.fromkeys(("observed", "shrunk", "shrunk_low", "shrunk_high"), "money")
    | dict.fromkeys(("value", "cost", "net", "net_low", "net_high"), "money")
    | dict.fromkeys(("p_star", "p_laggard", "p_pays", "p_best", "p_best_own"), "probability")
    | dict.fromkeys(("rank", "rank_low", "rank_high", "n_periods", "reps"), "count")
)
