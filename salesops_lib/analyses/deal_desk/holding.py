"""hold_prices: what bringing large discounts down is worth, and how many deals may be lost over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.deal_desk import words
from salesops_lib.analyses.deal_desk.break_even import break_even_curve, break_even_loss
from salesops_lib.analyses.deal_desk.result import DealDesk, HeldPrices
from salesops_lib.analyses.deal_desk.winning import POINT
from salesops_lib.analyses.options import check_made, is_number
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Unanswered

Array = NDArray[np.float64]
_FURTHEST = 0.10


def hold_prices(
    desk: DealDesk,
    *,
    excess_closed: float = 0.5,
    gross_margin: float = 0.7,
    currency: str | None = None,
) -> HeldPrices:
    """What it is worth to bring reps who discount more than the average rep part of the way
    down to it, on the same deals.

    Value and interval are over draws from the posterior of all reps: the sum of what lies above the
    average by noisy means would be too large, because noise that falls below counts as nothing. Where
    reps are not established to differ, the interval begins at 0.

    Parameters
    ----------
    desk
        From `deal_desk`.
    excess_closed
        Part of what lies beyond it that is taken back, above 0 and at most 1.
    gross_margin
        On what is paid, above 0 and at most 1; for the deals that may be lost only: a discount not
        given is margin in full.
    currency
        Symbol in sentences; by default the desk's.

    Returns
    -------
    HeldPrices
        Margin a year, and the share of deals that may be lost over it.

    Raises
    ------
    ParameterError
        For an assumption out of range.
    NotEnoughData
        If reps cannot be compared.
    """
    check_made("desk", desk, "deal_desk", "model", "alike")
    if not (is_number(excess_closed) and 0 < excess_closed <= 1):
        raise ParameterError(f"excess_closed == {excess_closed!r}, must be above 0 and at most 1.")
    if not (is_number(gross_margin) and 0 < gross_margin <= 1):
        raise ParameterError(f"gross_margin == {gross_margin!r}, must be above 0 and at most 1.")
    model = desk.model
    if desk.alike:
        raise NotEnoughData(
            "every deal was sold at the same discount, so that nobody gives more than another"
        )
    if model is None:
        raise NotEnoughData(
            "too few reps have won enough deals with a list amount for a comparison",
            remedy="Three reps or more with several won deals each are needed.",
        )
    excess = model.excess
    gain = excess_closed * (np.maximum(excess, 0) @ model.listed) * desk.yearly
    # Whose deals are at stake is a list that can be written down. Counted draw by draw, how many lie
    # above average would hang on the shape of the spread, which noisy means do not tell.
    above = excess.mean(axis=0) > 0
    theirs = excess_closed * (np.maximum(excess, 0) @ (model.listed * above)) * desk.yearly
    loss = break_even_loss(theirs, float(model.paid @ above) * desk.yearly, gross_margin)
    discount = 1 - desk.realisation.value
    most = min(_FURTHEST, max(discount, 2 * POINT))
    result = HeldPrices(
        money_year=_from_none(gain, desk, "money/year"),
        break_even=_from_none(loss, desk, "share"),
        deals_year=float(model.counts @ above) * desk.yearly,
        point_break_even=_one_point(desk.realisation, gross_margin),
        curve=break_even_curve(discount, gross_margin, most),
        excess_closed=excess_closed,
        gross_margin=gross_margin,
        confidence=desk.confidence,
        currency=currency or desk.currency,
    )
    return replace(result, findings=words.held_findings(result, desk))


def _one_point(paid: Estimate, gross_margin: float) -> Estimate:
    """Deals that may be lost over one point less on every deal: the fewer, the more is paid of list."""
    value, low, high = (
        break_even_loss(POINT, share, gross_margin) for share in (paid.value, paid.high, paid.low)
    )
    return Estimate(
        value, low, high, paid.confidence, "share", paid.n, "contribution at what is paid of list"
    )


def not_held(because: str) -> Unanswered:
    """What `hold_prices` or `deal_desk` would have answered, where they raised NotEnoughData."""
    return Unanswered(words.not_held_findings(because))


def _from_none(values: Array, desk: DealDesk, unit: str) -> Estimate:
    found = _over(values, desk, unit)
    # Draws of an excess are never negative: that it is more than nothing has to be shown elsewhere.
    return found if desk.established else replace(found, low=0.0)


def _over(values: Array, desk: DealDesk, unit: str) -> Estimate:
    tail = 0.5 - desk.confidence / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    n = 0 if desk.model is None else len(desk.model.reps)
    return Estimate(
        float(values.mean()), float(low), float(high), desk.confidence, unit, n,
        "draws of the reps' discounts",
    )  # fmt: skip
