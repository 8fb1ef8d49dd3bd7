"""What will be booked: series with calibrated intervals, the hierarchy, and the pipeline.

    forecast_series(frame, horizon=12, season_length=12)
    forecast_hierarchy(frame, by=["region", "team"], horizon=12, season_length=12)
    forecast_bookings(dataset, as_of="2026-09-30", horizon=12)

Series: `panel` checks the frame, `calendar` and `partial` read its dates, `working_days` and `quarter_end`
take out what the calendar makes, `combination` has the methods (`aggregation` one of them) and `weighing`
their weights, `intervals`, `totals` and `surprise` the limits, `backtest` and `accuracy` the past, `series`
puts them together, `hierarchy` makes the levels add up, `series_words` writes.

Bookings: `sales_data` hands the tables on in one order; `history` and `snapshots` are what was known on each day
(`spells` whose it was, `sources` where deals came from), `lost_deals` what is missing from it.
The pipeline view (`pipeline`) has the chances of open deals from `hazards` and `parts`, deals to come from
`begun`, `begun_by_source` (with `echoes`) and `creation`, both by the `months` ahead, what they bring from `amounts`, and where
all that stands now from `levels`. `views` lays it beside the series (`early` in young companies, `month_rests`
inside a month), `blend` makes one forecast of both, `outlook` its limits, `periods` its quarters, `quota` (with `planned_quotas`) and `what_if` what
follows, `scoring` and `ledger` how wrong it was; `bookings` puts them together into a `result` with its
`tables`, `conclusions` and `notices`, in the words of `words` and `notice_words`.
"""

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
