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
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from salesops_lib.errors import DataError, NotEnoughData

Floats = NDArray[np.float64]

# lognormal: constant spread of log values; the others: variance of a value ∝ mean^power.
NOISE_POWER = {"lognormal": 2.0, "proportional": 2.0, "count-like": 1.0, "constant": 0.0}
_RATIOS = np.concatenate([[0.0], np.geomspace(1e-3, 30.0, 36)])


@dataclass(frozen=True, eq=False)
class Repeated:
    """Values of units over time, sorted by unit.

    Attributes
    ----------
    value, time, exposure
        One entry a row; time > 0; exposure is the part of the period observed.
    design
        Columns of log-linear nuisance effects (an intercept, groups, season), full column rank.
    starts
        First row of each unit.
    """

    value: Floats
    time: Floats
    exposure: Floats
    design: Floats
    starts: NDArray[np.intp]

    @classmethod
    def build(
        cls,
        value: ArrayLike,
        time: ArrayLike,
        unit: ArrayLike,
        *,
        design: ArrayLike | None = None,
        exposure: ArrayLike | None = None,
    ) -> Repeated:
        codes = np.unique(np.asarray(unit), return_inverse=True)[1]
        order = np.argsort(codes, kind="stable")
        y = np.asarray(value, dtype=float)[order]
        x = np.ones((len(y), 1)) if design is None else np.asarray(design, dtype=float)[order]
        e = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)[order]
        t = np.asarray(time, dtype=float)[order]
        if not (t > 0).all():
            raise DataError("time must be above 0", column="time")
        if y.sum() <= 0:
            raise NotEnoughData("every value is 0")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        return cls(y, t, e, x, starts)

    @property
    def n_units(self) -> int:
        return len(self.starts)

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        return np.diff(np.append(self.starts, len(self.value)))

    def by_unit(self, rows: Floats) -> Floats:
        """Sums of `rows` within units."""
        return np.asarray(np.add.reduceat(rows, self.starts, axis=0))


@dataclass(frozen=True, eq=False)
class _State:
    """The nuisance fitted at one u: whitened residuals and what the score needs."""

    beta: Floats
    ratio: float
    dispersion: float
    log_likelihood: float
    residual: Floats
    direction: Floats
    gain: Floats  # λ / (1 + λ b'b) of each unit
    bread: Floats  # inverse of X'V⁻¹X, dispersion left out


@dataclass(frozen=True, slots=True)
class Score:
    """The efficient score at one u: its t-like statistic (positive where u should be larger)."""

    u: float
    statistic: float
    adjusted: float
    df: float
    information: float


