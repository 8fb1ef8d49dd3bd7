"""Deal tables for the forecast's tests: a company that can be counted by hand, and planted ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.calibration.planted_pipeline import Planted, plant
from salesops_lib.dataset import Dataset

AS_OF = pd.Timestamp("2026-09-30")
TEAMS = ("Amber", "Birch", "Cedar", "Dune")


def clockwork(months: int = 18, last: pd.Timestamp = AS_OF) -> dict[str, pd.DataFrame]:
    """Ten deals begin on the last day of every month, each of 100.

    Of the ten, two are won and three lost in the first month after, one is won in the second, and
    four stay open for ever: by hand, the chance of winning is 2/10, then 1/5, then 0.
    """
    ends = pd.date_range(end=last, periods=months, freq="ME")
    rows = []
    for month, end in enumerate(ends):
        for k in range(10):
            status, after = "open", 0
            if k < 5:
                status, after = ("won" if k < 2 else "lost"), 1
            elif k == 5:
                status, after = "won", 2
            close = end + pd.offsets.MonthEnd(after) - pd.Timedelta(days=14) if after else pd.NaT
            if after and close > last:
                status, close = "open", pd.NaT
            rows.append((f"{end:%y%m}{k}", f"R{month % 4}", status, 100.0, end, close))
    names = ["deal_id", "rep_id", "status", "amount", "created_date", "close_date"]
    return {"reps": reps(), "deals": pd.DataFrame(rows, columns=names)}


def reps() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rep_id": [f"R{k}" for k in range(4)],
            "name": [f"Person {k}" for k in range(4)],
            "region": ["North", "North", "South", "South"],
            "team": list(TEAMS),
        }
    )


def planted(seed: int = 0, **options: object) -> Planted:
    return plant(np.random.default_rng(seed), **options)  # type: ignore[arg-type]


def opened(tables: dict[str, pd.DataFrame]) -> Dataset:
    return Dataset.from_frames(tables)


def undated_pipeline() -> Dataset:
    """Two and a half years whose CRM dates open deals late: many have no creation date."""
    world = planted(6, months=30)
    deals = world.tables["deals"].copy()
    deals = deals[deals["created_date"] <= AS_OF]
    still = deals["close_date"] > AS_OF
    deals.loc[still, ["status", "close_date"]] = ["open", pd.NaT]
    deals.loc[still & (deals["created_date"] > "2026-07-31"), "created_date"] = pd.NaT
    return opened({"reps": world.tables["reps"], "deals": deals})


def with_quotas(world: Planted, monthly: float, ahead: int = 3) -> dict[str, pd.DataFrame]:
    """The planted tables with one quota for every rep and month, up to `ahead` months on."""
    months = pd.date_range(end=world.as_of, periods=12, freq="MS")
    months = months.append(pd.date_range(world.as_of, periods=ahead, freq="MS"))
    reps_ = world.tables["reps"]["rep_id"]
    quotas = pd.DataFrame(
        [(rep, month, monthly) for rep in reps_ for month in months],
        columns=["rep_id", "month", "quota"],
    )
    return {**world.tables, "quotas": quotas}


def growing() -> dict[str, pd.DataFrame]:
    """Nearly three years of a company that grows, with a season and quotas."""
    return with_quotas(planted(4, months=34, season=0.2, growth=0.1), 120_000.0)


def company(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a forecast's table that are about the whole company."""
    return table[table["unique_id"] == "company"]
