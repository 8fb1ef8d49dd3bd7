"""What is planted, computed from the settings and expected values, never from the drawn deals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
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
from salesops_lib.dataset.simulation.market import (
    ChannelEffects,
    Market,
    expected_by_channel,
    win_rates,
)
from salesops_lib.dataset.simulation.people import People, ramp_curve
from salesops_lib.dataset.simulation.rates import Rates, mean_list_price
from salesops_lib.dataset.simulation.settings import LEAD_MONTHS, Settings, growth, season


def channel_gap_truth(
    settings: Settings, people: People, market: Market, effects: ChannelEffects
) -> dict[str, Any] | None:
    """The planted split of the gap, in money a rep-month of the trailing twelve months.

    Expected bookings of a rep-month are a product, with h hours, d discount, u what is unexplained:

        E = closings · opportunity(market) · [win rate + f(market)] · (h/h₀)^0.34 · (1 − d) · e^u

    times talent (mean 1 in every channel), ramp, season and trend. E_a and E_b are its means over
    regions (each channel's four alike), months of the window, and reps. Each component is

        component = (E_a − E_b) / ln(E_a/E_b) · (difference of the logs of its factor),

    the logarithmic-mean split: exact, additive, symmetric in a and b, and equal, to third order
    in the differences, to Δx̄ times the pooled coefficient of a linear regression. Within the win
    rate, practice is the difference of the reps' own win rates and market what the market adds
    (f), so practice is net of market. With `market_driven_practice=False`, f is zero.
    Reps are draws from their channel's population, so this is the target of an interval that
    resamples reps; regions and their market paths are given.
    """
    a, b = world.A, world.B
    if a not in settings.counts or b not in settings.counts:
        return None
    window = settings.window
    weights = (season(settings) * growth(settings))[window]
    opening = {
        c: expected_by_channel(market, c, effects.win_rate[c], weights, window) for c in (a, b)
    }
    log_hours = world.HOURS_ELASTICITY * np.log(effects.hours[a] / effects.hours[b])
    log_price = np.log((1 - effects.discount[a]) / (1 - effects.discount[b]))
    log_rest = effects.unexplained[a] - effects.unexplained[b]
    own = effects.win_rate[a] - effects.win_rate[b]
    via = win_rates(settings)[2]
    rate = {c: effects.win_rate[c] + _market_win_rate(market, c, window) for c in (a, b)}
    log_rate = np.log(rate[a] / rate[b])
    own_share = own / (rate[a] - rate[b]) if abs(rate[a] - rate[b]) > 1e-12 else 0.0
    log_own = log_rate * own_share
    log_market = np.log(opening[a] / opening[b]) - log_own
    total = log_market + log_own + log_hours + log_price + log_rest
    level = {
        c: world.CLOSINGS
        * opening[c]
        * (effects.hours[c] / world.HOURS) ** world.HOURS_ELASTICITY
        * np.exp(effects.unexplained[c])
        * mean_list_price()
        * (1 - effects.discount[c])
        for c in (a, b)
    }
    ramped = _mean_ramp(settings, people)
    mean_a, mean_b = level[a] * ramped, level[b] * ramped
    gap = mean_a - mean_b
    scale = gap / total if abs(total) > 1e-12 else (mean_a + mean_b) / 2
    via_log = log_rate - log_own
    covariates = {
        "market_direct": scale * (log_market - via_log),
        "market_through_win_rate": scale * via_log,
        "win_rate": scale * log_own,
        "selling_hours": scale * log_hours,
        "discount": scale * log_price,
        "cycle_days": 0.0,
    }
    practice = scale * (log_own + log_hours + log_price)
    return {
        "definition": "money a rep-month, trailing twelve months, expected; see channel_gap_truth",
        "outcome": "bookings",
        "a": a,
        "b": b,
        "market_columns": ["market_size", "market_growth", "competitor_share", "currency_index"],
        "practice_columns": ["win_rate", "selling_hours", "discount"],
        "expected_a": mean_a,
        "expected_b": mean_b,
        "ratio": mean_a / mean_b,
        "gap": gap,
        "market": scale * log_market,
        "practice": practice,
        "unexplained": scale * log_rest,
        "per_covariate": covariates,
        "correctable_share": practice / gap if abs(gap) > 1e-9 else None,
        "naive_practice": practice + scale * via_log,
        "planned_market_through_win_rate_points": via,
    }


def _market_win_rate(market: Market, channel: str, window: slice) -> float:
    rows = [world.REGIONS.index(r) for r in world.CHANNELS[channel][1]]
    return float(market.win_rate[rows, window].mean())


def _mean_ramp(settings: Settings, people: People) -> float:
    """Mean ramp factor over the rep-months of the window, all channels together."""
    months = len(settings.calendar)
    employed = people.employed(months)[:, settings.window]
    ramped = people.ramped(months)[:, settings.window]
    return float((ramped * employed).sum() / max(employed.sum(), 1))


def reps_truth(
    settings: Settings, people: People, rates: Rates
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Each rep's expected bookings a month when ramped, its tier, and the spread between reps.

    Skill is the mean over the trailing twelve months of what the rep would be expected to book
    when fully ramped, in the own region's market. `skill_index` is the rep's own part of it:
    talent and practices, 1 for the average of the channel.
    """
    level = rates.mature_bookings[:, settings.window].mean(axis=1)
    own = people.win_rate / world.WIN_RATE * (people.hours / world.HOURS) ** world.HOURS_ELASTICITY
    index = people.talent * own * (1 - people.discount) / (1 - world.DISCOUNT)
    active = people.employed(len(settings.calendar))[:, settings.window].any(axis=1)
    tier = np.array([""] * len(level), dtype=object)
    standing = pd.Series(level[active]).rank(pct=True)
    tier[active] = np.where(standing > 0.8, "star", np.where(standing <= 0.2, "laggard", "core"))
    reps = [
        {
            "rep_id": people.rep_id[i],
            "skill": float(level[i]),
            "skill_index": float(index[i]),
            "tier": tier[i] or None,
            "win_rate": float(people.win_rate[i]),
            "selling_hours_week": float(people.hours[i]),
            "discount": float(people.discount[i]),
            "ramp_months": float(people.ramp[i]),
            "slow_ramp": bool(people.slow[i]),
        }
        for i in range(len(level))
    ]
    chosen = level[active]
    between = float(chosen.var(ddof=1)) if len(chosen) > 1 else 0.0
    wins = rates.mature_wins[active][:, settings.window].mean(axis=1)
    price = rates.price[active][:, settings.window].mean(axis=1)
    size_cv2 = _size_cv2()
    # A month is a compound Poisson sum under mean-one shocks.
    noise = wins * price**2 * (1 + size_cv2) + (wins * price) ** 2 * settings.noise**2
    months = min(12, settings.months)
    spread = {
        "tiers": "top and bottom fifth of the reps employed in the trailing twelve months",
        "skill_sd_log": float(np.log(chosen).std(ddof=1)) if len(chosen) > 1 else 0.0,
        "skill_sd_log_planned": settings.skill_sd,
        "skill_sd": float(np.sqrt(between)),
        "skill_mean": float(chosen.mean()),
        "month_noise_sd": float(np.sqrt(noise.mean())),
        "reliability_month": between / (between + float(noise.mean())),
        "reliability_window": between / (between + float(noise.mean()) / months),
    }
    return reps, spread


def _size_cv2() -> float:
    """Squared coefficient of variation of a won deal's amount."""

    def relative(parts: dict[str, tuple[float, float]]) -> float:
        mean = sum(s * x for s, x in parts.values())
        return sum(s * x**2 for s, x in parts.values()) / mean**2

    k, d = world.DISCOUNT_PRECISION, world.DISCOUNT
    discount = 1 + d / (1 - d) / (k + 1)
    return (
        relative(world.PRODUCTS) * relative(world.SEGMENTS) * np.exp(world.SIZE_SD**2) * discount
        - 1
    )


def ramp_truth(settings: Settings, people: People) -> dict[str, Any]:
    """The planted ramp, without the slow hires and with every hire as if nobody had left."""
    tenure = np.arange(1, 121)
    regular = ramp_curve(settings.ramp_months, tenure)
    slow_share = world.SLOW_SHARE if settings.informative_leavers and settings.ramp_months else 0.0
    slow = ramp_curve(settings.ramp_months * world.SLOW_FACTOR, tenure)
    mixed = (1 - slow_share) * regular + slow_share * slow
    return {
        "definition": "expected bookings in tenure month k, as a share of the mature level: "
        "1 - exp(-ln(10)/ramp_months * k), so 0.9 in month ramp_months; 0 is no ramp",
        "months_to_90": settings.ramp_months,
        "months_to_90_all_hires": _reaches(settings.ramp_months, mixed),
        "shortfall_months": float((1 - regular).sum()),
        "shortfall_months_all_hires": float((1 - mixed).sum()),
        "slow_share_of_hires": slow_share,
        "slow_reps": [str(r) for r in people.rep_id[people.slow]],
        "curve": [float(x) for x in regular[:24]],
        "curve_all_hires": [float(x) for x in mixed[:24]],
    }


def _reaches(ramp_months: float, curve: np.ndarray) -> float:
    """Month, with a fraction, in which the curve crosses 0.9; 0 without a ramp."""
    if not ramp_months:
        return 0.0
    at = int(np.argmax(curve >= 0.9))
    if at == 0:
        return 1.0
    return float(at + (0.9 - curve[at - 1]) / (curve[at] - curve[at - 1]))


def series_truth(settings: Settings, rates: Rates) -> dict[str, Any]:
    """Season, trend, and expected company bookings, also for the months to come.

    The future takes the headcount of the last day as it is.
    """
    span = slice(settings.data_months.start, settings.data_months.stop + 12)
    expected = rates.expected_bookings.sum(axis=0)[span]
    factors = season(settings)
    months = settings.calendar.month.to_numpy()
    return {
        "trend_a_year": settings.trend,
        "season": {str(m): float(factors[months == m][0]) for m in sorted(set(months))},
        "expected_bookings": {
            str(p): float(x) for p, x in zip(settings.calendar[span], expected, strict=True)
        },
    }


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


def settings_truth(settings: Settings) -> dict[str, Any]:
    """The options, so that the company can be made again."""
    return {
        **settings.as_dict(),
        "data": [str(settings.calendar[settings.data_months][i]) for i in (0, -1)],
    }


__all__ = [
    "channel_gap_truth",
    "pipeline_truth",
    "ramp_truth",
    "realised_from_new",
    "reps_truth",
    "series_truth",
    "settings_truth",
    "stage_age_table",
]
