"""Where discounts leak, and what a deal desk would recover.

    desk = deal_desk(deals)
    held = hold_prices(desk, excess_closed=0.5, gross_margin=0.7)

`pricing` finds the deals of the window and what they listed for, `specialists` who can be compared on the same
deal, `model` tells kind, time of the quarter and rep apart, `winning` looks at win rates, and `desk` puts them
together. `holding` and `approval` say what could be done (`break_even` how many deals may be lost over it),
`quote_time` how long customers take. All have their `result`, `tables`, `notices`, `words`, and the headings of
tables in `views`.
"""

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
