"""Market paths of the regions, and the planted channel gap they carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.settings import Settings

# Spread of the regions within a continent: the same four offsets on both sides, so that by
# themselves they make no gap, in orders that leave the columns nearly uncorrelated.
_SIZE = np.tile([-0.24, -0.06, 0.09, 0.21], 2)
_COMPETITION = np.array([0.05, -0.06, 0.035, -0.025, 0.05, -0.06, 0.035, -0.025])
_GROWTH = np.array([0.012, 0.004, -0.018, 0.002, 0.012, 0.004, -0.018, 0.002])
_CURRENCY = np.array([0.05, -0.02, -0.02, -0.01, 0, 0, 0, 0])


@dataclass(frozen=True, slots=True)
class Market:
    """Region × calendar-month arrays, rounded as the markets table holds them."""

    size: np.ndarray
    growth: np.ndarray
    competition: np.ndarray
    currency: np.ndarray
    on_win_rate: float

    @property
    def opportunity(self) -> np.ndarray:
        """What the market does to the number of deals and their price, 1 on average."""
        return np.exp(
            world.SIZE_ELASTICITY * np.log(self.size / 100)
            + world.GROWTH_EFFECT * (self.growth - world.GROWTH)
            + world.COMPETITION_EFFECT * (self.competition - world.COMPETITION)
            + world.CURRENCY_ELASTICITY * np.log(self.currency / 100)
        )

    @property
    def win_rate(self) -> np.ndarray:
        """What the market adds to the win rate, in points."""
        return -self.on_win_rate * (self.competition - world.COMPETITION)


@dataclass(frozen=True, slots=True)
class ChannelEffects:
    """Channel means of the practices (net of market) and what is left unexplained (log)."""

    win_rate: dict[str, float]
    hours: dict[str, float]
    discount: dict[str, float]
    unexplained: dict[str, float]
    cycle: dict[str, float]


def _wander(
    rng: np.random.Generator, shape: tuple[int, int], sd: float, memory: float
) -> np.ndarray:
    """Stationary AR(1) paths, one a row."""
    out = rng.normal(0, sd, shape)
    step = np.sqrt(1 - memory**2)
    for t in range(1, shape[1]):
        out[:, t] = memory * out[:, t - 1] + step * out[:, t]
    return out


def _log_parts(settings: Settings) -> tuple[float, float, float]:
    """Planned log gap: market directly, market through the win rate, practice net of market."""
    log_gap = float(np.log(settings.gap))
    market, practice, _ = (share * log_gap for share in settings.gap_split)
    via = world.MARKET_VIA_PRACTICE * log_gap if settings.market_driven_practice else 0.0
    if abs(via) > abs(market):
        via = market
    return market - via, via, practice


def win_rates(settings: Settings) -> tuple[float, float, float]:
    """Win rate of a and b net of market, and the difference the market makes between them.

    The channels' win rates are p·exp(±T/2), T being the log gap that runs through the win rate;
    the difference is then shared between practice and market in proportion to their parts of T.
    """
    _, via, practice = _log_parts(settings)
    own = practice * world.PRACTICE_WEIGHTS["win_rate"]
    total = own + via
    difference = 2 * world.WIN_RATE * float(np.sinh(total / 2))
    middle = world.WIN_RATE * float(np.cosh(total / 2))
    by_practice = difference * own / total if total else 0.0
    by_market = difference - by_practice
    return middle + by_practice / 2, middle - by_practice / 2, by_market


def make_market(settings: Settings) -> Market:
    """Paths of every region; Europe and the US differ by exactly the planned market gap."""
    rng = settings.stream("market")
    shape = (len(world.REGIONS), len(settings.calendar))
    europe = np.where(world.EUROPE, 0.5, -0.5)[:, None]
    on_win_rate = world.COMPETITION_ON_WIN_RATE if settings.market_driven_practice else 0.0
    competition = world.COMPETITION + _COMPETITION[:, None] + _wander(rng, shape, 0.02, 0.9)
    growth = world.GROWTH + _GROWTH[:, None] + _wander(rng, shape, 0.008, 0.9)
    log_currency = _CURRENCY[:, None] + _wander(rng, shape, 0.04, 0.95)
    log_currency[~world.EUROPE] = 0.0  # the company reports in the US currency
    log_size = _SIZE[:, None] + _wander(rng, shape, 0.04, 0.95)

    window = settings.window

    def europe_ahead(x: np.ndarray) -> float:
        return float(x[world.EUROPE, window].mean() - x[~world.EUROPE, window].mean())

    if on_win_rate:
        wanted = -win_rates(settings)[2] / on_win_rate
        competition += europe * (wanted - europe_ahead(competition))
    competition = np.clip(np.round(competition, 4), 0.02, 0.9)
    growth = np.round(growth, 4)
    currency = np.round(100 * np.exp(log_currency), 2)
    # What size must add so that all direct market effects together make the planned gap.
    flat = Market(np.full(shape, 100.0), growth, competition, currency, on_win_rate)
    log_size -= europe * europe_ahead(log_size)
    wanted = _log_parts(settings)[0] - europe_ahead(np.log(flat.opportunity))
    log_size += europe * wanted / world.SIZE_ELASTICITY
    return Market(np.round(100 * np.exp(log_size), 2), growth, competition, currency, on_win_rate)


def expected_by_channel(
    market: Market, channel: str, win_rate: float, weights: np.ndarray, window: slice
) -> float:
    """Mean over regions and months of weight × opportunity × win rate, every region alike."""
    rows = [world.REGIONS.index(r) for r in world.CHANNELS[channel][1]]
    opportunity = market.opportunity[rows, window]
    return float((weights * opportunity * (win_rate + market.win_rate[rows, window])).mean())


def make_channels(settings: Settings, market: Market) -> ChannelEffects:
    """Channel practices that make the planned practice gap; unexplained closes the rest."""
    _, _, practice = _log_parts(settings)
    own_a, own_b, _ = win_rates(settings)
    half_hours = practice * world.PRACTICE_WEIGHTS["selling_hours"] / world.HOURS_ELASTICITY / 2
    half_price = practice * world.PRACTICE_WEIGHTS["discount"] / 2
    kept = 1 - world.DISCOUNT
    a, b = world.A, world.B
    win_rate = {a: own_a, b: own_b, "EU direct": 0.295, "US direct": 0.285}
    hours = {
        a: world.HOURS * float(np.exp(half_hours)),
        b: world.HOURS * float(np.exp(-half_hours)),
        "EU direct": 17.0,
        "US direct": 16.4,
    }
    discount = {
        a: 1 - kept * float(np.exp(half_price)),
        b: 1 - kept * float(np.exp(-half_price)),
        "EU direct": 0.105,
        "US direct": 0.115,
    }
    weights = (world.season(settings) * world.growth(settings))[settings.window]
    made = {
        c: expected_by_channel(market, c, win_rate[c], weights, settings.window)
        * (hours[c] / world.HOURS) ** world.HOURS_ELASTICITY
        * (1 - discount[c])
        for c in (a, b)
    }
    rest = float(np.log(settings.gap) - np.log(made[a] / made[b]))
    unexplained = {a: rest / 2, b: -rest / 2, "EU direct": -0.06, "US direct": -0.03}
    cycle = {a: 0.94, b: 1.06, "EU direct": 1.0, "US direct": 1.0}
    return ChannelEffects(win_rate, hours, discount, unexplained, cycle)
