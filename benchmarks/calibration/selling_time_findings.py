"""Do the other intervals of the selling-time report hold: of shares, hours, and a person's worth?

The worlds named `weeks` of `selling_time`, with reps who also differ in what work could be moved off
them (log sd .3). The reps seen are a sample of such reps, so shares and hours are the population's.

- `selling_share`, `movable_hours_week`: of all reps like these.
- `hire_limit_year`: the margin that the hours of one person bring.
- `break_even_hours_week`: the hours, off the whole team, that bring what the person costs; endless
  where no hours that could be moved do.
- `a group's share`: mean over four groups of a quarter of the reps each, which differ in nothing.
- `says that groups differ`: of the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from benchmarks.calibration.counting import in_blocks
from benchmarks.calibration.selling_time import (
    MOVABLE,
    NOMINAL,
    OTHER_HOURS,
    PLAN,
    WEEKS_YEAR,
    Sales,
    World,
    row,
    summary,
)
from salesops_lib.analyses.selling_time import freed_hours, selling_shares

SEED, BLOCK, BLOCKS = 20261129, 200, 4
MOVABLE_SD, WEEK, GROUPS = 0.3, 40.0, 4
WORLDS = tuple(
    World(reps, kind, swing=0.3, drawn=True) for kind in ("smooth", "deals") for reps in (12, 60)
)
FOLLOWS = {
    "freed_hours_year": "selling_time: freed_hours_year",
    "hour_freed": "selling_time: margin of freed hours; over the hours freed",
    "selling_elasticity": "selling_time: elasticity, together",
    "selling_elasticity_data": "selling_time: elasticity, alone",
}


def one(world: World, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """What one company's result says against what is planted in it."""
    data, hours, truth, sales = world.draw(rng)
    more = np.exp(MOVABLE_SD * rng.standard_normal(world.reps) - MOVABLE_SD**2 / 2)
    entry = hours["activity"] == "Data entry"
    hours.loc[entry, "hours"] *= more[hours.loc[entry, "rep_id"]]
    times = world.ask(data, hours)
    movable, other = MOVABLE * np.exp(0.02), OTHER_HOURS * np.exp(0.02)
    whole_share = sales.hours / (sales.hours + movable + other)
    yield _row("selling_share", times, whole_share)
    yield _row("movable_hours_week", times, movable)
    freed = freed_hours(
        times, **PLAN, working_hours_week=WEEK, working_weeks_year=WEEKS_YEAR, rng=rng
    )
    margin, sold = PLAN["gross_margin"], PLAN["sold_share"]
    each = freed.hire_hours / world.reps
    yield _row("hire_limit_year", freed, margin * sales.more(sold * each))
    enough = needed(sales, freed.hire_cost_year / margin) / sold if truth > 0 else np.inf
    there = times.movable_hours_week.value
    whole = enough * world.reps if enough <= there else np.inf
    yield _row("break_even_hours_week", freed, whole)
    team = data["rep_id"].map(dict(enumerate(rng.permutation(world.reps) % GROUPS)))
    shares = selling_shares(times, data.assign(team=team), by=["team"], rng=rng)
    group = shares.table
    inside = (group["low"] <= whole_share) & (whole_share <= group["high"])
    yield {**row("a group's share", 0, 0, 0, 0, True), "covered": float(inside.mean())}
    right = not (shares.tests["p_holm"] <= 1 - NOMINAL).any()
    yield {**row("says that groups differ", 0, 0, 0, 0, True), "covered": right}


def needed(sales: Sales, bookings: float) -> float:
    """Selling hours a week of each rep that bring so much more."""
    most = 1e3
    if sales.more(most) < bookings:
        return float("inf")
    return float(brentq(lambda hours: sales.more(hours) - bookings, 0.0, most))


def _row(name: str, result: object, truth: float) -> dict[str, object]:
    found = result.finding(name).estimate
    return row(name, found.value, found.low, found.high, truth, True)


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one world, each block with its own stream."""
    rng = np.random.default_rng([seed, at, number])
    return pd.DataFrame([found for _ in range(count) for found in one(WORLDS[at], rng)])


_NO_NUMBER = ("break_even_hours_week", "a group's share", "says that groups differ")


def judged(setting: str, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The table. Where no hours are enough their number is endless, and a claim has none: there is no
    bias to judge."""
    numbers = ["value", "truth", "size"]
    without = rows["quantity"].isin(_NO_NUMBER)
    filled = rows.assign(**{name: rows[name].where(~without, 1.0) for name in numbers})
    table = summary(setting, filled, seed)
    without = table["quantity"].isin(_NO_NUMBER)
    table.loc[without, ["value", "truth", "bias", "bias_error", "width"]] = np.nan
    return table


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """The whole table; `replicates` overrides 800 companies a world."""
    each = [replicates] if replicates else [BLOCK] * BLOCKS
    made = in_blocks(block, range(len(WORLDS)), lambda _: each, seed)
    return pd.concat([judged(WORLDS[at].name, rows, seed) for at, rows in made], ignore_index=True)
