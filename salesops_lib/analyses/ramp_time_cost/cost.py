"""`ramp_cost`: the contribution that ramp takes away, a hire and a year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.options import check_made, check_unit
from salesops_lib.analyses.ramp_time_cost import money_words
from salesops_lib.analyses.ramp_time_cost.result import Pace, RampCost, RampTime
from salesops_lib.errors import DataError
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.products import product

COMPARED = (1.0, 3.0)


def ramp_cost(
    ramp: RampTime,
    *,
    hires_per_year: float,
    contribution_per_month: float | Estimate,
    annual_cost: float | None = None,
    compared: Sequence[float] = COMPARED,
    currency: str = "$",
) -> RampCost:
    """What ramp costs: contribution a month × months of full production lost.

    Parameters
    ----------
    ramp
        From `ramp_time`.
    hires_per_year
        Of the hiring plan.
    contribution_per_month
        Contribution (bookings × margin) of a ramped rep's month: a number, or an Estimate such as
        `ramp.mature_level.scaled(margin)`, whose uncertainty is carried on (and that of one with
        the other: a slower climb goes with a higher mature level).
    annual_cost
        Pay of a rep a year, for the pay during ramp: a line of its own, never added.
    compared
        Lengths of ramp (months to the target) to put side by side.
    currency
        Symbol in sentences.

    Returns
    -------
    RampCost

    Raises
    ------
    DataError
        If hires or contribution are below 0 or not numbers.

    Notes
    -----
    The interval combines those of the lost months and of the contribution on the log scale (MOVER),
    so it is the delta method where both are symmetric there. For a milestone nothing is assumed to
    be sold before it: the lost months are the restricted mean.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from salesops_lib.analyses.ramp_time_cost import ramp_time
    >>> months = np.tile(np.arange(1, 13), 20)
    >>> frame = pd.DataFrame({"rep_id": np.repeat(np.arange(20), 12), "tenure_months": months})
    >>> frame["bookings"] = 100 * (1 - 0.1 ** (months / 4))
    >>> ramp = ramp_time(frame, value="bookings")
    >>> cost = ramp_cost(ramp, hires_per_year=10, contribution_per_month=100)
    >>> round(cost.per_hire.value), round(cost.per_year.value)
    (128, 1285)
    """
    check_made("ramp", ramp, "ramp_time", "months_lost", "confidence")
    contribution = as_contribution(contribution_per_month, ramp.confidence)
    hires = checked_count("hires_per_year", hires_per_year)
    per_hire = in_money(ramp, ramp.months_lost, contribution)
    lengths: object = compared
    if isinstance(lengths, str) or not isinstance(lengths, Iterable):
        raise DataError(
            f"compared == {compared!r}, must be lengths of ramp in months, such as (1, 3)"
        )
    table = _side_by_side(ramp, contribution, hires, tuple(compared))
    gained = in_money(ramp, ramp.production_gained(1.0), contribution)
    one_less = gained.scaled(hires, "money/year")
    pay = None
    if annual_cost is not None:
        monthly = checked_count("annual_cost", annual_cost) / 12
        pay = ramp.median_months.scaled(monthly, "money")
    result = RampCost(
        ramp=ramp,
        hires_per_year=hires,
        contribution_per_month=contribution,
        per_hire=per_hire,
        per_year=per_hire.scaled(hires, "money/year"),
        one_month_less=one_less,
        pay_during_ramp=pay,
        side_by_side=table,
        waterfall=_waterfall(ramp, contribution.value),
        notices=money_words.cost_notices(ramp),
        findings=(),
    )
    return money_words.with_cost_findings(result, currency)


def as_contribution(value: float | Estimate, confidence: float) -> Estimate:
    """A contribution a month as an Estimate in money a month."""
    check_unit("contribution_per_month", value, "money/month", "money")
    if isinstance(value, Estimate):
        if not value.value >= 0:
            raise DataError(f"contribution_per_month == {value.value}, must be 0 or more")
        return value
    number = checked_count("contribution_per_month", value)
    return Estimate(number, number, number, confidence, "money/month", 0, "given")


def checked_count(name: str, value: float) -> float:
    """`value` as a float of 0 or more."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise DataError(f"{name} == {value!r}, must be a number") from None
    if not (math.isfinite(number) and number >= 0):
        raise DataError(f"{name} == {value}, must be a number of 0 or more")
    return number


