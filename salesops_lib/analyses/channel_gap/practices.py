"""Which columns of rep-months are practice: how it is sold, not how much."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

# Parts of the outcome itself: bookings are deals times amounts, so they say nothing about how.
PARTS_OF_THE_OUTCOME = ("mean_amount", "deals_created")
# A new rep's shortfall falls to a third in about so many months.
FADES_MONTHS = 3.0
NEWNESS = "newness"


def with_newness(months: pd.DataFrame, *, tenure: str = "tenure_months") -> pd.DataFrame:
    """`months` with the column `newness`, from 1 for a rep of the first day to 0 for an old hand,
    where the tenure is known for every rep; otherwise as it came.

    Who hires more has more new reps, who book less and close their first, quick deals: without it,
    part of the ramp passes for a shorter sales cycle.
    """
    if tenure not in months or not months[tenure].notna().all() or months.empty:
        return months
    return months.assign(**{NEWNESS: np.exp(-months[tenure].to_numpy(float) / FADES_MONTHS)})


def practices(columns: Iterable[str], months: pd.DataFrame | None = None) -> tuple[str, ...]:
    """Of the measured columns those that are practice; and newness, where `months` has it.

    Hours spent selling and their share of all hours say one thing twice: the hours are kept.
    """
    named = tuple(columns)
    twice = ("selling_share",) if "selling_hours" in named else ()
    chosen = tuple(one for one in named if one not in (*PARTS_OF_THE_OUTCOME, *twice))
    return (*chosen, NEWNESS) if months is not None and NEWNESS in months else chosen
