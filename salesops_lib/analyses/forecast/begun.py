"""How many deals will begin in each month ahead, in the company and in each part of it.

The company goes on along its recent line, and each part along its own beside the company's: a region
that grows has more of the deals ahead than it had of last year's. A part that opened lately, or that
begins no more deals, is no growth or fall of the others: it is counted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.months import Months, of_counts
from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints

if TYPE_CHECKING:
    from salesops_lib.analyses.forecast.begun_by_source import BySource

# A creation rate is read from the recent past: a month's weight halves after this many months.
HALF_LIFE = 9.0
# Deals of a leaf and of a part are drawn towards their longer past by this many deals.
_PRIOR_DEALS = 5.0
# Nobody knows next year's growth of new deals better than this (one standard deviation a year).
_GROWTH_DOUBT = 0.06
# Of the growth seen, as a standard deviation: whether it goes on for a year or stops nobody knows either.
_GOES_ON = 0.3
# Months of a part's own below which its growth is chance.
LEAST_MONTHS = 6
# A part opened later than this many months after the others is counted by itself.
_TOGETHER = 3
# A part is closed that began none for two months in which so many would be usual.
_QUIET_MONTHS, _MISSED = 2, 8.0


@dataclass(frozen=True)
class Begun:
    """Deals begun in the months ahead.

    Attributes
    ----------
    leaves
        (leaf, lead) deals expected to begin.
    spread
        (lead,) relative standard deviation, common to all leaves, of their number.
    closed
        (leaf,) whether it is of a part that begins deals no more.
    """

    leaves: Floats
    spread: Floats
    closed: Bools


@dataclass(frozen=True)
class _Line:
    """Recent log level, its monthly drift (drawn towards none), scatter and the level's error."""

    level: float
    slope: float
    noise: float
    error: float

    def at(self, month: Ints) -> Floats:
        """So many a month, months counted from the last known; ahead of it growth fades."""
        return np.exp(self.level + self.slope * reach(month))


def reach(month: Ints) -> Floats:
    """Months from the last known one, fading ahead of it: no growth goes on for ever."""
    damped = np.cumsum(0.95 ** np.arange(1, max(int(month.max()), 1) + 1))
    return np.where(month > 0, damped[np.maximum(month - 1, 0)], np.minimum(month, 0))


def begun_ahead(
    history: History,
    created: Floats,
    first: int,
    last: int,
    month: Ints,
    sources: BySource | None = None,
) -> Begun:
    """Deals that begin in each `month` ahead, by what was known at the end of month `last`.

    Parameters
    ----------
    created
        (leaf, month) deals begun, from the month numbered `first` on.
    sources
        Where they come from, if that is known: a year of more renewals has another season.
    """
    known = known_months(history, first, last)
    within, lately = _lately(history, created[:, : last - first + 1])
    counts = history.member @ created[:, known - first]
    total = counts.sum(axis=0)
    if len(known) < 3 or total.sum() == 0:
        level = float(total.mean()) if len(known) else 0.0
        share = within * (history.member.T @ lately)
        ahead = np.outer(share, np.full(len(month), level))
        return Begun(ahead, np.ones(len(month)), np.zeros(len(share), dtype=bool))
    settled, closed = _settled(counts)
    together = counts[settled].sum(axis=0)
    if sources is None:
        line, calendar = company_line(known, together)
        season, season_ahead = calendar.at(known), calendar.at(month)
    else:
        season, season_ahead = sources.season, sources.season_ahead
        line = _line(known, together / season)
    parts = np.zeros((len(counts), len(month)))
    parts[settled] = _shares(counts[settled], lately[settled], known, month)
    # Among parts that come and go, what each source begins is no line.
    parts[settled] *= sources.level if sources and settled.all() else line.at(month - last)
    for part in np.flatnonzero(~settled & ~closed):
        parts[part] = _alone(counts[part] / season, known, month)
    leaves = within[:, None] * (history.member.T @ (parts * season_ahead))
    return Begun(leaves, _spread(line, together, month - last), closed[history.part])


def known_months(history: History, first: int, last: int) -> Ints:
    """Months of which all that began is known: before the first closing on record only deals that lasted
    are in the table."""
    return np.arange(max(first, min(history.first_close, last - 2)), last + 1)


def _lately(history: History, created: Floats) -> tuple[Floats, Floats]:
    """(leaf,) share of each leaf in its part lately, and (part,) of each part in the company, drawn a
    little towards the longer past."""
    recent, longer = a_year(created), created.sum(axis=1)
    if longer.sum() == 0:
        share = np.full(len(longer), 1.0 / len(longer))
    else:
        share = recent + _PRIOR_DEALS * longer / longer.sum()
        share = share / share.sum()
    parts = history.member @ share
    return share / np.maximum(history.member.T @ parts, 1e-300), parts


def a_year(created: Floats) -> Floats:
    """(leaf,) deals begun in the last twelve months, and by a leaf that opened within them as many as
    it would have begun in twelve."""
    recent = created[:, -12:].sum(axis=1)
    opened = _before_any(created)
    months = created.shape[1] - opened
    late = (recent > 0) & (months < 12) & (opened >= _TOGETHER)
    # It opened at any time of its first month, and with a deal: that one says nothing of how many more.
    return np.where(late, (recent - 1) * 12 / np.maximum(months - 0.5, 1.0), recent)


