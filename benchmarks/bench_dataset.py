"""Dataset: rep-months, past pipelines and the second load against plain pandas."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from salesops_lib.dataset import Dataset, load_dataset

REPS, MONTHS, DEALS = 2_000, 36, 300_000


def _company(seed: int) -> dict[str, pd.DataFrame]:
    """300,000 deals of 2,000 reps over 36 months, each with three changes of stage."""
    rng = np.random.default_rng(seed)
    created = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1000, DEALS), unit="D")
    status = rng.choice(["won", "lost"], DEALS, p=[0.3, 0.7])
    deals = pd.DataFrame(
        {
            "deal_id": [f"D{at:06d}" for at in range(DEALS)],
            "rep_id": [f"R{at:04d}" for at in rng.integers(0, REPS, DEALS)],
            "status": status,
            "amount": np.round(rng.gamma(2, 5000, DEALS), 2),
            "created_date": created,
            "close_date": created + pd.to_timedelta(rng.integers(5, 95, DEALS), unit="D"),
        }
    )
    step = np.repeat(np.arange(DEALS), 3)
    at = created[step] + pd.to_timedelta(np.tile([0, 2, 4], DEALS), unit="D")
    changes = pd.DataFrame(
        {
            "deal_id": deals["deal_id"].to_numpy()[step],
            "changed_at": at,
            "stage": np.tile(["A", "B", "C"], DEALS),
            "amount": np.repeat(deals["amount"].to_numpy(), 3),
        }
    )
    reps = pd.DataFrame({"rep_id": [f"R{at:04d}" for at in range(REPS)], "hire_date": "2020-01-01"})
    return {"deals": deals, "stage_changes": changes, "reps": reps}


def _seconds(task: Callable[[], object]) -> float:
    """CPU time, the lesser of two: other work on the machine only adds."""
    times = []
    for _ in range(2):
        begun = time.process_time()
        task()
        times.append(time.process_time() - begun)
    return min(times)


def _pandas_rep_months(deals: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """A part of the columns of rep_months, as an analyst writes them in pandas."""
    month = deals["close_date"].dt.to_period("M").dt.to_timestamp()
    won = deals[deals["status"] == "won"].assign(month=month)
    won["days"] = (won["close_date"] - won["created_date"]).dt.days
    keys = ["rep_id", "month"]
    parts = [
        won.groupby(keys).agg(
            bookings=("amount", "sum"),
            deals_won=("amount", "size"),
            mean_amount=("amount", "mean"),
            cycle_days=("days", "mean"),
        ),
        deals.assign(month=month).groupby(keys).size().rename("deals_closed"),
        deals.assign(month=deals["created_date"].dt.to_period("M").dt.to_timestamp())
        .groupby(keys)
        .size()
        .rename("deals_created"),
    ]
    months = pd.date_range("2023-01-01", periods=MONTHS, freq="MS")
    opened = [
        deals[
            (deals["created_date"] <= one + pd.offsets.MonthEnd(1)) & (deals["close_date"] >= one)
        ]
        .groupby("rep_id")
        .size()
        .rename("open_deals")
        .reset_index()
        .assign(month=one)
        for one in months
    ]
    parts.append(pd.concat(opened).set_index(keys)["open_deals"])
    grid = reps[["rep_id"]].merge(pd.DataFrame({"month": months}), how="cross").set_index(keys)
    return grid.join(parts)


def _pandas_pipeline(deals: pd.DataFrame, changes: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    known = changes[changes["changed_at"] < day + pd.Timedelta(days=1)].sort_values("changed_at")
    state = known.groupby("deal_id")[["stage", "amount", "changed_at"]].last()
    still = deals[(deals["created_date"] <= day) & (deals["close_date"] > day)]
    return still.drop(columns="amount").merge(state, on="deal_id", how="left")


def run(seed: int = 0) -> pd.DataFrame:
    """what, ours_seconds, theirs, theirs_seconds, ratio (theirs ÷ ours)."""
    tables = _company(seed)
    dataset = Dataset.from_frames(tables)
    dataset.rep_months()  # compiles the question
    days = pd.date_range("2024-01-31", periods=12, freq="ME")
    dataset.pipeline_on(days[0])
    deals, changes, reps = dataset.deals(), dataset.stage_changes(), dataset.reps()
    rows = [
        (
            f"rep-months of {REPS:,} reps and {DEALS:,} deals, all columns",
            _seconds(lambda: Dataset(dataset.whole).rep_months()),
            "pandas groupby and join, six of the columns",
            _seconds(lambda: _pandas_rep_months(deals, reps)),
        ),
        (
            "pipeline on 12 past days",
            _seconds(lambda: [dataset.pipeline_on(day) for day in days]),
            "pandas sort, groupby last and merge",
            _seconds(lambda: [_pandas_pipeline(deals, changes, day) for day in days]),
        ),
        _loads(tables),
    ]
    frame = pd.DataFrame(rows, columns=["what", "ours_seconds", "theirs", "theirs_seconds"])
    return frame.assign(ratio=frame["theirs_seconds"] / frame["ours_seconds"])


def _loads(tables: dict[str, pd.DataFrame]) -> tuple[str, float, str, float]:
    before = os.environ.get("SALESOPS_CACHE")
    with tempfile.TemporaryDirectory() as place:
        os.environ["SALESOPS_CACHE"] = str(Path(place) / "cache")
        folder = Path(place) / "data"
        folder.mkdir()
        for name, frame in tables.items():
            frame.to_csv(folder / f"{name}.csv.gz", index=False)
        try:
            load_dataset(folder).rep_months()
            ours = _seconds(lambda: load_dataset(folder).rep_months())
        finally:
            os.environ.pop("SALESOPS_CACHE")
            if before is not None:
                os.environ["SALESOPS_CACHE"] = before

        def plain() -> pd.DataFrame:
            for name in ("deals", "stage_changes", "reps"):
                dates = [one for one in tables[name] if one.endswith(("_date", "_at"))]
                read = pd.read_csv(folder / f"{name}.csv.gz", parse_dates=dates)
                tables[name] = read
            return _pandas_rep_months(tables["deals"], tables["reps"])

        return (
            "load again and rep-months (prepared tables)",
            ours,
            "pandas read_csv and groupby",
            _seconds(plain),
        )
