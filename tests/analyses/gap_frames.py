"""Frames that several tests of the channel gap share."""

from __future__ import annotations

import numpy as np
import pandas as pd

MARKET, PRACTICE = ["size", "growth"], ["win_rate", "calls"]


def rep_months(seed: int = 0, reps: int = 16, months: int = 6) -> pd.DataFrame:
    """Two channels with market, practices, uneven spells and a category."""
    rng = np.random.default_rng(seed)
    in_eu = np.arange(reps) < reps // 2
    rows = []
    for rep in range(reps):
        for month in range(int(rng.integers(3, months + 1))):
            size = rng.normal(100, 8) + 6 * in_eu[rep]
            growth = rng.normal(0.03, 0.01)
            win = 0.25 + 0.002 * (size - 100) + 0.02 * in_eu[rep] + rng.normal(0, 0.03)
            calls = rng.normal(40, 5) + 2 * in_eu[rep]
            money = 20_000 + 300 * size + 90_000 * win + 250 * calls + rng.normal(0, 4_000)
            rows.append({
                "rep_id": f"R{rep:02d}", "month": pd.Timestamp(2026, 1 + month, 1),
                "channel": "EU" if in_eu[rep] else "US", "size": size, "growth": growth,
                "win_rate": win, "calls": calls, "product": rng.choice(["core", "plus", "suite"]),
                "bookings": money,
            })  # fmt: skip
    return pd.DataFrame(rows)


def many(seed: int = 0, spread: float = 0.0) -> pd.DataFrame:
    """Five channels of eight reps, `spread` apart."""
    rng = np.random.default_rng(seed)
    reps = np.arange(40)
    level = rng.normal(0, 10, 40) + spread * (reps % 5)
    return pd.DataFrame({
        "rep_id": np.repeat(reps, 4), "channel": np.repeat([f"C{i % 5}" for i in reps], 4),
        "bookings": 100 + np.repeat(level, 4) + rng.normal(0, 5, 160),
    })  # fmt: skip
