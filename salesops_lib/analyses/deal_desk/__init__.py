"""Where discounts leak, and what a deal desk would recover."""

from salesops_lib.analyses.deal_desk.approval import approval_case
from salesops_lib.analyses.deal_desk.break_even import break_even_curve, break_even_loss
from salesops_lib.analyses.deal_desk.desk import deal_desk
from salesops_lib.analyses.deal_desk.holding import hold_prices, not_held
from salesops_lib.analyses.deal_desk.pricing import quarter_end_month
from salesops_lib.analyses.deal_desk.quote_time import quote_time
from salesops_lib.analyses.deal_desk.result import (
    ApprovalCase,
    DealDesk,
    HeldPrices,
    QuoteTime,
)

__all__ = [
    "ApprovalCase",
    "DealDesk",
    "HeldPrices",
    "QuoteTime",
    "approval_case",
    "break_even_curve",
    "break_even_loss",
    "deal_desk",
    "hold_prices",
    "not_held",
    "quarter_end_month",
    "quote_time",
]
