"""Whether the pipeline view tells the truth: bias of the wins it expects, coverage of its intervals.

Raw tables with a planted truth, future included, go through `forecast_bookings`; what came in the
three months after is counted in the same tables. `planted`: deals whose chance of winning is known; in
`LATER` they bring less in autumn than was stated, or the forecaster looks a fortnight before a month
ends, or one region wins more than twice as many of its deals as the other, or grows by two thirds a
year and the other does not. `company`: whole simulated companies, whose expected bookings are known.
`closed`: an export of closed deals only, so that past bookings alone are left, of companies with no
season, a weak or a strong one, growing or not. Every company stands at one of the twelve month ends of
a year, each of them as often as the others: before a low quarter as before a high one. Beside each bias
stands that of closed deals alone: of the closed deals that lived longer than an open one, the share that
was won within the next three months.

Closed deals of few years do not tell growth from chance, so it is carried on in part only: companies
that grow by a sixth a year are forecast 3 to 10% too low, level ones are not. Open deals show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration.planted_pipeline import Planted, plant, plant_regions
from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.analyses.forecast.amounts import read_amounts
from salesops_lib.analyses.forecast.history import read_history
from salesops_lib.dataset import Dataset
from salesops_lib.dataset.simulation import simulate_company

CONFIDENCE = 0.90
DRAWS = 500
# Coverage that counts as kept, and wins a quarter of bias; see the issue.
ACCEPTED = (0.87, 0.93)
_DAYS = 91
# Yearly growth of half of the companies that keep closed deals only, on the log scale.
_GROWTH = 0.15
# Today, taken in turn by the seed.
MONTH_ENDS = [f"{day:%Y-%m-%d}" for day in pd.date_range(end="2026-09-30", periods=12, freq="ME")]
# Months in which a company's first deals are decided.
_BEFORE = 10

SETTINGS: dict[str, dict[str, Any]] = {
    # Losses drag on: closed deals alone say .32 where .25 is true.
    "young company, slow losses": {
        "months": 15, "deals_a_month": 120, "growth": 0.2, "days_to_lose": 200,
    },
    "two years": {},
    "no stage history": {"stages": False},
    "three years, season, growth, shocks": {
        "months": 36, "season": 0.3, "growth": 0.15, "shock": 0.08,
    },
    "five years, season, growth, shocks": {
        "months": 60, "season": 0.3, "growth": 0.1, "shock": 0.08,
    },
}  # fmt: skip

# Apart, so that the others keep the seeds that they have always had.
LATER: dict[str, dict[str, Any]] = {
    "three years, amounts with a season": {"months": 36, "amount_season": 0.3},
    "two years, in the middle of a month": {"days_before": 14},
    "two years, regions of different win rates": {
        "regions": ({"win_rate": 0.35}, {"win_rate": 0.15}),
    },
    "three years, one region grows": {
        "months": 36,
        "regions": ({"growth": 0.5}, {"growth": 0.0}),
    },
}

# Months of history of the companies whose closed deals alone are known.
CLOSED: dict[str, tuple[int, int]] = {
    "closed deals only, 25 to 35 months": (25, 35),
    "closed deals only, 15 to 24 months": (15, 24),
    "closed deals only, 36 to 47 months": (36, 47),
}


def run(replicates: int | None = None, seed: int = 20260930) -> pd.DataFrame:
    """One row a setting and quantity: nominal, replicates, coverage, bias and what chance leaves in
    it, naive, seed, ok."""
    n = 240 if replicates is None else replicates
    rows: list[dict[str, Any]] = []
    for at, (name, options) in enumerate(SETTINGS.items()):
        every = each_seed(partial(planted, **options), seed + 10_000 * at, n)
        rows += rows_of(every, name, seed)
    for at, (name, (low, high)) in enumerate(CLOSED.items()):
        first = seed + 10_000 * (len(SETTINGS) + at)
        # A quarter of 45 deals of unequal size is a third off: 240 companies would leave their mean
        # error known to two in a hundred only.
        every = each_seed(partial(closed, low=low, high=high), first, 3 * n)
        rows += rows_of(every, name, seed)
    for at, (name, options) in enumerate(LATER.items(), len(SETTINGS) + len(CLOSED)):
        rows += rows_of(
            each_seed(partial(planted, **options), seed + 10_000 * at, 3 * n), name, seed
        )
    rows += rows_of(each_seed(company, seed, max(n // 6, 2)), "simulated company", seed)
    return pd.DataFrame(rows)


def each_seed(one: Callable[[int], dict[str, float]], first: int, count: int) -> pd.DataFrame:
    """One row a seed; each stands on its own seed, so the processes that share them change nothing."""
    with ProcessPoolExecutor() as pool:
        return pd.DataFrame(list(pool.map(one, range(first, first + count), chunksize=5)))


def month_end(seed: int) -> str:
    """The month end at which the company of this seed stands: each as often as the others."""
    return MONTH_ENDS[seed % len(MONTH_ENDS)]


def planted(
    seed: int, *, stages: bool = True, days_before: int = 0, **options: Any
) -> dict[str, float]:
    """One company, forecast and outcome."""
    build = plant_regions if "regions" in options else plant
    world = build(np.random.default_rng(seed), last=month_end(seed), **options)
    tables = {k: v for k, v in world.tables.items() if stages or k != "stage_changes"}
    made = forecast_bookings(
        Dataset.from_frames(tables),
        as_of=world.as_of - pd.Timedelta(days=days_before),
        horizon=3,
        draws=DRAWS,
        rng=seed,
    )
    out = {**held(made, world.tables), **_wins(made, world), **_rate(made, world)}
    if "regions" in options:
        out |= _regions(made, world)
    if "amount_season" in options:
        # The quarters that begin in July to October bring less than the mean of a year.
        out["small"] = float(7 <= world.as_of.month % 12 + 1 <= 10)
        out["large"] = float(world.as_of.month % 12 + 1 <= 4)
        out["season of amounts, where told"] = _season(world, options["amount_season"])
    return out


def _regions(made: BookingsForecast, world: Planted) -> dict[str, float]:
    """Error and size of the coming quarter's bookings of each region."""
    total = made.totals[made.totals["period"] == made.quarter].set_index("unique_id")["mean"]
    came = _came(world.tables, made).groupby("region")["amount"].sum()
    return {
        f"{what}, {name}": value
        for name in ("North", "South")
        for what, value in (
            ("region's error", total[f"company/{name}"] - came.get(name, 0.0)),
            ("region's money", came.get(name, 0.0)),
        )
    }


