"""Companies of two to three years without open deals: their interval rests on early origins too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import forecast_pipeline as calibration
from salesops_lib.analyses.forecast import (
    early,
    forecast_bookings,
    forecast_hierarchy,
    intervals,
)
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.series import Forecast
from tests.analyses import forecast_company


def company(months: int, seed: int = 0) -> pd.DataFrame:
    """Two teams; the second begins with the sixth month."""
    rng = np.random.default_rng(seed)
    ds = pd.date_range(end="2026-09-01", periods=months, freq="MS")
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(months) / 12)
    parts = [
        pd.DataFrame({"team": name, "ds": ds[first:], "y": level * season[first:]})
        for name, level, first in (("A", 100.0, 0), ("B", 60.0, 5))
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(y=frame["y"] * np.exp(0.1 * rng.standard_normal(len(frame))))


def forecast(frame: pd.DataFrame) -> Forecast:
    return forecast_hierarchy(
        frame, by=["team"], horizon=3, season_length=12, origins=0, partial="keep"
    )


def test_each_early_origin_is_what_was_forecast_then() -> None:
    """Twin: the months up to each origin, forecast afresh."""
    frame = company(30)
    made = early.extended(forecast(frame), frame, ["team"], 3).origins
    assert made is not None
    days = np.sort(frame["ds"].unique())
    # 30 months: the origin 6 months ago is the last with two years, that 26 months ago the first.
    assert made.cuts == 27
    for cut in (7, 12, 20):
        then = forecast(frame[frame["ds"] < days[30 - cut]]).origins
        assert then is not None
        here = made.mean[0, cut]
        np.testing.assert_allclose(here, then.mean[0, 0], rtol=1e-9)
        np.testing.assert_allclose(made.scale[cut], then.scale[0], rtol=1e-9)


def test_what_came_after_an_early_origin_by_hand() -> None:
    frame = company(30)
    made = early.extended(forecast(frame), frame, ["team"], 3).origins
    assert made is not None
    total = frame.groupby("ds")["y"].sum().to_numpy()
    np.testing.assert_allclose(made.actual[9, 0], total[21:24])
    np.testing.assert_allclose(made.actual[2, 0], [*total[28:30], np.nan])


@pytest.mark.parametrize("months", [24, 49])
def test_histories_outside_the_range_are_left_alone(months: int) -> None:
    frame = company(months)
    made = forecast(frame)
    assert early.extended(made, frame, ["team"], 3) is made


def planted(since: int, before: int, *, now: float, then: float) -> Origins:
    """One node, one step, errors of a fixed size; cut 0 is today."""
    cuts = since + before + 1
    mean = np.full((1, cuts, 1, 1), 100.0)
    ratio = np.where(np.arange(cuts) <= since, 1 + now, 1 + then)
    actual = (100.0 * ratio)[:, None, None]
    ones = np.ones((cuts, 1))
    return Origins(mean, actual, ones, ones, ones.astype(bool), ones.astype(bool))


def test_early_errors_are_brought_to_size_by_hand() -> None:
    """Six errors of 10% since against 40% before: 21 to 6 by their shares of the sum, drawn by 6 of
    16 towards none."""
    origins = planted(6, 15, now=0.1, then=0.4)
    target = early.brought_to_size(intervals.step(origins, 0), origins, 0, 30)
    share = ((10 / 210) / (40 / 240)) ** (6 / 16)
    np.testing.assert_allclose(target.mean[:7], 100.0)
    np.testing.assert_allclose(np.log(140 / target.mean[7:]), share * np.log(1.4))


def test_errors_are_never_blown_up_and_go_where_there_are_enough() -> None:
    origins = planted(6, 15, now=0.4, then=0.1)
    target = early.brought_to_size(intervals.step(origins, 0), origins, 0, 30)
    np.testing.assert_allclose(target.mean, 100.0)
    origins = planted(19, 15, now=0.4, then=0.1)
    target = early.brought_to_size(intervals.step(origins, 0), origins, 0, 43)
    assert np.isnan(target.mean[20:]).all() and not np.isnan(target.mean[:20]).any()


def test_only_errors_known_at_the_origin_count() -> None:
    """Errors since are known of six origins today, of none at the oldest of those."""
    origins = planted(6, 15, now=0.1, then=0.4)
    target = early.brought_to_size(intervals.step(origins, 0), origins, 6, 30)
    np.testing.assert_allclose(target.mean, 100.0)


def test_every_company_of_two_to_three_years_gets_an_interval_that_holds() -> None:
    n = 30
    every = pd.DataFrame([calibration.closed(90_000 + k, 25, 35) for k in range(n)])
    assert every["given"].all()
    # The level less three binomial standard errors.
    assert every["quarter, company"].mean() >= 0.90 - 3 * np.sqrt(0.09 / n)
    assert every["quarter, company, 80%"].mean() >= 0.80 - 3 * np.sqrt(0.16 / n)
    # Not by intervals so wide that nothing could fall outside.
    assert every["half width"].median() < 0.75


@pytest.mark.parametrize("months", [13, 14, 15])
def test_a_company_too_young_for_an_interval_is_told_when_it_will_have_one(months: int) -> None:
    world = calibration.plant(np.random.default_rng(5), months=months, ahead=0)
    deals = world.tables["deals"]
    known = deals[(deals["status"] == "won") & (deals["close_date"] <= world.as_of)]
    # The first month of a planted company may end without a win.
    first = known["close_date"].min().to_period("M")
    have = (world.as_of.to_period("M") - first).n + 1
    made = calibration.forecast_bookings(
        calibration.Dataset.from_frames({"reps": world.tables["reps"], "deals": known}),
        as_of=world.as_of,
        draws=100,
    )
    said = [text for text in made.notices if "complete months of bookings; with 15" in text]
    assert made.known == (have >= 15)
    assert len(said) == (have < 15)


def test_the_page_says_what_the_interval_rests_on() -> None:
    """30 months, quarter at once: origins 24, 25, 26 and 27 months old are held against what came,
    and before them those of 4 to 23 months."""
    world = calibration.plant(np.random.default_rng(8), months=40, ahead=0)
    deals = world.tables["deals"]
    first = world.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=30)
    known = deals[(deals["status"] == "won") & deals["close_date"].between(first, world.as_of)]
    made = calibration.forecast_bookings(
        calibration.Dataset.from_frames({"reps": world.tables["reps"], "deals": known}),
        as_of=world.as_of,
        draws=100,
    )
    row = made.rests_on.set_index("assumption").loc["Past forecasts behind the interval"]
    assert row["value"] == "24"
    assert row["source"].startswith("past month ends; 20 in the first two years")


# -- the mean of a month, not its middle --------------------------------------------------------


def run_rate_of(months: np.ndarray) -> Forecast:
    """Two parts that share every month's bookings."""
    ds = pd.date_range(end="2026-09-01", periods=len(months), freq="MS")
    frame = pd.concat(
        pd.DataFrame({"part": part, "ds": ds, "y": share * months})
        for part, share in (("A", 0.4), ("B", 0.6))
    )
    return forecast_hierarchy(frame, by=["part"], horizon=3, season_length=12, origins=0)


