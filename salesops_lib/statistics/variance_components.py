"""One random intercept per group and any fixed effects, with the between-group spread integrated
over a grid instead of plugged in.

The model is ``y_ij = w_ij' beta + b_i + e_ij`` with ``b_i ~ N(0, tau^2)``, ``e_ij ~ N(0, sigma^2)``.
Given the ratio ``lambda = tau^2 / sigma^2`` everything has closed form (normal, inverse chi-square),
so that the posterior is exact up to the grid over one number, and draws are independent. A plug-in
estimate of tau treats the spread as known and covers about 83% where 90% is claimed at 24 groups.

Source: Gelman et al., Bayesian Data Analysis (3rd ed.), sections 5.4 and 14.2; Searle, Casella &
McCulloch (1992), Variance Components, chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GRID = 120
# Log posterior this far under its top carries no weight worth a grid point.
_NEGLIGIBLE = 14.0


@dataclass(frozen=True, slots=True)
class GroupSums:
    """All that the data say about the model: sums within groups, and the means of groups.

    Attributes
    ----------
    sizes, means, design_means
        Per group: observations, mean of y, mean of each design column (groups x columns).
    within_design, within_cross, within_square
        Sums over observations of the deviations from their group's means: design x design,
        design x y, y x y.
    """

    sizes: Floats
    means: Floats
    design_means: Floats
    within_design: Floats
    within_cross: Floats
    within_square: float

    @property
    def observations(self) -> float:
        return float(self.sizes.sum())

    @property
    def columns(self) -> int:
        return int(self.design_means.shape[1])


def group_sums(y: Floats, design: Floats, groups: Ints, n_groups: int) -> GroupSums:
    """Reduce observations to `GroupSums`; `groups` codes 0..n_groups-1, none empty."""
    sizes = np.bincount(groups, minlength=n_groups).astype(float)
    means = np.bincount(groups, weights=y, minlength=n_groups) / sizes
    design_means = np.column_stack(
        [np.bincount(groups, weights=column, minlength=n_groups) / sizes for column in design.T]
    )
    y_within = y - means[groups]
    design_within = design - design_means[groups]
    return GroupSums(
        sizes,
        means,
        design_means,
        design_within.T @ design_within,
        design_within.T @ y_within,
        float(y_within @ y_within),
    )


@dataclass(frozen=True, slots=True)
class SpreadPosterior:
    """The posterior on a grid of ``ratio = tau / sigma``.

    Attributes
    ----------
    ratio
        Grid of tau / sigma, from 0.
    weight
        Posterior probability of each grid point (sums to 1).
    log_likelihood
        Restricted log-likelihood at each grid point, up to a constant.
    beta, precision_inverse
        Fixed effects at each grid point, and their covariance divided by sigma^2.
    residual_square
        Generalised residual sum of squares at each grid point.
    freedom
        Degrees of freedom of sigma^2.
    """

    ratio: Floats
    weight: Floats
    log_likelihood: Floats
    beta: Floats
    precision_inverse: Floats
    residual_square: Floats
    freedom: float

    @property
    def sigma2(self) -> float:
        """REML estimate of the noise variance."""
        best = int(np.argmax(self.log_likelihood))
        return float(self.residual_square[best] / self.freedom)


def restricted_likelihood(
    sums: GroupSums, ratio: Floats
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Restricted log-likelihood (sigma^2 profiled out), GLS coefficients, their covariance over
    sigma^2, residual sums of squares at each of `ratio` = tau/sigma, and the degrees of freedom."""
    sizes, where = np.unique(sums.sizes, return_inverse=True)
    levels = len(sizes)
    # Groups of one size enter through their cross-products only, so that a grid of 120 points
    # costs the same for 20 groups and for 10,000.
    squares = np.stack(
        [
            sums.design_means[where == level].T @ sums.design_means[where == level]
            for level in range(levels)
        ]
    )
    crosses = np.stack(
        [
            sums.design_means[where == level].T @ sums.means[where == level]
            for level in range(levels)
        ]
    )
    totals = np.bincount(where, weights=sums.means**2, minlength=levels)
    counts = np.bincount(where, minlength=levels)
    lam = ratio[:, None] ** 2
    shrink = sizes / (1 + sizes * lam)
    normal = sums.within_design + np.tensordot(shrink, squares, axes=1)
    cross = sums.within_cross + shrink @ crosses
    square = sums.within_square + shrink @ totals
    beta = np.linalg.solve(normal, cross[..., None])[..., 0]
    residual = np.maximum(square - np.einsum("gk,gk->g", cross, beta), 1e-300)
    freedom = sums.observations - sums.columns
    likelihood = -0.5 * (
        np.log1p(sizes * lam) @ counts + np.linalg.slogdet(normal)[1] + freedom * np.log(residual)
    )
    inverse = np.asarray(np.linalg.inv(normal), dtype=np.float64)
    return np.asarray(likelihood), beta, inverse, np.asarray(residual), freedom


def spread_posterior(sums: GroupSums, *, grid: int = _GRID) -> SpreadPosterior:
    """Posterior of tau/sigma under a flat prior on tau (Gelman 2006), beta flat, sigma^2 on
    1/sigma^2.

    The grid covers what has weight: a coarse pass over six orders of magnitude finds the range.
    """
    coarse = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 61)])
    rough = restricted_likelihood(sums, coarse)[0]
    kept = coarse[rough > rough.max() - _NEGLIGIBLE]
    low = kept.min() / 1.3 if kept.min() > 0 else 0.0
    top = min(kept.max() * 1.3, coarse[-1])
    ratio = np.linspace(low, top, grid)
    likelihood, beta, inverse, residual, freedom = restricted_likelihood(sums, ratio)
    weight = np.exp(likelihood - likelihood.max())
    return SpreadPosterior(
        ratio, weight / weight.sum(), likelihood, beta, inverse, residual, freedom
    )


@dataclass(frozen=True, slots=True)
class SpreadDraws:
    """Independent posterior draws: tau and sigma (draws), beta (draws x columns), and the group
    effects b (draws x groups)."""

    tau: Floats
    sigma: Floats
    beta: Floats
    effects: Floats


def draw_effects(
    sums: GroupSums, posterior: SpreadPosterior, *, draws: int, rng: np.random.Generator
) -> SpreadDraws:
    """Draw (tau, sigma, beta, b) from the exact posterior."""
    step = posterior.ratio[1] - posterior.ratio[0] if len(posterior.ratio) > 1 else 0.0
    point = rng.choice(len(posterior.ratio), size=draws, p=posterior.weight)
    # Within its cell the posterior is close to flat: spread the draws over it.
    ratio = np.abs(posterior.ratio[point] + step * rng.uniform(-0.5, 0.5, draws))
    sigma2 = posterior.residual_square[point] / rng.chisquare(posterior.freedom, draws)
    root = np.linalg.cholesky(posterior.precision_inverse)
    noise = rng.standard_normal((draws, sums.columns))
    beta = posterior.beta[point] + np.sqrt(sigma2)[:, None] * np.einsum(
        "skj,sj->sk", root[point], noise
    )
    shrink = 1 / (1 + sums.sizes * ratio[:, None] ** 2)
    centre = (1 - shrink) * (sums.means - beta @ sums.design_means.T)
    scale = np.sqrt(sigma2[:, None] * shrink) * ratio[:, None]
    effects = centre + scale * rng.standard_normal((draws, len(sums.sizes)))
    return SpreadDraws(ratio * np.sqrt(sigma2), np.sqrt(sigma2), beta, effects)
