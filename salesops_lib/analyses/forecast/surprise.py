"""Latest errors unlike any before: the sign of a new level that the forecast has not caught up with.

A forecast of simple methods follows a new level over months, and a conformal interval rests on the
errors until then. On the training parts of M1 and tourism, at ends where the errors of the three
latest periods were unlike any before (58 of 5,176 series and ends), 80% intervals held .58 of what
came and 95% ones .81, as often because the old level came back as because the new one lasted. So the
forecast stays half-way, and its interval reaches half of the latest miss further to both sides, with
which it held .79 and .91 (`benchmarks/bench_forecast_training.py`).
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
# Of the latest miss, what the interval reaches further.
FURTHER = 0.5


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
    logs, plain = misses(origins)
    logged = origins.positive[0] & (origins.mean[0, 0, :, 0] > 0)
    return np.sign(np.where(logged, logs[0], plain[0])).astype(np.int64)


def misses(origins: Origins, method: int = 0) -> tuple[Array, Array]:
    """(cuts, n) mean error of the latest three periods where it is unlike any before, else 0.

    One step ahead, as known at each cut: in logs, and in units of `Origins.scale`.
    """
    actual, mean = origins.actual[1:, :, 0], origins.mean[method, 1:, :, 0]
    sound = (actual > 0) & (mean > 0) & origins.positive[1:]
    ratio = np.log(np.where(sound, actual, 1.0)) - np.log(np.where(sound, mean, 1.0))
    return (
        _unlike_before(np.where(sound, ratio, np.nan)),
        _unlike_before((actual - mean) / origins.scale[1:]),
    )


def _unlike_before(error: Array) -> Array:
    """From errors (cuts − 1, n), newest first; row c is what was known at cut c."""
    out = np.zeros((len(error) + 1, error.shape[1]))
    stretches = len(error) - _IN_A_ROW + 1
    if stretches < _BEFORE:
        return out
    mean = sum(error[k : k + stretches] for k in range(_IN_A_ROW)) / _IN_A_ROW
    side = np.sign(error)
    same = np.all([side[k : k + stretches] == side[:stretches] for k in range(_IN_A_ROW)], axis=0)
    known = ~np.isnan(mean)
    # From each row on, back to the oldest: the worst stretch and how many there are.
    worst = np.maximum.accumulate(np.where(known, np.abs(mean), 0.0)[::-1], axis=0)[::-1]
    number = np.cumsum(known[::-1], axis=0)[::-1]
    # What belongs to the run that still goes on is no measure of what was usual before it.
    began = np.arange(stretches)[:, None] + np.maximum(_run(side)[:stretches], _IN_A_ROW)
    there = began < stretches
    at = np.minimum(began, stretches - 1)
    before = np.where(there, np.take_along_axis(worst, at, axis=0), np.inf)
    enough = np.where(there, np.take_along_axis(number, at, axis=0), 0) > _BEFORE - _IN_A_ROW
    unlike = same & enough & (np.abs(mean) > _WORSE * before)
    out[:stretches] = np.where(unlike, mean, 0.0)
    return out


def _run(side: Array) -> NDArray[np.int64]:
    """(cuts, n) errors in a row, each row the newest of them, that lie to the same side."""
    length = np.ones(side.shape, dtype=np.int64)
    for cut in range(len(side) - 2, -1, -1):
        length[cut] += np.where(side[cut] == side[cut + 1], length[cut + 1], 0)
    return length
