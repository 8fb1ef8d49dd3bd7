"""A plain mixed model, slow and general: the twin of `statistics.variance_components`.

Any random effects; the restricted likelihood is written down with full covariance matrices, as a
textbook has it, and given to a general optimiser. Itself held to lme4's published values.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def reml(
    y: np.ndarray, x: np.ndarray, z: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Fixed effects, covariance of the random effects, residual sd."""
    k = z.shape[1]
    lower = np.tril_indices(k)
    blocks = [np.flatnonzero(groups == g) for g in np.unique(groups)]

    def pieces(theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, float]:
        root = np.zeros((k, k))
        root[lower] = theta
        information, moment = np.zeros((x.shape[1],) * 2), np.zeros(x.shape[1])
        determinant, square = 0.0, 0.0
        for rows in blocks:
            half = z[rows] @ root
            covariance = np.eye(len(rows)) + half @ half.T
            inverse = np.linalg.inv(covariance)
            information += x[rows].T @ inverse @ x[rows]
            moment += x[rows].T @ inverse @ y[rows]
            determinant += np.linalg.slogdet(covariance)[1]
            square += y[rows] @ inverse @ y[rows]
        beta = np.linalg.solve(information, moment)
        freedom = len(y) - x.shape[1]
        sigma2 = (square - moment @ beta) / freedom
        loss = determinant + np.linalg.slogdet(information)[1] + freedom * np.log(sigma2)
        return loss, beta, root, sigma2

    start = np.eye(k)[lower]
    best = minimize(
        lambda t: pieces(t)[0], start, method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 5_000, "maxfev": 5_000},
    )  # fmt: skip
    _, beta, root, sigma2 = pieces(best.x)
    return beta, sigma2 * root @ root.T, float(np.sqrt(sigma2))
