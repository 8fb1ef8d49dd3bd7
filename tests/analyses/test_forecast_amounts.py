"""Amounts that differ by the month of the year: planted, absent, and not mistaken for anything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import (
    creation,
    forecast_bookings,
    hazards,
    notice_words,
    pipeline,
)
from salesops_lib.analyses.forecast.amounts import Season, Seasons, read_amounts
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.analyses.forecast.pipeline import PipelineView
from salesops_lib.estimate import Estimate
from tests.analyses.forecast_company import AS_OF, clockwork, opened, planted

SWING = np.sin(2 * np.pi * np.arange(12) / 12)


def seasons_of(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp = AS_OF) -> Seasons:
    history = read_history(opened(tables).as_of(as_of), as_of=as_of, by=())
    return read_amounts(history, len(history.snaps) - 1).seasons


def view_of(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp = AS_OF) -> PipelineView:
    history = read_history(opened(tables).as_of(as_of), as_of=as_of, by=())
    counts, groups = hazards.count(history, 3), creation.cohorts(history)
    return pipeline.view(history, counts, groups, len(history.snaps) - 1, 3)


def test_months_of_small_amounts_are_found() -> None:
    """Deals of one stated amount, won for up to 30% more and less of it: without scatter the months of
    three years are read exactly, those of the amounts and those of what was stated."""
    world = planted(1, months=36, deals_a_month=120, amount_sd=0.0, amount_season=0.3)
    found = seasons_of(world.tables)
    for season in (found.typical, found.stated):
        assert season.factor / season.factor.mean() == pytest.approx(1 + 0.3 * SWING, abs=0.02)


@pytest.mark.parametrize("months", [14, 30])
def test_amounts_that_never_change_have_no_season(months: int) -> None:
    found = seasons_of(clockwork(months))
    for season in (found.typical, found.stated):
        assert season.factor == pytest.approx(np.ones(12))
        assert np.abs(season.errors).max() < 1e-6
        assert season.told(np.arange(3), 0.9) is None


def test_a_fall_of_half_a_year_is_no_season() -> None:
    world = planted(5, months=36, deals_a_month=120)
    deals = world.tables["deals"].copy()
    since = AS_OF + pd.Timedelta(days=1) - pd.DateOffset(months=6)
    deals.loc[deals["close_date"] >= since, "amount"] *= 0.5
    found = seasons_of({**world.tables, "deals": deals})
    assert found.stated.factor == pytest.approx(np.ones(12), abs=0.01)
    assert found.typical.told(np.arange(10, 13), 0.9) is None


def test_discounts_at_the_end_of_quarters_are_found_before_a_year_is_twice_seen() -> None:
    world = planted(2, months=20, deals_a_month=120)
    deals = world.tables["deals"].copy()
    last = deals["close_date"].dt.month % 3 == 0
    deals.loc[last & (deals["status"] == "won"), "amount"] *= 0.8
    stated = seasons_of({**world.tables, "deals": deals}).stated.factor
    assert stated[2::3] / stated[0::3] == pytest.approx(np.full(4, 0.8), rel=0.02)
    assert stated[1::3] == pytest.approx(stated[0::3], rel=0.02)


def test_the_quarter_of_small_amounts_is_forecast_as_such() -> None:
    """October to December bring a third less of what is stated. Pipeline's part: the same deals without
    a season, times what is left of their amounts; it was 29% too high without the season."""
    plain = view_of(planted(3, months=36, deals_a_month=120).tables)
    small = view_of(planted(3, months=36, deals_a_month=120, amount_season=0.4).tables)
    left = 1 + 0.4 * SWING[9:12]
    usual = plain.open_money[:, 1:].sum(axis=0)
    # Deals were won at months that weigh a little more or less than the average month.
    assert small.open_money[:, 1:].sum(axis=0) == pytest.approx(usual * left, rel=0.06)
    new = plain.new_money[:, 1:].sum(axis=0)
    assert small.new_money[:, 1:].sum() == pytest.approx((new * left).sum(), rel=0.12)


@pytest.mark.parametrize(("times", "error"), [(1.0, None), (6.0, None), (1.0, 0.3)])
def test_draws_have_the_moments_that_are_reckoned(times: float, error: float | None) -> None:
    """As they are; where new deals bring six times as much; and where seasons are hardly known."""
    seen = view_of(planted(4, months=36, deals_a_month=60, amount_season=0.3).tables)
    assert np.abs(seen.amount_errors).max() > 1e-4
    seen = replace(seen, amount_season=seen.amount_season * np.array([[times], [1.0]]))
    if error is not None:
        seen = replace(seen, amount_errors=np.full((2, 4, 4), error**2))
    window = np.array([[0.0, 1.0, 1.0, 1.0]])
    nodes = np.ones((1, len(seen.new.wins)))
    mean, spread = seen.moments(window, nodes)
    opened_, new = pipeline.draw(seen, 20_000, np.random.default_rng(0))
    total = (opened_ + new)[:, :, 1:].sum(axis=(1, 2))
    assert total.mean() == pytest.approx(mean[0, 0], rel=0.02)
    assert total.std() == pytest.approx(spread[0, 0], rel=0.05)


def test_errors_of_the_season_widen_the_forecast() -> None:
    seen = view_of(planted(4, months=36, deals_a_month=60, amount_season=0.3).tables)
    window, nodes = np.array([[0.0, 1.0, 1.0, 1.0]]), np.ones((1, len(seen.new.wins)))
    _, spread = seen.moments(window, nodes)
    _, without = pipeline_without_doubt(seen).moments(window, nodes)
    money = seen.money.sum(axis=0)
    assert seen.open.stated.all()
    opened_, new = seen.open_money.sum(axis=0), seen.new_money.sum(axis=0)
    by_hand = 0.0
    for part, errors in ((new, seen.amount_errors[0]), (opened_, seen.amount_errors[1])):
        for j in range(1, 4):
            for k in range(1, 4):
                by_hand += part[j] * part[k] * np.expm1(errors[j, k])
    assert money == pytest.approx(opened_ + new)
    assert spread[0, 0] ** 2 - without[0, 0] ** 2 == pytest.approx(by_hand)


def pipeline_without_doubt(seen: PipelineView) -> PipelineView:
    return replace(seen, amount_errors=np.zeros_like(seen.amount_errors))


def test_the_page_says_so_where_it_is_sure() -> None:
    tables = planted(0, months=36, amount_season=0.3).tables
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100)
    said = [one for one in made.notices if "October to December" in one]
    assert len(said) == 1
    assert said[0].startswith("Deals won in October to December usually bring less than in other")
    # And it is not told as a fall besides.
    assert not [one for one in made.notices if "lately" in one]
    plain = forecast_bookings(
        opened(planted(0, months=36).tables), as_of=AS_OF, horizon=3, draws=100
    )
    assert not [one for one in plain.notices if "usually bring" in one]


def test_what_is_told_is_the_mean_of_the_months() -> None:
    """Factors 1.4, 1.2, 1 against a year's mean of 1.05; errors of the months by hand."""
    factor = np.ones(12)
    factor[[0, 1]] = 1.4, 1.2
    season = Season(factor, np.diag(np.full(12, 0.01)))
    told = season.told(np.arange(24, 27), 0.9)
    assert told is not None
    assert told.value == pytest.approx(1.2 / 1.05)
    reach = 1.6449 * np.sqrt(np.expm1(0.01) * (1.4**2 + 1.2**2 + 1)) / 3 / 1.05
    assert told.high - told.value == pytest.approx(reach, rel=1e-4)
    assert season.told(np.arange(3, 6), 0.9) is None  # a twentieth below the mean: no news
    assert Season(factor, np.diag(np.full(12, 0.2))).told(np.arange(3), 0.9) is None  # not sure


def test_words_of_one_month_and_of_a_quarter() -> None:
    more = Estimate(1.2, 1.1, 1.3, 0.9, "share", method="m")
    assert notice_words.amount_season("October", "October", more).startswith(
        "Deals won in October usually bring more than in other months: amounts stand at 120%"
    )
