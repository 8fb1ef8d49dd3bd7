"""Do the intervals of `forecast_series` hold? Planted seasonal log-AR(1) months, the public function.

log y = growth of 0.5% a month + a season (sd .2 over the months, drawn for each series) + AR(1) noise
(φ .5, sd .15). Coverage at nominal 90% of the first, second and third month, and of the quarter total
those make. `alone`: each series by itself, so that only its own past errors count; `many`: in frames
of 50 series, where the rank is taken over all series' errors. `company`: a hierarchy
of 12 teams in 4 regions, reconciled, each node counted. The bars: months .87 to .93 throughout;
quarter totals at least .87 from 60 months on. `naive` is the coverage of twelve months' worth of
±1.645 standard deviations of seasonal naive residuals in place of the conformal rank; `bias` the mean
log error of the forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast import forecast_hierarchy, forecast_series

REPLICATES, SEED = 2000, 20260906
NOMINAL, STEPS = 0.90, 3
GROWTH, SEASON_SD, PHI, NOISE = 0.005, 0.2, 0.5, 0.15
FRAME, TEAMS, REGIONS = 50, 12, 4


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """One row a setting and quantity."""
    count = replicates or REPLICATES
    rows: list[dict[str, Any]] = []
    for months in (36, 60):
        rng = np.random.default_rng([seed, months])
        for setting, pool in (("alone", False), ("many", True)):
            made = [_series(rng, months, pool) for _ in range(-(-count // FRAME))]
            rows += _rows(f"{setting}, {months} months", pd.concat(made), seed)
        made = [_company(rng, months) for _ in range(-(-count // (TEAMS + REGIONS + 1)))]
        rows += _rows(f"company, {months} months", pd.concat(made), seed)
    return pd.DataFrame(rows)


def planted(rng: np.random.Generator, count: int, months: int) -> np.ndarray:
    """(count, months) positive values."""
    burn = 50
    shock = rng.normal(size=(count, burn + months)) * NOISE * np.sqrt(1 - PHI**2)
    noise = np.zeros_like(shock)
    for t in range(1, shock.shape[1]):
        noise[:, t] = PHI * noise[:, t - 1] + shock[:, t]
    season = rng.normal(size=(count, 12)) * SEASON_SD
    time = np.arange(months)
    return np.exp(11 + GROWTH * time + season[:, time % 12] + noise[:, burn:])


def months_of(count: int) -> pd.DatetimeIndex:
    """`count` months that end with a December: the next three are a quarter."""
    return pd.date_range(end="2025-12-01", periods=count, freq="MS")


def _series(rng: np.random.Generator, months: int, pool: bool) -> pd.DataFrame:
    values = planted(rng, FRAME, months + STEPS)
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i}" for i in range(FRAME)], months),
            "ds": np.tile(months_of(months), FRAME),
            "y": values[:, :months].ravel(),
        }
    )
    result = forecast_series(
        frame,
        horizon=STEPS,
        season_length=12,
        levels=(100 * NOMINAL,),
        pool=pool,
        origins=0,
        partial="keep",
    )
    naive = _naive(values[:, :months])
    return _held(result, values[:, months:], naive)


def _company(rng: np.random.Generator, months: int) -> pd.DataFrame:
    values = planted(rng, TEAMS, months + STEPS)
    frame = pd.DataFrame(
        {
            "region": np.repeat([f"r{i % REGIONS}" for i in range(TEAMS)], months),
            "team": np.repeat([f"t{i:02}" for i in range(TEAMS)], months),
            "ds": np.tile(months_of(months), TEAMS),
            "y": values[:, :months].ravel(),
        }
    )
    result = forecast_hierarchy(
        frame,
        by=("region", "team"),
        horizon=STEPS,
        season_length=12,
        levels=(100 * NOMINAL,),
        origins=0,
        partial="keep",
    )
    nodes = result.nodes
    region = np.array([f"r{i % REGIONS}" for i in range(TEAMS)])
    team = np.array([f"t{i:02}" for i in range(TEAMS)])
    truth = []
    for node in nodes.itertuples():
        inside = np.ones(TEAMS, bool)
        if node.level != "total":
            inside &= region == node.region
        if node.level == "team":
            inside &= team == node.team
        truth.append(values[inside].sum(axis=0))
    whole = np.array(truth)
    return _held(result, whole[:, months:], _naive(whole[:, :months]))


def _naive(history: np.ndarray) -> np.ndarray:
    """Lower and upper limits (n, 3, 2) of seasonal naive ± 1.645 sd of its last year's errors."""
    base = np.log(history[:, -12 : -12 + STEPS])
    sd = np.std(np.log(history[:, -12:] / history[:, -24:-12]), axis=1)[:, None]
    return np.exp(np.stack([base - 1.645 * sd, base + 1.645 * sd], axis=2))


def _held(result: Any, outcome: np.ndarray, naive: np.ndarray) -> pd.DataFrame:
    level = f"{100 * NOMINAL:g}"
    shape = (len(outcome), STEPS)
    low = result.forecast[f"lo-{level}"].to_numpy().reshape(shape)
    high = result.forecast[f"hi-{level}"].to_numpy().reshape(shape)
    mean = result.forecast["mean"].to_numpy().reshape(shape)
    quarter = result.totals[result.totals["kind"] == "quarter"]
    whole = outcome.sum(axis=1)
    out = {}
    for j in range(STEPS):
        out[f"month {j + 1}"] = pd.DataFrame(
            {
                "held": _inside(low[:, j], outcome[:, j], high[:, j]),
                "error": np.log(mean[:, j] / outcome[:, j]),
                "naive": _inside(naive[:, j, 0], outcome[:, j], naive[:, j, 1]),
            }
        )
    out["quarter total"] = pd.DataFrame(
        {
            "held": _inside(
                quarter[f"lo-{level}"].to_numpy(), whole, quarter[f"hi-{level}"].to_numpy()
            ),
            "error": np.log(quarter["mean"].to_numpy() / whole),
            "naive": _inside(naive[:, :, 0].sum(axis=1), whole, naive[:, :, 1].sum(axis=1)),
        }
    )
    return pd.concat(out, names=["quantity"])


def _inside(low: np.ndarray, value: np.ndarray, high: np.ndarray) -> np.ndarray:
    """1 or 0; NaN where the level was refused."""
    return np.where(np.isnan(low), np.nan, (low <= value) & (value <= high))


def _rows(setting: str, held: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    for quantity, block in held.groupby(level="quantity", sort=False):
        share = float(block["held"].mean())
        long = "60" in setting
        low, high = 0.87, 0.93 if quantity != "quarter total" else 1.0
        if quantity == "quarter total" and not long:
            low = 0.0
        yield {
            "analysis": "forecast_series",
            "setting": setting,
            "quantity": quantity,
            "nominal": NOMINAL,
            "replicates": int(block["held"].notna().sum()),
            "coverage": share,
            "bias": float(block["error"].mean()),
            "naive": float(block["naive"].mean()),
            "seed": seed,
            "ok": bool(low <= share <= high),
        }
