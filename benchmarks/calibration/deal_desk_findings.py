"""Do the findings of the deal desk hold that have no row in `deal_desk`? Whole tables of offers and
quotes through the public functions.

Offers are those of `deal_desk.World` (levels, products, reps, the quarter's end and noise planted in
their discounts). Each is won with a chance that is linear in its discount, `per_point` of the usual
rate for each point, and differs between reps by an sd of .08. Quotes are made on every day of a year
and decided after lognormal days, with a median of 45.5 and an sd of the logarithm of .9, that differ
between reps by .3 and are longer by `slow` (of the logarithm) where more than the threshold is off;
what is decided after the last day is open.

What the truth of each is:

- `discount_reliability`: variance of what is planted in these reps, over it and the mean error variance
  of their means, with the deals that each won: "of the differences seen", as the sentence says, and
  not the spread of all reps who might be hired.
- `won_per_point`: the planted slope over the planted rate of deals won. An association.
- `point_break_even`: at the planted price realisation; its interval is that of the realisation, whose row
  in `deal_desk` is its own: the one falls where the other rises.
- `approval_deals_month`: expected number above the threshold of these offers, of these reps, if what
  is planted in them were drawn again; what there was is counted and needs no interval.
- `discount_above_threshold_year`: in the same way, money beyond the threshold on these won deals.
- `approval_break_even`: the cost of an approval over the expected money per expected approval, at a
  cost that makes it 1, so that how often it is said that approval does not pay counts false claims.
- `quote_days` and those of either group: days by which half of all such quotes are decided, of any
  reps of this kind. That larger discounts take longer is said of the same rep.
- the average rep's discount and the steps of the waterfall (component names): what is planted in the
  deals that were won, since they are steps of what was given on these.

Reliability, average and waterfall only where discounts do not decide who is won.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.calibration.counting import (
    TOLERANCE,
    counted,
    in_blocks,
    laid_out,
    planted,
    row,
    slack,
)
from benchmarks.calibration.deal_desk import (
    LATE_SHARE,
    LEVEL,
    MARGIN,
    NOISE_SD,
    NOMINAL,
    PRODUCTS,
    World,
)
from salesops_lib.analyses.deal_desk import (
    DealDesk,
    approval_case,
    break_even_loss,
    deal_desk,
    hold_prices,
    quote_time,
)

FOLLOWS: dict[str, str] = {
    "point_break_even": "deal_desk: price_realisation; falls where that rises, so it holds when that does",
    "discount_year": "deal_desk: price_realisation; list money a year, which is counted, times one "
    "minus it",
    "quarter_end_discount_year": "deal_desk: quarter_end; times list money of the last days, which is "
    "counted",
}
THRESHOLD, HIGHER = 0.20, 0.25
RATE, RATE_SD = 0.45, 0.08
# Not a whole day, so that half of all days rounded up lie clearly on one side.
MEDIAN, DAYS_SD, REP_DAYS_SD = 45.5, 0.9, 0.3
# One point goes with as many more deals won as may be lost over it: at a margin of 70% and what is
# paid in that world.
ON_THE_BAR = 0.0163
OFFERS = 55.0
GRID = 200
LAST = np.datetime64("2026-09-30")
YEAR = 365
BLOCK, BLOCKS = 250, 2


@dataclass(frozen=True)
class Company:
    """Offers and quotes.

    Attributes
    ----------
    offers
        Of what discounts.
    per_point
        What share more of the usual rate is won with each point of discount.
    slow
        How much longer (log days) quotes above the threshold take.
    """

    offers: World
    per_point: float = 0.0
    slow: float = 0.0

    @property
    def name(self) -> str:
        won = {
            0.0: "",
            ON_THE_BAR: ", one point on the bar",
            -0.03: ", discounts to deals in danger",
        }
        slow = ", larger discounts slower" if self.slow else ""
        return f"{self.offers.name}{won[self.per_point]}{slow}"

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        """Offers, closed, with what is planted in each: `expected` discount and how much `better` its
        rep is at winning; and each rep's own discount."""
        deals, own = self.offers.draw(rng)
        rep = deals["rep_id"].to_numpy()
        better = (RATE_SD * rng.standard_normal(self.offers.reps))[rep]
        product = PRODUCTS[deals["product"].astype(int).to_numpy()]
        month, day = deals["close_date"].dt.month, deals["close_date"].dt.day
        late = ((month % 3 == 0) & (day > 20)).to_numpy()
        discount = (1 - deals["amount"] / deals["list_amount"]).to_numpy()
        won = rng.random(len(deals)) < self.chance(discount, better)
        planted = LEVEL + product + own[rep] + self.offers.late * late
        return deals.assign(
            status=np.where(won, "won", "lost"), discount=discount, expected=planted, better=better,
            effect=product, late=late,
        ), own  # fmt: skip

    def chance(self, discount: np.ndarray, better: np.ndarray) -> np.ndarray:
        """Of being won."""
        middle = LEVEL + PRODUCTS.mean() + self.offers.late * LATE_SHARE
        return np.clip(RATE * (1 + 100 * self.per_point * (discount - middle)) + better, 0.0, 1.0)

    @property
    def noise(self) -> np.ndarray:
        """(grid,): of a deal's discount, at equal steps of probability."""
        at = (np.arange(GRID) + 0.5) / GRID
        kind = stats.norm if self.offers.kind == "normal" else stats.expon(loc=-1)
        return NOISE_SD * np.asarray(kind.ppf(at))

    def quotes(self, deals: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """The same offers as quotes of one year, those decided after it open."""
        rep = deals["rep_id"].to_numpy()
        own = REP_DAYS_SD * rng.standard_normal(self.offers.reps)
        log = np.log(MEDIAN) + own[rep] + DAYS_SD * rng.standard_normal(len(deals))
        log = log + self.slow * (deals["discount"].to_numpy() > THRESHOLD)
        days = np.ceil(np.exp(log))
        quoted = LAST - rng.integers(0, YEAR, len(deals))
        closed = quoted + days.astype(int)
        late = closed > LAST
        return deals.assign(
            deal_id=np.arange(len(deals)), quoted_date=quoted,
            close_date=pd.Series(closed, index=deals.index).where(~late, np.datetime64("NaT")),
            status=deals["status"].where(~late, "open"), days=days,
        )  # fmt: skip


COMPANIES = (
    Company(World(12, "normal", deals=OFFERS)),
    Company(World(60, "skewed", deals=OFFERS)),
    Company(World(60, "normal", deals=OFFERS), per_point=ON_THE_BAR, slow=0.3),
    Company(World(12, "skewed", deals=OFFERS), per_point=-0.03, slow=0.3),
    Company(World(12, "normal", spread=0.0, late=0.0, deals=OFFERS, customers=True)),
)


@cache
def truths(at: int) -> dict[str, float]:
    """Of a company without end."""
    company = COMPANIES[at]
    rng = np.random.default_rng([20_269, at])
    few = company.offers
    many = World(10_000, few.kind, few.spread, few.late, few.deals)
    without_end = Company(many, company.per_point, company.slow)
    deals, _ = without_end.draw(rng)
    quotes = without_end.quotes(deals, rng)
    won = (deals["status"] == "won").to_numpy()
    discount, listed = deals["discount"].to_numpy(), deals["list_amount"].to_numpy()
    paid = float((1 - discount)[won] @ listed[won] / listed[won].sum())
    large = discount > THRESHOLD
    days = quotes["days"].to_numpy()
    return {
        "point_break_even": break_even_loss(0.01, paid, MARGIN),
        "days": float(np.median(days)),
        "days above": float(np.median(days[large])),
        "days below": float(np.median(days[~large])),
    }


def one(at: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """What one company's findings say against what is planted in it."""
    company, true = COMPANIES[at], truths(at)
    deals, own = company.draw(rng)
    desk = deal_desk(deals, confidence=NOMINAL, rng=rng)
    yield row("won_per_point", desk.per_point, company.per_point)
    held = hold_prices(desk, gross_margin=MARGIN)
    yield plain("point_break_even", held.point_break_even.value, true["point_break_even"])
    sentence = held.finding("point_break_even").sentence
    yield claim(
        "says on which side of the bar",
        "leaves open" not in sentence,
        company.per_point == ON_THE_BAR,
    )
    yield claim(
        "says how deals won go with discounts",
        desk.per_point.excludes(0.0),
        company.per_point == 0,
    )
    yield from of_reps(desk, deals, own, company)
    yield from approvals(desk, deals, company)
    yield from waiting(company, deals, true, rng)


def of_reps(
    desk: DealDesk, deals: pd.DataFrame, own: np.ndarray, company: Company
) -> Iterator[dict[str, object]]:
    """Reliability, the average rep, and the steps from list to paid."""
    if company.per_point:
        return
    won = deals[deals["status"] == "won"]
    rep = won["rep_id"].to_numpy()
    counts = np.bincount(rep, minlength=len(own))
    there = counts > 0
    error = float((NOISE_SD**2 / counts[there]).mean())
    spread = float(own[there].var(ddof=1))
    yield row("discount_reliability", desk.reliability, spread / (spread + error))
    effect, late = won["effect"].to_numpy(), won["late"].to_numpy()
    listed = won["list_amount"].to_numpy()
    level = LEVEL + effect.mean() + own[there].mean()
    yield row("the average rep's discount", desk.average, level)
    excess = np.where(there, own - own[there].mean(), 0.0)[rep]
    steps = {
        "usual": level * listed.sum(),
        "kinds": float((effect - effect.mean()) @ listed),
        "quarter_end": company.offers.late * float(listed[late].sum()),
        "reps_above": float(np.maximum(excess, 0) @ listed),
        "reps_below": float(np.minimum(excess, 0) @ listed),
    }
    total = float(won["list_amount"].sum() - won["amount"].sum())
    steps["rest"] = total - sum(steps.values())
    for step in desk.waterfall.itertuples():
        limits = (step.value / listed.sum(), step.low / listed.sum(), step.high / listed.sum())
        yield planted(f"waterfall: {step.component}", limits, steps[step.component] / listed.sum())


def approvals(desk: DealDesk, deals: pd.DataFrame, company: Company) -> Iterator[dict[str, object]]:
    """At the threshold and at a higher one, where deals are few."""
    discount = deals["expected"].to_numpy()[:, None] + company.noise
    chance = company.chance(discount, deals["better"].to_numpy()[:, None])
    listed, won = deals["list_amount"].to_numpy(), (deals["status"] == "won").to_numpy()
    for threshold in (THRESHOLD, HIGHER):
        over = float((discount > threshold).mean(axis=1).sum())
        beyond = (np.maximum(discount - threshold, 0) * chance).mean(axis=1) * listed
        left = float((beyond / chance.mean(axis=1))[won].sum())
        # A cost at which approval just pays.
        cost = float(beyond.sum()) / over
        case = approval_case(desk, threshold=threshold, approval_cost=cost)
        label = f", above {threshold:.0%}" if threshold != THRESHOLD else ""
        monthly = case.approvals_month.scaled(desk.months / len(deals))
        yield row(f"approval_deals_month{label}", monthly, over / len(deals))
        if np.isfinite(case.above_year.low):
            sold = float(listed[won].sum())
            above = case.above_year.scaled(1 / (sold * desk.yearly))
            yield row(f"discount_above_threshold_year{label}", above, left / sold)
            yield row(f"approval_break_even{label}", case.break_even, 1.0)
            sentence = case.finding("approval_break_even").sentence
            yield claim(f"says that approval does not pay{label}", "does not pay" in sentence, True)


def waiting(
    company: Company, deals: pd.DataFrame, true: dict[str, float], rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    """Days from quote to decision, of all and of either group."""
    found = quote_time(
        company.quotes(deals, rng), last_month=LAST, threshold=THRESHOLD, confidence=NOMINAL
    )
    yield row("quote_days", found.median_days, true["days"])
    if found.groups.empty:
        return
    for group, name in zip(found.groups.itertuples(), ("below", "above"), strict=True):
        limits = (group.median, group.low, group.high)
        yield planted(f"quote_days, {name} the threshold", limits, true[f"days {name}"])
    told = "Cannot tell" not in found.findings[0].sentence
    yield claim("says whether larger discounts take longer", told, company.slow == 0)


def plain(name: str, value: float, truth: float) -> dict[str, object]:
    """A number that is printed without an interval."""
    return {
        "quantity": name, "covered": np.nan, "value": value, "truth": truth, "width": np.nan,
        "asked": False,
    }  # fmt: skip


def claim(name: str, said: bool, wrong: bool) -> dict[str, object]:
    """How often it is said; `wrong` where it would be a false claim."""
    return {
        "quantity": name, "covered": float(said), "value": float(said),
        "truth": np.nan if not wrong else 0.0, "width": np.nan, "asked": wrong,
    }  # fmt: skip


def block(at: int, number: int, count: int, seed: int) -> pd.DataFrame:
    """`count` companies of one kind, each block with its own stream."""
    rng = np.random.default_rng([seed, at, number])
    return pd.DataFrame([r for _ in range(count) for r in one(at, rng)])


def summary(company: Company, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row a quantity, against the bars. Where all reps are alike, what is more than nothing is held
    more often than nominal, because the interval begins there; so are whole days, because an interval
    holds both of its ends. A false claim may be made as often as its interval leaves, on both sides or,
    where it is of one side (that approval does not pay), on one."""
    table = counted(rows)
    most = slack(NOMINAL, table["replicates"])
    off = table["coverage"] - NOMINAL
    alike = ["discount_reliability", "waterfall: reps_above", "waterfall: reps_below"]
    more = table.index.isin(alike) & (company.offers.spread == 0)
    more |= table.index.str.startswith("quote_days")
    says = table.index.str.startswith("says")
    left = np.where(table.index.str.contains("does not pay"), 0.5, 1.0) * (1 - NOMINAL)
    wrong = left + TOLERANCE + 2 * np.sqrt(left * (1 - left) / table["replicates"])
    held = np.where(says, table["coverage"] <= wrong, off.abs() <= most)
    held = np.where(more, off >= -most, held)
    table["ok"] = held | ~table["asked"].astype(bool)
    return laid_out(table, analysis="deal_desk", setting=company.name, nominal=NOMINAL, seed=seed)


def run(replicates: int | None = None, seed: int = 20_271) -> pd.DataFrame:
    """The whole table; `replicates` overrides 500 companies of each kind."""
    each = [replicates] if replicates else [BLOCK] * BLOCKS
    made = in_blocks(block, range(len(COMPANIES)), lambda _: each, seed)
    return pd.concat([summary(COMPANIES[at], rows, seed) for at, rows in made], ignore_index=True)
