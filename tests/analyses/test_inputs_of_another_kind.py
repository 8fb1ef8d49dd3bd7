"""What stands where another thing belongs is named: by a user at a notebook it is the commonest slip."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from salesops_lib.analyses.deal_desk import approval_case
from tests.analyses.desk_frames import company
from tests.analyses.own_frames import months


@cache
def curve() -> so.PerformanceCurve:
    return so.performance_curve(months(), samples=0, draws=200)


@cache
def ramp() -> so.RampTime:
    return so.ramp_time(months(), value="bookings")


@pytest.mark.parametrize("given", ["data/sample", None, pd.DataFrame({"rep_id": ["a"]})])
def test_a_forecast_of_what_is_no_dataset(given: Any) -> None:
    """A path gave "'str' object has no attribute 'last_day'"."""
    with pytest.raises(
        so.ParameterError, match=r"^dataset is a .*, must be what load_dataset returns"
    ):
        so.forecast_bookings(given)


def test_results_of_another_analysis() -> None:
    with pytest.raises(
        so.ParameterError, match=r"^curve is a DataFrame, must be what performance_curve"
    ):
        so.moving_the_middle(months())  # type: ignore[arg-type]
    terms: dict[str, Any] = {"hires_per_year": 4, "contribution_per_month": 3e3}
    with pytest.raises(
        so.ParameterError, match=r"^ramp is a PerformanceCurve, must be what ramp_time"
    ):
        so.ramp_cost(curve(), **terms)  # type: ignore[arg-type]
    terms |= {"months_saved": 2, "programme_cost": 5e4}
    with pytest.raises(
        so.ParameterError, match=r"^ramp is a PerformanceCurve, must be what ramp_time"
    ):
        so.training_case(curve(), **terms)  # type: ignore[arg-type]
    for given in (curve(), 5e5):
        with pytest.raises(
            so.ParameterError, match=r"^gap is a \w+, must be what channel_gap returns"
        ):
            so.training_case(ramp(), given, **terms)  # type: ignore[arg-type]


AMOUNTS = (1e4, 2e4, 4e4)


@pytest.mark.parametrize(
    "given",
    [
        [Decimal("1e4"), Decimal("2e4"), Decimal("4e4")],
        pd.Series([Decimal("1e4"), Decimal("2e4"), Decimal("4e4"), None]),
        pd.Series([*AMOUNTS, None], dtype="Float64"),
        pd.Series([10_000, 20_000, 40_000, None], dtype="int64[pyarrow]"),
        np.array(AMOUNTS),
    ],
)
def test_amounts_of_star_deals_as_databases_give_them(given: Any) -> None:
    """Money as Decimal gave "ufunc 'isfinite' not supported for the input types"."""
    known = so.moving_the_middle(curve(), star_deal_value=AMOUNTS).levers
    read = so.moving_the_middle(curve(), star_deal_value=given).levers
    pd.testing.assert_frame_equal(read, known)


def test_amounts_that_are_none_are_named() -> None:
    deals = pd.Series(["1000 €", "2000"], index=["a", "b"])
    with pytest.raises(
        so.DataError, match=r"'star_deal_value': holds cells that are not numbers; rows a\."
    ):
        so.moving_the_middle(curve(), star_deal_value=deals)


def test_families_of_a_frame_and_of_words() -> None:
    with pytest.raises(so.DataError, match=r"not a DataFrame\. Give frame"):
        so.fit_families(months()[["bookings"]], samples=0)  # type: ignore[arg-type]
    with pytest.raises(so.DataError, match=r"not every value is a number; rows 5 €\."):
        so.fit_families([*range(1, 20), "5 €"], samples=0)  # type: ignore[list-item]
    plain = so.fit_families(np.arange(1.0, 20.0), samples=0)
    given = pd.Series([*range(1, 20), None], dtype="Int64")
    pd.testing.assert_frame_equal(so.fit_families(given, samples=0), plain)


def test_one_amount_as_a_column_of_whole_numbers_gives_it() -> None:
    """`deals["amount"].max()` of whole amounts gave "'numpy.int64' object is not iterable"."""
    known = so.moving_the_middle(curve(), star_deal_value=40_000, replacement=30_000).levers
    amount, cost = np.int64(40_000), np.int64(30_000)
    read = so.moving_the_middle(curve(), star_deal_value=amount, replacement=cost).levers  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(read, known)


@pytest.mark.filterwarnings("error")
def test_star_deals_given_away_are_worth_nothing() -> None:
    table = so.moving_the_middle(curve(), star_deal_value=[0.0, 0.0]).levers.set_index("lever")
    assert table.loc["star_deal", ["net", "net_low", "net_high"]].tolist() == [0, 0, 0]


def test_columns_that_are_in_the_index() -> None:
    """After a groupby they are; the columns that there are do not tell where they went."""
    rows = months()
    indexed = rows.set_index(["rep_id", "month"])
    both = r"They are in the index of the frame: give frame.reset_index\(\)"
    with pytest.raises(so.DataError, match=rf"'rep_id' and 'month'.*{both}"):
        so.performance_curve(indexed)
    one = "It is in the index of the frame"
    for ask in (
        lambda: so.channel_gap(indexed, outcome="bookings", a="EU", b="US"),
        lambda: so.ramp_time(indexed, value="bookings"),
        lambda: so.selling_time(indexed),
        lambda: so.deal_desk(pd.DataFrame({"rep_id": ["a"]}).set_index("rep_id")),
    ):
        with pytest.raises(so.DataError, match=one):
            ask()
    with pytest.raises(so.DataError, match=r"no column 'sales'.*There are: rep_id, month, channel"):
        so.performance_curve(rows, value="sales")


@pytest.mark.parametrize("given", [months(), None, 7, {"deals": months()}])
def test_a_dataset_of_what_is_no_path(given: Any) -> None:
    """ "expected str, bytes or os.PathLike object, not DataFrame"."""
    with pytest.raises(so.DataError, match=r"is no path to load .* by Dataset\.from_frames"):
        so.load_dataset(given)


def test_tables_by_their_index() -> None:
    """Deals are often indexed by their day, which went: every won deal was set aside as having none."""
    days = pd.date_range("2026-01-05", periods=60, freq="3D")
    deals = pd.DataFrame({
        "deal_id": [f"D{at}" for at in range(60)], "rep_id": ["A", "B", "C"] * 20, "status": "won",
        "amount": np.arange(60) + 100.0, "close_date": days,
    })  # fmt: skip
    quotas = pd.DataFrame({
        "rep_id": ["A", "B", "C"], "month": pd.Timestamp("2026-02-01"), "quota": 900.0,
    })  # fmt: skip
    plain = so.Dataset.from_frames({"deals": deals, "quotas": quotas})
    named = so.Dataset.from_frames({
        "deals": deals.set_index("close_date"), "quotas": quotas.set_index(["rep_id", "month"]),
    })  # fmt: skip
    pd.testing.assert_frame_equal(named.deals(), plain.deals(), check_like=True)
    pd.testing.assert_frame_equal(named.quotas(), plain.quotas(), check_like=True)
    # Neither what the table does not know is one of its columns, nor what it has already.
    more = so.Dataset.from_frames({"deals": deals.set_index(deals["deal_id"].rename("ID") + "x"),
                                   "quotas": quotas.rename_axis("row")})  # fmt: skip
    assert list(more.deals()) == list(plain.deals())
    assert list(more.quotas()) == list(plain.quotas())


def test_frames_in_place_of_results() -> None:
    """ "'DataFrame' object has no attribute 'model'"."""
    for ask, wanted in (
        (so.hold_prices, "desk is a DataFrame, must be what deal_desk returns"),
        (approval_case, "desk is a DataFrame, must be what deal_desk returns"),
        (so.freed_hours, "times is a DataFrame, must be what selling_time returns"),
    ):
        with pytest.raises(so.ParameterError, match=wanted):
            ask(months())  # type: ignore[operator]


def test_one_column_in_two_parts_of_the_deal_desk() -> None:
    """With the amount as its own list amount, customers paid list prices and nothing was given away."""
    deals = company()
    for parts in ({"list_amount": "amount"}, {"product": "rep_id"}, {"segment": "product"}):
        with pytest.raises(so.ParameterError, match=r"are both '.*'; name two columns"):
            so.deal_desk(deals, **parts)
    assert so.deal_desk(deals, product=None, segment=None).paid_year > 0
    for given in (1.5, "12", None):
        with pytest.raises(
            so.ParameterError, match=r"quarter_end_month == .* must be from 1 to|whole"
        ):
            so.deal_desk(deals, quarter_end_month=given)
    desk = so.deal_desk(deals)
    for wrong in ("0.2", None, 20):
        with pytest.raises(so.ParameterError, match=r"threshold == .*, must be from 0 to below 1"):
            approval_case(desk, threshold=wrong)
    with pytest.raises(so.ParameterError, match="approval_cost == '40'"):
        approval_case(desk, approval_cost="40")
