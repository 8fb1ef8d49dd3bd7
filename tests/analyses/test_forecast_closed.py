"""A region that has closed: the pipeline knows of it at once, past bookings after months."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from tests.analyses.forecast_company import AS_OF, opened, planted

CLOSED = AS_OF - pd.offsets.MonthEnd(2)


@cache
def tables(left_open: int) -> dict[str, pd.DataFrame]:
    """A company whose South begins no deal after July and loses all that is open then, but for so many."""
    world = planted(3, months=36, deals_a_month=120, ahead=0).tables
    reps, deals = world["reps"], world["deals"]
    south = deals["rep_id"].isin(reps.loc[reps["region"] == "South", "rep_id"])
    deals = deals[~(south & (deals["created_date"] > CLOSED))].copy()
    late = deals.index[south[deals.index] & ~(deals["close_date"] <= CLOSED)]
    lost = late[left_open:]
    deals.loc[lost, ["status", "close_date"]] = ["lost", CLOSED]
    deals.loc[late[:left_open], ["status", "close_date"]] = ["open", pd.NaT]
    return {"reps": reps, "deals": deals}


@cache
def made(left_open: int) -> BookingsForecast:
    return forecast_bookings(
        opened(tables(left_open)), as_of=AS_OF, horizon=12, by=("region",), draws=200
    )


def test_it_is_forecast_to_book_nothing() -> None:
    """It was forecast at the weight of past bookings, $69K to $69K in the quarter, and the company with it."""
    found = made(0).forecast.set_index(["unique_id", "ds"])["mean"]
    assert (found["company/South"] == 0).all() and (found["company/North"] > 0).all()
    pd.testing.assert_series_equal(
        found["company"], found["company/North"], check_names=False, rtol=1e-12
    )
    south = made(0).totals.set_index("unique_id").loc["company/South"]
    ahead = south[south["kind"] == "quarter"]
    assert (ahead[["lo-90", "mean", "hi-90"]] == 0).all(axis=None)
    # As past bookings alone would have it, so that both can be compared.
    assert (made(0).forecast.set_index("unique_id").loc["company/South", "series"] > 0).any()


def test_a_deal_that_is_still_open_may_be_won() -> None:
    found = made(1).forecast.set_index("unique_id").loc["company/South", "mean"]
    assert found.iloc[0] > 0


def test_a_closing_that_was_not_known_then_scores_what_was_said_then() -> None:
    past = made(0).backtest
    past = past[(past["unique_id"] == "company/South") & (past["cutoff"] <= CLOSED)]
    assert len(past) and (past["forecast"] > 0).all()


@pytest.mark.parametrize(("left_open", "said"), [(0, 1), (1, 0)])
def test_it_is_said(left_open: int, said: int) -> None:
    """Data that come late look the same."""
    told = [one for one in made(left_open).notices if "forecast to book nothing" in one]
    assert len(told) == said
    if said:
        assert told[0].startswith("1 region has begun no deal for two months or more")
        assert "South" not in told[0]
