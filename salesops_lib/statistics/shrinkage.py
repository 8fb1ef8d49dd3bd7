"""Shrinkage of many noisy means towards their common level, with nothing plugged in.

The model: the mean of unit i is ``z_i = level + tau * x_i + noise_i``, ``noise_i ~ N(0, v_i)``, and
``x_i`` comes from a standardised distribution whose skewness is not known either. The between-unit
spread tau, the level, the skewness and (through `NoiseNodes`) the noise variance are integrated
over a grid; given those, each unit's posterior is a mixture of two normals, so draws are exact and
independent.

Two priors on tau are offered, because no one prior leaves gaps between units unbiased on every scale:

`gap`        tau * (sum of 1 / (v_i + tau^2)^2)^(1/4), under which a gap between units that were chosen
             by their rank is unbiased: for values that are read as they are. With k units, noise v
             and S the sum of squared deviations, a prior on A = v + tau^2 of A^-a gives a posterior
             mean shrinkage of (k - 3 + 2a) v / S. The gap between the top and the middle goes with
             the root of S, and the mean of its product with v / S is right at k - 2, so a = 1/2.
             Flat on tau^2 (a = 0, Morris 1983) is right for each unit, James and Stein's k - 3, and
             leaves the gap 1 / (k - 2) of the shrinkage too large: 5 to 8% with 24 units.
`reference`  Berger and Bernardo's reference prior for a random-effects spread, Jeffreys' for known
             noise (Bodnar et al. 2017): tau * sqrt(sum of 1 / (v_i + tau^2)^2), a = 1. It falls off
             beyond the noise, where an exponential of the units would turn each bit of probability
             of a huge spread into a huge gap: for logs.

What is left is in benchmarks/calibration/performance_curve.csv. Skewness has the weights of a normal
distribution of sd 1/2: a few dozen noisy means hardly speak about it, and equal weights for strong
skewness would widen every interval.

Noise may be skewed too, each unit's in its own measure (`NoiseNodes.skewness`): it is then a mixture
of two normals as well, and everything above stays exact.

Sources: Efron & Morris (1975) for the James-Stein factor; Gelman et al., Bayesian Data Analysis
(3rd ed.), section 5.4 for the normal hierarchy; Morris (1983), JASA 78, 47-55; Bodnar, Link,
Arendacka, Possolo & Elster (2017), Statistics in Medicine 36, 378-399.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.normal_mixtures import Standardised, standardised, two_normals

Floats = NDArray[np.float64]

Prior = Literal["gap", "reference"]

SKEWNESS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Standard deviation of the skewness of units.
_SKEWED = 0.5
# Log posterior this far under its top carries no weight worth a grid point.
_NEGLIGIBLE = 12.0
# Cells of the hyper-parameter grid times units: what stays well under a second.
_BUDGET = 6_000_000
_BLOCK = 40_000
_LEAST = 1e-300
# Of the sum of squared precisions in the prior on tau: 1/2 is Jeffreys', 1/4 unbiased gaps.
_PRECISION_POWER = {"gap": 0.25, "reference": 0.5}


def james_stein_factor(values: Floats, variance: float) -> float:
    """The factor c that shrinks each deviation from the mean: ``1 - (k - 3) variance / S``, not
    below 0 (Efron & Morris 1975; k values, S the sum of squared deviations, variance known)."""
    square = float(((values - values.mean()) ** 2).sum())
    return max(0.0, 1 - (len(values) - 3) * variance / square)


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
    skewness, excess
        Skewness and excess kurtosis of each unit's noise (units), the same at all nodes; None for
        normal noise.
    """

    scale: Floats
    weight: Floats
    variance: Floats
    shift: Floats
    skewness: Floats | None = None
    excess: Floats | None = None

    def of(self, units: NDArray[np.bool_]) -> NoiseNodes:
        """The same for some of the units."""
        skewness, excess = (
            None if one is None else one[units] for one in (self.skewness, self.excess)
        )
        variance, shift = self.variance[:, units], self.shift[:, units]
        return NoiseNodes(self.scale, self.weight, variance, shift, skewness, excess)

    @property
    def parts(self) -> tuple[tuple[Floats, Floats], tuple[tuple[Floats, Floats], ...]]:
        """Noise as a mixture of normals: their variance at (node, unit) with the square root of the
        noise variance, and (weight, centre in units of that root) of each by unit."""
        root = np.sqrt(self.variance)
        if self.skewness is None or self.excess is None:
            ones = np.ones(self.variance.shape[1])
            return (self.variance, root), ((ones, 0 * ones),)
        two = two_normals(self.skewness, self.excess)
        components = ((two.minor, two.high), (1 - two.minor, two.low))
        return (self.variance * two.variance, root), components


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
    prior: Prior = "gap",
    skewness: tuple[float, ...] = SKEWNESS,
    wobble: Floats | None = None,
) -> ShrinkageDraws:
    """Draw from the posterior of every unit's mean.

    Parameters
    ----------
    means
        Observed means, one a unit, on the scale where the noise is close to normal.
    prior
        On tau: `gap` for values read as they are, `reference` for logs.
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
    hyper = (shape, tau_drawn, level_drawn)
    variance = noise.variance[node]
    if noise.skewness is not None:
        shifted, variance = _draw_noise_parts(shifted, noise, node, shapes, hyper, rng)
    units = _draw_units(shifted, variance, shapes, hyper, rng)
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
    total = noise.variance[:, None, :] + spread[:, None] ** 2
    density = density + _PRECISION_POWER[prior] * np.log((total**-2.0).sum(-1))
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
    (variance, root), components = noise.parts
    for q in range(len(noise.scale)):
        deviation = (means + noise.shift[q])[:, None] - level
        parts = [(weight, deviation - (root[q] * centre)[:, None]) for weight, centre in components]
        for k, shape in enumerate(shapes):
            for start in range(0, len(tau), block):
                some = slice(start, start + block)
                result[q, k, some] = _log_likelihood(parts, variance[q], shape, tau[some])
    return result


def _log_likelihood(
    parts: list[tuple[Floats, Floats]], variance: Floats, shape: Standardised, tau: Floats
) -> Floats:
    """At each tau (tau x levels), from weights (units) and deviations from the level (units x
    levels) for each normal that the noise consists of."""
    total = (tau[:, None] * shape.sd) ** 2 + variance
    half = (0.5 / total)[:, :, None]
    constant = -0.5 * np.log(total).sum(1)[:, None]
    normal = shape.skewness == 0
    if normal and len(parts) == 1:
        return np.asarray(constant - (half * parts[0][1] ** 2).sum(1))
    density = np.zeros((len(tau), *parts[0][1].shape))
    for share, deviation in parts:
        for weight, centre in (
            [(1.0, 0.0)] if normal else zip(shape.weights, shape.means, strict=True)
        ):
            # Sums of exponentials are several times as fast as sums of their logarithms. In place,
            # because these arrays are what all the time goes into.
            power = deviation - tau[:, None, None] * centre
            power *= power
            power *= -half
            np.exp(power, out=power)
            power *= (weight * share)[:, None]
            density += power
    # Past 37 standard errors from all parts the likelihood stays as it is.
    return np.asarray(constant + np.log(np.maximum(density, _LEAST, out=density)).sum(1))


def _draw_noise_parts(
    means: Floats,
    noise: NoiseNodes,
    node: NDArray[np.int64],
    shapes: list[Standardised],
    hyper: tuple[NDArray[np.int64], Floats, Floats],
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Which of the two normals each unit's noise came from, given the hyper-parameters: means less
    the centre of that normal, and its variance (draws x units)."""
    shape, tau, level = hyper
    (variance, root), components = noise.parts
    kept, scale = variance[node], root[node]
    centre = np.array([one.means for one in shapes])[shape]
    weights = np.array([one.weights for one in shapes])[shape]
    sd = np.array([one.sd for one in shapes])[shape]
    half = 0.5 / ((tau * sd)[:, None] ** 2 + kept)
    density = []
    for share, at in components:
        deviation = means - scale * at - level[:, None]
        by_shape = [
            weights[:, j : j + 1] * np.exp(-half * (deviation - (tau * centre[:, j])[:, None]) ** 2)
            for j in (0, 1)
        ]
        density.append(share * np.maximum(by_shape[0] + by_shape[1], _LEAST))
    first = rng.random(kept.shape) * (density[0] + density[1]) < density[0]
    return means - scale * np.where(first, components[0][1], components[1][1]), kept


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
