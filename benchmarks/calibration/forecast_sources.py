"""Whether bookings are forecast right where deals come from different sources: renewals beside new business.

Renewals are won more often, sooner and for less, and pass the same stages. They are due when what they renew
was sold, so they grow for years in a young company, have a season where new business has, and go on where new
business falls. Raw tables, future included, go through `forecast_bookings`; what came in the quarter and in the
twelve months after is counted in the same tables. Beside the error of all money (`bias`) stands that of the
same tables without sources (`naive`). Where sources tell nothing growing renewals cannot be seen, and both are
held to no bar.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration.forecast_pipeline import DRAWS, each_seed, month_end, relative, rows_of
from benchmarks.calibration.planted_renewals import plant_renewals
from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.dataset import Dataset

SETTINGS: dict[str, dict[str, Any]] = {
    "young company, growing renewals": {},
    "young company, no stage history": {"stages": False},
    "young company with a season": {"season": 0.5},
    "old company, steady renewals": {"months": 36, "founded": 72},
    "sources that tell nothing": {"named": False},
    "young company that loses a fifth a year": {"growth": -0.22},
}


def run(replicates: int | None = None, seed: int = 20261130) -> pd.DataFrame:
    """One row a setting and quantity: nominal, replicates, coverage, bias and what chance leaves in
    it, naive, seed, ok."""
    n = 240 if replicates is None else replicates
    rows: list[dict[str, Any]] = []
    for at, (name, options) in enumerate(SETTINGS.items()):
        every = each_seed(partial(company, **options), seed + 10_000 * at, n)
        rows += rows_of(every[["quarter, company", "twelve months, company"]], name, seed)
        rows += _errors(every, name, seed)
    return pd.DataFrame(rows)


def company(seed: int, *, stages: bool = True, **options: Any) -> dict[str, float]:
    """One company, forecast and outcome, and the errors that it would have without its sources."""
    world = plant_renewals(np.random.default_rng(seed), last=month_end(seed), **options)
    tables = {k: v for k, v in world.tables.items() if stages or k != "stage_changes"}
    blind = {**tables, "deals": tables["deals"].drop(columns="source")}
    found = _forecast(blind, world.as_of, seed)
    return {
        **_forecast(tables, world.as_of, seed),
        **{f"blind {name}": found[f"{name} error"] for name in ("quarter", "twelve months")},
    }


def _forecast(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp, seed: int) -> dict[str, float]:
    made = forecast_bookings(
        Dataset.from_frames(tables), as_of=as_of, horizon=12, draws=DRAWS, rng=seed
    )
    low, high = made.limits
    total = made.totals[made.totals["unique_id"] == "company"]
    deals = tables["deals"]
    won = deals[deals["status"] == "won"]
    out = {}
    for name, rows in (
        ("quarter", total[total["period"] == made.quarter]),
        ("twelve months", total[total["kind"] == "twelve months"]),
    ):
        row = rows.iloc[0]
        came = float(won.loc[won["close_date"].between(row["start"], row["end"]), "amount"].sum())
        out[f"{name}, company"] = float(row[low] <= came <= row[high])
        out[f"{name} error"], out[name] = float(row["mean"] - came), came
    return out


def _errors(every: pd.DataFrame, setting: str, seed: int) -> Iterator[dict[str, Any]]:
    base = {"analysis": "forecast", "setting": setting, "replicates": len(every), "seed": seed}
    for name in ("quarter", "twelve months"):
        bias, chance = relative(every, f"{name} error", name)
        naive, _ = relative(every, f"blind {name}", name)
        yield {
            **base, "quantity": f"money error, {name}", "bias": bias, "bias_error": chance,
            "naive": naive, "ok": abs(bias) < 0.05 if SETTINGS[setting].get("named", True) else None,
        }  # fmt: skip
