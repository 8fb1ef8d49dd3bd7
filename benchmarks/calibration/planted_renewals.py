"""Deal tables of a company whose customers renew: what is won is due again a year later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.calibration.planted_pipeline import STAGES, Planted, plant

# Days from a win to the day on which its renewal is opened, share that renews, and for how much of it.
_OPENED_AFTER, _RENEWED, _WORTH = 300, 0.85, 0.7
_DAYS_TO_RENEW = 24.0


def plant_renewals(
    rng: np.random.Generator,
    *,
    months: int = 48,
    founded: int = 0,
    ahead: int = 13,
    deals_a_month: float = 45.0,
    named: bool = True,
    **options: Any,
) -> Planted:
    """A company of `months` months of records, and `ahead` months after them, `options` as in `plant`: new
    deals, and the renewals of all that were won, deals with a win rate and a pace of their own.

    Parameters
    ----------
    founded
        Months before the records begin in which it sold already: its renewals have grown by then.
    named
        Whether the source tells renewals; else it is one of three that tell nothing.
    """
    world = plant(rng, months=months + founded, ahead=ahead, deals_a_month=deals_a_month, **options)
    new = world.tables["deals"].assign(source="new")
    end = new["created_date"].max()
    parts, stages, due = [new], [world.tables["stage_changes"]], new
    while len(due):
        due = _renewals(rng, due[due["status"] == "won"], end, len(parts))
        parts.append(due)
        stages.append(_passed(rng, due))
    deals, changes = (pd.concat(some, ignore_index=True) for some in (parts, stages))
    start = world.as_of + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    deals = deals[deals["created_date"] >= start].reset_index(drop=True)
    changes = changes[changes["deal_id"].isin(deals["deal_id"])].reset_index(drop=True)
    if not named:
        deals["source"] = rng.choice(["web", "event", "partner"], len(deals))
    tables = {**world.tables, "deals": deals, "stage_changes": changes}
    return Planted(tables, world.as_of, world.win_rate)


def _renewals(
    rng: np.random.Generator, won: pd.DataFrame, end: pd.Timestamp, generation: int
) -> pd.DataFrame:
    """The renewals of won deals that are opened by `end`."""
    opened = won["close_date"] + pd.Timedelta(days=_OPENED_AFTER)
    won, opened = won[opened <= end], opened[opened <= end]
    kept = rng.random(len(won)) < _RENEWED
    days = np.maximum(np.ceil(rng.gamma(3.0, _DAYS_TO_RENEW / 3, len(won))), 1)
    return won.assign(
        deal_id=won["deal_id"].str.slice(0, 6) + f"-{generation}",
        status=np.where(kept, "won", "lost"),
        amount=won["amount"] * (_WORTH if generation == 1 else 1.0),
        created_date=opened,
        close_date=opened + pd.to_timedelta(days, unit="D"),
        source="renewal",
    )


def _passed(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    """A renewal stands in the stages of a new deal: in one of the first, and, where it is kept, in the last."""
    days = (deals["close_date"] - deals["created_date"]).dt.days.to_numpy()
    first = deals[["deal_id", "amount"]].assign(
        changed_at=deals["created_date"], stage=rng.choice(STAGES[1:3], len(deals))
    )
    late = first.assign(
        changed_at=deals["created_date"] + pd.to_timedelta(days // 2, unit="D"), stage=STAGES[-1]
    )
    return pd.concat([first, late[(deals["status"] == "won").to_numpy()]], ignore_index=True)
