"""How the answer moves with the definition of "productive"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost.milestone import Times
from salesops_lib.analyses.ramp_time_cost.result import RampTime
from salesops_lib.analyses.ramp_time_cost.spells import Columns, read_spells
from salesops_lib.analyses.ramp_time_cost.time_to_productivity import milestone_of
from salesops_lib.errors import DataError

_FIRST_SALE, _QUOTA = "first sale", "quota"


def usual_milestones(
    data: pd.DataFrame,
    *,
    value: str,
    target: float = 0.9,
    events: tuple[str, ...] = (),
    sold_before: Collection[object] = (),
    labels: Mapping[object, str] | None = None,
    confidence: float = 0.90,
    **columns: Any,
) -> tuple[RampTime, ...]:
    """The milestones that companies usually count, as far as the data has them: the first sale,
    each of `events`, the first month at quota, the first month at the target of the mature mean,
    and two such months in a row.

    Parameters
    ----------
    data, value, target, sold_before, labels, confidence, columns
        As in `ramp_time`. Milestones that the data cannot answer are left out.
    events
        True/false columns, such as `certified`.
    """
    first = data.assign(**{_FIRST_SALE: data[value] > 0})
    quota = _QUOTA if _QUOTA in data and data[_QUOTA].notna().any() else None
    extra = (_FIRST_SALE, *events, *([quota] if quota else []))
    try:
        spells = read_spells(
            first, Columns(value, **columns), extra=extra, sold_before=sold_before, labels=labels
        )
    except DataError:
        return ()
    tries: list[dict[str, Any]] = [{"event": one, "target": 1.0} for one in (_FIRST_SALE, *events)]
    if quota:
        tries.append({"quota": quota, "target": 1.0})
    tries += [{"target": target, "sustained": 1}, {"target": target, "sustained": 2}]
    found = []
    for which in tries:
        try:
            found.append(milestone_of(spells, confidence=confidence, **which))
        except DataError:
            continue
    return tuple(found)


def compare_definitions(*ramps: RampTime) -> pd.DataFrame:
    """How the answer moves with the definition: one row a result, what a spreadsheet would say
    (median of those who got there) beside it."""
    return pd.DataFrame(
        [
            (
                "Expected month at the target (learning curve)"
                if one.pace is not None
                else wording.opened(one.milestone),
                one.median_months.value,
                one.median_months.low,
                one.median_months.high,
                one.naive_median,
            )
            for one in ramps
        ],
        columns=["definition", "months", "low", "high", "naive_median"],
    )


def definition_notices(milestones: tuple[RampTime, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """What to know about a table of definitions: all about its last milestone, whose curve is shown,
    of the others what is not the count of those followed, and nothing that is `known` already."""
    said: list[str] = []
    for one in milestones:
        counts = one.basis.notices if isinstance(one.basis, Times) else ()
        shown = one is milestones[-1]
        said += [text for text in one.notices if shown or text not in (*counts, *_reach(one))]
    return tuple(one for one in dict.fromkeys(said) if one not in known)


def _reach(ramp: RampTime) -> tuple[str, ...]:
    return tuple(text for text in ramp.notices if text.startswith("Nobody was followed past"))
