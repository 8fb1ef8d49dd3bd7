"""What can be chosen about a simulated company, and the constants of its world.

The constants are in one place because `truth.json` is computed from them, not from the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from salesops_lib.errors import ParameterError

A, B = "EU distributor", "US distributor"
"""The two channels whose gap is planted: `a` sells `gap` times what `b` sells."""

CHANNELS: dict[str, tuple[str, tuple[str, ...]]] = {
    A: ("partner", ("Britain", "DACH", "France", "Nordics")),
    B: ("partner", ("East", "Midwest", "South", "West")),
    "EU direct": ("direct", ("Britain", "DACH", "France", "Nordics")),
    "US direct": ("direct", ("East", "Midwest", "South", "West")),
}
REGIONS = ("Britain", "DACH", "France", "Nordics", "East", "Midwest", "South", "West")
EUROPE = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)

EDITION = 1
"""Part of every random stream: which company a seed is. Changed only together with the sample."""
LEAD_MONTHS = 12
"""Months simulated before the data begin: last year's bookings, from which quotas are set."""
TAIL_MONTHS = 13
"""Months simulated after the data end: what becomes of the deals still open."""
MAX_CYCLE_DAYS = 365

WIN_RATE, DISCOUNT, HOURS, CLOSINGS = 0.27, 0.12, 16.0, 12.0
"""Company means: won ÷ closed, discount, selling hours a week, deals closed a rep-month."""
HOURS_ELASTICITY = 0.34
"""Albers, Mantrala & Sridhar (2010): personal-selling elasticity over industries."""
SIZE_ELASTICITY, GROWTH_EFFECT, COMPETITION_EFFECT, CURRENCY_ELASTICITY = 0.30, 0.8, -0.4, 0.4
GROWTH, COMPETITION = 0.03, 0.28
COMPETITION_ON_WIN_RATE = 0.35
"""Points of win rate lost per point of competitor share, where the market drives the practice."""
MARKET_VIA_PRACTICE = 0.35
"""Share of the log gap that runs market → win rate → bookings, with market-driven practice."""
PRACTICE_WEIGHTS = {"win_rate": 0.60, "selling_hours": 0.30, "discount": 0.10}
"""How the planted practice part of the gap is spread over what a training could change."""
WIN_RATE_SD, HOURS_SD, DISCOUNT_SD = 0.028, 0.09, 0.018
"""Differences between reps of one channel (standard deviations; hours on the log scale)."""
HOURS_MONTH_SD, HOURS_WEEK_SD, HOURS_MEMORY = 0.10, 0.12, 0.6

CYCLE = {"win": (1.6, 75.0), "loss": (1.2, 120.0)}
"""Weibull shape and scale, in days, of created → closed."""
STAGES = ("Prospecting", "Qualified", "Proposal", "Negotiation")
WON_STAGE, LOST_STAGE = "Closed won", "Closed lost"
STAGE_ALPHA = (1.6, 1.8, 2.0, 1.4)
"""Dirichlet weights of the time a deal spends in each stage."""
LOST_IN = (0.30, 0.27, 0.24, 0.19)
"""Where lost deals are lost."""

PRODUCTS = {
    "Core": (0.40, 22_000.0),
    "Plus": (0.32, 38_000.0),
    "Suite": (0.18, 70_000.0),
    "Services": (0.10, 16_000.0),
}
SEGMENTS = {"Small business": (0.45, 0.75), "Mid-market": (0.38, 1.05), "Enterprise": (0.17, 1.55)}
SIZE_SD = 0.40
DISCOUNT_PRECISION = 28.0

SEASON = np.array([-0.08, -0.03, 0.12, -0.08, -0.02, 0.13, -0.13, -0.16, 0.11, -0.04, 0.02, 0.16])
"""January to December, around 0: the quarter's last month is pushed, summer is thin."""

