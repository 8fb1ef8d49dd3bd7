"""Does the response to selling hours hold? Planted elasticities, rep-months and weekly hours through
the public functions.

Good reps sell longer (correlation .5 between talent and usual hours), so a regression without rep
effects says about twice the elasticity. Hours differ between a rep's months by a log sd of .193: of
an error of .15 in a month's reported hours, .624 is left. Bookings are `smooth` (lognormal noise),
`deals` (three won a month, about a month in twenty without any) or `scarce` (one a month, every third
without). Weeks swing, and in the settings named `weeks` between none and all of the swing is error
that nobody tells the function about (of mean 1: what is written down is right on the whole), and the
elasticity is drawn from published experience.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesops_lib.analyses.selling_time import SellingTime, freed_hours, published, selling_time

TRUTH, NOMINAL = 0.34, 0.90
MONTHS, WEEKS = 12, 4
TALENT_SD, USUAL_SD, TIE, HOURS_SD = 0.25, 0.20, 0.5, 0.193
HOURS, OTHER_HOURS, MOVABLE = 16.0, 14.0, 10.0
WINS = {"deals": 3.0, "scarce": 1.0}
KINDS = {
    "Meetings": (True, "sales"), "Data entry": (False, "sales-ops primary"), "Travel": (False, "other"),
}  # fmt: skip
PLAN = {
    "hours_freed_week": 3.0,
    "sold_share": 0.5,
    "gross_margin": 0.7,
    "sales_ops_hour_cost": 45.0,
}
WEEKS_YEAR = 46
TOLERANCE, BIAS = 0.02, 0.05
BLOCK, SIMULATED = 500, 50
# The mean error of a dozen reps' noisy months must be known to a fraction of the bias allowed.
BLOCKS = {12: 4, 60: 2}
# Every so many companies are also asked by the log, which is there to be compared only.
LOGGED = 4


@dataclass(frozen=True)
class Sales:
    """Expected bookings and actual selling hours a week of each rep and month, the elasticity, and the
    hours a week of all such reps."""

    expected: np.ndarray
    worked: np.ndarray
    elasticity: float
    hours: float

    def more(self, hours: float) -> float:
        """Expected bookings that so many more selling hours a week of each rep bring."""
        return float(
            (self.expected * np.expm1(self.elasticity * np.log1p(hours / self.worked))).sum()
        )


@dataclass(frozen=True)
class World:
    """One kind of company.

    Attributes
    ----------
    error
        Log sd of the error in a month's hours, told to the function (NaN: weeks tell).
    swing
        Log sd between a rep's weeks.
    drawn
        Whether the elasticity is drawn from the prior.
    """

    reps: int
    kind: str
    error: float = 0.0
    swing: float = 0.0
    drawn: bool = False

    @property
    def name(self) -> str:
        added = "" if self.error == 0 or np.isnan(self.error) else f", error {self.error:g}"
        return f"{self.kind}, {self.reps} reps{added}{', weeks' if self.drawn else ''}"

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, float, Sales]:
        """Rep-months, weekly hours, the elasticity, and what is expected of each rep and month."""
        shape = (self.reps, MONTHS)
        truth = TRUTH
        if self.drawn:
            truth = float(rng.normal(published.PRIOR_MEAN, published.PRIOR_SD))
        talent = rng.standard_normal(self.reps)
        usual = USUAL_SD * (TIE * talent + np.sqrt(1 - TIE**2) * rng.standard_normal(self.reps))
        level = usual[:, None] + HOURS_SD * rng.standard_normal(shape)
        swings = rng.standard_normal((2, *shape, WEEKS)) * self.swing
        wrong = rng.random() if self.drawn else 0.0
        real = np.exp(np.sqrt(1 - wrong) * swings[0])
        # Reports are off, but not on the whole: hours that all say too high nothing in the data tells.
        said = real * np.exp(np.sqrt(wrong) * swings[1] - wrong * self.swing**2 / 2)
        worked = HOURS * np.exp(level) * real.mean(axis=2)
        told = 0.0 if np.isnan(self.error) else self.error
        blur = np.exp(told * rng.standard_normal(shape))
        reported = HOURS * (np.exp(level) * blur)[:, :, None] * said
        moved = 0.1 * rng.standard_normal(MONTHS)
        mean = np.exp(truth * np.log(worked / HOURS) + TALENT_SD * talent[:, None] + moved)
        bookings, expected = self._booked(30_000 * mean, rng)
        usually = USUAL_SD**2 + HOURS_SD**2 + (1 - wrong) * self.swing**2
        sales = Sales(expected, worked, truth, HOURS * np.exp(usually / 2))
        return *frames(bookings, reported, rng), truth, sales

    def _booked(self, mean: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        if self.kind == "smooth":
            return mean * np.exp(0.5 * rng.standard_normal(mean.shape) - 0.125), mean
        wins = rng.poisson(WINS[self.kind] * mean / 30_000)
        amounts = rng.lognormal(-0.245, 0.7, (*mean.shape, int(wins.max())))
        counted = np.arange(amounts.shape[2]) < wins[:, :, None]
        return (amounts * counted).sum(axis=2) * 30_000, mean * WINS[self.kind]

    def ask(self, data: pd.DataFrame, hours: pd.DataFrame, estimator: str = "ppml") -> SellingTime:
        told = None if np.isnan(self.error) or self.drawn else self.error
        return selling_time(
            data, activities=hours, kinds=KINDS, error_sd=told, estimator=estimator,
            confidence=NOMINAL,
        )  # fmt: skip


WORLDS = (
    *(World(reps, kind) for kind in ("smooth", "deals", "scarce") for reps in (12, 60)),
    *(World(reps, "smooth", error=0.15) for reps in (12, 60)),
    *(
        World(reps, kind, swing=0.3, drawn=True)
        for kind in ("smooth", "deals")
        for reps in (12, 60)
    ),
)


def frames(
    bookings: np.ndarray, reported: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables as a company keeps them; weeks begin on the Mondays that lie in each month."""
    reps, months = bookings.shape
    first = pd.date_range("2025-10-01", periods=months, freq="MS")
    days = first + pd.to_timedelta((7 - first.weekday) % 7, unit="D")
    rep = np.arange(reps)
    data = pd.DataFrame({
        "rep_id": np.repeat(rep, months), "month": np.tile(first, reps), "bookings": bookings.ravel(),
    })  # fmt: skip
    week = (days.to_numpy()[:, None] + np.arange(WEEKS) * np.timedelta64(7, "D")).ravel()
    rows = reps * months * WEEKS
    other = [
        (name, usual * np.exp(0.2 * rng.standard_normal(rows)))
        for name, usual in (("Data entry", MOVABLE), ("Travel", OTHER_HOURS))
    ]
    parts = [
        pd.DataFrame({
            "rep_id": np.repeat(rep, months * WEEKS), "week": np.tile(week, reps),
            "activity": name, "hours": hours,
        })
        for name, hours in [("Meetings", reported.ravel()), *other]
    ]  # fmt: skip
    return data, pd.concat(parts, ignore_index=True)


