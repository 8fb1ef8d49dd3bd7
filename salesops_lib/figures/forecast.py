"""Pictures of the forecast, as its notebook draws them."""

from __future__ import annotations

from salesops_lib.figures.forecast_bookings import (
    bookings_fan,
    pipeline_waterfall,
    quota_chances,
)
from salesops_lib.figures.forecast_past import bookings_coverage, bookings_record
from salesops_lib.figures.forecast_series import backtest_chart, coverage_chart, fan_chart
from salesops_lib.figures.forecast_what_if import pipeline_what_if

__all__ = [
    "backtest_chart",
    "bookings_coverage",
    "bookings_fan",
    "bookings_record",
    "coverage_chart",
    "fan_chart",
    "pipeline_waterfall",
    "pipeline_what_if",
    "quota_chances",
]
