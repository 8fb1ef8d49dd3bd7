"""A statistician's own rep-months, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import salesops_lib as so
from salesops_lib.estimate import Result

Ask = Callable[[pd.DataFrame], "Result | pd.DataFrame"]
MONTHS = 18


def months() -> pd.DataFrame:
    """20 reps of two channels, every other one hired when the data begin."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({
        "rep_id": np.repeat([f"R{i:02d}" for i in range(20)], MONTHS),
        "month": np.tile(pd.date_range("2025-01-01", periods=MONTHS, freq="MS"), 20),
        "channel": np.repeat(["EU", "EU", "US", "US"] * 5, MONTHS),
    })  # fmt: skip
    n = len(rows)
    rows["tenure_months"] = np.tile(np.arange(1, MONTHS + 1), 20) + np.repeat([30, 0] * 10, MONTHS)
    rows["market_size"] = rng.normal(100, 20, n)
    rows["quota"] = 40_000.0
    rows["month_share"] = 1.0
    ramp = 1 - np.exp(-0.4 * rows["tenure_months"])
    rows["bookings"] = (
        np.repeat(rng.lognormal(10, 0.3, 20), MONTHS) * rng.lognormal(0, 0.4, n) * ramp
    )
    return rows


def curve(frame: pd.DataFrame) -> Result:
    return so.performance_curve(
        frame,
        quota="quota",
        covariates=["market_size"],
        exposure="month_share",
        samples=0,
        draws=200,
    )


def gap(frame: pd.DataFrame) -> Result:
    return so.channel_gap(
        frame, outcome="bookings", a="EU", b="US", market=["market_size"], permutations=19
    )


def parts(frame: pd.DataFrame) -> pd.DataFrame:
    return so.decompose_gap(
        frame, outcome="bookings", group="channel", a="EU", b="US", covariates=["market_size"]
    )


def ramp(frame: pd.DataFrame) -> Result:
    return so.ramp_time(frame, value="bookings", market=("market_size",))


def milestone(frame: pd.DataFrame) -> Result:
    return so.ramp_time(frame, value="bookings", definition="milestone", quota="quota")


ASKED: dict[str, Ask] = {
    "curve": curve, "gap": gap, "parts": parts, "ramp": ramp, "milestone": milestone
}  # fmt: skip


def said(answer: Result | pd.DataFrame) -> object:
    if isinstance(answer, pd.DataFrame):
        return answer.to_numpy().tolist()
    return [(one.estimate.to_dict(), one.sentence) for one in answer.findings]
