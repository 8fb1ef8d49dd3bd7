"""How much each method of the combination counts: by how close it came in this series and in all.

The weight of a method (Bates & Granger 1969) is a product of two powers: of its mean error in this series
to the power −4, and of its mean error so many steps ahead in all series to the power −6. Both errors are
relative to the mean of all methods, and drawn towards one where few outcomes are known. What is best at a
distance for the many series of a company is known far better than what is best for one of them. The powers
were chosen on the training parts, see `combination`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Years of origins whose outcomes count, and the fewest.
_YEARS, _ORIGINS = 4, 24
# Outcomes that weigh as much as the belief that all methods are equal: in a series, at a step.
_BELIEF, _COMMON_BELIEF = 40.0, 400.0
_POWER, _COMMON_POWER = 4.0, 6.0
# A method without error would take all the weight.
_LEAST = 0.05


def combined(
    members: Array,
    actual: Array,
    scale: Array,
    season_length: int,
    witnesses: NDArray[np.int64] | None,
) -> Array:
    """Forecasts (cuts, n, horizon), each weighted by what was known at its cut and nothing later.

    Parameters
    ----------
    members
        (methods, cuts, n, horizon) forecasts made with 0, 1, 2, … periods cut off.
    actual
        (cuts, n, horizon) what came true, NaN where it has not yet.
    scale
        (cuts, n) size of an ordinary error at that cut.
    witnesses
        Series whose outcomes say which methods are good in all; None where each stands alone.
    """
    out: Array = np.zeros(members.shape[1:])
    for step, share in enumerate(weights(members, actual, scale, season_length, witnesses)):
        out[..., step] = (share * members[..., step]).sum(axis=0)
    return out


def weights(
    members: Array,
    actual: Array,
    scale: Array,
    season_length: int,
    witnesses: NDArray[np.int64] | None,
) -> list[Array]:
    """Weights (methods, cuts, n) of each step ahead; over the methods they sum to one."""
    cuts, horizon = members.shape[1], members.shape[3]
    window = max(_ORIGINS, _YEARS * season_length)
    total = np.zeros(members.shape[:3])
    count = np.zeros(members.shape[1:3])
    common = np.ones((horizon, len(members), cuts))
    for step in range(min(horizon, cuts - 1)):
        error = np.abs(members[..., step] - actual[None, :, :, step]) / scale[None]
        known: NDArray[np.bool_] = np.all(~np.isnan(error), axis=0)
        # The outcome of this step of the forecast at cut c is known at cuts up to c − step − 1.
        found = _since(np.where(known[None], error, 0.0), step + 1, window)
        number = _since(known[None].astype(float), step + 1, window)[0]
        total += found
        count += number
        if witnesses is not None:
            everywhere = number[:, witnesses].sum(axis=1)
            # Relative in each series, so that none counts more for having a small scale.
            said = (_relative(found) * number)[:, :, witnesses].sum(axis=2)
            mean = said / np.maximum(everywhere, 1.0)
            common[step] = _drawn(mean, everywhere, _COMMON_BELIEF)
    own = np.maximum(_drawn(_relative(total), count, _BELIEF), _LEAST) ** -_POWER
    shares = []
    for usual in common:
        share = own * (np.maximum(usual, _LEAST) ** -_COMMON_POWER)[..., None]
        shares.append(share / share.sum(axis=0))
    return shares


def _relative(error: Array) -> Array:
    """Errors of the methods (first axis) over the mean of all methods; one where there is none."""
    mean = error.mean(axis=0)[None]
    return np.divide(error, mean, out=np.ones_like(error), where=mean > 0)


def _drawn(relative: Array, count: Array, belief: float) -> Array:
    """Towards one, as if `belief` outcomes had said so."""
    trust = (count / (count + belief))[None]
    out: Array = trust * relative + (1.0 - trust)
    return out


def _since(value: Array, first: int, window: int) -> Array:
    """Sums (methods, cuts, n) over the `window` cuts that begin `first` cuts before each."""
    width = value.shape[1]
    # Summed from the oldest on, so that no later outcome is in a difference of two sums.
    older = np.zeros((value.shape[0], width + 1, value.shape[2]))
    older[:, :width] = np.cumsum(value[:, ::-1], axis=1)[:, ::-1]
    begin = np.minimum(np.arange(width) + first, width)
    out: Array = older[:, begin] - older[:, np.minimum(begin + window, width)]
    return out
