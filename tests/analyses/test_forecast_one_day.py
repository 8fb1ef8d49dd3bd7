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
    moved = AS_OF - pd.DateOffset(months=13)  # less than half of the deals are older
    deals["created_date"] = deals["created_date"].clip(lower=moved)
    data = opened({"reps": world.tables["reps"], "deals": deals})
    assert forecast_bookings(data, as_of=AS_OF, draws=200).present("bookings_next_quarter")


def test_the_day_of_the_move_does_not_say_that_no_deal_begins_any_more() -> None:
    """Every deal, and its history, begins on the day of the move: taken as it stands, deals were 18
    months old, none had begun since, and a year's bookings were forecast at a fraction."""
    world = planted(4, months=36)
    deals = world.tables["deals"]
    deals = deals[deals["created_date"] <= AS_OF].copy()
    later = (deals["close_date"] > AS_OF) | deals["close_date"].isna()
    deals.loc[later, "status"], deals.loc[later, "close_date"] = "open", pd.NaT
    moved = AS_OF - pd.DateOffset(months=18)
    deals["created_date"] = moved
    changes = pd.DataFrame(
        {"deal_id": deals["deal_id"], "changed_at": moved, "stage": "Proposal", "amount": 1.0}
    )
    data = opened({"reps": world.tables["reps"], "deals": deals, "stage_changes": changes})
    made = forecast_bookings(data, as_of=AS_OF, horizon=12, draws=200)
    year = deals[
        (deals["status"] == "won") & (deals["close_date"] > AS_OF - pd.DateOffset(years=1))
    ]
    assert made.finding("bookings_next_year").estimate.value > 0.7 * year["amount"].sum()
    assert not made.present("win_rate", "pipeline_expected")
    n = int((deals["status"] == "open").sum())
    assert any(f"None of {n:,} open deals has a creation date" in one for one in made.notices)
