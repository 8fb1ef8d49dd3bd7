"""What will be booked: series with calibrated intervals, the hierarchy, and the pipeline."""

from __future__ import annotations

from salesops_lib.analyses.forecast.bookings import forecast_bookings
from salesops_lib.analyses.forecast.hierarchy import forecast_hierarchy
from salesops_lib.analyses.forecast.result import BookingsForecast
from salesops_lib.analyses.forecast.series import Forecast, forecast_series

__all__ = [
    "BookingsForecast",
    "Forecast",
    "forecast_bookings",
    "forecast_hierarchy",
    "forecast_series",
]