def one(
    world: World, rng: np.random.Generator, *, logged: bool = True
) -> Iterator[dict[str, object]]:
    """What one company's result says against what is planted in it."""
    data, hours, truth, sales = world.draw(rng)
    times = world.ask(data, hours)
    asked = {"together": times.elasticity} if world.drawn else {"alone": times.data_elasticity}
    # Comparisons: what is not reported as the answer.
    beside = {"pooled": times.pooled_elasticity}
    if world.error > 0:
        beside["hours as reported"] = times.reported_elasticity
    elif world.drawn:
        beside["alone"] = times.data_elasticity
    elif logged:
        beside["log of months with bookings"] = world.ask(data, hours, "log").data_elasticity
    for group, counts in ((asked, True), (beside, False)):
        for name, found in group.items():
            yield row(f"elasticity, {name}", found.value, found.low, found.high, truth, counts)
    if world.drawn:
        freed = freed_hours(times, **PLAN, working_weeks_year=WEEKS_YEAR, rng=rng)
        cost = freed.hours * world.reps * WEEKS_YEAR * PLAN["sales_ops_hour_cost"]
        planted = PLAN["gross_margin"] * sales.more(PLAN["sold_share"] * freed.hours)
        net, gain = freed.net_year, freed.gain_year
        # The bias of what is left after the cost is judged against the margin: it may be near nothing.
        net_row = row("freed_hours_year", net.value, net.low, net.high, planted - cost, True)
        yield {**net_row, "size": planted}
        yield row("margin of freed hours", gain.value, gain.low, gain.high, planted, True)


def row(
    name: str, value: float, low: float, high: float, truth: float, asked: bool
) -> dict[str, object]:
    return {
        "quantity": name, "covered": low <= truth <= high, "value": value, "truth": truth, "size": truth,
        "width": high - low, "asked": asked,
    }  # fmt: skip


