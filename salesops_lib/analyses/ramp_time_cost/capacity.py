"""What next year's hiring plan will sell while it ramps: for quota relief and capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesops_lib.analyses.ramp_time_cost import money_words
from salesops_lib.analyses.ramp_time_cost.cost import checked_count
from salesops_lib.analyses.ramp_time_cost.result import RampTime
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.estimate import Estimate, Finding, Result

# Less than this of a quota is no relief worth planning.
_NO_RELIEF = 0.02


def hiring_capacity(
    ramp: RampTime,
    hires: Sequence[float],
    *,
    value_per_month: float | Estimate,
) -> pd.DataFrame:
    """Expected monthly value of a hiring plan while its hires ramp.

    Parameters
    ----------
    ramp
        A learning curve.
    hires
        Reps starting in month 1, 2, …; the plan is followed for as many months.
    value_per_month
        What a ramped rep sells in a month. With an Estimate, its limits are carried by the widest
        combination with those of the curve.

    Returns
    -------
    Frame with month, starting, on_board, full (all ramped), expected, low, high, and relief (the
    share of full quota that the plan cannot be expected to carry).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from salesops_lib.analyses.ramp_time_cost import ramp_time
    >>> months = np.tile(np.arange(1, 13), 20)
    >>> frame = pd.DataFrame({"rep_id": np.repeat(np.arange(20), 12), "tenure_months": months})
    >>> frame["bookings"] = 100 * (1 - 0.1 ** (months / 4))
    >>> plan = hiring_capacity(ramp_time(frame, value="bookings"), [2, 0], value_per_month=100)
    >>> plan["expected"].round().tolist()
    [88.0, 137.0]
    """
    if ramp.pace is None:
        raise NotEnoughData(
            "a milestone does not say how much is sold on the way",
            remedy="Use the learning curve.",
        )
    starting = np.asarray(hires, dtype=float)
    if starting.ndim != 1 or not len(starting) or not (starting >= 0).all():
        raise DataError("hires must be numbers of 0 or more, one a month")
    value = value_per_month
    worth = value if isinstance(value, Estimate) else Estimate(value, value, value)
    months = np.arange(1, len(starting) + 1)

    def sold(u: float) -> np.ndarray:
        share = 1 - u**months if u < 1 else np.zeros(len(months))
        return np.convolve(starting, share)[: len(months)]

    full = starting.cumsum()
    expected = sold(ramp.pace.u)
    return pd.DataFrame(
        {
            "month": months,
            "starting": starting,
            "on_board": full,
            "full": full * worth.value,
            "expected": expected * worth.value,
            "low": sold(ramp.pace.high) * worth.low,
            "high": sold(ramp.pace.low) * worth.high,
            "relief": 1 - np.divide(expected, full, out=np.ones(len(full)), where=full > 0),
        }
    )


@dataclass(frozen=True)
class HiringPlan(Result):
    """What a year's hires will book while they ramp.

    Attributes
    ----------
    bookings
        Expected of the whole year.
    relief
        Share of the full quotas of those months that the plan cannot be expected to carry.
    months
        As `hiring_capacity` returns them.
    by_tenure
        month (on the job), expected, low, high, relief: what a hire can be asked for, as a share of
        a ramped rep's quota, until hardly any relief is left (at most a year).
    """

    hires_per_year: float
    bookings: Estimate
    relief: Estimate
    months: pd.DataFrame
    by_tenure: pd.DataFrame
    findings: tuple[Finding, ...] = field(default=())


def hiring_plan(
    ramp: RampTime, *, hires_per_year: float, value_per_month: float | Estimate, currency: str = "$"
) -> HiringPlan:
    """Expected bookings of a year's hires, their starts spread evenly over its twelve months.

    Limits of the year are sums of the months' limits: one curve and one mature level stand behind
    all of them, so they are off together.

    Parameters
    ----------
    ramp, value_per_month
        As in `hiring_capacity`.
    hires_per_year
        Of the hiring plan.
    currency
        Symbol in sentences.
    """
    hires = checked_count("hires_per_year", hires_per_year)
    months = hiring_capacity(ramp, [hires / 12] * 12, value_per_month=value_per_month)
    value, low, high = (float(months[one].sum()) for one in ("expected", "low", "high"))
    n, level = ramp.n_seen_starting, ramp.confidence

    def relief_at(u: float) -> float:
        weights = np.arange(12, 0, -1)
        return float((weights * u ** np.arange(1, 13)).sum() / weights.sum())

    assert ramp.pace is not None
    relief, least, most = (relief_at(u) for u in (ramp.pace.u, ramp.pace.low, ramp.pace.high))
    plan = HiringPlan(
        hires_per_year=hires,
        bookings=Estimate(value, low, high, level, "money", n, "learning curve × mature level"),
        relief=Estimate(relief, least, most, level, "share", n, "learning curve"),
        months=months,
        by_tenure=_relief(ramp.learning_curve),
    )
    return money_words.with_plan_findings(plan, currency)


def _relief(curve: pd.DataFrame) -> pd.DataFrame:
    table = curve.assign(relief=1 - curve["expected"])
    wanted = int((table["relief"] > _NO_RELIEF).sum()) + 1
    return table[table["month"] <= min(max(wanted, 3), 12)].reset_index(drop=True)
