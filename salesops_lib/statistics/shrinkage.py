"""Shrinkage of many noisy means towards their common level, with nothing plugged in.

The model: the mean of unit i is ``z_i = level + tau * x_i + noise_i``, ``noise_i ~ N(0, v_i)``, and
``x_i`` comes from a standardised distribution whose skewness is not known either. The between-unit
spread tau, the level, the skewness and (through `NoiseNodes`) the noise variance are integrated
over a grid; given those, each unit's posterior is a mixture of two normals, so draws are exact and
independent.

Two priors on tau are offered, because no one prior leaves gaps between units unbiased on every scale:

`variance`   flat on tau^2 (Morris 1983), under which the expected shrinkage of a few dozen units is
             that of James and Stein, unbiased: for values that are read as they are.
`reference`  Berger and Bernardo's reference prior for a random-effects spread, Jeffreys' for known
             noise (Bodnar et al. 2017): tau * sqrt(sum of 1 / (v_i + tau^2)^2). It falls off beyond
             the noise, where an exponential of the units would turn each bit of probability of a
             huge spread into a huge gap: for logs.

With the priors swapped, gaps among 24 units with noise as large as the spread come out a tenth too
large in logs and a twentieth too small in plain values. What is left is in
benchmarks/calibration/performance_curve.csv. Skewness has the weights of a
normal distribution of sd 1/2: a few dozen noisy means hardly speak about it, and equal weights for
strong skewness would widen every interval.

Sources: Efron & Morris (1975) for the James-Stein factor; Gelman et al., Bayesian Data Analysis
(3rd ed.), section 5.4 for the normal hierarchy; Morris (1983), JASA 78, 47-55; Bodnar, Link,
Arendacka, Possolo & Elster (2017), Statistics in Medicine 36, 378-399.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

Prior = Literal["variance", "reference"]

SKEWNESS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Standard deviation of the skewness of units.
_SKEWED = 0.5
# Log posterior this far under its top carries no weight worth a grid point.
_NEGLIGIBLE = 12.0
# Cells of the hyper-parameter grid times units: what stays well under a second.
_BUDGET = 6_000_000
_BLOCK = 40_000


def james_stein_factor(values: Floats, variance: float) -> float:
    """The factor c that shrinks each deviation from the mean: ``1 - (k - 3) variance / S``, not
    below 0 (Efron & Morris 1975; k values, S the sum of squared deviations, variance known)."""
    square = float(((values - values.mean()) ** 2).sum())
    return max(0.0, 1 - (len(values) - 3) * variance / square)


@dataclass(frozen=True, slots=True)
class Standardised:
    """A mixture of two normals with mean 0, variance 1 and the given skewness.

    The excess kurtosis is that of a gamma distribution of the same skewness (1.5 x skewness^2).
    """

    skewness: float
    weights: tuple[float, float]
    means: tuple[float, float]
    sd: float


def standardised(skewness: float) -> Standardised:
    """Match mean, variance, skewness and kurtosis in closed form, up to one root.

    With a two-point distribution of weight w carrying a share a of the variance, skewness
    ``sqrt(r - 4) a^1.5`` and excess kurtosis ``(r - 6) a^2`` where ``r = 1 / (w (1 - w))``.
    """
    if skewness == 0:
        return Standardised(0.0, (0.5, 0.5), (0.0, 0.0), 1.0)
    square = skewness**2
    r = brentq(lambda x: (x - 6) ** 3 - 3.375 * square * (x - 4) ** 2, 6.0, 6.0 + 50 * (1 + square))
    share = (r - 6) / (1.5 * (r - 4))
    minor = 0.5 - np.sqrt(0.25 - 1 / r)
    sign = np.sign(skewness)
    high = sign * np.sqrt(share * (1 - minor) / minor)
    low = -sign * np.sqrt(share * minor / (1 - minor))
    return Standardised(
        skewness, (minor, 1 - minor), (float(high), float(low)), float(np.sqrt(1 - share))
    )


@dataclass(frozen=True, slots=True)
class NoiseNodes:
    """What is known of the noise: a few values of its scale with their probabilities.

    Attributes
    ----------
    scale, weight
        Noise scale at each node, and its posterior probability.
    variance
        Variance of each unit's mean at each node (nodes x units).
    shift
        What is added to each mean at each node (nodes x units); 0 unless the scale is
        transformed.
    """

    scale: Floats
    weight: Floats
    variance: Floats
    shift: Floats


@dataclass(frozen=True, slots=True)
class ShrinkageDraws:
    """Posterior draws: the units (draws x units), and level, tau, skewness and noise node
    (draws)."""

    units: Floats
    level: Floats
    tau: Floats
    skewness: Floats
    node: NDArray[np.int64]


def shrink(
    means: Floats,
    noise: NoiseNodes,
    *,
    draws: int,
    rng: np.random.Generator,
    prior: Prior = "variance",
    skewness: tuple[float, ...] = SKEWNESS,
    wobble: Floats | None = None,
) -> ShrinkageDraws:
    """Draw from the posterior of every unit's mean.

    Parameters
    ----------
    means
        Observed means, one a unit, on the scale where the noise is close to normal.
    prior
        On tau: `variance` for values read as they are, `reference` for logs.
    skewness
        The shapes averaged over.
    wobble
        Draws x units: errors shared between units (of estimated adjustments), added to the means
        draw by draw.
    """
    shapes = [standardised(one) for one in skewness]
    tau, level = _ranges(means, noise, len(shapes))
    log_post = _log_likelihoods(means, noise, shapes, tau, level) + _log_prior(
        prior, noise, shapes, tau
    )
    weight = np.exp(log_post - log_post.max()).ravel()
    cell = rng.choice(weight.size, size=draws, p=weight / weight.sum())
    node, shape, row, column = np.unravel_index(cell, log_post.shape)
    jitter = rng.uniform(-0.5, 0.5, (2, draws))
    tau_drawn = np.abs(tau[row] + (tau[1] - tau[0]) * jitter[0])
    level_drawn = level[column] + (level[1] - level[0]) * jitter[1]
    shifted = means + noise.shift[node] + (0.0 if wobble is None else wobble)
    units = _draw_units(shifted, noise.variance[node], shapes, (shape, tau_drawn, level_drawn), rng)
    return ShrinkageDraws(
        units, level_drawn, tau_drawn, np.array(skewness)[shape], node.astype(np.int64)
    )


def draw_new(drawn: ShrinkageDraws, count: int, rng: np.random.Generator) -> Floats:
    """Means of units not seen, from the population (draws x count)."""
    shapes, where = _shapes_of(drawn)
    return drawn.level[:, None] + drawn.tau[:, None] * _draw_standard(shapes, where, count, rng)


def mean_exponential(drawn: ShrinkageDraws, factor: float = 1.0) -> Floats:
    """The population mean of exp(factor * unit mean), one a draw: exact for a mixture of normals."""
    shapes, where = _shapes_of(drawn)
    weights = np.array([one.weights for one in shapes])[where]
    centre = np.array([one.means for one in shapes])[where]
    sd = np.array([one.sd for one in shapes])[where]
    tau = factor * drawn.tau[:, None]
    bulk = weights * np.exp(tau * centre + 0.5 * (tau * sd[:, None]) ** 2)
    return np.exp(factor * drawn.level) * bulk.sum(1)


def _shapes_of(drawn: ShrinkageDraws) -> tuple[list[Standardised], NDArray[np.int64]]:
    kinds, where = np.unique(drawn.skewness, return_inverse=True)
    return [standardised(float(one)) for one in kinds], where.astype(np.int64)


def _ranges(means: Floats, noise: NoiseNodes, n_shapes: int) -> tuple[Floats, Floats]:
    """Grids of tau and of the level that cover what has weight under the normal shape."""
    middle = int(np.argmax(noise.weight))
    variance, z = noise.variance[middle], means + noise.shift[middle]
    spread = max(float(z.std()), float(np.sqrt(np.median(variance))), 1e-12)
    coarse = np.concatenate([[0.0], np.geomspace(1e-3, 20, 160) * spread])
    precision = 1 / (coarse[:, None] ** 2 + variance)
    total = precision.sum(1)
    centre = (precision @ z) / total
    log_like = 0.5 * (
        np.log(precision).sum(1) - np.log(total) - (precision * (z - centre[:, None]) ** 2).sum(1)
    )
    kept = np.flatnonzero(log_like > log_like.max() - _NEGLIGIBLE)
    low = coarse[max(kept[0] - 1, 0)]
    high = coarse[min(kept[-1] + 1, len(coarse) - 1)]
    best = int(np.argmax(log_like))
    # The level is less certain where tau is large; four standard errors at its upper range.
    likely = np.flatnonzero(log_like > log_like.max() - 5)[-1]
    error = float(1 / np.sqrt(total[likely]))
    cells = _BUDGET / (len(means) * n_shapes * len(noise.scale))
    columns = int(np.clip(np.sqrt(cells * 0.7), 9, 25))
    rows = int(np.clip(cells / columns, 11, 40))
    return (
        np.linspace(low, high, rows),
        centre[best] + error * np.linspace(-4, 4, columns),
    )


def _log_prior(prior: Prior, noise: NoiseNodes, shapes: list[Standardised], tau: Floats) -> Floats:
    """Of noise scale, shape and tau (node, shape, tau, 1); flat on the level."""
    # A first cell at 0 is half as wide as the others, and its prior that of its middle.
    step = tau[1] - tau[0]
    spread = np.maximum(tau, step / 4)
    density = np.broadcast_to(np.log(spread), (len(noise.scale), len(tau)))
    if prior == "reference":
        total = noise.variance[:, None, :] + spread[:, None] ** 2
        density = density + 0.5 * np.log((total**-2.0).sum(-1))
    density = density + np.where(tau == 0, np.log(0.5), 0)
    skewed = -0.5 * (np.array([one.skewness for one in shapes]) / _SKEWED) ** 2
    return (
        np.log(noise.weight)[:, None, None, None]
        + skewed[:, None, None]
        + density[:, None, :, None]
    )


def _log_likelihoods(
    means: Floats, noise: NoiseNodes, shapes: list[Standardised], tau: Floats, level: Floats
) -> Floats:
    """Log likelihood at (node, shape, tau, level)."""
    result = np.empty((len(noise.scale), len(shapes), len(tau), len(level)))
    # As many values of tau at once as fit the cache; one at a time for thousands of units.
    block = max(1, _BLOCK // (len(means) * len(level)))
    for q in range(len(noise.scale)):
        deviation = (means + noise.shift[q])[:, None] - level
        for k, shape in enumerate(shapes):
            for start in range(0, len(tau), block):
                some = slice(start, start + block)
                result[q, k, some] = _log_likelihood(deviation, noise.variance[q], shape, tau[some])
    return result


def _log_likelihood(
    deviation: Floats, variance: Floats, shape: Standardised, tau: Floats
) -> Floats:
    """Of deviations from the level (units x levels), at each tau (tau x levels)."""
    total = (tau[:, None] * shape.sd) ** 2 + variance
    half = (0.5 / total)[:, :, None]
    constant = -0.5 * np.log(total).sum(1)[:, None]
    if shape.skewness == 0:
        return np.asarray(constant - (half * deviation**2).sum(1))
    first, second = (
        np.log(weight) - half * (deviation - tau[:, None, None] * centre) ** 2
        for weight, centre in zip(shape.weights, shape.means, strict=True)
    )
    return np.asarray(constant + np.logaddexp(first, second).sum(1))


def _draw_units(
    means: Floats,
    variance: Floats,
    shapes: list[Standardised],
    hyper: tuple[NDArray[np.int64], Floats, Floats],
    rng: np.random.Generator,
) -> Floats:
    """Given the hyper-parameters each unit is a mixture of two normals (draws x units)."""
    shape, tau, level = hyper
    centre = np.array([one.means for one in shapes])[shape]
    odds = np.log(np.array([one.weights for one in shapes]))[shape]
    sd = np.array([one.sd for one in shapes])[shape]
    prior = (tau * sd)[:, None] ** 2
    total = prior + variance
    deviation = means - level[:, None]
    first, second = (deviation - (tau * centre[:, j])[:, None] for j in (0, 1))
    log_odds = (odds[:, 0] - odds[:, 1])[:, None] - 0.5 * (first**2 - second**2) / total
    in_first = rng.random(total.shape) * (1 + np.exp(np.clip(-log_odds, -700, 700))) < 1
    chosen = np.where(in_first, first, second)
    kept = prior / total
    units = means - chosen + kept * chosen
    units += np.sqrt(kept * variance) * rng.standard_normal(total.shape)
    return units


def _draw_standard(
    shapes: list[Standardised],
    shape: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> Floats:
    weights = np.array([one.weights for one in shapes])[shape]
    centre = np.array([one.means for one in shapes])[shape]
    sd = np.array([one.sd for one in shapes])[shape]
    size = (len(shape), count)
    means = np.where(rng.random(size) < weights[:, :1], centre[:, :1], centre[:, 1:])
    return means + sd[:, None] * rng.standard_normal(size)
