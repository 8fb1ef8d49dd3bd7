"""Companies whose reps' true expected sales are known: raw rep-months and, where bookings are what
deals add up to, the deals.

The first kinds are those of `performance_curve.py` (skill sd .25, monthly noise sd .8, 12 months), and
the same with reps who do not differ at all. In `Dealers` a month's bookings are its deals: a rep wins a
Poisson number of them, three a month on average, whose amounts have a log sd of .8; reps differ in how
many they win and in how large theirs are. A month then varies as much as in the other worlds, about
.8 of its mean, and a lucky rep's deals look larger than the rep's deals are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.calibration.performance_curve import MONTHS, NOISE_SD, SKILL_SD, Setting, company

RATE, AMOUNT_SD = 3.0, 0.8
MANY = 60_000
QUARTER = (0.5, 0.5, 2.0)


@dataclass(frozen=True)
class Planted:
    """One company: rep-months (rep_id from 0), true expected value a month of each rep, what `count`
    hires from the population would sell, the deals, the mean size of each rep's deals and their log sd."""

    frame: pd.DataFrame
    skill: np.ndarray
    hires: Callable[[int], np.ndarray]
    average: float
    deals: pd.DataFrame | None = None
    deal_size: np.ndarray | None = None
    amount_sd: float = 0.0


@dataclass(frozen=True)
class Spread(Setting):
    """A setting whose skill has a spread of its own."""

    sd: float = SKILL_SD

    def draw_skill(self, n: int, rng: np.random.Generator) -> np.ndarray:
        z = self.sd * rng.standard_normal(n)
        return 1 + z if self.skill == "normal" else np.exp(z)


@dataclass(frozen=True)
class Sellers:
    """A setting of `performance_curve.py`, with its spread of skill or another."""

    setting: Setting
    spread: float = SKILL_SD

    @property
    def name(self) -> str:
        return self.setting.name if self.spread else f"no skill, {self.setting.name}"

    @property
    def alike(self) -> bool:
        return self.spread == 0

    def draw(self, rng: np.random.Generator, reps: int | None = None) -> Planted:
        one = self.setting
        setting = Spread(one.skill, one.noise, reps or one.reps, one.messy, self.spread)
        frame, skill, selling = company(setting, rng)
        average = selling * (1.0 if one.skill == "normal" else float(np.exp(self.spread**2 / 2)))
        return Planted(frame, skill, lambda n: setting.draw_skill(n, rng) * selling, average)

    def reliability(self, planted: Planted) -> float:
        """tau^2 / (tau^2 + noise) on the scale of the model, noise the harmonic mean over reps."""
        months = planted.frame.groupby("rep_id").size().to_numpy()
        if self.setting.messy:
            noise = np.array([_log_noise(int(n), 0.9) for n in months])
        else:
            noise = NOISE_SD**2 / months
        return _reliable(self.spread, noise)


@dataclass(frozen=True)
class Dealers:
    """Bookings are sums of deals; `size_sd` is how much reps differ in the size of theirs, `spread` in
    all. Where they are not `counted`, the number of deals of a month is not handed over. Where `quarters`
    end, a quarter's last month has four times the deals of the others."""

    reps: int
    size_sd: float
    spread: float = SKILL_SD
    counted: bool = True
    quarters: bool = False
    rate: float = RATE
    amount_sd: float = AMOUNT_SD

    @property
    def name(self) -> str:
        sizes = "sizes differ" if self.size_sd else "sizes alike"
        ends = ", quarters end" if self.quarters else ""
        heavy = " few and heavy" if self.rate < 1 else ""
        counted = "" if self.counted else " not counted"
        return f"deals{heavy}{counted}, {sizes}, {self.reps} reps{ends}"

    def draw(self, rng: np.random.Generator, reps: int | None = None) -> Planted:
        reps = reps or self.reps
        often, size = self._traits(reps, rng)
        sizes = np.resize(QUARTER if self.quarters else 1.0, MONTHS)
        counts = rng.poisson(self.rate * often[:, None] * sizes, (reps, MONTHS))
        rep = np.repeat(np.arange(reps), counts.sum(1))
        month = np.repeat(np.tile(np.arange(MONTHS), reps), counts.ravel())
        luck = np.exp(self.amount_sd * rng.standard_normal(len(rep)) - self.amount_sd**2 / 2)
        amount = size[rep] / self.rate * luck
        sums = np.bincount(rep * MONTHS + month, weights=amount, minlength=reps * MONTHS)
        frame = pd.DataFrame({
            "rep_id": np.repeat(np.arange(reps), MONTHS),
            "month": np.tile(np.arange(MONTHS), reps),
            "bookings": sums,
        })  # fmt: skip
        if self.counted:
            frame["deals_won"] = counts.ravel()
        deals = pd.DataFrame(
            {"rep_id": rep, "amount": amount, "status": "won", "close_date": month}
        )
        return Planted(
            frame, often * size, lambda n: np.prod(self._traits(n, rng), axis=0),
            float(np.exp(self.spread**2 / 2)), deals, size / self.rate, self.amount_sd,
        )  # fmt: skip

    def _traits(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """How often each rep sells, and how large the deals are."""
        often = np.sqrt(self.spread**2 - self.size_sd**2)
        return (
            np.exp(often * rng.standard_normal(n)),
            np.exp(self.size_sd * rng.standard_normal(n)),
        )

    def reliability(self, planted: Planted) -> float:
        often = planted.skill / (planted.deal_size * self.rate)
        return _reliable(self.spread, _log_noise_of_deals(self.rate, self.amount_sd) / often)


def _reliable(spread: float, noise: np.ndarray) -> float:
    typical = 1 / float(np.mean(1 / noise))
    return spread**2 / (spread**2 + typical)


@lru_cache
def _log_noise(months: int, selling: float) -> float:
    """Variance of the log of a mean of so many months, some without a sale."""
    rng = np.random.default_rng([months, 1])
    luck = np.exp(NOISE_SD * rng.standard_normal((MANY, months)) - NOISE_SD**2 / 2)
    mean = (luck * (rng.random(luck.shape) < selling)).mean(1)
    return float(np.log(mean[mean > 0]).var())


@lru_cache
def _log_noise_of_deals(rate: float, amount_sd: float) -> float:
    rng = np.random.default_rng(2)
    counts = np.maximum(rng.poisson(rate * MONTHS, MANY), 1)
    luck = np.exp(amount_sd * rng.standard_normal(int(counts.sum())))
    return float(np.log(np.add.reduceat(luck, np.r_[0, counts.cumsum()[:-1]])).var())


World = Sellers | Dealers


@lru_cache
def kept_share(world: World) -> float:
    """Slope of the second half on the first, both over their means, in a company without end."""
    planted = world.draw(np.random.default_rng(3), MANY)
    late = planted.frame["month"] >= MONTHS // 2
    first, second = (
        planted.frame[part].groupby("rep_id")["bookings"].mean() for part in (~late, late)
    )
    both = pd.concat([first / first.mean(), second / second.mean()], axis=1).dropna()
    covariance = np.cov(both.to_numpy().T)
    return float(
        covariance[0, 1] / covariance[0, 0] * both.iloc[:, 0].mean() / both.iloc[:, 1].mean()
    )
