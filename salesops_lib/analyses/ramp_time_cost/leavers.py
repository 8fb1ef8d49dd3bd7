"""How the answer moves with what is believed about reps who left early.

If weak reps leave *because* they do not ramp, what they would have become is not in the data and no
method recovers it. So the answer is given under each belief, and the truth is looked for between.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.analyses.ramp_time_cost import learning_curve as curve_topic
from salesops_lib.analyses.ramp_time_cost import milestone as milestone_topic
from salesops_lib.analyses.ramp_time_cost.spells import Spells
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import GrowthFit, fit_growth
from salesops_lib.statistics.survival import kaplan_meier

Floats = NDArray[np.float64]

AS_SEEN, STAYERS, HALF, STALLED = "as_seen", "stayers_only", "half_stalled", "all_stalled"
COLUMNS = [
    "scenario",
    "leavers",
    "median_months",
    "median_low",
    "median_high",
    "months_lost",
    "months_low",
    "months_high",
]
# Whoever leaves later than this left for other reasons than a failed start.
EARLY_LEAVING = 12
# Months whose mean is the level a leaver had reached.
LAST_MONTHS = 3
# How far, and in what steps, an expected month is followed until it reaches the target.
_FAR, _STEP = 120.0, 0.05


def on_learning_curve(
    fit: GrowthFit, clean: Spells, *, target: float, horizon: int
) -> pd.DataFrame:
    """The scenarios for the learning curve, on months free of channel, season and market."""
    reps = clean.reps
    leavers = reps[reps["left"] & (reps["last"] <= EARLY_LEAVING)]
    table = [
        _row(AS_SEEN, leavers, curve_topic.estimates(fit, target=target, horizon=horizon, n=0))
    ]
    if leavers.empty:
        return pd.DataFrame(table, columns=COLUMNS)
    # A recent hire may be about to leave: only who has lasted is known not to be one of them.
    lasted = reps.loc[reps["last"] > EARLY_LEAVING, "rep"]
    stayed = clean.rows[clean.rows["rep"].isin(lasted)]
    starting = stayed.loc[stayed["tenure"] <= curve_topic.EARLY, "rep"].nunique()
    # Of those who were there before the records begin no curve would say that there is nothing to learn.
    if starting >= curve_topic.FEWEST:
        with contextlib.suppress(NotEnoughData):
            other = fit_growth(
                curve_topic.repeated(stayed),
                confidence=fit.confidence,
                noise="proportional" if fit.noise == "lognormal" else fit.noise,
                slowest=curve_topic.SLOWEST,
                delay=fit.delay,
            )
            found = curve_topic.estimates(other, target=target, horizon=horizon, n=0)
            table.append(_row(STAYERS, leavers, found))
    gone = _Gone.read(fit, clean, leavers)
    for scenario, stalled in ((HALF, 0.5), (STALLED, 1.0)):
        table.append(_row(scenario, leavers, gone.believed(fit, stalled, target, horizon)))
    return pd.DataFrame(table, columns=COLUMNS)


@dataclass(frozen=True, eq=False)
class _Gone:
    """Early leavers: the tenure at which each left, the level reached, as a share of a mature month, and
    the share of all hires that each stands for.

    What they would have sold is put into the expected month of all hires, and not into a curve fitted anew:
    there each rep has a level of its own, and who stays at half of a mature month looks ramped at half.
    """

    last: Floats
    level: Floats
    weight: Floats

    @classmethod
    def read(cls, fit: GrowthFit, clean: Spells, leavers: pd.DataFrame) -> _Gone:
        reps = clean.reps
        early = reps["left"] & (reps["last"] <= EARLY_LEAVING)
        # Hires of late are followed for a while only, and may yet leave.
        curve = kaplan_meier(reps["last"], early, entry=reps["entry"])
        fell = -np.diff(curve.survival, prepend=1.0)
        each = dict(zip(curve.times, fell / np.maximum(curve.events, 1.0), strict=True))
        own = clean.rows[clean.rows["rep"].isin(leavers["rep"])]
        end = own.groupby("rep").tail(LAST_MONTHS).groupby("rep")[["value", "exposure"]].sum()
        level = (end["value"] / end["exposure"]).reindex(leavers["rep"]).to_numpy(dtype=float)
        last = leavers["last"].to_numpy(dtype=float)
        # Who was gone in the month of the start, begun in its midst, has no whole month to tell a level
        # by: that of the curve, where it is by then.
        level = np.where(np.isnan(level), fit.share(last - leavers["begun"])[0], level)
        return cls(last, level, np.array([each[one] for one in last]))

    def missing(self, share: Floats, time: Floats, stalled: float) -> Floats:
        """(leaver, time): how much less than `share` each brings into the expected month of a hire; below 0
        of who left at more."""
        after = time > self.last[:, None]
        short = np.where(after, share - self.level[:, None], 0.0)
        return np.asarray(stalled * self.weight[:, None] * short)

    def believed(
        self, fit: GrowthFit, stalled: float, target: float, horizon: int
    ) -> tuple[Estimate, Estimate]:
        """Months to the target and months lost of all hires, where the leavers would have stalled by so
        much. Limits: those of the curve, and how many leave by chance, together as if independent."""
        z = float(stats.norm.ppf(0.5 + fit.confidence / 2))
        time = np.arange(0.0, _FAR + _STEP / 2, _STEP)
        share, low, high = fit.share(time)
        less = self.missing(share, time, stalled)
        chance = z * np.sqrt((less**2).sum(axis=0))
        middle = share - _together(less)
        bounds = (
            middle, middle + np.hypot(high - share, chance), middle - np.hypot(share - low, chance)
        )  # fmt: skip
        months_to = [_reached(one, time, target) for one in bounds]
        months = np.arange(1.0, horizon + 1)
        later = self.missing(fit.share(months)[0], months, stalled)
        lost, lost_low, lost_high = fit.shortfall(horizon)
        value = lost + float(_together(later).sum())
        luck = z * math.sqrt(float((later.sum(axis=1) ** 2).sum()))
        area = (
            value,
            max(value - math.hypot(lost - lost_low, luck), 0.0),
            min(value + math.hypot(lost_high - lost, luck), float(horizon)),
        )
        return (
            Estimate(
                months_to[0],
                months_to[1],
                months_to[2],
                fit.confidence,
                "months",
                0,
                curve_topic.METHOD,
            ),
            Estimate(*area, fit.confidence, "months", 0, curve_topic.METHOD),
        )


def _together(less: Floats) -> Floats:
    """(time,) what all leavers bring less. Where they left at more than the others have by then they did not
    leave for want of it, and to stay there is no loss: nor is it a gain on going on like the others."""
    return np.asarray(np.maximum(less.sum(axis=0), 0.0))


def _reached(share: Floats, time: Floats, target: float) -> float:
    """When `share` reaches the target for good; infinite where it does not."""
    under = np.flatnonzero(share < target - 1e-9)
    if not len(under):
        return 0.0
    at = int(under[-1])
    if at == len(time) - 1:
        return math.inf
    part = (target - share[at]) / (share[at + 1] - share[at])
    return float(time[at] + part * (time[at + 1] - time[at]))


def on_milestone(times: milestone_topic.Times, *, horizon: int, confidence: float) -> pd.DataFrame:
    """The scenarios for a milestone; those who left before it are the leavers."""
    frame = times.frame
    leavers = frame[frame["left"]]

    def found(rows: pd.DataFrame, weight: np.ndarray) -> tuple[Estimate, Estimate]:
        curve = kaplan_meier(rows["months"], rows["reached"], entry=rows["entry"], weights=weight)
        return milestone_topic.estimates(curve, horizon=horizon, confidence=confidence)

    table = [_row(AS_SEEN, leavers, found(frame, np.ones(len(frame))))]
    if leavers.empty:
        return pd.DataFrame(table, columns=COLUMNS)
    stayed = frame[~frame["left"]]
    if len(stayed):
        table.append(_row(STAYERS, leavers, found(stayed, np.ones(len(stayed)))))
    never = leavers.assign(months=float(max(horizon, frame["months"].max())) + 1.0)
    for scenario, share in ((HALF, 0.5), (STALLED, 1.0)):
        mixed = pd.concat([stayed, leavers, never], ignore_index=True)
        weight = np.repeat([1.0, 1 - share, share], [len(stayed), len(leavers), len(never)])
        kept = weight > 0
        table.append(_row(scenario, leavers, found(mixed[kept], weight[kept])))
    return pd.DataFrame(table, columns=COLUMNS)


def _row(
    scenario: str, leavers: pd.DataFrame, found: tuple[Estimate, Estimate]
) -> tuple[object, ...]:
    median, lost = found
    return (
        scenario,
        len(leavers),
        median.value,
        median.low,
        median.high,
        lost.value,
        lost.low,
        lost.high,
    )
