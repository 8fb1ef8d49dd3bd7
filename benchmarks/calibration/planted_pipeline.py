"""Deal tables with a planted truth: who wins, when, and what the months after the cut brought.

A deal wins with a known chance; wins are decided sooner than losses, so that closed deals alone
overstate the win rate. The tables hold the whole future; a dataset cut at `as_of` must not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

STAGES = ("Qualify", "Develop", "Propose", "Negotiate")


@dataclass(frozen=True)
class Planted:
    """Tables of a made-up company, with the day up to which a forecaster may look.

    Attributes
    ----------
    win_rate
        The true share of deals that are won in the end.
    as_of
        The forecaster's today; the tables run on for a year.
    """

    tables: dict[str, pd.DataFrame]
    as_of: pd.Timestamp
    win_rate: float


def plant(
    rng: np.random.Generator,
    *,
    months: int = 24,
    ahead: int = 4,
    deals_a_month: float = 60.0,
    win_rate: float = 0.25,
    days_to_win: float = 60.0,
    days_to_lose: float = 120.0,
    season: float = 0.0,
    growth: float = 0.0,
    shock: float = 0.0,
    amount_sd: float = 0.8,
    amount_season: float = 0.0,
    teams: int = 6,
    last: str = "2026-09-30",
) -> Planted:
    """A company of `months` months up to `last`, and `ahead` months after it.

    Parameters
    ----------
    season
        Half the swing of the deals begun a month over the year, on the log scale.
    growth
        Yearly growth of the deals begun, on the log scale.
    shock
        Standard deviation of a month's own swing in the deals begun, on the log scale.
    amount_season
        Half the swing over the year of what won deals bring, by the month of winning, as a share of
        the amount stated while they are open: most in April, least in October.
    """
    as_of = pd.Timestamp(last)
    start = (as_of + pd.Timedelta(days=1)) - pd.DateOffset(months=months)
    first_days = pd.date_range(start, periods=months + ahead, freq="MS")
    t = np.arange(len(first_days)) - months
    log_rate = (
        np.log(deals_a_month)
        + growth * t / 12
        + season * np.sin(2 * np.pi * first_days.month.to_numpy() / 12)
        + shock * rng.standard_normal(len(t))
    )
    begun = rng.poisson(np.exp(log_rate))
    month = np.repeat(np.arange(len(first_days)), begun)
    length = first_days.days_in_month.to_numpy()[month]
    created = first_days[month] + pd.to_timedelta(
        np.floor(rng.random(len(month)) * length), unit="D"
    )
    n = len(month)
    won = rng.random(n) < win_rate
    days = np.where(won, rng.gamma(2.0, days_to_win / 2, n), rng.gamma(2.0, days_to_lose / 2, n))
    days = np.maximum(np.ceil(days), 1)
    close = created + pd.to_timedelta(days, unit="D")
    team = rng.integers(teams, size=n)
    ids = np.array([f"D{i:05d}" for i in range(n)])
    amount = np.exp(rng.normal(9.5, amount_sd, n))
    deals = pd.DataFrame(
        {
            "deal_id": ids,
            "rep_id": [f"R{k}" for k in team],
            "status": np.where(won, "won", "lost"),
            "amount": amount,
            "created_date": created,
            "close_date": close,
        }
    )
    reps = pd.DataFrame(
        {
            "rep_id": [f"R{k}" for k in range(teams)],
            "name": [f"Rep {k}" for k in range(teams)],
            "region": [("North", "South")[k % 2] for k in range(teams)],
            "team": [f"Team {k}" for k in range(teams)],
        }
    )
    stages = _stages(rng, deals, days, won)
    swing = amount_season * np.sin(2 * np.pi * (close.month.to_numpy() - 1) / 12)
    deals["amount"] = amount * np.where(won, 1 + swing, 1.0)
    tables = {"reps": reps, "deals": deals, "stage_changes": stages}
    return Planted(tables, as_of, win_rate)


def plant_regions(
    rng: np.random.Generator,
    *,
    regions: tuple[dict[str, float], dict[str, float]],
    deals_a_month: float = 60.0,
    **options: Any,
) -> Planted:
    """A company of two regions of three teams each, North and South, that begin as many deals at the
    cut; `options` as in `plant`, and of each region its own."""
    parts = []
    for name, own in zip(("North", "South"), regions, strict=True):
        one = plant(rng, deals_a_month=deals_a_month / 2, teams=3, **{**options, **own})
        for table in one.tables.values():
            for column in {"deal_id", "rep_id", "name", "team"} & set(table):
                table[column] = name + " " + table[column]
        one.tables["reps"]["region"] = name
        parts.append(one)
    tables = {
        name: pd.concat([one.tables[name] for one in parts], ignore_index=True)
        for name in parts[0].tables
    }
    return Planted(tables, parts[0].as_of, float(np.mean([one.win_rate for one in parts])))


def _stages(rng: np.random.Generator, deals: pd.DataFrame, days: Any, won: Any) -> pd.DataFrame:
    """Stages passed on the way: winners pass all, losers stop somewhere."""
    reached = np.where(won, len(STAGES), rng.integers(1, len(STAGES) + 1, len(deals)))
    parts = []
    for k, stage in enumerate(STAGES):
        there = reached > k
        at = np.floor(days * k / np.maximum(reached, 1))
        parts.append(
            pd.DataFrame(
                {
                    "deal_id": deals.loc[there, "deal_id"],
                    "changed_at": deals.loc[there, "created_date"]
                    + pd.to_timedelta(at[there], unit="D"),
                    "stage": stage,
                    "amount": deals.loc[there, "amount"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
