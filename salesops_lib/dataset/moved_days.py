"""A day on which a CRM says that most deals began: they were moved into it then, and began before.

Taken as it stands, such a day says that deals are old for years and that none begins any more: a company
that books $22M a year was forecast $9M.
"""

from __future__ import annotations

import pandas as pd

# So many deals, and more than this share of them, do not begin on one day.
_LEAST, _MOST = 100, 0.5


def moved_in(begun: pd.Series) -> pd.Series:
    """Which rows began on the day that more than half of all have; none where few have a day."""
    counts = begun.value_counts()
    if counts.sum() < _LEAST or counts.iloc[0] <= _MOST * counts.sum():
        return pd.Series(False, index=begun.index)
    return begun == counts.index[0]