SLOW_SHARE, SLOW_FACTOR = 0.22, 4.0
"""With informative leavers: the share of hires who ramp slowly, and how much slower."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of `simulate_company`, checked; see there for what each means."""

    reps: int = 60
    months: int = 36
    seed: int = 0
    end: str = "2026-09"
    reps_per_channel: int | Mapping[str, int] | None = None
    ramp_months: float = 4.0
    informative_leavers: bool = True
    leaving: float = 0.005
    hired_share: float = 0.45
    skill_sd: float = 0.25
    skill_shape: str = "lognormal"
    gap: float = 1.10
    gap_split: tuple[float, float, float] = (0.45, 0.35, 0.20)
    market_driven_practice: bool = True
    noise: float = 0.15
    company_noise: float = 0.02
    seasonality: float = 1.0
    trend: float = 0.06
    ratchet: float = 1.0
    balanced: bool = True
    hours_skill_correlation: float = 0.0
    activities: bool = True

    def __post_init__(self) -> None:
        """Raises ParameterError naming the option, its value and the bound."""
        self._within("months", 3, 240)
        self._within("reps", 1, 100_000)
        self._within("ramp_months", 0, 60)
        self._within("leaving", 0, 0.2)
        self._within("hired_share", 0, 1)
        self._within("skill_sd", 0, 1.5)
        self._within("gap", 0.3, 3)
        self._within("noise", 0, 2)
        self._within("company_noise", 0, 1)
        self._within("seasonality", 0, 3)
        self._within("trend", -0.9, 3)
        self._within("ratchet", 0, 1)
        self._within("hours_skill_correlation", -0.95, 0.95)
        if self.skill_shape not in {"normal", "lognormal"}:
            raise ParameterError(
                f"skill_shape == {self.skill_shape!r}, must be 'normal' or 'lognormal'."
            )
        if len(self.gap_split) != 3 or abs(sum(self.gap_split) - 1) > 1e-9:
            raise ParameterError(
                f"gap_split == {self.gap_split!r}, must be three shares (market, practice, "
                "unexplained) that sum to 1."
            )
        try:
            pd.Period(self.end, freq="M")
        except ValueError as fault:
            raise ParameterError(f"end == {self.end!r}, must be a month as 2026-09.") from fault
        if isinstance(self.reps_per_channel, Mapping):
            unknown = set(self.reps_per_channel) - set(CHANNELS)
            if unknown:
                raise ParameterError(
                    f"reps_per_channel: no channel {sorted(unknown)[0]!r}; "
                    f"there are {', '.join(CHANNELS)}."
                )

    def _within(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise ParameterError(f"{name} == {value!r}, must be from {low} to {high}.")

    @property
    def counts(self) -> dict[str, int]:
        """Reps in each channel; channels without any are left out."""
        chosen = self.reps_per_channel
        if chosen is None:
            share, rest = divmod(self.reps, len(CHANNELS))
            counts = {c: share + (i < rest) for i, c in enumerate(CHANNELS)}
        elif isinstance(chosen, Mapping):
            counts = {c: int(chosen.get(c, 0)) for c in CHANNELS}
        else:
            counts = dict.fromkeys(CHANNELS, int(chosen))
        return {c: n for c, n in counts.items() if n > 0}

    @property
    def calendar(self) -> pd.PeriodIndex:
        """Every simulated month: the lead, the data, the tail."""
        last = pd.Period(self.end, freq="M")
        first = last - (self.months - 1) - LEAD_MONTHS
        return pd.period_range(first, last + TAIL_MONTHS, freq="M")

    @property
    def data_months(self) -> slice:
        """Where the data lie in `calendar`."""
        return slice(LEAD_MONTHS, LEAD_MONTHS + self.months)

    @property
    def window(self) -> slice:
        """The trailing twelve months, in `calendar`."""
        stop = LEAD_MONTHS + self.months
        return slice(stop - min(12, self.months), stop)

    def as_dict(self) -> dict[str, object]:
        """Plain values, for truth.json."""
        out: dict[str, object] = {f.name: getattr(self, f.name) for f in fields(self)}
        out["gap_split"] = list(self.gap_split)
        if isinstance(self.reps_per_channel, Mapping):
            out["reps_per_channel"] = dict(self.reps_per_channel)
        return out

    def stream(self, name: str) -> np.random.Generator:
        """A random stream of its own for each part, so that switching one off moves no other."""
        return np.random.default_rng([self.seed, EDITION, *name.encode()])


def season(settings: Settings) -> np.ndarray:
    """Multiplicative month factors over `calendar`, with mean 1 over a year."""
    factors = 1 + settings.seasonality * (SEASON - SEASON.mean())
    factors = np.maximum(factors, 0.05)
    return (factors / factors.mean())[settings.calendar.month.to_numpy() - 1]


def growth(settings: Settings) -> np.ndarray:
    """Trend over `calendar`: yearly growth, 1 in the middle of the trailing twelve months."""
    middle = (settings.window.start + settings.window.stop - 1) / 2
    return (1 + settings.trend) ** ((np.arange(len(settings.calendar)) - middle) / 12)
