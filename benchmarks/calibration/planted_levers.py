"""What one company's curve and levers say against what is planted in it: a row a finding or a claim."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.calibration import performance_curve as base
from benchmarks.calibration.performance_curve import MONTHS, Setting
from benchmarks.calibration.planted_reps import (
    Dealers,
    Planted,
    Sellers,
    World,
    kept_share,
)
from salesops_lib.analyses.performance_curve import (
    LeverTable,
    PerformanceCurve,
    Replacement,
    moving_the_middle,
    performance_curve,
    star_deals,
)
from salesops_lib.estimate import Estimate

NOMINAL, DRAWS = 0.90, 1_500
MARGIN, CLOSED, YEARS = 0.7, 0.2, 3.0
RAMP, RAMP_ERROR, VACANCY = 3.0, 0.25, 2.0
QUANTILE = 1.6448536269514722
Row = dict[str, object]
# Root of the ratio of the squared errors of 1,000 companies of `lognormal, 24 reps, messy`, drawn apart.
OF_MESSY_COMPANIES = 0.78
OWN = ("moving_the_middle", "star_deal", "replacement")


def found(name: str, estimate: Estimate, truth: float, expected: float, judge: str) -> Row:
    return {
        "quantity": name, "covered": float(estimate.low <= truth <= estimate.high),
        "value": estimate.value, "truth": expected, "width": estimate.high - estimate.low,
        "judge": judge,
    }  # fmt: skip


def claim(name: str, said: bool) -> Row:
    return {
        "quantity": name, "covered": float(said), "value": np.nan, "truth": np.nan, "width": np.nan,
        "judge": "claim",
    }  # fmt: skip


def probability(name: str, claimed: float, true: bool) -> Row:
    return {
        "quantity": name, "covered": float(true), "value": float(claimed), "truth": float(true),
        "width": np.nan, "judge": "probability",
    }  # fmt: skip


def curve_of(planted: Planted, rng: np.random.Generator) -> PerformanceCurve:
    counted = "deals_won" in planted.frame
    return performance_curve(
        planted.frame, deals="deals_won" if counted else None, samples=0, draws=DRAWS,
        confidence=NOMINAL, rng=rng,
    )  # fmt: skip


def curve_rows(world: World, rng: np.random.Generator) -> Iterator[Row]:
    """All findings of one company of that world."""
    planted = world.draw(rng)
    curve = curve_of(planted, rng)
    nothing = isinstance(world, Sellers) and world.alike
    most = "at least" if nothing else "both"
    reps = curve.reps
    truth = planted.skill[reps["rep_id"].to_numpy(dtype=int)]
    reliability = curve.reliability
    true = world.reliability(planted)
    yield found("reliability", reliability, true, true, "shown" if nothing else "both")
    star, core = ((reps["tier"] == tier).to_numpy() for tier in ("star", "core"))
    ratio = float(truth[star].mean() / truth[core].mean())
    spread = curve.finding("star_to_core_ratio").estimate
    yield found("star_to_core_ratio", spread, ratio, ratio, most)
    if nothing:
        yield claim("says that reps differ", "cannot tell" not in _said(curve, "reliability"))
    else:
        rank = np.argsort(np.argsort(-truth)) + 1
        stars = curve.finding("true_stars").estimate
        best = float((rank[star] <= round(curve.tiers[0] * len(reps))).mean())
        yield found("true_stars", stars, best, best, "bias")
        held = (reps["rank_low"] <= rank) & (rank <= reps["rank_high"])
        yield {
            "quantity": "rank", "covered": held.mean(), "value": np.nan, "truth": np.nan,
            "width": (reps["rank_high"] - reps["rank_low"]).median(), "judge": "at least",
        }  # fmt: skip
    kept = kept_share(world)
    yield found(
        "regression_to_the_mean",
        curve.finding("regression_to_the_mean").estimate,
        kept,
        kept,
        "both",
    )
    if nothing:
        yield claim(
            "says that a lead lasts", curve.finding("regression_to_the_mean").estimate.low > 0
        )
    yield from _prediction(world, curve)
    yield from _levers(curve, planted, truth, rng, most)


def _said(curve: PerformanceCurve, name: str) -> str:
    return curve.finding(name).sentence


def _prediction(world: World, curve: PerformanceCurve) -> Iterator[Row]:
    ratio = curve.finding("prediction_error_ratio").estimate
    if isinstance(world, Sellers) and world.setting.messy:
        # Rules differ by the months that a rep was there.
        true, judge = OF_MESSY_COMPANIES, "at least"
    else:
        true, judge = _of_this_rule(world, curve.halves), "both"
    yield found("prediction_error_ratio", ratio, true, true, judge)
    if isinstance(world, Sellers) and world.alike:
        yield claim("says that raw values predict better", ratio.low > 1)


def _of_this_rule(world: World, halves: pd.DataFrame) -> float:
    """The error ratio of this company's own predictions, as a rule from the first half to the second,
    over the reps of a company without end."""
    first, second = _halves_without_end(world)
    seen, said = (halves[name].to_numpy(dtype=float) for name in ("first", "predicted"))
    order = np.argsort(seen)
    seen, said = seen[order], said[order]
    slope = np.polyfit(seen, said, 1)[0]
    inside = np.clip(first, seen[0], seen[-1])
    ours = np.interp(inside, seen, said) + slope * (first - inside)
    raw = first * float(halves["raw_predicted"].iloc[0] / halves["first"].iloc[0])
    return float(np.sqrt(((ours - second) ** 2).mean() / ((raw - second) ** 2).mean()))


@lru_cache
def _halves_without_end(world: World) -> tuple[np.ndarray, np.ndarray]:
    frame = world.draw(np.random.default_rng(4), 20_000).frame
    late = frame["month"] >= MONTHS // 2
    first, second = (
        frame[part].groupby("rep_id")["bookings"].mean().to_numpy() for part in (~late, late)
    )
    return first, second


def _levers(
    curve: PerformanceCurve,
    planted: Planted,
    truth: np.ndarray,
    rng: np.random.Generator,
    most: str,
) -> Iterator[Row]:
    terms = {
        "gap": CLOSED, "coaching": 0.1, "hiring": 0.8, "pay": 1.5, "premium": 0.5, "deals": 1.0,
    }  # fmt: skip
    levers, came, expected = valued(curve, planted, truth, terms, rng)
    for name, value in came.items():
        # At no skill at all the gap between both ends lies below its posterior too often: the notices
        # say so, and what is judged is how often the report says that it pays.
        judge = "shown" if most == "at least" and name == "replacement_star" else most
        yield found(name, levers.finding(name).estimate, value, expected[name], judge)
        if most == "at least" and expected[name] < 0:
            yield claim(f"says that {name} pays", levers.finding(name).estimate.low >= 0)
    here = curve.reps["present"].to_numpy()
    star, core = (here & (curve.reps["tier"] == tier).to_numpy() for tier in ("star", "core"))
    ratio = float(truth[core].sum() / truth[star].sum())
    yield found("middle_to_star_ratio", levers.ratio, ratio, ratio, most)


def valued(
    curve: PerformanceCurve,
    planted: Planted,
    truth: np.ndarray,
    terms: dict[str, float],
    rng: np.random.Generator,
) -> tuple[LeverTable, dict[str, float], dict[str, float]]:
    """The levers as reported, what each will bring net of cost, and what is expected of it."""
    given = RAMP * float(np.exp(RAMP_ERROR * rng.standard_normal()))
    wide = float(np.exp(QUANTILE * RAMP_ERROR))
    amounts = None if planted.deals is None else star_deals(curve, planted.deals)
    levers = moving_the_middle(
        curve,
        gap_closed=terms["gap"],
        gross_margin=MARGIN,
        cost_per_rep=terms["coaching"],
        star_deal_value=amounts,
        star_deals_year=terms["deals"],
        replacement=Replacement(
            ramp_months=Estimate(given, given / wide, given * wide, NOMINAL, "months"),
            vacancy_months=VACANCY,
            hiring_cost=terms["hiring"],
            pay_year=terms["pay"],
            star_premium=terms["premium"],
        ),
        horizon_years=YEARS,
        rng=rng,
    )
    tier, here = curve.reps["tier"].to_numpy(), curve.reps["present"].to_numpy()
    star, core, low = (here & (tier == one) for one in ("star", "core", "laggard"))
    count, leaving, year = int(low.sum()), float(truth[low].sum()), MONTHS * MARGIN

    def replaced(hired: float, premium: float) -> float:
        vacant = VACANCY * (leaving * MARGIN - count * terms["pay"] / 12)
        once = vacant + count * terms["hiring"] + RAMP * MARGIN * hired
        return (hired - leaving) * year - count * premium - once / YEARS

    gap = float(truth[star].mean() - truth[core].mean())
    middle = core.sum() * (terms["gap"] * gap * year - terms["coaching"])
    chosen = float(rng.choice(truth[star], count).sum())
    came = {
        "moving_the_middle": middle,
        "replacement": replaced(float(planted.hires(count).sum()), 0.0),
        "replacement_star": replaced(chosen, terms["premium"]),
    }
    expected = {
        "moving_the_middle": middle,
        "replacement": replaced(count * planted.average, 0.0),
        "replacement_star": replaced(count * float(truth[star].mean()), terms["premium"]),
    }
    if amounts is not None and planted.deal_size is not None:
        rep = curve.reps["rep_id"].to_numpy(dtype=int)[star]
        size, deals = planted.deal_size[rep], terms["deals"]
        # As many deals as that comes to in whole ones, dealt out among the stars.
        many = max(round(len(size) * deals), 1)
        each = rng.permutation(np.tile(size, -(-many // len(size))))[:many]
        sd = planted.amount_sd
        luck = np.exp(sd * rng.standard_normal(many) - sd**2 / 2)
        came["star_deal"] = MARGIN * len(size) * deals * float((each * luck).mean())
        expected["star_deal"] = MARGIN * deals * float(size.sum())
    return levers, came, expected


def claims(kind: str, reps: int, rng: np.random.Generator) -> Iterator[Row]:
    """Probabilities that one company's report states, and whether each came true. Spread of skill and
    the levers' terms are drawn anew for each company."""
    spread = float(rng.uniform(0.05, 0.45))
    world: World
    if kind == "deals":
        world = Dealers(reps, 0.15 / base.SKILL_SD * spread, spread)
    else:
        skill = "normal" if kind == "added" else "lognormal"
        noise = "added" if kind == "added" else "multiplied"
        world = Sellers(Setting(skill, noise, reps, kind == "messy"), spread=spread)
    planted = world.draw(rng)
    curve = curve_of(planted, rng)
    table = curve.reps
    truth = planted.skill[table["rep_id"].to_numpy(dtype=int)]
    rank = np.argsort(np.argsort(-truth)) + 1
    tier = round(curve.tiers[0] * reps)
    star, laggard = rank <= tier, rank > reps - tier
    for name, is_in in (
        ("p_star", star), ("p_core", ~star & ~laggard), ("p_laggard", laggard)
    ):  # fmt: skip
        for claimed, true in zip(table[name], is_in, strict=True):
            yield probability(name, claimed, bool(true))
    terms = {
        "gap": rng.uniform(0.1, 0.4), "coaching": rng.uniform(0, 0.4), "hiring": rng.uniform(0, 5),
        "pay": 1.5, "premium": rng.uniform(0, 4), "deals": rng.uniform(0, 5),
    }  # fmt: skip
    levers, came, _ = valued(curve, planted, truth, terms, rng)
    said = levers.levers.set_index("lever")
    own = [name for name in OWN if name in came]
    best = max(own, key=lambda name: came[name])
    top = said["p_best_own"].idxmax()
    yield probability("best_lever", said.loc[top, "p_best_own"], top == best)
    first = max(came, key=lambda name: came[name])
    for name, value in came.items():
        yield probability("p_best", said.loc[name, "p_best"], name == first)
        yield probability("p_pays", said.loc[name, "p_pays"], value > 0)
