"""What training can close: as money a year, and as a share of the gap where that can be given."""

from __future__ import annotations

import math

import numpy as np

from salesops_lib.analyses.channel_gap.overlap import Usable
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.fieller import fieller
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.picked import Picked


def share(parts: Sequential, picked: Picked, n: int, *, data_rows: int) -> tuple[Estimate, float]:
    """Practice over gap, and how many more rows would bound its interval.

    The denominator of a 1.1x gap is close to nothing, so the delta interval of the ratio is wrong
    and its estimate far off; Fieller's set is right, and says when it is unbounded.
    """
    practice, gap = parts.second_total, parts.gap
    found = fieller(
        practice.value, gap.value, practice.variance(), gap.variance(), practice.covariance(gap),
        picked.quantile(min(practice.df, gap.df)),
    )  # fmt: skip
    estimate = Estimate(
        found.value, found.low, found.high, picked.confidence, "share", n, "Fieller, t"
    )
    return estimate, data_rows * (found.more - 1)


def yearly(
    rows: Rows, parts: Sequential, kept: Usable, rows_per_year: float, picked: Picked, n: int
) -> Estimate:
    """The practice part in money a year of the channel to be trained."""
    part = parts.second_total
    low, high = picked.interval(part)
    confidence = picked.confidence
    if not kept.practice or rows.scale == "share":
        return Estimate(math.nan, confidence=confidence, unit="money/year", n=n, method="no money")
    if rows.scale == "money":
        return Estimate(
            part.value, low, high, confidence, "money/year", n, "profile over reps, t"
        ).scaled(rows_per_year)
    # On the log scale practice multiplies what b's reps book now.
    now = float(rows.cluster_means(rows.amount)[~rows.in_a].mean()) * rows_per_year
    value, low, high = (now * float(np.expm1(x)) for x in (part.value, low, high))
    return Estimate(value, low, high, confidence, "money/year", n, "profile on logs, t")