def company(reps: int, seed: int) -> Iterator[dict[str, object]]:
    """The simulated company: deals, ramp, leavers, a season, weekly swings that are all error."""
    from salesops_lib.dataset import Dataset
    from salesops_lib.dataset.simulation import simulate_company
    from salesops_lib.dataset.simulation.tables import ACTIVITIES

    made = simulate_company(reps=reps, months=15, seed=seed, balanced=False)
    tables = {name: table for name, table in made.tables.items() if name != "stage_changes"}
    dataset = Dataset.from_frames(tables)
    kinds = {name: (sells, owner) for name, (_, sells, owner) in ACTIVITIES.items()}
    months, hours = dataset.rep_months(trailing=12), dataset.activities()
    times = selling_time(months, activities=hours, kinds=kinds, confidence=NOMINAL)
    logged = selling_time(months, activities=hours, kinds=kinds, estimator="log").data_elasticity
    for name, found, asked in (
        ("together", times.elasticity, False), ("alone", times.data_elasticity, True),
        ("hours as reported", times.reported_elasticity, False),
        ("log of months with bookings", logged, False), ("pooled", times.pooled_elasticity, False),
    ):  # fmt: skip
        yield row(f"elasticity, {name}", found.value, found.low, found.high, TRUTH, asked)


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one world, each block with its own stream."""
    rng = np.random.default_rng([seed, at, number])
    return pd.DataFrame(
        [r for i in range(count) for r in one(WORLDS[at], rng, logged=i % LOGGED == 0)]
    )


def companies(reps: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` simulated companies."""
    first = seed + 10_000 * number
    return pd.DataFrame([r for i in range(count) for r in company(reps, first + i)])


def summary(setting: str, rows: pd.DataFrame, seed: int, judge_bias: bool = True) -> pd.DataFrame:
    """A row a quantity, against the bars."""
    rows = rows.astype({"covered": float, "value": float, "truth": float, "size": float})
    grouped = rows.groupby("quantity", sort=False)
    table = grouped.agg(
        replicates=("covered", "size"), coverage=("covered", "mean"), value=("value", "mean"),
        truth=("truth", "mean"), size=("size", "mean"), width=("width", "median"), asked=("asked", "first"),
    )  # fmt: skip
    spread = (rows["value"] - rows["truth"]).groupby(rows["quantity"], sort=False).std()
    table["bias"] = (table["value"] - table["truth"]) / table["size"]
    table["bias_error"] = spread / np.sqrt(table["replicates"]) / table["size"].abs()
    slack = TOLERANCE + 2 * np.sqrt(NOMINAL * (1 - NOMINAL) / table["replicates"])
    held = (table["coverage"] - NOMINAL).abs() <= slack
    table["ok"] = held & ((table["bias"].abs() <= BIAS) | (not judge_bias))
    table = table.reset_index().assign(
        analysis="selling_time", setting=setting, nominal=NOMINAL, seed=seed
    )
    return table[[
        "analysis", "setting", "quantity", "nominal", "replicates", "coverage", "value", "truth",
        "bias", "bias_error", "width", "seed", "ok", "asked",
    ]]  # fmt: skip


def run(
    replicates: int | None = None, seed: int = 20_265, settings: Iterable[str] | None = None
) -> pd.DataFrame:
    """The whole table; `replicates` overrides 2,000 companies of 12 reps, 1,000 of 60, and 50
    simulated ones of 60, which take seconds each and are there to show the order of things."""
    wanted = [at for at, one in enumerate(WORLDS) if settings is None or one.name in settings]
    if replicates:
        tables = [summary(WORLDS[at].name, block(at, 0, replicates, seed), seed) for at in wanted]
        return pd.concat(tables, ignore_index=True)
    tables = []
    with ProcessPoolExecutor() as pool:
        tasks: list[tuple[str, bool, list]] = [
            (WORLDS[at].name, True, _submitted(pool, block, at, BLOCKS[WORLDS[at].reps], seed))
            for at in wanted
        ]
        if settings is None or "company" in settings:
            # Swings are all error there, and half of that is what is expected: the middle is low.
            parts = _submitted(pool, companies, 60, 1, 500_000 + seed, SIMULATED)
            tasks.append(("company, 60 reps", False, parts))
        for name, judge_bias, parts in tasks:
            rows = pd.concat([part.result() for part in parts], ignore_index=True)
            tables.append(summary(name, rows, seed, judge_bias))
    return pd.concat(tables, ignore_index=True)


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[..., pd.DataFrame], what: int, blocks: int, seed: int,
    count: int = BLOCK,
) -> list:  # fmt: skip
    return [pool.submit(work, what, number, count, seed) for number in range(blocks)]
