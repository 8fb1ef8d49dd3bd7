"""freed_hours: what it is worth to move work off the sales team, with diminishing returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.options import check_made, check_rng, is_number
from salesops_lib.analyses.selling_time import notices as say
from salesops_lib.analyses.selling_time import words
from salesops_lib.analyses.selling_time.result import FreedHours, SellingTime
from salesops_lib.errors import NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate, Unanswered

Array = NDArray[np.float64]
_DRAWS, _POINTS = 4000, 41
# Hours cannot be drawn below this share of their estimate: nobody sells nothing at all.
_LEAST_HOURS = 0.05
# Reps are taken together in so many groups of as many hours, which moves the gain by less than a part in a
# thousand.
_GROUPS = 12
_HALVINGS = 45


@dataclass(frozen=True)
class _Terms:
    """What a freed hour brings: draws of elasticity and of the average rep's selling hours, and the money
    they move. Reps in a few groups of as many hours: `part` of what all sell, and `hours` for the average
    rep's. An hour brings more where few are sold, so that of the average rep would be too low."""

    elasticity: Array
    selling: Array
    part: Array
    hours: Array
    margin_year: float
    sold_share: float
    headcount: float

    def gain(self, hours: Array | float) -> Array:
        """Margin a year, in every draw, of so many hours a rep and week freed (one number, or one a
        draw): bookings × ((1 + sold hours ÷ selling hours)^elasticity − 1) × margin, over the reps."""
        sold = self.sold_share * np.asarray(hours) / self.selling
        more = np.log1p(sold[:, None] / self.hours) * self.elasticity[:, None]
        return np.asarray(self.margin_year * (np.expm1(more) @ self.part), dtype=np.float64)

    def break_even(self, cost: float, most: float) -> Array:
        """Hours a week, off the whole team, whose gain is that cost; infinite where that would be
        more than `most` hours of each rep."""
        low, high = np.zeros_like(self.selling), np.full_like(self.selling, most)
        enough = (self.elasticity > 0) & (self.gain(high) >= cost)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            under = self.gain(middle) < cost
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        if not cost:
            # What costs nothing is paid before the first hour, which halving only comes near to.
            high = np.zeros_like(high)
        return np.asarray(np.where(enough, high, np.inf) * self.headcount, dtype=np.float64)


def freed_hours(
    times: SellingTime,
    *,
    hours_freed_week: float = 3.0,
    sold_share: float = 0.5,
    gross_margin: float = 0.7,
    sales_ops_hour_cost: float = 45.0,
    working_hours_week: float = 40.0,
    working_weeks_year: float = 46.0,
    rng: int | np.random.Generator = 0,
    currency: str | None = None,
) -> FreedHours:
    """What moving work to sales operations and marketing is worth.

    Parameters
    ----------
    times
        From `selling_time`.
    hours_freed_week
        Hours a rep and week that are moved; at most those that are not selling and the work of
        sales operations or marketing.
    sold_share
        Part of a freed hour that becomes selling, above 0 and at most 1.
    gross_margin
        On bookings, above 0 and at most 1.
    sales_ops_hour_cost
        What an hour costs where it goes, money.
    working_hours_week, working_weeks_year
        Of one person in sales operations; the weeks also of a rep.
    rng
        Seed or Generator of the draws.
    currency
        Symbol in sentences; by default that of `times`.

    Returns
    -------
    FreedHours
        Margin and cost a year.

    Raises
    ------
    ParameterError
        For an assumption out of range.
    NotEnoughData
        If no work could be moved, nothing was booked, or the hours are no hours of a week.

    Notes
    -----
    Value and interval are mean and quantiles over draws of the elasticity and of the hours. Bookings
    are those of the data, a year. As many hours are freed of each rep, and bring each as much as the
    rep's own selling hours and bookings have it.
    """
    check_rng(rng)
    check_made("times", times, "selling_time", "hours_week", "posterior")
    for name, given, most in (
        ("hours_freed_week", hours_freed_week, 168.0), ("sold_share", sold_share, 1.0),
        ("gross_margin", gross_margin, 1.0), ("working_hours_week", working_hours_week, 168.0),
        ("working_weeks_year", working_weeks_year, 53.0),
    ):  # fmt: skip
        if not (is_number(given) and 0 < given <= most):
            raise ParameterError(f"{name} == {given!r}, must be above 0 and at most {most:g}.")
    if not (is_number(sales_ops_hour_cost) and sales_ops_hour_cost >= 0):
        raise ParameterError(f"sales_ops_hour_cost == {sales_ops_hour_cost!r}, must be 0 or more.")
    if times.hours_week.value > say.WEEK:
        raise NotEnoughData(
            f"reps are down for {times.hours_week.value:,.0f} hours a week, which has {say.WEEK}",
            column="hours",
            remedy="Give hours of a week; minutes are to be divided by 60.",
        )
    there = times.movable_hours_week.value
    if not there > 0:
        raise NotEnoughData(
            "no hours are known that are not selling and the work of sales operations or marketing",
            remedy="Say in activities.toml whose work each activity is.",
        )
    if not times.bookings_year > 0:
        raise NotEnoughData("nothing was booked in these months", column="bookings")
    draws, moved = _draw(times, gross_margin, sold_share, rng)
    hours = min(hours_freed_week, there)
    year = times.headcount * working_weeks_year
    hire_hours = min(working_hours_week, there * times.headcount)
    hire_cost = working_hours_week * working_weeks_year * sales_ops_hour_cost
    gain = _money(draws.gain(hours), times)
    cost = hours * year * sales_ops_hour_cost
    result = FreedHours(
        net_year=replace(gain, value=gain.value - cost, low=gain.low - cost, high=gain.high - cost),
        gain_year=gain,
        cost_year=cost,
        hours=hours,
        sold_share=sold_share,
        hour_worth=gain.scaled(1 / (hours * year), "money"),
        hour_cost=sales_ops_hour_cost,
        hire_limit_year=_money(draws.gain(hire_hours / times.headcount), times),
        hire_cost_year=hire_cost,
        hire_hours=hire_hours,
        break_even_hours=_break_even(draws.break_even(hire_cost, there), times),
        activities=_by_activity(times, draws, moved, year * sales_ops_hour_cost),
        curve=_curve(times, draws, max(there, hours), year * sales_ops_hour_cost),
        confidence=times.confidence,
        notices=(say.movable_capped(hours_freed_week, there),) if hours < hours_freed_week else (),
        currency=currency or times.currency,
    )
    return replace(result, findings=words.freed_findings(result, times))


