"""What the 90% intervals of a company with open deals hold after its win rate or its amounts fell.

Four months after a fall of 40%: the wins since are few, so the level that they tell (`levels`) is known
roughly, the forecast goes part of the way and its interval reaches to both. Before levels were followed
the company's quarter was held .42 of the time after a fall of the win rate and .47 of amounts. Without a
fall the same companies say what is usual. Company k is drawn with the seed `SEED` + k; the fall begins
with the first of the month four months before today.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.calibration.forecast_pipeline import held, month_end
from benchmarks.calibration.planted_pipeline import plant
from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.dataset import Dataset

SEED, COMPANIES, DRAWS = 9000, 36, 300
AGO, LEFT = 4, 0.6
# What fell, and months of history.
SETTINGS = (
    ("nothing", 60),
    ("win rate", 60),
    ("win rate", 36),
    ("amounts", 60),
    ("deals begun", 60),
)


def run() -> pd.DataFrame:
    """One row a setting: shares of companies held, mean error of the quarter, share with a notice."""
    rows = []
    for what, months in SETTINGS:
        with ProcessPoolExecutor() as pool:
            every = pool.map(partial(one, what, months), range(SEED, SEED + COMPANIES))
            table = pd.DataFrame(list(every))
        held = table.drop(columns=["money error", "money"]).mean()
        error = table["money error"].sum() / table["money"].sum()
        rows.append(
            {"fell": what, "months": months, "companies": COMPANIES, **held, "error": error}
        )
    return pd.DataFrame(rows)


def one(what: str, months: int, seed: int) -> dict[str, float]:
    """One company, forecast and outcome."""
    rng = np.random.default_rng(seed)
    world = plant(rng, last=month_end(seed), months=months, season=0.3, growth=0.1, shock=0.08)
    deals = world.tables["deals"]
    since = world.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=AGO)
    late = deals["close_date"] >= since
    if what == "win rate":
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
        "notice": float(
            any("by more than in any" in said or "have lately" in said for said in made.notices)
        ),
    }