@pytest.mark.parametrize(("count", "left"), [(10, 1.0), (18, 0.75)])
def test_lift_by_hand(count: int, left: float) -> None:
    """Half of the months .2 above the middle, half .2 below, on the log scale: the variance is
    18 × .04 / 17 (10 × .04 / 9), where their changes say twice as much; a quarter of it is in the
    half of a season that is carried on after a year. The company and its parts alike."""
    made = run_rate_of(np.exp(np.where(np.arange(count) % 2, 0.2, -0.2)) * 1e5)
    up = early.lifted(made)
    assert made.origins is not None and up.origins is not None
    ratio = up.origins.mean[0, 0] / made.origins.mean[0, 0]
    np.testing.assert_allclose(ratio, np.exp(left * count * 0.04 / (count - 1) / 2))
    np.testing.assert_array_equal(up.origins.mean[1:], made.origins.mean[1:])
    np.testing.assert_allclose(up.origins.mean[0, 0, 0], up.origins.mean[0, 0, 1:].sum(axis=0))


def test_growth_is_no_scatter() -> None:
    """Months that grow by 5% each: their changes have a mean square of .05², half of which is next
    to nothing (less a quarter, as half of a season is carried on), while they lie far apart."""
    made = run_rate_of(np.exp(0.05 * np.arange(18)) * 1e5)
    up = early.lifted(made)
    assert made.origins is not None and up.origins is not None
    lift = np.exp(0.75 * 0.05**2 / 4)
    np.testing.assert_allclose(up.origins.mean[0, 0], made.origins.mean[0, 0] * lift)


@pytest.mark.parametrize("kind", ["two years", "a month of nothing"])
def test_no_lift_where_the_level_is_one_of_amounts(kind: str) -> None:
    months = np.exp(np.where(np.arange(30 if kind == "two years" else 18) % 2, 0.2, -0.2)) * 1e5
    if kind != "two years":
        months[4] = 0.0
    made = run_rate_of(months)
    up = early.lifted(made)
    assert made.origins is not None and up.origins is not None
    np.testing.assert_array_equal(up.origins.mean[0, 0], made.origins.mean[0, 0])


def test_a_month_of_next_to_nothing_lifts_no_forecast_to_the_sky() -> None:
    months = np.full(18, 1e6)
    months[5] = 1.0
    made = run_rate_of(months)
    up = early.lifted(made)
    assert made.origins is not None and up.origins is not None
    assert (up.origins.mean[0, 0] <= 1.25 * made.origins.mean[0, 0] + 1e-9).all()


def test_young_companies_are_forecast_at_their_mean() -> None:
    """Months of one mean that scatter by .4: their middle lies 8% below, a quarter of which half of
    the scatter, carried on as a season, brings back. 60 companies: the mean of 18 months is known
    within .1, that of all within 1.3%."""
    rng = np.random.default_rng(11)
    off = []
    for _ in range(60):
        made = run_rate_of(np.exp(rng.normal(-0.08, 0.4, 18)) * 1e5)
        up = early.lifted(made)
        assert made.origins is not None and up.origins is not None
        off.append([one.origins.mean[0, 0, 0].mean() / 1e5 - 1 for one in (made, up)])
    middle, mean = np.mean(off, axis=0)
    assert mean - middle > 0.04
    assert abs(mean) < 0.04


def test_a_region_that_sold_nothing_for_long_is_scored_from_when_it_did() -> None:
    """Before its first sale nothing changes: as a share of that, an error had no upper limit."""
    tables = forecast_company.planted(4, months=25, teams=3).tables
    deals = tables["deals"]
    first = deals["rep_id"].iloc[0]
    young = (deals["rep_id"] == first) & (deals["created_date"] < "2026-05-20")
    region = tables["reps"]["region"].mask(tables["reps"]["rep_id"] == first, "New")
    reps = tables["reps"].assign(region=region)
    data = forecast_company.opened({**tables, "reps": reps, "deals": deals[~young]})
    made = forecast_bookings(data, as_of=forecast_company.AS_OF, draws=100, by=["region"])
    scored = made.accuracy[made.accuracy["level"] == "region"]
    assert len(scored) and np.isfinite(scored[["mase", "rmsse"]]).all(axis=None)
