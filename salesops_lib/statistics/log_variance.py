"""Variance of the logs of lognormal values of which only means of several are seen.

The log of one such value varies by sigma², whatever its level, and says so several times as precisely as
the values' own variance does where they are heavy-tailed. The log of a mean of k of them varies by less
and lies lower than the log of what is expected; how much is simulated once, with a fixed stream.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SAMPLES, _LONGEST = 20_000, 12
# Standard deviations of the logs between which it is looked for.
_SD = np.geomspace(0.05, 2.5, 18)


def log_variance(values: Floats, sizes: Ints, groups: Ints) -> tuple[float, float] | None:
    """Sigma² within groups, and the degrees of freedom behind it.

    Parameters
    ----------
    values
        (n,) means above 0.
    sizes
        (n,) values behind each mean, 1 or more.
    groups
        (n,) each with a level of its own.

    Returns
    -------
    sigma², degrees of freedom; None where no group has two means, or they do not differ.

    Notes
    -----
    At the sigma² found the squared distances from the groups' levels, each over what it varies by, add up
    to their degrees of freedom.
    """
    logs = np.log(values)
    _, code = np.unique(groups, return_inverse=True)
    freedom = float(len(logs) - code.max() - 1)
    if freedom < 1:
        return None
    shift, variance = (table[:, np.minimum(sizes, _LONGEST) - 1] for table in _moments())
    further = _beyond(sizes)
    shift, variance = shift * further, variance * further
    distance = np.empty(len(_SD))
    for at in range(len(_SD)):
        level, weight = logs + shift[at], 1 / variance[at]
        centre = np.bincount(code, weights=weight * level) / np.bincount(code, weights=weight)
        distance[at] = float((weight * (level - centre[code]) ** 2).sum())
    if not distance[0] > freedom:
        return None
    # Falls with sigma²; the grid's ends stand for all that lies beyond them.
    found = np.interp(np.log(freedom), np.log(distance[::-1]), np.log(_SD[::-1]))
    return float(np.exp(2 * found)), freedom


def skewness_of_single(values: Floats, sizes: Ints, groups: Ints) -> tuple[float, int]:
    """Skewness of the logs of values seen singly, about their groups' means, and of how many."""
    _, code, count = np.unique(groups[sizes == 1], return_inverse=True, return_counts=True)
    logs = np.log(values[sizes == 1])
    left = (logs - (np.bincount(code, weights=logs) / count)[code])[count[code] > 1]
    return (float(stats.skew(left)) if len(left) and left.std() > 0 else 0.0), len(left)


def _beyond(sizes: Ints) -> Floats:
    """(sds, n) what shift and variance fall by past the longest mean simulated, as the formula has it."""
    squared = np.expm1(_SD**2)[:, None]
    return np.asarray(
        np.log1p(squared / sizes) / np.log1p(squared / np.minimum(sizes, _LONGEST)),
        dtype=np.float64,
    )


@cache
def _moments() -> tuple[Floats, Floats]:
    """(sds, sizes) how far the log of a mean lies below that of what is expected, and its variance."""
    half = np.random.default_rng(0).standard_normal((_SAMPLES // 2, _LONGEST))
    normal = np.concatenate([half, -half])
    count = np.arange(1, _LONGEST + 1)
    shift, variance = np.empty((2, len(_SD), _LONGEST))
    for at, sd in enumerate(_SD):
        logs = np.log(np.cumsum(np.exp(sd * normal - sd**2 / 2), axis=1) / count)
        shift[at], variance[at] = -logs.mean(axis=0), logs.var(axis=0)
        # Of one value both are known.
        shift[at] *= sd**2 / 2 / shift[at, 0]
        variance[at] *= sd**2 / variance[at, 0]
    return shift, variance
