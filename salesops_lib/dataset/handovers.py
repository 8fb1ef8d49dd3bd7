"""Rows of a rep of which one ends on the day on which the next begins.

Many personnel systems write a row for each state of a rep, valid until the day from which the next one is.
Taken as a day on which both hold, the rows overlap, and the second was set aside: whoever moved to another
team was gone from that day on, as if they had left.
"""

from __future__ import annotations

import pandas as pd

from salesops_lib import wording


def handed_over(reps: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """end_date of each row, the day before where the rep's next row begins on it, and what to say of it.

    A row of that one day stays as it is: without it nothing would be left.
    """
    begins, ends = reps["hire_date"], reps["end_date"]
    starts = pd.MultiIndex.from_arrays([reps["rep_id"], begins])
    shared = (ends > begins) & pd.MultiIndex.from_arrays([reps["rep_id"], ends]).isin(starts)
    if not shared.any():
        return ends, []
    rows = wording.count(int(shared.sum()), "row")
    said = f"end_date of {rows} is the day on which the rep's next begins: read as the day before"
    return ends.mask(shared, ends - pd.Timedelta(days=1)), [said]
