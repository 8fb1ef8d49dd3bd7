"""Do the intervals of ramp hold? Planted ramp, raw rep-months, the public functions.

Milestones: times with a median of 6 months (Weibull, shape 2), censored U(1, 18) and by attrition
(mean 24 months), in days so that the truth is not blurred by whole months; `late` settings see half
of the reps only from a later day on, if they are not there yet. Quantities: median, restricted mean
over 12 months, and the cost that rests on it with a contribution estimated from 20 reps.

Learning curves: the expected month is 1 − 0.1^(t/4) of the rep's own level (sd .3, lognormal), so
90% after 4 months, or no ramp at all. Noise: `lognormal` monthly log-noise of sd .8; `deals` 3 a
month on average with lognormal sizes, so that months of 0 are common; `normal` constant noise, half
the level. `late start` settings add two months on the job in which nothing is sold. `company`
settings add channels, season, growth and reps hired before the data begins.
`leavers` settings make a quarter of hires slow (four times as long) and lose them after 6 to 12
months: no method recovers the ramp of the others from all months, so what is counted is whether it
lies inside the sensitivity table.

`value` is the median estimate over the truth; `naive` the same for what is usual: the median of
those who got there (milestones, cost), a threshold on noisy months (learning curves). Where there is
no ramp the truth is the boundary 0, so coverage is one-sided, 95%, and what counts as found is less
than a month.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.ramp_time_cost import ramp_cost, ramp_time
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import shortfall

REPLICATES, SEED = 1000, 20260905
# Milestones are quick, so that chance can be made small.
CHEAP = 4
NOMINAL = 0.90
DAYS, MEDIAN, SHAPE, ATTRITION = 30, 6.0, 2.0, 24.0
TARGET_MONTHS, HORIZON = 4.0, 24
DELAY = 2.0
LEVEL, SKILL_SD, LOG_NOISE = 50_000.0, 0.3, 0.8
HIRES = 10.0
TOLERANCE, BIAS = 0.02, 0.03
COLUMNS = [
    "analysis",
    "setting",
    "quantity",
    "nominal",
    "replicates",
    "coverage",
    "value",
    "bias",
    "naive",
    "seed",
    "ok",
]


@dataclass(frozen=True)
class Truth:
    """One quantity of one replicate: the truth, the interval, and what is usual."""

    quantity: str
    truth: float
    value: float
    low: float
    high: float
    naive: float = math.nan

    @property
    def holds(self) -> bool:
        # Times are counted in whole days: the limits are exact to the day.
        slack = 1e-9 * max(abs(self.truth), 1.0)
        return self.low - slack <= self.truth <= self.high + slack


def run(replicates: int | None = None, seed: int = SEED) -> pd.DataFrame:
    """Coverage and bias of every setting."""
    tables = []
    for name, one in settings().items():
        n = (replicates or REPLICATES) * (CHEAP if name.startswith("milestone") else 1)
        rng = np.random.default_rng([seed, *name.encode()])
        found = [truth for _ in range(n) for truth in one(rng)]
        tables.append(summary(name, found, n, seed))
    return pd.concat(tables, ignore_index=True)


def settings() -> dict[str, Callable[[np.random.Generator], Iterator[Truth]]]:
    """Setting → one replicate."""
    found: dict[str, Callable[[np.random.Generator], Iterator[Truth]]] = {}
    for n in (20, 40):
        found[f"milestone, {n} reps"] = lambda rng, n=n: milestone(rng, n, late=False)
    found["milestone, 40 reps, late entry"] = lambda rng: milestone(rng, 40, late=True)
    for noise in ("lognormal", "deals", "normal"):
        for n in (20, 40):
            found[f"curve, {noise} noise, {n} hires"] = lambda rng, n=n, noise=noise: curve(
                rng, n, noise, TARGET_MONTHS
            )
    found["curve, lognormal noise, 40 hires, no ramp"] = lambda rng: curve(
        rng, 40, "lognormal", 0.0
    )
    found["curve, deals noise, 40 hires, no ramp"] = lambda rng: curve(rng, 40, "deals", 0.0)
    found["curve, deals noise, 40 hires, late start"] = lambda rng: curve(
        rng, 40, "deals", TARGET_MONTHS, delay=DELAY
    )
    found["curve, deals noise, company"] = lambda rng: curve(
        rng, 40, "deals", TARGET_MONTHS, company=True
    )
    found["curve, deals noise, company, leavers"] = leavers
    return found


def summary(name: str, found: list[Truth], replicates: int, seed: int) -> pd.DataFrame:
    rows = []
    for quantity in dict.fromkeys(one.quantity for one in found):
        of = [one for one in found if one.quantity == quantity]
        boundary = of[0].truth == 0
        nominal = 0.5 + NOMINAL / 2 if boundary else NOMINAL
        coverage = float(np.mean([one.holds for one in of]))
        value = float(np.median([one.value for one in of]))
        usual = [one.naive for one in of if math.isfinite(one.naive)]
        naive = float(np.median(usual)) if usual else math.nan
        truth = of[0].truth
        bias = value - truth if boundary else value / truth - 1
        chance = 2 * math.sqrt(nominal * (1 - nominal) / len(of))
        ok = abs(coverage - nominal) <= TOLERANCE + chance
        if "table" in quantity:
            ok = coverage >= nominal - TOLERANCE - chance
        elif quantity != "median months":
            # A Kaplan–Meier median of a small sample is off by what one event moves it.
            ok = ok and abs(bias) <= (1.0 if boundary else BIAS + 0.01)
        rows.append(
            {
                "analysis": "ramp_time_cost",
                "setting": name,
                "quantity": quantity,
                "nominal": nominal,
                "replicates": len(of),
                "coverage": coverage,
                "value": value if boundary else value / truth,
                "bias": bias,
                "naive": naive if boundary else naive / truth,
                "seed": seed,
                "ok": bool(ok),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def milestone(rng: np.random.Generator, n: int, *, late: bool) -> Iterator[Truth]:
    """Median, restricted mean and cost from event times."""
    data = event_times(rng, n, late=late)
    try:
        ramp = ramp_time(
            data,
            value="sold",
            event="there",
            definition="milestone",
            horizon=12 * DAYS,
            exposure=None,
        )
    except NotEnoughData:
        return
    reached = data[data["there"]]
    naive = float(reached["tenure_months"].median())
    yield _of("median months", MEDIAN * DAYS, ramp.median_months, naive)
    truth = restricted_mean_truth(12.0) * DAYS
    if ramp.horizon < 12 * DAYS:
        # Nobody is followed so far: the truth is that of the horizon reported.
        truth = restricted_mean_truth(ramp.horizon / DAYS) * DAYS
    mean = ramp.restricted_mean_months
    yield _scaled("restricted mean", truth, mean, float(reached["tenure_months"].mean()))
    contribution = mean_with_t(100.0 * np.exp(0.4 * rng.standard_normal(20) - 0.08))
    cost = ramp_cost(ramp, hires_per_year=HIRES, contribution_per_month=contribution)
    naive_cost = float(reached["tenure_months"].mean()) * contribution.value * HIRES
    yield _scaled("cost a year", truth * 100.0 * HIRES, cost.per_year, naive_cost)


def event_times(rng: np.random.Generator, n: int, *, late: bool) -> pd.DataFrame:
    """Two rows a rep: the first day seen, and the day of the event or the last day seen."""
    scale = MEDIAN / math.log(2) ** (1 / SHAPE)
    kept: list[tuple[int, int, bool]] = []
    while len(kept) < n:
        time = scale * rng.weibull(SHAPE)
        entry = rng.uniform(0, 9) if late and rng.random() < 0.5 else 0.0
        if time <= entry:
            continue
        end = min(entry + rng.uniform(1, 18), rng.exponential(ATTRITION) + entry)
        first = math.floor(entry * DAYS)
        last = math.ceil(min(time, end) * DAYS)
        # The day after entry is the first day seen; the event comes later than that.
        kept.append((first + 1, max(last, first + 3), time <= end))
    rows = [
        (i, day, is_there)
        for i, (first, last, there) in enumerate(kept)
        for day, is_there in ((first, False), (last, there))
    ]
    frame = pd.DataFrame(rows, columns=["rep_id", "tenure_months", "there"])
    return frame.assign(tenure_months=frame["tenure_months"].clip(lower=1), sold=1.0)


def restricted_mean_truth(horizon: float) -> float:
    """∫ S from 0 to the horizon, by Gauss–Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    at = (nodes + 1) * horizon / 2
    survival = np.exp(-math.log(2) * (at / MEDIAN) ** SHAPE)
    return float((weights * survival).sum() * horizon / 2)


