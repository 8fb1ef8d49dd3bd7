"""Efficient-score tests of a growth curve's speed, the nuisance refitted at each.

Each unit's covariance is a rank-one term (its asymptote) plus noise, so the marginal normal
likelihood, the generalised least squares step and the score are sums over units. The nuisance is
found by Gauss–Newton steps that start where the last fit ended.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from salesops_lib.errors import DataError
from salesops_lib.statistics.repeated import Floats, Repeated

# lognormal: constant spread of log values; the others: variance of a value ∝ mean^power.
NOISE_POWER = {"lognormal": 2.0, "proportional": 2.0, "count-like": 1.0, "constant": 0.0}
# Units that are enough to tell one noise law from another.
_ENOUGH_UNITS = 400
# Below this share of the largest, what a direction varies by is rounding.
_SPANNED = 1e-9
_RATIOS = np.concatenate([[0.0], np.geomspace(1e-3, 30.0, 36)])


@dataclass(frozen=True, eq=False)
class State:
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
    log_likelihood: float = math.nan


class Profile:
    """Fits of the nuisance and score tests at given u, each warm-started from the last."""

    def __init__(self, data: Repeated, noise: str) -> None:
        self.data = data
        self.log_scale = noise == "lognormal"
        self.power = NOISE_POWER[noise]
        self._last: State | None = None
        if self.log_scale:
            if not (data.value > 0).all():
                raise DataError("lognormal noise needs values above 0", column="value")
            self._log_rate = np.log(data.value / data.exposure)
        self._root = np.sqrt(data.exposure)

    def state(self, u: float) -> State:
        """The nuisance at `u`: Gauss–Newton steps with the bread and variance ratio of the last
        state, renewed where they do not settle."""
        data = self.data
        log_g = np.log(-np.expm1(data.time * math.log(u))) if u > 0 else np.zeros_like(data.time)
        beta = self._start(log_g) if self._last is None else self._last.beta
        r, b, slope = self._whitened(beta, log_g)
        ratio, bread = (self._last.ratio, self._last.bread) if self._last else (math.nan, None)
        for turn in range(40):
            if bread is None or turn % 8 == 7:
                ratio = _variances(data, r, b)[0]
                bread = self._bread(b, ratio)
            change = bread @ (data.design.T @ (b * self._pulled(r, b, ratio)))
            step = float(np.abs(change).max())
            beta = beta + change * min(1.0, 1.0 / step if step > 0 else 1.0)
            r, b, slope = self._whitened(beta, log_g)
            if step < 2e-5 and turn > 0:
                break
        ratio, dispersion, log_likelihood = _variances(data, r, b)
        self._last = State(
            beta=beta,
            ratio=ratio,
            dispersion=dispersion,
            log_likelihood=log_likelihood + float(np.log(slope).sum()),
            residual=r,
            direction=b,
            gain=ratio / (1 + ratio * data.by_unit(b**2)),
            bread=self._bread(b, ratio),
        )
        return self._last

    def score(self, u: float) -> Score:
        data, at = self.data, self.state(u)
        d = self._rows(at, _log_derivative(data.time, u)[:, None])
        scores, information = self._scores(at, self._clean(at, d))
        found = _studentised(u, scores[:, 0], information[:, 0])
        return replace(found, log_likelihood=at.log_likelihood)

    def root(self, scores: list[Score]) -> float:
        """u at which the score is 0: the falling crossing of highest likelihood; 0 or 1 where
        the score says that u should be smaller, or larger, than all that were tried."""
        values = [one.statistic for one in scores]
        fits = [one.log_likelihood for one in scores]
        found = {i: max(fits[i], fits[i + 1]) for i in _falls(values)}
        if values[0] <= 0:
            found[-1] = fits[0]
        if values[-1] > 0:
            found[len(values)] = fits[-1]
        best = max(found, key=lambda i: found[i])
        if best == -1:
            return 0.0
        return 1.0 if best == len(values) else self._between(scores, best, 0.0, "statistic")

    def limits(self, scores: list[Score], root: float, critical: float) -> tuple[float, float]:
        """The stretch of u around the root that the adjusted score does not reject."""
        above = [i for i, one in enumerate(scores) if one.u <= root and one.adjusted > critical]
        below = [i for i, one in enumerate(scores) if one.u >= root and one.adjusted <= -critical]
        if not above:
            low = 0.0
        elif above[-1] == len(scores) - 1:
            low = scores[-1].u
        else:
            low = self._between(scores, above[-1], critical, "adjusted")
        if not below:
            return low, 1.0
        if below[0] == 0:
            return low, 0.0
        return low, self._between(scores, below[0] - 1, -critical, "adjusted")

    def _between(self, scores: list[Score], place: int, level: float, which: str) -> float:
        """Where the statistic falls through `level` between two scores next to each other."""
        left, right = scores[place], scores[place + 1]
        for turn in range(16):
            a, b = getattr(left, which) - level, getattr(right, which) - level
            # Secant steps, and every third a halving in case the statistic jumps.
            cut = 0.5 if turn % 3 == 2 or a <= b else min(max(a / (a - b), 0.05), 0.95)
            lo, hi = _log_constant(left.u), _log_constant(right.u)
            middle = self.score(math.exp(-1 / math.exp(lo + cut * (hi - lo))))
            value = getattr(middle, which) - level
            if value > 0:
                left = middle
            else:
                right = middle
            if abs(value) < 2e-3 or hi - lo < 2e-4:
                break
        return middle.u

    def beta_covariance(self, at: State) -> Floats:
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
        extra = self._clean(at, self._rows(at, np.stack(kept, axis=1)))
        d = self._clean(at, self._rows(at, _log_derivative(t, u)[:, None]))
        known = float((d[:, 0] * self._pulled_rows(at, d)[:, 0]).sum())
        extra = extra - d @ (d.T @ self._pulled_rows(at, extra)) / known
        scores, _ = self._scores(at, extra)
        total = scores.sum(axis=0)
        centred = scores - total / data.n_units
        spread, axes = np.linalg.eigh(centred.T @ centred)
        # Where no row is later, the levels of all times are the level itself: one says nothing of its own.
        free = spread > _SPANNED * spread[-1]
        q = int(free.sum())
        chi2 = float(((total @ axes[:, free]) ** 2 / spread[free]).sum())
        df = data.n_units - q
        return (
            float(stats.f.sf(chi2 * df / (q * (data.n_units - 1)), q, df))
            if q > 0 and df > 0
            else math.nan
        )

    def late_start(self, u: float) -> float:
        """p of a start no later than the curve's, one-sided: a score test of a delay at the curve."""
        at = self.state(u)
        d = self._clean(at, self._rows(at, _log_derivative(self.data.time, u)[:, None]))
        delay = self._clean(at, self._rows(at, _log_delay(self.data.time, u)[:, None]))
        known = float((d[:, 0] * self._pulled_rows(at, d)[:, 0]).sum())
        if known > 0:
            delay = delay - d @ (d.T @ self._pulled_rows(at, delay)) / known
        scores, information = self._scores(at, delay)
        found = _studentised(u, scores[:, 0], information[:, 0])
        return float(stats.t.sf(found.adjusted, found.df))

    def _rows(self, at: State, columns: Floats) -> Floats:
        return columns * at.direction[:, None]

    def _pulled(self, r: Floats, b: Floats, ratio: float) -> Floats:
        """V⁻¹r, dispersion left out."""
        gain = ratio / (1 + ratio * self.data.by_unit(b**2))
        return r - np.repeat(gain * self.data.by_unit(b * r), self.data.sizes) * b

    def _pulled_rows(self, at: State, columns: Floats) -> Floats:
        """V⁻¹ of each column at a fitted state."""
        sums = at.gain[:, None] * self.data.by_unit(columns * at.direction[:, None])
        return columns - np.repeat(sums, self.data.sizes, axis=0) * at.direction[:, None]

    def _clean(self, at: State, d: Floats) -> Floats:
        """Columns with the nuisance projected out."""
        design, b = self.data.design, at.direction[:, None]
        return d - b * (design @ (at.bread @ (design.T @ (b * self._pulled_rows(at, d)))))

    def _scores(self, at: State, clean: Floats) -> tuple[Floats, Floats]:
        """Each unit's scores for clean columns, and their information."""
        data, b = self.data, at.direction
        b_clean = data.by_unit(clean * b[:, None])
        b_r = data.by_unit(b * at.residual)
        scores = data.by_unit(clean * at.residual[:, None]) - (at.gain * b_r)[:, None] * b_clean
        information = data.by_unit(clean**2) - at.gain[:, None] * b_clean**2
        return scores, information

    def _start(self, log_g: Floats) -> Floats:
        data = self.data
        rate = data.value / data.exposure / np.exp(log_g)
        floor = max(float(np.median(rate)) * 0.1, 1e-9 * float(rate.max()))
        x = data.design
        return _inverse(x.T @ x) @ (x.T @ np.log(np.maximum(rate, floor)))

    def _whitened(self, beta: Floats, log_g: Floats) -> tuple[Floats, Floats, Floats]:
        """Whitened residual, random-effect direction, and d residual / d value."""
        data = self.data
        log_mean = data.design @ beta + log_g
        if self.log_scale:
            r = self._root * (self._log_rate - log_mean)
            return r, self._root, self._root / data.value
        mean = np.exp(np.clip(log_mean, -60, 60))
        w = self._root * _inverse_root(mean, self.power)
        return w * (data.value / data.exposure - mean), w * mean, w / data.exposure

    def _bread(self, b: Floats, ratio: float) -> Floats:
        """Inverse of X'V⁻¹X, dispersion left out."""
        data = self.data
        x = data.design * b[:, None]
        gain = ratio / (1 + ratio * data.by_unit(b**2))
        b_x = data.by_unit(x * b[:, None])
        return _inverse(x.T @ x - (b_x * gain[:, None]).T @ b_x)


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


