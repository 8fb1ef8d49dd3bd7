"""deal_desk: what of the list price is paid, and where the rest goes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.deal_desk import notices as say
from salesops_lib.analyses.deal_desk import tables, words
from salesops_lib.analyses.deal_desk.model import DiscountModel, fit_model
from salesops_lib.analyses.deal_desk.pricing import Priced, priced
from salesops_lib.analyses.deal_desk.result import DealDesk
from salesops_lib.analyses.deal_desk.winning import offers_known, won_per_point
from salesops_lib.analyses.options import (
    check_apart,
    check_confidence,
    check_rng,
    check_whole,
    is_number,
)
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.cluster_bootstrap import bootstrap_ratio


def deal_desk(
    deals: pd.DataFrame,
    *,
    rep: str = "rep_id",
    status: str = "status",
    amount: str = "amount",
    list_amount: str = "list_amount",
    close: str = "close_date",
    product: str | None = "product",
    segment: str | None = "segment",
    account: str | None = "account_id",
    quoted: str | None = "quoted_date",
    last_month: object = None,
    months: int = 12,
    quarter_end_month: int = 12,
    quarter_end_days: int = 10,
    confidence: float = 0.90,
    rng: int | np.random.Generator = 0,
    currency: str = "$",
) -> DealDesk:
    """Where discounts go: kinds of deals, the quarter's end, who sells, and the rest.

    The discount of the same deal is read within reps: products, segments, sizes and the last days of
    a quarter are compared between deals of one rep, so that what a rep always does is not taken for
    them. Then reps are compared on the same deal, and drawn towards each other by as much as their
    differences are chance.

    Parameters
    ----------
    deals
        One row a deal.
    rep, status, amount, list_amount, close
        Columns: whose deal, open, won or lost, money agreed (or offered, where lost) and before
        discount, closing day.
    product, segment, account, quoted
        Columns used where they are there: what is sold and to whom; deals of one customer with one
        rep count as alike as they are; lost deals count where they were quoted.
    last_month
        Any day of the last month counted; by default that of the last closing day, or the month before
        where that one does not look over. Nothing after that month is seen.
    months
        Months counted, 1 or more.
    quarter_end_month
        A month, 1 to 12, in which a fiscal quarter ends.
    quarter_end_days
        The last days of a quarter that are compared with the rest, 1 to 31.
    confidence
        Of all limits.
    rng
        Seed or Generator of the bootstrap and of the posterior draws.
    currency
        Symbol in sentences.

    Returns
    -------
    DealDesk
        Discounts as shares of list, money a year.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If nothing was won in these months, or no list amount is known.
    ParameterError
        For an option out of range.

    Notes
    -----
    Discounts are what was agreed, not what was asked for, and who discounts more is not who sells
    less: see `hold_prices` for what that decides. Intervals: bootstrap-t of reps (realisation),
    posterior draws (reps), CR2 and t (quarter's end, kinds). Bell and McCaffrey (2002); Morris (1983).
    """
    check_rng(rng)
    _check(months, quarter_end_month, quarter_end_days, confidence)
    check_apart(
        rep=rep, status=status, amount=amount, list_amount=list_amount, close=close, product=product,
        segment=segment,
    )  # fmt: skip
    known = priced(
        deals, rep=rep, status=status, amount=amount, list_amount=list_amount, close=close,
        product=product, segment=segment, account=account, quoted=quoted, last_month=last_month,
        months=months, quarter_end_month=quarter_end_month, quarter_end_days=quarter_end_days,
    )  # fmt: skip
    # Each part draws from its own stream, so that one changes nothing in the other.
    seeds = np.random.default_rng(rng).spawn(2)
    notices = list(known.notices)
    model: DiscountModel | None = None
    try:
        model = fit_model(known, confidence, seeds[1])
    except NotEnoughData as missing:
        if not known.alike:
            notices.append(say.no_model(missing.problem))
    if not known.kinds:
        notices.append(say.no_kinds())
    if model is not None and model.kinds_apart:
        notices.append(say.specialists(model.kinds_apart))
    if not offers_known(known):
        notices.append(say.offers_unknown())
    result = _result(known, model, confidence, seeds[0], rep)
    result = replace(
        result, quarter_end_days=quarter_end_days, currency=currency, notices=tuple(notices)
    )
    return replace(result, findings=words.findings(result))


def _check(months: int, quarter_end_month: int, quarter_end_days: int, confidence: float) -> None:
    for name, given, most in (
        ("months", months, 1200), ("quarter_end_month", quarter_end_month, 12),
        ("quarter_end_days", quarter_end_days, 31),
    ):  # fmt: skip
        if not (is_number(given) and 1 <= given <= most):
            raise ParameterError(f"{name} == {given!r}, must be from 1 to {most}.")
        # Between two months no quarter ends, and nothing would be late in it.
        check_whole(name, given, least=1)
    check_confidence(confidence)


def _result(
    known: Priced,
    model: DiscountModel | None,
    confidence: float,
    rng: np.random.Generator,
    rep: str,
) -> DealDesk:
    """Everything but what was asked for and the sentences."""
    won, yearly = known.won, 12 / known.months
    realisation = _realisation(won, confidence, rng)
    listed, paid = float(won["listed"].sum()) * yearly, float(won["paid"].sum()) * yearly
    given = Estimate(
        listed - paid, listed * (1 - realisation.high), listed * (1 - realisation.low), confidence,
        "money/year", realisation.n, realisation.method,
    )  # fmt: skip
    late = _nothing("share", confidence) if model is None else model.late
    late_list = float(won.loc[won["late"], "listed"].sum()) * yearly
    per_point, win_rate = won_per_point(known, confidence)
    return DealDesk(
        realisation=realisation,
        discount_year=given,
        list_year=listed,
        paid_year=paid,
        waterfall=tables.waterfall(model, listed - paid, yearly, confidence, alike=known.alike),
        kinds=tables.by_kind(known),
        reps=tables.by_rep(model, yearly, confidence, rep),
        reliability=_nothing("share", confidence) if model is None else model.reliability,
        established=model is not None and model.established,
        average=_average(model, confidence),
        quarter_end=late,
        quarter_end_year=late.scaled(late_list, "money/year"),
        quarter_end_days=0,
        per_point=per_point,
        win_rate=win_rate,
        offers_known=offers_known(known),
        deals=known.deals,
        unpriced=known.unpriced,
        model=model,
        alike=known.alike,
        months=known.months,
        confidence=confidence,
    )


def _realisation(won: pd.DataFrame, confidence: float, rng: np.random.Generator) -> Estimate:
    sums = won.groupby("rep", sort=True)[["listed", "paid"]].sum()
    value, low, high = bootstrap_ratio(
        sums["paid"].to_numpy(float), sums["listed"].to_numpy(float), confidence=confidence, rng=rng
    )
    return Estimate(value, low, high, confidence, "share", len(sums), "bootstrap-t over reps")


def _average(model: DiscountModel | None, confidence: float) -> Estimate:
    if model is None:
        return _nothing("share", confidence)
    low, high = np.quantile(model.average, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Estimate(
        float(model.average.mean()), float(low), float(high), confidence, "share", len(model.reps),
        "posterior of the reps",
    )  # fmt: skip


def _nothing(unit: str, confidence: float) -> Estimate:
    return Estimate(math.nan, confidence=confidence, unit=unit, method="cannot be compared")