def curve(
    rng: np.random.Generator,
    hires: int,
    noise: str,
    months: float,
    *,
    company: bool = False,
    delay: float = 0.0,
) -> Iterator[Truth]:
    """Time to the target, production lost and cost from noisy rep-months."""
    data = rep_months(rng, hires, noise, months, company=company, delay=delay)
    ramp = ramp_time(data, value="bookings")
    yield _of("months to target", months + delay, ramp.median_months, threshold(data))
    truth = shortfall(0.1 ** (1 / months) if months else 0.0, HORIZON, delay)
    yield _of("months lost", truth, ramp.months_lost)
    if not months:
        return
    cost = ramp_cost(ramp, hires_per_year=HIRES, contribution_per_month=ramp.mature_level)
    level = LEVEL * (_company_level() if company else 1.0)
    yield _of("cost a year", truth * level * HIRES, cost.per_year)


def leavers(rng: np.random.Generator) -> Iterator[Truth]:
    """With slow hires who leave: is the ramp of the others inside the sensitivity table?"""
    data = rep_months(rng, 40, "deals", TARGET_MONTHS, company=True, slow=0.25)
    ramp = ramp_time(data, value="bookings")
    table = ramp.leavers
    low, high = table["median_low"].min(), table["median_high"].max()
    naive = ramp.median_months.value
    lasted = table.loc[table["scenario"] == "stayers_only", "median_months"]
    value = float(lasted.iloc[0]) if len(lasted) else naive
    yield Truth("months to target, inside the table", TARGET_MONTHS, value, low, high, naive)


