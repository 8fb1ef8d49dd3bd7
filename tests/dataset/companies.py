"""Random small companies for twins: raw tables with gaps, rehires, leavers and undated deals."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST = pd.Timestamp("2025-01-01")


def random_tables(seed: int, *, deals: int = 40, reps: int = 5) -> dict[str, pd.DataFrame]:
    """A company of 14 months; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    ids = [f"R{at}" for at in range(reps)]
    return {
        "reps": _reps(rng, ids),
        "deals": (table := _deals(rng, ids, deals)),
        "stage_changes": _changes(rng, table),
        "quotas": _quotas(rng, ids),
        "activities": _activities(rng, ids),
        "markets": pd.DataFrame(
            [
                {"region": region, "month": f"2025-{month:02d}", "size": float(month)}
                for region in ("North", "South")
                for month in range(1, 13)
            ]
        ),
    }


def _day(rng: np.random.Generator, low: int = 0, high: int = 420) -> str:
    return f"{FIRST + pd.Timedelta(days=int(rng.integers(low, high))):%Y-%m-%d}"


def _reps(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    rows = []
    for at, rep in enumerate(ids):
        base = {"rep_id": rep, "region": rng.choice(["North", "South"]), "name": rep.lower()}
        if at == 0:
            rows.append({**base, "hire_date": None, "end_date": None})
        elif at == 1:  # left and came back, perhaps within a month
            left = int(rng.integers(60, 200))
            back = left + int(rng.integers(1, 90))
            rows.append({**base, "hire_date": "2024-06-15", "end_date": _day(rng, left, left + 1)})
            rows.append({**base, "hire_date": _day(rng, back, back + 1), "end_date": None})
        else:
            hired = int(rng.integers(-300, 300))
            end = _day(rng, hired + 1, 500) if rng.random() < 0.5 else None
            rows.append({**base, "hire_date": _day(rng, hired, hired + 1), "end_date": end})
    return pd.DataFrame(rows)


def _deals(rng: np.random.Generator, ids: list[str], n: int) -> pd.DataFrame:
    rows = []
    for at in range(n):
        status = str(rng.choice(["won", "lost", "open"]))
        start = int(rng.integers(0, 380))
        close = start + int(rng.integers(-3, 90))
        undated = rng.random() < 0.1
        rows.append(
            {
                "deal_id": f"D{at:03d}",
                # The last rep never sells; one is in no reps table.
                "rep_id": str(rng.choice([*ids[:-1], "ghost"])),
                "status": status,
                "amount": float(rng.integers(-20, 200))
                if rng.random() < 0.9 or status == "won"
                else None,
                "created_date": None if undated else _day(rng, start, start + 1),
                "close_date": None
                if status == "open" or (status == "lost" and rng.random() < 0.1)
                else _day(rng, max(close, 0), max(close, 0) + 1),
                "list_amount": float(rng.integers(0, 250)) if rng.random() < 0.7 else None,
                "quoted_date": _day(rng, start, start + 30) if rng.random() < 0.5 else None,
                "stage": str(rng.choice(["A", "B", "C"])),
            }
        )
    columns = [
        *("deal_id", "rep_id", "status", "amount", "created_date", "close_date"),
        *("list_amount", "quoted_date", "stage"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _changes(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for deal in deals.itertuples(index=False):
        if rng.random() < 0.3:
            continue
        for _ in range(int(rng.integers(1, 5))):
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "changed_at": f"{_day(rng)} {int(rng.integers(0, 24)):02d}:00",
                    "stage": str(rng.choice(["A", "B"])),
                    "amount": float(rng.integers(1, 200)) if rng.random() < 0.7 else None,
                    "expected_close_date": _day(rng) if rng.random() < 0.7 else None,
                }
            )
            if rng.random() < 0.2:  # two changes at one moment
                rows.append({**rows[-1], "stage": "C", "amount": None})
    columns = ["deal_id", "changed_at", "stage", "amount", "expected_close_date"]
    return pd.DataFrame(rows, columns=columns)


def _quotas(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "rep_id": rep,
                "month": f"2025-{month:02d}-01",
                "quota": float(rng.integers(0, 3) * 50),
            }
            for rep in ids
            for month in range(1, 13)
            if rng.random() < 0.8
        ]
    )


def _activities(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "rep_id": rep,
                "week": f"{pd.Timestamp('2024-12-30') + pd.Timedelta(weeks=week):%Y-%m-%d}",
                "activity": activity,
                "hours": float(rng.integers(0, 20)),
            }
            for rep in ids
            for week in range(55)
            for activity in ("Calls", "CRM entry", "juggling")
            if rng.random() < 0.5
        ]
    )
