"""The frozen results: how long ramp takes, what it costs, whether shortening it pays."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.estimate import Estimate, Finding, Result, plain
from salesops_lib.statistics.learning_curve import shortfall

if TYPE_CHECKING:
    from salesops_lib.analyses.ramp_time_cost.learning_curve import Fitted
    from salesops_lib.analyses.ramp_time_cost.milestone import Times

LEARNING_CURVE, MILESTONE = "learning_curve", "milestone"
DEFINITIONS = (LEARNING_CURVE, MILESTONE)


@dataclass(frozen=True, slots=True)
class Pace:
    """The fitted learning curve: e^(−k), 0 needs no ramp, 1 never gets there, and when it begins.

    Attributes
    ----------
    u, low, high
        Value and limits.
    df
        Degrees of freedom behind the limits.
    log_error
        Standard error of the log of the time constant; NaN where no ramp is seen.
    p_none, p_shape
        p of "no ramp at all" and of the curve's shape.
    noise
        Noise law the weights follow.
    level_at_low, level_at_high
        Mature level where u is at its limits, as a multiple of the one at its value.
    level_error
        Half-width of the mature level's interval on the log scale, were u known.
    delay
        Months on the job before which next to nothing is sold; the climb counts from there.
    others
        u and delay of the curves that the limits hold besides; see `GrowthFit`.
    """

    u: float
    low: float
    high: float
    df: float
    log_error: float
    p_none: float
    p_shape: float
    noise: str
    level_at_low: float
    level_at_high: float
    level_error: float
    delay: float = 0.0
    others: tuple[tuple[float, float], ...] = ()

    def levels(self, noise: np.ndarray, confidence: float) -> np.ndarray:
        """Mature level, as a multiple of its value, where the curve is off by `noise` standard
        errors: an even course on the log scale through both limits."""
        z = stats.norm.ppf(0.5 + confidence / 2)
        down, up = -math.log(self.level_at_low), math.log(self.level_at_high)
        return np.exp(noise * np.where(noise < 0, down, up) / z)


def at_time(months: float, target: float) -> float:
    """e^(−k) of the curve that reaches `target` after `months`.

    >>> round(at_time(4, 0.9), 6)
    0.562341
    """
    if months <= 0:
        return 0.0
    return 1.0 if math.isinf(months) else float((1 - target) ** (1 / months))


@dataclass(frozen=True)
class RampTime(Result):
    """Time to productivity.

    Attributes
    ----------
    definition
        `learning_curve` (when the expected month reaches the target) or `milestone`.
    median_months
        Learning curve: months until the expected month is at the target share of the mature
        level (0: from the first month). Milestone: Kaplan–Meier median; both infinite where the
        data does not show an end.
    restricted_mean_months
        Learning curve: months of full production a hire loses within `horizon` (the shortfall
        area). Milestone: mean months until the milestone, counted up to `horizon`.
    learning_curve
        month, expected, low, high: share of the mature level, months 1 … horizon.
    observed
        month, share, low, high, reps: what was seen, in the same scale (learning curve only).
    curve
        month, not_yet_ramped, low, high, at_risk (milestone only), month 0 … horizon.
    leaving
        month, ramped, left, neither: what became of hires, leaving as a competing event
        (milestone only).
    leavers
        scenario, assumes, median_months, median_low, median_high, months_lost, months_low,
        months_high: how the answer moves with what is believed about those who left early.
    groups
        group, reps (learning curve: seen from their first month), median_months, median_low,
        median_high, months_lost, months_low, months_high, one row a group of `by`; empty without
        it. `group_curves` holds their curves: group, month, expected (or not_yet_ramped), low, high.
    group_p
        p of "all groups alike"; NaN without groups.
    grouped_by
        What the groups are: `cohort` or the column; empty without groups.
    mature_level
        Expected value of a month of a ramped rep, over channels, at the level of the last twelve
        months (money a month); NaN for milestones without one.
    mature_levels
        channel, reps, value, low, high.
    pace
        The fitted curve (learning curve only).
    basis
        The fit on months, or the times followed, that further comparisons start from.
    """

    definition: str
    target: float
    sustained: int
    confidence: float
    horizon: int
    n_reps: int
    n_seen_starting: int
    milestone: str
    median_months: Estimate
    restricted_mean_months: Estimate
    learning_curve: pd.DataFrame
    observed: pd.DataFrame
    curve: pd.DataFrame
    leaving: pd.DataFrame
    leavers: pd.DataFrame
    groups: pd.DataFrame
    group_curves: pd.DataFrame
    group_p: float
    mature_level: Estimate
    mature_levels: pd.DataFrame
    pace: Pace | None
    naive_median: float
    events: int
    notices: tuple[str, ...]
    findings: tuple[Finding, ...] = field(default=())
    grouped_by: str = ""
    basis: Fitted | Times | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Without the months it was computed on."""
        return _without(self, "basis")

    @property
    def months_lost(self) -> Estimate:
        """Months of full production a hire loses: the shortfall area that cost rests on."""
        return self.restricted_mean_months

    def production_gained(self, months_sooner: float) -> Estimate:
        """Months of full production gained a hire when the target is reached that much sooner.

        On a learning curve a month sooner is worth less than a month of full production, since a
        hire sells something while ramping; before a milestone nothing is assumed to be sold.
        """
        lost = self.months_lost
        if self.pace is None:
            value, low, high = (
                min(months_sooner, one) for one in (lost.value, lost.low, lost.high)
            )
        else:
            value = self._gain(self.median_months.value, months_sooner)
            # The gain is no rising function of the length: its limits are sought between those of
            # the length.
            first, last = self.median_months.low, self.median_months.high
            far = 10.0 * self.horizon
            lengths = [first, *np.linspace(min(first, far), min(last, far), 60), last]
            gains = [self._gain(one, months_sooner) for one in lengths]
            low, high = min(value, *gains), max(value, *gains)
        return Estimate(value, low, high, self.confidence, "months", lost.n, lost.method)

    def _gain(self, length: float, sooner: float) -> float:
        """Months of production gained where a ramp of `length` ends so much sooner."""
        return self.lost_over(length) - self.lost_over(max(length - sooner, 0.0))

    @property
    def late(self) -> float:
        """Part of the time to the target that passes before the climb begins."""
        whole = self.median_months.value
        known = self.pace is not None and 0 < whole < math.inf
        return self.pace.delay / whole if self.pace is not None and known else 0.0

    def lost_over(self, length: float) -> float:
        """Months of production lost by a hire who reaches the target after `length` months on a curve
        of the same shape."""
        delay = self.late * length if self.late else 0.0
        return shortfall(at_time(length - delay, self.target), self.horizon, delay)


