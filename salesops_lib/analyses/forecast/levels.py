"""Whether wins and their amounts lately stand where the long past has them.

Chances of winning, and amounts, are counted over years: after a fall they would stay near the old
level for as long. So what came of each month's open deals is held against what those chances let
expect, and the level that they stand at now is read from it (`statistics/level_shifts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast.creation import Cohorts
from salesops_lib.analyses.forecast.hazards import Counts, Hazards, first_month, visible
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints, month_number
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.level_shifts import Level, of_counts, of_means, settled

# Months of a usual scatter that the counts' own is drawn towards, and amounts that tell a spread.
_PRIOR_MONTHS, _FEWEST = 12.0, 10


@dataclass(frozen=True)
class Levels:
    """Levels as known at one origin.

    Attributes
    ----------
    wins
        Of the chance of winning.
    typical, stated
        Of what a won deal brings against the mean amount, and against the amount stated while open.
    """

    wins: Level
    typical: Level
    stated: Level

    def moved(self, confidence: float) -> dict[str, Estimate]:
        """Which of them more likely than not stand elsewhere than before, and where: a ratio to it."""
        each = {"wins": self.wins, "typical": self.typical, "stated": self.stated}
        return {
            name: Estimate(
                float(level.ahead(0)[0][0]),
                *level.limits(confidence),
                confidence,
                "ratio",
                method="hidden Markov model of a level that jumps",
            )
            for name, level in each.items()
            if level.away > 0.5
        }

    def value(self, stated: Bools, leads: int) -> Floats:
        """(deal, lead) expected factor on the amount of deals, by whether it was `stated`."""
        both = np.stack([self.typical.ahead(leads)[0], self.stated.ahead(leads)[0]])
        return both[stated.astype(np.int64)]


def at(
    history: History,
    counts: Counts,
    rates: Hazards,
    groups: Cohorts,
    at_once: float,
    origin: int,
    leads: int,
) -> Levels:
    """The levels that could be known at snapshot `origin`.

    Parameters
    ----------
    at_once
        Chance that a deal is won in the month that it begins in.
    """
    seen = visible(history, origin, leads)[:, 1]
    return Levels(
        _wins(history, counts, rates, groups, at_once, seen),
        _typical(history, origin),
        _stated(history, origin),
    )


def _wins(
    history: History,
    counts: Counts,
    rates: Hazards,
    groups: Cohorts,
    at_once: float,
    seen: Bools,
) -> Level:
    """Wins of each month, of deals open before it and of deals begun in it, against the expected."""
    open_then = first_month(history, counts, rates.base[0], seen)
    chance = open_then.chance * rates.leaf[open_then.leaf] * rates.size[open_then.size]
    month, n = history.months + 1, len(history.snaps)
    expected = np.bincount(open_then.snap, weights=chance, minlength=n)
    observed = np.bincount(open_then.snap, weights=open_then.won, minlength=n)
    place = month - groups.first
    there = (place >= 0) & (place < groups.created.shape[1])
    place = np.where(there, place, 0)
    expected += np.where(there, groups.created.sum(axis=0)[place] * at_once, 0.0)
    observed += np.where(there, groups.decided[0][place, 0], 0.0)
    expected = (expected * rates.calendar[0][month % 12])[seen]
    observed = observed[seen]
    fine = expected > 0
    if not fine.any():
        return settled()
    squared = (observed[fine] - expected[fine]) ** 2 / expected[fine]
    noise = (float(squared.sum()) + _PRIOR_MONTHS) / (len(squared) + _PRIOR_MONTHS)
    # Counts that scatter more than Poisson tell so much less.
    return of_counts(observed / max(noise, 1.0), expected / max(noise, 1.0))


def _typical(history: History, origin: int) -> Level:
    """Amounts of the wins of two years, month by month, against their own mean."""
    recent = history.won_lately(origin) & (history.amount > 0)
    log = np.log(history.amount[recent])
    leaf = history.leaf[recent]
    many = np.bincount(leaf, minlength=len(history.leaves))
    mean = np.bincount(leaf, weights=log, minlength=len(history.leaves)) / np.maximum(many, 1)
    return _of_logs(log - mean[leaf], month_number(history.close[recent]), history, origin)


def _stated(history: History, origin: int) -> Level:
    """What deals brought against the amounts that the last snapshot before their win stated."""
    rows = history.rows
    close = history.close[rows.deal]
    known = (rows.amount > 0) & (rows.snap < origin) & history.won[rows.deal]
    known &= (close <= history.snaps[origin]) & (history.amount[rows.deal] > 0)
    known &= month_number(close) == history.months[rows.snap] + 1
    log = np.log(history.amount[rows.deal[known]] / rows.amount[known])
    return _of_logs(log, month_number(close[known]), history, origin)


def _of_logs(log: Floats, month: Ints, history: History, origin: int) -> Level:
    if len(log) < _FEWEST:
        return settled()
    middle = log - log.mean()
    spread = max(float(middle.std(ddof=1)), 1e-3)
    first = int(month.min())
    n = int(history.months[origin]) - first + 1
    many = np.bincount(month - first, minlength=n)
    mean = np.bincount(month - first, weights=middle, minlength=n) / np.maximum(many, 1)
    return of_means(np.where(many > 0, mean, np.nan), spread / np.sqrt(np.maximum(many, 1)))
