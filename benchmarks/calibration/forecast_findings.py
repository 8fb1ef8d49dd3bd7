"""Do the chances of reaching a quota come true? Planted deals, quotas set without knowing the future.

Companies of six teams in two regions, as in `forecast_pipeline`. Every team's quota of the coming
quarter is the last twelve months' quarter times a lognormal factor (sd .25), the same for all teams of
a company, so that some quotas are easy and some are hopeless. What came in the quarter is counted in
the same tables.

- `quota_probability, …`: of the quotas whose chance was given within those limits, the share that was
  reached, against the mean chance given. At the company one chance a company; over teams six.
- `coverage_needed`: where today's pipeline was called enough, at least four in five reach their quota;
  where it was called too little, at most four in five.
- `quotas_out_of_reach`: of those called out of reach, at most one in ten is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration.forecast_pipeline import DRAWS, SETTINGS, month_end
from benchmarks.calibration.planted_pipeline import Planted, plant
from salesops_lib.analyses.forecast import forecast_bookings
from salesops_lib.dataset import Dataset

SEED, COMPANIES = 20261129, 300
ASKED = ("two years", "three years, season, growth, shocks")
SPREAD = 0.25
WANTED, OUT_OF_REACH = 0.80, 0.10
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# Points by which a chance may be off, on top of what the replicates leave to luck.
TOLERANCE = 0.05
FOLLOWS = {
    "bookings_next_quarter": "forecast_pipeline: quarter, company",
    "bookings_next_year": "forecast_pipeline: twelve months, company",
    "pipeline_expected": "forecast_pipeline: open pipeline",
    "win_rate": "forecast_pipeline: win rate",
    "last_forecast_error": "forecast_pipeline: quarter, company; the limits of the last one over what came",
}


def with_quotas(world: Planted, factor: float) -> dict[str, pd.DataFrame]:
    """The planted tables with each team's quota a month: the last year's month times `factor`."""
    deals = world.tables["deals"]
    since = world.as_of - pd.DateOffset(months=12)
    won = (deals["status"] == "won") & deals["close_date"].between(since, world.as_of)
    reps = world.tables["reps"]["rep_id"]
    monthly = deals[won].groupby("rep_id")["amount"].sum().reindex(reps).fillna(0.0) / 12 * factor
    months = pd.date_range(end=world.as_of + pd.DateOffset(months=3), periods=15, freq="MS")
    quotas = pd.DataFrame({
        "rep_id": np.repeat(reps.to_numpy(), len(months)), "month": np.tile(months, len(reps)),
        "quota": np.repeat(monthly.to_numpy(), len(months)),
    })  # fmt: skip
    return {**world.tables, "quotas": quotas}


def one(setting: str, seed: int) -> pd.DataFrame:
    """A row a quota of the coming quarter: what was said of it, and whether it was reached."""
    rng = np.random.default_rng(seed)
    world = plant(rng, last=month_end(seed), **SETTINGS[setting])
    tables = with_quotas(world, float(np.exp(SPREAD * rng.standard_normal())))
    made = forecast_bookings(
        Dataset.from_frames(tables), as_of=world.as_of, horizon=3, draws=DRAWS, rng=seed
    )
    judged = made.quota[made.quota["period"] == made.quarter]
    deals = tables["deals"].merge(tables["reps"], on="rep_id")
    span = judged.iloc[0]
    came = deals[
        (deals["status"] == "won") & deals["close_date"].between(span["start"], span["end"])
    ]
    paths = ("company/" + came["region"], "company/" + came["region"] + "/" + came["team"])
    money = pd.concat([came.groupby(path)["amount"].sum() for path in paths])
    money["company"] = came["amount"].sum()
    reached = judged["unique_id"].map(money).fillna(0.0) >= judged["quota"]
    needed = made.finding("coverage_needed").estimate
    company = judged["level"].eq("total") | judged["unique_id"].eq("company")
    now = float(judged.loc[company, "coverage_now"].iloc[0])
    said = "enough" if now > needed.high else "too little" if now < needed.low else "cannot tell"
    return judged.assign(
        reached=reached.astype(float), company=company, said=np.where(company, said, ""), seed=seed
    )[["level", "company", "probability", "out_of_reach", "reached", "said", "seed"]]


def rows(every: pd.DataFrame, setting: str, seed: int) -> Iterator[dict[str, Any]]:
    """Claims against what came."""
    base = {"analysis": "forecast", "setting": setting, "seed": seed, "asked": True}
    for level, part in (
        ("company", every[every["company"]]),
        ("team", every[every["level"] == "team"]),
    ):
        for low, high in pairwise(EDGES):
            inside = part[
                part["probability"].between(low, high, inclusive="both" if high == 1 else "left")
            ]
            yield {
                **base,
                "quantity": f"quota_probability, {level}, {low:g} to {high:g}",
                **_met(inside),
            }
    company = every[every["company"]]
    for said, ok in (("enough", 1), ("too little", -1)):
        of = company[company["said"] == said]
        share, error = float(of["reached"].mean()), _error(of)
        held = ok * (share - WANTED) >= -2 * error
        yield {
            **base, "quantity": f"coverage_needed, said to be {said}", "replicates": len(of),
            "nominal": WANTED, "coverage": share, "bias_error": error, "ok": bool(held),
        }  # fmt: skip
    lost = every[every["out_of_reach"].astype(bool)]
    share, error = float(lost["reached"].mean()), _error(lost)
    yield {
        **base, "quantity": "quotas_out_of_reach", "replicates": len(lost), "nominal": 1 - OUT_OF_REACH,
        "coverage": 1 - share, "bias_error": error, "ok": bool(share <= OUT_OF_REACH + 2 * error),
    }  # fmt: skip


def _met(part: pd.DataFrame) -> dict[str, Any]:
    value, truth = float(part["probability"].mean()), float(part["reached"].mean())
    error = _error(part)
    return {
        "replicates": len(part), "value": value, "truth": truth, "bias": value - truth,
        "bias_error": error, "ok": bool(abs(value - truth) <= TOLERANCE + 2 * error),
    }  # fmt: skip


def _error(part: pd.DataFrame) -> float:
    """Of a share over quotas, of which those of one company are reached together: at least what chances
    as given would leave to luck."""
    if len(part) < 2:
        return np.nan
    off = (part["reached"] - part["reached"].mean()).groupby(part["seed"]).sum()
    luck = (part["probability"] * (1 - part["probability"])).sum()
    return float(np.sqrt(max((off**2).sum(), luck)) / len(part))


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """The whole table; `replicates` overrides 300 companies a setting."""
    n = replicates or COMPANIES
    found: list[dict[str, Any]] = []
    with ProcessPoolExecutor() as pool:
        for at, setting in enumerate(ASKED):
            first = seed + 10_000 * at
            every = pool.map(partial(one, setting), range(first, first + n), chunksize=5)
            found += rows(pd.concat(list(every), ignore_index=True), setting, seed)
    columns = [
        "analysis", "setting", "quantity", "nominal", "replicates", "coverage", "value", "truth",
        "bias", "bias_error", "seed", "ok", "asked",
    ]  # fmt: skip
    return pd.DataFrame(found).reindex(columns=columns)
