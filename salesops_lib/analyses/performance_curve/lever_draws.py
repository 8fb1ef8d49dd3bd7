"""Draws of what each lever brings and costs, from the posterior of skill."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from salesops_lib.analyses.columns import number
from salesops_lib.analyses.options import check_amount
from salesops_lib.analyses.performance_curve.skill import Skill
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate

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

    def __post_init__(self) -> None:
        for one in fields(self):
            check_amount(f"replacement {one.name}", getattr(self, one.name))

    @classmethod
    def read(cls, given: Replacement | Mapping[str, Any] | float | None) -> Replacement:
        """From an object, a mapping of its fields, or a number (the cost of hiring one rep).

        Raises
        ------
        ParameterError
            If a key is unknown, or an amount below 0.
        """
        if given is None:
            return cls()
        if isinstance(given, Replacement):
            return given
        if isinstance(given, int | float | np.number):
            return cls(hiring_cost=float(given))
        if not isinstance(given, Mapping):
            raise ParameterError(
                f"replacement == {given!r}, must be the cost of hiring one rep, or a mapping."
            )
        known = {one.name for one in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ParameterError(
                f"replacement has no {', '.join(unknown)}; it has {', '.join(sorted(known))}."
            )
        return cls(**given)


@dataclass(frozen=True)
class Lever:
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


class Drawer:
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
        width = 2 * norm.ppf(0.5 + amount.confidence / 2)
        noise = self.rng.standard_normal(self.draws)
        if amount.low > 0:
            middle = math.log(amount.value)
            sd = (math.log(amount.high) - math.log(amount.low)) / width
            return np.exp(middle + sd * noise)
        return amount.value + (amount.high - amount.low) / width * noise


def middle_lever(
    skill: Skill,
    star: NDArray[np.intp],
    core: NDArray[np.intp],
    yearly: Floats,
    lift: float,
    gap_closed: float | None,
    cost_per_rep: Floats,
    programme_cost: Floats,
) -> Lever:
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
    return Lever("moving_the_middle", len(core), value, cost, none, whole, unit, value, none)


def star_deal_lever(
    star: NDArray[np.intp],
    deal: float | Estimate | Sequence[float] | pd.Series,
    deals_year: float,
    margin: Floats,
    cost: Floats,
    draw: Drawer,
) -> Lever:
    count = len(star) * deals_year
    if isinstance(deal, int | float | np.number | Estimate):
        mean = each = draw(deal if isinstance(deal, Estimate) else float(deal))
    else:
        amounts, weight = _weighted(deal)
        if len(amounts) < 2:
            raise NotEnoughData(
                "fewer than two star deals", remedy="Give star_deal_value as a number."
            )
        each = _future_deals(amounts, weight, max(int(np.rint(count)), 1), draw)
        mean = np.full(draw.draws, weight @ amounts)
    none = np.zeros_like(cost)
    return Lever(
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


def _weighted(deal: Sequence[float] | pd.Series) -> tuple[Floats, Floats]:
    """Amounts, and weights that sum to 1: labels of a Series count alike.

    Raises
    ------
    DataError
        For what is no finite number, with its labels.
    """
    given = deal if isinstance(deal, pd.Series) else pd.Series(list(deal))
    labelled = number(given.to_frame("star_deal_value"), "star_deal_value").dropna()
    alike = 1 / labelled.groupby(level=0).transform("size").to_numpy(dtype=float)
    amounts = labelled.to_numpy(dtype=float)
    # In which order the deals stand decides nothing.
    order = np.lexsort((alike, amounts))
    return amounts[order], alike[order] / max(alike.sum(), 1.0)


def _future_deals(amounts: Floats, weight: Floats, count: int, draw: Drawer) -> Floats:
    """Draws of the mean of `count` deals to come: the mean deal is uncertain (a Bayesian bootstrap
    of the deals at hand), and which deals come is luck."""
    if len(amounts) > 2_000:
        chosen = draw.rng.choice(len(amounts), 2_000, p=weight)
        amounts, weight = amounts[chosen], np.full(2_000, 1 / 2_000)
    weights = draw.rng.standard_exponential((draw.draws, len(amounts))) * weight
    weights /= weights.sum(1, keepdims=True)
    mean = weights @ amounts
    spread = np.sqrt(np.maximum(weights @ amounts**2 - mean**2, 0))
    # The mean of a few skewed deals: a gamma of that mean and variance keeps it positive.
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = count * (mean / spread) ** 2
    usable = np.isfinite(shape) & (mean > 0) & (shape < 1e9)
    safe = np.where(usable, shape, 1.0)
    return np.where(usable, mean * draw.rng.gamma(safe) / safe, mean)


def replacement_lever(
    skill: Skill,
    laggard: NDArray[np.intp],
    star: NDArray[np.intp],
    kind: str,
    yearly: Floats,
    terms: Replacement,
    draw: Drawer,
) -> Lever:
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
    return Lever(
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