def _falls(values: list[float]) -> list[int]:
    """Places whose value is above 0 and the next not."""
    return [i for i in range(len(values) - 1) if values[i] > 0 >= values[i + 1]]


def _inverse_root(mean: Floats, power: float) -> Floats:
    """mean^(−power / 2), without the general power where a root or a quotient will do."""
    if power == 0:
        return np.ones_like(mean)
    return 1 / mean if power == 2 else 1 / np.sqrt(mean) if power == 1 else mean ** (-power / 2)


def _inverse(matrix: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrix))


def choose_noise(data: Repeated) -> str:
    """The noise law of highest marginal likelihood at a first curve.

    A constant spread of logs is only trusted where the spread does not change along the curve:
    otherwise the mean of logs is not the log of means and the curve would be bent.
    """
    data = data.every(math.ceil(data.n_units / _ENOUGH_UNITS))
    first = Profile(data, "proportional")
    grid = np.exp(-1 / np.geomspace(0.3, float(data.time.max()), 6))
    u = first.root([first.score(0.0), *(first.score(float(g)) for g in grid)])
    u = min(u, float(grid[-1]))
    found = {}
    for law in NOISE_POWER:
        if law == "lognormal" and not (data.value > 0).all():
            continue
        at = Profile(data, law).state(u)
        if law == "lognormal" and _spread_changes(data, at, u):
            continue
        found[law] = at.log_likelihood
    return max(found, key=lambda law: found[law])


