"""Simulated rep-months with planted skill, for the tests of the performance curve."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rep_months(
    skill: np.ndarray,
    months: int,
    rng: np.random.Generator,
    *,
    noise: str = "multiplied",
    sd: float = 0.8,
    zeros: float = 0.0,
    start: str = "2025-01-01",
) -> pd.DataFrame:
    """One row a rep and month; `skill` is the expected value a month before zeros."""
    shape = (len(skill), months)
    if noise == "multiplied":
        luck = np.exp(sd * rng.standard_normal(shape) - sd**2 / 2)
        values = skill[:, None] * luck
    else:
        values = skill[:, None] + sd * skill.mean() * rng.standard_normal(shape)
    values = values * (rng.random(shape) >= zeros)
    return pd.DataFrame(
        {
            "rep_id": np.repeat([f"R{i:04d}" for i in range(len(skill))], months),
            "month": np.tile(pd.date_range(start, periods=months, freq="MS"), len(skill)),
            "bookings": values.ravel(),
        }
    )


def steady(values: dict[str, float], months: int = 12) -> pd.DataFrame:
    """Reps who sell the same every month: nothing is luck."""
    frame = pd.DataFrame({"rep_id": list(values), "bookings": list(values.values())})
    times = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=months, freq="MS")})
    return frame.merge(times, how="cross")


def deal_months(
    rng: np.random.Generator,
    reps: int,
    rate: float,
    spread: float,
    *,
    skill: float = 0.3,
    sizes: np.ndarray | float = 1.0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """A year of rep-months of deals worth 1 on average, `rate` a month times the month's `sizes`, of log
    sd `spread`; how often each rep sells, for the usual."""
    often = np.exp(skill * rng.standard_normal(reps))
    counts = rng.poisson(rate * often[:, None] * sizes, (reps, 12))
    amounts = rng.lognormal(-(spread**2) / 2, spread, (*counts.shape, int(counts.max())))
    there = np.arange(amounts.shape[2]) < counts[:, :, None]
    frame = pd.DataFrame({
        "rep_id": np.repeat(np.arange(reps), 12), "month": np.tile(np.arange(12), reps),
        "bookings": (amounts * there).sum(axis=2).ravel(), "deals_won": counts.ravel(),
    })  # fmt: skip
    return frame, often
