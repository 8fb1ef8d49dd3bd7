"""Working days: found where planted, left alone where not, no window to the future."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib import forecast_series
from salesops_lib.analyses.forecast.calendar import Calendar
from salesops_lib.analyses.forecast.working_days import effect

MONTHS = pd.date_range("2018-01-01", periods=72, freq="MS")


def days_of(dates: pd.DatetimeIndex) -> np.ndarray:
    return np.array(
        [np.busday_count(d.date(), (d + pd.offsets.MonthBegin()).date()) for d in dates]
    )


def planted(elasticity: float, seed: int, noise: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    time = np.arange(len(MONTHS))
    logs = 10 + 0.005 * time + 0.2 * np.sin(time * np.pi / 6) + noise * rng.normal(size=len(time))
    y = np.exp(logs + elasticity * np.log(days_of(MONTHS) / 21.0))
    return pd.DataFrame({"unique_id": f"s{seed}", "ds": MONTHS, "y": y})


def test_working_days_of_a_month() -> None:
    """February 2021 had 20, March 2021 had 23."""
    calendar = Calendar("month", "M")
    numbers = calendar.ordinals(pd.Series(pd.to_datetime(["2021-02-01", "2021-03-15"])))
    assert calendar.working_days(numbers).tolist() == [20, 23]


def test_an_effect_is_forecast_where_there_is_one() -> None:
    frame = pd.concat([planted(1.0, seed, 0.02) for seed in range(20)])
    known = frame[frame["ds"] < "2023-01-01"]
    outcome = frame[frame["ds"] >= "2023-01-01"]["y"].to_numpy()
    numbered = known.assign(ds=known.groupby("unique_id").cumcount())
    error = {}
    for name, one in (("dated", known), ("numbered", numbered)):
        ahead = forecast_series(one, horizon=12, season_length=12, origins=0, partial="keep")
        error[name] = float(np.abs(np.log(ahead.forecast["mean"].to_numpy() / outcome)).mean())
    assert error["dated"] < 0.85 * error["numbered"]


def test_no_effect_is_made_up() -> None:
    """An effect taken in error must be rare (2.5 standard errors: about one in eighty)."""
    found = 0
    for seed in range(200):
        logs = np.log(planted(0.0, seed, 0.1)["y"].to_numpy())[None, :]
        shift = effect(logs, np.array([0]), days_of(MONTHS)[None, :].astype(float), 12)
        found += bool(np.abs(shift).max() > 0)
    assert found <= 12


def test_the_elasticity_is_recovered() -> None:
    slopes = []
    for seed in range(40):
        logs = np.log(planted(0.8, seed, 0.02)["y"].to_numpy())[None, :]
        days = days_of(MONTHS).astype(float)[None, :]
        shift = effect(logs, np.array([0]), days, 12)[0]
        usual = np.log(days[0]) - np.tile(np.log(days[0]).reshape(6, 12).mean(axis=0), 6)
        slopes.append(np.polyfit(usual, shift, 1)[0])
    assert abs(np.mean(slopes) - 0.8) < 0.15
