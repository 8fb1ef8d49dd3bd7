"""What next year's hiring plan will sell while it ramps: for quota relief and capacity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesops_lib.analyses.ramp_time_cost.result import RampTime
from salesops_lib.errors import DataError, NotEnoughData
from salesops_lib.estimate import Estimate


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
