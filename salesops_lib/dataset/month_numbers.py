"""Calendar months as whole numbers, so that months of different years can be counted with.

For columns; `period_names.month_number` counts the month of one day alike, without pandas.
"""

from __future__ import annotations

import pandas as pd


def month_numbers(days: pd.Series) -> pd.Series:
    """Calendar months since year 0 of timestamps; NaN where there is none."""
    return days.dt.year * 12 + days.dt.month - 1
