"""Does a family fit, and is the upper tail heavier than it allows?

The Anderson-Darling statistic and the mean log excess over the upper decile (the Hill estimate of a
tail), with their null distributions by simulation.

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
# The part of the values that is looked at as the upper tail, and how many it takes at least.
_TAIL_SHARE, _FEWEST_IN_TAIL = 0.10, 4


def anderson_darling(x: Floats, family: Family, params: Floats) -> Floats:
    """A squared of each row; the smallest value is left out where the family starts at it."""
    ordered = np.sort(x, axis=1)
    if family.from_minimum:
        ordered = ordered[:, 1:]
    u = np.clip(family.cdf(ordered, params), 1e-13, 1 - 1e-13)
    n = u.shape[1]
    odd = 2 * np.arange(1, n + 1) - 1
    return -n - ((np.log(u) + np.log1p(-u[:, ::-1])) * odd).sum(1) / n


def tail_excess(x: Floats) -> Floats:
    """Mean log excess of the upper tenth of each row over the value below it (Hill 1975): 1 over
    the exponent of a power-law tail, and less for anything thinner. NaN where that is not above 0."""
    ordered = np.sort(x, axis=1)
    size = max(int(_TAIL_SHARE * x.shape[1]), _FEWEST_IN_TAIL)
    start = ordered[:, -size - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.log(ordered[:, -size:]).mean(1) - np.log(start)
    return np.where(start > 0, excess, np.nan)


def bootstrap_p(
    x: Floats, family: Family, params: Floats, *, samples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """P(statistic at least as large as seen) if `family` were true: of Anderson and Darling, and of
    the excess of the upper tail."""
    n = min(len(x), LARGEST_SAMPLE)
    simulated = family.draw(params, (samples, n), rng)
    fit = _p(
        anderson_darling(x[None], family, params[None])[0],
        anderson_darling(simulated, family, family.fit(simulated)),
    )
    # The excess is a mean: of more values than are simulated it varies less, by the root.
    excess = tail_excess(simulated)
    excess = excess.mean() + (excess - excess.mean()) * np.sqrt(n / len(x))
    return fit, _p(tail_excess(x[None])[0], excess)


def _p(seen: float, simulated: Floats) -> float:
    return float((1 + (~(simulated < seen)).sum()) / (len(simulated) + 1))
