"""Latest errors unlike any before: the sign of a new level that the forecast has not caught up with.

A forecast of simple methods follows a new level over months, not at once, and a conformal interval
rests on the errors until then. Both are wrong for a while, and nothing in them says so; this does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesops_lib.analyses.forecast import series_words
from salesops_lib.analyses.forecast.backtest import Origins
from salesops_lib.analyses.forecast.panel import Panel

Array = NDArray[np.float64]
# Periods that must all be missed to the same side, by more than this many times the worst that as many
# in a row were missed by before, in a history that holds so many such stretches.
_IN_A_ROW, _WORSE, _BEFORE = 3, 1.5, 12


def notices(panel: Panel, origins: Origins) -> list[str]:
    """A sentence, where the latest errors of some series are unlike any before."""
    side = missed(origins)
    kind = "period" if panel.calendar.kind == "step" else panel.calendar.kind
    found = {"below": int((side < 0).sum()), "above": int((side > 0).sum())}
    return [
        series_words.missed_lately(n, len(panel.ids), kind, way) for way, n in found.items() if n
    ]


def missed(origins: Origins) -> NDArray[np.int64]:
    """(n,) −1 where the latest values lie below their forecasts by more than ever, 1 above, else 0."""
    errors = _errors(origins)
    if len(errors) < _IN_A_ROW + _BEFORE:
        return np.zeros(errors.shape[1], dtype=np.int64)
    latest = errors[:_IN_A_ROW]
    before = np.lib.stride_tricks.sliding_window_view(errors[_IN_A_ROW:], _IN_A_ROW, axis=0)
    stretch = np.abs(before.mean(axis=2))
    # What belongs to the run that still goes on is no measure of what was usual before it.
    began = np.arange(len(stretch))[:, None] + _IN_A_ROW
    known = ~np.isnan(stretch) & (began >= _run(errors)[None, :])
    worst = np.where(known, stretch, 0.0).max(axis=0)
    same = (latest > 0).all(axis=0).astype(np.int64) - (latest < 0).all(axis=0)
    unlike = np.abs(latest.mean(axis=0)) > _WORSE * worst
    enough = known.sum(axis=0) >= _BEFORE - _IN_A_ROW + 1
    return np.where(unlike & enough, same, 0)


def _run(errors: Array) -> NDArray[np.int64]:
    """(n,) errors in a row, up to the latest, that lie to the same side as it."""
    same = np.sign(errors) == np.sign(errors[:1])
    length: NDArray[np.int64] = np.cumprod(same, axis=0).sum(axis=0)
    return length


def _errors(origins: Origins) -> Array:
    """(cuts, n) errors one step ahead, newest first: in logs, or over the seasonal change."""
    actual, mean = origins.actual[1:, :, 0], origins.mean[0, 1:, :, 0]
    logged = origins.positive[0] & ~((actual <= 0) | (mean <= 0)).any(axis=0)
    ratio = np.log(np.where(logged, actual, 1.0)) - np.log(np.where(logged, mean, 1.0))
    found: Array = np.where(logged, ratio, (actual - mean) / origins.scale[1:])
    return found
