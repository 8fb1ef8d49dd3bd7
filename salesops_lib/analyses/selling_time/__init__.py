"""Where selling hours go, and what an hour freed is worth."""

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
