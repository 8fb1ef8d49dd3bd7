"""quote_time: how long customers take from quote to decision."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.columns import check_columns, days, number
from salesops_lib.analyses.deal_desk import notices as say
from salesops_lib.analyses.deal_desk import words
from salesops_lib.analyses.deal_desk.pricing import month_end
from salesops_lib.analyses.deal_desk.result import QuoteTime
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.survival import kaplan_meier, stratified_log_rank

# How pipelines call the stage in which a customer has a price.
QUOTED_STAGE = re.compile(r"propos|quot|offer|tender|bid", re.IGNORECASE)
_FEWEST, _DECIDED = 20, 10
ABOVE, UP_TO = "above the threshold", "up to the threshold"


def quote_time(
    deals: pd.DataFrame,
    *,
    stage_changes: pd.DataFrame | None = None,
    deal: str = "deal_id",
    status: str = "status",
    amount: str = "amount",
    list_amount: str = "list_amount",
    close: str = "close_date",
    quoted: str = "quoted_date",
    rep: str = "rep_id",
    last_month: object = None,
    months: int = 12,
    threshold: float = 0.20,
    confidence: float = 0.90,
) -> QuoteTime:
    """Days from quote to decision, won or lost, of the quotes made in the `months` months up to
    `last_month`. Quotes without a decision are followed to the end and not dropped: dropping them
    would leave the quick ones.

    Parameters
    ----------
    stage_changes
        deal, changed_at, stage: where `quoted` is not there or blank, a deal counts as quoted from
        the first stage whose name says so (proposal, quote, offer).
    last_month
        Any day of the last month counted, to the end of which all decisions are known; by default
        that of the last day seen, to which quotes are then followed.
    rep
        Who quoted, where it is there: customers of one rep take long or decide quickly together, so
        that limits are between reps and large discounts are compared with others of the same rep.
        Taken as independent, with reps whose days differ by a third, a 90% interval held the median
        in 55 to 65% of companies.
    threshold
        Discount above which quotes are compared with the others, where both are enough.

    Raises
    ------
    DataError
        For a missing or unusable column.
    NotEnoughData
        If no quote is dated.

    References
    ----------
    Kaplan and Meier (1958); Brookmeyer and Crowley (1982), limits on the log-log scale; Ying and Wei
    (1994) for times that go together; Peto and others (1977) for the comparison within reps.
    """
    if not 0 <= threshold < 1:
        raise ParameterError(f"threshold == {threshold!r}, must be from 0 to below 1.")
    check_columns(deals, [deal, status, close], "the time from quote to decision")
    asked = _quoted_on(deals, stage_changes, deal, quoted)
    closed = days(deals, close, "dates", "2026-09-30", blank=True)
    ended = deals[status].ne("open") & closed.notna()
    if not asked.notna().any():
        raise NotEnoughData(
            "no day is known on which a deal was quoted", column=quoted,
            remedy="Add the day of the quote, or the history of stages.",
        )  # fmt: skip
    seen = max([asked.max(), *([closed[ended].max()] if ended.any() else [])])
    end = month_end(seen if last_month is None else last_month)
    # Nobody knows what was decided after the last day seen: to the month's end, nothing would have been.
    known = min(end, seen) if last_month is None else end
    start = (end - pd.DateOffset(months=months) + pd.offsets.MonthEnd(0)).normalize()
    # A deal that ended without a date cannot be followed.
    inside = (asked > start) & (asked <= end) & (deals[status].eq("open") | closed.notna())
    inside &= ~_returned(deals, status, amount)
    decided = ended & (closed <= end)
    length = (closed.where(decided, known) - asked).dt.total_seconds() / 86_400
    backwards = inside & (length < 0)
    inside &= ~backwards
    if not (inside & decided).any():
        raise NotEnoughData("no quote of these months has been decided", column=quoted)
    # A decision on the day of the quote took part of a day.
    time = np.maximum(length[inside].to_numpy(float), 0.5)
    happened = decided[inside].to_numpy(bool)
    who = _who(deals[inside], rep)
    groups, p, slower = _by_discount(
        deals[inside], time, happened, who, amount, list_amount, threshold, confidence
    )
    result = QuoteTime(
        median_days=_median(time, happened, who, confidence),
        groups=groups,
        p=p,
        slower=slower,
        quotes=len(time),
        open=int((~happened).sum()),
        threshold=threshold,
        confidence=confidence,
        notices=(say.backwards(int(backwards.sum())),) if backwards.any() else (),
    )
    return replace(result, findings=words.quote_findings(result))


def _returned(deals: pd.DataFrame, status: str, amount: str) -> pd.Series:
    """Whether each is money given back, or to be given back, which no customer decides on: no quote."""
    if amount not in deals:
        return pd.Series(False, index=deals.index)
    return deals[status].ne("lost") & (number(deals, amount) < 0)


def _quoted_on(
    deals: pd.DataFrame, stage_changes: pd.DataFrame | None, deal: str, quoted: str
) -> pd.Series:
    """The day of each deal's quote, NaT where none is known. Where the day is kept of deals that were
    won only, those alone would say that customers decide quickly: the others' stages stand in."""
    day = pd.Series(pd.NaT, index=deals.index, dtype="datetime64[ns]")
    if quoted in deals:
        day = days(deals, quoted, "dates", "2026-09-30", blank=True)
    if day.notna().all() or stage_changes is None or stage_changes.empty:
        return day
    check_columns(stage_changes, [deal, "changed_at", "stage"], "the day of a quote")
    named = stage_changes["stage"].astype(str).str.contains(QUOTED_STAGE)
    first = days(stage_changes[named], "changed_at", "dates", "2026-09-30").dt.normalize()
    return day.fillna(deals[deal].map(first.groupby(stage_changes.loc[named, deal]).min()))


