"""Does a family fit? The Anderson-Darling statistic with its null distribution by simulation.

Parameters are estimated, so tabled critical values do not hold; the parametric bootstrap refits
every simulated sample (Stute, Gonzales Manteiga & Presedo Quindimil 1993).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.statistics.families import Family

Floats = NDArray[np.float64]

# The null distribution hardly moves beyond this many observations (Stephens 1974), and simulating
# 10,000 of them a few hundred times would take seconds.
LARGEST_SAMPLE = 300


def anderson_darling(x: Floats, family: Family, params: Floats) -> Floats:
    """A squared of each row; the smallest value is left out where the family starts at it."""
    ordered = np.sort(x, axis=1)
    if family.from_minimum:
        ordered = ordered[:, 1:]
    u = np.clip(family.cdf(ordered, params), 1e-13, 1 - 1e-13)
    n = u.shape[1]
    odd = 2 * np.arange(1, n + 1) - 1
    return -n - ((np.log(u) + np.log1p(-u[:, ::-1])) * odd).sum(1) / n


def bootstrap_p(
    x: Floats, family: Family, params: Floats, *, samples: int, rng: np.random.Generator
) -> float:
    """P(statistic at least as large as seen) if `family` were true."""
    seen = anderson_darling(x[None], family, params[None])[0]
    n = min(len(x), LARGEST_SAMPLE)
    simulated = family.draw(params, (samples, n), rng)
    statistics = anderson_darling(simulated, family, family.fit(simulated))
    return float((1 + (statistics >= seen).sum()) / (samples + 1))
