"""Which part of the company each rep counts for: people move, leave and come back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesops_lib.dataset.rep_months import MOVED_WITHIN


def latest_spells(reps: pd.DataFrame) -> pd.DataFrame:
    """One row a rep: the spell of employment that began last, wherever it stands in the table.

    Who moved to another team, or came back into one, has several; bookings and quotas must
    follow the same one, or a team is held against a quota that others book for.
    """
    if "hire_date" in reps:
        reps = reps.sort_values("hire_date", kind="stable", na_position="first")
    return reps.drop_duplicates("rep_id", keep="last")


def spells_on(reps: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row a rep: the spell that a forecast made on that day counted all deals of the rep by,
    also of who moved since; of who came or came back since, the first spell after it."""
    if "hire_date" not in reps or not reps["rep_id"].duplicated().any():
        return latest_spells(reps)
    reps = reps.sort_values("hire_date", kind="stable", na_position="first")
    begun = reps["hire_date"].isna() | (reps["hire_date"] <= day)
    then = reps[begun].drop_duplicates("rep_id", keep="last")
    after = reps[~begun].drop_duplicates("rep_id", keep="first").set_index("rep_id")
    back = then["rep_id"].map(after["hire_date"])
    left = then["end_date"].le(day) & (back - then["end_date"]).dt.days.gt(MOVED_WITHIN)
    then = then[~left]
    return pd.concat([then, after[~after.index.isin(then["rep_id"])].reset_index()])[reps.columns]


def moved(reps: pd.DataFrame, levels: Sequence[str]) -> int:
    """Reps who were in more than one part of the company, by any of the `levels`."""
    keys = [level for level in levels if level in reps and level != "rep_id"]
    if not keys or not reps["rep_id"].duplicated().any():
        return 0
    places = reps[["rep_id", *keys]].drop_duplicates()
    return int((places["rep_id"].value_counts() > 1).sum())