def _spread_changes(data: Repeated, at: State, u: float) -> bool:
    """Whether squared residuals follow the curve: a unit-clustered regression at 1%."""
    growth = np.log(-np.expm1(data.time * math.log(u))) if u > 0 else -1.0 * (data.time <= 1)
    squares = at.residual**2
    x = growth - growth.mean()
    per_unit = data.by_unit(x * (squares - squares.mean()))
    error = math.sqrt(float((per_unit**2).sum()))
    return error > 0 and abs(float(per_unit.sum())) > 2.58 * error


def _studentised(u: float, scores: Floats, information: Floats) -> Score:
    """t-like statistic of summed unit scores, their spread as the jackknife over units has it (CR3,
    Bell & McCaffrey 2002), then corrected for skewness (Hall 1992)."""
    total, known = float(scores.sum()), float(information.sum())
    if known <= 0 or not np.any(scores):
        return Score(u, 0.0, 0.0, 1.0, max(known, 0.0))
    weight = information / known
    df = max(1 / float((weight**2).sum()) - 1, 1.0)
    centred = (scores - weight * total) / np.maximum(1 - weight, 1e-3)
    # Units without any noise agree on the score: then the least doubt is beyond every limit.
    variance = max(float((centred**2).sum()), 1e-16 * float((scores**2).sum()), 1e-300)
    t = total / math.sqrt(variance)
    skew = float(((centred / math.sqrt(variance)) ** 3).sum())
    adjusted = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
    return Score(u, t, adjusted, df, known)


def _log_derivative(time: Floats, u: float) -> Floats:
    """d log g / du = −t u^(t−1) / (1 − u^t); at u = 0 only the first time feels it."""
    if u <= 0:
        return np.where(time <= 1, -1.0, 0.0)
    slope = -time * u ** (time - 1) / -np.expm1(time * math.log(u))
    return np.asarray(slope, dtype=np.float64)


def _log_delay(time: Floats, u: float) -> Floats:
    """d log g / d delay of 1 − u^(t − d) at no delay."""
    power = u**time
    return np.asarray(power * math.log(u) / (1 - power), dtype=np.float64)


def _log_constant(u: float) -> float:
    return math.log(-1 / math.log(u)) if u > 0 else math.log(0.1)
