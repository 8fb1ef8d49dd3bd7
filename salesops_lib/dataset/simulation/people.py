"""The reps: who they are, when they came and went, how good they are, how they work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.market import ChannelEffects
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, Settings

_FIRST = [
    "Ada",
    "Aisha",
    "Alan",
    "Alba",
    "Amir",
    "Anja",
    "Arlo",
    "Astrid",
    "Beth",
    "Bruno",
    "Carla",
    "Cem",
    "Chloe",
    "Clara",
    "Colin",
    "Dana",
    "Dev",
    "Diego",
    "Dora",
    "Edith",
    "Elif",
    "Emil",
    "Erin",
    "Esme",
    "Farid",
    "Fiona",
    "Felix",
    "Gemma",
    "Glen",
    "Greta",
    "Hana",
    "Hugo",
    "Ida",
    "Imran",
    "Ines",
    "Ivan",
    "Jade",
    "Jonas",
    "Jude",
    "Karin",
    "Kofi",
    "Lars",
    "Leila",
    "Lena",
    "Luca",
    "Maeve",
    "Malik",
    "Marta",
    "Milo",
    "Nadia",
    "Nils",
    "Nora",
    "Omar",
    "Otto",
    "Petra",
    "Priya",
    "Rafael",
    "Rosa",
    "Samir",
    "Silke",
    "Sven",
    "Tara",
    "Theo",
    "Uma",
    "Vera",
    "Viktor",
    "Wanda",
    "Yara",
]
_LAST = [
    "Abbott",
    "Adler",
    "Ahmed",
    "Alder",
    "Baker",
    "Becker",
    "Berg",
    "Blake",
    "Bosch",
    "Brandt",
    "Brennan",
    "Carver",
    "Castro",
    "Chen",
    "Costa",
    "Cross",
    "Dahl",
    "Dale",
    "Diaz",
    "Doyle",
    "Duval",
    "Ekman",
    "Engel",
    "Farrow",
    "Fischer",
    "Foster",
    "Garcia",
    "Grant",
    "Gray",
    "Haas",
    "Hale",
    "Hansen",
    "Hayes",
    "Holm",
    "Hughes",
    "Iqbal",
    "Jansen",
    "Joshi",
    "Kane",
    "Keller",
    "Khan",
    "Koch",
    "Lang",
    "Larsen",
    "Leroy",
    "Lind",
    "Marsh",
    "Meyer",
    "Moore",
    "Moreau",
    "Nash",
    "Novak",
    "Okafor",
    "Olsen",
    "Osei",
    "Parker",
    "Patel",
    "Quinn",
    "Ramos",
    "Reed",
    "Roy",
    "Santos",
    "Schmidt",
    "Sharma",
    "Stone",
    "Tan",
    "Vega",
    "Vogel",
    "Walsh",
    "Weber",
    "Winter",
    "Young",
    "Zeller",
]


@dataclass(frozen=True, slots=True)
class People:
    """One entry a rep, in rep_id order; months are positions in `Settings.calendar`."""

    rep_id: np.ndarray
    name: np.ndarray
    channel: np.ndarray
    region: np.ndarray
    team: np.ndarray
    manager_id: np.ndarray
    role: np.ndarray
    annual_cost: np.ndarray
    hired: np.ndarray
    """First month on the job; before the calendar's start it is negative."""
    left: np.ndarray
    """Last month on the job; beyond the calendar for those who stay."""
    ramp: np.ndarray
    """Months until 90% of the mature level; 0 for no ramp."""
    slow: np.ndarray
    talent: np.ndarray
    win_rate: np.ndarray
    hours: np.ndarray
    discount: np.ndarray
    cycle: np.ndarray

    def employed(self, months: int) -> np.ndarray:
        """rep × month, whether on the job."""
        at = np.arange(months)
        return (at >= self.hired[:, None]) & (at <= self.left[:, None])

    def ramped(self, months: int) -> np.ndarray:
        """rep × month, share of the mature level expected: 1 − exp(−κ·tenure_months)."""
        tenure = np.maximum(np.arange(months) - self.hired[:, None] + 1, 0)
        return ramp_curve(self.ramp[:, None], tenure)


def ramp_curve(ramp_months: np.ndarray | float, tenure: np.ndarray) -> np.ndarray:
    """Share of the mature level in tenure month 1, 2, …; 0.9 in month `ramp_months`."""
    speed = np.log(10) / np.maximum(np.asarray(ramp_months, dtype=float), 1e-9)
    return -np.expm1(-np.minimum(speed * tenure, 700.0))


