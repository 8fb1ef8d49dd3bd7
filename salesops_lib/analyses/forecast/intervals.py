"""Conformal intervals of a series, a step ahead or a whole quarter ahead.

The residual of an origin is |log actual − log forecast| where a series is positive, and otherwise
|actual − forecast| over the seasonal change known at that origin. In a frame of many series the
radius is the size of error that a series is known for (`error_size`) times the conformal rank over
all series' latest residuals, each over the size known when it was made. In a frame of few series each
rests on its own residuals. Failing both, the level is refused. Where the latest errors are unlike
any before, the limits reach further (`surprise`).

On the training parts of M1 and tourism, over the seven origins that end a horizon to two and a half
before the end, this covers 73, 78, 81 and 80% at a nominal 80%, and 91, 93, 95 and 94% at 95% (M1
monthly and quarterly, tourism monthly and quarterly); at single origins from 69 to 84%, because all
series of a frame live through the same times. Weights for the recent errors, or fewer of them, change
none of these by more than two points.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import surprise
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.statistics import conformal

Array = NDArray[np.float64]
OWN, POOLED, NONE = "own", "pooled", "none"
# Latest errors of each series that are held against the size that was known before them.
_DRAWS = 24
# Origins that weigh as much as what is usual; origins and series that say what is usual.
_BELIEF, _WELL, _SERIES = 10.0, 6, 5
# Beyond a factor of e⁴⁰ a limit says nothing more, and would soon be no number.
_FARTHEST = 40.0
# Fewest origins of a series that stands alone.
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Target:
    """One thing forecast at each origin: a step, or the sum of some steps.

    Attributes
    ----------
    mean, actual
        (cuts, n) forecast and outcome.
    known_at
        The outcome of the forecast at cut c is known at cuts up to c − `known_at`.
    steps
        How many are summed.
    """

    mean: Array
    actual: Array
    known_at: int
    steps: int = 1


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


def total(origins: Origins, first: int, last: int) -> Target:
    """The sum of the forecasts of steps `first` to `last`, both included, counted from 0."""
    return Target(
        origins.mean[0, :, :, first : last + 1].sum(axis=2),
        origins.actual[:, :, first : last + 1].sum(axis=2),
        last + 1,
        last - first + 1,
    )


def limits(
    target: Target,
    origins: Origins,
    cut: int,
    levels: tuple[float, ...],
    *,
    pool: bool = True,
    size: Sizes | None = None,
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
    size
        What `sizes` makes of the origins and the method, where it is at hand.
    """
    mean = target.mean[cut]
    logged = origins.positive[cut] & (mean > 0)
    score = _scores(target, origins, cut, logged)
    own = np.sum(~np.isnan(score), axis=1)
    lent = pool and len(mean) >= conformal.needed(min(levels))
    made = sizes(origins, pool=lent) if size is None else size
    further = made.further(cut, logged, target.steps)
    if lent:
        typical = np.where(logged[None, :], made.log, made.plain)
    else:
        typical = np.full(origins.scale.shape, np.nan)
    low = np.full((len(levels), len(mean)), np.nan)
    high, source = low.copy(), np.full(low.shape, NONE, dtype="<U6")
    for i, level in enumerate(levels):
        reach = conformal.radius(conformal.newest(score, level), level)
        source[i, ~np.isnan(reach)] = OWN
        shared = _pooled(score, typical[cut:], level, target.known_at)
        source[i, np.isnan(reach) & ~np.isnan(shared)] = POOLED
        reach = np.where(np.isnan(shared), reach, shared) + further
        unit = np.where(logged, 1.0, origins.scale[cut])
        factor = np.exp(np.minimum(np.where(logged, reach, 0.0), _FARTHEST))
        low[i] = np.where(logged, mean / factor, mean - reach * unit)
        high[i] = np.where(logged, mean * factor, mean + reach * unit)
        low[i] = np.where(origins.never_below[cut], np.maximum(low[i], 0.0), low[i])
        low[i] = np.where(np.isnan(reach), np.nan, low[i])
        high[i] = np.where(np.isnan(reach), np.nan, high[i])
    return Limits(low, high, source, own)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of error (cuts, n) that each series is known for at each cut, see `error_size`.

    In logs, and in units of `Origins.scale`; NaN where nothing is known. Likewise the mean of the
    latest errors where they are unlike any before, 0 elsewhere (`surprise.misses`).
    """

    log: Array
    plain: Array
    log_miss: Array
    plain_miss: Array

    def further(self, cut: int, logged: NDArray[np.bool_], steps: int) -> Array:
        """(n,) what is added to the radius of a sum of so many steps."""
        miss = np.where(logged, self.log_miss[cut], steps * self.plain_miss[cut])
        return surprise.FURTHER * np.abs(miss)


def sizes(origins: Origins, method: int = 0, *, pool: bool = True) -> Sizes:
    """Sizes of the errors of one method, at every cut from what was known then.

    Without `pool` only what a series needs that stands alone: how far its latest errors were off.
    """
    misses = surprise.misses(origins, method)
    if not pool:
        nothing = np.full(origins.scale.shape, np.nan)
        return Sizes(nothing, nothing, *misses)
    mean, actual = origins.mean[method], origins.actual
    sound = (mean > 0) & (actual > 0) & origins.positive[:, :, None]
    ratio = np.log(np.where(sound, actual, 1.0)) - np.log(np.where(sound, mean, 1.0))
    level = np.maximum(mean.mean(axis=2), 0.0)
    swing = np.divide(origins.scale, level, out=np.full_like(level, np.nan), where=level > 0)
    return Sizes(
        # In logs a change by once the level is a factor of two: a forecast near nothing has a wide
        # interval, not an endless one.
        error_size(np.where(sound, np.abs(ratio), np.nan), np.log1p(swing)),
        error_size(np.abs(actual - mean) / origins.scale[:, :, None], np.ones_like(swing)),
        *misses,
    )


def error_size(score: Array, swing: Array) -> Array:
    """Size of error (cuts, n) of each series from residuals `score` (cuts, n, horizon).

    The mean of all residuals known at the cut. Each is divided by what is usual so many steps ahead, so
    that errors a few steps ahead speak for later ones. With few origins the size is drawn towards what
    is usual for a series with such a `swing` (cuts, n) from season to season.
    """
    cuts, _n, horizon = score.shape
    known = ~np.isnan(score)
    total, count = np.zeros_like(score), np.zeros_like(score)
    for j in range(min(horizon, cuts - 1)):
        # The outcome of step j of the forecast at cut c is known at cuts up to c − j − 1. Summed
        # from the oldest on, so that nothing later is in it.
        there = known[::-1, :, j]
        total[: cuts - j - 1, :, j] = np.cumsum(np.where(there, score[::-1, :, j], 0.0), axis=0)[
            : cuts - j - 1
        ][::-1]
        count[: cuts - j - 1, :, j] = np.cumsum(there, axis=0)[: cuts - j - 1][::-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # medians and means of nothing known
        mean = np.where(count > 0, total / count, np.nan)
        usual = np.nanmedian(mean / swing[:, :, None], axis=1)
        usual = np.where(usual > 0, usual, np.nan)[:, None, :]
        there_too = (count > 0) & ~np.isnan(usual)
        weight = np.where(there_too, count, 0.0).sum(axis=2)
        own = np.where(there_too, total / usual, 0.0).sum(axis=2) / weight
        # Of the series that are known well, or as well as any.
        origins = count[:, :, 0]
        best = origins.max(axis=1, keepdims=True)
        well = (origins > 0) & (origins >= np.minimum(best, _WELL))
        typical = np.nanmedian(np.where(well, own / swing, np.nan), axis=1)
    typical = np.where(well.sum(axis=1) >= _SERIES, typical, np.nan)
    expected = swing * typical[:, None]
    trust = origins / (origins + _BELIEF)
    drawn = trust * np.where(np.isnan(own), 0.0, own) + (1.0 - trust) * expected
    # Where too few series say what is usual, one or two own errors say too little to stand alone.
    alone = np.where(origins >= _LEAST, own, np.nan)
    out: Array = np.where(np.isnan(expected), alone, np.where(np.isnan(own), expected, drawn))
    return out


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


def _pooled(score: Array, typical: Array, level: float, known_at: int) -> Array:
    """Radius (n,) of each series: its size of error times the rank over all series' latest errors.

    Parameters
    ----------
    score
        (n, origins) residuals known at the cut, newest first.
    typical
        (cuts, n) size of error known at the cut itself, the one before, and so on.

    Needs as many series as the level needs residuals: those of one series are not independent
    witnesses of how another one errs.
    """
    then = typical[known_at : known_at + score.shape[1]].T[:, :_DRAWS]
    latest = score[:, :_DRAWS]
    enough = ~np.isnan(latest) & (then > 0)
    if int(enough.any(axis=1).sum()) < conformal.needed(level):
        return np.full(len(score), np.nan)
    relative = latest[enough] / then[enough]
    # A series of which nothing is known errs, for all we know, as the frame's middle one does.
    now = np.where(np.isnan(typical[0]), np.nanmedian(typical[0]), typical[0])
    radius: Array = float(conformal.radius(relative[None, :], level)[0]) * now
    return radius