def _season(world: Planted, swing: float) -> float:
    """Whether the interval told of the coming quarter's amounts holds the truth; NaN if none is told."""
    known = Dataset.from_frames(world.tables).as_of(world.as_of)
    history = read_history(known, as_of=world.as_of, by=())
    month = int(history.months[-1]) + np.arange(1, 4)
    seasons = read_amounts(history, len(history.snaps) - 1).seasons
    told = seasons.typical.told(month, CONFIDENCE)
    truth = float(1 + swing * np.sin(2 * np.pi * (month % 12) / 12).mean())
    return float("nan") if told is None else float(told.low <= truth <= told.high)


def closed(seed: int, low: int, high: int) -> dict[str, float]:
    """One company of `low` to `high` months that keeps its closed deals only."""
    rng = np.random.default_rng(seed)
    months = int(rng.integers(low, high + 1))
    season, growth = float(rng.choice([0.0, 0.15, 0.3])), float(rng.choice([0.0, _GROWTH]))
    world = plant(
        rng,
        # Begun earlier: a company whose first months fill its pipeline only is another matter.
        months=months + _BEFORE,
        season=season,
        growth=growth,
        shock=0.08,
        ahead=13,
        last=month_end(seed),
    )
    deals = world.tables["deals"]
    first = world.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    known = deals[deals["close_date"].between(first, world.as_of)]
    made = forecast_bookings(
        Dataset.from_frames({"reps": world.tables["reps"], "deals": known}),
        as_of=world.as_of,
        horizon=12,
        draws=DRAWS,
        rng=seed,
    )
    won = deals[deals["status"] == "won"]
    total = made.totals[made.totals["unique_id"] == "company"].set_index("period")
    out = {"given": float(made.known), "growth": growth}
    whole = str(total.index[total["kind"] == "twelve months"][0])
    for name, row, level in (
        ("quarter, company", total.loc[made.quarter], 90),
        ("quarter, company, 80%", total.loc[made.quarter], 80),
        ("twelve months, company", total.loc[whole], 90),
    ):
        inside = won["close_date"].between(row["start"], row["end"])
        came = float(won.loc[inside, "amount"].sum())
        low_end, high_end = row[f"lo-{level}"], row[f"hi-{level}"]
        out[name] = float(low_end <= came <= high_end) if pd.notna(low_end) else np.nan
        if name == "quarter, company":
            out |= {"money error": float(row["mean"] - came), "money": came}
            out["half width"] = float(high_end - low_end) / 2 / float(row["mean"])
    return out


