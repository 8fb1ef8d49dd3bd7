"""approval_case: what an approval of discounts above a threshold takes, and what it must save."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.deal_desk import notices as say
from salesops_lib.analyses.deal_desk import words
from salesops_lib.analyses.deal_desk.result import ApprovalCase, DealDesk
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.ratio_means import Ratios, ratios

GRID = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
_HOW = "ratio of totals, between reps, t"


def approval_case(
    desk: DealDesk,
    *,
    threshold: float = 0.20,
    approval_cost: float = 40.0,
    grid: Sequence[float] = GRID,
    currency: str | None = None,
) -> ApprovalCase:
    """Approvals, their cost, and the discount money beyond a threshold.

    Every offer above the threshold needs approval, won or lost, where lost offers are known. What an
    approval saves is not in the data; what it must save is: the break-even share.

    Parameters
    ----------
    desk
        From `deal_desk`.
    threshold
        Discount above which a deal needs approval, a share of list from 0 to below 1.
    approval_cost
        Money for each approval, 0 or more.
    grid
        Further thresholds for the table.

    Raises
    ------
    ParameterError
        For an assumption out of range.
    """
    for one in (threshold, *grid):
        if not 0 <= one < 1:
            raise ParameterError(f"threshold == {one!r}, must be from 0 to below 1.")
    if not 0 <= approval_cost < math.inf:
        raise ParameterError(f"approval_cost == {approval_cost!r}, must be 0 or more.")
    here = _at(desk, threshold, approval_cost)
    rows = [(at, *_row(_at(desk, at, approval_cost))) for at in sorted(set(grid))]
    names = ["threshold", "approvals_month", "cost_year", "above_year", "above_low", "above_high",
             "break_even", "break_even_low", "break_even_high"]  # fmt: skip
    approvals, cost, above, share = here
    result = ApprovalCase(
        threshold=threshold,
        approval_cost=approval_cost,
        approvals_month=approvals,
        cost_year=cost,
        above_year=above,
        break_even=share,
        grid=pd.DataFrame(rows, columns=names),
        confidence=desk.confidence,
        notices=() if desk.offers_known else (say.approvals_of_won_only(),),
        currency=currency or desk.currency,
    )
    return replace(result, findings=words.approval_findings(result))


_Case = tuple[Estimate, float, Estimate, Estimate]


def _row(case: _Case) -> tuple[float, ...]:
    approvals, cost, above, share = case
    return (approvals.value, cost, above.value, above.low, above.high, share.value, share.low,
            share.high)  # fmt: skip


def _at(desk: DealDesk, threshold: float, approval_cost: float) -> _Case:
    """Approvals a month, their cost a year, the money beyond the threshold, the break-even share."""
    deals = desk.deals
    # Exactly at the threshold is not above it, whatever the last binary digit says.
    over = (deals["discount"].to_numpy() > threshold + 1e-9).astype(float)
    beyond = np.where(deals["won"], over * (deals["discount"] - threshold) * deals["listed"], 0.0)
    sold = np.where(deals["won"], deals["listed"], 0.0)
    each = pd.DataFrame({
        "over": over, "beyond": beyond, "sold": sold, "closed": 1.0,
    }).groupby(deals["rep"].to_numpy()).sum()  # fmt: skip
    columns = {name: each[name].to_numpy(float) for name in each}
    count = _scaled(
        ratios(columns["over"][:, None], columns["closed"]), len(deals) / desk.months, desk, "count"
    )
    money = _scaled(
        ratios(columns["beyond"][:, None], columns["sold"]), desk.list_year, desk, "money/year"
    )
    cost = count.value * 12 * approval_cost
    nothing = Estimate(math.nan, confidence=desk.confidence, unit="share", method=_HOW)
    if not columns["beyond"].sum() > 0:
        return count, cost, money, nothing
    share = ratios(approval_cost * columns["over"][:, None], columns["beyond"])
    return count, cost, money, _scaled(share, 1.0, desk, "share")


def _scaled(found: Ratios, factor: float, desk: DealDesk, unit: str) -> Estimate:
    low, high = found.interval(0, desk.confidence)
    return Estimate(
        float(found.value[0]) * factor, low * factor, high * factor, desk.confidence, unit,
        found.clusters, _HOW,
    )  # fmt: skip
