"""Least squares from cluster moments, with influences fit for few clusters.

Influences carry the CR2 correction of Bell and McCaffrey (2002), which makes the cluster-robust
variance unbiased under equal, independent errors; the degrees of freedom are theirs too, under
errors that share a cluster effect of the size seen in the residuals (Imbens and Kolesár 2016) and
are as large in either group as seen there, as in Welch's test: where six clusters spread twice as
wide as the other eighteen, the six decide how well the variance is known.
With a dozen clusters a side the usual z or t(G−1) intervals are too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.cluster_moments import Array, ClusterMoments


@dataclass(frozen=True)
class Fit:
    """A regression of several responses on the same columns.

    Attributes
    ----------
    coef
        (columns, responses).
    influence
        (units, columns, responses): each cluster's CR2-corrected share of the estimation error,
        summed over units; the sum of its outer products is the covariance. Zero for those outside
        the fit.
    """

    coef: Array
    influence: Array
    _moments: ClusterMoments
    _x: tuple[int, ...]
    _y: tuple[int, ...]
    _used: NDArray[np.bool_]
    _whitener: Array
    _leverage: Array
    _correction: Array

    def df(self, contrast: Array, responses: Array) -> float:
        """Degrees of freedom of the variance of contrast' coef responses."""
        w, q, h = self._whitener, self._leverage, self._correction
        v = h @ (w @ contrast)
        u = np.einsum("gij,gj->gi", q, v)
        s = self._moments.cross[self._used, 0][:, self._x] @ w.T
        b = (v * s).sum(axis=1)
        tau, size = self._working_errors(responses)
        diagonal = size * ((v * u).sum(axis=1) + tau * b**2)
        bs, own = size[:, None] * b[:, None] * s, size[:, None] * u
        total = np.einsum("g,gij->ij", size, q) + tau * (s.T @ (size[:, None] * s))
        left = np.hstack([u @ total - own - tau * bs, -u, -tau * u])
        right = np.hstack([u, own, bs])
        inner = (left * right).sum(axis=1)
        trace = diagonal.sum() + inner.sum()
        square = (
            (diagonal**2).sum()
            + 2 * (diagonal * inner).sum()
            + ((left.T @ left) * (right.T @ right)).sum()
        )
        found = float(trace**2 / square) if square > 0 else 1.0
        return min(found, self._moments.most_df())

    def _working_errors(self, responses: Array) -> tuple[float, Array]:
        """From the residuals: the variance of the cluster effect over that of a row's own error,
        and (clusters,) each cluster's error variance by its group's, on average about 1."""
        direction = np.zeros(self._moments.cross.shape[1])
        direction[list(self._y)] = responses
        direction[list(self._x)] -= self.coef @ responses
        cross = self._moments.cross[self._used]
        weight, rows = cross[:, 0, 0], self._moments.rows[self._used]
        mean = (cross[:, 0] @ direction) / weight
        # A mean of squares is no less than the square of the mean, but where rounding is all there is.
        square = np.einsum("i,gij,j->g", direction, cross, direction) / weight
        square = np.maximum(square, mean**2)
        many = rows > 1
        size = _by_group(square, self._moments.in_a[self._used])
        if not many.any():
            return 0.0, size
        own = np.mean((square - mean**2)[many] * rows[many] / (rows[many] - 1))
        shared = max(float(np.mean(square)) - own, 0.0)
        row_weight = weight.sum() / rows.sum()
        return float(shared / max(own, 1e-9 * (own + shared) + 1e-300) / row_weight), size


def _by_group(square: Array, in_a: NDArray[np.bool_]) -> Array:
    """Each group's mean square, for its clusters, over the mean of all; 1 where there is one group
    or no error."""
    if in_a.all() or not in_a.any() or not square.any():
        return np.ones(len(square))
    size = np.empty(len(square))
    for group in (in_a, ~in_a):
        n = int(group.sum())
        size[group] = square[group].mean() * n / max(n - 1, 1)
    return np.asarray(size / size.mean(), dtype=np.float64)


def fit(
    moments: ClusterMoments,
    y: Sequence[int],
    x: Sequence[int],
    used: NDArray[np.bool_] | None = None,
) -> Fit:
    """Regress the columns `y` on the columns `x` over the clusters `used` (default all).

    The columns x must be linearly independent over those clusters.
    """
    mask = np.ones(len(moments.rows), bool) if used is None else used
    xs, ys = list(x), list(y)
    cross = moments.cross[mask]
    s = cross[:, xs][:, :, xs]
    sy = cross[:, xs][:, :, ys]
    root = np.linalg.cholesky(s.sum(axis=0))
    whitener = np.linalg.solve(root, np.eye(len(xs)))
    q = whitener @ s @ whitener.T
    coef = whitener.T @ (whitener @ sy.sum(axis=0))
    score = whitener @ (sy - s @ coef)
    values, vectors = np.linalg.eigh(q)
    left = 1 - values
    # A direction that one cluster alone decides has no error left to see: pseudo-inverse.
    scale = np.where(left > 1e-8, 1 / np.sqrt(np.maximum(left, 1e-8)), 0.0)
    correction = (vectors * scale[:, None, :]) @ vectors.transpose(0, 2, 1)
    influence = np.zeros((len(moments.rows), len(xs), len(ys)))
    influence[mask] = whitener.T @ (correction @ score)
    return Fit(
        coef,
        moments.by_unit(influence),
        moments,
        tuple(xs),
        tuple(ys),
        mask,
        np.asarray(whitener, dtype=np.float64),
        q,
        correction,
    )
