"""Conformal intervals of a series, a step ahead or a whole quarter ahead.

The residual of an origin is |log actual − log forecast| where a series is positive, and otherwise
|actual − forecast| over the seasonal change known at that origin. A series with too few residuals
of its own for a level borrows those of the whole frame, each divided by its series' scale, where
there are enough series; failing that, the level is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.statistics import conformal

Array = NDArray[np.float64]
OWN, POOLED, NONE = "own", "pooled", "none"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing forecast at each origin: a step, or the sum of some steps.

    Attributes
    ----------
    mean, actual
        (cuts, n) forecast and outcome.
    known_at
        The outcome of the forecast at cut c is known at cuts up to c − `known_at`.
    """

    mean: Array
    actual: Array
    known_at: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits (levels, n) of one target at one origin, and where each came from (levels, n)."""

    low: Array
    high: Array
    source: NDArray[np.str_]
    residuals: NDArray[np.int64]


def step(origins: Origins, j: int, method: int = 0) -> Target:
    """The forecast of step `j`, counted from 0."""
    return Target(origins.mean[method, :, :, j], origins.actual[:, :, j], j + 1)


def total(origins: Origins, first: int, last: int, method: int = 0) -> Target:
    """The sum of the forecasts of steps `first` to `last`, both included, counted from 0."""
    return Target(
        origins.mean[method, :, :, first : last + 1].sum(axis=2),
        origins.actual[:, :, first : last + 1].sum(axis=2),
        last + 1,
    )


def limits(
    target: Target, origins: Origins, cut: int, levels: tuple[float, ...], *, pool: bool = True
) -> Limits:
    """Intervals around the forecast of `target` made at `cut`, from what was known at that cut.

    Parameters
    ----------
    cut
        0 is the forecast of the future; at a cut c of the backtest only outcomes known then count.
    levels
        Nominal coverages, between 0 and 1.
    pool
        Whether a series may borrow the residuals of the others.
    """
    mean = target.mean[cut]
    logged = origins.positive[cut] & (mean > 0)
    score = _scores(target, origins, cut, logged)
    own = np.sum(~np.isnan(score), axis=1)
    low = np.full((len(levels), len(mean)), np.nan)
    high, source = low.copy(), np.full(low.shape, NONE, dtype="<U6")
    for i, level in enumerate(levels):
        reach = conformal.radius(score, level)
        source[i, ~np.isnan(reach)] = OWN
        if pool:
            borrowed = _pooled(score, level)
            lacking = np.isnan(reach) & ~np.isnan(borrowed)
            reach = np.where(lacking, borrowed, reach)
            source[i, lacking] = POOLED
        unit = np.where(logged, 1.0, origins.scale[cut])
        low[i] = np.where(logged, mean * np.exp(-np.where(logged, reach, 0.0)), mean - reach * unit)
        high[i] = np.where(logged, mean * np.exp(np.where(logged, reach, 0.0)), mean + reach * unit)
        low[i] = np.where(np.isnan(reach), np.nan, low[i])
        high[i] = np.where(np.isnan(reach), np.nan, high[i])
    return Limits(low, high, source, own)


def residuals(target: Target, origins: Origins, cut: int) -> Array:
    """Signed residuals (n, origins) known at `cut`, as factors' logs or in units of `scale`."""
    logged = origins.positive[cut] & (target.mean[cut] > 0)
    return _signed(target, origins, cut, logged)


def _scores(target: Target, origins: Origins, cut: int, logged: NDArray[np.bool_]) -> Array:
    return np.abs(_signed(target, origins, cut, logged))


def _signed(target: Target, origins: Origins, cut: int, logged: NDArray[np.bool_]) -> Array:
    past = slice(cut + target.known_at, None)
    mean, actual, scale = target.mean[past], target.actual[past], origins.scale[past]
    sound = logged[None, :] & (mean > 0) & (actual > 0)
    ratio = np.log(np.where(sound, actual, 1.0)) - np.log(np.where(sound, mean, 1.0))
    plain = np.where(logged[None, :], np.nan, (actual - mean) / scale)
    signed: Array = np.where(sound, ratio, plain).T
    return signed


def _pooled(score: Array, level: float) -> Array:
    """Radius for each series from every series' scores over its own typical score.

    Needs as many series as the level needs residuals: residuals of one series are not independent
    witnesses of how another one errs.
    """
    n = np.sum(~np.isnan(score), axis=1)
    usable = n >= 3
    if int(usable.sum()) < conformal.needed(level):
        return np.full(len(score), np.nan)
    typical = np.full(len(score), np.nan)
    typical[usable] = np.nanmean(score[usable], axis=1)
    typical[~(typical > 0)] = np.nan
    relative = (score[usable] / typical[usable, None]).ravel()
    radius = float(conformal.radius(relative[None, :], level)[0])
    # A series without residuals of its own errs, for all we know, as the frame's middle one does.
    middle = float(np.nanmedian(typical)) if np.isfinite(typical).any() else np.nan
    return radius * np.where(np.isnan(typical), middle, typical)