@dataclass(frozen=True, eq=False)
class GrowthFit:
    """A fitted growth curve.

    Attributes
    ----------
    u, u_low, u_high
        e^(−k) and its limits, from 0 (no growth phase) to 1 (no ceiling in sight).
    beta, beta_cov
        Nuisance effects on the log of the mean value, and their cluster-robust covariance.
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
    law = _choose_noise(data) if noise == "auto" else noise
    profile = _Profile(data, law)
    grid = np.concatenate([[0.0], np.exp(-1 / np.geomspace(0.18, longest, 11))])
    scores = [profile.score(float(u)) for u in grid]
    crit = _critical(scores, confidence)
    u = profile.crossing(scores, 0.0, "statistic")
    low = profile.crossing(scores, crit, "adjusted")
    high = profile.crossing(scores, -crit, "adjusted")
    inside = min(u, float(grid[-1]))
    final, at = profile.score(inside), profile.state(inside)
    # Levels are means of values, also where the curve was fitted to logs.
    means = _Profile(data, "proportional") if profile.log_scale else profile
    level = means.state(inside) if profile.log_scale else at
    return GrowthFit(
        data=data,
        u=u,
        u_low=min(low, u),
        u_high=max(high, u),
        confidence=confidence,
        noise=law,
        beta=level.beta,
        beta_cov=means.beta_covariance(level),
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
    return _Profile(data, noise).score(u)


def fit_saturating(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Least squares a and k of y = a(1 − e^(−kx)), one curve without units.

    a is linear given k, so only k is searched, on a grid and then refined: there is no starting
    value that can diverge (NIST's BoxBOD does from [1, 1]).

    >>> a, k = fit_saturating([1, 2, 3, 5, 7, 10], [109, 149, 149, 191, 213, 224])
    >>> round(a, 5), round(k, 8)
    (213.80941, 0.54723748)
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


class _Profile:
    """Fits of the nuisance and score tests at given u, each warm-started from the last."""

    def __init__(self, data: Repeated, noise: str) -> None:
        self.data = data
        self.log_scale = noise == "lognormal"
        self.power = NOISE_POWER[noise]
        self._last: Floats | None = None
        if self.log_scale:
            if not (data.value > 0).all():
                raise DataError("lognormal noise needs values above 0", column="value")
            self._log_rate = np.log(data.value / data.exposure)
        self._root = np.sqrt(data.exposure)

    def state(self, u: float) -> _State:
        data = self.data
        log_g = np.log(-np.expm1(data.time * math.log(u))) if u > 0 else np.zeros_like(data.time)
        beta = self._start(log_g) if self._last is None else self._last
        fitted, step = self._at(beta, log_g), np.inf
        for _ in range(30):
            change, _ = self._step(fitted)
            step = float(np.abs(change).max())
            beta = beta + change * min(1.0, 1.0 / step if step > 0 else 1.0)
            fitted = self._at(beta, log_g)
            if step < 2e-5:
                break
        self._last = beta
        r, b, ratio, dispersion, log_likelihood = fitted
        gain = ratio / (1 + ratio * data.by_unit(b**2))
        bread = self._step(fitted)[1]
        return _State(beta, ratio, dispersion, log_likelihood, r, b, gain, bread)

    def score(self, u: float) -> Score:
        data, at = self.data, self.state(u)
        d = self._rows(at, _log_derivative(data.time, u)[:, None])
        scores, information = self._efficient(at, d)
        return _studentised(u, scores[:, 0], information[:, 0])

    def crossing(self, scores: list[Score], level: float, which: str) -> float:
        """Largest stretch of u not past `level`: where the statistic, falling in u, crosses it.

        0 where it starts below, 1 where it never falls below.
        """
        values = np.array([getattr(one, which) - level for one in scores])
        if values[0] <= 0:
            return 0.0
        if values[-1] > 0:
            return 1.0
        below = (
            int(np.flatnonzero(values > 0)[-1]) + 1 if level <= 0 else int((values <= 0).argmax())
        )
        left, right = scores[below - 1], scores[below]
        for _ in range(6):
            a, b = getattr(left, which) - level, getattr(right, which) - level
            cut = min(max(a / (a - b), 0.1), 0.9)
            lo, hi = _log_constant(left.u), _log_constant(right.u)
            middle = self.score(math.exp(-1 / math.exp(lo + cut * (hi - lo))))
            value = getattr(middle, which) - level
            if value > 0:
                left = middle
            else:
                right = middle
            if abs(value) < 2e-3:
                return middle.u
        return middle.u

    def beta_covariance(self, at: _State) -> Floats:
        x = self._rows(at, self.data.design)
        scores = self.data.by_unit(x * at.residual[:, None])
        b_r = self.data.by_unit(at.direction * at.residual)
        scores -= at.gain[:, None] * self.data.by_unit(x * at.direction[:, None]) * b_r[:, None]
        n = self.data.n_units
        return at.bread @ (scores.T @ scores) @ at.bread * n / max(n - x.shape[1], 1)

    def log_rate_error(self, u: float) -> float:
        """Standard error of log k from the slope of the score statistic; NaN at the ends."""
        if not 0 < u < 1:
            return math.nan
        k, h = -math.log(u), 0.1
        up, down = (self.score(math.exp(-k * math.exp(s))).statistic for s in (-h, h))
        slope = (down - up) / (2 * h)
        return 1 / slope if slope > 0 else math.nan

    def lack_of_fit(self, u: float) -> float:
        """Robust score test of free levels at times 1, 2, 3 and 4–6 against the curve."""
        data, at = self.data, self.state(u)
        t = data.time
        bins = (t <= 1, (t > 1) & (t <= 2), (t > 2) & (t <= 3), (t > 3) & (t <= 6))
        columns = [np.asarray(m, dtype=np.float64) for m in bins]
        kept = [column for column in columns if (data.by_unit(column) > 0).sum() >= 5]
        if len(kept) < 2:
            return math.nan
        extra = self._rows(at, np.stack(kept, axis=1))
        d = self._rows(at, _log_derivative(t, u)[:, None])
        scores, _ = self._efficient(at, extra, also=d)
        total, q = scores.sum(axis=0), scores.shape[1]
        centred = scores - total / data.n_units
        chi2 = float(total @ np.linalg.pinv(centred.T @ centred) @ total)
        df = data.n_units - q
        return (
            float(stats.f.sf(chi2 * df / (q * (data.n_units - 1)), q, df)) if df > 0 else math.nan
        )

    def _rows(self, at: _State, columns: Floats) -> Floats:
        return columns * at.direction[:, None]

    def _efficient(
        self, at: _State, d: Floats, also: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Each unit's score for the columns d, nuisance projected out, and its information."""
        data, b = self.data, at.direction
        x = self._rows(at, data.design)
        x = x if also is None else np.hstack([x, also])
        whole = np.hstack([x, d])
        b_whole = data.by_unit(whole * b[:, None])
        cross = whole.T @ whole - (b_whole * at.gain[:, None]).T @ b_whole
        p = x.shape[1]
        gamma = np.linalg.lstsq(cross[:p, :p], cross[:p, p:], rcond=None)[0]
        clean = d - x @ gamma
        b_clean = data.by_unit(clean * b[:, None])
        b_r = data.by_unit(b * at.residual)
        scores = data.by_unit(clean * at.residual[:, None]) - (at.gain * b_r)[:, None] * b_clean
        information = data.by_unit(clean**2) - at.gain[:, None] * b_clean**2
        return scores, information

    def _start(self, log_g: Floats) -> Floats:
        data = self.data
        rate = data.value / data.exposure / np.exp(log_g)
        floor = max(float(np.median(rate)) * 0.1, 1e-9 * float(rate.max()))
        return np.linalg.lstsq(data.design, np.log(np.maximum(rate, floor)), rcond=None)[0]

    def _at(self, beta: Floats, log_g: Floats) -> tuple[Floats, Floats, float, float, float]:
        """Whitened residual, random-effect direction, variance ratio, dispersion, likelihood."""
        data = self.data
        log_mean = data.design @ beta + log_g
        if self.log_scale:
            r, b = self._root * (self._log_rate - log_mean), self._root
            jacobian = np.log(self._root / data.value)
        else:
            mean = np.exp(np.clip(log_mean, -60, 60))
            w = self._root * mean ** (-self.power / 2)
            r, b = w * (data.value / data.exposure - mean), w * mean
            jacobian = np.log(w / data.exposure)
        ratio, dispersion, log_likelihood = _variances(data, r, b)
        return r, b, ratio, dispersion, log_likelihood + float(jacobian.sum())

    def _step(self, fitted: tuple[Floats, Floats, float, float, float]) -> tuple[Floats, Floats]:
        """Gauss–Newton step of the nuisance and its bread."""
        data = self.data
        r, b, ratio, _, _ = fitted
        x = data.design * b[:, None]
        gain = ratio / (1 + ratio * data.by_unit(b**2))
        b_x, b_r = data.by_unit(x * b[:, None]), data.by_unit(b * r)
        bread = _inverse(x.T @ x - (b_x * gain[:, None]).T @ b_x)
        return bread @ (x.T @ r - b_x.T @ (gain * b_r)), bread


