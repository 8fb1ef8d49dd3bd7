"""Deals and their stage histories.

Deals are drawn by the month in which they close, and are then given the day they were created:
won deals after a short cycle, lost ones after a long one. For a Poisson stream this is the same
process as creating deals first and letting them age under hazards of winning and losing that
depend on stage and age, and it makes expected bookings of every rep-month exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.people import People
from salesops_lib.dataset.simulation.rates import Rates
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, Settings

COMPETITORS = ("Nordwind", "Castellan", "Bluefield", "Tamarind")
SOURCES = {"Inbound": 0.34, "Outbound": 0.30, "Referral": 0.16, "Event": 0.12, "Renewal": 0.08}


@dataclass(frozen=True, slots=True)
class Closed:
    """Every deal of every simulated month, one entry a deal, in no particular order.

    Days are day numbers since 1970-01-01.
    """

    rep: np.ndarray
    month: np.ndarray
    won: np.ndarray
    created: np.ndarray
    closed: np.ndarray
    list_amount: np.ndarray
    amount: np.ndarray
    product: np.ndarray
    segment: np.ndarray

    def __len__(self) -> int:
        return len(self.rep)

    def take(self, rows: np.ndarray) -> Closed:
        """The chosen deals."""
        return Closed(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))


def month_starts(settings: Settings) -> np.ndarray:
    """Day number of the first of each calendar month, and of the month after the last."""
    months = settings.calendar.asi8
    edges = np.append(months, months[-1] + 1).astype("datetime64[M]")
    return edges.astype("datetime64[D]").astype(np.int64)


def cycle_share(kind: str, days: np.ndarray, pace: np.ndarray | float) -> np.ndarray:
    """Weibull distribution function of created → closed in days, at a rep's pace."""
    shape, scale = world.CYCLE[kind]
    return -np.expm1(-((np.maximum(days, 0.0) / (scale * pace)) ** shape))


def _draw_cycle(
    rng: np.random.Generator, kind: str, longest: np.ndarray, pace: np.ndarray
) -> np.ndarray:
    """Cycles no longer than `longest` days: by inversion of the truncated distribution."""
    shape, scale = world.CYCLE[kind]
    u = rng.random(len(pace)) * cycle_share(kind, longest, pace)
    days = scale * pace * (-np.log1p(-u)) ** (1 / shape)
    return np.minimum(np.floor(days), longest).astype(np.int64)


def _closing_days(rng: np.random.Generator, settings: Settings, month: np.ndarray) -> np.ndarray:
    """A working day of each month, later ones likelier, most of all at a quarter's end."""
    starts = month_starts(settings)
    span = np.arange(starts[0], starts[-1])
    working = span[(span + 3) % 7 < 5]  # day 0 was a Thursday
    first = np.searchsorted(working, starts)
    count = np.diff(first)
    quarter_end = settings.calendar.month.to_numpy() % 3 == 0
    push = np.where(quarter_end, 0.6, 0.85)[month]
    at = np.floor(count[month] * rng.random(len(month)) ** push).astype(np.int64)
    return working[first[month] + at]


def draw_closed(settings: Settings, people: People, rates: Rates) -> Closed:
    """Every deal that closes in any simulated month."""
    rng = settings.stream("deals")
    starts = month_starts(settings)
    hired_day = np.where(
        people.hired >= 0, starts[np.clip(people.hired, 0, None)], np.iinfo(np.int32).min
    )
    parts = []
    for kind, mean in (("win", rates.wins), ("loss", rates.losses)):
        count = rng.poisson(mean)
        rep, month = np.nonzero(count)
        times = count[rep, month]
        rep, month = np.repeat(rep, times), np.repeat(month, times)
        closed = _closing_days(rng, settings, month)
        longest = np.minimum(world.MAX_CYCLE_DAYS, closed - hired_day[rep])
        created = closed - _draw_cycle(rng, kind, longest, people.cycle[rep])
        weekend = np.maximum((created + 3) % 7 - 4, 0)
        created = np.where(weekend > 0, created + 3 - weekend, created)
        parts.append((rep, month, np.full(len(rep), kind == "win"), created, closed))
    rep, month, won, created, closed = (np.concatenate(x) for x in zip(*parts, strict=True))
    return Closed(rep, month, won, created, closed, *_prices(settings, people, rates, rep, month))