def not_valued(because: str) -> Unanswered:
    """What `freed_hours` or `selling_time` would have answered, where they raised NotEnoughData."""
    return Unanswered(words.not_valued_findings(because))


def _draw(
    times: SellingTime, gross_margin: float, sold_share: float, rng: int | np.random.Generator
) -> tuple[_Terms, Array]:
    """Draws of the elasticity and of the hours, and (draws, activities) hours of each."""
    source = np.random.default_rng(rng)
    posterior = times.posterior
    cumulated = posterior["probability"].cumsum() - posterior["probability"] / 2
    # One draw in each of equal parts: the tails are there at any seed.
    uniform = (source.permutation(_DRAWS) + source.random(_DRAWS)) / _DRAWS
    elasticity = np.interp(uniform, cumulated, posterior["elasticity"])
    centre = times.activities["hours"].to_numpy()
    values, vectors = np.linalg.eigh(times.covariance.to_numpy())
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    hours = centre + source.standard_normal((_DRAWS, len(centre))) @ root.T
    hours = np.maximum(hours, _LEAST_HOURS * centre)
    selling = hours[:, times.activities["selling"].to_numpy(bool)].sum(axis=1)
    margin = times.bookings_year * gross_margin
    part, own = _groups(times)
    return _Terms(elasticity, selling, part, own, margin, sold_share, times.headcount), hours


def _groups(times: SellingTime) -> tuple[Array, Array]:
    """(groups,) part of what is sold, and selling hours for the average rep's."""
    average = times.selling_hours_week.value
    sellers = times.sellers[times.sellers["bookings_year"] > 0].sort_values("selling_hours")
    own = sellers["selling_hours"].to_numpy(float) / average
    part = sellers["bookings_year"].to_numpy(float)
    groups = np.array_split(np.arange(len(part)), min(_GROUPS, len(part)))
    whole = np.array([part[at].sum() for at in groups])
    # The hours at which a first hour brings as much as it does over the group.
    hours = whole / np.array([(part[at] / own[at]).sum() for at in groups])
    return whole / whole.sum(), hours


def _money(values: Array, times: SellingTime) -> Estimate:
    low, high = np.quantile(values, [(1 - times.confidence) / 2, (1 + times.confidence) / 2])
    return Estimate(
        float(values.mean()), float(low), float(high), times.confidence, "money/year",
        len(times.reps), "draws of elasticity and hours",
    )  # fmt: skip


def _break_even(values: Array, times: SellingTime) -> Estimate:
    """The middle of the draws: some are infinite."""
    low, middle, high = np.quantile(
        values, [(1 - times.confidence) / 2, 0.5, (1 + times.confidence) / 2], method="higher"
    )
    return Estimate(
        float(middle), float(low), float(high), times.confidence, "hours", len(times.reps),
        "draws of elasticity and hours",
    )  # fmt: skip


def _by_activity(times: SellingTime, draws: _Terms, hours: Array, cost: float) -> pd.DataFrame:
    """Each activity that can be moved, as if it alone were."""
    rows = []
    for at in np.flatnonzero(times.activities["movable"].to_numpy(bool)):
        one = times.activities.iloc[at]
        gain = _money(draws.gain(hours[:, at]), times)
        price = float(one["hours"]) * cost
        rows.append({
            "activity": one["activity"], "owner": one["owner"], "hours": float(one["hours"]),
            "gain": gain.value, "low": gain.low, "high": gain.high, "cost": price,
            "net": gain.value - price,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _curve(times: SellingTime, draws: _Terms, most: float, cost: float) -> pd.DataFrame:
    rows = []
    for hours in np.linspace(0, most, _POINTS):
        gain = _money(draws.gain(float(hours)), times)
        rows.append((float(hours), gain.value, gain.low, gain.high, float(hours) * cost))
    return pd.DataFrame(rows, columns=["hours", "gain", "low", "high", "cost"])
