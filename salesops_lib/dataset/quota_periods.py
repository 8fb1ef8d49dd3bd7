"""Quotas of a quarter, a half-year or a year that stand in one month of it.

Many companies set a quarter's quota and write it down in its first or last month. Taken for that month's, it
is held against the bookings of one month: reps who sold all they should seemed to have sold a third of it,
nobody ever reached quota, and of the other months no quota was known. So each of its months has an equal part.
"""

from __future__ import annotations

import math

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.month_numbers import month_numbers

# Lengths that a period of quotas may have, in months, the longest first.
_LENGTHS = {12: "year", 6: "half-year", 3: "quarter"}
_QUARTER = 3
# From so many quotas on, all a quarter apart, they are one rep's quarters whatever the others have.
_ENOUGH = 3


def divided(
    quotas: pd.DataFrame, reps: pd.DataFrame, start: pd.Timestamp
) -> tuple[pd.DataFrame, list[str]]:
    """The quotas with each period's as equal parts of its months, and what to say of it.

    A period is one of the calendar: nothing tells of another. Of one in which a rep began, the months since
    have it all, because it was set for them; of one in which a rep left, what is left of it is nobody's.

    Parameters
    ----------
    quotas, reps
        Canonical tables.
    start
        The first month of the records: parts of months before are left out.
    """
    number = month_numbers(quotas["month"])
    above = quotas["quota"] > 0
    whole = above & quotas["rep_id"].isin(_not_monthly(quotas.loc[above, "rep_id"], number[above]))
    length = _length(number[whole])
    if length is None:
        return quotas, []
    first = number - number % length
    begun = _begun(quotas["rep_id"], first, length, reps)
    parts = quotas[whole].assign(_begun=begun[whole], _end=first[whole] + length)
    parts = parts.merge(pd.DataFrame({"_at": range(length)}), how="cross")
    parts["_number"] = parts["_end"] - length + parts["_at"]
    parts["quota"] = parts["quota"] / (parts["_end"] - parts["_begun"])
    parts["month"] = _month(parts["_number"])
    # A quota of 0 beside a period's is the export's way to say that it is written elsewhere.
    taken = pd.MultiIndex.from_frame(parts[["rep_id", "_number"]])
    rest = quotas[~whole & ~pd.MultiIndex.from_arrays([quotas["rep_id"], number]).isin(taken)]
    parts = parts[(parts["_number"] >= parts["_begun"]) & ~(parts["month"] < start)]
    both = pd.concat([rest, parts[quotas.columns]], ignore_index=True)
    both = both.sort_values(["rep_id", "month"], kind="stable", ignore_index=True)
    return both.astype(quotas.dtypes.to_dict()), [_said(quotas[whole], length)]


def _month(number: pd.Series) -> pd.Series:
    return pd.to_datetime({"year": number // 12, "month": number % 12 + 1, "day": 1})


def _not_monthly(rep: pd.Series, number: pd.Series) -> set[object]:
    """Reps whose quotas all stand at one place of the quarter: by three of their own, or, with fewer, where
    most reps with two or more have theirs so."""
    by_rep = (number % _QUARTER).groupby(rep).agg(["nunique", "size"])
    so = by_rep["nunique"] == 1
    several = by_rep["size"] > 1
    most = several.any() and so[several].mean() > 0.5
    return set(by_rep.index[so & ((by_rep["size"] >= _ENOUGH) | most)])


def _length(number: pd.Series) -> int | None:
    """Months from one quota to the next, of all reps together; None where there is but one."""
    months = sorted(number.unique().tolist())
    apart = math.gcd(*(one - months[0] for one in months[1:])) if len(months) > 1 else 1
    return next((one for one in _LENGTHS if apart % one == 0), None)


def _begun(rep: pd.Series, first: pd.Series, length: int, reps: pd.DataFrame) -> pd.Series:
    """The first month of each period in which the rep was employed; the period's first where unknown."""
    hired = reps["hire_date"].fillna(pd.Timestamp.min)
    spells = pd.DataFrame({
        "rep_id": reps["rep_id"], "from": month_numbers(hired),
        "to": month_numbers(reps["end_date"].fillna(pd.Timestamp.max)),
    })  # fmt: skip
    rows = pd.DataFrame({"rep_id": rep, "first": first, "row": rep.index}).merge(
        spells, on="rep_id"
    )
    rows = rows[(rows["from"] < rows["first"] + length) & (rows["to"] >= rows["first"])]
    begun = rows[["from", "first"]].max(axis=1).groupby(rows["row"]).min()
    return begun.reindex(rep.index).fillna(first).astype("int64")


def _said(rows: pd.DataFrame, length: int) -> str:
    places = sorted(rows["month"].dt.month.unique())
    names = wording.listed([f"{pd.Timestamp(2000, int(one), 1):%B}" for one in places])
    return (
        f"quotas of {wording.count(rows['rep_id'].nunique(), 'rep')} stand in {names} only: taken as those of "
        f"the calendar's {_LENGTHS[length]}, of which each month has an equal part, so what single months "
        f"reach of theirs is told by when in the {_LENGTHS[length]} deals are closed, too. If yours is another "
        f"{_LENGTHS[length]}, or each month has a quota of its own, write one row for each month."
    )