def _variances(data: Repeated, r: Floats, b: Floats) -> tuple[float, float, float]:
    """Ratio of variances between and within, and dispersion, by marginal normal likelihood."""
    b_b, b_r, total, n = data.by_unit(b**2), data.by_unit(b * r), float(r @ r), len(r)

    def likelihood(ratios: Floats) -> tuple[Floats, Floats]:
        grown = 1 + np.outer(ratios, b_b)
        phi = (total - (ratios[:, None] / grown * b_r**2).sum(axis=1)) / n
        phi = np.maximum(phi, 1e-300)
        return -0.5 * (n * np.log(2 * math.pi * phi) + n + np.log(grown).sum(axis=1)), phi

    scale = n / float(b_b.sum())
    ratios = _RATIOS * scale
    best = int(likelihood(ratios)[0].argmax())
    fine = np.linspace(ratios[max(best - 1, 0)], ratios[min(best + 1, len(ratios) - 1)], 9)
    values, phi = likelihood(fine)
    top = int(values.argmax())
    return float(fine[top]), float(phi[top]), float(values[top])


def _inverse(matrix: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrix))


def _choose_noise(data: Repeated) -> str:
    """The noise law of highest marginal likelihood at a first curve.

    A constant spread of logs is only trusted where the spread does not change along the curve:
    otherwise the mean of logs is not the log of means and the curve would be bent.
    """
    first = _Profile(data, "proportional")
    grid = np.exp(-1 / np.geomspace(0.3, float(data.time.max()), 6))
    u = first.crossing([first.score(0.0), *(first.score(float(g)) for g in grid)], 0.0, "statistic")
    u = min(u, float(grid[-1]))
    found = {}
    for law in NOISE_POWER:
        if law == "lognormal" and not (data.value > 0).all():
            continue
        at = _Profile(data, law).state(u)
        if law == "lognormal" and _spread_changes(data, at, u):
            continue
        found[law] = at.log_likelihood
    return max(found, key=lambda law: found[law])


