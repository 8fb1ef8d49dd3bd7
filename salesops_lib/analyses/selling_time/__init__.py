"""Where selling hours go, and what an hour freed is worth.

    times = selling_time(rep_months, activities=activities, kinds=kinds)
    freed = freed_hours(times, hours_freed_week=3)

`hours` counts where the hours go, `response` how bookings answer to them (with what is `published`), and `time_use`
puts both together; `freed` values hours moved, `shares` and `quota` compare groups of reps. All have their
`result`, `tables`, `notices`, `words`, and the headings of tables in `views`.
"""

from salesops_lib.analyses.selling_time.freed import freed_hours, not_valued
from salesops_lib.analyses.selling_time.quota import quota_by_selling_share
from salesops_lib.analyses.selling_time.result import (
    FreedHours,
    QuotaBySellingShare,
    SellingShares,
    SellingTime,
)
from salesops_lib.analyses.selling_time.shares import selling_shares
from salesops_lib.analyses.selling_time.time_use import selling_time

__all__ = [
    "FreedHours",
    "QuotaBySellingShare",
    "SellingShares",
    "SellingTime",
    "freed_hours",
    "not_valued",
    "quota_by_selling_share",
    "selling_shares",
    "selling_time",
]
