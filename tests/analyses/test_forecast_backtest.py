"""Rolling origins: nothing from the future, scores by hand and by loop, published baselines."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesops_lib import forecast_series
from salesops_lib.analyses.forecast import accuracy, backtest, combination
from salesops_lib.analyses.forecast.panel import panel_of

sys.path.insert(0, str(Path(__file__).parents[1]))
from reference.forecast import CRPS_STANDARD_NORMAL_AT_ZERO, TOURISM_SEASONAL_NAIVE_MAPE


def planted(count: int = 60, names: int = 3, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    time = np.arange(count)
    blocks = []
    for i in range(names):
        y = np.exp(9 + 0.01 * time + 0.2 * np.cos(time * np.pi / 6) + 0.1 * rng.normal(size=count))
        dates = pd.date_range("2020-01-01", periods=count, freq="MS")
        blocks.append(pd.DataFrame({"unique_id": f"s{i}", "ds": dates, "y": y}))
    return pd.concat(blocks, ignore_index=True)


def leaks(frame: pd.DataFrame, cutoff: str) -> bool:
    """Whether what was forecast, and with which limits, at `cutoff` changes with what came later."""
    other = frame.copy()
    late = other["ds"] > cutoff
    rng = np.random.default_rng(8)
    other.loc[late, "y"] *= rng.uniform(0.7, 1.4, size=int(late.sum()))
    made = []
    for one in (frame, other):
        result = forecast_series(one, horizon=6, season_length=12, partial="keep")
        assert result.backtest["cutoff"].min() <= pd.Timestamp(cutoff)
        made.append(result.backtest[result.backtest["cutoff"] <= cutoff].drop(columns="y"))
    return not made[0].reset_index(drop=True).equals(made[1].reset_index(drop=True))


def test_nothing_after_the_origin_is_used() -> None:
    frame = planted()
    for cutoff in ("2024-02-01", "2024-04-01", "2024-06-01"):
        assert not leaks(frame, cutoff)


def test_gaps_are_no_window_to_the_future() -> None:
    frame = planted()
    gone = frame["ds"].isin(pd.to_datetime(["2024-02-01", "2024-04-01"]))
    assert not leaks(frame[~gone], "2024-04-01")


def test_a_planted_leak_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Origins that see one period too many fail the same check."""
    honest = backtest._as_known
    monkeypatch.setattr(
        backtest, "_as_known", lambda panel, cut, row: honest(panel, np.maximum(cut - 1, 0), row)
    )
    assert leaks(planted(), "2024-04-01")


def test_every_origin_is_the_forecast_that_would_have_been_made_then() -> None:
    frame = planted(names=2)
    result = forecast_series(frame, horizon=4, season_length=12, partial="keep")
    cutoff = result.backtest["cutoff"].max()
    then = forecast_series(
        frame[frame["ds"] <= cutoff], horizon=4, season_length=12, partial="keep"
    ).forecast
    found = result.backtest[result.backtest["cutoff"] == cutoff].reset_index(drop=True)
    for column in ("mean", "lo-80", "hi-80"):
        np.testing.assert_allclose(found[column], then[column])


def test_scores_by_a_plain_loop() -> None:
    frame = planted(names=2)
    result = forecast_series(frame, horizon=3, season_length=12, partial="keep")
    for name, block in result.backtest.groupby("unique_id"):
        history = frame[frame["unique_id"] == name].set_index("ds")["y"]
        for method, column in zip(
            backtest.METHODS, ("mean", "seasonal_naive", "last_years_growth"), strict=True
        ):
            mase, rmsse, smape, bias, total = [], [], [], 0.0, 0.0
            for row in block.to_dict("records"):
                known = history[: row["cutoff"]].to_numpy()
                change = known[12:] - known[:-12]
                error = row[column] - row["y"]
                mase.append(abs(error) / np.mean(np.abs(change)))
                rmsse.append(error**2 / np.mean(change**2))
                smape.append(200 * abs(error) / (abs(row[column]) + abs(row["y"])))
                bias += error
                total += row["y"]
            table = result.accuracy
            found = table[(table["unique_id"] == name) & (table["method"] == method)].iloc[0]
            assert found["n"] == len(block) == 18
            assert found["mase"] == pytest.approx(np.mean(mase))
            assert found["rmsse"] == pytest.approx(np.sqrt(np.mean(rmsse)))
            assert found["smape"] == pytest.approx(np.mean(smape))
            assert found["bias"] == pytest.approx(bias / total)


