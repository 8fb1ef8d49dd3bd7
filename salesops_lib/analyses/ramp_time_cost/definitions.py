"""How the answer moves with the definition of "productive"."""

from __future__ import annotations

from typing import Any

import pandas as pd

from salesops_lib.analyses.ramp_time_cost.result import MILESTONE, RampTime
from salesops_lib.analyses.ramp_time_cost.time_to_productivity import ramp_time
from salesops_lib.errors import DataError

_FIRST_SALE = "first sale"


def usual_milestones(
    data: pd.DataFrame, *, value: str, target: float = 0.9, **options: Any
) -> tuple[RampTime, ...]:
    """The milestones that companies usually count, as far as the data has them: the first sale,
    the first month at the target of the mature mean, and two such months in a row.

    Parameters
    ----------
    data, value, target, options
        As in `ramp_time`. Milestones that the data cannot answer are left out.
    """
    first = data.assign(**{_FIRST_SALE: data[value] > 0})
    tries: list[tuple[pd.DataFrame, dict[str, Any]]] = [
        (first, {"event": _FIRST_SALE}),
        (data, {"sustained": 1}),
        (data, {"sustained": 2}),
    ]
    found = []
    for frame, which in tries:
        try:
            one = ramp_time(
                frame, value=value, definition=MILESTONE, target=target, **which, **options
            )
        except DataError:
            continue
        found.append(one)
    return tuple(found)


def compare_definitions(*ramps: RampTime) -> pd.DataFrame:
    """How the answer moves with the definition: one row a result, what a spreadsheet would say
    (median of those who got there) beside it."""
    return pd.DataFrame(
        [
            (
                "Expected month at the target (learning curve)"
                if one.pace is not None
                else one.milestone[:1].upper() + one.milestone[1:],
                one.median_months.value,
                one.median_months.low,
                one.median_months.high,
                one.naive_median,
            )
            for one in ramps
        ],
        columns=["definition", "months", "low", "high", "naive_median"],
    )
