"""A bootstrap that resamples clusters within each group, on cluster moments instead of rows.

A bootstrap sample is a count of how often each cluster was drawn, so its cross-products are a
weighted sum of the clusters' own: one matrix product makes all samples, one batched solve all
regressions. It serves to check the analytic errors and where a statistic has none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesops_lib.statistics.cluster_moments import Array, ClusterMoments
from salesops_lib.statistics.oaxaca import reference_weight
from salesops_lib.statistics.oaxaca_problem import Problem
from salesops_lib.statistics.ratio_means import ratios

Rng = int | np.random.Generator
# Clusters below which a bootstrap of them says nothing.
_FEWEST = 5


def counts(sizes: tuple[int, int], draws: int, rng: Rng) -> tuple[Array, Array]:
    """How often each cluster is drawn: (draws, clusters) for either group."""
    source = np.random.default_rng(rng)
    first, second = (
        source.multinomial(size, np.full(size, 1 / size), size=draws).astype(float)
        for size in sizes
    )
    return first, second


def _drawn(moments: ClusterMoments, draws: int, rng: Rng) -> tuple[Array, Array]:
    """Counts of clusters; units that span the groups are drawn as a whole."""
    if moments.units is None:
        return counts(moments.sizes(), draws, rng)
    return _drawn_units(moments.units, moments.in_a, draws, rng)


def _drawn_units(
    units: NDArray[np.int64], in_a: np.ndarray, draws: int, rng: Rng
) -> tuple[Array, Array]:
    size = int(units.max()) + 1
    times = np.random.default_rng(rng).multinomial(size, np.full(size, 1 / size), size=draws)
    every = times[:, units].astype(float)
    return every[:, in_a], every[:, ~in_a]


def bootstrap_ratio(
    above: Array, below: Array, *, confidence: float = 0.90, draws: int = 1999, rng: Rng = 0
) -> tuple[float, float, float]:
    """A ratio of totals with its studentised interval (bootstrap-t), clusters resampled.

    Percentiles of the ratio itself are too narrow with a dozen clusters; the ratio over its own
    linearised error is not. Efron and Tibshirani (1993), section 12.5.

    Parameters
    ----------
    above, below
        (clusters,): each cluster's totals.

    Returns
    -------
    value, low, high; limits are those of t where there are fewer than 5 clusters, NaN for one.
    """
    size = len(above)
    plain = ratios(above[:, None], below)
    value, error = float(plain.value[0]), float(np.sqrt(plain.covariance[0, 0]))
    if size < _FEWEST:
        reach = float(stats.t.ppf(0.5 + confidence / 2, size - 1)) * error if size > 1 else np.nan
        return value, value - reach, value + reach
    times = np.random.default_rng(rng).multinomial(size, np.full(size, 1 / size), size=draws)
    total = times @ below
    drawn = (times @ above) / total
    square = (
        times @ above**2 - 2 * drawn * (times @ (above * below)) + drawn**2 * (times @ below**2)
    )
    own = np.sqrt(np.maximum(square, 0.0) * size / (size - 1)) / total
    known = own > 1e-9 * max(error, 1e-300)
    if error == 0 or not known.any():
        return value, value, value
    tail = 0.5 - confidence / 2
    low, high = np.quantile((drawn[known] - value) / own[known], [tail, 1 - tail])
    return value, value - float(high) * error, value - float(low) * error


def bootstrap_decomposition(
    problem: Problem,
    *,
    kind: str = "twofold",
    reference: str | float = "pooled",
    draws: int = 999,
    rng: Rng = 0,
) -> dict[str, Array]:
    """The components of every bootstrap sample.

    Returns
    -------
    component → (draws, rows), the rows as in the `detail` of `oaxaca.twofold` or `threefold`.
    """
    raw, coded = problem.raw, problem.coded
    drawn = _drawn(raw, draws, rng)
    cross, means = [], []
    for times, inside in zip(drawn, (raw.in_a, ~raw.in_a), strict=True):
        size = coded.cross.shape[1]
        own = times @ coded.cross[inside].reshape(int(inside.sum()), -1)
        cross.append(own.reshape(draws, size, size))
        sums = times @ raw.cross[inside][:, 0]
        means.append(sums / sums[:, :1])
    return components(problem, cross[0], cross[1], means[0], means[1], kind, reference)


def components(
    problem: Problem, cross_a: Array, cross_b: Array, mean_a: Array, mean_b: Array,
    kind: str, reference: str | float,
) -> dict[str, Array]:  # fmt: skip
    """Point decompositions of many samples at once, from their cross-products and raw means."""
    beta_a, beta_b = (_coefficients(problem, cross, grouped=False) for cross in (cross_a, cross_b))
    shift = np.concatenate([[0.0], problem.design.shift])
    columns = [0, *range(2, 2 + len(problem.design.covariate))]
    x_a, x_b = mean_a[:, columns] + shift, mean_b[:, columns] + shift
    if kind == "threefold":
        return {
            "endowments": ((x_a - x_b) * beta_b)[:, 1:],
            "coefficients": x_b * (beta_a - beta_b),
            "interaction": ((x_a - x_b) * (beta_a - beta_b))[:, 1:],
        }
    weight = reference_weight(problem, reference)
    if weight is None:
        beta = _coefficients(problem, cross_a + cross_b, grouped=reference == "pooled")
    else:
        if reference == "cotton":
            total_a, total_b = cross_a[:, 0, 0], cross_b[:, 0, 0]
            own = (total_a / (total_a + total_b))[:, None]
        else:
            own = np.full((1, 1), weight)
        beta = own * beta_a + (1 - own) * beta_b
    return {
        "explained": ((x_a - x_b) * beta)[:, 1:],
        "unexplained": x_a * (beta_a - beta) + x_b * (beta - beta_b),
    }


def _coefficients(problem: Problem, cross: Array, *, grouped: bool) -> Array:
    """(samples, 1 + raw columns): intercept and raw coefficients, in natural units."""
    design = problem.design
    columns = problem.fit_columns()
    x = [0, 1, *columns] if grouped else [0, *columns]
    left = cross[:, x][:, :, x]
    right = cross[:, x, problem.y]
    # A sample may miss a category altogether: the pseudo-inverse gives it no coefficient.
    coef = np.einsum("sij,sj->si", np.linalg.pinv(left, rcond=1e-10, hermitian=True), right)
    slopes = coef[:, len(x) - len(columns) :] @ design.basis.T
    intercept = coef[:, 0] - slopes @ design.shift
    return np.column_stack([intercept, slopes])
