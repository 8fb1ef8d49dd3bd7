"""How often the channel gap's 90% intervals hold a planted truth.

`planted`: rep-months written down as a linear model with known parts, at 12 + 12 and 60 + 60 reps.
`company`: whole simulated companies, from raw deals, hours and markets through the dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesops_lib.analyses.channel_gap import ChannelGap, channel_gap, practices, with_newness

CONFIDENCE = 0.90
QUANTITIES = ("gap", "market", "practice", "explained", "unexplained", "correctable_money_year")


@dataclass(frozen=True)
class Planted:
    """A linear world: y = α + δ·in_a + γ·market + β·practice + rep + month, and
    practice = π·market + own practice. Covariates vary between and within reps.

    Attributes
    ----------
    reps_a, reps_b, months
        Size.
    markets, practices
        Number of covariates.
    between
        Share of a covariate's variance that is between reps (1: rep-level covariates).
    market_ahead, practice_ahead
        By how many standard deviations a is ahead in each.
    market_slope, practice_slope, passed_on
        γ, β, π.
    icc
        Share of the error variance that is between reps.
    skewed
        Errors of gamma shape, as bookings have them, instead of normal ones.
    spread_a
        Error standard deviation of a over that of b.
    """

    reps_a: int = 12
    reps_b: int = 12
    months: int = 12
    markets: int = 1
    practices: int = 2
    between: float = 0.5
    market_ahead: float = 0.5
    practice_ahead: float = 0.5
    market_slope: float = 1.0
    practice_slope: float = 1.0
    passed_on: float = 0.5
    icc: float = 0.4
    skewed: bool = False
    spread_a: float = 1.0
    unexplained: float = 0.3

    def truth(self) -> dict[str, float]:
        """The parts, in outcome units a row, and the correctable part a year of b."""
        through = self.market_slope + self.practices * self.practice_slope * self.passed_on
        market = self.markets * self.market_ahead * through
        practice = self.practices * self.practice_ahead * self.practice_slope
        return {
            "gap": market + practice + self.unexplained,
            "market": market,
            "practice": practice,
            "explained": market + practice,
            "unexplained": self.unexplained,
            "correctable_money_year": practice * 12 * self.reps_b,
        }

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """One company's rep-months."""
        n, t = self.reps_a + self.reps_b, self.months
        in_a = np.arange(n) < self.reps_a

        def covariate(ahead: float) -> np.ndarray:
            rep = rng.normal(size=(n, 1)) * np.sqrt(self.between)
            month = rng.normal(size=(n, t)) * np.sqrt(1 - self.between)
            return ahead * in_a[:, None] + rep + month

        market = [covariate(self.market_ahead) for _ in range(self.markets)]
        total = np.sum(market, axis=0)
        practice = [
            self.passed_on * total + covariate(self.practice_ahead) for _ in range(self.practices)
        ]
        error = self._noise(rng, (n, 1)) * np.sqrt(self.icc)
        error = error + self._noise(rng, (n, t)) * np.sqrt(1 - self.icc)
        y = (
            10 + self.unexplained * in_a[:, None] + self.market_slope * total
            + self.practice_slope * np.sum(practice, axis=0)
            + 2 * error * np.where(in_a, self.spread_a, 1.0)[:, None]
        )  # fmt: skip
        columns = {
            "rep_id": np.repeat(np.arange(n), t),
            "month": np.tile(np.arange(t), n),
            "channel": np.repeat(np.where(in_a, "a", "b"), t),
            "bookings": y.ravel(),
        }
        columns |= {f"market_{i}": x.ravel() for i, x in enumerate(market)}
        columns |= {f"practice_{i}": x.ravel() for i, x in enumerate(practice)}
        return pd.DataFrame(columns)

    def gap(self, data: pd.DataFrame) -> ChannelGap:
        """Through the public function."""
        return channel_gap(
            data, outcome="bookings", a="a", b="b",
            market=[f"market_{i}" for i in range(self.markets)],
            practice=[f"practice_{i}" for i in range(self.practices)],
            permutations=19,
        )  # fmt: skip

    def _noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        if self.skewed:
            return rng.gamma(1.0, 1.0, shape) - 1.0
        return rng.normal(size=shape)


SETTINGS: dict[str, Planted] = {
    "12+12": Planted(),
    "12+12, rep-level covariates": Planted(between=1.0),
    "12+12, three markets, four practices": Planted(markets=3, practices=4),
    "12+12, weak effects": Planted(
        market_ahead=0.2, practice_ahead=0.2, market_slope=0.4, practice_slope=0.4
    ),
    "15+15, weak effects, one practice": Planted(
        reps_a=15, reps_b=15, practices=1, market_ahead=0.2, practice_ahead=0.2, market_slope=0.4,
        practice_slope=0.4,
    ),
    "12+12, skewed": Planted(skewed=True),
    "6+18, spread x2 in a": Planted(reps_a=6, reps_b=18, spread_a=2.0),
    "60+60": Planted(reps_a=60, reps_b=60),
    "60+60, rep-level covariates": Planted(reps_a=60, reps_b=60, between=1.0),
    "60+60, weak effects": Planted(
        reps_a=60, reps_b=60, market_ahead=0.1, practice_ahead=0.1, market_slope=0.4,
        practice_slope=0.4,
    ),
}  # fmt: skip


def estimates(gap: ChannelGap) -> dict[str, tuple[float, float, float]]:
    """value, low, high of each quantity."""
    found = {
        "gap": gap.difference,
        "market": gap.market,
        "practice": gap.practice,
        "explained": gap.explained,
        "unexplained": gap.unexplained,
        "correctable_money_year": gap.finding("correctable_money_year").estimate,
    }
    return {name: (one.value, one.low, one.high) for name, one in found.items()}


