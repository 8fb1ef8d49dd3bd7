"""How many deals each rep is expected to win and lose in each month, and what a win brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.market import ChannelEffects, Market
from salesops_lib.dataset.simulation.people import People
from salesops_lib.dataset.simulation.settings import Settings, growth, season


@dataclass(frozen=True, slots=True)
class Rates:
    """rep × calendar-month arrays.

    Attributes
    ----------
    wins, losses
        Poisson means, with the hours actually worked and the shocks of the month in them.
    expected_wins
        The same in expectation: what truth.json is computed from.
    mature_wins
        Expected wins were the rep fully ramped and employed.
    price
        Expected amount of a won deal.
    hours
        True selling hours a week.
    list_factor
        What the currency does to a list price.
    """

    wins: np.ndarray
    losses: np.ndarray
    expected_wins: np.ndarray
    expected_losses: np.ndarray
    mature_wins: np.ndarray
    price: np.ndarray
    hours: np.ndarray
    list_factor: np.ndarray

    @property
    def expected_bookings(self) -> np.ndarray:
        """rep × month, money."""
        return self.expected_wins * self.price

    @property
    def mature_bookings(self) -> np.ndarray:
        """rep × month, money, as if fully ramped and employed."""
        return self.mature_wins * self.price


def mean_list_price() -> float:
    """Expected list amount of a deal in a neutral market."""
    product = sum(share * price for share, price in world.PRODUCTS.values())
    segment = sum(share * factor for share, factor in world.SEGMENTS.values())
    return product * segment


def _shocks(settings: Settings, shape: tuple[int, int]) -> np.ndarray:
    """Mean-one month shocks: each rep's own, and one that the whole company shares."""
    rng = settings.stream("shocks")
    shocks = np.ones(shape)
    own = rng.normal(size=shape)
    shared = rng.normal(size=shape[1])
    sd = np.sqrt(np.log1p(settings.noise**2))
    shocks *= np.exp(sd * own - sd**2 / 2)
    for t in range(1, shape[1]):
        shared[t] = 0.5 * shared[t - 1] + np.sqrt(0.75) * shared[t]
    return shocks * np.exp(settings.company_noise * shared - settings.company_noise**2 / 2)


def _hours(settings: Settings, people: People, months: int) -> tuple[np.ndarray, np.ndarray]:
    """True selling hours a week of each month, and their mean-one effect on wins."""
    rng = settings.stream("hours")
    sd, memory = world.HOURS_MONTH_SD, world.HOURS_MEMORY
    path = rng.normal(0, sd, (len(people.rep_id), months))
    for t in range(1, months):
        path[:, t] = memory * path[:, t - 1] + np.sqrt(1 - memory**2) * path[:, t]
    e = world.HOURS_ELASTICITY
    return people.hours[:, None] * np.exp(path), np.exp(e * path - (e * sd) ** 2 / 2)


def make_rates(
    settings: Settings, people: People, market: Market, effects: ChannelEffects
) -> Rates:
    """Multiply skill, practice, market, ramp, season and trend out to monthly expectations.

    Wins = closings · win rate · ramp; losses = closings · (1 − win rate) · √ramp: a new rep both
    handles fewer deals and wins fewer of them.
    """
    months = len(settings.calendar)
    rows = np.array([world.REGIONS.index(r) for r in people.region])
    opportunity, from_market = market.opportunity[rows], market.win_rate[rows]
    list_factor = (market.currency[rows] / 100) ** world.CURRENCY_ELASTICITY
    unexplained = np.array([effects.unexplained[c] for c in people.channel])
    steady = (
        world.CLOSINGS
        * people.talent
        * np.exp(unexplained)
        * (people.hours / world.HOURS) ** world.HOURS_ELASTICITY
    )
    # The currency moves the price of a deal, not how many there are.
    closings = steady[:, None] * opportunity / list_factor
    closings = closings * season(settings) * growth(settings)
    win_rate = np.clip(people.win_rate[:, None] + from_market, 0.02, 0.9)
    employed, ramp = people.employed(months), people.ramped(months)
    hours, worked = _hours(settings, people, months)
    mature = closings * win_rate
    expected_wins = mature * ramp * employed
    expected_losses = closings * (1 - win_rate) * np.sqrt(ramp) * employed
    shocks = worked * _shocks(settings, closings.shape)
    price = mean_list_price() * list_factor * (1 - people.discount[:, None])
    return Rates(
        wins=expected_wins * shocks,
        losses=expected_losses * shocks,
        expected_wins=expected_wins,
        expected_losses=expected_losses,
        mature_wins=mature,
        price=price,
        hours=hours,
        list_factor=list_factor,
    )
