"""Whether wins and their amounts lately stand where the long past has them.

Chances of winning, and amounts, are counted over years: after a fall they would stay near the old
level for as long. So what came of each month's open deals is held against what those chances let
expect, and the level that they stand at now is read from it (`statistics/level_shifts.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast.amounts import (
    FEWEST,
    Logs,
    Season,
    Seasons,
    against_stated,
    against_typical,
    monthly,
)
from salesops_lib.analyses.forecast.creation import Cohorts
from salesops_lib.analyses.forecast.hazards import Counts, Hazards, first_month, visible
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints
from salesops_lib.estimate import Estimate
from salesops_lib.statistics.level_shifts import (
    Level,
    SplitLevel,
    split_of_counts,
    split_of_means,
    split_settled,
)
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio

# Months of a usual scatter that the counts' own is drawn towards.
_PRIOR_MONTHS = 12.0
# Thousands of wins tell a move of three in a hundred, which is followed and is no news to anybody.
_WORTH_A_WORD = 0.1


@dataclass(frozen=True)
class Moved:
    """A level that more likely than not stands elsewhere than before.

    Attributes
    ----------
    what
        wins, typical or stated, as in `Levels`.
    factor
        Where it stands, a share of before.
    among
        0 where the whole company moved, else the number of parts of which this one did.
    """

    what: str
    factor: Estimate
    among: int


@dataclass(frozen=True)
class Levels:
    """Levels as known at one origin, of a company whose parts are those of its first grouping.

    Attributes
    ----------
    wins
        Of the chance of winning.
    typical, stated
        Of what a won deal brings against the mean amount, and against the amount stated while open.
    part
        (leaf,) the part that each leaf belongs to.
    """

    wins: SplitLevel
    typical: SplitLevel
    stated: SplitLevel
    part: Ints

    def moved(self, confidence: float) -> list[Moved]:
        """Which of them moved by a tenth or more, the company's or, where its parts move on their own,
        those of parts."""
        found = []
        for what, split in (
            ("wins", self.wins),
            ("typical", self.typical),
            ("stated", self.stated),
        ):
            own = split.apart > 0.5
            for level in split.parts if own else (split.whole,):
                factor = _factor(level, confidence)
                if level.away > 0.5 and abs(math.log(factor.value)) > _WORTH_A_WORD:
                    found.append(Moved(what, factor, len(split.parts) if own else 0))
        return found

    def value(self, stated: Bools, leaf: Ints, leads: int) -> Floats:
        """(deal, lead) expected factor on the amount of deals of these leaves, by whether it was
        `stated`."""
        both = np.stack([self.typical.ahead(leads), self.stated.ahead(leads)])
        return both[stated.astype(np.int64), self.part[leaf]]


def _factor(level: Level, confidence: float) -> Estimate:
    return Estimate(
        float(level.ahead(0)[0][0]),
        *level.limits(confidence),
        confidence,
        "share",
        method="hidden Markov model of a level that jumps",
    )


def at(
    history: History,
    counts: Counts,
    rates: Hazards,
    groups: Cohorts,
    at_once: float,
    seasons: Seasons,
    origin: int,
    leads: int,
) -> Levels:
    """The levels that could be known at snapshot `origin`.

    Parameters
    ----------
    at_once
        Chance that a deal is won in the month that it begins in.
    seasons
        What the months of the year put on amounts, which is no move of a level.
    """
    seen = visible(history, origin, leads)[:, 1]
    part = history.part
    return Levels(
        _wins(history, counts, rates, groups, at_once, seen, part),
        _typical(history, origin, seasons.typical, part),
        _stated(history, origin, seasons.stated, part),
        part,
    )


def _wins(
    history: History,
    counts: Counts,
    rates: Hazards,
    groups: Cohorts,
    at_once: float,
    seen: Bools,
    part: Ints,
) -> SplitLevel:
    """Wins of each month, of deals open before it and of deals begun in it, against the expected."""
    apart = rates.apart[..., 1], rates.sourced[..., 1]
    open_then = first_month(history, counts, rates.base, apart, np.ones((2, len(seen))), seen)
    chance = open_then.chance[0] * rates.leaf[0, open_then.leaf] * rates.size[0, open_then.size]
    month, n, parts = history.months + 1, len(history.snaps), int(part.max()) + 1
    cell = part[open_then.leaf] * n + open_then.snap
    # Where nothing was ever open, a bincount of nothing is made of whole numbers.
    expected = np.bincount(cell, weights=chance, minlength=parts * n).astype(np.float64)
    observed = np.bincount(cell, weights=open_then.came[0], minlength=parts * n).astype(np.float64)
    expected, observed = expected.reshape(parts, n), observed.reshape(parts, n)
    member = history.member
    place = month - groups.first
    there = (place >= 0) & (place < groups.created.shape[1])
    place = np.where(there, place, 0)
    begun = np.where(there, (member @ groups.created)[:, place] * at_once, 0.0)
    won = np.where(there, (member @ groups.won_at_once)[:, place], 0.0)
    season = rates.calendar[0].at(month)
    expected = ((expected + begun * _usual(won, begun * season, seen)) * season)[:, seen]
    observed = (observed + won)[:, seen]
    noise = _noise(observed.sum(axis=0), expected.sum(axis=0))
    # Counts that scatter more than Poisson tell so much less.
    return split_of_counts(observed / noise, expected / noise)


def _usual(won: Floats, expected: Floats, seen: Bools) -> Floats:
    """(part, 1) how many of its deals a part usually wins in the month that they begin in, against the
    expected: a part that sells fast always has, and does not stand elsewhere than before."""
    o, e = won[:, seen].sum(axis=1), expected[:, seen].sum(axis=1)
    if not (o.sum() > 0 and e.sum() > 0):
        return np.ones((len(o), 1))
    return shrunk_ratio(o, e * (o.sum() / e.sum()))[:, None]


def _noise(observed: Floats, expected: Floats) -> float:
    """How many times as much as Poisson's the months' counts scatter, at least once."""
    fine = expected > 0
    squared = (observed[fine] - expected[fine]) ** 2 / expected[fine]
    return max((float(squared.sum()) + _PRIOR_MONTHS) / (len(squared) + _PRIOR_MONTHS), 1.0)


def _typical(history: History, origin: int, season: Season, part: Ints) -> SplitLevel:
    """Amounts of the wins of two years, month by month, against their own mean."""
    logs = against_typical(history, history.won_lately(origin) & (history.amount > 0))
    return _of_logs(logs, season, part, int(history.months[origin]))


def _stated(history: History, origin: int, season: Season, part: Ints) -> SplitLevel:
    """What deals brought against the amounts that the last snapshot before their win stated."""
    return _of_logs(against_stated(history, origin), season, part, int(history.months[origin]))


def _of_logs(logs: Logs, season: Season, part_of: Ints, last: int) -> SplitLevel:
    parts, month, part = int(part_of.max()) + 1, logs.month, part_of[logs.leaf]
    if len(logs.value) < FEWEST:
        return split_settled(parts)
    # A month of small deals every year is no fall.
    log = logs.value - np.log(season.factor[month % 12])
    # Each part against its own mean; one with next to nothing of its own tells next to nothing.
    many = np.bincount(part, minlength=parts)
    own = np.bincount(part, weights=log, minlength=parts) / np.maximum(many, 1)
    means, errors = monthly(log - own[part], month, part, parts, last)
    return split_of_means(means, errors)
