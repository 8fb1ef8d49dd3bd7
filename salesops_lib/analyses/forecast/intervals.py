"""Conformal intervals of a series, a step ahead or a whole quarter ahead.

The residual of an origin is |log actual − log forecast| where a series is positive, and otherwise
|actual − forecast| over the seasonal change known at that origin. In a frame of many series
an interval is never narrower than the errors of all of them, each over its series' own past, say;
a series with too few residuals of its own for a level rests on those alone. Failing both, the level
is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.statistics import conformal

Array = NDArray[np.float64]
OWN, POOLED, NONE = "own", "pooled", "none"
# Latest errors of each series that are held against those before them, and fewest of the latter.
_DRAWS, _LEAST = 12, 3


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
        reach = conformal.radius(conformal.newest(score, level), level)
        source[i, ~np.isnan(reach)] = OWN
        if pool:
            shared = _pooled(score, level, target.known_at)
            lacking = np.isnan(reach) & ~np.isnan(shared)
            source[i, lacking] = POOLED
            # Errors some steps ahead overlap, so a series' own are fewer than they look: its
            # interval is never narrower than what became of all series' errors says.
            reach = np.fmax(reach, shared)
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


def _pooled(score: Array, level: float, known_at: int) -> Array:
    """Radius of each series from what all series' errors turned out to be, each to its own past.

    A past error over the mean of the series' errors known when it was made is one draw of how far
    the next one lies from those known now. Needs as many series as the level needs residuals:
    those of one series are not independent witnesses of how another one errs.
    """
    there = ~np.isnan(score)
    n = there.sum(axis=1)
    # Mean and number of the errors in each column and all older ones.
    older_sum = np.cumsum(np.where(there, score, 0.0)[:, ::-1], axis=1)[:, ::-1]
    older_n = np.cumsum(there[:, ::-1], axis=1)[:, ::-1]
    draws = min(_DRAWS, score.shape[1] - known_at)
    if draws < 1:
        return np.full(len(score), np.nan)
    known_sum = older_sum[:, known_at : known_at + draws]
    known_n = older_n[:, known_at : known_at + draws]
    enough = (known_n >= _LEAST) & there[:, :draws] & (known_sum > 0)
    if int(enough.any(axis=1).sum()) < conformal.needed(level):
        return np.full(len(score), np.nan)
    relative = (score[:, :draws] * known_n)[enough] / known_sum[enough]
    radius = float(conformal.radius(relative[None, :], level)[0])
    usable = (n >= _LEAST) & (older_sum[:, 0] > 0)
    typical = np.where(usable, older_sum[:, 0] / np.maximum(n, 1), np.nan)
    # A series without residuals of its own errs, for all we know, as the frame's middle one does.
    return radius * np.where(usable, typical, np.nanmedian(typical))