def _spread_changes(data: Repeated, at: _State, u: float) -> bool:
    """Whether squared residuals follow the curve: a unit-clustered regression at 5%."""
    growth = np.log(-np.expm1(data.time * math.log(u))) if u > 0 else -1.0 * (data.time <= 1)
    squares = at.residual**2
    x = growth - growth.mean()
    per_unit = data.by_unit(x * (squares - squares.mean()))
    error = math.sqrt(float((per_unit**2).sum()))
    return error > 0 and abs(float(per_unit.sum())) > 1.96 * error


def _studentised(u: float, scores: Floats, information: Floats) -> Score:
    """t-like statistic of summed unit scores: leverage-corrected, then skewness-corrected."""
    total, known = float(scores.sum()), float(information.sum())
    if known <= 0:
        return Score(u, 0.0, 0.0, 1.0, 0.0)
    weight = information / known
    df = max(1 / float((weight**2).sum()) - 1, 1.0)
    centred = (scores - weight * total) / np.sqrt(np.maximum(1 - weight, 1e-3))
    variance = float((centred**2).sum())
    if variance <= 0:
        return Score(u, 0.0, 0.0, df, known)
    t = total / math.sqrt(variance)
    skew = float((centred**3).sum()) / variance**1.5
    adjusted = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
    return Score(u, t, adjusted, df, known)


def _critical(scores: list[Score], confidence: float) -> float:
    """t limit with the degrees of freedom where the curve is best determined."""
    nearest = min(scores, key=lambda one: abs(one.statistic))
    return float(stats.t.ppf(0.5 + confidence / 2, nearest.df))


def _log_derivative(time: Floats, u: float) -> Floats:
    """d log g / du = −t u^(t−1) / (1 − u^t); at u = 0 only the first time feels it."""
    if u <= 0:
        return -1.0 * (time <= 1)
    return -time * u ** (time - 1) / -np.expm1(time * math.log(u))


def _log_constant(u: float) -> float:
    return math.log(-1 / math.log(u)) if u > 0 else math.log(0.1)
