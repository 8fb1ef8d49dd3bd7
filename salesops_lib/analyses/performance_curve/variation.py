"""How much a month varies about a rep's level: the squared coefficient of variation.

There are two estimates. Moments hold whatever the distribution, but are imprecise where deals are
heavy-tailed. The log variance of months with a sale is several times more precise where these are lognormal,
and off where they are not (a sum of several deals is not quite); it is used only where the two agree. Where
the deals of each month are counted, a month is a sum of them: see `deal_luck`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from salesops_lib.analyses.performance_curve.deal_luck import squared_variation_of_deals
from salesops_lib.analyses.performance_curve.panel import Panel, has_calendar
from salesops_lib.statistics.shrunken_ratios import shrunk_inverse
from salesops_lib.statistics.skewness import well_behaved

Floats = NDArray[np.float64]

_FEWEST = 5
_SWEEPS = 50
# Standard errors, and a margin for what a jackknife of heavy tails does not see.
_AGREES, _MARGIN = 2.0, 0.1


def squared_variation(
    panel: Panel,
    rate: Floats,
    left_out: Floats,
    level: Floats,
    quantiles: Floats,
    weight: Floats | None = None,
) -> Floats:
    """At a few posterior quantiles.

    Parameters
    ----------
    rate
        Value of a full month, the calendar still in it: logs take it out themselves, and count the
        degrees of freedom that it takes. Divided by estimated factors, a dozen months of two dozen
        reps would look 3% less variable than they are, and gaps between reps 3% larger.
    left_out
        Without the calendar as the other reps have it, for the moments, which a heavy month would
        otherwise pull down by its own weight in the calendar.
    level
        Each rep's mean.
    weight
        (rows,) how much of a month each row is, calendar and covariates in it. Where the deals of a month
        are known they are what it varies with: a large month varies less for its size and counts for
        more of the mean. Taken as all alike, months of which one in three is four times the others made
        means look 2.2 times as noisy as they are.
    """
    if panel.deals is not None:
        each = np.ones(len(rate)) if weight is None else weight
        return _of_deals(panel, left_out, float(level.mean()), quantiles, each)
    by_moments, error = _moments(panel, left_out, level)
    by_logs = _logs(panel, rate)
    if by_logs is not None:
        sigma2, share, freedom = by_logs
        value = max(float(np.exp(sigma2)) / share - 1, 1e-12)
        if _agree(value, by_moments, error):
            drawn = sigma2 * freedom / stats.chi2.ppf(1 - quantiles, freedom)
            return np.asarray(np.maximum(np.exp(drawn) / share - 1, 1e-12), dtype=np.float64)
    return np.asarray(by_moments * np.exp(error * stats.norm.ppf(quantiles)), dtype=np.float64)


def _of_deals(
    panel: Panel, left_out: Floats, usual: float, quantiles: Floats, weight: Floats
) -> Floats:
    """Of the average rep, where the deals of each month were counted."""
    worked = np.bincount(panel.rep, weights=weight, minlength=panel.n_reps).astype(np.float64)
    often = _often(panel, worked)
    # A heavy deal raises its rep's own level, and over that it would look like less. How often a
    # rep sells does not know how large the deals were.
    value, error = _moments(panel, left_out, often * usual, weight, often)
    told = squared_variation_of_deals(panel, weight)
    if told is not None and _agree(told[0], value, error):
        value, error = told
    return np.asarray(value * np.exp(error * stats.norm.ppf(quantiles)), dtype=np.float64)


def deals_behind(panel: Panel, weight: Floats) -> Floats:
    """(rep,) how many times as much each rep's mean rests on as the average rep's of as many months.

    Where bookings are what deals add up to, a month varies by one over its number of deals: reps with
    few deals vary more for their size than reps with many. Taking them as alike shrinks stars too much
    and the bottom too little: of two dozen reps with three deals a month, moving the middle is then a
    fifth too low. 1 for all where deals are not known. The counts are themselves luck in part, so they
    are drawn towards the usual.

    Parameters
    ----------
    weight
        (rep,) months behind each mean, calendar and covariates in it.
    """
    return np.ones(panel.n_reps) if panel.deals is None else _often(panel, weight)


def idle_share(panel: Panel, weight: Floats) -> float:
    """Share of months of weight 1 without a sale.

    A month of weight w, of deals that come by chance, has none with that share to the power of w. Where half of
    the rows are months of a fifth of the usual weight, the share of rows says that months of weight 1 are
    idle as often, and that the others hardly vary: reps of one such month were taken to be known exactly.

    Parameters
    ----------
    weight
        (rows,) how much of a month each row is, calendar and covariates in it.
    """
    idle = float((panel.value <= 0).mean())
    if panel.deals is None or idle == 1:
        return idle
    # Months of no weight are always idle: where these alone are, no share of the others is.
    if idle <= (weight <= 0).mean():
        return 0.0

    def too_many(log_share: float) -> float:
        return float(np.exp(log_share * weight).mean()) - idle

    low = -1.0
    while too_many(low) > 0:
        low *= 2
    return float(np.exp(optimize.brentq(too_many, low, 0.0)))


def _often(panel: Panel, weight: Floats) -> Floats:
    """(rep,) how often each rep wins a deal, the average rep's being 1, drawn towards that: so that one over
    it is what it is expected to be, as a month varies by that."""
    won = np.bincount(panel.rep, weights=panel.deals, minlength=panel.n_reps).astype(np.float64)
    return np.asarray(
        1 / shrunk_inverse(won, weight * (won.sum() / weight.sum())), dtype=np.float64
    )


def lognormal_months(panel: Panel, rate: Floats, sigma2: float) -> bool:
    """Whether months all positive vary as lognormal ones of log variance `sigma2` would: their
    expected value may then be read off the logs."""
    level = np.bincount(panel.rep, weights=rate, minlength=panel.n_reps) / panel.n_periods
    by_moments, error = _moments(panel, rate, level)
    return _agree(float(np.expm1(sigma2)), by_moments, error)


def _agree(value: float, by_moments: float, error: float) -> bool:
    return abs(np.log(value / by_moments)) <= _AGREES * error + _MARGIN


def _logs(panel: Panel, rate: Floats) -> tuple[float, float, float] | None:
    """Log variance within reps of months with a sale, their share, degrees of freedom; None where
    the logs are skewed or there are returns."""
    if (panel.value < 0).any():
        return None
    positive = panel.value > 0
    rep, seen = _codes(panel.rep[positive])
    logs = np.log(rate[positive])
    freedom = float(len(logs) - len(seen))
    left = logs - (np.bincount(rep, weights=logs) / seen)[rep]
    if has_calendar(len(panel.value), len(panel.periods)):
        period, met = _codes(panel.period[positive])
        freedom -= len(met) - 1
        left = _both_removed(left, rep, seen, period, met)
    if freedom < _FEWEST:
        return None
    # A rep with one month leaves nothing, which says nothing about the shape.
    told = left[seen[rep] > 1]
    if not told.std() > 1e-12 or not well_behaved(float(stats.skew(told)), freedom):
        return None
    return float((left**2).sum()) / freedom, float(positive.mean()), freedom


def _codes(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels as 0, 1, …, and how often each occurs."""
    _, codes, count = np.unique(labels, return_inverse=True, return_counts=True)
    return codes.astype(np.int64), count.astype(np.int64)


