"""What goes in, what comes out: calendars, gaps, zeros, short histories, refusals, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import Forecast, forecast_series
from salesops_lib.analyses.forecast.calendar import calendar_of
from salesops_lib.errors import DataError, NotEnoughData, ParameterError


def seasonal(count: int, *, seed: int = 0, noise: float = 0.08, season: int = 12) -> np.ndarray:
    time = np.arange(count)
    rng = np.random.default_rng(seed)
    swing = 0.3 * np.sin(2 * np.pi * time / season)
    return np.exp(10 + 0.01 * time + swing + noise * rng.normal(size=count))


def months(y: np.ndarray, name: str = "a", start: str = "2021-01-01") -> pd.DataFrame:
    dates = pd.date_range(start, periods=len(y), freq="MS")
    return pd.DataFrame({"unique_id": name, "ds": dates, "y": y})


def forecast(
    frame: pd.DataFrame, horizon: int = 6, season: int = 12, **options: object
) -> Forecast:
    return forecast_series(frame, horizon=horizon, season_length=season, **options)  # type: ignore[arg-type]


def test_names_dates_and_order_of_limits() -> None:
    result = forecast(months(seasonal(72)))
    table = result.forecast
    assert list(table) == ["unique_id", "ds", "mean", "lo-80", "hi-80", "lo-95", "hi-95"]
    assert table["ds"].tolist() == list(pd.date_range("2027-01-01", periods=6, freq="MS"))
    ordered = table[["lo-95", "lo-80", "mean", "hi-80", "hi-95"]].to_numpy()
    assert (np.diff(ordered, axis=1) > 0).all()


@pytest.mark.parametrize(
    ("freq", "season", "kind"),
    [("MS", 12, "month"), ("ME", 12, "month"), ("QS", 4, "quarter"), ("QE", 4, "quarter"),
     ("QS-FEB", 4, "quarter"), ("W-MON", 52, "week"), ("W-SUN", 52, "week"), ("D", 7, "day")],
)  # fmt: skip
def test_every_calendar_goes_on_as_it_came(freq: str, season: int, kind: str) -> None:
    count = 3 * season + 20
    dates = pd.date_range("2020-02-01", periods=count + 5, freq=freq)
    frame = pd.DataFrame(
        {"unique_id": "a", "ds": dates[:count], "y": seasonal(count, season=season)}
    )
    result = forecast(frame, horizon=5, season=season)
    assert result.panel is not None
    assert result.panel.calendar.kind == kind
    assert result.forecast["ds"].tolist() == dates[count:].tolist()


def test_whole_numbers_are_dates_too() -> None:
    frame = pd.DataFrame({"unique_id": "a", "ds": range(5, 65), "y": seasonal(60)})
    assert forecast(frame).forecast["ds"].tolist() == [65, 66, 67, 68, 69, 70]


def test_a_season_is_forecast_closer_than_last_years() -> None:
    """Noise of sd .03 alone makes a mean absolute error of .024; last year lags by .12."""
    truth = {f"s{seed}": seasonal(84, noise=0.03, seed=seed) for seed in range(12)}
    result = forecast(pd.concat([months(y[:72], name) for name, y in truth.items()]), horizon=12)
    ahead = np.concatenate([y[72:] for y in truth.values()])
    last = np.concatenate([y[60:72] for y in truth.values()])
    error = np.abs(np.log(result.forecast["mean"].to_numpy() / ahead)).mean()
    assert error < 0.05
    assert error < 0.5 * np.abs(np.log(last / ahead)).mean()


def test_scale_of_the_currency_carries_through() -> None:
    frame = months(seasonal(60))
    one = forecast(frame)
    thousand = forecast(frame.assign(y=frame["y"] * 1000))
    for column in ("mean", "lo-80", "hi-80"):
        np.testing.assert_allclose(thousand.forecast[column], 1000 * one.forecast[column])
    np.testing.assert_allclose(thousand.accuracy["mase"], one.accuracy["mase"])


def test_series_do_not_touch_each_other_and_row_order_is_free() -> None:
    both = pd.concat([months(seasonal(60), "a"), months(seasonal(48, seed=2), "b")])
    together = forecast(both.sample(frac=1, random_state=1), pool=False, partial="keep").forecast
    for name in ("a", "b"):
        alone = forecast(both[both["unique_id"] == name], pool=False, partial="keep").forecast
        found = together[together["unique_id"] == name].reset_index(drop=True)
        # "b" ends a year before "a": each is forecast from where it ends.
        pd.testing.assert_frame_equal(found, alone)


def test_the_input_is_left_alone() -> None:
    frame = months(seasonal(40))
    before = frame.copy(deep=True)
    forecast(frame)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("kind", ["zeros", "negative", "all zero", "constant"])
def test_values_without_a_logarithm(kind: str) -> None:
    y = seasonal(60)
    if kind == "zeros":
        y[[5, 17, 40]] = 0
    elif kind == "negative":
        y[33] = -2000
    elif kind == "all zero":
        y[:] = 0
    else:
        y[:] = 7.0
    table = forecast(months(y), partial="keep").forecast
    assert np.isfinite(table["mean"]).all()
    if kind in {"all zero", "constant"}:
        np.testing.assert_allclose(table["mean"], y[:6], atol=1e-9)


def test_a_gap_is_filled_from_before_and_scored_nowhere() -> None:
    frame = months(seasonal(72)).drop(index=[50, 51])
    result = forecast(frame)
    assert any("2 missing periods" in notice for notice in result.notices)
    assert (~result.history["observed"]).sum() == 2
    filled = pd.to_datetime(result.history.loc[~result.history["observed"], "ds"])
    assert not result.backtest["ds"].isin(filled).any()
    assert not result.residuals["y"].isna().any()


def test_a_level_the_history_cannot_support_is_refused_in_words() -> None:
    """30 months, two seasons set aside: 6 past errors one month ahead support 80%, not 90 or 95."""
    result = forecast(months(seasonal(30)), horizon=1, levels=(80, 90, 95))
    row = result.forecast.iloc[0]
    assert np.isfinite(row["lo-80"])
    assert np.isnan(row["lo-90"])
    assert np.isnan(row["hi-95"])
    assert any(notice.startswith("No 95% interval") and "19" in notice for notice in result.notices)
    assert result.support.iloc[0]["source-95"] == "none"


def test_many_series_lend_each_other_their_errors() -> None:
    frame = pd.concat([months(seasonal(36, seed=s), f"s{s}") for s in range(25)])
    lent = forecast(frame, horizon=1)
    assert lent.forecast["lo-95"].notna().all()
    assert set(lent.support["source-95"]) == {"pooled"}
    assert any("all series together" in notice for notice in lent.notices)
    assert forecast(frame, horizon=1, pool=False).forecast["lo-95"].isna().all()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 11, 23])
def test_a_short_history_is_answered_with_a_notice(count: int) -> None:
    result = forecast(months(seasonal(count)), partial="keep")
    assert np.isfinite(result.forecast["mean"]).all()
    assert any("less than two seasons" in notice for notice in result.notices)


@pytest.mark.parametrize(("count", "least", "most"), [(12, 0.4, 0.6), (23, 0.55, 0.75)])
def test_a_season_seen_once_is_carried_on_by_half(count: int, least: float, most: float) -> None:
    """Level months with a swing of .3 either way; after 23 months all but one were seen twice."""
    swing = 0.3 * np.sin(2 * np.pi * np.arange(count + 12) / 12)
    noise = 0.02 * np.random.default_rng(6).normal(size=count)
    result = forecast(months(np.exp(10 + swing[:count] + noise)), horizon=12, partial="keep")
    found = np.log(result.forecast["mean"].to_numpy())
    share = np.polyfit(swing[count:], found, 1)[0]
    assert least < share < most


@pytest.mark.parametrize("count", [14, 23, 30, 48])
def test_nothing_is_forecast_below_zero_that_never_was(count: int) -> None:
    """A few large deals, and less of late: a third of the months came out below zero. With returns,
    they may be."""
    below = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        y = rng.poisson(0.8, count) * rng.lognormal(9, 0.6, count)
        y[-6:] *= rng.random(6) < 0.2
        result = forecast(months(y), horizon=12, levels=(80,), partial="keep")
        assert result.forecast["mean"].min() >= 0
        assert not (result.forecast["lo-80"] < 0).any()
        assert not (result.totals[["mean", "lo-80"]] < 0).any().any()
        assert not (result.backtest[["mean", "lo-80"]] < 0).any().any()
        returned = forecast(months(np.r_[-1.0, y[1:]]), horizon=12, levels=(80,), partial="keep")
        below += int((returned.forecast["mean"] < 0).sum())
    assert below > 0


def test_a_new_level_is_taken_up() -> None:
    y = seasonal(72, noise=0.05)
    y[48:] *= 2
    mean = forecast(months(y), partial="keep").forecast["mean"].mean()
    assert mean == pytest.approx(2 * seasonal(78, noise=0)[72:].mean(), rel=0.2)


def test_a_running_month_is_left_out_when_the_day_is_known() -> None:
    y = seasonal(60)
    frame = months(y, start="2021-01-01")
    frame.loc[59, "y"] *= 0.3
    result = forecast(frame, as_of="2025-12-10")
    whole = forecast(frame.iloc[:59])
    pd.testing.assert_frame_equal(result.forecast, whole.forecast)
    assert any("2025-12-10" in notice for notice in result.notices)
    assert forecast(frame, as_of="2025-12-31").forecast["ds"].iloc[0] == pd.Timestamp("2026-01-01")


def test_an_unfinished_month_is_recognised_without_the_day() -> None:
    frame = months(seasonal(60))
    whole = forecast(frame.iloc[:59])
    frame.loc[59, "y"] *= 0.3
    result = forecast(frame)
    np.testing.assert_allclose(result.forecast["mean"], whole.forecast["mean"])
    assert any("looks unfinished" in notice for notice in result.notices)
    kept = forecast(frame, partial="keep")
    assert kept.forecast["ds"].iloc[0] == pd.Timestamp("2026-01-01")


def test_an_ordinary_low_month_stays() -> None:
    held = 0
    for seed in range(20):
        frame = months(seasonal(60, seed=seed, noise=0.2))
        held += forecast(frame, horizon=1).forecast["ds"].iloc[0] == pd.Timestamp("2026-01-01")
    assert held >= 19


def test_quarter_and_year_totals_are_their_own() -> None:
    result = forecast(months(seasonal(70)), horizon=14)  # to October 2026
    totals = result.totals
    assert totals["period"].tolist() == [
        "2026-Q4",
        "2027-Q1",
        "2027-Q2",
        "2027-Q3",
        "2027-Q4",
        "2026",
        "2027",
    ]
    first = totals.iloc[0]
    steps = result.forecast.set_index("ds")
    october = result.history.iloc[-1]["y"]
    assert first["so_far"] == pytest.approx(october)
    assert first["mean"] == pytest.approx(october + steps.loc["2026-11":"2026-12", "mean"].sum())
    quarter = totals.iloc[1]
    summed = steps.loc["2027-01":"2027-03"]
    assert quarter["mean"] == pytest.approx(summed["mean"].sum())
    assert quarter["hi-80"] - quarter["lo-80"] < (summed["hi-80"] - summed["lo-80"]).sum()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda f: f.drop(columns="y"), "no column y"),
        (lambda f: f.assign(y=f["y"].astype(object).where(f.index != 3, "x")), "rows 3"),
        (lambda f: f.assign(y=f["y"].where(f.index != 4, np.inf)), "rows 4"),
        (lambda f: f.assign(ds=f["ds"].astype(object).where(f.index != 2, "never")), "rows 2"),
        (lambda f: pd.concat([f, f.iloc[[7]]]), "more than one row in a month"),
        (lambda f: f.assign(unique_id=f["unique_id"].where(f.index != 1)), "without a name"),
    ],
)
def test_bad_input_names_the_rows(change: object, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        forecast(change(months(seasonal(40))))  # type: ignore[operator]


def test_nothing_to_forecast() -> None:
    frame = months(seasonal(30))
    with pytest.raises(NotEnoughData):
        forecast(frame.iloc[:0])
    with pytest.raises(NotEnoughData):
        forecast(frame.assign(y=np.nan))
    with pytest.raises(NotEnoughData):
        forecast(frame, as_of="2020-01-01")


@pytest.mark.parametrize(
    "wrong", [{"horizon": 0}, {"season_length": 0}, {"levels": (0.8,)}, {"levels": (100,)}]
)
def test_options_out_of_range(wrong: dict[str, object]) -> None:
    options = {"horizon": 3, "season_length": 12, **wrong}
    with pytest.raises(ParameterError, match=next(iter(wrong)).removesuffix("s")):
        forecast_series(months(seasonal(40)), **options)  # type: ignore[arg-type]


def test_weeks_on_two_weekdays_are_no_calendar() -> None:
    dates = pd.Series(pd.date_range("2024-01-01", periods=30, freq="W-MON"))
    dates[7] += pd.Timedelta(days=1)
    with pytest.raises(DataError, match="more than one weekday"):
        calendar_of(dates, 52)


def test_the_result_is_json_ready() -> None:
    body = forecast(months(seasonal(40)), horizon=2).to_dict()
    assert body["forecast"][0]["unique_id"] == "a"
    assert "origins" not in body
