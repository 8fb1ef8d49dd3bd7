"""Limits and draws of an outlook: what they rest on, and that one says what the other does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import forecast_bookings, intervals
from salesops_lib.analyses.forecast.blend import heavier, stretch
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.views import Window
from tests.analyses.forecast_company import AS_OF, opened, planted

QUARTER = Window(1, 3)


def _won_only(day: pd.Timestamp, months: int = 40) -> Outlook:
    """A company whose export holds won deals only, so that past bookings carry the forecast."""
    world = planted(5, months=months)
    deals = world.tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    tables = opened({"reps": world.tables["reps"], "deals": won})
    made = forecast_bookings(
        tables, as_of=day, horizon=3, draws=4000, by=("region",), origins=2, rng=1
    )
    assert made.ahead is not None and not made.ahead.has_pipeline
    return made.ahead


@pytest.fixture(scope="module")
def of_bookings() -> Outlook:
    return _won_only(AS_OF)


@pytest.fixture(scope="module")
def of_deals() -> Outlook:
    world = planted(5, months=40)
    made = forecast_bookings(
        opened(world.tables), as_of=AS_OF, horizon=3, draws=2000, by=("region",), rng=1
    )
    assert made.ahead is not None and made.ahead.has_pipeline
    return made.ahead


def test_without_a_pipeline_draws_are_as_wide_as_the_interval(of_bookings: Outlook) -> None:
    """One draw in ten lies below the limit that a commit is, one in ten above the best case."""
    drawn = np.quantile(of_bookings.sample(QUARTER), [0.1, 0.9], axis=0)
    assert drawn == pytest.approx(np.array(of_bookings.conformal(QUARTER, 0.8)), rel=0.03)


def test_limits_of_the_running_month_are_those_of_its_rest() -> None:
    """In the middle of a month half of it is booked: limits of what is left lie as many times below and
    above the middle as those of a whole month do, and not around twice as much; and where rests of months
    erred more than that, they reach further (`test_forecast_rests.py`)."""
    ahead = _won_only(pd.Timestamp("2026-09-14"))
    rest, series = Window(0, 0), ahead.views.run_rate
    assert series is not None and series.origins is not None and series.panel is not None
    rows = [series.panel.ids.index(one) for one in ahead.views.nodes["unique_id"]]
    whole = series.origins.mean[0, 0, rows, 0]
    assert (ahead.mean(rest) < 0.7 * whole).all()
    low, high = ahead.scaled(rest, 0.8)
    assert np.sqrt(low * high) == pytest.approx(ahead.mean(rest))
    further = ahead.conformal(rest, 0.8)
    assert (further[0] <= low).all() and (further[1] >= high).all()


def test_a_lower_level_never_reaches_further() -> None:
    """Of 35 past quarters 80% takes the seventh largest error of 34, 90% the third of the latest 29: where
    the five before those were far worse, the seventh is larger, and a commit would lie below the limit
    that must hold more."""
    ahead = _won_only(AS_OF, months=61)
    series = ahead.views.run_rate
    assert series is not None and series.origins is not None
    actual = series.origins.actual.copy()
    actual[32:] *= 10
    origins = dataclasses.replace(series.origins, actual=actual)
    views = dataclasses.replace(ahead.views, run_rate=dataclasses.replace(series, origins=origins))
    bad = dataclasses.replace(ahead, views=views)
    target = intervals.total(origins, 0, 2)
    alone = intervals.limits(target, origins, 0, (0.8, 0.9), pool=False)
    assert (alone.low[0] < alone.low[1]).all() and (alone.high[0] > alone.high[1]).all()
    assert np.array_equal(bad.conformal(QUARTER, 0.8), bad.conformal(QUARTER, 0.9))


def test_draws_of_a_pipeline_are_stretched_as_past_errors_say(of_deals: Outlook) -> None:
    """The draws' own distance from their mean, with the tails of as many errors, times the factor that
    past errors put on it, around the forecast."""
    # A pipeline that thinks itself twice as sure as it is.
    spread = {window: one / 2 for window, one in of_deals.views.spread.items()}
    sure = dataclasses.replace(of_deals, views=dataclasses.replace(of_deals.views, spread=spread))
    factor, freedom = stretch(sure.views, sure.blend.mean, QUARTER)
    own = QUARTER.of(sure.opened) + QUARTER.of(sure.begun)
    away = (own - own.mean(axis=0)) * heavier(sure.tails, freedom)
    drawn = sure.sample(QUARTER)
    assert (factor > 1.2).all()
    assert drawn.mean(axis=0) == pytest.approx(sure.mean(QUARTER), rel=0.005)
    assert drawn.std(axis=0) == pytest.approx(factor * away.std(axis=0), rel=0.02)


def test_the_middle_is_as_sure_as_separate_quarters_make_it(of_deals: Outlook) -> None:
    """Overlapping quarters are no separate ones: of twelve origins four, and the one that is assumed.
    An origin whose quarter is not over, or that had no forecast, tells nothing."""
    sample = of_deals.sample(QUARTER)
    views = of_deals.views
    assert np.isnan(views.actual[:3, 0, 1:4]).any(axis=1).all()
    many = (~np.isnan(views.actual[:, 0, 1:4]).any(axis=1)).sum()
    spread = sample.std(axis=0)
    assert of_deals.error_of_centre(sample) == pytest.approx(spread / np.sqrt(many / 3 + 1))
    mean = of_deals.blend.mean.copy()
    mean[-4:] = np.nan
    fewer = dataclasses.replace(of_deals, blend=dataclasses.replace(of_deals.blend, mean=mean))
    assert fewer.error_of_centre(sample) == pytest.approx(spread / np.sqrt((many - 4) / 3 + 1))
