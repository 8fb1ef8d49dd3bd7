"""How past forecasts are scored: by hand, by integral and by plain loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from salesops_lib.analyses.forecast import forecast_bookings, scoring
from salesops_lib.analyses.forecast.blend import spread_of
from salesops_lib.analyses.forecast.outlook import Outlook
from salesops_lib.analyses.forecast.views import Views
from tests.analyses.forecast_company import AS_OF, opened, planted


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (2.0, 3.0), (-1.0, 0.2)])
@pytest.mark.parametrize("came", [-3.0, 0.0, 2.5])
def test_crps_is_its_integral(came: float, mean: float, spread: float) -> None:
    """The squared distance of the forecast's distribution from the step at what came."""
    x = np.linspace(-30, 30, 600_001)
    by_hand = np.sum((norm.cdf(x, mean, spread) - (x >= came)) ** 2) * (x[1] - x[0])
    found = scoring.crps_normal(np.array([came]), np.array([mean]), np.array([spread]))
    assert found[0] == pytest.approx(by_hand, abs=2e-4)


def test_crps_of_a_point_is_its_error() -> None:
    found = scoring.crps_normal(np.array([3.0, 1.0]), np.array([1.0, 1.0]), np.zeros(2))
    assert found.tolist() == [2.0, 0.0]


def past(**columns: list[float]) -> pd.DataFrame:
    """Four past origins of a company, of which nothing but `columns` is known."""
    table = pd.DataFrame({name: np.full(4, np.nan) for name in scoring.METHODS})
    table = table.assign(level="total", cutoff=pd.date_range("2026-01-31", periods=4, freq="ME"))
    more = {"spread": np.nan, "pipeline_spread": np.nan, "scale": 10.0, "scale_square": 20.0}
    return table.assign(**more).assign(**columns)


LIMITS = {"lo-90": [90.0, 90.0, np.nan, 90.0], "hi-90": [110.0, 110.0, np.nan, 100.0]}


def test_scores_of_four_origins_by_hand() -> None:
    """100, 120, 90 and 100 came. Errors of the forecast 0, −20, 10 and 0, of last year 10, −10, 0, −20;
    the mean change is 10, the root mean square one 20. Of three intervals given two held."""
    table = past(
        y=[100.0, 120.0, 90.0, 100.0],
        forecast=[100.0, 100.0, 100.0, 100.0],
        seasonal_naive=[110.0, 110.0, 90.0, 80.0],
        spread=[0.0, 10.0, 10.0, 0.0],
        **LIMITS,
    )
    found = scoring.accuracy(table, 0.9).set_index("method")
    assert found.index.tolist() == ["forecast", "same quarter last year"]
    assert (found["n"] == 4).all()
    assert found["mase"].tolist() == pytest.approx([30 / 40, 40 / 40])
    square = np.array([400 + 100, 100 + 100 + 400])
    assert found["rmsse"].tolist() == pytest.approx(np.sqrt(square / 4) / 20)
    half = [(20 / 110 + 10 / 95) / 4, (10 / 105 + 10 / 115 + 20 / 90) / 4]
    assert found["smape"].tolist() == pytest.approx(100 * np.array(half))
    assert found["bias"].tolist() == pytest.approx([-10 / 410, -20 / 410])
    two = scoring.crps_normal(np.array([120.0, 90.0]), np.full(2, 100.0), np.full(2, 10.0))
    assert found["crps"].tolist() == pytest.approx([two.sum() / 40, 40 / 40])
    assert found["coverage"].tolist() == pytest.approx([2 / 3, np.nan], nan_ok=True)


