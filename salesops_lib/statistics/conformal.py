"""Split-conformal limits with the finite-sample rank (Vovk et al. 2005; Lei et al. 2018).

n exchangeable residuals and one to come: the ⌈(n+1)(1−α)⌉-th smallest of the n covers the next one
with probability at least 1−α. Where that rank exceeds n no finite limit does, and none is given.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def rank(n: int, level: float) -> int:
    """The rank, counted from 1, of the residual that limits an interval of `level`.

    Parameters
    ----------
    n
        Number of residuals.
    level
        Nominal coverage, between 0 and 1.

    Examples
    --------
    >>> rank(9, 0.9), rank(19, 0.95), rank(8, 0.9)
    (9, 19, 9)
    """
    # 0.95 * 20 is 19.000000000000004 in floats, whose ceiling would ask for a 20th residual.
    return math.ceil(round((n + 1) * level, 9))


def needed(level: float) -> int:
    """The fewest residuals that support `level`: 4 for 80%, 9 for 90%, 19 for 95%."""
    return math.ceil(round(level / (1.0 - level), 9))


def radius(scores: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Half-width of the interval in each column of `scores`.

    Parameters
    ----------
    scores
        (..., n) absolute residuals; NaN where there is none.
    level
        Nominal coverage, between 0 and 1.

    Returns
    -------
    (...) the residual of the finite-sample rank; NaN where too few are there to support `level`.
    """
    ordered = np.sort(np.abs(scores), axis=-1)  # NaN sorts last
    n = np.sum(~np.isnan(ordered), axis=-1)
    position = np.ceil(np.round((n + 1) * level, 9)).astype(int)
    inside = (position <= n) & (n > 0)
    if ordered.shape[-1] == 0:
        return np.full(ordered.shape[:-1], np.nan)
    pick = np.clip(position - 1, 0, ordered.shape[-1] - 1)
    value = np.take_along_axis(ordered, pick[..., None], axis=-1)[..., 0]
    return np.where(inside, value, np.nan)


def newest(scores: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """`scores` (n, m), newest first, cut to the most for which the rank is exact.

    12 residuals support 90% by their largest, which covers 12/13; the newest 9 do so exactly, and
    they are the ones most like the next. A level whose odds are no whole number keeps all.
    """
    odds = 1.0 / (1.0 - level)
    whole = round(odds)
    if abs(odds - whole) > 1e-9:
        return scores
    there = ~np.isnan(scores)
    n = there.sum(axis=1)
    kept = np.where(n + 1 >= whole, (n + 1) // whole * whole - 1, n)
    return np.where(there & (there.cumsum(axis=1) <= kept[:, None]), scores, np.nan)
