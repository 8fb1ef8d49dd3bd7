"""What each lever is worth a year: move the middle, one more star deal, replace.

Everything is computed draw by draw from the posterior of skill, never from observed means: the
observed gap between stars and core is nearly twice the true one when half of the spread is luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.performance_curve import words
from salesops_lib.analyses.performance_curve.result import LeverTable, PerformanceCurve
from salesops_lib.analyses.performance_curve.skill import Skill
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Finding

Floats = NDArray[np.float64]
Amount = float | Estimate


@dataclass(frozen=True)
class Replacement:
    """What it takes to replace one rep.

    Attributes
    ----------
    ramp_months
        Months of full production lost while the hire ramps (the area of the shortfall, not the
        time until ramped), a number or an Estimate from the ramp analysis.
    vacancy_months
        Months without anyone in the seat.
    hiring_cost, severance_cost
        Money, once for each rep replaced.
    pay_year
        Pay and on-costs of the rep, saved while the seat is empty.
    star_premium
        Extra pay a year that a star hired from elsewhere asks for.
    """

    ramp_months: Amount = 0.0
    vacancy_months: Amount = 0.0
    hiring_cost: Amount = 0.0
    severance_cost: Amount = 0.0
    pay_year: Amount = 0.0
    star_premium: Amount = 0.0

    @classmethod
    def read(cls, given: Replacement | Mapping[str, Any] | float | None) -> Replacement:
        """From an object, a mapping of its fields, or a number (the cost of hiring one rep).

        Raises
        ------
        ParameterError
            If a key is unknown.
        """
        if given is None:
            return cls()
        if isinstance(given, Replacement):
            return given
        if isinstance(given, int | float):
            return cls(hiring_cost=float(given))
        known = {one.name for one in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ParameterError(
                f"replacement has no {', '.join(unknown)}; it has {', '.join(sorted(known))}."
            )
        return cls(**given)


def lift_ratio(middle: float, star: float) -> float:
    """Gain of the same percentage lift on the middle over that on the stars: revenue of the middle
    ÷ revenue of the stars, nothing else. 102 against 50 gives 2.04."""
    if not star > 0:
        raise ParameterError(f"star == {star}, must be above 0.")
    return middle / star


@dataclass(frozen=True)
class _Lever:
    """Draws of one lever.

    Attributes
    ----------
    value, once
        Money a year, and paid once, the luck of who is hired or which deal comes in it.
    expected, once_expected
        The same without that luck: what the point estimate is the median of.
    yearly
        Cost a year.
    unit_value
        What one unit of effort is worth.
    """

    name: str
    reps: int
    value: Floats
    yearly: Floats
    once: Floats
    unit_value: Floats
    unit: str
    expected: Floats
    once_expected: Floats

    def net(self, years: float) -> Floats:
        return self.value - self.yearly - self.once / years

    def cost_expected(self, years: float) -> Floats:
        return self.yearly + self.once_expected / years

    def break_even(self) -> float:
        """Units of effort (share lifted, share of the gap, deals, months) that pay the cost."""
        worth = float(self.unit_value.mean())
        cost = float((self.once_expected if self.unit == "months" else self.yearly).mean())
        if cost <= 0:
            return 0.0
        return cost / worth if worth > 0 else math.inf


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
        deals (their mean and the luck of the draw are then both in the interval).
    star_deals_year, star_deal_cost
        Extra deals a year from each star, and what winning one costs.
    replacement
        What replacing an under-performer takes.
    gross_margin
        Turns bookings into money earned; 1 leaves bookings.
    cost_per_rep, programme_cost
        A year, for each core rep and altogether: what moving the middle costs.
    horizon_years
        Costs paid once are spread over so many years.
    whom
        `present`: levers act on reps with a row in the last period, `all`: also on those who left.

    Returns
    -------
    LeverTable
        `.levers` one row a lever: value, low, high (a year, before costs), cost, net, net_low,
        net_high, break_even in `break_even_unit`, p_pays, p_best. Findings are net of cost.

    Raises
    ------
    ParameterError
        If a share is out of range.
    NotEnoughData
        If there is no star or no core rep.
    """
    _check(lift, gap_closed, horizon_years, whom)
    generator = np.random.default_rng(rng)
    here = curve.reps["present"].to_numpy() | (whom == "all")
    tier = curve.reps["tier"].to_numpy()
    star, core, laggard = (np.flatnonzero(here & (tier == t)) for t in ("star", "core", "laggard"))
    if not len(star) or not len(core):
        raise NotEnoughData(
            "no rep is left in the stars or the core",
            remedy="Widen tiers, or use whom='all'.",
        )
    skill: Skill = curve.posterior
    per_year = curve.periods_per_year
    draw = _Drawer(len(skill.draws), generator, curve.confidence)
    margin = draw(gross_margin)
    yearly = per_year * margin
    levers = [
        _middle(
            skill, star, core, yearly, lift, gap_closed, draw(cost_per_rep), draw(programme_cost)
        )
    ]
    notices = list(_notices(curve, here, whom))
    if star_deal_value is not None:
        levers.append(
            _star_deal(star, star_deal_value, star_deals_year, margin, draw(star_deal_cost), draw)
        )
    else:
        notices.append("No deal values were given, so one more star deal is not valued.")
    if len(laggard):
        terms = Replacement.read(replacement)
        levers += [
            _replace(skill, laggard, star, kind, yearly, terms, draw)
            for kind in ("replacement", "replacement_star")
        ]
    table = _table(levers, horizon_years, curve.confidence, skill.model != "observed")
    ratio = _ratio(skill, star, core, curve)
    observed = curve.reps["observed"].to_numpy() * curve.reps["n_periods"].to_numpy()
    findings = _findings(
        table, ratio, curve, lift, gap_closed, star_deals_year, horizon_years, currency
    )
    return LeverTable(
        levers=table,
        ratio=ratio,
        observed_ratio=lift_ratio(float(observed[core].sum()), float(observed[star].sum())),
        horizon_years=horizon_years,
        confidence=curve.confidence,
        currency=currency,
        findings=findings,
        notices=tuple(notices),
    )


