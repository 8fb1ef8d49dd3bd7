"""Do the deal desk's intervals hold? Planted discounts, whole tables of deals through the public
functions.

A deal's discount is a level, what its product gets, the rep's own, what the quarter's end adds, and a
noise of sd .06 that is normal or, `skewed`, exponential. Reps sell different mixes of products and
differ in size (log sd .5), list amounts have a log sd of .8. In `specialists` each sells one product only and is compared with the others who sell
it, as nobody can tell whether the product or all of its reps give more. Reps differ by an sd of .03, `weakly` by
.012, or `not at all`; in `skewed` their own discounts are exponential too. With `customers`, deals come
in threes of one customer whose discounts go together (correlation .5), and reps do not differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.calibration.counting import counted, in_blocks, laid_out, slack
from salesops_lib.analyses.deal_desk import break_even_loss, deal_desk, hold_prices

NOMINAL, MARGIN, CLOSED = 0.90, 0.7, 0.5
LEVEL, NOISE_SD, LATE_SHARE, LATE = 0.12, 0.06, 0.25, 0.01
PRODUCTS = np.array([0.00, 0.03, -0.02])
PRICES = np.array([20_000.0, 60_000.0, 35_000.0])
SIZE_SD, REP_SD, MIX = 0.8, 0.5, 2.0
ALIKE, TOGETHER = 0.5, 3
BIAS = 0.05
BLOCKS = {12: 4, 60: 2}
BLOCK = 250


@dataclass(frozen=True)
class World:
    """One kind of company.

    Attributes
    ----------
    spread
        Standard deviation of the reps' own discounts.
    late
        What the quarter's end adds.
    """

    reps: int
    kind: str = "normal"
    spread: float = 0.03
    late: float = LATE
    deals: float = 25.0
    customers: bool = False
    specialists: bool = False

    @property
    def name(self) -> str:
        apart = {0.03: "", 0.012: ", reps differ weakly", 0.0: ", reps do not differ"}[self.spread]
        end = "" if self.late else ", no quarter end"
        more = ", customers" if self.customers else ", specialists" if self.specialists else ""
        return f"{self.kind}, {self.reps} reps{apart}{end}{more}"

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        """Won deals, and each rep's own discount."""
        size = np.exp(REP_SD * rng.standard_normal(self.reps) - REP_SD**2 / 2)
        counts = np.maximum(rng.poisson(self.deals * size), 1)
        if self.customers:
            counts = -(-counts // TOGETHER) * TOGETHER
        own = self.spread * self._standard(rng, self.reps)
        rep = np.repeat(np.arange(self.reps), counts)
        mix = rng.dirichlet(np.full(3, MIX), self.reps)
        if self.specialists:
            mix = np.eye(3)[np.arange(self.reps) % 3]
        product = (rng.random(len(rep))[:, None] > mix[rep].cumsum(axis=1)[:, :2]).sum(axis=1)
        late = rng.random(len(rep)) < LATE_SHARE
        noise = self._standard(rng, len(rep))
        account = np.arange(len(rep)) // TOGETHER if self.customers else np.arange(len(rep))
        if self.customers:
            shared = self._standard(rng, int(account.max()) + 1)[account]
            noise = np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * noise
        discount = LEVEL + PRODUCTS[product] + own[rep] + self.late * late + NOISE_SD * noise
        listed = PRICES[product] * np.exp(SIZE_SD * rng.standard_normal(len(rep)) - SIZE_SD**2 / 2)
        month = rng.integers(0, 4, len(rep)) * 3
        first = np.datetime64("2025-10") + month + np.where(late, 2, rng.integers(0, 3, len(rep)))
        day = np.where(late, 25, rng.integers(1, 18, len(rep)))
        deals = pd.DataFrame({
            "rep_id": rep, "status": "won", "amount": listed * (1 - discount), "list_amount": listed,
            "close_date": first.astype("datetime64[D]") + day, "product": product.astype(str),
            "account_id": account,
        })  # fmt: skip
        return deals, own

    def beyond(self, own: np.ndarray) -> np.ndarray:
        """How much each rep gives away above those whose deals can be compared."""
        kind = np.arange(self.reps) % 3 if self.specialists else np.zeros(self.reps, int)
        return own - (np.bincount(kind, weights=own) / np.bincount(kind))[kind]

    def _standard(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Mean 0, variance 1."""
        return (
            rng.exponential(size=count) - 1 if self.kind == "skewed" else rng.standard_normal(count)
        )

    @property
    def realisation(self) -> float:
        """Expected amount over expected list."""
        by_product = float((PRICES * PRODUCTS).sum() / PRICES.sum())
        return 1 - (LEVEL + by_product + self.late * LATE_SHARE)


WORLDS = (
    *(World(reps, kind) for kind in ("normal", "skewed") for reps in (12, 60)),
    *(World(reps, "normal", spread=0.012) for reps in (12, 60)),
    *(
        World(reps, kind, spread=0.0, late=0.0)
        for kind in ("normal", "skewed")
        for reps in (12, 60)
    ),
    World(12, "normal", spread=0.0, late=0.0, customers=True),
    *(World(reps, "normal", specialists=True) for reps in (12, 60)),
)


def one(world: World, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """What one company's result says against what is planted in it."""
    deals, own = world.draw(rng)
    desk = deal_desk(deals, confidence=NOMINAL, rng=rng)
    held = hold_prices(desk, excess_closed=CLOSED, gross_margin=MARGIN)
    sums = deals.groupby("rep_id")[["list_amount", "amount"]].sum()
    beyond = world.beyond(own)
    recovered = CLOSED * float(sums["list_amount"] @ np.maximum(beyond, 0))
    table = desk.reps.set_index("rep_id").loc[sums.index]
    theirs = (table["discount"] > table["discount"].mean()).to_numpy()
    paid = float(sums["amount"] @ theirs)
    held_back = CLOSED * float(sums["list_amount"] @ (np.maximum(beyond, 0) * theirs))
    loss = break_even_loss(held_back, paid, MARGIN)
    scale = float(sums["list_amount"].sum())
    yield row("price_realisation", desk.realisation, world.realisation)
    # Money as a share of all list money, so that companies of all sizes count alike.
    yield row("held_prices_year", held.money_year.scaled(1 / scale), recovered / scale)
    yield row("break_even_loss", held.break_even, loss)
    yield row("quarter_end", desk.quarter_end, world.late)
    seen = desk.reps.set_index("rep_id").loc[sums.index, "observed"].to_numpy()
    naive = CLOSED * float(sums["list_amount"] @ np.maximum(seen - seen.mean(), 0))
    yield {
        "quantity": "excess of means as seen", "covered": np.nan, "value": naive / scale,
        "truth": recovered / scale, "width": np.nan, "asked": False,
    }  # fmt: skip
    product = deals["product"].astype(int).to_numpy()
    level = LEVEL + PRODUCTS[product].mean() + own.mean() + beyond
    inside = (table["low"] <= level) & (level <= table["high"])
    yield {
        "quantity": "a rep's discount", "covered": inside.mean(), "value": table["discount"].mean(),
        "truth": level.mean(), "width": (table["high"] - table["low"]).median(), "asked": True,
    }  # fmt: skip
    for name, said in (
        ("says that reps differ", desk.established),
        ("says that the quarter's end differs", desk.quarter_end.excludes(0.0)),
    ):
        there = world.spread > 0 if "reps" in name else world.late > 0
        yield {
            "quantity": name, "covered": float(said), "value": float(said), "truth": float(there),
            "width": np.nan, "asked": not there,
        }  # fmt: skip


def row(name: str, found, truth: float, asked: bool = True) -> dict[str, object]:
    return {
        "quantity": name, "covered": float(found.low <= truth <= found.high), "value": found.value,
        "truth": truth, "width": found.high - found.low, "asked": asked,
    }  # fmt: skip


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one world, each block with its own stream."""
    rng = np.random.default_rng([seed, at, number])
    return pd.DataFrame([r for _ in range(count) for r in one(WORLDS[at], rng)])


def summary(world: World, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row a quantity, against the bars. Money that is not there at all is covered more often than
    nominal, because nothing less than none can be recovered, and so are reps who are all alike; a claim where there is nothing may be
    made as often as its interval leaves."""
    table = counted(rows)
    most = slack(NOMINAL, table["replicates"])
    off = table["coverage"] - NOMINAL
    says = table.index.str.startswith("says")
    nothing = table.index.isin(["held_prices_year", "break_even_loss"]) & (world.spread < 0.03)
    nothing |= (table.index == "a rep's discount") & (world.spread == 0)
    held = np.where(says, table["coverage"] <= 1 - NOMINAL + most, off.abs() <= most)
    held = np.where(nothing, off >= -most, held)
    judged = (table.index == "held_prices_year") & (world.spread == 0.03)
    table["ok"] = held & ((table["bias"].abs() <= BIAS) | ~judged) | ~table["asked"].astype(bool)
    return laid_out(table, analysis="deal_desk", setting=world.name, nominal=NOMINAL, seed=seed)


def run(
    replicates: int | None = None, seed: int = 20_266, settings: Iterable[str] | None = None
) -> pd.DataFrame:
    """The whole table; `replicates` overrides 1,000 companies of 12 reps and 500 of 60."""
    wanted = [at for at, one in enumerate(WORLDS) if settings is None or one.name in settings]
    made = in_blocks(
        block,
        wanted,
        lambda at: [replicates] if replicates else [BLOCK] * BLOCKS[WORLDS[at].reps],
        seed,
    )
    return pd.concat([summary(WORLDS[at], rows, seed) for at, rows in made], ignore_index=True)
