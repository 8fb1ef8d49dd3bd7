"""Least squares from cluster moments, with influences fit for few clusters.

Influences carry the CR2 correction of Bell and McCaffrey (2002), which makes the cluster-robust
variance unbiased under equal, independent errors; the degrees of freedom are theirs too, under
errors that share a cluster effect of the size seen in the residuals (Imbens and Kolesár 2016).
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
        tau = self._shared_error(responses)
        diagonal = (v * u).sum(axis=1) + tau * b**2
        bs = b[:, None] * s
        left = np.hstack([-u + tau * (u @ (s.T @ s)) - tau * bs, -tau * u])
        right = np.hstack([u, bs])
        inner = (left * right).sum(axis=1)
        trace = diagonal.sum() + inner.sum()
        square = (
            (diagonal**2).sum()
            + 2 * (diagonal * inner).sum()
            + ((left.T @ left) * (right.T @ right)).sum()
        )
        own = float(trace**2 / square) if square > 0 else 1.0
        return min(own, self._moments.most_df())

    def _shared_error(self, responses: Array) -> float:
        """Variance of the cluster effect over that of a row's own error, from the residuals."""
        direction = np.zeros(self._moments.cross.shape[1])
        direction[list(self._y)] = responses
        direction[list(self._x)] -= self.coef @ responses
        cross = self._moments.cross[self._used]
        weight, rows = cross[:, 0, 0], self._moments.rows[self._used]
        mean = (cross[:, 0] @ direction) / weight
        square = np.einsum("i,gij,j->g", direction, cross, direction) / weight
        many = rows > 1
        if not many.any():
            return 0.0
        own = np.mean((square - mean**2)[many] * rows[many] / (rows[many] - 1))
        shared = max(float(np.mean(square)) - own, 0.0)
        row_weight = weight.sum() / rows.sum()
        return float(shared / max(own, 1e-9 * (own + shared) + 1e-300) / row_weight)


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
