"""Where the deals come from that begin in the months ahead: each source goes along its own line, and has a year
of its own.

Renewals are due when what they renew was sold, and in a young company there are more of them every month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from salesops_lib.analyses.forecast.begun import (
    HALF_LIFE,
    LEAST_MONTHS,
    a_year,
    company_line,
    known_months,
    reach,
    since_begun,
    stayed,
    weighed,
)
from salesops_lib.analyses.forecast.echoes import Echo, Won, with_echo
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.months import Months, of_counts
from salesops_lib.analyses.forecast.snapshots import Floats, Ints


@dataclass(frozen=True)
class BySource:
    """Where the deals come from that begin in the months ahead.

    Attributes
    ----------
    share
        (source, lead) share of each source.
    level
        (lead,) deals a month of all together, in average months of the year.
    season, season_ahead
        (known month,) and (lead,) what the year does to the deals of all sources together.
    echoes
        How far each source that goes along a line of its own echoes what was won, by its code.
    """

    share: Floats
    level: Floats
    season: Floats
    season_ahead: Floats
    echoes: Mapping[int, Echo]


def by_source(
    history: History, created: Floats, first: int, last: int, month: Ints
) -> BySource | None:
    """Where the deals come from that begin in each `month` ahead, from `created` (source, month) as in
    `begun_ahead`; None where next to nothing is known.

    Each source goes along its own line, as a part does, and has a year of its own beside the company's:
    renewals are due when what they renew was sold.
    """
    known = known_months(history, first, last)
    lately, counts = a_year(created[:, : last - first + 1]), created[:, known - first]
    if len(created) == 1 or len(known) < 3 or not (counts.any() and lately.any()):
        return None
    settled, closed = stayed(counts)
    steady = np.where(closed, 0.0, lately)
    if not steady.any():
        return None
    won = Won.by(history, first, last)
    # Where all got new names there is none beside which the others come and go but all of them.
    _, usual = company_line(known, counts[settled | ~settled.any()].sum(axis=0))
    growth = _sharing(known - last, counts.sum(axis=0), usual.at(known)).growth
    even, level = counts / usual.at(known), np.zeros((len(counts), len(month)))
    season, echoes = np.ones_like(level), dict[int, Echo]()
    for source in map(int, np.flatnonzero(~closed & counts.any(axis=1))):
        since = slice(0, None) if settled[source] else since_begun(counts[source])
        if len(known[since]) < LEAST_MONTHS:
            level[source] = even[source, since].mean()
        else:
            line = _Course(known[since], counts[source, since], usual, growth, not settled[source])
            level[source], own = line.ahead(month)
            usually = level[source] * usual.at(month)
            echoes[source] = with_echo(
                line.known, line.counts, won, month, line.foretold, usually * own[month % 12]
            )
            season[source] = _against(echoes[source].ahead, usually, own[month % 12])
            even[source] = even[source] / own[known % 12]
    found, steady = level * season, np.outer(steady / steady.sum(), np.ones(len(month)))
    share = weighed(_against(found, found.sum(axis=0), steady), steady, float(lately.sum()))
    own_year = _against(found.sum(axis=0), level.sum(axis=0), np.ones(len(month)))
    together = counts.sum(axis=0) / np.maximum(even.sum(axis=0), 1e-300)
    return BySource(
        share,
        level.sum(axis=0),
        np.where(counts.any(axis=0), together, usual.at(known)),
        usual.at(month) * own_year,
        echoes,
    )


def _against(some: Floats, of: Floats, instead: Floats) -> Floats:
    """Part of another number, `instead` where that is nothing: all sources may have fallen to it."""
    return np.divide(some, of, out=instead.copy(), where=of > 0)


@dataclass(frozen=True)
class _Trend:
    """Deals a month in the last known one, and how many more each month: as many, or as large a share."""

    level: float
    slope: float
    adds: bool

    @property
    def growth(self) -> float:
        """Of the level, a month."""
        return self.slope / self.level if self.level > 0 else 0.0

    def at(self, month: Floats | Ints) -> Floats:
        """So many in months counted from the last known one."""
        if self.adds:
            return np.asarray(np.maximum(self.level + self.slope * month, 0.0))
        return np.asarray(self.level * np.exp(self.growth * month))


def _adding(month: Ints, counts: Floats, season: Floats, growth: float) -> _Trend:
    """The straight line of late through counts without their season; as far as chance could have made its
    slope, it grows by this share of its mean a month."""
    recent = 0.5 ** (-month / HALF_LIFE)
    # A month that should have many tells more than one that should have few.
    w, even = recent * season, counts / season
    middle, mean = np.average(month, weights=w), float(np.average(even, weights=w))
    away = month - middle
    pull = w * away / (w * away**2).sum()
    slope = float(pull @ even)
    noise = np.average(season * (even - mean - slope * away) ** 2, weights=recent)
    slope = _drawn(slope, growth * mean, noise * float(pull @ (pull / season)))
    return _Trend(float(mean - slope * middle), slope, adds=True)


def _sharing(month: Ints, counts: Floats, season: Floats, growth: float = 0.0) -> _Trend:
    """The same for growth by a share each month: Poisson regression of late."""
    w, share = 0.5 ** (-month / HALF_LIFE), 0.0
    if not (w * counts).sum() > 0:
        return _Trend(0.0, 0.0, adds=False)

    def expected(share: float) -> Floats:
        even = season * np.exp(share * month)
        return np.asarray(even * (w * counts).sum() / (w * even).sum())

    for _ in range(8):
        there = expected(share)
        away = month - np.average(month, weights=w * there)
        known = float((w * there * away**2).sum())
        share = float(np.clip(share + (w * (counts - there) * away).sum() / known, -0.5, 0.5))
    noise = np.average((counts - there) ** 2 / there, weights=w)
    share = _drawn(share, growth, noise * float((w**2 * there * away**2).sum()) / known**2)
    level = float((w * counts).sum() / (w * season * np.exp(share * month)).sum())
    return _Trend(level, share * level, adds=False)


def _drawn(found: float, usual: float, error: float) -> float:
    """Drawn towards the usual as far as an error of this variance could have led away from it."""
    apart = found - usual
    return usual + (apart**3 / (apart**2 + error) if apart else 0.0)


@dataclass(frozen=True)
class _Course:
    """The line and the year of one source, from the months that are `known` of it.

    It grows by as large a share each month, as the company does. One that began later than the company `adds`
    as many deals each month: renewals start from none, and add up as what is sold does. What falls loses a share.
    Both are drawn towards the company's: its `usual` months, and its `growth`.
    """

    known: Ints
    counts: Floats
    usual: Months
    growth: float
    adds: bool

    def ahead(self, month: Ints) -> tuple[Floats, Floats]:
        """(lead,) deals a month in the months ahead, and (12,) what the months of the year do to it beside
        what they usually do."""
        known, counts, own = self.known, self.counts, np.ones(12)
        x, beside = known - known[-1], self.usual.at(known)
        for _ in range(2):
            season = own[known % 12] * beside
            line = _sharing(x, counts, season, self.growth)
            if self.adds and line.slope > 0:
                line = _adding(x, counts, season, self.growth)
            own = of_counts(known, counts, line.at(x) * beside).factor
        return line.at(reach(month - known[-1])), own

    def foretold(self, seen: int, month: Ints) -> Floats:
        """(month,) deals begun in each, as the first so many months say."""
        past = replace(self, known=self.known[:seen], counts=self.counts[:seen])
        level, own = past.ahead(month)
        return np.asarray(level * own[month % 12] * self.usual.at(month))
