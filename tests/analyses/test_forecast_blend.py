"""Two views into one: the weight by hand, and only from outcomes that were known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from salesops_lib.analyses.forecast import blend
from salesops_lib.analyses.forecast.blend import Window
from salesops_lib.analyses.forecast.history import read_history
from tests.analyses.forecast_company import AS_OF, opened, planted
from tests.analyses.test_forecast_bookings import made, tables

__all__ = ["made", "tables"]

CUTS = 9


def views(pipe: float, series: float, actual: float = 100.0) -> Any:
    """One node, nine origins, three months ahead: constant forecasts of each month."""
    there = np.full((CUTS, 1, 4), actual)
    for cut in range(CUTS):
        there[cut, :, cut + 1 :] = np.nan
    there[:, :, 0] = 0.0
    return SimpleNamespace(
        actual=there,
        pipe=np.full((CUTS, 1, 4), pipe),
        series=np.full((CUTS, 1, 4), series),
        gone=np.zeros((CUTS, 1, 4)),
        depth=np.zeros(1, dtype=int),
        leads=3,
        nodes=["company"],
    )


def test_the_weight_by_hand() -> None:
    """Pipeline 10 too high, series 20 too low, always: w·10 − (1 − w)·20 = 0 at two thirds; six
    origins of three months are two separate ones, against four drawn to .85. With the series exact
    and the pipeline off, all weight should go to the series; the other way round to the pipeline."""
    drawn = 4 * 0.85
    assert blend._weight(views(110.0, 80.0), 0, Window(1, 3)) == pytest.approx(
        (2 * 2 / 3 + drawn) / 6
    )
    assert blend._weight(views(110.0, 100.0), 0, Window(1, 3)) == pytest.approx(drawn / 6)
    assert blend._weight(views(100.0, 80.0), 0, Window(1, 3)) == pytest.approx((2 + drawn) / 6)


def test_the_stretch_by_hand() -> None:
    """Errors of twice the spread, at eight origins of one month and six of three: 8 and 2 separate
    errors of square 4, against twelve drawn to 1."""
    seen = views(110.0, 110.0)
    seen.spread = {
        Window(1, 1): np.full((CUTS, 1), 5.0),
        Window(1, 3): np.full((CUTS, 1), 15.0),
    }
    for window, separate in ((Window(1, 1), 8), (Window(1, 3), 2)):
        factor, freedom = blend.stretch(seen, seen.pipe, window)
        assert freedom[0] == pytest.approx(separate + 12)
        assert factor[0] == pytest.approx(np.sqrt((separate * 4 + 12) / (separate + 12)))


def test_limits_are_those_of_students_t() -> None:
    """Quantiles of normal draws made heavier, against the t of Gosset's tables (two-sided 90%):
    1.812 at 10 degrees of freedom, 1.725 at 20, 1.697 at 30."""
    rng = np.random.default_rng(0)
    freedom = np.array([10.0, 20.0, 30.0])
    drawn = rng.standard_normal((400_000, 1)) * blend.heavier(rng.standard_normal(400_000), freedom)
    np.testing.assert_allclose(np.quantile(drawn, 0.95, axis=0), [1.812, 1.725, 1.697], rtol=0.006)


def test_only_outcomes_known_at_the_origin_weigh() -> None:
    """At the origin four months ago, the quarters after the origins seven months ago and before."""
    seen = views(110.0, 100.0)
    before = blend._weight(seen, 4, Window(1, 3))
    seen.actual[:7] = 1e6
    assert blend._weight(seen, 4, Window(1, 3)) == before
    seen.actual[7] = 1e6
    assert blend._weight(seen, 4, Window(1, 3)) != before


def test_nothing_known_leaves_the_prior() -> None:
    assert blend._weight(views(110.0, 100.0), 7, Window(1, 3)) == blend.PRIOR_WEIGHT


def test_the_forecast_is_the_weighted_mean_of_its_views(made) -> None:
    table = made.forecast
    weighted = table["weight"] * table["pipeline"] + (1 - table["weight"]) * table["series"]
    np.testing.assert_allclose(table["mean"], weighted, rtol=1e-9)
    assert (np.abs(table["weight"] - 0.5) > 0.01).any()


def test_the_history_itself_forgets_what_came_later() -> None:
    """Read from the whole tables or from those of the day: the same deals, rows and bookings."""
    dataset = opened(planted(9, months=14, deals_a_month=20).tables)
    whole, then = (read_history(d, as_of=AS_OF) for d in (dataset, dataset.as_of(AS_OF)))
    assert len(whole.created) == len(then.created)
    np.testing.assert_allclose(whole.bookings, then.bookings)
    np.testing.assert_array_equal(whole.rows.deal, then.rows.deal)
    np.testing.assert_array_equal(whole.rows.stage, then.rows.stage)
    np.testing.assert_allclose(whole.rows.amount, then.rows.amount)
    assert whole.close[~whole.won & ~whole.lost].min() > whole.snaps[-1]
