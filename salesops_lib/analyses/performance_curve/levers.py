"""What each lever is worth a year: move the middle, one more star deal, replace.

Everything is computed draw by draw from the posterior of skill, never from observed means: the
observed gap between stars and core is nearly twice the true one when half of the spread is luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.options import (
    check_amount,
    check_made,
    check_rng,
    check_unit,
    is_number,
)
from salesops_lib.analyses.performance_curve import lever_words, words
from salesops_lib.analyses.performance_curve.headings import period_name
from salesops_lib.analyses.performance_curve.lever_draws import (
    Amount,
    Drawer,
    Lever,
    Replacement,
    middle_lever,
    replacement_lever,
    star_deal_lever,
)
from salesops_lib.analyses.performance_curve.result import LeverTable, PerformanceCurve
from salesops_lib.analyses.performance_curve.skill import Skill, multiple
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding

Floats = NDArray[np.float64]


def lift_ratio(middle: float, star: float) -> float:
    """Gain of the same percentage lift on the middle over that on the stars: revenue of the middle
    ÷ revenue of the stars, nothing else. 102 against 50 gives 2.04."""
    if not star > 0:
        raise ParameterError(f"star == {star}, must be above 0.")
    return middle / star


def moving_the_middle(
    curve: PerformanceCurve,
    *,
    lift: float = 0.05,
    gap_closed: float | None = None,
    star_deal_value: float | Estimate | Sequence[float] | pd.Series | None = None,
    star_deals_year: float = 1.0,
    star_deal_cost: Amount = 0.0,
    replacement: Replacement | Mapping[str, Any] | float | None = None,
    gross_margin: Amount = 1.0,
    cost_per_rep: Amount = 0.0,
    programme_cost: Amount = 0.0,
    horizon_years: float = 3.0,
    whom: str = "present",
    currency: str = "$",
    rng: int | np.random.Generator = 0,
) -> LeverTable:
    """Compare the levers in money a year.

    Parameters
    ----------
    curve
        From `performance_curve`.
    lift
        The middle is lifted by this share of what it sells.
    gap_closed
        Instead of `lift`: each core rep closes this share of the gap to the stars' mean.
    star_deal_value
        What one star deal is worth: a number (known), an Estimate, or the amounts of the stars'
        deals (their mean and the luck of the draw are then both in the interval). Of a Series each
        label counts alike, however many deals it has: each star wins the extra deals.
    star_deals_year, star_deal_cost
        Extra deals a year from each star, and what winning one costs.
    replacement
        What replacing an under-performer takes.
    gross_margin
        Turns bookings into money earned, above 0 and at most 1; 1 leaves bookings.
    cost_per_rep, programme_cost
        A year, for each core rep and altogether: what moving the middle costs.
    horizon_years
        Costs paid once are spread over so many years.
    whom
        `present`: levers act on reps with a row in the last period who did not leave in it, `all`:
        also on those who left.
    currency
        Symbol in sentences.
    rng
        Seed or Generator of the draws.

    Returns
    -------
    LeverTable
        `.levers` one row a lever: value, low, high (a year, before costs), cost, net, net_low,
        net_high, break_even in `break_even_unit`, p_pays, p_best (of all levers), p_best_own (of
        those that need no star to be hired: replacing by stars is a what-if, since nobody can count
        on finding them, and has none). Findings are net of cost.

    Raises
    ------
    ParameterError
        If a share or a cost is out of range.
    NotEnoughData
        If there is no star or no core rep, or the stars booked nothing on the whole.
    """
    check_rng(rng)
    check_made("curve", curve, "performance_curve", "reps", "posterior")
    _check(lift, gap_closed, horizon_years, whom)
    check_amount("gross_margin", gross_margin, above=True, most=1)
    _check_amounts(
        star_deals_year=star_deals_year, star_deal_cost=star_deal_cost, cost_per_rep=cost_per_rep,
        programme_cost=programme_cost, star_deal_value=star_deal_value,
    )  # fmt: skip
    here = curve.reps["present"].to_numpy() | (whom == "all")
    star, core, laggard = _tiers(curve, here)
    sold = curve.reps["sold"].to_numpy()
    booked = float(sold[star].sum())
    if not booked > 0:
        raise NotEnoughData(
            "returns outweigh what the stars sold" if booked < 0 else "even the stars sold nothing"
        )
    skill: Skill = curve.posterior
    # Each lever draws from its own stream, so that what is assumed of one changes nothing in another.
    draw, of_deals, *of_hires = (
        Drawer(len(skill.draws), one, curve.confidence)
        for one in np.random.default_rng(rng).spawn(4)
    )
    margin = draw(gross_margin)
    yearly = curve.periods_per_year * margin
    levers = [
        middle_lever(
            skill, star, core, yearly, lift, gap_closed, draw(cost_per_rep), draw(programme_cost)
        )
    ]
    notices = list(_notices(curve, here, whom))
    if len(laggard):
        notices += words.stars_in_doubt(curve.reliability)
    if star_deal_value is not None:
        levers.append(
            star_deal_lever(
                star, star_deal_value, star_deals_year, margin, of_deals(star_deal_cost), of_deals
            )
        )
    else:
        notices.append("No deal values were given, so one more star deal is not valued.")
    if len(laggard):
        terms = Replacement.read(replacement)
        levers += [
            replacement_lever(skill, laggard, star, kind, yearly, terms, one)
            for kind, one in zip(("replacement", "replacement_star"), of_hires, strict=True)
        ]
    table = _table(
        levers, horizon_years, curve.confidence, star_deals_year, skill.model != "observed"
    )
    if curve.reps["p_star"].isna().all():
        table[["p_pays", "p_best", "p_best_own"]] = math.nan
    ratio = _ratio(skill, star, core, curve)
    unlucky = float((1 - curve.reps["p_laggard"].to_numpy()[laggard]).sum())
    findings = _findings(
        table, ratio, curve, lift, gap_closed, star_deals_year, horizon_years, unlucky, currency
    )
    return LeverTable(
        levers=table,
        ratio=ratio,
        observed_ratio=lift_ratio(float(sold[core].sum()), booked),
        horizon_years=horizon_years,
        confidence=curve.confidence,
        currency=currency,
        findings=findings,
        notices=tuple(notices),
    )


def _check(lift: float, gap_closed: float | None, horizon_years: float, whom: str) -> None:
    if not (is_number(lift) and -1 < lift <= 1):
        raise ParameterError(f"lift == {lift!r}, must be a share such as 0.05.")
    if gap_closed is not None and not (is_number(gap_closed) and 0 <= gap_closed <= 1):
        raise ParameterError(f"gap_closed == {gap_closed!r}, must be between 0 and 1.")
    if not (is_number(horizon_years) and horizon_years > 0):
        raise ParameterError(f"horizon_years == {horizon_years!r}, must be above 0 and finite.")
    if whom not in ("present", "all"):
        raise ParameterError(f"whom == {whom!r}, must be 'present' or 'all'.")


def _check_amounts(**amounts: Any) -> None:
    for name, amount in amounts.items():
        # Deals of which a value is made are looked at where it is.
        if name == "star_deal_value" and (amount is None or np.ndim(amount) > 0):
            continue
        if name == "star_deals_year" and not is_number(amount):
            raise ParameterError(f"{name} == {amount!r}, must be a number of 0 or more.")
        yearly = ("money/year",) if name in ("cost_per_rep", "programme_cost") else ()
        check_unit(name, amount, *yearly, "money")
        check_amount(name, amount)


def _tiers(curve: PerformanceCurve, here: NDArray[np.bool_]) -> tuple[NDArray[np.intp], ...]:
    """Positions of the stars, the core and the laggards that are acted on."""
    tier = curve.reps["tier"].to_numpy()
    star, core, laggard = (np.flatnonzero(here & (tier == t)) for t in ("star", "core", "laggard"))
    if not len(star) or not len(core):
        raise NotEnoughData(
            "no rep is left in the stars or the core",
            remedy="Widen tiers, or use whom='all'.",
        )
    return star, core, laggard


def _table(
    levers: list[Lever], years: float, confidence: float, deals_year: float, certain: bool
) -> pd.DataFrame:
    tail = (1 - confidence) / 2
    nets = np.stack([lever.net(years) for lever in levers])
    best = np.bincount(nets.argmax(0), minlength=len(levers)) / nets.shape[1]
    own = np.array([lever.name not in lever_words.WHAT_IFS for lever in levers])
    best_own = np.full(len(levers), math.nan)
    best_own[own] = np.bincount(nets[own].argmax(0), minlength=own.sum()) / nets.shape[1]
    rows = []
    for lever, net, p_best, p_own in zip(levers, nets, best, best_own, strict=True):
        low, high = np.quantile(lever.value, [tail, 1 - tail])
        net_low, net_high = np.quantile(net, [tail, 1 - tail])
        cost = lever.cost_expected(years)
        if not certain:
            low = high = net_low = net_high = math.nan
        rows.append(
            {
                "lever": lever.name,
                "label": lever_words.lever_label(lever.name, float(np.median(cost)), deals_year),
                "reps": lever.reps,
                "value": float(np.median(lever.expected)),
                "low": float(low),
                "high": float(high),
                "cost": float(np.median(cost)),
                "once": float(np.median(lever.once_expected)),
                "net": float(np.median(lever.expected - cost)),
                "net_low": float(net_low),
                "net_high": float(net_high),
                "break_even": lever.break_even(),
                "break_even_unit": lever.unit,
                "break_even_text": lever_words.break_even(lever.break_even(), lever.unit),
                "p_pays": float((net > 0).mean()),
                "p_best": float(p_best),
                "p_best_own": float(p_own),
            }
        )
    return pd.DataFrame(rows)


def _ratio(
    skill: Skill, star: NDArray[np.intp], core: NDArray[np.intp], curve: PerformanceCurve
) -> Estimate:
    middle, stars = (skill.draws[:, who].sum(1) for who in (core, star))
    value, low, high = multiple(middle, stars, curve.confidence)
    if skill.model == "observed":
        low = high = math.nan
    return Estimate(
        value, low, high, curve.confidence, "ratio", len(curve.reps), "posterior of skill"
    )


def _findings(
    table: pd.DataFrame,
    ratio: Estimate,
    curve: PerformanceCurve,
    lift: float,
    gap_closed: float | None,
    deals_year: float,
    years: float,
    unlucky: float,
    currency: str,
) -> tuple[Finding, ...]:
    found = []
    for row in table.to_dict(orient="records"):
        net = Estimate(
            row["net"], row["net_low"], row["net_high"], curve.confidence, "money/year",
            len(curve.reps), "posterior of skill",
        )  # fmt: skip
        sentence = lever_words.lever(
            row, net, lift=lift, gap_closed=gap_closed, deals_year=deals_year, years=years,
            unlucky=unlucky, currency=currency,
        )  # fmt: skip
        found.append(Finding(row["lever"], net, sentence, condition=lever_words.condition(row)))
    nothing = Estimate(
        math.nan, confidence=curve.confidence, unit="money/year", method="not valued"
    )
    for name, sentence in lever_words.not_valued(set(table["lever"]), deals_year):
        found.append(Finding(name, nothing, sentence))
    found.append(Finding("middle_to_star_ratio", ratio, lever_words.ratio(ratio)))
    chance = Estimate(
        float(table["p_best_own"].max()), confidence=curve.confidence, unit="probability",
        n=len(curve.reps), method="among the levers that need no star to be hired",
    )  # fmt: skip
    found.append(Finding("best_lever", chance, lever_words.best(table, deals_year)))
    return tuple(found)


def _notices(curve: PerformanceCurve, here: NDArray[np.bool_], whom: str) -> tuple[str, ...]:
    if whom != "present":
        return ()
    period = period_name(curve.periods_per_year)
    return words.left_out(int((~here).sum()), by_day=curve.leavers_known, period=period)
