"""Pictures of the forecast, as its notebook draws them."""

from __future__ import annotations

from salesops_lib.figures.forecast_bookings import (
    bookings_coverage,
    bookings_fan,
    bookings_record,
    pipeline_waterfall,
    quota_chances,
)

__all__ = [
    "bookings_coverage",
    "bookings_fan",
    "bookings_record",
    "pipeline_waterfall",
    "quota_chances",
]
