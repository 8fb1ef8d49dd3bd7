"""How much each method of the combination counts: by how close it came in this series so far.

A method counts by its mean error to the power −4, relative to the mean of all methods, drawn towards
equal weights where few outcomes are known (Bates & Granger 1969, with a power that was chosen on the
training parts, see `combination`). The forecast is midway between the weighted mean and the weighted
median: the mean uses what each knows, the median does not follow one that runs away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Origins whose outcomes count; outcomes that weigh as much as the belief that all methods are equal.
ORIGINS, _BELIEF = 48, 40.0
_POWER = 4.0
# A method without error would take all the weight.
_LEAST = 0.05


def combined(members: Array, actual: Array, scale: Array) -> Array:
    """Forecasts (cuts, n, horizon), each weighted by what was known at its cut and nothing later.

    Parameters
    ----------
    members
        (methods, cuts, n, horizon) forecasts made with 0, 1, 2, … periods cut off.
    actual
        (cuts, n, horizon) what came true, NaN where it has not yet.
    scale
        (cuts, n) size of an ordinary error at that cut.
    """
    share = weights(members, actual, scale)[..., None]
    mean = (share * members).sum(axis=0)
    order = np.argsort(members, axis=0)
    ranked = np.take_along_axis(members, order, axis=0)
    below = np.take_along_axis(np.broadcast_to(share, members.shape), order, axis=0).cumsum(axis=0)
    # The weighted median lies between two methods where one of them ends at exactly a half.
    upper = np.take_along_axis(ranked, (below > 0.5 + 1e-9).argmax(axis=0)[None], axis=0)[0]
    lower = np.take_along_axis(ranked, (below >= 0.5 - 1e-9).argmax(axis=0)[None], axis=0)[0]
    out: Array = 0.5 * mean + 0.25 * (lower + upper)
    return out


def weights(members: Array, actual: Array, scale: Array) -> Array:
    """Weights (methods, cuts, n), which sum to one."""
    cuts = members.shape[1]
    total = np.zeros(members.shape[:3])
    count = np.zeros(members.shape[1:3])
    for step in range(min(members.shape[3], cuts - 1)):
        error = np.abs(members[..., step] - actual[None, :, :, step]) / scale[None]
        known: NDArray[np.bool_] = np.all(~np.isnan(error), axis=0)
        # The outcome of this step of the forecast at cut c is known at cuts up to c − step − 1.
        total += _since(np.where(known[None], error, 0.0), step + 1)
        count += _since(known[None].astype(float), step + 1)[0]
    middle = total.mean(axis=0)
    relative = np.divide(total, middle[None], out=np.ones_like(total), where=middle[None] > 0)
    trust = count / (count + _BELIEF)
    relative = trust[None] * relative + (1.0 - trust[None])
    raised = np.maximum(relative, _LEAST) ** -_POWER
    share: Array = raised / raised.sum(axis=0)
    return share


def _since(value: Array, first: int) -> Array:
    """Sums (methods, cuts, n) over the `ORIGINS` cuts that begin `first` cuts before each."""
    width = value.shape[1]
    # Summed from the oldest on, so that no later outcome is in a difference of two sums.
    older = np.zeros((value.shape[0], width + 1, value.shape[2]))
    older[:, :width] = np.cumsum(value[:, ::-1], axis=1)[:, ::-1]
    begin = np.minimum(np.arange(width) + first, width)
    out: Array = older[:, begin] - older[:, np.minimum(begin + ORIGINS, width)]
    return out