def naive(data: pd.DataFrame, market: list[str], practice: list[str], a: str) -> dict[str, tuple]:
    """What many would do: rows as independent, practice as it comes, normal quantiles."""
    chosen = data.dropna(subset=[*market, *practice])
    in_a = (chosen["channel"] == a).to_numpy(float)
    y = chosen["bookings"].to_numpy(float)
    m, p = chosen[market].to_numpy(float), chosen[practice].to_numpy(float)
    z = 1.6449

    def effect(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = np.column_stack([np.ones(len(y)), in_a, *columns])
        inverse = np.linalg.pinv(x.T @ x)
        beta = inverse @ x.T @ y
        rest = y - x @ beta
        return beta, inverse * (rest @ rest) / (len(y) - x.shape[1])

    raw, v_raw = effect()
    long, v_long = effect(m, p)
    gap_p = p[in_a == 1].mean(axis=0) - p[in_a == 0].mean(axis=0)
    slopes, v_slopes = long[2 + m.shape[1] :], v_long[2 + m.shape[1] :, 2 + m.shape[1] :]
    out = {}
    for name, value, variance in (
        ("gap", raw[1], v_raw[1, 1]),
        ("unexplained", long[1], v_long[1, 1]),
        ("practice", gap_p @ slopes, gap_p @ v_slopes @ gap_p),
    ):
        half = z * np.sqrt(variance)
        out[name] = (value, value - half, value + half)
    return out


Draw = Callable[[int], tuple[dict[str, tuple], dict[str, tuple], dict[str, float]]]


def count(setting: str, draw: Draw, replicates: int, seed: int) -> list[dict[str, object]]:
    """Coverage of every quantity over the replicates."""
    hits: dict[str, list[bool]] = {name: [] for name in QUANTITIES}
    others: dict[str, list[bool]] = {}
    errors: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    truths: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    for i in range(replicates):
        ours, theirs, truth = draw(i)
        for name in QUANTITIES:
            value, low, high = ours[name]
            hits[name].append(low <= truth[name] <= high)
            errors[name].append(value - truth[name])
            truths[name].append(truth[name])
        for name, (_, low, high) in theirs.items():
            others.setdefault(name, []).append(low <= truth[name] <= high)
    rows = []
    for name in QUANTITIES:
        coverage = float(np.mean(hits[name]))
        error = float(np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / replicates))
        rows.append(
            {
                "analysis": "channel_gap",
                "setting": setting,
                "quantity": name,
                "nominal": CONFIDENCE,
                "replicates": replicates,
                "coverage": coverage,
                "bias": float(np.mean(errors[name]) / np.mean(truths[name])),
                "naive": float(np.mean(others[name])) if name in others else np.nan,
                "seed": seed,
                # Within two points, as far as so many replicates can tell.
                "ok": abs(coverage - CONFIDENCE) <= 0.02 + 2 * error,
            }
        )
    return rows


def planted(name: str, world: Planted, replicates: int, seed: int) -> list[dict[str, object]]:
    """Coverage in a linear world."""
    rng = np.random.default_rng([seed, *name.encode()])
    truth = world.truth()
    market = [f"market_{i}" for i in range(world.markets)]
    practice = [f"practice_{i}" for i in range(world.practices)]

    def draw(_: int) -> tuple[dict, dict, dict]:
        data = world.draw(rng)
        return estimates(world.gap(data)), naive(data, market, practice, "a"), truth

    return count(name, draw, replicates, seed)


def company(
    per_channel: int, replicates: int, seed: int, *, every_practice: bool = False
) -> list[dict[str, object]]:
    """Coverage over simulated companies, from raw tables; competition drives win rates there."""
    from salesops_lib.dataset import Dataset
    from salesops_lib.dataset.simulation import simulate_company

    def draw(i: int) -> tuple[dict, dict, dict]:
        made = simulate_company(
            reps_per_channel={"EU distributor": per_channel, "US distributor": per_channel},
            months=24, seed=seed + i, balanced=False,
        )  # fmt: skip
        planted_split = made.channel_gap
        tables = {name: table for name, table in made.tables.items() if name != "stage_changes"}
        dataset = Dataset.from_frames(tables)
        months = dataset.rep_months(trailing=12)
        chosen = list(planted_split["practice_columns"])
        if every_practice:
            months = with_newness(months)
            chosen = list(practices(dataset.practice_columns, months))
        gap = channel_gap(
            months, outcome="bookings", a=planted_split["a"], b=planted_split["b"],
            market=dataset.market_columns, practice=chosen, permutations=19,
        )  # fmt: skip
        truth = {name: planted_split[name] for name in ("gap", "market", "practice", "unexplained")}
        truth["explained"] = truth["market"] + truth["practice"]
        truth["correctable_money_year"] = truth["practice"] * gap.rows_per_year
        other = naive(months, list(dataset.market_columns), chosen, planted_split["a"])
        return estimates(gap), other, truth

    label = f"company, {per_channel} a channel" + (", every practice" if every_practice else "")
    return count(label, draw, replicates, seed)


def run(
    replicates: int | None = None, seed: int = 20_261, settings: Iterable[str] | None = None
) -> pd.DataFrame:
    """The whole table; `replicates` overrides 2,000 for linear worlds, and 1,500 companies of a dozen
    reps a channel (600 would leave a point of doubt on either side), 600 of thirty."""
    rows: list[dict[str, object]] = []
    for name, world in SETTINGS.items():
        if settings is None or name in settings:
            rows += planted(name, world, replicates or 2000, seed)
    if settings is None or "company" in settings:
        for per_channel, every, usual in ((12, False, 1500), (15, True, 1500), (30, False, 600)):
            rows += company(per_channel, replicates or usual, 100_000 + seed, every_practice=every)
    return pd.DataFrame(rows)
