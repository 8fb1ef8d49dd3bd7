"""What is planted, computed from the settings and expected values, never from the drawn deals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from salesops_lib.dataset.simulation import settings as world
from salesops_lib.dataset.simulation.market import (
    ChannelEffects,
    Market,
    expected_by_channel,
    win_rates,
)
from salesops_lib.dataset.simulation.people import People, ramp_curve
from salesops_lib.dataset.simulation.rates import Rates, mean_list_price
from salesops_lib.dataset.simulation.settings import Settings, growth, season


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


def settings_truth(settings: Settings) -> dict[str, Any]:
    """The options, so that the company can be made again."""
    return {
        **settings.as_dict(),
        "data": [str(settings.calendar[settings.data_months][i]) for i in (0, -1)],
    }
