"""How much months vary that are sums of deals which were counted: how many there are, and how large.

A month's squared variation is (kappa - 1 + phi) / deals a month: kappa is a deal's mean square over its
squared mean, phi the variance of counts over their mean, 1 where they are Poisson's. With few heavy deals
the variance of months themselves is the work of one or two of them, and most often too low: at .7 deals a
month of log sd 1.3 it was an eighth below the truth, so that 400 reps seemed to differ by .29 instead of
.25 and the middle was worth 1.7 times the truth. Logs of deals tell kappa better.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.performance_curve.panel import Panel, has_calendar
from salesops_lib.statistics.log_variance import log_variance, skewness_of_single
from salesops_lib.statistics.poisson_means import two_way_factors
from salesops_lib.statistics.skewness import well_behaved

Floats = NDArray[np.float64]
# Degrees of freedom.
_FEWEST = 20


def squared_variation_of_deals(panel: Panel, weight: Floats) -> tuple[float, float] | None:
    """Squared variation of the average rep's month, and its relative error; None where deals are too few,
    their logs are skewed, or months have bookings without deals or deals without bookings.

    Parameters
    ----------
    weight
        (rows,) how much of a month each row is, calendar and covariates in it.
    """
    deals = panel.deals
    if deals is None or (deals != np.round(deals)).any():
        return None
    won = deals > 0
    if (panel.value < 0).any() or ((panel.value > 0) != won).any():
        return None
    count = deals[won].astype(np.int64)
    mean = panel.value[won] / count
    found = log_variance(mean, count, panel.rep[won])
    skewness, seen = skewness_of_single(mean, count, panel.rep[won])
    if found is None or found[1] < _FEWEST or not well_behaved(skewness, seen):
        return None
    sigma2, freedom = found
    phi, behind = _dispersion(panel, deals, weight)
    kappa = float(np.exp(sigma2))
    whole = kappa - 1 + phi
    error = np.hypot(kappa * sigma2 * np.sqrt(2 / freedom), phi * np.sqrt(2 / behind)) / whole
    often = float(deals.sum() / weight.sum())
    return whole / often, float(error)


def _dispersion(panel: Panel, deals: Floats, weight: Floats) -> tuple[float, float]:
    """Variance of a rep's monthly counts over what they are expected to be, and degrees of freedom."""
    factors, freedom = np.ones(len(panel.periods)), float(len(deals) - panel.n_reps)
    if has_calendar(len(deals), len(panel.periods)):
        factors = two_way_factors(deals, weight, panel.rep, panel.period)
        freedom -= len(panel.periods) - 1
    weight = weight * factors[panel.period]
    level = np.bincount(panel.rep, weights=deals) / np.bincount(panel.rep, weights=weight)
    expected = weight * level[panel.rep]
    there = expected > 0
    freedom = max(freedom - float((~there).sum()), 1.0)
    return float(((deals - expected)[there] ** 2 / expected[there]).sum()) / freedom, freedom