def test_origins_that_a_method_lacks_are_nobodys() -> None:
    """Last year is unknown at the first: both are scored on the other three, intervals on all. Reps'
    dates, which hardly any CRM holds, leave out none."""
    table = past(
        y=[100.0, 120.0, 90.0, 100.0],
        forecast=[500.0, 100.0, 100.0, 100.0],
        seasonal_naive=[np.nan, 110.0, 90.0, 80.0],
        rep_dates=[np.nan, np.nan, 95.0, np.nan],
        **LIMITS,
    )
    found = scoring.accuracy(table, 0.9).set_index("method")
    assert found["n"].tolist() == [3, 3, 1]
    assert found["mase"].tolist() == pytest.approx([30 / 30, 30 / 30, 5 / 10])
    assert found["bias"].tolist() == pytest.approx([-10 / 310, -30 / 310, 5 / 90])
    assert found.loc["forecast", "coverage"] == pytest.approx(2 / 3)
    assert scoring.accuracy(table.iloc[:0], 0.9).empty


def test_which_origins_are_common() -> None:
    """The pipeline forecast three of four; last year only one, no more than a third: it is left out, and
    so the three months before stay. Where last year is known, they go."""
    every = [1.0, 1.0, 1.0, 1.0]
    table = past(
        y=every, forecast=every, pipeline=[np.nan, 1.0, 1.0, 1.0], months_before=every,
        seasonal_naive=[1.0, np.nan, np.nan, np.nan], rep_commits=[1.0, 1.0, np.nan, np.nan],
    )  # fmt: skip
    kept = scoring._same_origins(table)
    assert kept["cutoff"].tolist() == table["cutoff"].tolist()[1:]
    assert kept.index.tolist() == [0, 1, 2]
    assert kept["seasonal_naive"].isna().all() and kept["months_before"].notna().all()
    assert kept["rep_commits"].notna().tolist() == [True, False, False]
    known = scoring._same_origins(table.assign(seasonal_naive=[1.0, 1.0, np.nan, 1.0]))
    assert known["cutoff"].tolist() == table["cutoff"].tolist()[1::2]
    assert known["months_before"].isna().all() and known["seasonal_naive"].notna().all()
    # What was not forecast, or did not come yet, is no origin.
    none = scoring._same_origins(table.assign(forecast=[1.0, 1.0, 1.0, np.nan]))
    assert none["cutoff"].tolist() == table["cutoff"].tolist()[1:3]


def test_parts_are_kept_at_the_origins_of_the_whole() -> None:
    whole = past(y=[1.0] * 4, forecast=[1.0] * 4, series=[np.nan, 1.0, 1.0, 1.0])
    part = past(y=[1.0] * 4, forecast=[1.0] * 4, series=[1.0] * 4).assign(level="team")
    kept = scoring._same_origins(pd.concat([whole, part], ignore_index=True))
    assert kept.groupby("level")["cutoff"].min().eq(pd.Timestamp("2026-02-28")).all()
    assert len(kept) == 6


@pytest.fixture(scope="module")
def ahead() -> Outlook:
    made = forecast_bookings(
        opened(planted(8, months=24).tables), as_of=AS_OF, horizon=3, draws=100, by=("region",)
    )
    assert made.ahead is not None
    return made.ahead


@pytest.fixture(scope="module")
def views(ahead: Outlook) -> Views:
    return ahead.views


def test_changes_are_those_of_a_plain_loop(views: Views) -> None:
    """Of sums of three months against a year before, in short histories the three months before."""
    history = views.history
    for origin in (len(history.snaps) - 1, 15, 13, 9, 5, 4):
        months = int(history.months[origin]) - history.first_month + 1
        absolute, square = scoring._change(views, origin)
        before = scoring._before(views, origin)
        for node, leaves in enumerate(views.summing):
            y = [float(leaves @ history.bookings[:, m]) for m in range(months)]
            lag = 12 if months >= 15 else 3
            sums = [sum(y[m : m + 3]) for m in range(months - 2)]
            change = [late - early for early, late in zip(sums, sums[lag:], strict=False)]
            assert before[node] == pytest.approx(sums[-1] if sums else np.nan, nan_ok=True)
            if not change:
                assert np.isnan([absolute[node], square[node]]).all()
                continue
            assert absolute[node] == pytest.approx(np.mean(np.abs(change)))
            assert square[node] == pytest.approx(np.sqrt(np.mean(np.square(change))))


