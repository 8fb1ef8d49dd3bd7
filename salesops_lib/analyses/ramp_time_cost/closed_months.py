"""Months of the year in which nobody ever sells: a company that is closed in August.

Such a month says nothing of how far a rep has come, and its effect has no end: with it in the regression the level
of a mature month had a lower limit of next to nothing.
"""

from __future__ import annotations

from dataclasses import replace

from salesops_lib.analyses.ramp_time_cost.spells import Spells

# So long a history tells the months of the year apart.
SEASONAL = 18
_YEAR = 12


def without_closed_months(spells: Spells) -> tuple[Spells, float]:
    """The rep-months without months of the year in which nothing was booked in any year, and the share of the year
    that is left: a mean month over the year is that much of one over the months left."""
    if not spells.dated or spells.rows["period"].nunique() < SEASONAL:
        return spells, 1.0
    rows = spells.rows
    month = rows["period"].dt.month
    open_ = (rows["value"] != 0).groupby(month).any()
    left = int(open_.sum())
    if left in (0, len(open_)):
        return spells, 1.0
    kept = rows[month.map(open_).to_numpy(dtype=bool)].reset_index(drop=True)
    reps = spells.reps[spells.reps["rep"].isin(kept["rep"])].reset_index(drop=True)
    return replace(spells, rows=kept, reps=reps), 1 - (len(open_) - left) / _YEAR
