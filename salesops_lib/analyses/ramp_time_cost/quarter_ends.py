"""Business that is booked at the quarter's end: each month has its part of what the quarter brought.

Where nearly all is booked in the last month of each quarter, the other months say nothing of how far a rep has
come, and the last has what three months made: of who began in the midst of a quarter it has less, which is no
sign of a slow start. Read month by month, a ramp of five months took eleven.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.spells import Spells

_QUARTER = 3
# What part of all is booked in one month of every quarter, and over how many quarters, so that it is its end.
_NEARLY_ALL, _FEWEST = 0.75, 4


def over_quarters(spells: Spells) -> Spells:
    """The rep-months with the sum of each rep's quarter as equal parts of its months, where business is booked at
    the quarter's end; else as they are. A quarter that is not over has no sum yet, nor one in which a rep left."""
    if not spells.dated:
        return spells
    rows = spells.rows
    month = rows["period"].dt.year * 12 + rows["period"].dt.month - 1
    place = _last_month(month, rows["value"])
    if place is None:
        return spells
    quarter = (month - place - 1) // _QUARTER
    group = [rows["rep"], quarter]
    over = (month - place) % _QUARTER == 0
    whole = over.groupby(group).transform("any")
    sums = rows[["value", "exposure"]].groupby(group).transform("sum")
    spread = rows.assign(value=sums["value"] / sums["exposure"] * rows["exposure"])
    kept = spread[whole].reset_index(drop=True)
    if kept.empty:
        return spells
    reps = spells.reps[spells.reps["rep"].isin(kept["rep"])].reset_index(drop=True)
    share = float(rows.loc[over, "value"].sum() / rows["value"].sum())
    notice = (
        f"{wording.percent(share)} is booked in the last month of quarters: what a rep booked in a quarter counts "
        "in equal parts for its months, or ramp would be read from one month in three."
    )
    return replace(spells, rows=kept, reps=reps, notices=(*spells.notices, notice))


def _last_month(month: pd.Series, value: pd.Series) -> int | None:
    """The place, in a quarter of the calendar, of the month in which quarters end; None where nearly all is not
    booked in one of them."""
    sums = value.groupby(month).sum()
    if len(sums) < _QUARTER * _FEWEST or not sums.sum() > 0:
        return None
    at = sums.index.to_numpy() % _QUARTER
    shares = np.array([sums[at == place].sum() for place in range(_QUARTER)]) / sums.sum()
    best = int(shares.argmax())
    return best if shares[best] >= _NEARLY_ALL else None