def _who(deals: pd.DataFrame, rep: str) -> np.ndarray:
    """(quotes,): whose quote each is; of nobody known, each is its own."""
    own = np.array([f"\0{at}" for at in range(len(deals))], dtype=object)
    if rep not in deals:
        return own
    known = deals[rep].notna().to_numpy()
    return np.where(known, deals[rep].astype(str).to_numpy(dtype=object), own)


def _median(time: np.ndarray, happened: np.ndarray, who: np.ndarray, confidence: float) -> Estimate:
    curve = kaplan_meier(time, happened, clusters=who)
    value, low, high = curve.quantile(0.5, confidence=confidence)
    return Estimate(
        value, low, high, confidence, "days", len(time),
        "Kaplan–Meier, log-log limits between reps, t",
    )  # fmt: skip


def _by_discount(
    deals: pd.DataFrame, time: np.ndarray, happened: np.ndarray, who: np.ndarray, amount: str,
    list_amount: str, threshold: float, confidence: float,
) -> tuple[pd.DataFrame, float, bool]:  # fmt: skip
    """The two groups, p of no difference within reps, and whether the second is slower; empty where
    either is too small."""
    columns = ["group", "quotes", "decided", "median", "low", "high"]
    if amount not in deals or list_amount not in deals:
        return pd.DataFrame(columns=columns), math.nan, False
    listed, offered = number(deals, list_amount, least=0.0), number(deals, amount)
    known = ((listed > 0) & (offered > 0)).to_numpy()
    above = (1 - offered / listed.where(listed > 0) > threshold + 1e-9).to_numpy()
    rows = []
    for name, mine in ((UP_TO, known & ~above), (ABOVE, known & above)):
        if mine.sum() < _FEWEST or happened[mine].sum() < _DECIDED:
            return pd.DataFrame(columns=columns), math.nan, False
        one = _median(time[mine], happened[mine], who[mine], confidence)
        rows.append(
            (name, float(mine.sum()), float(happened[mine].sum()), one.value, one.low, one.high)
        )
    # Quotes of nobody known are compared with each other.
    whose = np.where([str(one).startswith("\0") for one in who], "\0", who)
    gap, p = stratified_log_rank(time[known], happened[known], above[known], whose[known])
    return pd.DataFrame(rows, columns=columns), p, gap < 0