def _check(lift: float, gap_closed: float | None, horizon_years: float, whom: str) -> None:
    if not -1 < lift < 10:
        raise ParameterError(f"lift == {lift}, must be a share such as 0.05.")
    if gap_closed is not None and not 0 <= gap_closed <= 1:
        raise ParameterError(f"gap_closed == {gap_closed}, must be between 0 and 1.")
    if not horizon_years > 0:
        raise ParameterError(f"horizon_years == {horizon_years}, must be above 0.")
    if whom not in {"present", "all"}:
        raise ParameterError(f"whom == {whom!r}, must be 'present' or 'all'.")


class _Drawer:
    """Turns a number or an Estimate into draws; an Estimate with positive limits is lognormal, so
    that costs and months stay positive."""

    def __init__(self, draws: int, rng: np.random.Generator, confidence: float) -> None:
        self.draws = draws
        self.rng = rng
        self.confidence = confidence

    def __call__(self, amount: Amount) -> Floats:
        if not isinstance(amount, Estimate):
            return np.full(self.draws, float(amount))
        if not (math.isfinite(amount.low) and math.isfinite(amount.high)):
            return np.full(self.draws, amount.value)
        from scipy.stats import norm

        width = 2 * norm.ppf(0.5 + amount.confidence / 2)
        noise = self.rng.standard_normal(self.draws)
        if amount.low > 0:
            middle = math.log(amount.value)
            sd = (math.log(amount.high) - math.log(amount.low)) / width
            return np.exp(middle + sd * noise)
        return amount.value + (amount.high - amount.low) / width * noise


def _middle(
    skill: Skill,
    star: NDArray[np.intp],
    core: NDArray[np.intp],
    yearly: Floats,
    lift: float,
    gap_closed: float | None,
    cost_per_rep: Floats,
    programme_cost: Floats,
) -> _Lever:
    if gap_closed is None:
        whole = skill.draws[:, core].sum(1) * yearly
        share, unit = lift, "share lifted"
    else:
        gap = skill.draws[:, star].mean(1) - skill.draws[:, core].mean(1)
        whole = len(core) * gap * yearly
        share, unit = gap_closed, "share of the gap"
    cost = cost_per_rep * len(core) + programme_cost
    none = np.zeros_like(cost)
    value = share * whole
    return _Lever("moving_the_middle", len(core), value, cost, none, whole, unit, value, none)


def _star_deal(
    star: NDArray[np.intp],
    deal: float | Estimate | Sequence[float] | pd.Series,
    deals_year: float,
    margin: Floats,
    cost: Floats,
    draw: _Drawer,
) -> _Lever:
    count = len(star) * deals_year
    if isinstance(deal, int | float | Estimate):
        mean = each = draw(deal)
    else:
        amounts = np.asarray(deal, dtype=float)
        amounts = amounts[np.isfinite(amounts)]
        if len(amounts) < 2:
            raise NotEnoughData(
                "fewer than two star deals", remedy="Give star_deal_value as a number."
            )
        mean, each = _future_deals(amounts, max(round(count), 1), draw)
    none = np.zeros_like(cost)
    return _Lever(
        "star_deal",
        len(star),
        each * margin * count,
        cost * count,
        none,
        mean * margin * len(star),
        "deals each",
        mean * margin * count,
        none,
    )


