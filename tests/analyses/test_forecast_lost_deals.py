"""What the forecast makes of data without lost deals: left out of the export, or open for ever."""

from __future__ import annotations

import pandas as pd

from salesops_lib import forecast_bookings
from salesops_lib.analyses.forecast import BookingsForecast
from tests.analyses.forecast_company import AS_OF, clockwork, opened, planted


def _known(kept: str) -> tuple[BookingsForecast, float]:
    """The forecast of a planted company whose lost deals are told, `left out` or `open` for ever, and
    what it booked in the quarter after."""
    world = planted(4, months=36)
    deals = world.tables["deals"]
    later = (deals["close_date"] > AS_OF) | deals["close_date"].isna()
    won = deals["status"] == "won"
    quarter = won & later & (deals["close_date"] <= AS_OF + pd.DateOffset(months=3))
    came = float(deals.loc[quarter, "amount"].sum())
    deals = deals[deals["created_date"] <= AS_OF].copy()
    later = later.loc[deals.index]
    deals.loc[later, "status"], deals.loc[later, "close_date"] = "open", pd.NaT
    lost = deals["status"] == "lost"
    if kept == "left out":
        deals = deals[~lost]
    elif kept == "open":
        deals.loc[lost, "status"], deals.loc[lost, "close_date"] = "open", pd.NaT
    data = opened({"reps": world.tables["reps"], "deals": deals})
    return forecast_bookings(data, as_of=AS_OF, horizon=12, draws=200), came


def test_a_pipeline_of_which_only_the_winners_stayed_is_not_believed() -> None:
    """Past pipelines held the deals that were won later, today's holds all: a company that books $6M a
    quarter was told $13M, and that its quota was certain."""
    whole, came = _known("told")
    bare, _ = _known("left out")
    expected = {
        name: one.finding("bookings_next_quarter").estimate
        for name, one in (("whole", whole), ("bare", bare))
    }
    assert expected["bare"].value < 1.3 * came
    assert expected["bare"].value < 1.3 * expected["whole"].value
    assert not bare.present("pipeline_expected", "coverage_needed", "win_rate")
    assert bare.waterfall.empty
    assert any("those that were lost look left out" in text for text in bare.notices)
    assert whole.present("pipeline_expected")


def test_deals_that_stay_open_for_ever_are_a_pipeline() -> None:
    """Whoever marks no deal as lost has them all open, in past pipelines too: chances are right."""
    made, came = _known("open")
    assert made.present("pipeline_expected")
    assert 0.5 * came < made.finding("bookings_next_quarter").estimate.value < 1.5 * came
    assert any("counts as open for ever" in text for text in made.notices)


def test_clockwork_without_its_lost_deals() -> None:
    """Of ten deals a month four stay open for ever: the pipeline is one whether or not the lost are told."""
    tables = clockwork()
    deals = tables["deals"]
    made = forecast_bookings(
        opened({**tables, "deals": deals[deals["status"] != "lost"]}), as_of=AS_OF, draws=200
    )
    assert made.present("pipeline_expected")


def test_a_few_deals_forgotten_open_do_not_make_a_pipeline_of_winners_believed() -> None:
    """Whoever deletes lost deals leaves some standing: with a twentieth of the lost still open, today's
    open deals would be taken for nearly sure."""
    world = planted(4, months=36)
    deals = world.tables["deals"]
    deals = deals[deals["created_date"] <= AS_OF].copy()
    later = (deals["close_date"] > AS_OF) | deals["close_date"].isna()
    deals.loc[later, "status"], deals.loc[later, "close_date"] = "open", pd.NaT
    lost = deals.index[deals["status"] == "lost"]
    forgotten = lost[::20]
    deals.loc[forgotten, "status"], deals.loc[forgotten, "close_date"] = "open", pd.NaT
    kept = deals.drop(index=lost.difference(forgotten))
    made = forecast_bookings(opened({"reps": world.tables["reps"], "deals": kept}), as_of=AS_OF)
    assert not made.present("pipeline_expected", "coverage_needed", "win_rate")
    assert any("those that were lost look left out" in text for text in made.notices)
