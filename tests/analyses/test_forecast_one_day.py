"""What the forecast makes of deals that all begin on one day, as a move to another CRM writes them."""

from __future__ import annotations

import pandas as pd

from salesops_lib import forecast_bookings
from tests.analyses.forecast_company import AS_OF, opened, planted


def test_a_month_without_open_deals_is_no_fault() -> None:
    """Until the move nothing was ever open, and early past forecasts have no deal to learn from: the
    report failed with a cast error."""
    world = planted(4, months=24)
    deals = world.tables["deals"]
    deals = deals[deals["created_date"] <= AS_OF].copy()
    later = (deals["close_date"] > AS_OF) | deals["close_date"].isna()
    deals.loc[later, "status"], deals.loc[later, "close_date"] = "open", pd.NaT
    moved = AS_OF - pd.DateOffset(months=8)
    deals["created_date"] = deals["created_date"].clip(lower=moved)
    data = opened({"reps": world.tables["reps"], "deals": deals})
    assert forecast_bookings(data, as_of=AS_OF, draws=200).present("bookings_next_quarter")
