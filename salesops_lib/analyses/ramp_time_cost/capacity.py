"""What next year's hiring plan will sell while it ramps: for quota relief and capacity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from salesops_lib.analyses.ramp_time_cost import money_words
from salesops_lib.analyses.ramp_time_cost.cost import as_contribution, checked_count, in_money
from salesops_lib.analyses.ramp_time_cost.result import Pace, RampTime
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.estimate import Estimate, Finding, Result
from salesops_lib.statistics.learning_curve import over_curves

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
        What a ramped rep sells in a month. The limits of an Estimate are combined with those of the
        curve as in `ramp_cost`.

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
    worth = as_contribution(value_per_month, ramp.confidence)
    months = np.arange(1, len(starting) + 1)
    full = starting.cumsum()
    sold, least, most = _over_curves(
        ramp.pace, lambda u, delay: _sold(starting, u, delay), rising=False
    )
    money = [
        in_money(ramp, _months(ramp, *of), worth, falling=True)
        for of in zip(sold, least, most, strict=True)
    ]
    return pd.DataFrame(
        {
            "month": months,
            "starting": starting,
            "on_board": full,
            "full": full * worth.value,
            "expected": [one.value for one in money],
            "low": [one.low for one in money],
            "high": [one.high for one in money],
            "relief": 1 - np.divide(sold, full, out=np.ones(len(full)), where=full > 0),
        }
    )


def _over_curves(
    pace: Pace, of: Callable[[float, float], np.ndarray], *, rising: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A function of u and delay that rises or falls with both, and its limits."""
    ends = (pace.u, pace.low, pace.high)
    value, low, high = over_curves(of, ends, pace.delay, pace.others, rising=rising)
    return value, np.maximum(low, 0.0), high


def _shares(months: int, u: float, delay: float) -> np.ndarray:
    """Share of full production in each month on the job."""
    since = np.maximum(np.arange(1, months + 1) - delay, 0.0)
    return np.asarray(1 - u**since)


def _sold(starting: np.ndarray, u: float, delay: float) -> np.ndarray:
    """Months of full production in each month of the plan."""
    months = np.arange(1, len(starting) + 1)
    share = _shares(len(months), u, delay)
    return np.convolve(starting, share)[: len(months)]


def _months(ramp: RampTime, value: float, low: float, high: float) -> Estimate:
    n = ramp.n_seen_starting
    return Estimate(
        float(value), float(low), float(high), ramp.confidence, "months", n, "learning curve"
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
    evenly = [hires / 12] * 12
    months = hiring_capacity(ramp, evenly, value_per_month=value_per_month)
    assert ramp.pace is not None
    pace = ramp.pace
    year = _over_curves(
        pace, lambda u, delay: _sold(np.array(evenly), u, delay).sum(), rising=False
    )
    worth = as_contribution(value_per_month, ramp.confidence)
    booked = in_money(ramp, _months(ramp, *map(float, year)), worth, falling=True)
    n, level = ramp.n_seen_starting, ramp.confidence

    weights = np.arange(12, 0, -1) / 78
    relief, least, most = map(
        float,
        _over_curves(pace, lambda u, delay: weights @ (1 - _shares(12, u, delay)), rising=True),
    )
    plan = HiringPlan(
        hires_per_year=hires,
        bookings=replace(booked, method="learning curve × mature level"),
        relief=Estimate(relief, least, min(most, 1.0), level, "share", n, "learning curve"),
        months=months,
        by_tenure=_relief(ramp.learning_curve),
    )
    return money_words.with_plan_findings(plan, currency)


def _relief(curve: pd.DataFrame) -> pd.DataFrame:
    table = curve.assign(relief=1 - curve["expected"])
    wanted = int((table["relief"] > _NO_RELIEF).sum()) + 1
    return table[table["month"] <= min(max(wanted, 3), 12)].reset_index(drop=True)
