"""The canonical tables of a simulated company, as its CRM would hold them on the last day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.deals import (
    COMPETITORS,
    NEVER,
    SOURCES,
    Closed,
    Steps,
    _choose,
    as_dates,
    data_days,
    month_starts,
    stage_on,
)
from salesops_lib.dataset.simulation.market import Market
from salesops_lib.dataset.simulation.people import People
from salesops_lib.dataset.simulation.rates import Rates
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, Settings, season

ACTIVITIES = {
    # activity: (share of the hours of its kind, selling, whose work it is)
    "Customer meetings": (0.46, True, "sales"),
    "Prospecting": (0.33, True, "sales"),
    "Demos and trials": (0.21, True, "sales"),
    "Quotes and proposals": (0.21, False, "sales-ops supporting"),
    "CRM data entry": (0.17, False, "sales-ops primary"),
    "Forecasting and reporting": (0.14, False, "sales-ops primary"),
    "Lead research": (0.13, False, "marketing"),
    "Internal meetings": (0.20, False, "other"),
    "Travel and admin": (0.15, False, "other"),
}
WEEK_HOURS = 42.0
QUOTA_GROWTH = 1.08
QUOTA_RELIEF = (0.25, 0.5, 0.75)
_TYPICAL_DAYS = np.array([75.0, 52.0, 32.0, 14.0])


def _first_of_month(settings: Settings, at: np.ndarray) -> pd.Series:
    months = settings.calendar.asi8[0] + at
    return pd.Series(months.astype("datetime64[M]").astype("datetime64[ns]"))


def reps_table(settings: Settings, people: People) -> pd.DataFrame:
    """One row a person ever employed within the data."""
    gone = people.left < LEAD_MONTHS + settings.months
    end = _first_of_month(settings, np.where(gone, people.left + 1, 0)) - pd.Timedelta(days=1)
    return pd.DataFrame(
        {
            "rep_id": people.rep_id,
            "name": people.name,
            "team": people.team,
            "region": people.region,
            "channel": people.channel,
            "manager_id": people.manager_id,
            "role": people.role,
            "hire_date": _first_of_month(settings, people.hired),
            "end_date": end.where(gone),
            "annual_cost": people.annual_cost,
        }
    )


def deals_table(
    settings: Settings, people: People, market: Market, deals: Closed, steps: Steps
) -> pd.DataFrame:
    """One row a deal, in the order of creation; `deals` are the visible ones, so ordered."""
    rng = settings.stream("details")
    n = len(deals)
    _, today = data_days(settings)
    is_open = deals.closed > today
    proposal = np.minimum(steps.entered[:, 2], steps.entered[:, 3])
    quoted = proposal + rng.integers(0, 6, n)
    has_quote = (proposal < NEVER) & (quoted <= np.minimum(today, deals.closed))
    ordered = deals.closed + rng.geometric(0.35, n) - 1
    has_order = deals.won & (ordered <= today)
    rows = np.array([world.REGIONS.index(r) for r in people.region])[deals.rep]
    met = rng.random(n) < 0.25 + market.competition[rows, deals.month]
    rival = np.array(COMPETITORS, dtype=object)[_choose(rng, [0.4, 0.3, 0.2, 0.1], n)]
    account = np.floor(45 * rng.random(n) ** 1.6).astype(int) + 45 * deals.rep + 1
    width = max(5, len(str(45 * len(people.rep_id))))
    status = np.where(is_open, "open", np.where(deals.won, "won", "lost"))
    stage = np.array(world.STAGES, dtype=object)[stage_on(steps, today)]
    closed_stage = np.where(deals.won, world.WON_STAGE, world.LOST_STAGE)
    return pd.DataFrame(
        {
            "deal_id": deal_ids(n),
            "rep_id": people.rep_id[deals.rep],
            "status": status,
            "created_date": as_dates(deals.created),
            "close_date": as_dates(deals.closed, ~is_open),
            "stage": np.where(is_open, stage, closed_stage),
            "amount": deals.amount,
            "list_amount": deals.list_amount,
            "product": deals.product,
            "segment": deals.segment,
            "source": np.array(list(SOURCES), dtype=object)[
                _choose(rng, list(SOURCES.values()), n)
            ],
            "competitor": np.where(met, rival, None),
            "account_id": np.char.add("A", np.char.zfill(account.astype(str), width)).astype(
                object
            ),
            "quoted_date": as_dates(quoted, has_quote),
            "ordered_date": as_dates(ordered, has_order),
        }
    )


def deal_ids(n: int) -> np.ndarray:
    """D00001, D00002, …"""
    width = max(5, len(str(n)))
    return np.char.add("D", np.char.zfill(np.arange(1, n + 1).astype(str), width)).astype(object)


def stage_changes_table(settings: Settings, deals: Closed, steps: Steps) -> pd.DataFrame:
    """One row each time a deal entered a stage or closed, up to the last day."""
    rng = settings.stream("history")
    _, today = data_days(settings)
    n, stages = steps.entered.shape
    deal, stage = np.nonzero(steps.entered <= today)
    day = steps.entered[deal, stage]
    # The first guess of the amount is rough; from the proposal on it is the quote.
    guess = np.exp(0.25 * rng.normal(size=n))
    rough = np.round(deals.list_amount * guess, -2)
    amount = np.where(stage >= 2, deals.amount[deal], np.maximum(rough[deal], 100.0))
    expected = day + np.ceil(_TYPICAL_DAYS[stage] * np.exp(0.35 * rng.normal(size=len(deal))))
    closed = np.flatnonzero(deals.closed <= today)
    names = np.array([*world.STAGES, world.WON_STAGE, world.LOST_STAGE], dtype=object)
    deal = np.concatenate([deal, closed])
    stage = np.concatenate([stage, np.where(deals.won[closed], stages, stages + 1)])
    day = np.concatenate([day, deals.closed[closed]])
    order = np.lexsort((stage, day, deal))
    return pd.DataFrame(
        {
            "deal_id": deal_ids(n)[deal][order],
            "changed_at": as_dates(day[order]),
            "stage": names[stage][order],
            "amount": np.concatenate([amount, deals.amount[closed]])[order],
            "expected_close_date": as_dates(
                np.concatenate([expected.astype(np.int64), deals.closed[closed]])[order]
            ),
        }
    )


def quotas_table(settings: Settings, people: People, rates: Rates, deals: Closed) -> pd.DataFrame:
    """Monthly quotas, set every twelve months from the year before (the ratchet).

    A year's quota is `QUOTA_GROWTH` times what the rep booked in the year before, per month on
    the job, spread by season; who was not there for six months gets the company's standard. New
    reps get relief in their first three months. No quota is under 40% of the standard.
    """
    months = len(settings.calendar)
    booked = np.zeros((len(people.rep_id), months))
    np.add.at(booked, (deals.rep[deals.won], deals.month[deals.won]), deals.amount[deals.won])
    employed = people.employed(months)
    mature = rates.mature_bookings
    parts = []
    for start in range(LEAD_MONTHS, LEAD_MONTHS + settings.months, 12):
        year = np.arange(start, min(start + 12, LEAD_MONTHS + settings.months))
        before = slice(start - 12, start)
        standard = mature[:, before].mean()
        served = employed[:, before].sum(axis=1)
        last = booked[:, before].sum(axis=1) / np.maximum(served, 1)
        base = settings.ratchet * last + (1 - settings.ratchet) * standard
        base = np.maximum(np.where(served >= 6, base, standard), 0.4 * standard)
        quota = QUOTA_GROWTH * base[:, None] * season(settings)[year]
        tenure = year - people.hired[:, None] + 1
        for k, relief in enumerate(QUOTA_RELIEF, start=1):
            quota = np.where(tenure == k, relief * quota, quota)
        rep, at = np.nonzero(employed[:, year])
        parts.append((rep, year[at], np.maximum(np.round(quota[rep, at], -2), 100.0)))
    rep, month, quota = (np.concatenate(x) for x in zip(*parts, strict=True))
    order = np.lexsort((month, rep))
    return pd.DataFrame(
        {
            "rep_id": people.rep_id[rep[order]],
            "month": _first_of_month(settings, month[order]),
            "quota": quota[order],
        }
    )


def activities_table(settings: Settings, people: People, rates: Rates) -> pd.DataFrame:
    """Weekly hours of each rep and activity; weeks begin on Monday."""
    rng = settings.stream("activities")
    first, last = data_days(settings)
    mondays = np.arange(first, last + 1)
    mondays = mondays[(mondays + 3) % 7 == 0]
    starts = month_starts(settings)
    month = np.searchsorted(starts, mondays, side="right") - 1
    employed = people.employed(len(starts) - 1)[:, month]
    rep, week = np.nonzero(employed)
    n = len(rep)
    selling = rates.hours[rep, month[week]]
    selling = selling * np.exp(
        world.HOURS_WEEK_SD * rng.normal(size=n) - world.HOURS_WEEK_SD**2 / 2
    )
    total = np.maximum(WEEK_HOURS + 2.5 * rng.normal(size=n), selling + 6)
    shares = np.array([share for share, _, _ in ACTIVITIES.values()])
    is_selling = np.array([sells for _, sells, _ in ACTIVITIES.values()])
    spread = rng.gamma(20 * shares, size=(n, len(shares)))
    for kind, hours in ((is_selling, selling), (~is_selling, total - selling)):
        spread[:, kind] *= (hours / spread[:, kind].sum(axis=1))[:, None]
    width = len(shares)
    return pd.DataFrame(
        {
            "rep_id": np.repeat(people.rep_id[rep], width),
            "week": as_dates(np.repeat(mondays[week], width)),
            "activity": np.tile(np.array(list(ACTIVITIES), dtype=object), n),
            "hours": np.round(spread.ravel(), 1),
        }
    )


def channels_table(settings: Settings) -> pd.DataFrame:
    """The channels this company has."""
    names = list(settings.counts)
    return pd.DataFrame({"channel": names, "kind": [world.CHANNELS[c][0] for c in names]})


def markets_table(settings: Settings, people: People, market: Market) -> pd.DataFrame:
    """Region-month market facts, for the regions where the company sells."""
    span = settings.data_months
    used = [i for i, r in enumerate(world.REGIONS) if (people.region == r).any()]
    months = np.arange(span.start, span.stop)
    return pd.DataFrame(
        {
            "region": np.repeat(np.array(world.REGIONS, dtype=object)[used], len(months)),
            "month": _first_of_month(settings, np.tile(months, len(used))),
            "market_size": market.size[used, span].ravel(),
            "market_growth": market.growth[used, span].ravel(),
            "competitor_share": market.competition[used, span].ravel(),
            "currency_index": market.currency[used, span].ravel(),
        }
    )
