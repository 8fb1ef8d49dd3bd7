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
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from salesops_lib.errors import NotEnoughData
from salesops_lib.statistics.growth_score import NOISE_POWER, Profile, Score, choose_noise
from salesops_lib.statistics.repeated import Floats, Repeated

__all__ = [
    "NOISE_POWER",
    "GrowthFit",
    "Repeated",
    "fit_growth",
    "fit_saturating",
    "score_at",
    "shortfall",
    "time_to",
]


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
        Change of the log of the mean ceiling where u is at its limits: a slower climb goes with a
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

    @property
    def n_units(self) -> int:
        return self.data.n_units

    def share(self, time: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """g at `time` with its limits (exact: g falls as u rises)."""
        t = np.asarray(time, dtype=float)
        return (1 - self.u**t, 1 - self.u_high**t, 1 - self.u_low**t)

    def time_to(self, target: float) -> tuple[float, float, float]:
        """Time at which g reaches `target`, with limits; 0 where it starts there."""
        low, value, high = (time_to(u, target) for u in (self.u_low, self.u, self.u_high))
        return value, low, high

    def shortfall(self, horizon: int) -> tuple[float, float, float]:
        """Sum of 1 − g over times 1 … horizon, with limits."""
        low, value, high = (shortfall(u, horizon) for u in (self.u_low, self.u, self.u_high))
        return value, low, high


def time_to(u: float, target: float) -> float:
    """Time at which 1 − u^t reaches `target`.

    >>> round(time_to(0.1 ** 0.25, 0.9), 9)
    4.0
    """
    if u <= 0:
        return 0.0
    return math.inf if u >= 1 else math.log1p(-target) / math.log(u)


def shortfall(u: float, horizon: int) -> float:
    """Σ u^t over t = 1 … horizon: full periods lost on the way to the ceiling.

    >>> shortfall(0.5, 2)
    0.75
    """
    return float(horizon) if u >= 1 else u * (1 - u**horizon) / (1 - u)


def fit_growth(
    data: Repeated, *, confidence: float = 0.90, noise: str = "auto", slowest: float | None = None
) -> GrowthFit:
    """Fit a(1 − e^(−kt)) with a random asymptote per unit.

    Parameters
    ----------
    noise
        `auto` takes the law with the highest marginal likelihood; the interval is robust to it.
    slowest
        Longest time constant 1/k that is tried (three times the longest time by default); above
        it the ceiling cannot be told from a straight line and the upper limit is open.

    Raises
    ------
    NotEnoughData
        If fewer than three units are seen growing.
    """
    if data.n_units < 3:
        raise NotEnoughData(f"{data.n_units} units are too few for a growth curve")
    longest = slowest or 3.0 * float(data.time.max())
    law = choose_noise(data) if noise == "auto" else noise
    profile = Profile(data, law)
    grid = np.concatenate([[0.0], np.exp(-1 / np.geomspace(0.18, longest, 11))])
    scores = [profile.score(float(u)) for u in grid]
    crit = _critical(scores, confidence)
    u = profile.root(scores)
    low, high = profile.limits(scores, u, crit)
    inside = min(u, float(grid[-1]))
    final, at = profile.score(inside), profile.state(inside)
    # Levels are means of values, also where the curve was fitted to logs.
    means = Profile(data, "proportional") if profile.log_scale else profile
    level = means.state(inside) if profile.log_scale else at
    u_low, u_high = min(low, u), max(high, u)
    shift = tuple(
        float((data.design @ (means.state(min(end, float(grid[-1]))).beta - level.beta)).mean())
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
        between=at.ratio * at.dispersion,
        within=at.dispersion,
        log_likelihood=at.log_likelihood,
        df=final.df,
        log_rate_error=profile.log_rate_error(u),
        p_none=float(stats.t.sf(scores[0].adjusted, scores[0].df)),
        p_shape=profile.lack_of_fit(u) if 0 < u < grid[-1] else math.nan,
    )


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
