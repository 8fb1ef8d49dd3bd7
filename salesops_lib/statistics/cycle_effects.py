"""Effects of the places of a cycle (months of a year, months of a quarter) on means, shrunk.

Each turn of the cycle has a level of its own, so that growth and lasting changes are not taken for
effects of a place. What the same place scatters from turn to turn, beyond what its means' own errors
explain, counts as noise: a change in the middle of a turn then argues against effects, not for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


# What effects spread by, on the log scale, before anything is seen: half are below this; none are likely
# to pass the last of the grid (half-Cauchy; Gelman 2006).
_USUAL = 0.1
_SPREADS = np.concatenate([[0.0], np.geomspace(0.01, 1.0, 25)])
_WEIGHTS = np.gradient(_SPREADS) / (1.0 + (_SPREADS / _USUAL) ** 2)


@dataclass(frozen=True)
class CycleEffects:
    """Effects on the scale of the means, which sum to zero.

    Attributes
    ----------
    effect
        (length,) posterior mean of each place.
    covariance
        (length, length) of their errors.
    used
        Parameters' worth of freedom that they take: 0 of effects drawn to nothing, length - 1 of those
        taken as they come.
    """

    effect: Array
    covariance: Array
    used: float

    def weighed(self, chance: float) -> CycleEffects:
        """These effects where there are any with this probability only, and none else."""
        spread = chance * (1 - chance) * np.outer(self.effect, self.effect)
        return CycleEffects(
            chance * self.effect, chance * self.covariance + spread, chance * self.used
        )


def none(length: int) -> CycleEffects:
    """No effects, as where too little was seen of them."""
    return CycleEffects(np.zeros(length), np.zeros((length, length)), 0.0)


def cycle_effects(mean: Array, error: Array, place: Ints, turn: Ints, alike: Array) -> CycleEffects:
    """Bayes effects of the places of a cycle.

    Parameters
    ----------
    mean, error
        (t,) means and their standard errors; a mean that is NaN tells nothing.
    place
        (t,) position in the cycle, 0 … length - 1.
    turn
        (t,) which turn of the cycle each belongs to.
    alike
        (length, length) correlations of the effects before anything is seen, such as those of
        `neighbours`; the identity where no place tells of another.

    Returns
    -------
    CycleEffects
        None where a place was seen in fewer than two turns. The effects of mean = turn + place by
        weighted least squares, normal around zero with a spread that is not known and is integrated
        over: so effects that are hardly told apart from chance are doubtful, and not certainly none.
    """
    length = len(alike)
    known = np.isfinite(mean) & np.isfinite(error) & (error > 0)
    y, place, turn = mean[known], place[known], turn[known]
    if np.bincount(place, minlength=length).min() < 2:
        return none(length)
    weight = 1.0 / error[known]
    turns = np.unique(turn, return_inverse=True)[1]
    # The last place is minus the sum of all others.
    contrast = np.concatenate([np.eye(length - 1), -np.ones((1, length - 1))])
    design = np.column_stack([np.eye(int(turns.max()) + 1)[turns], contrast[place]])
    freedom = len(y) - design.shape[1]
    if freedom < 1:
        return none(length)
    scaled = design * weight[:, None]
    inverse = np.linalg.pinv(scaled.T @ scaled)
    coef = inverse @ (scaled.T @ (y * weight))
    left = (y - design @ coef) * weight
    noise = max(float(left @ left) / freedom, 1.0)
    k = length - 1
    return _drawn(coef[-k:], noise * inverse[-k:, -k:], alike, contrast)


def neighbours(length: int, reach: float) -> Array:
    """(length, length) correlations that fall off with the distance round the cycle; at a distance of
    `reach` places they are about .6 (the periodic kernel of MacKay 1998)."""
    apart = np.arange(length)[:, None] - np.arange(length)[None, :]
    turn = np.sin(np.pi * apart / length) / np.sin(np.pi * reach / length)
    return np.exp(-0.5 * turn**2)


def _drawn(found: Array, covariance: Array, alike: Array, contrast: Array) -> CycleEffects:
    """Posterior of all places from the first ones' estimates, mixed over the spreads."""
    # Of effects less their own mean.
    centred = alike - alike.mean(axis=0) - alike.mean(axis=1)[:, None] + alike.mean()
    prior = centred[:-1, :-1] / np.diag(centred).mean()
    spreads = _SPREADS[:, None, None] ** 2
    total = spreads * prior + covariance
    inverse = np.linalg.inv(total)
    squares = np.einsum("k,skj,j->s", found, inverse, found)
    log = -0.5 * (np.linalg.slogdet(total)[1] + squares)
    weight = _WEIGHTS * np.exp(log - log.max())
    weight = weight / weight.sum()
    gain = spreads * prior @ inverse
    means = gain @ found
    mean = weight @ means
    # Errors of each spread's own, and of not knowing which.
    own = np.einsum("s,skj->kj", weight, spreads * prior - gain @ (spreads * prior))
    between = np.einsum("s,sk,sj->kj", weight, means - mean, means - mean)
    used = float(weight @ np.trace(gain, axis1=1, axis2=2))
    return CycleEffects(contrast @ mean, contrast @ (own + between) @ contrast.T, used)
