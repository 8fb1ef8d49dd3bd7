"""The rest of a running month where past bookings alone carry the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import forecast_bookings
from salesops_lib.analyses.forecast import month_rests
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.views import Window
from tests.analyses.forecast_company import opened, planted


def _won(seed: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables of a company whose export holds won deals only, and those deals."""
    world = planted(seed, months=40)
    deals = world.tables["deals"]
    won = deals[deals["status"] == "won"].drop(columns="created_date")
    return {"reps": world.tables["reps"], "deals": won}, won


def test_the_last_days_of_a_month_are_as_unsure_as_past_ones_were() -> None:
    """Nine in ten, planted: of 36 rests of a month, two to six days each, 27 or more lie inside (three
    errors of .05 below nine in ten). With the errors of whole months brought to their size 17 did: two
    days of fifteen deals a month bring none, one or two."""
    held = []
    for seed in range(6):
        tables, won = _won(seed)
        data = opened(tables)
        for day in ("2026-08-28", "2026-07-24"):
            made = forecast_bookings(data, as_of=day, horizon=3, draws=100, by=("region",))
            won_then = won[won["close_date"].dt.to_period("M") == pd.Period(day, freq="M")]
            region = won_then["rep_id"].map(tables["reps"].set_index("rep_id")["region"])
            came = {
                f"company/{name}": one.sum() for name, one in won_then["amount"].groupby(region)
            }
            came["company"] = won_then["amount"].sum()
            now = made.forecast[made.forecast["ds"] == made.forecast["ds"].min()]
            y = now["unique_id"].map(came).fillna(0.0)
            held += ((now["lo-90"] <= y + 0.01) & (y <= now["hi-90"] + 0.01)).tolist()
    assert len(held) == 36
    assert sum(held) >= 27


def test_errors_of_past_rests_by_hand() -> None:
    """100 on the 15th and a last deal on the 20th, of 50 in most months and of 200 in July, so that half of
    the 15th's money is to come, or as months go more. Whole months were forecast 200: errors are
    what came less the share, over 200."""
    rows = [
        (f"{day}-{month}", "R0", "won", money, f"2026-{month:02d}-{day}")
        for month in range(1, 10)
        for day, money in ((15, 100.0), (20, 200.0 if month == 7 else 50.0))
    ]
    deals = pd.DataFrame(rows, columns=["deal_id", "rep_id", "status", "amount", "close_date"])
    deals["close_date"] = pd.to_datetime(deals["close_date"])
    reps = pd.DataFrame({"rep_id": ["R0"], "name": ["Ann"]})
    day = pd.Timestamp("2026-09-15")
    history = read_history(opened({"reps": reps, "deals": deals}).as_of(day), as_of=day, by=())
    whole = np.full((9, 1), 200.0)
    share = month_rests.shares(history, 9)
    found = month_rests.errors(history, np.ones((1, 1)), whole)
    came = np.array([50.0, 200.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0])
    assert found[0] == pytest.approx(np.abs(came - 200 * share[1:]) / 200)
    # Of a month from which nothing was expected there is no size.
    whole[3] = 0.0
    assert np.isnan(month_rests.errors(history, np.ones((1, 1)), whole)[0]).tolist() == [
        k == 2 for k in range(8)
    ]


@pytest.fixture(scope="module")
def inside() -> Outlook:
    made = forecast_bookings(
        opened(_won(5)[0]), as_of="2026-09-24", horizon=3, draws=4000, by=("region",), rng=1
    )
    assert made.ahead is not None and not made.ahead.has_pipeline
    return made.ahead


def test_a_lower_level_of_a_rest_reaches_no_further_and_of_whole_months_is_as_it_was(
    inside: Outlook,
) -> None:
    for window in (Window(0, 0), Window(0, 3)):
        (low, high), (lower, higher) = (inside.conformal(window, one) for one in (0.8, 0.9))
        assert (lower <= low).all() and (low <= inside.mean(window)).all()
        assert (inside.mean(window) <= high).all() and (high <= higher).all()
        assert (lower >= 0).all()
    whole = Window(1, 3)
    assert np.array_equal(inside.conformal(whole, 0.9), inside.scaled(whole, 0.9))


def test_draws_reach_as_far_as_an_interval_that_goes_down_to_nothing(inside: Outlook) -> None:
    """One in ten below the 80% limits and one in ten above, also where no logarithm leads to the lower."""
    rest = Window(0, 0)
    low, high = inside.conformal(rest, 0.8)
    drawn = inside.sample(rest)
    near = 0.05 * float(inside.mean(rest).max())
    assert (low == 0).any()
    assert np.quantile(drawn, 0.9, axis=0) == pytest.approx(high, abs=near)
    assert np.quantile(drawn, 0.1, axis=0) == pytest.approx(low, abs=near)
