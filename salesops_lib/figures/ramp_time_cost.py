"""Pictures of ramp-time cost, as its notebook draws them."""

from __future__ import annotations

from salesops_lib.figures.ramp_time_cost_curves import (
    cohorts,
    learning_curve,
    leavers,
    ramp_survival,
)
from salesops_lib.figures.ramp_time_cost_money import break_even, cost_waterfall, two_way

__all__ = [
    "break_even",
    "cohorts",
    "cost_waterfall",
    "learning_curve",
    "leavers",
    "ramp_survival",
    "two_way",
]
