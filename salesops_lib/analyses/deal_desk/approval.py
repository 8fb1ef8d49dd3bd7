"""approval_case: what an approval of discounts above a threshold takes, and what it must save."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.deal_desk import notices as say
from salesops_lib.analyses.deal_desk import words
from salesops_lib.analyses.deal_desk.result import ApprovalCase, DealDesk
from salesops_lib.analyses.options import check_made, is_number
from salesops_lib.errors import ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.rare_sums import gamma_limits

GRID = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
# Won deals beyond a threshold of which nothing is said but what they add up to: the largest of so few
# says little of how large they get.
_FEWEST = 10
_HOW = "gamma with the largest deal, mid-p, between customers"


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

    Notes
    -----
    Intervals are of what to expect of as many offers of the same reps: what there was is counted.
    Money beyond a threshold comes from few deals, and a large one moves it. A t interval between reps held
    it in 74% of companies of a dozen reps instead of 90%, and no other interval between reps holds where a
    few of them give far more than the rest. So the limits are those of Fay and Kim (2017), see
    `statistics.rare_sums`, with the deals of one customer as one event. The break-even share is the cost of
    an approval over the money beyond, per approval; its limits are those of Fay and Feuer (1997).
    """
    check_made("desk", desk, "deal_desk", "deals", "yearly")
    for one in (threshold, *grid):
        if not (is_number(one) and 0 <= one < 1):
            raise ParameterError(f"threshold == {one!r}, must be from 0 to below 1.")
    if not (is_number(approval_cost) and approval_cost >= 0):
        raise ParameterError(f"approval_cost == {approval_cost!r}, must be 0 or more.")
    here = _at(desk, threshold, approval_cost)
    rows = [(at, *_row(_at(desk, at, approval_cost))) for at in sorted(set(grid))]
    names = ["threshold", "approvals_month", "cost_year", "above_year", "above_low", "above_high",
             "break_even", "break_even_low", "break_even_high"]  # fmt: skip
    result = ApprovalCase(
        threshold=threshold,
        approval_cost=approval_cost,
        approvals_month=here.approvals,
        cost_year=here.cost,
        above_year=here.above,
        won_above=here.won,
        break_even=here.share,
        grid=pd.DataFrame(rows, columns=names),
        confidence=desk.confidence,
        notices=_notices(desk),
        currency=currency or desk.currency,
    )
    return replace(result, findings=words.approval_findings(result))


def _notices(desk: DealDesk) -> tuple[str, ...]:
    """What the count of approvals lacks."""
    lost = int((~desk.deals["won"]).sum())
    if not desk.offers_known:
        return (say.few_offers(lost),)
    return (say.offers_without_list(desk.unpriced, lost),) if desk.unpriced else ()


@dataclass(frozen=True)
class _Case:
    """Approvals a month, their cost a year, the money beyond the threshold, of how many won deals, and
    the break-even share."""

    approvals: Estimate
    cost: float
    above: Estimate
    won: int
    share: Estimate


def _row(case: _Case) -> tuple[float, ...]:
    above, share = case.above, case.share
    return (case.approvals.value, case.cost, above.value, above.low, above.high, share.value,
            share.low, share.high)  # fmt: skip


def _at(desk: DealDesk, threshold: float, approval_cost: float) -> _Case:
    deals = desk.deals
    won = deals["won"].to_numpy(bool)
    discount, listed = deals["discount"].to_numpy(float), deals["listed"].to_numpy(float)
    # Exactly at the threshold is not above it, whatever the last binary digit says.
    over = discount > threshold + 1e-9
    beyond = np.where(won & over, (discount - threshold) * listed, 0.0)
    rep, customer = _customers(deals)
    offers = np.bincount(customer, weights=over).astype(np.float64)
    money = np.bincount(customer, weights=beyond).astype(np.float64)
    count = gamma_limits(offers, rep, desk.confidence)
    approvals = _scaled(float(over.sum()), count, 1 / desk.months, desk, "index")
    limits = gamma_limits(money, rep, desk.confidence)
    above = _scaled(float(beyond.sum()), limits, desk.yearly, desk, "money/year")
    cost = approvals.value * 12 * approval_cost
    share = Estimate(math.nan, confidence=desk.confidence, unit="share", method=_HOW)
    events = int((beyond > 0).sum())
    if events:
        # How many approvals there are is given: what each sees is not. The wider limits, because a
        # mean of few is less well known than their sum: mid-p held 84 to 88% here.
        seen, alike = money[offers > 0], np.zeros(int((offers > 0).sum()), dtype=np.int64)
        low, high = gamma_limits(seen, alike, desk.confidence, mid_p=False)
        spent = approval_cost * float(over.sum())
        share = replace(
            share, value=spent / float(beyond.sum()), low=spent / high,
            high=spent / low if low > 0 else math.inf, n=above.n,
        )  # fmt: skip
    if events < _FEWEST:
        above, share = (replace(one, low=math.nan, high=math.nan) for one in (above, share))
    return _Case(approvals, cost, above, events, share)


def _customers(deals: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(customers,): codes of the rep of each; and (deals,): codes of each deal's customer. One who buys
    from two reps is two; a deal of nobody known is a customer's own."""
    rep = pd.factorize(deals["rep"])[0]
    known = np.full(len(deals), -1)
    if "account" in deals:
        known = pd.factorize(deals["account"])[0]
    own = np.where(known >= 0, known, known.max() + 1 + np.arange(len(deals)))
    # One number for each pair of rep and customer.
    _, first, codes = np.unique(
        rep * (int(own.max()) + 1) + own, return_index=True, return_inverse=True
    )
    return rep[first], codes


def _scaled(
    value: float, limits: tuple[float, float], factor: float, desk: DealDesk, unit: str
) -> Estimate:
    low, high = (x * factor for x in limits)
    reps = int(desk.deals["rep"].nunique())
    return Estimate(value * factor, low, high, desk.confidence, unit, reps, _HOW)
