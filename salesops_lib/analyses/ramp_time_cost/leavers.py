"""How the answer moves with what is believed about reps who left early.

If weak reps leave *because* they do not ramp, what they would have become is not in the data and no
method recovers it. So the answer is given under each belief, and the truth is looked for between.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.analyses.ramp_time_cost import learning_curve as curve_topic
from salesops_lib.analyses.ramp_time_cost import milestone as milestone_topic
from salesops_lib.analyses.ramp_time_cost.spells import Spells
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import GrowthFit, fit_growth
from salesops_lib.statistics.survival import kaplan_meier

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
    unseen = _unseen_months(fit, clean, leavers, horizon)
    for scenario, rows in (
        (STAYERS, stayed),
        (HALF, _continued(clean.rows, unseen, stalled=0.5)),
        (STALLED, _continued(clean.rows, unseen, stalled=1.0)),
    ):
        try:
            data = curve_topic.repeated(rows)
            # Months put in are not noisy: a law for spread would be taken in by them.
            other = fit_growth(
                data,
                confidence=fit.confidence,
                noise="proportional" if fit.noise == "lognormal" else fit.noise,
                slowest=curve_topic.SLOWEST,
                delay=fit.delay,
            )
        except NotEnoughData:
            continue
        found = curve_topic.estimates(other, target=target, horizon=horizon, n=0)
        table.append(_row(scenario, leavers, found))
    return pd.DataFrame(table, columns=COLUMNS)


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


def _unseen_months(
    fit: GrowthFit, clean: Spells, leavers: pd.DataFrame, horizon: int
) -> pd.DataFrame:
    """rep, time, level reached at leaving and level the curve goes on to, after each left."""
    own = clean.rows[clean.rows["rep"].isin(leavers["rep"])]
    last = own.groupby("rep").tail(LAST_MONTHS).groupby("rep")[["value", "exposure"]].sum()
    level = last["value"] / last["exposure"]
    parts = []
    for rep, end in zip(leavers["rep"], leavers["last"], strict=True):
        months = np.arange(int(end) + 1, horizon + 1)
        share = fit.share(months)[0]
        parts.append(
            pd.DataFrame(
                {"rep": rep, "time": months.astype(float), "level": level[rep], "onward": share}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _continued(rows: pd.DataFrame, unseen: pd.DataFrame, *, stalled: float) -> pd.DataFrame:
    """The months seen and those not seen, between going on like the others and stalling."""
    value = stalled * unseen["level"] + (1 - stalled) * unseen["onward"]
    added = unseen[["rep", "time"]].assign(value=value, exposure=1.0)
    return pd.concat([rows[["rep", "time", "value", "exposure"]], added], ignore_index=True)


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
