"""Frames that several tests of selling time share."""

from __future__ import annotations

import numpy as np
import pandas as pd

KINDS = {
    "Meetings": (True, "sales"), "Quotes": (False, "sales-ops supporting"),
    "Data entry": (False, "sales-ops primary"), "Travel": (False, "other"),
}  # fmt: skip


def company(reps: int = 16, months: int = 8, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rep-months and weekly hours: two channels, quotas, months without a sale, a hire."""
    rng = np.random.default_rng(seed)
    first = pd.date_range("2026-01-01", periods=months, freq="MS")
    talent = rng.normal(0, 0.25, reps)
    hours = 15 * np.exp(0.4 * talent[:, None] + 0.2 * rng.normal(size=(reps, months)))
    mean = np.exp(0.34 * np.log(hours) + talent[:, None])
    wins = rng.poisson(1.5 * mean / mean.mean())
    rows, weekly = [], []
    for rep in range(reps):
        for month in range(5 if rep == reps - 1 else 0, months):
            rows.append({
                "rep_id": f"R{rep:02d}", "month": first[month],
                "bookings": float(wins[rep, month]) * rng.lognormal(10, 0.3),
                "quota": 33_000.0, "channel": "EU" if rep % 2 else "US", "region": f"P{rep % 4}",
                "tenure_months": float(month + (1 if rep % 3 else 30)),
                "month_share": 0.5 if month == 0 and rep % 3 == 1 else 1.0,
            })  # fmt: skip
            monday = first[month] + pd.Timedelta(days=int((7 - first[month].weekday()) % 7))
            for week in range(4):
                swing = np.exp(0.15 * rng.normal(size=4))
                for name, usual, up in zip(KINDS, (hours[rep, month], 5, 8, 9), swing, strict=True):
                    weekly.append({
                        "rep_id": f"R{rep:02d}", "week": monday + pd.Timedelta(weeks=week),
                        "activity": name, "hours": usual * up,
                    })  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(weekly)


def by_hand() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two reps, one month, two weeks: A sells 10 of 20 and 14 of 20 hours, B 6 of 10 and none of 5."""
    data = pd.DataFrame({
        "rep_id": ["A", "B"], "month": pd.to_datetime(["2026-03-01"] * 2), "bookings": [100.0, 50.0],
    })  # fmt: skip
    rows = [
        ("A", "2026-03-02", "Meetings", 10), ("A", "2026-03-02", "Data entry", 6),
        ("A", "2026-03-02", "Travel", 4), ("A", "2026-03-09", "Meetings", 14),
        ("A", "2026-03-09", "Data entry", 6), ("B", "2026-03-02", "Meetings", 6),
        ("B", "2026-03-02", "Quotes", 4), ("B", "2026-03-09", "Quotes", 5),
    ]  # fmt: skip
    activities = pd.DataFrame(rows, columns=["rep_id", "week", "activity", "hours"])
    return data, activities
