"""How many of its periods a year has."""

from __future__ import annotations

import numpy as np
import pandas as pd

_DAYS_A_YEAR = 365.25
_PER_YEAR = {"W": _DAYS_A_YEAR / 7, "M": 12.0, "Q": 4.0, "Y": 1.0, "A": 1.0}
# Days from one period to the next below which it is one of these.
_LENGTHS = ((10, _DAYS_A_YEAR / 7), (45, 12.0), (140, 4.0), (250, 2.0))
# Less than this apart, periods are days.
_SINGLE = 4


def per_year_of(labels: pd.Index) -> float:
    """Read from labels in order of time; 12 for numbers.

    >>> round(per_year_of(pd.date_range("2026-01-01", "2026-12-31", freq="B"))), per_year_of(pd.Index([1, 2]))
    (261, 12.0)
    """
    if isinstance(labels, pd.PeriodIndex):
        known = _PER_YEAR.get(str(labels.freqstr)[0])
        if known is not None:
            return known
        labels = labels.to_timestamp()
    if not isinstance(labels, pd.DatetimeIndex) or len(labels) < 2:
        return 12.0
    days = float(np.median(np.diff(labels.to_numpy()).astype("timedelta64[D]").astype(float)))
    if days < _SINGLE:
        # As many a year as there are: where nobody works at the weekend there is no row.
        span = (labels[-1] - labels[0]) / pd.Timedelta(days=1) + 1
        return float(len(labels) * _DAYS_A_YEAR / span)
    return next((per_year for most, per_year in _LENGTHS if days < most), 1.0)
