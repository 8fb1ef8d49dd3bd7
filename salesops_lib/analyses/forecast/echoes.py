"""Sources that echo what was won: renewals are begun when what they renew runs out, in the months after a good
autumn as in those after a bad one.

What will be begun is known there before it is begun, a season and a fall of the deals won included. Whether a
source is one of those is not asked of its name: it is one as far as its last twelve months, or those of them that
can be foretold, were foretold better by the deals won so many months before than by its own line.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast.begun import HALF_LIFE
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import Floats, Ints, month_number

# Months from the win to the next deal: contracts of up to a year, opened at their end or before.
_LAGS = np.arange(1.0, 13.25, 0.25)
# Months foretold, twice: the last six, and the six before them.
_FORETOLD, _TIMES = 6, 2
# Months, with deals won so long before, from which a fit is read at the least.
_LEAST = 9
# Most sources are no echo: so many to one, before any is looked at.
_SELDOM = 4.0
# A smaller word than this is none.
_UNHEARD = 0.01

Line = Callable[[int, Ints], Floats]


@dataclass(frozen=True)
class Won:
    """Deals won, one entry a month from the month numbered `first` on."""

    first: int
    count: Floats

    @classmethod
    def by(cls, history: History, first: int, last: int) -> Won:
        """By the end of month `last`, from the first on in which what was closed is on record."""
        first = min(max(history.first_close, first), last)
        when = month_number(history.close[history.won]) - first
        when = when[(when >= 0) & (when <= last - first)]
        return cls(first, np.bincount(when, minlength=last - first + 1).astype(np.float64))

    def before(self, month: Ints, lag: Floats) -> Floats:
        """(lag, month) deals won so many months before each; NaN where that is before the first or not over."""
        whole = np.floor(lag).astype(np.int64)[:, None]
        late, early = (self._at(month - whole - more) for more in (0, 1))
        part = (lag - np.floor(lag))[:, None]
        # Of a whole lag nothing comes from the month before: it may lie before the first.
        return np.asarray((1 - part) * late + np.where(part > 0, part * early, 0.0))

    def until(self, month: int) -> Won:
        """Those known at the end of that month."""
        return Won(self.first, self.count[: max(month - self.first + 1, 0)])

    def _at(self, month: Ints) -> Floats:
        place = month - self.first
        there = (place >= 0) & (place < len(self.count))
        found = np.full(place.shape, np.nan)
        found[there] = self.count[place[there]]
        return found


@dataclass(frozen=True)
class Echo:
    """How far a source echoes what was won.

    Attributes
    ----------
    ahead
        (lead,) deals begun in each month ahead.
    share
        How much of that is the echo's word and not the line's.
    lag
        Months from the win to the next deal; NaN without an echo.
    foretold
        Of the last twelve months, those that both foretold before they were seen.
    """

    ahead: Floats
    share: float = 0.0
    lag: float = math.nan
    foretold: int = 0


def with_echo(
    known: Ints, counts: Floats, won: Won, month: Ints, line: Line, ahead: Floats
) -> Echo:
    """Deals begun in each `month` ahead: what the line says, and the echo as far as it has foretold better so
    far.

    Parameters
    ----------
    known, counts
        Months of which all that began is known, and how many did.
    line
        From the first so many known months, deals begun in each month asked.
    ahead
        What it says of each `month`, from all of them.
    """
    share, foretold = _weight(known, counts, won, line)
    if not share > _UNHEARD:
        return Echo(ahead)
    echo, lag = _echo(known, counts, won, month)
    mixed = share * np.nan_to_num(echo) + (1 - share) * ahead
    return Echo(np.where(np.isnan(echo), ahead, mixed), share, lag, foretold)


def _weight(known: Ints, counts: Floats, won: Won, line: Line) -> tuple[float, int]:
    """Of the echo, by how far off both were in months that they had not seen; and how many these are."""
    off = np.zeros(2)
    seen = 0
    for times in range(1, _TIMES + 1):
        cut = len(known) - times * _FORETOLD
        if cut < _LEAST:
            break
        asked = slice(cut, cut + _FORETOLD)
        echo, _ = _echo(known[:cut], counts[:cut], won.until(known[cut - 1]), known[asked])
        there = ~np.isnan(echo)
        came, said = counts[asked][there], line(cut, known[asked])[there]
        off += _deviance(came, np.stack([echo[there], said]))
        seen += int(there.sum())
    if seen < _FORETOLD:
        return 0.0, seen
    scatter = max(float(off.min()) / seen, 1.0)
    against = np.exp(np.clip((off[0] - off[1]) / (2 * scatter), -50, 50))
    return float(1.0 / (1.0 + _SELDOM * against)), seen


def _echo(known: Ints, counts: Floats, won: Won, month: Ints) -> tuple[Floats, float]:
    """(month,) as many of the deals won as usually come again, so many months after; and these months, which
    fit best of late."""
    before = won.before(known, _LAGS)
    # Months before which nothing was won tell no rate: deals of the source divided by next to no wins would come
    # again for each of the many that are won since.
    enough = (before > 0).sum(axis=1) >= _LEAST
    nothing = np.full(len(month), np.nan)
    if not enough.any() or not counts.any():
        return nothing, math.nan
    lags, before = _LAGS[enough], before[enough]
    there = ~np.isnan(before)
    w = 0.5 ** ((known[-1] - known) / HALF_LIFE) * there
    before = np.nan_to_num(before)
    rate = (w * counts).sum(axis=1) / np.maximum((w * before).sum(axis=1), 1e-9)
    off = _deviance(counts, rate[:, None] * before, w) / w.sum(axis=1)
    best = int(off.argmin())
    return rate[best] * won.before(month, lags[best : best + 1])[0], float(lags[best])


def _deviance(came: Floats, said: Floats, weight: Floats | float = 1.0) -> Floats:
    """(row,) Poisson deviance of counts from what each row `said`."""
    # No month is said to be empty: one deal in it would count without end.
    said = np.maximum(said, 0.5)
    logs = came * np.log(np.where(came > 0, came, said) / said)
    return np.asarray(2 * (weight * (logs - (came - said))).sum(axis=1))