def _future_deals(amounts: Floats, count: int, draw: _Drawer) -> tuple[Floats, Floats]:
    """Draws of the mean deal (a Bayesian bootstrap of the deals at hand), and of the mean of
    `count` deals to come, which are drawn from them."""
    if len(amounts) > 2_000:
        amounts = draw.rng.choice(amounts, 2_000, replace=False)
    weights = draw.rng.standard_exponential((draw.draws, len(amounts)))
    weights /= weights.sum(1, keepdims=True)
    mean = weights @ amounts
    spread = np.sqrt(np.maximum(weights @ amounts**2 - mean**2, 0))
    # The mean of a few skewed deals: a gamma of that mean and variance keeps it positive.
    with np.errstate(divide="ignore"):
        shape = count * (mean / spread) ** 2
    usable = np.isfinite(shape) & (mean > 0) & (shape < 1e9)
    safe = np.where(usable, shape, 1.0)
    return mean, np.where(usable, mean * draw.rng.gamma(safe) / safe, mean)


def _replace(
    skill: Skill,
    laggard: NDArray[np.intp],
    star: NDArray[np.intp],
    kind: str,
    yearly: Floats,
    terms: Replacement,
    draw: _Drawer,
) -> _Lever:
    count = len(laggard)
    if kind == "replacement":
        hired = skill.hires(count, draw.rng).sum(1)
        expected = count * skill.population
        premium = np.zeros(draw.draws)
    else:
        # Another star: as good as one of ours, drawn at random.
        chosen = draw.rng.integers(len(star), size=(draw.draws, count))
        hired = np.take_along_axis(skill.draws[:, star], chosen, axis=1).sum(1)
        expected = count * skill.draws[:, star].mean(1)
        premium = draw(terms.star_premium) * count
    leaving = skill.draws[:, laggard].sum(1)
    month = yearly / 12
    vacant = draw(terms.vacancy_months) * (leaving * month - count * draw(terms.pay_year) / 12)
    ramp = draw(terms.ramp_months) * month
    paid = vacant + count * (draw(terms.hiring_cost) + draw(terms.severance_cost))
    value, mean_value = (hired - leaving) * yearly, (expected - leaving) * yearly
    return _Lever(
        kind,
        count,
        value,
        premium,
        paid + ramp * hired,
        (mean_value - premium) / 12,
        "months",
        mean_value,
        paid + ramp * expected,
    )


def _table(levers: list[_Lever], years: float, confidence: float, certain: bool) -> pd.DataFrame:
    tail = (1 - confidence) / 2
    nets = np.stack([lever.net(years) for lever in levers])
    best = np.bincount(nets.argmax(0), minlength=len(levers)) / nets.shape[1]
    rows = []
    for lever, net, p_best in zip(levers, nets, best, strict=True):
        low, high = np.quantile(lever.value, [tail, 1 - tail])
        net_low, net_high = np.quantile(net, [tail, 1 - tail])
        cost = lever.cost_expected(years)
        if not certain:
            low = high = net_low = net_high = math.nan
        rows.append(
            {
                "lever": lever.name,
                "label": words.LEVER_LABELS[lever.name],
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
                "p_pays": float((net > 0).mean()),
                "p_best": float(p_best),
            }
        )
    return pd.DataFrame(rows)


def _ratio(
    skill: Skill, star: NDArray[np.intp], core: NDArray[np.intp], curve: PerformanceCurve
) -> Estimate:
    tail = (1 - curve.confidence) / 2
    draws = skill.draws[:, core].sum(1) / skill.draws[:, star].sum(1)
    low, value, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    if skill.model == "observed":
        low = high = math.nan
    return Estimate(
        float(value), float(low), float(high), curve.confidence, "ratio",
        len(curve.reps), "posterior of skill",
    )  # fmt: skip


def _findings(
    table: pd.DataFrame,
    ratio: Estimate,
    curve: PerformanceCurve,
    lift: float,
    gap_closed: float | None,
    deals_year: float,
    years: float,
    currency: str,
) -> tuple[Finding, ...]:
    found = []
    for row in table.to_dict(orient="records"):
        net = Estimate(
            row["net"], row["net_low"], row["net_high"], curve.confidence, "money/year",
            len(curve.reps), "posterior of skill",
        )  # fmt: skip
        sentence = words.lever(
            row, net, lift=lift, gap_closed=gap_closed, deals_year=deals_year, years=years,
            currency=currency,
        )  # fmt: skip
        found.append(Finding(row["lever"], net, sentence))
    found.append(Finding("middle_to_star_ratio", ratio, words.ratio(ratio)))
    top = table.loc[table["p_best"].idxmax()]
    chance = Estimate(
        float(top["p_best"]), confidence=curve.confidence, unit="probability", n=len(curve.reps)
    )
    found.append(Finding("best_lever", chance, words.best(table)))
    return tuple(found)


def _notices(curve: PerformanceCurve, here: NDArray[np.bool_], whom: str) -> tuple[str, ...]:
    return words.left_out(int((~here).sum())) if whom == "present" else ()
