"""What stands where another thing belongs is named: by a user at a notebook it is the commonest slip."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
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
