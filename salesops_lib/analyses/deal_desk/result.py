"""The frozen results of the deal desk."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from salesops_lib.analyses.deal_desk.model import DiscountModel
from salesops_lib.analyses.deal_desk.pricing import TELLING
from salesops_lib.estimate import Estimate, Finding, Result


@dataclass(frozen=True)
class DealDesk(Result):
    """Where discounts go.

    Attributes
    ----------
    realisation
        Won money over list money.
    discount_year
        List money less won money, a year.
    list_year, paid_year
        Money a year.
    waterfall
        component (usual, kinds, quarter_end, reps_above, reps_below, rest), value, low, high: money
        a year; the values sum to `discount_year`.
    kinds
        by (product, segment, size), group, deals, list_year, discount (share of list), discount_year.
    reps
        The rep column, deals, list_year, observed (discount of the same deal, as seen), discount,
        low, high (the same, drawn together), p_above (chance of lying above average), excess_year
        (money beyond the average, a year); the largest discount first.
    reliability
        Share of the differences seen between these reps that is repeatable.
    established
        Whether reps differ by more than chance.
    average
        Discount of the average rep, same deal.
    quarter_end, quarter_end_year
        Discount in the last days of a quarter less the rest (share of list), and its money a year.
    quarter_end_days
        How many days count as the last.
    per_point
        How the number of deals won goes with one more point of discount, a share of deals won: an
        association, not an effect.
    win_rate
        Won over closed deals, of those whose discount is known.
    deals
        rep, won, listed, paid, discount, late, …: the deals behind it.
    model
        Posterior of the reps; None where they cannot be compared.
    alike
        Whether every deal was sold at the same discount, so that there is nothing to compare.
    unpriced
        Lost deals without a list amount or amount, where they were quoted if that is known.
    """

    realisation: Estimate
    discount_year: Estimate
    list_year: float
    paid_year: float
    waterfall: pd.DataFrame
    kinds: pd.DataFrame
    reps: pd.DataFrame
    reliability: Estimate
    established: bool
    average: Estimate
    quarter_end: Estimate
    quarter_end_year: Estimate
    quarter_end_days: int
    per_point: Estimate
    win_rate: float
    offers_known: bool
    deals: pd.DataFrame
    model: DiscountModel | None
    alike: bool
    months: int
    confidence: float
    unpriced: int = 0
    notices: tuple[str, ...] = ()
    currency: str = "$"
    findings: tuple[Finding, ...] = field(default=())

    @property
    def yearly(self) -> float:
        """What money of the window is multiplied by to be a year's."""
        return 12 / self.months

    @property
    def at_list(self) -> bool:
        """Whether every deal was sold at its list price."""
        return self.alike and abs(self.discount_year.value) < TELLING / 2 * self.list_year


@dataclass(frozen=True)
class HeldPrices(Result):
    """What it is worth to bring larger discounts down, and how many deals may be lost over it.

    Attributes
    ----------
    money_year
        Margin a year if no deal is lost: a discount not given is margin.
    break_even
        Share of the deals of reps expected above average that may be lost before bringing them down
        costs more than it brings.
    deals_year
        Deals a year of those reps.
    point_break_even
        The same for one point off every deal's discount, a share of all deals.
    curve
        points (of discount taken back, a share of list), break_even (share of deals).
    excess_closed
        Part of what lies beyond it that is taken back.
    gross_margin
        On what is paid.
    """

    money_year: Estimate
    break_even: Estimate
    deals_year: float
    point_break_even: Estimate
    curve: pd.DataFrame
    excess_closed: float
    gross_margin: float
    confidence: float
    currency: str = "$"
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class ApprovalCase(Result):
    """What an approval of large discounts would take and could bring.

    Attributes
    ----------
    threshold
        Discount above which a deal needs approval, a share of list.
    approval_cost
        Money for each approval.
    approvals_month
        Deals a month that need one; the interval is of what to expect of as many offers.
    cost_year
        What they cost a year.
    above_year
        Discount beyond the threshold on won deals, money a year; the interval is of what to expect of
        as much money at list. Without one where fewer than 10 deals were won there.
    won_above
        Deals won above the threshold.
    break_even
        Share of that money that approvals must save to pay for themselves; above 1 they cannot. With
        an interval where `above_year` has one.
    grid
        threshold, approvals_month, cost_year, above_year, above_low, above_high, break_even,
        break_even_low, break_even_high.
    """

    threshold: float
    approval_cost: float
    approvals_month: Estimate
    cost_year: float
    above_year: Estimate
    won_above: int
    break_even: Estimate
    grid: pd.DataFrame
    confidence: float
    notices: tuple[str, ...] = ()
    currency: str = "$"
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class QuoteTime(Result):
    """Days from quote to decision, won or lost.

    Attributes
    ----------
    median_days
        By which half of the quotes are decided; open ones count as long as they were followed.
    groups
        group, quotes, decided, median, low, high: discounts above the threshold and not, where both
        have enough quotes; otherwise empty.
    p
        Of no difference between the two with the same rep (stratified log-rank); NaN where they are
        not compared.
    slower
        Whether those above the threshold took longer than others of the same rep.
    quotes, open
        How many were made in the window, and how many of them are not decided.
    """

    median_days: Estimate
    groups: pd.DataFrame
    p: float
    slower: bool
    quotes: int
    open: int
    threshold: float
    confidence: float
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
