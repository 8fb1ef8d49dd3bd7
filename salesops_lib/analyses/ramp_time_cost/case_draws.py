"""What a training case draws: errors of the ramp, lengths of it, and what a month of full production is worth."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from salesops_lib.analyses.ramp_time_cost.cost import rests_on_level, with_curve_known
from salesops_lib.analyses.ramp_time_cost.result import RampTime, split_draws
from salesops_lib.estimate import Estimate

DRAWS = 4000


def normals(rng: np.random.Generator) -> np.ndarray:
    """Normal draws, the middle of each of as many equal slices: what rests on one of them alone has the
    limits that it was given, and "up to $682K" here is not $694K on another page."""
    return np.asarray(stats.norm.ppf((rng.permutation(DRAWS) + 0.5) / DRAWS))


def time_draws(ramp: RampTime, noise: np.ndarray) -> np.ndarray:
    months = ramp.median_months
    if not math.isfinite(months.value):
        return np.full(DRAWS, math.inf)
    return split_draws(months, noise)


def contribution_draws(
    ramp: RampTime, worth: Estimate, noise: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Contribution in every draw; where it is the mature level's, it moves with the curve."""
    if ramp.pace is None or not rests_on_level(ramp, worth):
        return draws_within(worth, rng)
    known = draws_within(with_curve_known(worth, ramp.pace), rng)
    return known * ramp.pace.levels(noise, ramp.confidence)


def draws_within(worth: Estimate, rng: np.random.Generator) -> np.ndarray:
    """Alike in logs; where it may be nothing, of which no log is, alike around the value and never below it."""
    if not (worth.low < worth.high and math.isfinite(worth.high)):
        return np.full(DRAWS, worth.value)
    if worth.low <= 0:
        return np.maximum(split_draws(worth, normals(rng)), 0.0)
    z = stats.norm.ppf(0.5 + worth.confidence / 2)
    return worth.value * np.exp(normals(rng) * math.log(worth.high / worth.low) / (2 * z))