def in_money(
    ramp: RampTime, months: Estimate, contribution: Estimate, *, falling: bool = False
) -> Estimate:
    """Months of full production × contribution.

    Where the contribution comes from the mature level, the limits carry how that level moves with the
    length of ramp. Months lost rise with the length; of months sold, which are `falling`, the lower
    limit belongs to the longest ramp.
    """
    pace = ramp.pace
    if pace is not None and rests_on_level(ramp, contribution):
        ends = (pace.level_at_low, pace.level_at_high)
        at_low, at_high = reversed(ends) if falling else ends
        low, high = months.low * at_low, months.high * at_high
        months = replace(months, low=min(low, months.value), high=max(high, months.value))
        contribution = with_curve_known(contribution, pace)
    return _times(months, contribution)


def rests_on_level(ramp: RampTime, contribution: Estimate) -> bool:
    """Whether a contribution is that of the mature level, as in `ramp.mature_level.scaled(margin)`."""
    level = ramp.mature_level
    return (contribution.method, contribution.n) == (level.method, level.n)


def with_curve_known(contribution: Estimate, pace: Pace) -> Estimate:
    """The contribution with the limits that it had were the curve known."""
    wide = math.exp(pace.level_error)
    value = contribution.value
    return replace(contribution, low=value / wide, high=value * wide)


def _times(months: Estimate, contribution: Estimate) -> Estimate:
    limits = product(
        (months.value, months.low, months.high),
        (contribution.value, contribution.low, contribution.high),
    )
    if math.isnan(months.low):
        limits = (limits[0], math.nan, math.nan)
    method = "lost months × contribution, log-scale limits"
    return Estimate(*limits, months.confidence, "money", months.n, method)


def lost_at(ramp: RampTime, months_to_target: float) -> float:
    """Months of production lost by a hire whose ramp takes `months_to_target`."""
    if ramp.pace is None:
        return min(months_to_target, float(ramp.horizon))
    return ramp.lost_over(months_to_target)


def _side_by_side(
    ramp: RampTime, contribution: Estimate, hires: float, compared: tuple[float, ...]
) -> pd.DataFrame:
    now = in_money(ramp, ramp.months_lost, contribution)
    rows = [("now", ramp.median_months.value, ramp.months_lost.value, now)]
    for months in sorted(checked_count("compared", one) for one in compared):
        at = lost_at(ramp, months)
        given = Estimate(at, at, at, ramp.confidence, "months", 0, "given")
        rows.append(("what if", months, at, _times(given, contribution)))
    table = []
    for kind, months, lost, cost in rows:
        table.append(
            {
                "ramp": kind,
                "months_to_target": months,
                "months_lost": lost,
                "cost_per_hire": cost.value,
                "cost_per_year": cost.value * hires,
                "low": cost.low * hires,
                "high": cost.high * hires,
            }
        )
    return pd.DataFrame(table)


def _waterfall(ramp: RampTime, contribution: float) -> pd.DataFrame:
    """month, share, lost, cumulated: one hire's lost contribution by month on the job."""
    if ramp.pace is None:
        share = 1 - ramp.curve["not_yet_ramped"].to_numpy(dtype=float)[:-1]
    else:
        share = ramp.learning_curve["expected"].to_numpy(dtype=float)
    lost = contribution * (1 - share)
    return pd.DataFrame(
        {
            "month": np.arange(1, len(share) + 1),
            "share": share,
            "lost": lost,
            "cumulated": lost.cumsum(),
        }
    )
