"""`ramp_time`: how long until a new rep sells like a ramped one, by either definition."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.columns import check_columns, check_frame, number
from salesops_lib.analyses.options import check_apart, is_number, names_of
from salesops_lib.analyses.ramp_time_cost import groups as groups_topic
from salesops_lib.analyses.ramp_time_cost import learning_curve as curve_topic
from salesops_lib.analyses.ramp_time_cost import leavers, words
from salesops_lib.analyses.ramp_time_cost import milestone as milestone_topic
from salesops_lib.analyses.ramp_time_cost.arrivals import came_together
from salesops_lib.analyses.ramp_time_cost.mature_level import mature_levels
from salesops_lib.analyses.ramp_time_cost.quarter_ends import over_quarters
from salesops_lib.analyses.ramp_time_cost.result import (
    DEFINITIONS,
    LEARNING_CURVE,
    MILESTONE,
    RampTime,
)
from salesops_lib.analyses.ramp_time_cost.spells import Columns, Spells, read_spells
from salesops_lib.errors import DataError, NotEnoughData, ParameterError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import NOISE_POWER

_QUOTA = "quota"
HORIZON = {LEARNING_CURVE: 24, MILESTONE: 12}


def ramp_time(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    tenure: str = "tenure_months",
    value: str,
    definition: str = LEARNING_CURVE,
    target: float = 0.9,
    sustained: int = 2,
    period: str | None = "month",
    channel: str | None = "channel",
    exposure: str | None = "month_share",
    market: str | Sequence[str] = (),
    quota: str | None = None,
    event: str | None = None,
    by: str | None = None,
    sold_before: Collection[object] = (),
    labels: Mapping[object, str] | None = None,
    horizon: int | None = None,
    noise: str = "auto",
    confidence: float = 0.90,
) -> RampTime:
    """Time to productivity of new reps from rep-months.

    Parameters
    ----------
    data
        One row a rep and month on the job, months without sales included as 0.
    rep, tenure, value
        Columns: the rep, months on the job (1 in the first calendar month), what is sold.
    definition
        `learning_curve`: when the *expected* month reaches `target` of the mature level of the same
        channel, from a(1 − e^(−kt)) with a random asymptote per rep. `milestone`: when a rep first
        had `sustained` months in a row at `target` of that level (or of `quota`), or the first
        month that `event` holds; a survival time. On noisy months a threshold reports months of
        ramp where there is none, so the milestone is for questions about the event itself.
    target
        Share of the mature level that counts as productive, below 1 for the learning curve.
    sustained
        Months in a row at the threshold; 1 where `event` is given.
    period, channel, exposure
        Columns used where the data has them: calendar month (season and trend are taken out,
        leavers told), channel (each its own mature level), share of the month worked; one that is
        smaller in a rep's first month than later tells when in that month the rep began.
    market
        Numeric or categorical columns taken out log-linearly (learning curve).
    quota, event
        For milestones: a quota column, or a true/false column. A month whose quota is 0 has none.
    by
        A column to compare groups by (a rep's first value counts), or `cohort`, the year of hire.
    sold_before
        Reps known to have sold before the hire date on record (`sold_before_hire` finds them):
        they are left out, with a notice.
    labels
        How notices call the reps; those without a label are counted, not named. By default all are
        called by their ids.
    horizon
        Months counted in `restricted_mean_months`: 24 for the learning curve, 12 for milestones.
    noise
        `auto`, or one of `statistics.learning_curve.NOISE_POWER`.
    confidence
        Of every interval.

    Returns
    -------
    RampTime

    Raises
    ------
    DataError
        If a column is missing, holds what it cannot, or an option is out of range.
    ParameterError
        If a column is to play two parts.
    NotEnoughData
        If the data cannot answer: no hire dates, nobody seen starting, no mature level.

    Notes
    -----
    Learning-curve limits invert a rep-level robust score test (`statistics.learning_curve`);
    milestones use Kaplan–Meier with delayed entry and log-log limits, and a restricted mean with t
    on events − 1.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = np.tile(np.arange(1, 13), 20)
    >>> sold = 100 * (1 - 0.1 ** (months / 4))
    >>> frame = pd.DataFrame({"rep_id": np.repeat(np.arange(20), 12), "tenure_months": months})
    >>> ramp = ramp_time(frame.assign(bookings=sold), value="bookings")
    >>> round(ramp.median_months.value, 1)
    4.0
    """
    check_frame(data)
    market = names_of(market)
    check_apart(rep=rep, tenure=tenure, value=value, period=period, exposure=exposure)
    if value in market or tenure in market:
        # By what is sold, or by tenure itself, the climb would be explained away.
        raise ParameterError(
            f"{(value if value in market else tenure)!r} cannot be both the climb and a market factor."
        )
    if noise != "auto" and noise not in tuple(NOISE_POWER):
        raise DataError(f"noise == {noise!r}, must be auto or one of {', '.join(NOISE_POWER)}")
    _check_options(definition, target, sustained, horizon, confidence, quota, event)
    extra = tuple(dict.fromkeys((*market, *(one for one in (quota, event) if one is not None))))
    if by is not None and by != groups_topic.COHORT and (by, by) != (groups_topic.CHANNEL, channel):
        extra = tuple(dict.fromkeys((*extra, by)))
    if quota is not None:
        check_columns(data, [quota], "a milestone at a quota")
        data = data.copy(deep=False)
        data[quota] = number(data, quota)
    # Not asked for, it is used where it is what ours is.
    follows_quota = (
        "attain" in str(value).lower()
        and _QUOTA in data
        and isinstance(data[_QUOTA], pd.Series)
        and pd.api.types.is_numeric_dtype(data[_QUOTA])
    )
    if follows_quota:
        extra = tuple(dict.fromkeys((*extra, _QUOTA)))
    columns = Columns(value, rep, tenure, period, channel, exposure)
    spells = read_spells(data, columns, extra=extra, sold_before=sold_before, labels=labels)
    if follows_quota:
        found = milestone_topic.attainment_notices(spells, _QUOTA)
        spells = replace(spells, notices=(*spells.notices, *found))
    months = horizon or HORIZON[definition]
    if definition == LEARNING_CURVE:
        result = _learning(spells, market, target, months, noise, confidence)
    else:
        result = milestone_of(
            spells,
            target=target,
            sustained=sustained,
            quota=quota,
            event=event,
            horizon=months,
            confidence=confidence,
        )
    return result if by is None else groups_topic.with_groups(result, by)


def _learning(
    spells: Spells,
    market: tuple[str, ...],
    target: float,
    horizon: int,
    noise: str,
    confidence: float,
) -> RampTime:
    fit, design, spells = curve_topic.fit_curve(
        over_quarters(spells), market=market, confidence=confidence, noise=noise
    )
    n = spells.seen_starting
    median, lost = curve_topic.estimates(fit, target=target, horizon=horizon, n=n)
    level, levels, level_error = mature_levels(fit, design, spells)
    clean = curve_topic.without_effects(fit, design, spells)
    pace = curve_topic.pace_of(fit, level_error)
    notices = [
        *spells.notices,
        *design.notices,
        *words.curve_notices(pace, n, spells),
        *words.arrivals(came_together(clean)),
    ]
    result = RampTime(
        definition=LEARNING_CURVE,
        target=target,
        sustained=1,
        confidence=confidence,
        horizon=horizon,
        n_reps=fit.n_units,
        n_seen_starting=n,
        milestone="",
        median_months=median,
        restricted_mean_months=lost,
        learning_curve=curve_topic.expected(fit, horizon),
        observed=curve_topic.observed_shares(fit, design, spells, horizon),
        curve=pd.DataFrame(columns=["month", "not_yet_ramped", "low", "high", "at_risk"]),
        leaving=pd.DataFrame(columns=["month", "ramped", "left", "neither"]),
        leavers=words.explain_leavers(
            leavers.on_learning_curve(fit, clean, target=target, horizon=horizon), LEARNING_CURVE
        ),
        groups=pd.DataFrame(columns=curve_topic.GROUP_COLUMNS),
        group_curves=pd.DataFrame(columns=curve_topic.CURVE_COLUMNS),
        group_p=math.nan,
        mature_level=level,
        mature_levels=levels,
        pace=pace,
        naive_median=math.nan,
        events=0,
        notices=tuple(notices),
        basis=curve_topic.Fitted(fit, spells, clean),
    )
    return words.with_findings(result)


def milestone_of(
    spells: Spells,
    *,
    target: float,
    sustained: int = 1,
    quota: str | None = None,
    event: str | None = None,
    horizon: int = HORIZON[MILESTONE],
    confidence: float = 0.90,
) -> RampTime:
    """Time until a milestone from spells already read; arguments as in `ramp_time`."""
    sustained = sustained if event is None else 1
    met, name, notices = milestone_topic.hits(spells, target=target, quota=quota, event=event)
    times = milestone_topic.times_to(spells, met, sustained=sustained)
    if len(times.frame) < 3:
        raise NotEnoughData(
            f"{wording.count(len(times.frame), 'rep')} can be followed to the milestone; at least "
            f"3 are needed",
            remedy="Use a longer history, or dates of hire that fall inside it.",
        )
    curve = times.curve()
    within = milestone_topic.reach(curve, horizon)
    median, mean = milestone_topic.estimates(curve, horizon=within, confidence=confidence)
    levels = spells.mature_means
    result = RampTime(
        definition=MILESTONE,
        target=target,
        sustained=sustained,
        confidence=confidence,
        horizon=within,
        n_reps=len(times.frame),
        n_seen_starting=spells.seen_starting,
        milestone=words.milestone_name(name, sustained),
        median_months=median,
        restricted_mean_months=mean,
        learning_curve=pd.DataFrame(columns=["month", "expected", "low", "high"]),
        observed=pd.DataFrame(columns=["month", "share", "low", "high", "reps"]),
        curve=milestone_topic.curve_table(times, horizon=within, confidence=confidence),
        leaving=milestone_topic.outcome_table(times, horizon=within),
        leavers=words.explain_leavers(
            leavers.on_milestone(times, horizon=within, confidence=confidence), MILESTONE
        ),
        groups=pd.DataFrame(columns=curve_topic.GROUP_COLUMNS),
        group_curves=pd.DataFrame(columns=["group", "month", "not_yet_ramped", "low", "high"]),
        group_p=math.nan,
        mature_level=_mean_level(levels, confidence),
        mature_levels=levels.assign(low=np.nan, high=np.nan),
        pace=None,
        naive_median=times.naive_median,
        events=curve.n_events,
        notices=(
            *spells.notices,
            *times.notices,
            *notices,
            *words.milestone_notices(curve, within, horizon),
        ),
        basis=times,
    )
    return words.with_findings(result)


def _check_options(
    definition: str,
    target: float,
    sustained: int,
    horizon: int | None,
    confidence: float,
    quota: str | None,
    event: str | None,
) -> None:
    if definition not in DEFINITIONS:
        raise DataError(f"definition == {definition!r}, must be one of {', '.join(DEFINITIONS)}")
    if definition == LEARNING_CURVE and not (is_number(target) and 0 < target < 1):
        raise DataError(f"target == {target!r}, must be between 0 and 1")
    if not (is_number(target) and target > 0):
        raise DataError(f"target == {target!r}, must be above 0")
    if not (is_number(sustained) and sustained >= 1 and sustained == int(sustained)):
        raise DataError(f"sustained == {sustained!r}, must be a whole number of months, 1 or more")
    if horizon is not None and not (is_number(horizon) and horizon >= 1):
        raise DataError(f"horizon == {horizon!r}, must be 1 month or more")
    if not (is_number(confidence) and 0 < confidence < 1):
        raise DataError(f"confidence == {confidence!r}, must be between 0 and 1")
    if definition == LEARNING_CURVE and (quota is not None or event is not None):
        raise DataError(
            "quota= and event= belong to milestones", remedy='Say definition="milestone".'
        )
    if quota is not None and event is not None:
        raise DataError("a milestone is either at a quota or an event", remedy="Give one of them.")


def _mean_level(levels: pd.DataFrame, confidence: float) -> Estimate:
    if levels.empty:
        return Estimate(math.nan, confidence=confidence, unit="money/month", method="no mature rep")
    value = float(np.average(levels["value"], weights=levels["reps"]))
    n = int(levels["reps"].sum())
    return Estimate(
        value, confidence=confidence, unit="money/month", n=n, method="mean of mature reps"
    )