def _came(tables: dict[str, pd.DataFrame], made: BookingsForecast) -> pd.DataFrame:
    """Deals won in the coming quarter, the three whole months ahead."""
    deals = tables["deals"].merge(tables["reps"], on="rep_id")
    row = made.totals[made.totals["period"] == made.quarter].iloc[0]
    dates = pd.to_datetime(deals["close_date"])
    return deals[(deals["status"] == "won") & dates.between(row["start"], row["end"])]


def held(made: BookingsForecast, tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Share of quarters and months inside their intervals, and relative errors."""
    came = _came(tables, made)
    low, high = made.limits
    total = made.totals[made.totals["period"] == made.quarter].set_index("unique_id")
    actual = pd.Series(0.0, index=total.index)
    actual["company"] = came["amount"].sum()
    for region, part in came.groupby("region"):
        actual[f"company/{region}"] = part["amount"].sum()
    for (region, team), part in came.groupby(["region", "team"]):
        actual[f"company/{region}/{team}"] = part["amount"].sum()
    inside = (total[low] <= actual) & (actual <= total[high])
    month = made.forecast[made.forecast["unique_id"] == "company"].set_index("ds")
    month = month[month.index > made.as_of]  # of a running month only the rest is forecast
    start = pd.to_datetime(came["close_date"]).dt.to_period("M").dt.to_timestamp()
    monthly = came.groupby(start)["amount"].sum().reindex(month.index).fillna(0.0)
    kept = (month[low] <= monthly) & (monthly <= month[high])
    return {
        "quarter, company": float(inside["company"]),
        "quarter, region": float(inside[total["level"] == "region"].mean()),
        "quarter, team": float(inside[total["level"] == "team"].mean()),
        "month, company": float(kept.mean()),
        "money error": float(total.loc["company", "mean"] - actual["company"]),
        "money": float(actual["company"]),
    }


def _wins(made: BookingsForecast, world: Planted) -> dict[str, float]:
    """Wins from the open deals: expected, came, and by closed deals alone."""
    deals = world.tables["deals"]
    open_now = (deals["created_date"] <= made.as_of) & (deals["close_date"] > made.as_of)
    closed = deals[deals["close_date"] <= made.as_of]
    life = (closed["close_date"] - closed["created_date"]).dt.days.to_numpy()
    won = (closed["status"] == "won").to_numpy()
    age = (made.as_of - deals.loc[open_now, "created_date"]).dt.days.to_numpy()
    longer = life[None, :] > age[:, None]
    start = made.totals.loc[made.totals["period"] == made.quarter, "start"].iloc[0]
    first = age[:, None] + (start - made.as_of).days  # a deal's age on the quarter's first day
    soon = (life[None, :] >= first) & (life[None, :] <= first + _DAYS) & won[None, :]
    naive = float((soon.sum(axis=1) / np.maximum(longer.sum(axis=1), 1)).sum())
    came = _came(world.tables, made)
    wins = float((came["created_date"] <= made.as_of).sum())
    expected = made.pipeline.set_index("unique_id").loc["company", "expected_wins"]
    return {"open wins": float(expected) - wins, "open wins, closed alone": naive - wins}


def _rate(made: BookingsForecast, world: Planted) -> dict[str, float]:
    estimate = made.finding("win_rate").estimate
    deals = world.tables["deals"]
    closed = deals[deals["close_date"] <= made.as_of]
    return {
        "win rate": estimate.value - world.win_rate,
        "win rate held": float(estimate.low <= world.win_rate <= estimate.high),
        "win rate, closed alone": float((closed["status"] == "won").mean()) - world.win_rate,
    }


def company(seed: int) -> dict[str, float]:
    """One simulated company: the coming quarter against what came, and what was expected."""
    world = simulate_company(
        reps=24, months=30, seed=seed, end=month_end(seed)[:7], balanced=False, activities=False
    )
    dataset = Dataset.from_frames(world.tables)
    made = forecast_bookings(dataset, as_of=dataset.last_day, horizon=3, draws=DRAWS, rng=seed)
    low, high = made.limits
    total = made.totals[made.totals["period"] == made.quarter].set_index("unique_id")
    total = total.loc["company"]
    truth = world.truth["pipeline"]
    came = truth["realised_total"]
    opened = made.finding("pipeline_expected").estimate
    return {
        "quarter, company": float(total[low] <= came <= total[high]),
        "open pipeline": float(opened.low <= truth["realised_from_pipeline"] <= opened.high),
        "money error": float(total["mean"] - came),
        "money": float(came),
        "pipeline money error": float(opened.value - truth["realised_from_pipeline"]),
        "pipeline money": float(truth["realised_from_pipeline"]),
    }


def rows_of(every: pd.DataFrame, setting: str, seed: int) -> Iterator[dict[str, Any]]:
    n = len(every)
    base = {"analysis": "forecast", "setting": setting, "replicates": n, "seed": seed}
    named = [
        name
        for name in every
        if name.startswith(("quarter", "month", "twelve months", "open pipeline", "season"))
    ]
    for name in named:
        nominal = 0.80 if name.endswith("80%") else CONFIDENCE
        # Binomial error of n replicates, two standard errors, on top of what is accepted.
        slack = 2 * np.sqrt(nominal * (1 - nominal) / max(every[name].notna().sum(), 1))
        share = float(every[name].mean())
        low, high = (nominal + edge - CONFIDENCE for edge in ACCEPTED)
        # A history that has not seen its season twice cannot be given a sharper interval than this.
        above = 0.03 if "given" not in every else 1.0
        ok = low - slack <= share <= high + slack + above
        told = int(every[name].notna().sum())
        row = {**base, "replicates": told} if name.startswith("season") else base
        yield {**row, "quantity": name, "nominal": nominal, "coverage": share, "ok": ok}
    if "given" in every:
        share = float(every["given"].mean())
        yield {**base, "quantity": "interval of the quarter given", "coverage": share, "ok": True}
    yield from _money_rows(every, base)
    if "open wins" in every:
        yield from _win_rows(every, base)


def _money_rows(every: pd.DataFrame, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for error, size in (("money error", "money"), ("pipeline money error", "pipeline money")):
        if error in every:
            bias, chance = relative(every, error, size)
            yield {
                **base, "quantity": error, "bias": bias, "bias_error": chance,
                "ok": abs(bias) < 0.05,
            }  # fmt: skip
    # Beside it, held to no bar: what is not known of growth is not carried on.
    for growth, part in every.groupby("growth") if "growth" in every else ():
        kind = "growing" if growth > 0 else "level"
        bias, chance = relative(part, "money error", "money")
        name = f"money error, {kind} companies"
        yield {**base, "quantity": name, "bias": bias, "bias_error": chance, "ok": None}
    for name in ("North", "South") if "region's error, North" in every else ():
        bias, chance = relative(every, f"region's error, {name}", f"region's money, {name}")
        yield {
            **base, "quantity": f"money error, {name}", "bias": bias,
            "bias_error": chance, "ok": abs(bias) < 0.05,
        }  # fmt: skip
    for kind in ("small", "large") if "small" in every else ():
        bias, chance = relative(every[every[kind] == 1], "money error", "money")
        yield {
            **base, "quantity": f"money error, quarters of {kind} amounts", "bias": bias,
            "bias_error": chance, "ok": abs(bias) < 0.05,
        }  # fmt: skip


def _win_rows(every: pd.DataFrame, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    bias, naive = (float(every[k].mean()) for k in ("open wins", "open wins, closed alone"))
    yield {
        **base,
        "quantity": "wins of open deals next quarter",
        "bias": bias,
        "naive": naive,
        "ok": abs(bias) < 2.5,
    }
    rate, closed = (float(every[k].mean()) for k in ("win rate", "win rate, closed alone"))
    yield {
        **base,
        "quantity": "win rate",
        "nominal": CONFIDENCE,
        "coverage": float(every["win rate held"].mean()),
        "bias": rate,
        "naive": closed,
        "ok": abs(rate) < 0.01,
    }


def relative(every: pd.DataFrame, error: str, size: str) -> tuple[float, float]:
    """Error of all money over all money, and what the replicates leave to chance in it."""
    bias = float(every[error].sum() / every[size].sum())
    left = every[error] - bias * every[size]
    return bias, float(left.std() / np.sqrt(len(every)) / every[size].mean())
