"""The whole bookings forecast: it adds up, keeps to the calendar, and says what it cannot know."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest

from salesops_lib import NotEnoughData, ParameterError, wording
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings, words
from salesops_lib.analyses.forecast.scoring import crps_normal
from salesops_lib.dataset import Dataset
from salesops_lib.estimate import Estimate
from tests.analyses.forecast_company import (
    AS_OF,
    company,
    growing,
    opened,
    planted,
    undated_pipeline,
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return growing()


@pytest.fixture(scope="module")
def made(tables: dict[str, pd.DataFrame]) -> BookingsForecast:
    return forecast_bookings(opened(tables), as_of=AS_OF, draws=300)


# -- identities ---------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["mean", "pipeline", "series", "so_far"])
def test_parts_sum_to_their_whole_to_the_cent(made: BookingsForecast, column: str) -> None:
    for table, when in ((made.forecast, ["ds"]), (made.totals, ["period"])):
        below = table[table["parent"] != ""].groupby(["parent", *when])[column].sum()
        whole = table.set_index(["unique_id", *when])[column]
        assert len(below) > 10
        np.testing.assert_allclose(below, whole.reindex(below.index), atol=0.005)


def test_months_sum_to_quarters_but_their_limits_do_not(made: BookingsForecast) -> None:
    month = company(made.forecast).set_index("ds").loc["2026-10":"2026-12"]
    quarter = company(made.totals).set_index("period").loc["2026-Q4"]
    assert month["mean"].sum() == pytest.approx(quarter["mean"])
    low, high = made.limits
    assert quarter[low] > month[low].sum()
    assert quarter[high] < month[high].sum()


def test_the_waterfall_adds_up(made: BookingsForecast) -> None:
    level = 0.0
    for step in made.waterfall.itertuples():
        if step.kind == "total":
            assert level in (0.0, pytest.approx(step.value, abs=0.01))
            level = step.value
        else:
            level += step.value
    quarter = company(made.totals).set_index("period").loc["2026-Q4", "mean"]
    assert level == pytest.approx(quarter, abs=0.01)


def test_currency_scale_carries_through(tables: dict[str, pd.DataFrame]) -> None:
    factor = 0.92  # dollars told in euros: deals stay with their likes
    other = {
        **tables,
        "deals": tables["deals"].assign(amount=tables["deals"]["amount"] * factor),
        "stage_changes": tables["stage_changes"].assign(
            amount=tables["stage_changes"]["amount"] * factor
        ),
    }
    one, two = (
        forecast_bookings(opened(t), as_of=AS_OF, horizon=3, draws=200) for t in (tables, other)
    )
    for column in ("mean", "lo-90", "hi-90"):
        np.testing.assert_allclose(two.totals[column], one.totals[column] * factor, rtol=1e-8)


def test_row_order_changes_nothing(tables: dict[str, pd.DataFrame], made: BookingsForecast) -> None:
    mixed = {name: frame.sample(frac=1.0, random_state=1) for name, frame in tables.items()}
    again = forecast_bookings(opened(mixed), as_of=AS_OF, draws=300)
    np.testing.assert_allclose(again.forecast["mean"], made.forecast["mean"], rtol=1e-9)


def test_the_same_seed_gives_the_same_and_inputs_stay(tables: dict[str, pd.DataFrame]) -> None:
    dataset = opened(tables)
    before = dataset.deals()
    one, two = (forecast_bookings(dataset, as_of=AS_OF, horizon=3, draws=100, rng=7) for _ in "ab")
    pd.testing.assert_frame_equal(one.totals, two.totals)
    pd.testing.assert_frame_equal(dataset.deals(), before)


def test_nothing_later_than_the_day_is_used(tables: dict[str, pd.DataFrame]) -> None:
    """With the future in the tables or cut off, the forecast is the same."""
    deals = tables["deals"]
    known = deals[deals["created_date"] <= AS_OF].copy()
    later = known["close_date"] > AS_OF
    known.loc[later, "status"] = "open"
    known.loc[later, "close_date"] = pd.NaT
    changes = tables["stage_changes"]
    cut = {
        **tables,
        "deals": known,
        "stage_changes": changes[changes["changed_at"] <= AS_OF],
    }
    # The last day of the cut tables may fall short of the month's end: it is named.
    one = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    two = forecast_bookings(opened(cut), as_of=AS_OF, horizon=3, draws=100)
    np.testing.assert_allclose(one.totals["mean"], two.totals["mean"], rtol=1e-9)


# -- the calendar -------------------------------------------------------------------------------


def test_a_running_month_is_forecast_for_its_rest(tables: dict[str, pd.DataFrame]) -> None:
    """On the 17th of September the quarter holds what is booked and the rest of one month; a naive
    reading takes the half month for a crash."""
    day = pd.Timestamp("2026-09-17")
    made = forecast_bookings(opened(tables), as_of=day, horizon=6, draws=300)
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= day)]
    booked = won.loc[won["close_date"] >= "2026-07-01", "amount"].sum()
    running = company(made.totals).set_index("period").loc["2026-Q3"]
    assert running["so_far"] == pytest.approx(booked)
    month = company(made.forecast).set_index("ds").loc["2026-09-01"]
    assert month["mean"] - month["so_far"] == pytest.approx(running["mean"] - booked)
    whole = company(made.forecast).set_index("ds").loc["2026-10-01", "mean"]
    assert 0.15 * whole < month["mean"] - month["so_far"] < 0.85 * whole
    # Thirteen days of thirty are left, in each view.
    for view in ("series", "pipeline"):
        later = company(made.forecast).set_index("ds").loc["2026-10-01", view]
        assert 0.2 * later < month[view] - month["so_far"] < 0.75 * later
    low, high = made.limits
    assert booked <= running[low] < running[high]
    assert made.quarter == "2026-Q4"
    assert "bookings_this_quarter" in [one.name for one in made.findings]
    assert any("not over" in text for text in made.notices)


def test_data_that_end_early_are_no_crash(tables: dict[str, pd.DataFrame]) -> None:
    """Asked for the end of November with data to September: the forecast starts in October."""
    deals = tables["deals"]
    past = {
        "reps": tables["reps"],
        "deals": deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)].drop(
            columns="created_date"
        ),
    }
    made = forecast_bookings(opened(past), as_of="2026-11-30", horizon=6, draws=100)
    assert made.as_of == AS_OF
    assert made.forecast["ds"].min() == pd.Timestamp("2026-10-01")
    assert company(made.forecast)["mean"].min() > 0
    assert any("end on 2026-09-30" in text for text in made.notices)


def test_a_few_quiet_days_before_the_month_ends_are_not_a_running_month(
    tables: dict[str, pd.DataFrame],
) -> None:
    """Nothing was won on the last days of September, no longer than it happens now and then; a
    silence of two weeks is another matter."""
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= "2026-09-29")]
    quiet = {"reps": tables["reps"], "deals": won.drop(columns="created_date")}
    dataset = opened(quiet)
    made = forecast_bookings(dataset, as_of=AS_OF, horizon=3, draws=100)
    assert made.as_of == AS_OF
    # The month that the forecast takes for over is one for rep-months and the deal desk, too.
    assert dataset.as_of(AS_OF).partial_month is None and dataset.partial_month is None
    won = won[won["close_date"] <= "2026-09-15"]
    dataset = opened({**quiet, "deals": won})
    made = forecast_bookings(dataset, as_of=AS_OF, horizon=3, draws=100)
    assert made.as_of < pd.Timestamp("2026-09-16")
    assert dataset.as_of(AS_OF).partial_month == pd.Timestamp("2026-09-01")


@pytest.mark.parametrize("horizon", [1, 2, 3, 5, 14])
def test_every_horizon_has_its_coming_period(tables: dict[str, pd.DataFrame], horizon: int) -> None:
    made = forecast_bookings(opened(tables), as_of="2026-08-31", horizon=horizon, draws=100)
    months = company(made.forecast)
    assert len(months) == horizon
    estimate = made.finding("bookings_next_quarter").estimate
    wanted = months[months["ds"].between("2026-10-01", "2026-12-31")] if horizon > 3 else months
    assert estimate.value == pytest.approx(wanted["mean"].sum())
    names = [one.name for one in made.findings]
    assert ("bookings_next_year" in names) == (horizon >= 12)


# -- the record ---------------------------------------------------------------------------------


def test_the_backtest_scores_every_method_on_the_same_origins(made: BookingsForecast) -> None:
    table = made.accuracy[made.accuracy["level"] == "total"].set_index("method")
    assert {"forecast", "same quarter last year", "last year's growth"} <= set(table.index)
    assert (table["n"] == table["n"].iloc[0]).all()
    one = company(made.backtest).dropna(subset=["forecast", "series", "seasonal_naive"])
    error = one["seasonal_naive"] - one["y"]
    expected = 100 * np.mean(2 * np.abs(error) / (one["y"] + one["seasonal_naive"]))
    assert table.loc["same quarter last year", "smape"] == pytest.approx(expected)
    assert table.loc["same quarter last year", "bias"] == pytest.approx(
        error.sum() / one["y"].sum()
    )


@pytest.mark.parametrize("months", [9, 19, 30, 34])
def test_one_number_of_past_forecasts_everywhere(months: int) -> None:
    """What the figure draws, the table counts, findings rest on and notices name."""
    tables = planted(4, months=months).tables
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    one = company(made.backtest)
    assert one[["forecast", "y"]].notna().all(axis=None)
    n = len(one)
    table = made.accuracy[made.accuracy["level"] == "total"]
    assert n > 0 and (table["n"] == n).all()
    assert made.finding("bookings_next_quarter").estimate.n == n
    said = [text for text in made.notices if "could be tested on" in text]
    assert (f"on {n} past" in said[0]) if n < 9 else not said
    alone = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, origins=0)
    assert alone.backtest.empty and not any("too short to test" in one for one in alone.notices)


def test_last_time_is_the_latest_whole_quarter(
    made: BookingsForecast, tables: dict[str, pd.DataFrame]
) -> None:
    deals = tables["deals"]
    won = deals[deals["status"] == "won"]
    came = won.loc[won["close_date"].between("2026-07-01", "2026-09-30"), "amount"].sum()
    row = company(made.backtest).set_index("cutoff").loc["2026-06-30"]
    assert row["y"] == pytest.approx(came)
    error = made.finding("last_forecast_error").estimate
    assert error.value == pytest.approx(row["forecast"] / came - 1)
    # Its limits are the forecast's, against what came as well.
    low, high = (row[one] / came - 1 for one in made.limits)
    assert (error.low, error.high) == pytest.approx((low, high))
    assert low < error.value < high


def test_crps_of_a_standard_normal_at_zero() -> None:
    """.2336950 (Gneiting & Raftery 2007, eq. 21)."""
    zero, one = np.zeros(1), np.ones(1)
    assert crps_normal(zero, zero, one)[0] == pytest.approx(0.2336950, abs=5e-8)


def test_the_result_is_json(made: BookingsForecast) -> None:
    body = json.loads(json.dumps(made.to_dict()))
    assert body["findings"][0]["name"] == "bookings_next_quarter"
    assert body["findings"][0]["target"]["start"] == "2026-10-01"
    assert "ahead" not in body


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"horizon": 0}, "horizon == 0"),
        ({"horizon": "x"}, "horizon == 'x'"),
        ({"horizon": 2.5}, "horizon == 2.5"),
        ({"horizon": 37}, "horizon == 37"),
        ({"confidence": 1.5}, "confidence == 1.5"),
        ({"draws": 3}, "draws == 3"),
        ({"origins": -1}, "origins == -1"),
        ({"by": ["planet"]}, "planet"),
        ({"focus": "Atlantis"}, "Atlantis"),
        ({"as_of": "not a day"}, "not a day"),
    ],
)
def test_options_out_of_range_are_named(
    tables: dict[str, pd.DataFrame], options: dict[str, object], said: str
) -> None:
    with pytest.raises(ParameterError, match=said):
        forecast_bookings(opened(tables), **options)  # type: ignore[arg-type]


def test_nothing_won_is_not_enough(tables: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(NotEnoughData, match="won"):
        forecast_bookings(opened(tables), as_of="2023-12-02", horizon=3)


def test_a_pipeline_view_that_stands_aside_says_how_it_would_have_done() -> None:
    """By hand: the mean of |said − came| ÷ came over the origins that both views have."""
    made = forecast_bookings(undated_pipeline(), as_of=AS_OF, horizon=3, draws=100)
    views = made.ahead.views  # type: ignore[union-attr]
    came = views.actual[3:, 0, 1:4].sum(axis=1)
    off = []
    for one in (views.pipe, views.series):
        error = np.abs(one[3:, 0, 1:4].sum(axis=1) - came) / came
        off.append(error)
    both = ~np.isnan(off[0]) & ~np.isnan(off[1])
    text = next(one for one in made.notices if "how many deals began lately" in one)
    assert f"Tried at {both.sum()} past month ends" in text
    assert f"off by {wording.percent(off[0][both].mean())}, past bookings by " in text
    assert f"by {wording.percent(off[1][both].mean())}." in text


def test_returns_that_outweigh_bookings_are_not_cut_off_at_nothing(
    tables: dict[str, pd.DataFrame],
) -> None:
    """A company of returns only: its middle is below zero, and inside its interval."""
    deals = tables["deals"].assign(amount=-tables["deals"]["amount"])
    stages = tables["stage_changes"].drop(columns="amount")
    made = forecast_bookings(
        opened({**tables, "deals": deals, "stage_changes": stages}), as_of=AS_OF, draws=200
    )
    low, high = made.limits
    mine = company(made.totals)
    assert (mine["mean"] < 0).all()
    assert (mine[low] < mine["mean"]).all() and (mine["mean"] < mine[high]).all()
    past = company(made.backtest)
    assert (past[low] < past["forecast"]).all()


def test_nothing_is_forecast_from_deals_won_for_nothing(tables: dict[str, pd.DataFrame]) -> None:
    won = tables["deals"]["status"] == "won"
    deals = tables["deals"].assign(amount=tables["deals"]["amount"].where(~won, 0.0))
    with pytest.raises(NotEnoughData, match="has the amount 0"):
        forecast_bookings(opened({**tables, "deals": deals}), as_of=AS_OF)


def test_one_deal_that_makes_the_year_is_pointed_out(tables: dict[str, pd.DataFrame]) -> None:
    deals = tables["deals"].copy()
    late = (deals["status"] == "won") & deals["close_date"].between("2026-09-01", AS_OF)
    deals.loc[deals.index[late][0], "amount"] *= 10_000
    made = forecast_bookings(opened({**tables, "deals": deals}), as_of=AS_OF, draws=100)
    assert any(text.startswith("One deal of $") for text in made.notices)
    plain = forecast_bookings(opened(tables), as_of=AS_OF, draws=100)
    assert not any(text.startswith("One deal of $") for text in plain.notices)


def test_quotas_of_unknown_reps_are_pointed_out(tables: dict[str, pd.DataFrame]) -> None:
    quotas = pd.DataFrame({"rep_id": ["R0", "X9"], "month": AS_OF, "quota": 1e5})
    quotas["month"] = quotas["month"].dt.to_period("M").dt.to_timestamp()
    made = forecast_bookings(opened({**tables, "quotas": quotas}), as_of=AS_OF, draws=100)
    assert any(text.startswith("Quotas of 1 rep that the reps table") for text in made.notices)


@pytest.mark.parametrize(("low", "said"), [(0.995, False), (0.9, True)])
def test_a_chance_as_sure_at_both_ends_is_said_once(low: float, said: bool) -> None:
    chance = Estimate(0.999, low, 0.9999, 0.9, "probability")
    text = words.quota_probability(chance, 1e5, "2026-Q4", False, "$")
    assert ("may itself be off" in text) == said


def test_many_times_last_year_is_no_percentage() -> None:
    estimate = Estimate(2.2e8, 0.0, 9e8, 0.9, "money")
    text = words.against_last_year(estimate, 1e6, "$")
    assert "(220 times as much)" in text and "%" not in text
    assert "(+50%)" in words.against_last_year(Estimate(1.5e6, 1e5, 9e6, 0.9, "money"), 1e6, "$")
    # Nobody asks whether what is expected to be less "beats" the year before.
    less = words.against_last_year(Estimate(0.97e6, 9e5, 1.1e6, 0.9, "money"), 1e6, "$")
    assert less.endswith(
        "cannot tell whether that is more than the $1.0M of the same period a year before, or less "
        "(−3.0%)."
    )


# -- a new level ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("factor", "way"), [(0.5, "below"), (1.0, ""), (2.0, "above")])
def test_a_company_at_a_new_level_is_told_that_the_forecast_lags(factor: float, way: str) -> None:
    """Four months ago bookings halved or doubled; before, months scattered by a twentieth."""
    months = pd.date_range(end="2026-09-01", periods=60, freq="MS")
    amount = 1e5 * np.exp(np.random.default_rng(3).normal(0, 0.05, 60))
    amount[-4:] *= factor
    deals = pd.DataFrame(
        {
            "deal_id": [f"D{k}" for k in range(60)],
            "rep_id": [f"R{k % 4}" for k in range(60)],
            "status": "won",
            "amount": amount,
            "close_date": months + pd.Timedelta(days=14),
        }
    )
    made = forecast_bookings(Dataset.from_frames({"deals": deals}), as_of=AS_OF, by=(), draws=100)
    said = [text for text in made.notices if "new level" in text]
    assert len(said) == (way != "")
    assert all(f"all lie {way} what past bookings" in text for text in said)


def test_a_forecast_sent_to_another_process_is_the_same(made: BookingsForecast) -> None:
    """What it draws from for a what-if has no state that could be compared."""
    assert pickle.loads(pickle.dumps(made)) == made
