"""How long a time the rows of a comparison are of, and what one of them is called."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import moments

# Days from one period to the next up to which it is one of these, and the months that it has.
_LENGTHS = (
    (45.0, "rep-month", 1),
    (140.0, "rep-quarter", 3),
    (250.0, "rep-half-year", 6),
    (np.inf, "rep-year", 12),
)
# Less than this apart, several lie in a month; between these they are weeks.
_SEVERAL, _WEEKS = 20.0, (5.0, 10.0)
MONTH = "month"


def months_of(data: pd.DataFrame, period: str) -> tuple[float | None, str]:
    """How many months the rows are of, None where nothing says it, and what a row is.

    Taken for months, weeks would make a gap worth a quarter of what it is in a year, and quarters three times
    as much. Numbers, and words that are no days, are months.
    """
    if period not in data.columns or not data[period].notna().any():
        return None, "row" if period not in data.columns else "rep-month"
    column = data[period].dropna()
    count = int(column.nunique())
    rows = moments(column, period)
    times = None if rows is None else rows.unique().sort_values()
    if times is None or len(times) < 2:
        return count, "rep-month"
    apart = float(np.median(np.diff(times.to_numpy()) / np.timedelta64(1, "D")))
    if apart < _SEVERAL:
        within = times.tz_localize(None).to_period("M").nunique()
        return within, "rep-week" if _WEEKS[0] < apart < _WEEKS[1] else "row"
    # Of a column called month some months may have been chosen.
    name, each = next((name, each) for most, name, each in _LENGTHS if apart < most)
    return (count, "rep-month") if period == MONTH else (count * each, name)
