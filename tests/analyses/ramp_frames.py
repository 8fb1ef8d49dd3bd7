"""Small rep-month frames that the tests of ramp-time cost share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def smooth(
    *, reps: int = 12, months: int = 18, ramp: float = 4.0, level: float = 1000.0
) -> pd.DataFrame:
    """No noise: every rep sells `level` × (1 − 0.1^(tenure / ramp)); no ramp where `ramp` is 0."""
    tenure = np.tile(np.arange(1.0, months + 1), reps)
    share = 1 - 0.1 ** (tenure / ramp) if ramp else np.ones(len(tenure))
    return pd.DataFrame(
        {
            "rep_id": np.repeat(np.arange(reps), months),
            "tenure_months": tenure,
            "bookings": level * share,
        }
    )


def noisy(
    seed: int = 0, *, reps: int = 40, months: int = 24, ramp: float = 4.0, noise: float = 0.8
) -> pd.DataFrame:
    """Lognormal noise and levels around `smooth`, expected values kept."""
    rng = np.random.default_rng(seed)
    frame = smooth(reps=reps, months=months, ramp=ramp)
    level = np.exp(0.3 * rng.standard_normal(reps) - 0.045)[frame["rep_id"]]
    factor = np.exp(noise * rng.standard_normal(len(frame)) - noise**2 / 2)
    return frame.assign(bookings=frame["bookings"] * level * factor)


def dated(frame: pd.DataFrame, *, start: str = "2024-01", apart: int = 0) -> pd.DataFrame:
    """With a calendar month; rep number r is hired `r × apart` months after `start`."""
    number = pd.factorize(frame["rep_id"])[0]
    months = pd.period_range(start, periods=400, freq="M").to_timestamp()
    return frame.assign(month=months[(number * apart + frame["tenure_months"] - 1).astype(int)])


def milestones(rows: Mapping[str, tuple[int, int, bool]]) -> pd.DataFrame:
    """rep → (tenure first seen, tenure last seen, whether the event came in the last month)."""
    table = [
        (rep, float(month), there and month == last)
        for rep, (first, last, there) in rows.items()
        for month in range(first, last + 1)
    ]
    frame = pd.DataFrame(table, columns=["rep_id", "tenure_months", "certified"])
    return frame.assign(bookings=1.0)
