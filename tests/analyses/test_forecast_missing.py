"""What a bookings forecast says where the data do not hold what it would need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_bookings
from tests.analyses.forecast_company import (
    AS_OF,
    company,
    growing,
    opened,
    planted,
    undated_pipeline,
    with_quotas,
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return growing()


def test_without_stage_history_it_says_what_is_lost(tables: dict[str, pd.DataFrame]) -> None:
    less = {name: frame for name, frame in tables.items() if name != "stage_changes"}
    made = forecast_bookings(opened(less), as_of=AS_OF, horizon=3, draws=100)
    assert made.methods == "pipeline and series"
    assert any("no history of stages" in text for text in made.notices)
    assert set(made.chances["stage"]) == {"any stage"}


def test_won_orders_only_give_a_run_rate() -> None:
    tables = with_quotas(planted(4, months=40, season=0.2, growth=0.1), 120_000.0)
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    orders = {**tables, "deals": won.drop(columns="created_date")}
    orders.pop("stage_changes")
    made = forecast_bookings(opened(orders), as_of=AS_OF, draws=200)
    assert made.methods == "series"
    assert made.pipeline.empty and made.waterfall.empty
    assert any("no open deals" in text for text in made.notices)
    names = [one.name for one in made.findings]
    assert "pipeline_expected" not in names and "coverage_needed" not in names
    estimate = made.finding("bookings_next_quarter").estimate
    assert estimate.low < estimate.value < estimate.high
    assert 0 <= made.finding("quota_probability").estimate.value <= 1


def test_open_deals_without_a_date_make_the_pipeline_view_stand_aside() -> None:
    """A CRM that dates deals late shows hardly any recent ones: no sign that nothing began."""
    made = forecast_bookings(undated_pipeline(), as_of=AS_OF, horizon=3, draws=100)
    assert made.methods == "series"
    assert (made.forecast["weight"] == 0).all()
    assert len(made.waterfall) > 0
    assert any("how many deals began lately is not known" in text for text in made.notices)


def test_a_short_history_carries_the_run_rate_and_says_so() -> None:
    world = planted(7, months=5, ahead=0)
    made = forecast_bookings(opened(world.tables), as_of=AS_OF, horizon=12, draws=100)
    said = made.finding("bookings_next_quarter")
    assert np.isnan(said.estimate.low)
    assert "too few past forecasts" in said.sentence
    assert "%" not in said.sentence
    # Growth and season cannot be told apart within a first year: no trend runs away.
    ahead, past = company(made.forecast)["mean"], company(made.history)["y"]
    assert ahead.std() < 0.05 * ahead.mean()
    assert past.min() < ahead.mean() < past.max()
    assert any("carried forward" in text for text in made.notices)


@pytest.mark.parametrize("months", [9, 22, 30, 40])
def test_no_commit_where_no_interval_can_be_supported(months: int) -> None:
    """Nine months of orders: four past quarters, overlapping, would 'support' an 80% interval whose
    limits are the largest of four errors. Commit and best case are given together with the
    interval or not at all, and a notice says why not."""
    deals = planted(7, months=months, ahead=0).tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    tables = {"reps": planted(7).tables["reps"], "deals": won.drop(columns="created_date")}
    made = forecast_bookings(opened(tables), as_of=AS_OF, draws=100)
    low, high = made.limits
    for table in (made.totals, made.forecast):
        for column in ("lo-80", "hi-80", high):
            assert (table[column].isna() == table[low].isna()).all()
    assert (made.totals["commit"].isna() == made.totals[low].isna()).all()
    mine = company(made.totals)
    said = [text for text in made.notices if text.startswith("Commit and best case")]
    assert len(said) == (1 if mine["commit"].isna().any() else 0)
    # A company keeps past its second year the past forecasts that it had in it.
    short = months == 9
    assert mine["commit"].isna().all() == short
    if short:
        assert said[0].startswith("Commit and best case are left out")
        # No band of a month either, which would look like knowledge that the quarter lacks.
        assert company(made.forecast)[low].isna().all()
        assert not made.known
        assert any("too few to say how far off" in text for text in made.notices)
        assert not any("how wide its interval" in text for text in made.notices)


def test_an_interval_that_is_asked_too_wide_is_replaced_by_the_one_there_is() -> None:
    """Past errors enough for 80%, too few for 99.5%: the sentence says so and gives the 80%."""
    deals = planted(7, months=40, ahead=0).tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    tables = {"reps": planted(7).tables["reps"], "deals": won.drop(columns="created_date")}
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, confidence=0.995)
    found = made.finding("bookings_next_quarter")
    assert np.isnan(found.estimate.low)
    assert "for a 99.5% interval, the 80% interval $" in found.sentence
    assert company(made.totals)["commit"].notna().all()


def test_no_last_year_where_there_was_none() -> None:
    """Ten months of history hold no 'same quarter last year', and 20 months no growth over it."""
    for months, naive, growth in ((10, False, False), (20, True, False), (34, True, True)):
        deals = planted(7, months=months, ahead=0).tables["deals"]
        won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
        tables = {"reps": planted(7).tables["reps"], "deals": won.drop(columns="created_date")}
        made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
        assert company(made.backtest)["seasonal_naive"].notna().any() == naive
        assert company(made.backtest)["last_years_growth"].notna().any() == growth
        methods = set(made.accuracy["method"])
        assert ("same quarter last year" in methods) == naive
        assert ("last year's growth" in methods) == growth
        # Something that costs nothing to compare with there always is, and a scale.
        assert ("the three months before" in methods) != naive
        assert np.isfinite(made.accuracy[["mase", "rmsse"]]).all(axis=None)


def test_the_three_months_before_by_hand() -> None:
    deals = planted(7, months=10, ahead=0).tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    tables = {"reps": planted(7).tables["reps"], "deals": won.drop(columns="created_date")}
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    row = company(made.backtest).set_index("cutoff").loc["2026-06-30"]
    month = won.groupby(won["close_date"].dt.to_period("M"))["amount"].sum()
    assert row["months_before"] == pytest.approx(month["2026-04":"2026-06"].sum())
    sums = month.rolling(3).sum()
    change = (sums - sums.shift(3))[:"2026-06"].abs().mean()
    past = company(made.backtest).set_index("cutoff")
    scale = [(sums - sums.shift(3))[: at.to_period("M")].abs().mean() for at in past.index]
    assert change in scale
    mase = made.accuracy.set_index(["level", "method"])["mase"]
    assert mase["total", "the three months before"] == pytest.approx(
        ((past["months_before"] - past["y"]).abs() / scale).mean()
    )


def test_a_young_pipeline_gives_limits_when_the_notice_says() -> None:
    """Six months of deals: with seven there are a commit and a best case, and nobody need wait for fifteen."""
    six, seven = (
        forecast_bookings(
            opened(planted(4, months=months).tables), as_of=AS_OF, horizon=3, draws=100
        )
        for months in (6, 7)
    )
    (said,) = [text for text in six.notices if "complete months of bookings" in text]
    assert "There are 6 complete months of bookings; with 7, or" in said
    assert company(seven.totals)["commit"].notna().all()
    assert not any("are left out" in text for text in seven.notices)


def test_a_chance_is_given_wherever_an_interval_is() -> None:
    """Five months without a deal lead the interval down to nothing: beside it stood that too few past
    forecasts can be checked to give a chance."""
    world = with_quotas(planted(5, months=40), 40_000.0)
    deals = world["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    gone = won["close_date"].between("2026-04-01", "2026-08-31")
    tables = {**world, "deals": won[~gone].drop(columns="created_date")}
    tables.pop("stage_changes")
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=400, by=())
    said = made.finding("bookings_next_quarter").estimate
    assert said.low == 0.0 and said.high > said.value
    assert 0.0 < made.finding("quota_probability").estimate.value < 1.0
