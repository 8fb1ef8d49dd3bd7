"""One random intercept per group and any fixed effects, at the cost of a few sums.

The model is ``y_ij = w_ij' beta + b_i + e_ij`` with ``b_i ~ N(0, tau^2)``, ``e_ij ~ N(0, sigma^2)``.
Given ``ratio = tau / sigma`` everything has closed form, and groups of one size enter through their
cross-products, so a grid over the ratio costs the same for 20 groups and for 10,000.

Source: Searle, Casella & McCulloch (1992), Variance Components, chapters 3 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def restricted_likelihood(
    sums: GroupSums, ratio: Floats
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Restricted log-likelihood (sigma^2 profiled out), GLS coefficients, their covariance over
    sigma^2, residual sums of squares at each of `ratio` = tau/sigma, and the degrees of freedom."""
    sizes, where = np.unique(sums.sizes, return_inverse=True)
    levels = len(sizes)
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


def point_estimates(sums: GroupSums, *, method: str = "reml") -> tuple[float, float]:
    """Between-group and noise variance at the maximum of the restricted (`reml`) or full (`ml`)
    likelihood; the between-group one is 0 where the likelihood falls from there."""

    def fit(ratio: float) -> tuple[float, float]:
        likelihood, _, inverse, residual, freedom = restricted_likelihood(sums, np.array([ratio]))
        if method == "reml":
            return float(likelihood[0]), float(residual[0] / freedom)
        # Full likelihood: without the determinant of the design, and all n degrees of freedom.
        n = sums.observations
        determinant = -np.linalg.slogdet(inverse[0])[1]
        more = 0.5 * determinant - 0.5 * (n - freedom) * np.log(residual[0])
        return float(likelihood[0] + more), float(residual[0] / n)

    grid = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 121)])
    heights = np.array([fit(ratio)[0] for ratio in grid])
    top = int(np.argmax(heights))
    if top == 0:
        return 0.0, fit(0.0)[1]
    edge = grid[min(top + 1, len(grid) - 1)]
    best = minimize_scalar(
        lambda ratio: -fit(ratio)[0], bounds=(grid[top - 1], edge), method="bounded",
        options={"xatol": 1e-10 * edge},
    ).x  # fmt: skip
    noise = fit(best)[1]
    return float(best**2 * noise), noise