def test_baselines_by_hand() -> None:
    """Year one 10 each quarter, year two 20: next year 20, or with last year's growth 40, then 80."""
    rows = np.array([[10.0] * 4 + [20.0] * 4])
    assert combination.seasonal_naive(rows, 4, 5).tolist() == [[20.0] * 5]
    assert combination.last_years_growth(rows, 4, 5).tolist() == [[40.0] * 4 + [80.0]]


def test_crps_of_a_sample() -> None:
    """{0, 2} at 1: mean distance 1 less half the mean difference 1 → .5; and the normal's value."""
    assert accuracy.crps_sample(np.array([0.0, 2.0]), np.array(1.0)) == pytest.approx(0.5)
    assert accuracy.crps_sample(np.array([0.0, np.nan, 2.0]), np.array(1.0)) == pytest.approx(0.5)
    from scipy.stats import norm

    grid = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert accuracy.crps_sample(grid, np.array(0.0)) == pytest.approx(
        CRPS_STANDARD_NORMAL_AT_ZERO, abs=2e-4
    )


def test_reported_origins_reach_the_whole_horizon_where_the_history_allows() -> None:
    result = forecast_series(planted(), horizon=6, season_length=12, origins=4, partial="keep")
    assert result.backtest["cutoff"].nunique() == 4
    assert (result.backtest.groupby(["unique_id", "cutoff"]).size() == 6).all()
    short = forecast_series(planted(30), horizon=6, season_length=12, partial="keep")
    assert short.backtest["step"].max() <= 6
    assert not short.accuracy.empty


@pytest.mark.realdata
@pytest.mark.parametrize(("period", "season"), [("monthly", 12), ("quarterly", 4)])
def test_seasonal_naive_on_the_tourism_competition(
    realdata: Path, period: str, season: int
) -> None:
    folder = realdata / "forecast"
    long = pd.read_csv(folder / "tourism_long.csv.gz", dtype={"series_id": str})
    meta = pd.read_csv(folder / "tourism_meta.csv", dtype={"series_id": str})
    wanted = set(meta.loc[meta["period"] == period.upper(), "series_id"])
    errors = []
    for _, block in long[long["series_id"].isin(wanted)].groupby("series_id"):
        block = block.sort_values("pos")
        train = block.loc[block["part"] == "train", "value"].to_numpy()
        test = block.loc[block["part"] != "train", "value"].to_numpy()
        ahead = combination.seasonal_naive(train[None, :], season, len(test))[0]
        errors.append(100 * np.mean(np.abs(ahead - test) / np.abs(test)))
    assert round(float(np.mean(errors)), 2) == TOURISM_SEASONAL_NAIVE_MAPE[period]


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "least"), [("tourism", 0.25), ("m1", 0.05)])
@pytest.mark.parametrize("known", [12, 18, 23])
def test_half_of_a_season_is_better_than_none_on_young_histories(
    realdata: Path, name: str, least: float, known: int
) -> None:
    """Training parts of the competitions cut to 12 to 23 months: how much of the error of a year ahead
    (sMAPE) the season seen once takes off. The same level without it is the forecast of a series
    that is said to have a season of twice as many months, of which none is whole."""
    long = pd.read_csv(realdata / "forecast" / f"{name}_long.csv.gz", dtype={"series_id": str})
    meta = pd.read_csv(realdata / "forecast" / f"{name}_meta.csv", dtype={"series_id": str})
    monthly = set(meta.loc[meta["period"] == "MONTHLY", "series_id"])
    train = long[long["series_id"].isin(monthly) & (long["part"] == "train")]
    series = [one["value"].to_numpy(float) for _, one in train.groupby("series_id")]
    kept = np.array([y[: known + 12] for y in series if len(y) >= known + 12 and (y > 0).all()])
    rows, actual, starts = kept[:, :known], kept[:, known:], np.zeros(len(kept), dtype=np.int64)
    error = []
    for season in (12, 24):
        ahead = combination.members(rows, starts, season, 12)[0]
        error.append(np.mean(2 * np.abs(ahead - actual) / (ahead + actual)))
    assert len(kept) > 200
    assert error[0] < (1 - least) * error[1]


def test_a_panel_lays_series_out_from_their_ends() -> None:
    frame = pd.concat([planted(30, 1), planted(20, 1).assign(unique_id="late")])
    panel = panel_of(frame, 12)
    assert panel.values.shape == (2, 30)
    assert panel.starts.tolist() == [0, 10]
    assert np.isnan(panel.values[1, :10]).all()
