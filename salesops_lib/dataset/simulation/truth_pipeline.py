"""What is planted in the open pipeline: the win probability of each deal, and the next quarter."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betainc

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.deals import (
    Closed,
    Steps,
    cycle_share,
    data_days,
    month_starts,
    stage_on,
)
from salesops_lib.dataset.simulation.people import People
from salesops_lib.dataset.simulation.rates import Rates
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, Settings


def _stage_shares(kind: str, share: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """P(in `stage` when `share` of the cycle has passed), for a deal that will be won or lost."""
    alpha = np.array(world.STAGE_ALPHA)
    ends = (
        [(1.0, len(alpha) - 1)]
        if kind == "win"
        else [(p, last) for last, p in enumerate(world.LOST_IN)]
    )
    out = np.zeros(np.broadcast_shapes(share.shape, stage.shape))
    for weight, last in ends:
        total = alpha[: last + 1].sum()

        def begun(k: np.ndarray, last: int = last, total: float = total) -> np.ndarray:
            before = np.concatenate([[0.0], np.cumsum(alpha)])[np.minimum(k, len(alpha))]
            inside = (k > 0) & (k <= last)
            value = betainc(
                np.where(inside, before, 1.0),
                np.where(inside, np.maximum(total - before, 1e-9), 1.0),
                share,
            )
            return np.where(k == 0, 1.0, np.where(k > last, 0.0, value))

        out += weight * np.maximum(begun(stage) - begun(stage + 1), 0.0) * (stage <= last)
    return out


def _close_density(
    kind: str,
    age: np.ndarray,
    stage: np.ndarray,
    pace: np.ndarray,
    ahead: np.ndarray,
    longest: np.ndarray,
) -> np.ndarray:
    """Density at `ahead` days from now of closing, and being in `stage` now at `age` days, where
    no cycle is longer than `longest` days: a new hire's deals cannot be older than the hire."""
    shape, scale = world.CYCLE[kind]
    days = age + ahead
    x = days / (scale * pace)
    density = shape / (scale * pace) * x ** (shape - 1) * np.exp(-(x**shape))
    whole = cycle_share(kind, longest, pace)
    inside = days <= world.MAX_CYCLE_DAYS
    return density / whole * inside * _stage_shares(kind, age / np.maximum(days, 1.0), stage)


def pipeline_truth(
    settings: Settings, people: People, rates: Rates, deals: Closed, steps: Steps
) -> dict[str, Any]:
    """Win probabilities by stage and age, and expected bookings of the next quarter.

    Of the deals open on the last day, each has the probability, given its rep, age and stage, of
    being won within the quarter; what is expected from deals not yet created is the rest of the
    expected bookings of these months.
    """
    _, today = data_days(settings)
    starts = month_starts(settings)
    now = LEAD_MONTHS + settings.months
    is_open = (deals.created <= today) & (deals.closed > today)
    rep = deals.rep[is_open]
    stage = stage_on(Steps(steps.entered[is_open]), today)[:, None]
    age = (today - deals.created[is_open]).astype(float)[:, None] + 1.0
    pace = people.cycle[rep][:, None]
    ahead = np.arange(2.0, world.MAX_CYCLE_DAYS, 4.0)[None, :]
    month = np.searchsorted(starts, today + ahead[0], side="right") - 1
    days = np.diff(starts)[month]
    longest = _longest_cycles(people, starts, today + ahead[0])[rep]
    win = rates.expected_wins[rep][:, month] / days
    loss = rates.expected_losses[rep][:, month] / days
    win = win * _close_density("win", age, stage, pace, ahead, longest)
    loss = loss * _close_density("loss", age, stage, pace, ahead, longest)
    within = (month < now + 3)[None, :]
    total = np.maximum((win + loss).sum(axis=1), 1e-300)
    p_quarter = (win * within).sum(axis=1) / total
    p_ever = win.sum(axis=1) / total
    amount = deals.amount[is_open]
    expected = float(rates.expected_bookings[:, now : now + 3].sum())
    from_pipeline = float((p_quarter * amount).sum())
    fresh = _expected_from_new(people, rates, starts, now)
    came = is_open & deals.won & (deals.month < now + 3)
    ids = np.flatnonzero(is_open)
    return {
        "quarter": [str(p) for p in settings.calendar[now : now + 3]],
        "expected_total": from_pipeline + fresh,
        "expected_total_before_looking": expected,
        "expected_from_pipeline": from_pipeline,
        "expected_from_new_deals": fresh,
        "realised_from_pipeline": float(deals.amount[came].sum()),
        "open_deals": int(is_open.sum()),
        "open_amount": float(amount.sum()),
        "win_probability": {str(i): float(p) for i, p in zip(ids, p_ever, strict=True)},
        "win_probability_next_quarter": {
            str(i): float(p) for i, p in zip(ids, p_quarter, strict=True)
        },
        "by_stage_and_age": stage_age_table(),
        "cycle_days": {
            k: {"weibull_shape": s, "weibull_scale": c} for k, (s, c) in world.CYCLE.items()
        },
    }


def _longest_cycles(people: People, starts: np.ndarray, closing: np.ndarray) -> np.ndarray:
    """rep × closing day, days that a deal closed then can have been open, as the draw has it."""
    hired = np.where(people.hired >= 0, starts[np.maximum(people.hired, 0)], -np.inf)
    return np.clip(closing - hired[:, None], 1.0, float(world.MAX_CYCLE_DAYS))


def _expected_from_new(people: People, rates: Rates, starts: np.ndarray, now: int) -> float:
    """Expected bookings of the next three months from deals created after the last day."""
    total = 0.0
    for m in range(now, now + 3):
        at = np.arange(starts[m], starts[m + 1]) - starts[now]
        pace = people.cycle[:, None]
        longest = _longest_cycles(people, starts, at + starts[now])
        share = cycle_share("win", np.minimum(at + 0.5, longest), pace)
        share = (share / cycle_share("win", longest, pace)).mean(axis=1)
        total += float((rates.expected_bookings[:, m] * share).sum())
    return total


def realised_from_new(settings: Settings, every: Closed) -> float:
    """What the deals created after the last day brought in the next three months."""
    _, today = data_days(settings)
    now = LEAD_MONTHS + settings.months
    came = every.won & (every.created > today) & (every.month >= now) & (every.month < now + 3)
    return float(every.amount[came].sum())


def stage_age_table() -> list[dict[str, Any]]:
    """P(won) and P(won within 91 days) of an average deal, by stage and age in days."""
    ages = np.array([7.0, 30.0, 60.0, 90.0, 150.0, 240.0])
    ahead = np.arange(1.0, world.MAX_CYCLE_DAYS, 2.0)[None, :]
    one = np.ones((1, 1))
    longest = np.full((1, 1), float(world.MAX_CYCLE_DAYS))
    rows = []
    for k, name in enumerate(world.STAGES):
        stage = np.full((1, 1), k)
        for a in ages:
            age = np.full((1, 1), a)
            win = world.WIN_RATE * _close_density("win", age, stage, one, ahead, longest)[0]
            loss = (1 - world.WIN_RATE) * _close_density("loss", age, stage, one, ahead, longest)[0]
            total = max(float((win + loss).sum()), 1e-300)
            rows.append(
                {
                    "stage": name,
                    "age_days": float(a),
                    "p_won": float(win.sum()) / total,
                    "p_won_91_days": float(win[ahead[0] <= 91].sum()) / total,
                }
            )
    return rows