def test_each_views_error_is_a_share_of_what_came(views: Views) -> None:
    n, pipe, series = scoring.tried(views)
    off: list[tuple[float, float]] = []
    for cut in range(3, len(views.pipe)):
        came, *both = (
            each[cut, 0, 1:4].sum() for each in (views.actual, views.pipe, views.series)
        )  # fmt: skip
        if np.isfinite([came, *both]).all():
            off.append(tuple(abs(one - came) / came for one in both))  # type: ignore[arg-type]
    assert n == len(off) > 5
    assert (pipe, series) == pytest.approx(tuple(np.mean(off, axis=0)))


def test_past_limits_are_those_that_would_have_been_given(ahead: Outlook) -> None:
    """With a pipeline a t interval around the mean, cut off at the least that can come; without, the
    conformal one, of which a normal as wide has the spread that is scored."""
    views, cut = ahead.views, 5
    mean = ahead.blend.mean[cut][:, 1:4].sum(axis=1)
    low, high, spread = scoring._limits(ahead, cut, 0.9)
    assert (views.trusted, scoring.COMING in views.spread) == (True, True)
    wanted, freedom = spread_of(views, ahead.blend.mean, scoring.COMING, cut)
    assert spread == pytest.approx(wanted)
    assert high - mean == pytest.approx(t.ppf(0.95, freedom) * spread)
    assert low == pytest.approx(np.maximum(2 * mean - high, views.least))
    assert (low > views.least).any()
    table = scoring.backtest(ahead, 0.9, origins=12)
    past_five = table[
        table["cutoff"] == np.datetime64("1970-01-01") + views.history.snaps[-1 - cut]
    ]
    assert past_five["hi-90"].tolist() == pytest.approx(high)
    assert past_five["pipeline_spread"].tolist() == pytest.approx(views.spread[scoring.COMING][cut])
    without = replace(ahead, views=replace(views, today=None))
    low, high, spread = scoring._limits(without, cut, 0.9)
    wanted_low, wanted_high = without.conformal(scoring.COMING, 0.9, cut)
    np.testing.assert_array_equal([low, high], [wanted_low, wanted_high])
    assert np.isfinite(spread).all()
    assert norm.cdf((high - low) / 2 / spread) == pytest.approx(np.full(len(low), 0.95))
    # A view that is not trusted is not judged as a method.
    assert scoring.backtest(without, 0.9, origins=12)["pipeline"].isna().all()


def test_a_part_is_not_judged_before_it_had_a_deal() -> None:
    """Team 0 opened in August: that nothing was forecast of it in June stood in its report as a forecast of
    $0, 100% too low, and its intervals from nothing to nothing in what was held against all teams."""
    tables = planted(8, months=24).tables
    mine = tables["reps"].loc[tables["reps"]["team"] == "Team 0", "rep_id"]
    deals = tables["deals"]
    tables["deals"] = deals[~deals["rep_id"].isin(mine) | (deals["created_date"] >= "2026-08-01")]
    kept = tables["stage_changes"]["deal_id"].isin(tables["deals"]["deal_id"])
    tables["stage_changes"] = tables["stage_changes"][kept]
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, focus="Team 0")
    assert made.finding("bookings_next_quarter").estimate.value > 0
    assert made.past().empty and "last_forecast_error" not in {one.name for one in made.findings}
    others = made.backtest[made.backtest["unique_id"] != made.focus]
    assert others["forecast"].notna().all() and (others["lo-90"] < others["hi-90"]).all()
    later = forecast_bookings(
        opened(tables), as_of="2026-12-31", horizon=3, draws=100, focus="Team 0"
    )
    assert later.past()["cutoff"].min() == pd.Timestamp("2026-08-31")
