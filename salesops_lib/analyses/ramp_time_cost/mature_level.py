"""What a month of a ramped rep is worth: the level that the learning curve climbs to."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import logsumexp

from salesops_lib.analyses.ramp_time_cost.learning_curve import Design, season_columns
from salesops_lib.analyses.ramp_time_cost.spells import Spells
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.learning_curve import GrowthFit

# The largest log of a float.
_LARGEST = 709.0


def mature_levels(
    fit: GrowthFit, design: Design, spells: Spells
) -> tuple[Estimate, pd.DataFrame, float]:
    """Expected month of a ramped rep by channel, and over the reps of the last twelve months; and the log
    half-width that the latter's interval would have were the curve known.

    At the trend and market of the last twelve months: what ramp takes away, and what hires will sell,
    counts at what a month is worth now, not in the middle of the history that the climb is read from.
    Over the months of a year. Where few are seen ramped, how high the climb ends is told by how steep
    it is: the limits carry both errors, on the log scale (MOVER).
    """
    rows = spells.rows
    t = float(stats.t.ppf(0.5 + fit.confidence / 2, max(fit.n_units - 1, 1)))
    base = design.now
    season = _season_lift(fit, design)
    found = []
    mean_row = np.zeros_like(base)
    # A rep who changed channel counts in each, and a channel that was closed in none.
    counts = rows.groupby("channel")["rep"].nunique()
    now = rows[spells.recent].groupby("channel")["rep"].nunique().reindex(counts.index).fillna(0.0)
    for channel in design.channels:
        own = (rows["channel"] == channel).to_numpy()
        row = base.copy()
        row[: len(design.channels)] = design.matrix[own, : len(design.channels)][0]
        weight = now[channel] / now.sum()
        mean_row += weight * row
        found.append((channel, int(counts[channel]), *_level(fit, row, season, t)))
    table = pd.DataFrame(found, columns=["channel", "reps", "value", "low", "high"])
    # The company's level is the mean over reps of their channels' levels, not of their logs.
    weights = (now / now.sum()).reindex(design.channels).to_numpy()
    value = float((table["value"] * weights).sum())
    spread = math.sqrt(max(float(mean_row @ fit.beta_cov @ mean_row), 0.0))
    low, high = _with_curve(fit, t * spread)
    level = Estimate(
        value,
        value * _exp(-low),
        value * _exp(high),
        fit.confidence,
        "money/month",
        fit.n_units,
        "learning curve, cluster-robust by rep",
    )
    return level, table, t * spread


def _with_curve(fit: GrowthFit, half: float) -> tuple[float, float]:
    """Distances on the log scale of a level's limits, with how it moves with the curve."""
    down, up = min(*fit.level_shift, 0.0), max(*fit.level_shift, 0.0)
    return math.hypot(half, down), math.hypot(half, up)


def _season_lift(fit: GrowthFit, design: Design) -> float:
    """Log of the mean over months of e^season, since an average year is a mean of months, those in which the
    company is closed among them."""
    at, closed = season_columns(design.names), math.log(design.open_share)
    if not at:
        return closed
    effects = np.append(fit.beta[at], -fit.beta[at].sum())
    return closed + float(logsumexp(effects, b=1 / len(effects)))


def _level(fit: GrowthFit, row: np.ndarray, lift: float, t: float) -> tuple[float, float, float]:
    centre = float(row @ fit.beta) + lift
    low, high = _with_curve(fit, t * math.sqrt(max(float(row @ fit.beta_cov @ row), 0.0)))
    return _exp(centre), _exp(centre - low), _exp(centre + high)


def _exp(log: float) -> float:
    """What next to no sales tell may have no upper limit."""
    return math.exp(log) if log < _LARGEST else math.inf
