"""What the 90% intervals of a company with open deals hold after its win rate or its amounts fell.

Four months after a fall of 40%: the wins since are few, so the level that they tell (`levels`) is known
roughly, the forecast goes part of the way and its interval reaches to both. Before levels were followed
the company's quarter was held .42 of the time after a fall of the win rate and .47 of amounts. Without a
fall the same companies say what is usual. Where one of two regions falls alone, in companies four times
as large, its own level is followed, too: while only the company's was, that region's quarter was held
.47 of the time. Company k is drawn with the seed `SEED` + k; the fall begins with the first of the month
four months before today.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.calibration.forecast_pipeline import held, month_end
from benchmarks.calibration.planted_pipeline import plant
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.dataset import Dataset

SEED, COMPANIES, DRAWS = 9000, 36, 300
AGO, LEFT = 4, 0.6
# What fell, months of history, and deals begun a month.
SETTINGS = (
    ("nothing", 60, 60),
    ("win rate", 60, 60),
    ("win rate", 36, 60),
    ("amounts", 60, 60),
    ("deals begun", 60, 60),
    ("nothing", 60, 240),
    ("win rate of one region", 60, 240),
)
FALLEN = "South"


def run() -> pd.DataFrame:
    """One row a setting: shares of companies held, mean error of the quarter, share with a notice."""
    rows = []
    for what, months, begun in SETTINGS:
        with ProcessPoolExecutor() as pool:
            every = pool.map(partial(one, what, months, begun), range(SEED, SEED + COMPANIES))
            table = pd.DataFrame(list(every))
        held = table.drop(columns=["money error", "money"]).mean()
        error = table["money error"].sum() / table["money"].sum()
        rows.append(
            {
                "fell": what,
                "months": months,
                "deals a month": begun,
                "companies": COMPANIES,
                **held,
                "error": error,
            }
        )
    return pd.DataFrame(rows)


def one(what: str, months: int, begun: int, seed: int) -> dict[str, float]:
    """One company, forecast and outcome."""
    rng = np.random.default_rng(seed)
    world = plant(
        rng,
        last=month_end(seed),
        months=months,
        deals_a_month=begun,
        season=0.3,
        growth=0.1,
        shock=0.08,
    )
    deals = world.tables["deals"]
    since = world.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=AGO)
    late = deals["close_date"] >= since
    reps = world.tables["reps"]
    fallen = deals["rep_id"].isin(reps.loc[reps["region"] == FALLEN, "rep_id"])
    if what.startswith("win rate"):
        late &= fallen | (what == "win rate")
        lost = late & (deals["status"] == "won") & (rng.random(len(deals)) >= LEFT)
        deals.loc[lost, "status"] = "lost"
    elif what == "amounts":
        deals.loc[late, "amount"] *= LEFT
    elif what == "deals begun":
        gone = (deals["created_date"] >= since) & (rng.random(len(deals)) >= LEFT)
        world.tables["deals"] = deals[~gone].reset_index(drop=True)
        changes = world.tables["stage_changes"]
        left = changes["deal_id"].isin(world.tables["deals"]["deal_id"])
        world.tables["stage_changes"] = changes[left].reset_index(drop=True)
    made = forecast_bookings(
        Dataset.from_frames(world.tables), as_of=world.as_of, horizon=3, draws=DRAWS, rng=seed
    )
    return {
        **held(made, world.tables),
        "quarter, fallen region": _held_of_region(made, world.tables),
        "notice": float(
            any("by more than in any" in said or "have lately" in said for said in made.notices)
        ),
    }


def _held_of_region(made: BookingsForecast, tables: dict[str, pd.DataFrame]) -> float:
    """Whether the quarter of the region that may have fallen alone is held."""
    quarter = made.totals[made.totals["period"] == made.quarter].set_index("unique_id")
    row = quarter.loc[f"company/{FALLEN}"]
    deals = tables["deals"].merge(tables["reps"], on="rep_id")
    came = (deals["status"] == "won") & deals["close_date"].between(row["start"], row["end"])
    money = float(deals.loc[came & (deals["region"] == FALLEN), "amount"].sum())
    low, high = made.limits
    return float(row[low] <= money <= row[high])
