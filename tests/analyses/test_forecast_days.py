"""Which day a forecast is made on and how far it looks: identities, and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import ParameterError, forecast_series
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas

WORLD = planted(4, months=30)


def made_with(**options: object) -> BookingsForecast:
    asked = {"as_of": AS_OF, "draws": 300, **options}
    return forecast_bookings(opened(with_quotas(WORLD, 20_000.0)), **asked)


def test_a_short_horizon_is_tested_on_the_quarters_that_its_sentences_speak_of() -> None:
    """Asked for one month, the past forecasts were of one month and called those of a quarter."""
    long, short = (made_with(horizon=horizon) for horizon in (3, 1))
    exact = ["unique_id", "cutoff", "start", "end", "y"]
    pd.testing.assert_frame_equal(short.backtest[exact], long.backtest[exact])
    np.testing.assert_allclose(short.backtest["series"], long.backtest["series"])
    months = (short.backtest["end"] - short.backtest["start"]).dt.days
    assert months.between(88, 91).all()
    last = short.finding("last_forecast_error")
    assert not np.isnan(last.estimate.low)
    assert "the quarter after" in last.sentence


def test_one_month_is_named_as_one_month() -> None:
    made = made_with(horizon=1)
    assert made.quarter == "2026-10"
    assert made.finding("bookings_next_quarter").sentence.startswith("Bookings in 2026-10: ")
    assert made_with(horizon=2).quarter == "2026-10 to 2026-11"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_moment_with_a_time_zone_is_the_day_there(zone: str) -> None:
    moment = pd.Timestamp("2026-08-31 23:30", tz=zone)
    assert made_with(as_of=moment, horizon=3).as_of == pd.Timestamp("2026-08-31")
    months = pd.date_range("2023-01-01", periods=30, freq="MS")
    frame = pd.DataFrame({"unique_id": "a", "ds": months, "y": np.arange(100.0, 130.0)})
    found = forecast_series(
        frame, horizon=2, season_length=12, as_of=pd.Timestamp("2025-03-31 23:30", tz=zone)
    )
    assert found.forecast["ds"].tolist() == list(pd.to_datetime(["2025-04-01", "2025-05-01"]))


@pytest.mark.parametrize("wrong", ["soon", pd.NaT, float("nan"), [2026]])
def test_no_day_is_named(wrong: object) -> None:
    months = pd.date_range("2023-01-01", periods=30, freq="MS")
    frame = pd.DataFrame({"unique_id": "a", "ds": months, "y": np.arange(100.0, 130.0)})
    with pytest.raises(ParameterError, match="as_of"):
        forecast_series(frame, horizon=2, season_length=12, as_of=wrong)
    with pytest.raises(ParameterError, match="as_of"):
        made_with(as_of=wrong)
