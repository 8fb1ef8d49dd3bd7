"""Growth of units towards their own ceilings, a(1 − e^(−kt)), from noisy repeated values.

The model is multiplicative: unit i's expected value at time t is

    exposure × exp(x'b) × (1 + asymptote effect of i) × g(t),      g(t) = 1 − e^(−kt) = 1 − u^t

with u = e^(−k). A random asymptote is linear in the unit's effect, so the marginal normal
likelihood is exact and each unit's covariance is a rank-one term plus noise: everything below is
sums over units. u = 0 (k infinite, at the ceiling from the first time on) is an ordinary point of
the scale, so "no growth phase" can be found and has an interval.

Interval for u: the set of u that a robust efficient-score test does not reject (Boos 1992), the
nuisance refitted at each u, the units' scores giving the variance (so neither the noise law nor
equal variances need hold), leverage corrected, referred to t, and corrected for skewness (Hall
1992). A Wald interval for k fails where k is large, which is where a short ramp lies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.growth_delay import STEP, start_of
from salesops_lib.statistics.growth_score import NOISE_POWER, Profile, Score, choose_noise
from salesops_lib.statistics.repeated import Floats, Repeated

__all__ = [
    "NOISE_POWER",
    "GrowthFit",
    "Repeated",
    "fit_delayed_growth",
    "fit_growth",
    "fit_saturating",
    "over_curves",
    "score_at",
    "shortfall",
    "shortfalls",
    "time_to",
]

# A start this unlikely to be no later than the curve's is late. No start is later than so long.
LATE, LONGEST = 0.01, 18.0
# Units that a curve takes.
_FEWEST = 3


@dataclass(frozen=True, eq=False)
class GrowthFit:
    """A fitted growth curve.

    Attributes
    ----------
    u, u_low, u_high
        e^(−k) and its limits, from 0 (no growth phase) to 1 (no ceiling in sight).
    beta, beta_cov
        Nuisance effects on the log of the mean value, and their cluster-robust covariance.
    level_shift
        Change of the log of the ceiling told where u is at its limits: a slower climb goes with a
        higher ceiling.
    noise
        Which noise law the weights follow; see `NOISE_POWER`.
    between, within
        Variance of the units' asymptotes relative to their mean, and of the noise.
    df, n_units
        Degrees of freedom of the interval, units in the fit.
    p_none
        p of "no growth phase" (u = 0), one-sided.
    p_shape
        p of lack of fit of the exponential shape in the early times; NaN where untestable.
    p_late
        p of a start no later than the curve's, one-sided; NaN where there is no growth.
    delay
        Time before growth begins; `data` and `u` are of the times after it.
    others
        u and delay of the curves that the limits hold besides: with a delay, those where it is at its
        limits; without one that is sure, those with the likeliest and with a standard error less and
        more.
    """

    data: Repeated = field(repr=False)
    u: float
    u_low: float
    u_high: float
    confidence: float
    noise: str
    beta: Floats
    beta_cov: Floats
    level_shift: tuple[float, float]
    between: float
    within: float
    log_likelihood: float
    df: float
    log_rate_error: float
    p_none: float
    p_shape: float
    p_late: float
    delay: float
    others: tuple[tuple[float, float], ...] = ()

    @property
    def n_units(self) -> int:
        return self.data.n_units

    def share(self, time: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """g at `time` with its limits (g falls as u rises)."""
        t = np.asarray(time, dtype=float)
        value, low, high = self._limits(
            lambda u, delay: 1 - u ** np.maximum(t - delay, 0.0), rising=False
        )
        return value, np.maximum(low, 0.0), np.minimum(high, 1.0)

    def time_to(self, target: float) -> tuple[float, float, float]:
        """Time at which g reaches `target`, with limits; 0 where it starts there."""
        value, low, high = self._limits(lambda u, delay: np.asarray(time_to(u, target, delay)))
        return float(value), max(float(low), 0.0), float(high)

    def shortfall(self, horizon: int) -> tuple[float, float, float]:
        """Sum of 1 − g over times 1 … horizon, with limits."""
        value, low, high = self._limits(lambda u, delay: np.asarray(shortfall(u, horizon, delay)))
        return float(value), max(float(low), 0.0), min(float(high), float(horizon))

    def _limits(
        self, of: Callable[[float, float], Floats], *, rising: bool = True
    ) -> tuple[Floats, Floats, Floats]:
        """A function that rises or falls with u, and its limits: those of u, and how far it moves with the
        delay (MOVER)."""
        ends = (self.u, self.u_low, self.u_high)
        return over_curves(of, ends, self.delay, self.others, rising=rising)


def over_curves(
    of: Callable[[float, float], Floats],
    u: tuple[float, float, float],
    delay: float,
    others: Sequence[tuple[float, float]],
    *,
    rising: bool,
) -> tuple[Floats, Floats, Floats]:
    """A function of u and delay that rises or falls with u, and its limits.

    Parameters
    ----------
    u
        Its value and limits.
    others
        u and delay of other curves, as in `GrowthFit`. How far the function moves with them is added
        to the distance of each limit (MOVER).
    """
    value, low, high = (of(one, delay) for one in u)
    if not rising:
        low, high = high, low
    if not others:
        return value, low, high
    moved = [of(*one) for one in others]
    with np.errstate(invalid="ignore"):
        less = np.hypot(value - low, value - np.minimum.reduce([value, *moved]))
        more = np.hypot(high - value, np.maximum.reduce([value, *moved]) - value)
        # From an infinite value there is no distance.
        endless = np.isinf(value)
        return value, np.where(endless, low, value - less), np.where(endless, high, value + more)


def time_to(u: float, target: float, delay: float = 0.0) -> float:
    """Time at which 1 − u^(t − delay) reaches `target`.

    >>> round(time_to(0.1 ** 0.25, 0.9), 9)
    4.0
    """
    if u <= 0:
        return delay
    return math.inf if u >= 1 else delay + math.log1p(-target) / math.log(u)


def shortfall(u: float, horizon: int, delay: float = 0.0) -> float:
    """Σ u^(t − delay) over t = 1 … horizon, each at most 1: full periods lost on the way to the ceiling.

    >>> shortfall(0.5, 2)
    0.75
    >>> shortfall(0.5, 3, delay=1)
    1.75
    """
    return float(shortfalls(u, horizon, delay))


def shortfalls(u: ArrayLike, horizon: int, delay: ArrayLike = 0.0) -> Floats:
    """`shortfall` of every pair of u and delay."""
    u, delay = np.asarray(u, dtype=float), np.asarray(delay, dtype=float)
    before = np.minimum(np.floor(delay), horizon)
    never = (u >= 1) | (delay >= horizon)
    climbs = np.where(never, 0.0, u)
    first = climbs ** np.maximum(before + 1 - delay, 0.0)
    area = before + first * (1 - climbs ** (horizon - before)) / (1 - climbs)
    return np.asarray(np.where(never, float(horizon), area), dtype=np.float64)


def fit_delayed_growth(
    data: Repeated,
    *,
    confidence: float = 0.90,
    noise: str = "auto",
    slowest: float | None = None,
    at: ArrayLike | None = None,
) -> GrowthFit:
    """As `fit_growth`, with a delay where units surely start later than a curve through the origin can
    tell; where they may, with limits that hold such curves."""
    fit = fit_growth(data, confidence=confidence, noise=noise, slowest=slowest, at=at)
    # Where there may be no growth at all, there is no start of it.
    if fit.u_low <= 0:
        return fit
    times = float(data.time.max())
    longest = min(LONGEST, times / 2)
    delay, error = start_of(data, fit.beta, longest=longest, slowest=slowest or 3 * times)
    if delay < STEP or not _told_after(data, delay):
        return fit

    surely = fit.p_late < LATE
    # Whether nothing is sold in the first half month, or half a month's worth of the climb is, most
    # histories cannot tell: without a delay the limits hold the curve with one, give or take its error.
    reach = error
    if surely:
        reach *= float(stats.t.ppf(0.5 + confidence / 2, max(data.n_units - 1, 1)))
    ends = [one for one in (max(delay - reach, 0.0), delay + reach) if _told_after(data, one)]
    if surely:
        fit = fit_growth(
            data, confidence=confidence, noise=noise, slowest=slowest, delay=delay, at=at
        )
    others = ends if surely else [delay, *ends]
    return replace(
        fit, others=tuple((_climb(data.after(one), noise, slowest).u, one) for one in others)
    )


def _told_after(data: Repeated, delay: float) -> bool:
    """Whether the values after a delay tell all effects."""
    later = data.after(delay)
    columns = data.design.shape[1]
    return later.n_units >= _FEWEST and int(np.linalg.matrix_rank(later.design)) == columns


def fit_growth(
    data: Repeated,
    *,
    confidence: float = 0.90,
    noise: str = "auto",
    slowest: float | None = None,
    delay: float = 0.0,
    at: ArrayLike | None = None,
) -> GrowthFit:
    """Fit a(1 − e^(−kt)) with a random asymptote per unit.

    Parameters
    ----------
    delay
        Time before growth begins: values up to it are left out, and later times count from it.
    noise
        `auto` takes the law with the highest marginal likelihood; the interval is robust to it.
    slowest
        Longest time constant 1/k that is tried (three times the longest time by default); above
        it the ceiling cannot be told from a straight line and the upper limit is open.
    at
        Row of the design whose level `level_shift` is about; by default the mean row.

    Raises
    ------
    NotEnoughData
        If fewer than three units are seen growing.
    """
    data = data.after(delay)
    if data.n_units < _FEWEST:
        raise NotEnoughData(f"{data.n_units} units are too few for a growth curve")
    law, profile, grid, scores, u = _climb(data, noise, slowest)
    low, high = profile.limits(scores, u, _critical(scores, confidence))
    inside = min(u, float(grid[-1]))
    final, best = profile.score(inside), profile.state(inside)
    # Levels are means of values, also where the curve was fitted to logs.
    means = Profile(data, "proportional") if profile.log_scale else profile
    level = means.state(inside) if profile.log_scale else best
    u_low, u_high = min(low, u), max(high, u)
    row = data.design.mean(axis=0) if at is None else np.asarray(at, dtype=float)
    shift = tuple(
        float(row @ (means.state(min(end, float(grid[-1]))).beta - level.beta))
        for end in (u_low, u_high)
    )
    return GrowthFit(
        data=data,
        u=u,
        u_low=u_low,
        u_high=u_high,
        confidence=confidence,
        noise=law,
        beta=level.beta,
        beta_cov=means.beta_covariance(level),
        level_shift=(shift[0], shift[1]),
        between=best.ratio * best.dispersion,
        within=best.dispersion,
        log_likelihood=best.log_likelihood,
        df=final.df,
        log_rate_error=profile.log_rate_error(u),
        p_none=float(stats.t.sf(scores[0].adjusted, scores[0].df)),
        p_shape=profile.lack_of_fit(u) if 0 < u < grid[-1] else math.nan,
        p_late=profile.late_start(inside) if u > 0 else math.nan,
        delay=delay,
    )


class _Climb(NamedTuple):
    """The u that fits best, with the noise law and the grid of u whose scores say so."""

    law: str
    profile: Profile
    grid: Floats
    scores: list[Score]
    u: float


def _climb(data: Repeated, noise: str, slowest: float | None) -> _Climb:
    law = choose_noise(data) if noise == "auto" else noise
    profile = Profile(data, law)
    longest = slowest or 3.0 * float(data.time.max())
    grid = np.concatenate([[0.0], np.exp(-1 / np.geomspace(0.18, longest, 11))])
    scores = [profile.score(float(u)) for u in grid]
    return _Climb(law, profile, grid, scores, profile.root(scores))


def score_at(data: Repeated, noise: str, u: float) -> Score:
    """The score test of one u, the nuisance refitted."""
    return Profile(data, noise).score(u)


def fit_saturating(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Least squares a and k of y = a(1 − e^(−kx)), one curve without units.

    a is linear given k, so only k is searched, on a grid and then refined: there is no starting
    value that can diverge (NIST's BoxBOD does from [1, 1]).

    >>> a, k = fit_saturating([1, 2, 3, 5, 7, 10], [109, 149, 149, 191, 213, 224])
    >>> round(a, 5), round(k, 7)
    (213.80941, 0.5472375)
    """
    from scipy.optimize import minimize_scalar

    t, v = np.asarray(x, dtype=float), np.asarray(y, dtype=float)

    def ceiling(log_k: float) -> float:
        g = -np.expm1(-math.exp(log_k) * t)
        return float(g @ v / (g @ g))

    def loss(log_k: float) -> float:
        return float(((v - ceiling(log_k) * -np.expm1(-math.exp(log_k) * t)) ** 2).sum())

    grid = np.log(1 / np.geomspace(t[t > 0].min() / 20, t.max() * 1000, 200))
    best = int(np.argmin([loss(one) for one in grid]))
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(loss, bounds=sorted(around), method="bounded", options={"xatol": 1e-13})
    return ceiling(float(found.x)), math.exp(float(found.x))


def _critical(scores: list[Score], confidence: float) -> float:
    """t limit with the degrees of freedom where the curve is best determined."""
    nearest = min(scores, key=lambda one: abs(one.statistic))
    return float(stats.t.ppf(0.5 + confidence / 2, nearest.df))