def _both_removed(
    values: Floats,
    rep: NDArray[np.int64],
    seen: NDArray[np.int64],
    period: NDArray[np.int64],
    met: NDArray[np.int64],
) -> Floats:
    """Residuals of the two-way fit, by sweeping out the one's means and the other's in turn."""
    for _ in range(_SWEEPS):
        by_period = np.bincount(period, weights=values) / met
        values = values - by_period[period]
        by_rep = np.bincount(rep, weights=values) / seen
        values = values - by_rep[rep]
        if np.abs(by_rep).max() < 1e-9:
            break
    return values


def _moments(
    panel: Panel,
    rate: Floats,
    level: Floats,
    weight: Floats | None = None,
    often: Floats | float = 1.0,
) -> tuple[float, float]:
    """Ratio of pooled variance to pooled squared mean, and its relative error by the jackknife. With
    `weight` the variance is that of a month of weight 1, which falls with the weight; with `often` it is
    that of a rep who sells as often as the average one, as it falls with how often."""
    size = panel.n_periods
    each = np.ones(len(rate)) if weight is None else weight
    total, squares = (
        np.bincount(panel.rep, weights=one, minlength=panel.n_reps) for one in (each, each**2)
    )
    mean = np.bincount(panel.rep, weights=each * rate, minlength=panel.n_reps) / total
    away = (each * (rate - mean[panel.rep])) ** 2
    many = size > 1
    degrees = np.where(many, size - 1, 1)
    # What is left of months that vary by one over their weight: all their weight but the mean's.
    left = np.where(many, total * (1 - squares / total**2), 1.0)
    variance = np.bincount(panel.rep, weights=away, minlength=panel.n_reps) / left
    # Reps enter relative to their level (half-way to the common one, so that a near-zero mean
    # does not blow up), because the variance grows with the level.
    scale = 0.5 * (np.maximum(level, 0) + level.mean())
    top = np.where(many, degrees * variance, 0) / scale**2
    bottom = np.where(many, degrees * (mean**2 - variance / total) / often, 0) / scale**2
    whole = float(top.sum() / max(bottom.sum(), 1e-12))
    without = (top.sum() - top[many]) / np.maximum(bottom.sum() - bottom[many], 1e-12)
    logs = np.log(np.maximum(without, 1e-12))
    n = int(many.sum())
    return max(whole, 1e-12), float(np.sqrt((n - 1) / n * ((logs - logs.mean()) ** 2).sum()))
