"""What training can close: as money a year, and as a share of the gap where that can be given."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from salesops_lib.analyses.channel_gap.overlap import Usable
from salesops_lib.analyses.channel_gap.rows import Rows
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.bilinear import Part
from salesops_lib.statistics.fieller import fieller
from salesops_lib.statistics.oaxaca_sequential import Sequential
from salesops_lib.statistics.picked import Picked


def share(parts: Sequential, picked: Picked, n: int, *, data_rows: int) -> tuple[Estimate, float]:
    """Practice over gap, and how many more rows would bound its interval.

    The denominator of a 1.1x gap is close to nothing, so the delta interval of the ratio is wrong
    and its estimate far off; Fieller's set is right, and says when it is unbounded. It holds the
    shares r at which the interval of practice − r gap has 0 in it: so it has 0 in it where that of the
    practice part has, and an end where that of the gap has not.
    """
    practice, gap = parts.second_total, parts.gap.as_product()
    found = fieller(
        practice.value, gap.value, practice.variance(), gap.variance(), practice.covariance(gap),
        picked.quantile(gap.df),
    )  # fmt: skip
    low, high = found.low, found.high
    if found.bounded:
        # By its profile a product of two guesses reaches further to one side than to the other.
        low, high = (
            _end(practice, gap, picked, found.value, end) for end in (found.low, found.high)
        )
    estimate = Estimate(found.value, low, high, picked.confidence, "share", n, "Fieller, profile")
    return estimate, data_rows * (found.more - 1)


def _end(practice: Part, gap: Part, picked: Picked, value: float, guess: float) -> float:
    """The ratio at which practice − ratio × gap is no longer told from 0, on the side of `guess`."""

    def inside(ratio: float) -> float:
        low, high = picked.interval(practice.plus(gap, 1.0, -ratio))
        return min(high, -low)

    step = guess - value
    if step == 0:
        return value
    while inside(value + step) > 0:
        step *= 2
    return float(optimize.brentq(inside, value, value + step, xtol=1e-12 * abs(step)))


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
