"""Business that is booked at the quarter's end: each month has its part of what the quarter brought.

Where nearly all is booked in the last month of each quarter, the other months say nothing of how far a rep has
come, and the last has what three months made: of who began in the midst of a quarter it has less, which is no
sign of a slow start. Read month by month, a ramp of five months took eleven.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from salesops_lib.analyses import quarters
from salesops_lib.analyses.ramp_time_cost.spells import Spells
from salesops_lib.dataset.month_numbers import month_numbers


def over_quarters(spells: Spells) -> Spells:
    """The rep-months with the sum of each rep's quarter as equal parts of its months, where business is booked at
    the quarter's end; else as they are. A quarter that is not over has no sum yet, nor one in which a rep left, and
    of one that began before the records its end has more than its months made."""
    if not spells.dated:
        return spells
    rows = spells.rows
    found = quarters.in_quarters(rows["rep"], rows["period"], rows["value"])
    if found is None:
        return spells
    quarter, whole, share = found
    sums = rows[["value", "exposure"]].groupby([rows["rep"], quarter]).transform("sum")
    spread = rows.assign(value=sums["value"] / sums["exposure"] * rows["exposure"])
    kept = spread[whole & ~_cut(rows, quarter)].reset_index(drop=True)
    if kept.empty:
        return spells
    reps = spells.reps[spells.reps["rep"].isin(kept["rep"])].reset_index(drop=True)
    notice = quarters.said(
        share,
        "what a rep booked in a quarter counts in equal parts for its months, or ramp would be read from one "
        "month in three.",
    )
    return replace(spells, rows=kept, reps=reps, notices=(*spells.notices, notice))


def _cut(rows: pd.DataFrame, quarter: pd.Series) -> pd.Series:
    """(rows,): whether it is of a quarter whose begin, at work already, was not seen of the rep, or whose end the rep
    did not wait for."""
    number = month_numbers(rows["period"])
    before = quarters.began_unseen(rows["rep"], rows["period"], quarter, rows["tenure"])
    last = number == number.groupby(rows["rep"]).transform("max")
    left = last & (rows["exposure"] < 1)
    return before | left.groupby([rows["rep"], quarter]).transform("any")
