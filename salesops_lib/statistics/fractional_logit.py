"""Regression of shares between 0 and 1, zeros and ones included: the fractional logit.

``E[share | x] = 1 / (1 + exp(-x'b))`` by Bernoulli quasi-likelihood is consistent whatever the
distribution of the share, and needs no transformation that 0 or 1 would break (Papke & Wooldridge
1996, Journal of Applied Econometrics 11, 619–632). Errors are clustered, with t quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from salesops_lib.errors import NotEnoughData

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class FractionalLogit:
    """A fitted fractional logit.

    Attributes
    ----------
    coef
        (columns,).
    covariance
        (columns, columns): clustered, with the correction G/(G−1) · (n−1)/(n−k).
    clusters
        G, the number of clusters.
    """

    coef: Floats
    covariance: Floats
    clusters: int

    def fitted(self, at: Floats, confidence: float) -> tuple[float, float, float]:
        """The expected share at the design row `at`, with its interval: t with G − 1 degrees on the
        logit scale, so that it stays between 0 and 1."""
        middle = float(at @ self.coef)
        reach = float(stats.t.ppf(0.5 + confidence / 2, self.clusters - 1)) * float(
            np.sqrt(max(float(at @ self.covariance @ at), 0.0))
        )
        ends = expit(np.array([middle, middle - reach, middle + reach]))
        return float(ends[0]), float(ends[1]), float(ends[2])


def fractional_logit(
    share: Floats, design: Floats, clusters: Codes, weights: Floats | None = None
) -> FractionalLogit:
    """Fit the shares (rows,) on the columns of `design` (rows, columns), which must hold the
    constant where one is wanted.

    Parameters
    ----------
    clusters
        (rows,): codes 0 … G−1.
    weights
        (rows,): what each row counts (hours behind its share, say).

    Raises
    ------
    NotEnoughData
        If there are fewer than two clusters, or the design cannot be told apart.
    """
    mass = np.ones(len(share)) if weights is None else weights / weights.mean()
    groups = int(clusters.max()) + 1 if len(clusters) else 0
    if groups < 2:
        raise NotEnoughData("shares of fewer than two people cannot be compared")
    beta, total = np.zeros(design.shape[1]), -np.inf
    information = np.eye(design.shape[1])
    for _ in range(100):
        mean = expit(design @ beta)
        information = design.T @ (design * (mass * mean * (1 - mean))[:, None])
        if np.linalg.matrix_rank(information) < len(beta):
            raise NotEnoughData("the groups whose shares are compared cannot be told apart")
        step = np.linalg.solve(information, design.T @ (mass * (share - mean)))
        # A full step from 0 can overshoot where shares lie near 0 or 1.
        new = _likelihood(share, design @ (beta + step), mass)
        while new < total - 1e-12 * abs(total) and np.abs(step).max() > 1e-12:
            step = step / 2
            new = _likelihood(share, design @ (beta + step), mass)
        beta, total = beta + step, new
        if np.abs(step).max() < 1e-10 or np.abs(beta).max() > 30:
            break
    residual = mass * (share - expit(design @ beta))
    scores = np.stack(
        [np.bincount(clusters, weights=column * residual, minlength=groups) for column in design.T],
        axis=1,
    )
    bread = np.linalg.inv(information)
    n, k = design.shape
    factor = groups / (groups - 1) * (n - 1) / max(n - k, 1)
    return FractionalLogit(beta, factor * bread @ (scores.T @ scores) @ bread, groups)


def group_share(
    share: Floats, clusters: Codes, weights: Floats, confidence: float
) -> tuple[float, float, float]:
    """One group's share with its interval: the fractional logit of a constant alone, whose fit is
    the weighted mean; infinite doubt, 0 to 1, where there is one cluster."""
    mean = float(np.average(share, weights=weights))
    if int(clusters.max()) < 1 or not 0 < mean < 1:
        return mean, 0.0, 1.0
    fit = fractional_logit(share, np.ones((len(share), 1)), clusters, weights)
    return fit.fitted(np.ones(1), confidence)


def _likelihood(share: Floats, index: Floats, weights: Floats) -> float:
    return float(weights @ (share * index - np.logaddexp(0.0, index)))
