"""Sales-operations analyses with honest uncertainty, from a company's own sales data.

Public names are loaded when first used, so that `salesops --help` and light imports stay quick.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "load_dataset": "salesops_lib.dataset",
    "Dataset": "salesops_lib.dataset",
    "Period": "salesops_lib.dataset",
    "Scope": "salesops_lib.dataset",
    "simulate_company": "salesops_lib.dataset.simulation",
    "DataError": "salesops_lib.errors",
    "NotEnoughData": "salesops_lib.errors",
    "ParameterError": "salesops_lib.errors",
    "Estimate": "salesops_lib.estimate",
    "Finding": "salesops_lib.estimate",
    "PerformanceCurve": "salesops_lib.analyses.performance_curve",
    "LeverTable": "salesops_lib.analyses.performance_curve",
    "performance_curve": "salesops_lib.analyses.performance_curve",
    "moving_the_middle": "salesops_lib.analyses.performance_curve",
    "fit_families": "salesops_lib.analyses.performance_curve",
    "ChannelGap": "salesops_lib.analyses.channel_gap",
    "channel_gap": "salesops_lib.analyses.channel_gap",
    "decompose_gap": "salesops_lib.analyses.channel_gap",
    "price_volume_mix": "salesops_lib.analyses.channel_gap",
    "RampTime": "salesops_lib.analyses.ramp_time_cost",
    "RampCost": "salesops_lib.analyses.ramp_time_cost",
    "TrainingCase": "salesops_lib.analyses.ramp_time_cost",
    "ramp_time": "salesops_lib.analyses.ramp_time_cost",
    "ramp_cost": "salesops_lib.analyses.ramp_time_cost",
    "training_case": "salesops_lib.analyses.ramp_time_cost",
    "DealDesk": "salesops_lib.analyses.deal_desk",
    "SellingTime": "salesops_lib.analyses.selling_time",
    "FreedHours": "salesops_lib.analyses.selling_time",
    "selling_time": "salesops_lib.analyses.selling_time",
    "freed_hours": "salesops_lib.analyses.selling_time",
    "deal_desk": "salesops_lib.analyses.deal_desk",
    "HeldPrices": "salesops_lib.analyses.deal_desk",
    "hold_prices": "salesops_lib.analyses.deal_desk",
    "ExecutiveBrief": "salesops_lib.analyses.executive_brief",
    "executive_brief": "salesops_lib.analyses.executive_brief",
    "Forecast": "salesops_lib.analyses.forecast",
    "BookingsForecast": "salesops_lib.analyses.forecast",
    "forecast_series": "salesops_lib.analyses.forecast",
    "forecast_bookings": "salesops_lib.analyses.forecast",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    home = _PUBLIC.get(name) or _registered(name)
    if not home:
        raise AttributeError(f"module 'salesops_lib' has no attribute {name!r}")
    # The function `performance_curve` shares its name with the module it lives in: both are
    # wanted, `salesops_lib.analyses.performance_curve` and `salesops_lib.performance_curve`.
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def _registered(name: str) -> str:
    """The package of the analysis called so: its function needs no line above."""
    from salesops_lib.registry import ANALYSES

    known = any(one.name == name for one in ANALYSES)
    return f"salesops_lib.analyses.{name}" if known else ""


def __dir__() -> list[str]:
    return sorted(__all__)