def threshold(data: pd.DataFrame) -> float:
    """Median over reps of the first two months in a row at 90% of the mean of later months."""
    bar = 0.9 * data.loc[data["tenure_months"] > 12, "bookings"].mean()
    met = data["bookings"].ge(bar)
    again = met & met.groupby(data["rep_id"]).shift(fill_value=False)
    seen = data.groupby("rep_id")["tenure_months"].transform("min") == 1
    return float(data[again & seen].groupby("rep_id")["tenure_months"].first().median())


def rep_months(
    rng: np.random.Generator,
    hires: int,
    noise: str,
    months: float,
    *,
    company: bool = False,
    slow: float = 0.0,
    delay: float = 0.0,
) -> pd.DataFrame:
    """Rep-months with a planted ramp."""
    span = 36 if company else HORIZON
    mature = hires // 2 if company else 0
    n = hires + mature
    start = np.where(np.arange(n) < mature, -rng.integers(1, 48, n), rng.integers(0, span - 3, n))
    if not company:
        start = np.zeros(n, dtype=int)
    end = np.full(n, span)
    if not company:
        # Followed for 6 to 24 months, whatever they sell.
        end = rng.integers(6, span + 1, n)
    is_slow = (rng.random(n) < slow) & (np.arange(n) >= mature)
    end = np.where(is_slow, np.minimum(end, start + rng.integers(6, 13, n)), end)
    rep, month = np.nonzero(
        (np.arange(span)[None, :] >= start[:, None]) & (np.arange(span)[None, :] < end[:, None])
    )
    tenure = month - start[rep] + 1.0
    pace = np.where(is_slow, 4 * months, months)[rep]
    since = np.maximum(tenure - delay, 0.0)
    ramped = 1 - 0.1 ** (since / pace) if months else np.ones(len(tenure))
    channel = np.arange(n) % 2
    talent = np.exp(SKILL_SD * rng.standard_normal(n) - SKILL_SD**2 / 2)
    mean = LEVEL * talent[rep] * ramped
    if company:
        mean = mean * _season()[month % 12] * (1 + 0.3 * channel[rep]) * 1.005**month
    frame = pd.DataFrame(
        {"rep_id": rep, "tenure_months": tenure, "bookings": noisy(rng, mean, noise)}
    )
    if company:
        frame["month"] = pd.period_range("2023-01", periods=span, freq="M").to_timestamp()[month]
        frame["channel"] = np.array(["direct", "partner"])[channel[rep]]
    return frame


def noisy(rng: np.random.Generator, mean: np.ndarray, noise: str) -> np.ndarray:
    """Values around `mean`, expected value kept."""
    if noise == "lognormal":
        return mean * np.exp(LOG_NOISE * rng.standard_normal(len(mean)) - LOG_NOISE**2 / 2)
    if noise == "normal":
        return mean + 0.5 * LEVEL * rng.standard_normal(len(mean))
    deals = rng.poisson(3 * mean / LEVEL)
    sizes = np.exp(LOG_NOISE * rng.standard_normal(int(deals.sum())) - LOG_NOISE**2 / 2)
    which = np.repeat(np.arange(len(mean)), deals)
    return np.bincount(which, sizes, minlength=len(mean)) * LEVEL / 3


def _season() -> np.ndarray:
    return 1 + 0.2 * np.cos(2 * np.pi * np.arange(12) / 12)


def _company_level() -> float:
    """Mean month of a ramped rep: channels alike in number, an average year, the trend's last one."""
    return 1.15 * 1.005**29.5


def mean_with_t(values: np.ndarray) -> Estimate:
    """Mean with a t interval, as an outside estimate would come."""
    n = len(values)
    half = float(stats.t.ppf(0.5 + NOMINAL / 2, n - 1) * values.std(ddof=1) / math.sqrt(n))
    mean = float(values.mean())
    return Estimate(mean, mean - half, mean + half, NOMINAL, "money/month", n)


def _of(quantity: str, truth: float, found: Estimate, naive: float = math.nan) -> Truth:
    return Truth(quantity, truth, found.value, found.low, found.high, naive)


def _scaled(quantity: str, truth: float, found: Estimate, naive: float) -> Truth:
    """As shares of the truth, where that differs between replicates."""
    return Truth(
        quantity, 1.0, found.value / truth, found.low / truth, found.high / truth, naive / truth
    )
