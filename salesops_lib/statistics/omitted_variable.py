"""How strong an unmeasured variable must be to change a group difference.

Cinelli and Hazlett (2020), "Making sense of sensitivity": an omitted variable that accounts for a
share R²(D) of what is left of the group indicator and a share R²(Y) of what is left of the response
moves the difference by sd(Y) / sd(D) · √(R²(Y) R²(D) / (1 − R²(D))), the standard deviations after
the measured variables. No further assumption is made about it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesops_lib.statistics.cluster_moments import Array


@dataclass(frozen=True)
class Residuals:
    """Spread of response and group indicator that measured variables leave.

    Attributes
    ----------
    response, group
        Standard deviations: of the response after indicator and measured variables, of the
        indicator after the measured variables.
    df
        Degrees of freedom of that regression.
    """

    response: float
    group: float
    df: int

    def shift(self, share_response: float, share_group: float) -> float:
        """By how much, at most, the omitted variable moves the difference."""
        if share_group >= 1:
            return math.inf
        factor = math.sqrt(share_response * share_group / (1 - share_group))
        return self.response / self.group * factor

    def robustness(self, difference: float) -> float:
        """The equal share of both that is needed to move `difference` to zero (0 to 1)."""
        if self.response == 0:
            return 1.0
        f2 = (difference * self.group / self.response) ** 2
        return 0.5 * (math.sqrt(f2**2 + 4 * f2) - f2)


def residuals(response: Array, group: Array, measured: Array) -> Residuals:
    """Regress the response on indicator and measured columns, the indicator on the latter."""
    x = _basis(measured)
    d = group - x @ (x.T @ group)
    y = response - x @ (x.T @ response)
    left = y - d * (d @ y) / (d @ d)
    n, k = x.shape
    return Residuals(float(np.sqrt(left @ left / n)), float(np.sqrt(d @ d / n)), max(n - k - 1, 1))


def measured_strength(
    response: Array, group: Array, measured: Array, columns: Sequence[int]
) -> tuple[float, float]:
    """Shares (of the response, of the indicator) for which some measured columns account beyond the
    others: what an unmeasured variable "as strong as" them would have.

    Returns
    -------
    Partial R² of the columns with the response (given indicator and the others) and with the
    indicator (given the others).
    """
    others = np.delete(measured, list(columns), axis=1)
    target = measured[:, list(columns)]
    return (
        _partial(response, target, np.column_stack([group, others])),
        _partial(group, target, others),
    )


def equal_strength(share_response: float, share_group: float) -> float:
    """The equal share r of both with the same effect on the difference."""
    if share_group >= 1:
        return 1.0
    f2 = share_response * share_group / (1 - share_group)
    return 0.5 * (math.sqrt(f2**2 + 4 * f2) - f2)


def _basis(columns: Array) -> Array:
    """Orthonormal basis of the columns and the constant, whatever their rank."""
    full = np.column_stack([np.ones(len(columns)), columns])
    scale = np.sqrt((full**2).sum(axis=0))
    u, s, _ = np.linalg.svd(full / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return u[:, s > 1e-9 * s[0]]


def _partial(y: Array, x: Array, given: Array) -> float:
    """Share of what `given` leaves of y that the columns x account for."""
    basis = _basis(given)
    rest_x, rest_y = x - basis @ (basis.T @ x), y - basis @ (basis.T @ y)
    whole = float(rest_y @ rest_y)
    scale = np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=0))
    u, s, _ = np.linalg.svd(rest_x / np.where(scale > 0, scale, 1.0), full_matrices=False)
    own = u[:, s > 1e-9]
    return float(((own.T @ rest_y) ** 2).sum() / whole) if whole > 0 else 0.0