def _settled(counts: Floats) -> tuple[Bools, Bools]:
    """As `stayed`. Without any that did there is no company beside which parts open or close: all did."""
    settled, closed = stayed(counts)
    if settled.any():
        return settled, closed
    return np.asarray(counts.any(axis=1)), np.zeros_like(closed)


def stayed(counts: Floats) -> tuple[Bools, Bools]:
    """(part,) whether each begins deals from the first months of all (part, month) on and still does;
    and whether it did and does no more."""
    opened, quiet = _before_any(counts), _before_any(counts[:, ::-1])
    longest = np.array([_longest_rest(each > 0) for each in counts])
    usual = counts.sum(axis=1) / np.maximum(counts.shape[1] - opened - quiet, 1)
    # One that always rests for months has not closed.
    closed: Bools = (quiet >= _QUIET_MONTHS) & (quiet > longest) & (quiet * usual >= _MISSED)
    settled: Bools = (opened < _TOGETHER) & ~closed
    return settled, closed


def _before_any(counts: Floats) -> Ints:
    """(row,) months before the first with any; all of them where there is none."""
    return (np.cumsum(counts > 0, axis=1) == 0).sum(axis=1)


def _longest_rest(some: Bools) -> int:
    """Months in the longest rest between two with any."""
    return int(np.diff(np.flatnonzero(some)).max(initial=1)) - 1


def company_line(known: Ints, counts: Floats) -> tuple[_Line, Months]:
    """The line, and what the months do beside it."""
    calendar = Months()
    for _ in range(2):
        line = _line(known, counts / calendar.at(known))
        calendar = of_counts(known, counts, line.at(known - known[-1]))
    return line, calendar


def _spread(line: _Line, counts: Floats, ahead: Ints) -> Floats:
    poisson = 1.0 / max(float(counts[-12:].mean()), 1.0)
    extra = max(line.noise**2 - poisson, 0.0)
    # The level wanders: each month ahead adds a share of a month's own scatter, and growth itself
    # may change.
    wander = extra * (0.1 * np.maximum(ahead, 1.0)) + (_GROWTH_DOUBT * ahead / 12) ** 2
    wander += (_GOES_ON * line.slope * ahead) ** 2
    spread: Floats = np.sqrt(line.error**2 + wander)
    return spread


def _shares(counts: Floats, lately: Floats, known: Ints, month: Ints) -> Floats:
    """(part, lead) share of each part in what all of them begin."""
    steady = np.repeat(lately[:, None] / lately.sum(), len(month), axis=1)
    total = counts.sum(axis=0)
    some = total > 0
    if len(counts) == 1 or some.sum() < LEAST_MONTHS:
        return steady
    # As if all months had begun as many: what is left is each part's growth beside the others'.
    even = counts[:, some] * (total[some].mean() / total[some])
    own = [
        _line(known[some], each).at(month - known[-1]) if each.sum() > 0 else np.zeros(len(month))
        for each in even
    ]
    return weighed(np.stack(own) / np.sum(own, axis=0), steady, float(total[-12:].sum()))


def weighed(share: Floats, steady: Floats, deals: float) -> Floats:
    """Shares that so many deals of a year tell, drawn towards steady ones."""
    drawn: Floats = (deals * share + _PRIOR_DEALS * steady) / (deals + _PRIOR_DEALS)
    return drawn


def _alone(counts: Floats, known: Ints, month: Ints) -> Floats:
    """(lead,) deals a month of a part that opened after the others."""
    if not counts.any():
        return np.zeros(len(month))
    since = since_begun(counts)
    # One that began deals in its first month only, and too few to call it closed, has no line.
    if len(counts[since]) < LEAST_MONTHS or not counts[since].any():
        return np.full(len(month), counts[since].mean())
    return _line(known[since], counts[since]).at(month - known[-1])


def since_begun(counts: Floats) -> slice:
    """The months after the first with any, which was part of one."""
    return slice(min(int(np.argmax(counts > 0)) + 1, len(counts) - 1), None)


def _line(month: Ints, counts: Floats) -> _Line:
    y = np.log(counts + 0.5)
    x = (month - month[-1]).astype(np.float64)
    w = 0.5 ** (-x / HALF_LIFE)
    mean_x, mean_y = np.average(x, weights=w), np.average(y, weights=w)
    sxx = float((w * (x - mean_x) ** 2).sum())
    slope = float((w * (x - mean_x) * (y - mean_y)).sum() / sxx) if sxx > 0 else 0.0
    noise2 = float((w * (y - mean_y - slope * (x - mean_x)) ** 2).sum() / w.sum())
    noise2 *= len(y) / max(len(y) - 2, 1)
    effective = float(w.sum() ** 2 / (w**2).sum())
    slope_var = noise2 * float((w**2 * (x - mean_x) ** 2).sum()) / max(sxx**2, 1e-12)
    keep = slope**2 / (slope**2 + slope_var) if slope != 0 else 0.0
    level = float(mean_y - slope * keep * mean_x)
    # exp of a mean log is no mean: what the line says must add up to what there was.
    level += float(np.log((w * counts).sum() / (w * np.exp(level + slope * keep * x)).sum()))
    error = np.sqrt(noise2 / effective + keep * slope_var * mean_x**2)
    return _Line(level, slope * keep, float(np.sqrt(noise2)), float(error))