def _places(settings: Settings, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Channel and region of each rep, in random order."""
    channel = np.repeat(list(settings.counts), list(settings.counts.values()))
    region = np.empty(len(channel), dtype=object)
    for c in settings.counts:
        own = world.CHANNELS[c][1]
        at = np.flatnonzero(channel == c)
        picks = np.arange(len(at)) % 4 if settings.balanced else rng.integers(0, 4, len(at))
        region[at] = np.array(own, dtype=object)[picks]
    order = rng.permutation(len(channel))
    return channel[order].astype(object), region[order]


def _careers(settings: Settings, rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Hire and leave months, ramp speed and who is slow."""
    stop = LEAD_MONTHS + settings.months
    hired = LEAD_MONTHS - 7 - np.floor(rng.exponential(30, n)).astype(int)
    new = rng.permutation(n) < round(settings.hired_share * n)
    hired = np.where(new, LEAD_MONTHS + 1 + rng.integers(0, max(settings.months - 3, 1), n), hired)
    hired = np.sort(hired)
    new = hired > LEAD_MONTHS
    stays = rng.geometric(settings.leaving, n) if settings.leaving else np.full(n, 10_000)
    left = np.maximum(hired + 6, LEAD_MONTHS) + stays
    slow = np.zeros(n, dtype=bool)
    if settings.informative_leavers and settings.ramp_months:
        slow = new & (rng.random(n) < world.SLOW_SHARE)
        left = np.where(slow, hired + 6 + rng.integers(0, 7, n), left)
    left = np.where(left >= stop - 1, 10_000, left)
    ramp = np.where(slow, settings.ramp_months * world.SLOW_FACTOR, settings.ramp_months)
    return {"hired": hired, "left": left, "ramp": ramp, "slow": slow}


def _skills(
    settings: Settings, rng: np.random.Generator, channel: np.ndarray, effects: ChannelEffects
) -> dict[str, np.ndarray]:
    """Talent and practices; together their spread on the log scale is `skill_sd`."""
    n = len(channel)
    z = rng.normal(size=(5, n))
    if settings.balanced:
        z = _evened(z, channel)
    own = np.array(
        [
            world.WIN_RATE_SD / world.WIN_RATE,
            world.HOURS_ELASTICITY * world.HOURS_SD,
            world.DISCOUNT_SD / (1 - world.DISCOUNT),
        ]
    )
    practice_sd = float(np.sqrt((own**2).sum()))
    scale = min(1.0, 0.7 * settings.skill_sd / practice_sd)
    talent_sd = float(np.sqrt(max(settings.skill_sd**2 - (scale * practice_sd) ** 2, 0.0)))
    if settings.skill_shape == "lognormal":
        talent = np.exp(talent_sd * z[0] - talent_sd**2 / 2)
    else:
        talent = np.maximum(1 + talent_sd * z[0], 0.15)
    tie = settings.hours_skill_correlation
    z_hours = tie * z[0] + np.sqrt(1 - tie**2) * z[2]

    def of(values: dict[str, float]) -> np.ndarray:
        return np.array([values[c] for c in channel])

    return {
        "talent": talent,
        "win_rate": np.clip(of(effects.win_rate) + scale * world.WIN_RATE_SD * z[1], 0.05, 0.7),
        "hours": of(effects.hours) * np.exp(scale * world.HOURS_SD * z_hours),
        "discount": np.clip(of(effects.discount) + scale * world.DISCOUNT_SD * z[3], 0.01, 0.5),
        "cycle": of(effects.cycle) * np.exp(0.10 * z[4]),
    }


def _evened(z: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """The draws of each channel replaced by normal scores of their ranks: mean 0 in each."""
    out = z.copy()
    for c in np.unique(channel.astype(str)):
        at = channel == c
        ranks = z[:, at].argsort(axis=1).argsort(axis=1)
        out[:, at] = ndtri((ranks + 0.5) / at.sum())
    return out


def _teams(region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Teams of about eight within a region, each under one manager."""
    team = np.empty(len(region), dtype=object)
    manager = np.empty(len(region), dtype=object)
    number = 0
    for r in world.REGIONS:
        at = np.flatnonzero(region == r)
        count = max(1, round(len(at) / 8))
        for k in range(count if len(at) else 0):
            number += 1
            team[at[k::count]] = r if count == 1 else f"{r} {k + 1}"
            manager[at[k::count]] = f"M{number:02d}"
    return team, manager


def _names(rng: np.random.Generator, n: int) -> np.ndarray:
    """Fictional names, no two alike."""
    pairs = len(_FIRST) * len(_LAST)
    picks = rng.permutation(pairs)[: min(n, pairs)]
    names = [f"{_FIRST[p % len(_FIRST)]} {_LAST[p // len(_FIRST)]}" for p in picks]
    names += [f"{names[i % pairs]} {i // pairs + 1}" for i in range(pairs, n)]
    return np.array(names, dtype=object)


def make_people(settings: Settings, effects: ChannelEffects) -> People:
    """Draw every rep."""
    rng = settings.stream("people")
    channel, region = _places(settings, rng)
    n = len(channel)
    careers = _careers(settings, rng, n)
    skills = _skills(settings, settings.stream("skills"), channel, effects)
    team, manager = _teams(region)
    senior = careers["hired"] < LEAD_MONTHS - 36
    partner = np.array([world.CHANNELS[c][0] == "partner" for c in channel])
    role = np.where(partner, "Channel manager", "Account executive").astype(object)
    role = np.where(senior, "Senior " + pd.Series(role).str.lower(), role)
    pay = np.where(partner, 112_000, 126_000) + np.where(senior, 22_000, 0)
    width = max(3, len(str(n)))
    return People(
        rep_id=np.array([f"R{i + 1:0{width}d}" for i in range(n)], dtype=object),
        name=_names(rng, n),
        channel=channel,
        region=region,
        team=team,
        manager_id=manager,
        role=role.astype(object),
        annual_cost=np.round(pay * rng.uniform(0.94, 1.06, n), -2),
        **careers,
        **skills,
    )
