"""The part of a period that is due to where in its quarter it lies: the push before the quarter ends.

Reps close what they can before a quarter is over. In months a profile of twelve holds it, once two
years tell one; before that nothing else does. In weeks a season of 52 holds it roughly only, as a
quarter's last week is not the same week of every year. So the push is measured against a level that
spans a whole quarter, and is taken out before the rest is forecast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
# Periods of a quarter, and how many of its last ones are told apart from the others.
_LENGTH = {12: 3, 52: 13, 53: 13}
_LAST = {12: 2, 52: 3, 53: 3}
# Quarters below which no push is looked for, and the F ratio that chance passes now and then only:
# what is above it is believed. Planted, a push of 20% is worth 20% of the error in 18 months, and its
# absence costs 0.6%; on 18 to 23 months of the training parts of M1 and tourism, where nobody pushes,
# it gains 0.5 to 1.3% and costs 0.4%. With 3 in its place it costs more there, with 5 it finds less.
_QUARTERS, _CHANCE = 4, 4.0


def groups(quarters: Ints, season_length: int) -> Ints:
    """(t,) place of each period: 0 the last of its quarter, 1 the one before, …, then all others.

    Parameters
    ----------
    quarters
        (t + quarter,) number of the quarter that each period lies in, running on for at least one
        quarter past the periods that are wanted.

    Examples
    --------
    >>> groups(np.array([8, 8, 8, 9, 9, 9, 10, 10, 10]), 12)
    array([2, 1, 0, 2, 1, 0])
    """
    length, last = _LENGTH[season_length], _LAST[season_length]
    # The next period that ends in another quarter, counted from each.
    place = np.zeros(len(quarters), dtype=np.int64)
    for at in range(len(quarters) - 2, -1, -1):
        place[at] = 0 if quarters[at + 1] != quarters[at] else place[at + 1] + 1
    return np.minimum(place, last)[: len(quarters) - length]


def push(logs: Array, starts: Ints, place: Ints, season_length: int) -> Array:
    """Log effect (n, t + horizon) of the place in the quarter, 0 where the history shows none.

    Parameters
    ----------
    logs
        (n, t) logarithms, right-aligned, NaN before a history begins.
    place
        (n, t + horizon) as `groups` gives it.

    Returns
    -------
    Mean of each place against a centred mean over a quarter, drawn towards none by its F ratio. Months
    with two years of history keep theirs in the season's profile, and get none here.
    """
    width = logs.shape[1]
    periods = width - starts
    enough = periods >= _QUARTERS * _LENGTH[season_length]
    if season_length == 12:
        enough &= periods < 2 * season_length
    out = np.zeros(place.shape)
    pick = np.flatnonzero(enough)
    if len(pick):
        shown = _by_place(logs[pick], place[pick, :width], season_length)
        out[pick] = np.take_along_axis(shown, place[pick], axis=1)
    return out


def _by_place(logs: Array, place: Ints, season_length: int) -> Array:
    """(n, places) effect of each place, drawn towards none."""
    kinds = _LAST[season_length] + 1
    apart = _against_quarter(logs, _LENGTH[season_length])
    there = ~np.isnan(apart)
    many = np.maximum(there.sum(axis=1), 1)
    middle = np.where(there, apart, 0.0).sum(axis=1) / many
    value = np.where(there, apart - middle[:, None], 0.0)
    member = (place[:, :, None] == np.arange(kinds)) & there[:, :, None]
    count = member.sum(axis=1)
    mean = np.einsum("ntk,nt->nk", member.astype(float), value) / np.maximum(count, 1)
    between = (count * mean**2).sum(axis=1)
    within = np.maximum((value**2).sum(axis=1) - between, 0.0) / np.maximum(many - kinds, 1)
    # Kept is 1 − chance ÷ F, written without dividing by a noise that may be none.
    chance = _CHANCE * (kinds - 1) * within
    kept = np.clip(
        1.0 - np.divide(chance, between, out=np.ones_like(between), where=between > 0), 0.0, 1.0
    )
    return np.where((count > 1).all(axis=1), kept, 0.0)[:, None] * mean


def known(season_length: int) -> bool:
    """Whether periods of which a year holds so many lie in quarters."""
    return season_length in _LENGTH


def reach(season_length: int) -> int:
    """Periods past the wanted ones that `groups` looks at."""
    return _LENGTH[season_length]


def _against_quarter(logs: Array, length: int) -> Array:
    """Each value minus the mean of the quarter's length centred on it; NaN at either end."""
    n, width = logs.shape
    out = np.full((n, width), np.nan)
    if width < length:
        return out
    half = length // 2
    windows = np.lib.stride_tricks.sliding_window_view(logs, length, axis=1)
    out[:, half : width - half] = logs[:, half : width - half] - windows.mean(axis=2)
    return out
