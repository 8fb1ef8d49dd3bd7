"""The power law with exponential cut-off, ``density ~ x^-a e^(-rate x)`` from the smallest value.

With t = x / minimum it is an exponential family in (log t, t), so the likelihood is concave and its
value depends on two means only; its normaliser is the generalised exponential integral, computed by
Gauss-Legendre quadrature over log t. Exponents are kept at 0 or more: below, the curve would have a
hump, which is a gamma and no power law. Source: Clauset, Shalizi & Newman (2009), table 2.1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_CURVE = 600
_LOWEST_RATE, _HIGHEST_RATE = 1e-7, 1e2
_HIGHEST_EXPONENT = 12.0


def _reach(rate: Floats) -> Floats:
    """log t past which nothing is left of the density."""
    return np.log1p(45 / rate)


def _moments(a: Floats, rate: Floats) -> tuple[Floats, Floats, Floats]:
    """log of the normaliser; mean of (log t, t); their covariance, scaled for steps in
    (a, log rate)."""
    half = _reach(rate)[:, None] / 2
    w = half * (1 + _NODES)
    t = np.exp(w)
    exponent = (1 - a)[:, None] * w - rate[:, None] * t
    top = exponent.max(1, keepdims=True)
    density = np.exp(exponent - top) * _WEIGHTS * half
    total = density.sum(1)
    share = density / total[:, None]
    scaled = rate[:, None] * t
    mean_log, mean_scaled = (share * w).sum(1), (share * scaled).sum(1)
    covariance = np.stack(
        [
            (share * w**2).sum(1) - mean_log**2,
            (share * w * scaled).sum(1) - mean_log * mean_scaled,
            (share * scaled**2).sum(1) - mean_scaled**2,
        ]
    )
    return np.log(total) + top[:, 0], np.stack([mean_log, mean_scaled]), covariance


@lru_cache(maxsize=1)
def _grid() -> tuple[Floats, Floats, Floats]:
    exponents = np.linspace(0, _HIGHEST_EXPONENT, 49)
    rates = np.geomspace(_LOWEST_RATE, _HIGHEST_RATE, 70)
    a, rate = (one.ravel() for one in np.meshgrid(exponents, rates, indexing="ij"))
    return a, rate, _moments(a, rate)[0]


def fit(x: Floats) -> Floats:
    """(minimum, exponent, rate x minimum) of each row: the best grid point, then Newton."""
    low = x.min(1)
    t = x / low[:, None]
    mean_log, mean = np.log(t).mean(1), t.mean(1)
    a_grid, rate_grid, log_z = _grid()
    score = -np.outer(mean_log, a_grid) - np.outer(mean, rate_grid) - log_z
    best = score.argmax(1)
    a, rate = a_grid[best].copy(), rate_grid[best].copy()
    for _ in range(10):
        _, moments, (v_log, v_cross, v_scaled) = _moments(a, rate)
        # Gradient of the likelihood in (a, log rate), and its negative Hessian.
        g_a, g_rate = moments[0] - mean_log, moments[1] - rate * mean
        h_rate = v_scaled - moments[1] + rate * mean
        h_rate = np.maximum(h_rate, 1e-3 * (v_scaled + 1e-12))
        determinant = v_log * h_rate - v_cross**2
        usable = determinant > 1e-10 * v_log * h_rate
        safe = np.where(usable, determinant, 1.0)
        step_a = np.where(
            usable, (h_rate * g_a - v_cross * g_rate) / safe, g_a / np.maximum(v_log, 1e-12)
        )
        step_rate = np.where(usable, (v_log * g_rate - v_cross * g_a) / safe, 0.0)
        a = np.clip(a + np.clip(step_a, -0.5, 0.5), 0, _HIGHEST_EXPONENT)
        rate = np.clip(rate * np.exp(np.clip(step_rate, -0.7, 0.7)), _LOWEST_RATE, _HIGHEST_RATE)
    newton = -a * mean_log - rate * mean - _moments(a, rate)[0]
    worse = newton < score[np.arange(len(best)), best]
    a, rate = np.where(worse, a_grid[best], a), np.where(worse, rate_grid[best], rate)
    return np.column_stack([low, a, rate])


def log_likelihood(x: Floats, p: Floats) -> Floats:
    low, a, rate = p.T
    t = x / low[:, None]
    n = x.shape[1]
    return -a * np.log(t).sum(1) - rate * t.sum(1) - n * (_moments(a, rate)[0] + np.log(low))


def _curves(a: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Cumulative probabilities at equal steps of log t (rows x _CURVE), and the step."""
    step = _reach(rate) / (_CURVE - 1)
    w = step[:, None] * np.arange(_CURVE)
    exponent = (1 - a)[:, None] * w - rate[:, None] * np.exp(w)
    density = np.exp(exponent - exponent.max(1, keepdims=True))
    total = np.cumsum((density[:, 1:] + density[:, :-1]) / 2, axis=1)
    return np.hstack([np.zeros((len(a), 1)), total / total[:, -1:]]), step


def cdf(x: Floats, p: Floats) -> Floats:
    low, a, rate = p.T
    curve, step = _curves(a, rate)
    place = np.log(x / low[:, None]) / step[:, None]
    left = np.clip(place.astype(int), 0, _CURVE - 2)
    share = np.clip(place - left, 0, 1)
    below = np.take_along_axis(curve, left, 1)
    return below + share * (np.take_along_axis(curve, left + 1, 1) - below)


def draw(p: Floats, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    curve, step = _curves(p[1:2], p[2:3])
    logs = np.interp(rng.random(shape), curve[0], step[0] * np.arange(_CURVE))
    return p[0] * np.exp(logs)