def _prices(
    settings: Settings, people: People, rates: Rates, rep: np.ndarray, month: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """List amount, amount after discount, product and segment of each deal."""
    rng = settings.stream("prices")
    n = len(rep)
    product = _choose(rng, [s for s, _ in world.PRODUCTS.values()], n)
    segment = _choose(rng, [s for s, _ in world.SEGMENTS.values()], n)
    base = np.array([price for _, price in world.PRODUCTS.values()])[product]
    base = base * np.array([factor for _, factor in world.SEGMENTS.values()])[segment]
    noise = np.exp(world.SIZE_SD * rng.normal(size=n) - world.SIZE_SD**2 / 2)
    list_amount = np.round(base * noise * rates.list_factor[rep, month], 2)
    k, d = world.DISCOUNT_PRECISION, people.discount[rep]
    discount = np.round(rng.beta(k * d, k * (1 - d)), 3)
    return (
        list_amount,
        np.round(list_amount * (1 - discount), 2),
        np.array(list(world.PRODUCTS), dtype=object)[product],
        np.array(list(world.SEGMENTS), dtype=object)[segment],
    )


def _choose(rng: np.random.Generator, shares: list[float], n: int) -> np.ndarray:
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(n), side="right")


@dataclass(frozen=True, slots=True)
class Steps:
    """deal × stage: the day it entered (very large where it never did)."""

    entered: np.ndarray


NEVER = np.int64(2**40)


def draw_steps(settings: Settings, deals: Closed) -> Steps:
    """When each deal entered each stage: shares of its cycle, Dirichlet within the stages it saw.

    Stages passed within one day are skipped, as people skip them in a CRM.
    """
    rng = settings.stream("stages")
    n, stages = len(deals), len(world.STAGES)
    spent = rng.gamma(np.array(world.STAGE_ALPHA), size=(n, stages))
    lost_in = _choose(rng, list(world.LOST_IN), n)
    last = np.where(deals.won, stages - 1, lost_in)
    spent[np.arange(stages) > last[:, None]] = 0.0
    begun = np.cumsum(spent, axis=1)
    share = np.concatenate([np.zeros((n, 1)), begun[:, :-1] / begun[:, -1:]], axis=1)
    cycle = (deals.closed - deals.created)[:, None]
    entered = deals.created[:, None] + np.floor(share * cycle).astype(np.int64)
    entered[np.arange(stages) > last[:, None]] = NEVER
    # A later stage of the same day, or the close itself, takes the place of an earlier one.
    later = np.concatenate([entered[:, 1:], np.full((n, 1), NEVER)], axis=1)
    entered = np.where(entered == later, NEVER, entered)
    return Steps(entered)


def stage_on(steps: Steps, day: int) -> np.ndarray:
    """Position of the stage each deal was in at the end of `day` (0 where it had none yet)."""
    reached = steps.entered <= day
    return np.where(
        reached.any(axis=1), steps.entered.shape[1] - 1 - reached[:, ::-1].argmax(axis=1), 0
    )


def as_dates(days: np.ndarray, valid: np.ndarray | None = None) -> pd.Series:
    """Day numbers as timestamps, NaT where not `valid`."""
    dates = days.astype("datetime64[D]").astype("datetime64[ns]")
    if valid is not None:
        dates = np.where(valid, dates, np.datetime64("NaT", "ns"))
    return pd.Series(dates)


def visible(settings: Settings, deals: Closed) -> np.ndarray:
    """Which deals the CRM holds on the last day: closed within the data, or still open then."""
    first, last = data_days(settings)
    return (deals.created <= last) & (deals.closed >= first)


def data_days(settings: Settings) -> tuple[int, int]:
    """First and last day of the data."""
    starts = month_starts(settings)
    return int(starts[LEAD_MONTHS]), int(starts[LEAD_MONTHS + settings.months]) - 1
