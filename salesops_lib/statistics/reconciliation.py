"""Making forecasts of parts and totals agree, by the minimum-trace method.

Wickramasuriya, Athanasopoulos & Hyndman (2019), with the covariance of the errors shrunk towards
its diagonal (Schäfer & Strimmer 2005). Written out here because the same few lines run at every
origin of a backtest; a test holds them to hierarchicalforecast's.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["mint_shrink", "wls_var", "wls_struct", "ols", "bottom_up"]


def shrunk_covariance(errors: Array) -> Array:
    """Covariance of the columns of `errors`, correlations shrunk by the Schäfer–Strimmer weight.

    Parameters
    ----------
    errors
        (t, k) one-step errors of k series, no NaN. Their means are taken out, as
        hierarchicalforecast does.
    """
    t = len(errors)
    centred = errors - errors.mean(axis=0)
    raw = centred.T @ centred / (t - 1)
    scale = np.sqrt((centred**2).mean(axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    standard = centred / scale
    squares = standard**2
    product = standard.T @ standard
    # Σ_t (x_ti x_tj)² − (Σ_t x_ti x_tj)² / t, the summed variance of each correlation's terms.
    spread = squares.T @ squares - product**2 / t
    off = ~np.eye(errors.shape[1], dtype=bool)
    correlation = product / t
    below = float((correlation[off] ** 2).sum())
    above = float(spread[off].sum()) / (t * (t - 1))
    weight = 1.0 if below == 0 else float(np.clip(above / below, 0.0, 1.0))
    return np.where(off, (1.0 - weight) * raw, raw)


def projection(
    summing: Array, *, method: Method = "mint_shrink", errors: Array | None = None
) -> Array:
    """P such that `summing @ P @ base` is coherent: (bottom, nodes).

    Parameters
    ----------
    summing
        (nodes, bottom) 0/1 matrix; the bottom series are its last rows, an identity.
    method
        `mint_shrink` and `wls_var` need `errors`.
    errors
        (t, nodes) one-step errors of the base forecasts.
    """
    nodes, bottom = summing.shape
    above = nodes - bottom
    if method == "bottom_up" or above == 0:
        return np.hstack([np.zeros((bottom, above)), np.eye(bottom)])
    if method == "ols":
        cover = np.eye(nodes)
    elif method == "wls_struct":
        cover = np.diag(summing.sum(axis=1))
    elif errors is None:
        raise ValueError(f"method {method!r} needs errors")
    elif method == "wls_var":
        cover = np.diag((errors**2).mean(axis=0))
    else:
        cover = shrunk_covariance(errors)
    # A series whose errors are all zero would pin every sum it is part of.
    ridge = 2e-8 * max(float(np.mean(np.diag(cover))), 1e-300)
    cover = cover + ridge * np.eye(nodes)
    # P = J − J W Uᵀ (U W Uᵀ)⁻¹ U with U = [I, −S_upper]: one solve of the size of the upper part.
    constraint = np.hstack([np.eye(above), -summing[:above]])
    gain = np.linalg.solve(constraint @ cover @ constraint.T, constraint @ cover[:, above:]).T
    select = np.hstack([np.zeros((bottom, above)), np.eye(bottom)])
    return select - gain @ constraint


def reconcile(base: Array, summing: Array, weights: Array, *, floor: bool = False) -> Array:
    """Coherent forecasts of every node.

    Parameters
    ----------
    base
        (nodes, horizon) forecasts made one by one.
    summing, weights
        As in `projection`.
    floor
        No part below zero (parts that would be are set to zero, the sums follow).
    """
    parts = weights @ base
    if floor:
        parts = np.maximum(parts, 0.0)
    return summing @ parts