@dataclass(frozen=True)
class GroupComparison(Result):
    """Whether groups of reps (years of hire, channels) ramp alike.

    Attributes
    ----------
    by
        What the groups are.
    table, curves
        As `groups` and `group_curves` of `RampTime`.
    p
        Chance of differences as large as those seen where all ramp alike; NaN with fewer than two
        groups to compare.
    """

    by: str
    confidence: float
    table: pd.DataFrame
    curves: pd.DataFrame
    p: float
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class RampFactors(Result):
    """What goes with a quick or a slow ramp.

    Attributes
    ----------
    table
        factor, compared_with (empty for numbers), reps, times_as_long, low, high (limits that hold
        for all comparisons at once), p, p_holm (p with regard to how many were looked at) and, in
        words, label and verdict. 0.8 means a fifth less time.
    together
        Whether all facts stand in one regression, or each alone because events are few.
    milestone
        The event whose time it is about.
    """

    milestone: str
    together: bool
    confidence: float
    table: pd.DataFrame
    notices: tuple[str, ...]
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class RampCost(Result):
    """What ramp costs, in lost contribution.

    Attributes
    ----------
    per_hire, per_year
        Lost contribution (money, money/year).
    one_month_less
        What reaching the target one month sooner is worth (money/year).
    side_by_side
        months_to_target, months_lost, cost_per_hire, cost_per_year: ramp as it is, and at the
        lengths asked for (1 and 3 months).
    waterfall
        month, value, expected, lost and cumulated, of one hire: from full production to what is
        expected.
    pay_during_ramp
        Pay of one hire until the target is reached. A line of its own: it is paid whether ramp
        takes one month or three, so it is never added to the cost.
    """

    ramp: RampTime = field(repr=False)
    hires_per_year: float
    contribution_per_month: Estimate
    per_hire: Estimate
    per_year: Estimate
    one_month_less: Estimate
    pay_during_ramp: Estimate | None
    side_by_side: pd.DataFrame
    waterfall: pd.DataFrame
    notices: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Without the ramp, which has its own."""
        return _without(self, "ramp")


@dataclass(frozen=True)
class TrainingCase(Result):
    """Whether a programme pays: gains of a shorter ramp and a smaller channel gap less its cost.

    Attributes
    ----------
    ramp_saving, ramp_net, gap_saving, gain, net
        Money a year; `ramp_net` is the shorter ramp alone less the programme's whole cost,
        `gap_saving` None without a gap.
    payback_months
        Months of gain that pay a year of the programme; infinite where there is no gain.
    break_even_months
        Months that ramp must be shortened by, in the unit of `saved`, for the gain to equal the
        cost; infinite where no shortening is enough.
    probability
        That the gain exceeds the cost.
    sensitivity
        months_saved, gap_closed, net: the two-way table.
    break_even_curve
        months_saved, net, low, high: the gap part held.
    """

    months_saved: tuple[float, float]
    gap_closed: tuple[float, float]
    saved: str
    hires_per_year: float
    contribution_per_month: Estimate
    programme_cost: float
    production_gained: Estimate
    ramp_saving: Estimate
    ramp_net: Estimate
    gap_saving: Estimate | None
    gain: Estimate
    net: Estimate
    payback_months: Estimate
    break_even_months: Estimate
    probability: Estimate
    sensitivity: pd.DataFrame
    break_even_curve: pd.DataFrame
    notices: tuple[str, ...]
    findings: tuple[Finding, ...]


def split_draws(estimate: Estimate, noise: np.ndarray) -> np.ndarray:
    """Values that follow an interval whose two sides differ in width (a split normal), where it is off
    by `noise` standard errors.

    The half-widths are read as normal quantiles; open or missing sides use the other side.
    """
    z = stats.norm.ppf(0.5 + estimate.confidence / 2)
    down, up = estimate.value - estimate.low, estimate.high - estimate.value
    down = down if math.isfinite(down) else (up if math.isfinite(up) else 0.0)
    up = up if math.isfinite(up) else down
    return estimate.value + noise * np.where(noise < 0, down, up) / z


def _without(result: Result, *names: str) -> dict[str, Any]:
    kept = [one.name for one in fields(result) if one.name not in names]  # type: ignore[arg-type]
    return {name: plain(getattr(result, name)) for name in kept}
