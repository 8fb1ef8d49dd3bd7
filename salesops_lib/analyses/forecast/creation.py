"""Deals not begun yet: how many will be created in the months ahead, and how many of them won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline, CubicSpline

from salesops_lib.analyses.forecast.begun import begun_ahead
from salesops_lib.analyses.forecast.begun_by_source import BySource, by_source
from salesops_lib.analyses.forecast.echoes import Echo
from salesops_lib.analyses.forecast.hazards import along
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.months import Months, together
from salesops_lib.analyses.forecast.snapshots import (
    NEVER,
    Bools,
    Floats,
    Ints,
    month_number,
    rest_of_month,
)
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio

_LAGS = 24
_LARGEST = 0.98


@dataclass(frozen=True)
class Cohorts:
    """Deals by calendar month of creation and months from there to the decision.

    Attributes
    ----------
    first
        Number of the first creation month.
    created
        (leaf, month) deals begun.
    decided
        (cause, month, lag) deals won or lost `lag` calendar months after the month they began in.
    won_at_once
        (leaf, month) deals won in the month that they began in.
    won
        (part, month, lag) deals won, as in `decided`, by `History.part`.
    created_of_source, won_of_source
        (source, month) and (source, month, lag): the same by where deals came from.
    """

    first: int
    created: Floats
    decided: Floats
    won_at_once: Floats
    won: Floats
    created_of_source: Floats
    won_of_source: Floats


@dataclass(frozen=True)
class NewDeals:
    """What deals begun after the origin will bring.

    Attributes
    ----------
    begun
        (lead,) deals expected to begin in each month ahead; lead 0 is the rest of the origin's
        own month.
    wins
        (leaf, lead) wins expected from them, by month of winning.
    of_source
        (source, lead) share of each source in the wins of each month ahead.
    spread
        Relative standard deviation, common to all leaves, of the number of deals begun.
    at_once
        Chance that a deal is won in the month that it begins in, in an average calendar month.
    win_rate
        Share of deals begun that are won within two years, the undecided counted as censored.
    decided
        Deals won or lost so far.
    closed_rate
        Won ÷ decided: what closed deals alone would say.
    echoes
        Code of each source that goes along a line of its own → how far it echoes what was won.
    closed
        (leaf,) whether it is of a part that begins deals no more.
    """

    begun: Floats
    wins: Floats
    of_source: Floats
    spread: Floats
    at_once: float
    win_rate: float
    decided: int
    closed_rate: float
    echoes: Mapping[int, Echo]
    closed: Bools


def cohorts(history: History) -> Cohorts:
    """Count every deal with a creation date."""
    dated = history.created < NEVER
    begun = month_number(history.created)
    first = int(begun[dated].min()) if dated.any() else int(history.months[-1])
    width = int(history.months[-1]) - first + 1
    lag = month_number(history.close) - begun
    counted = dated & (lag >= 0) & (lag <= _LAGS)

    def created(which: Bools, code: Ints, codes: int) -> Floats:
        place = code[which] * width + begun[which] - first
        many = np.bincount(place, minlength=codes * width)
        return many.astype(np.float64).reshape(codes, width)

    def decided(which: Bools, code: Ints, codes: int) -> Floats:
        mine, many = which & counted, np.zeros((codes, width, _LAGS + 1))
        np.add.at(many, (code[mine], begun[mine] - first, lag[mine]), 1.0)
        return many

    leaf, leaves, part = history.leaf, len(history.leaves), history.part[history.leaf]
    won, lost = (decided(flag, part, len(history.member)) for flag in (history.won, history.lost))
    return Cohorts(
        first,
        created(dated, leaf, leaves),
        np.stack([won.sum(axis=0), lost.sum(axis=0)]),
        created(dated & history.won & (lag == 0), leaf, leaves),
        won,
        created(dated, history.source, history.sources),
        decided(history.won, history.source, history.sources),
    )


def new_deals(
    history: History,
    groups: Cohorts,
    calendar: tuple[Months, Months],
    leaf_factor: Floats,
    origin: int,
    leads: int,
) -> NewDeals:
    """Expected wins of deals begun after snapshot `origin`, from what was known there.

    Parameters
    ----------
    calendar
        Factors of the calendar months on the chance of winning, and of losing.
    leaf_factor
        (leaf,) factors on the chance of winning.
    """
    last = int(history.months[origin]) - (0 if history.month_end else 1)
    month = int(history.months[origin]) + np.arange(leads + 1)
    sources = by_source(history, groups.created_of_source, groups.first, last, month)
    ahead = begun_ahead(history, groups.created, groups.first, last, month, sources)
    rest = float(rest_of_month(history.snaps[origin : origin + 1])[0])
    begun = ahead.leaves
    begun[:, 0] *= rest
    hazard = _hazard(history, groups, calendar, last)
    # Row: lead of beginning; column: lead of winning.
    incidence = _incidence(hazard, calendar, month)
    if not history.month_end:
        even = _incidence(hazard, (Months(), Months()), month)[0]
        incidence[0] *= _begun_late(even, rest, _same_day(history, origin))
    lead = np.arange(leads + 1)
    lag = np.minimum(np.maximum(lead - lead[:, None], 0), _LAGS)
    leaf = _by_leaf(history, groups, begun, leaf_factor, last)[:, lead[:, None], lag]
    source = _won_by_source(history, groups, last, sources, len(month))[:, lead[:, None], lag]
    each = begun.sum(axis=0)[:, None] * incidence
    wins = np.einsum("bl,bl,kbl->kl", each, source.sum(axis=0), leaf)
    of_source = np.einsum("bl,sbl->sl", each, source)
    closed = history.close <= history.snaps[origin]
    won, decided = int((history.won & closed).sum()), int(closed.sum())
    return NewDeals(
        begun.sum(axis=0),
        wins,
        of_source / np.maximum(of_source.sum(axis=0), 1e-300),
        ahead.spread,
        at_once=float(hazard[0, 0]),
        win_rate=float((_before(hazard) * hazard[0]).sum()),
        decided=decided,
        closed_rate=won / decided if decided else float("nan"),
        echoes=sources.echoes if sources else {},
        closed=ahead.closed,
    )


def _hazard(
    history: History, groups: Cohorts, calendar: tuple[Months, Months], last: int
) -> Floats:
    """(cause, lag) chance that a deal undecided `lag` months after its own is decided then."""
    width = groups.created.shape[1]
    begun = groups.first + np.arange(width)
    when = begun[:, None] + np.arange(_LAGS + 1)[None, :]
    seen = (when <= last) & (when >= history.first_close)
    gone = groups.decided.sum(axis=0).cumsum(axis=1)
    before = np.concatenate([np.zeros((width, 1)), gone[:, :-1]], axis=1)
    at_risk = np.maximum(groups.created.sum(axis=0)[:, None] - before, 0.0) * seen
    hazard = np.empty((2, _LAGS + 1))
    for cause in range(2):
        events = (groups.decided[cause] * seen).sum(axis=0)
        exposure = (at_risk * calendar[cause].at(when)).sum(axis=0)
        hazard[cause] = along(events, exposure)
    return hazard * np.minimum(1.0, _LARGEST / np.maximum(hazard.sum(axis=0), 1e-12))


def _by_leaf(
    history: History, groups: Cohorts, begun: Floats, leaf_factor: Floats, last: int
) -> Floats:
    """(leaf, lead, lag) share of each leaf in the wins of deals so many months after they began, by the
    month they begin in.

    Of deals begun each leaf has its own (leaf, lead), but a part that sells fast has more of the early
    wins, and fewer of the late, than one that sells slowly: by how many each part had of them so far,
    drawn towards what it wins of all its deals, and that towards its share. Within a part leaves differ
    by their `leaf_factor` on the chance of winning.
    """
    member = history.member
    factor, _ = _factors(groups.won, member @ groups.created, _seen(history, groups, last))
    weight = begun * leaf_factor[:, None]
    within = weight / np.maximum(member.T @ (member @ weight), 1e-300)
    begins = within * (member.T @ (member @ begun))
    found: Floats = begins[:, :, None] * (member.T @ factor)[:, None, :]
    return found / np.maximum(found.sum(axis=0), 1e-300)


def _won_by_source(
    history: History, groups: Cohorts, last: int, sources: BySource | None, leads: int
) -> Floats:
    """(source, lead, lag) how many of the deals that begin in each month ahead are won so many months
    later and come from each, against all that are usually won then.

    They add up to one where as many of each begin as ever. Where more and more are renewals, which are won
    more often, and sooner, the company wins more of its deals than it did.
    """
    if sources is None:
        so_far = groups.created_of_source[:, : last - groups.first + 1].sum(axis=1)
        each = so_far if so_far.any() else np.ones_like(so_far)
        return np.tile((each / each.sum())[:, None, None], (1, leads, _LAGS + 1))
    seen = _seen(history, groups, last)
    factor, there = _factors(groups.won_of_source, groups.created_of_source, seen)
    usual = (there * factor).sum(axis=0) / np.maximum(there.sum(axis=0), 1.0)
    factor = factor / np.where(usual > 0, usual, 1.0)
    return sources.share[:, :, None] * factor[:, None, :]


def _seen(history: History, groups: Cohorts, last: int) -> Floats:
    """(month, lag) 1 where it was known by the end of month `last` what of a month's deals was won then."""
    month = groups.first + np.arange(groups.created.shape[1])
    when = month[:, None] + np.arange(_LAGS + 1)[None, :]
    return ((when <= last) & (when >= history.first_close)).astype(np.float64)


def _factors(won: Floats, created: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """(group, lag) how many of its deals each group wins so many months after they began, against all
    groups, and of how many that is known; from `won` (group, month, lag) and `created` (group, month)."""
    came, there = np.einsum("gml,ml->gl", won, seen), created @ seen
    expected = there * (came.sum(axis=0) / np.maximum(there.sum(axis=0), 1.0))
    # How often each wins at all first: it is known far better than when.
    whole = shrunk_ratio(came.sum(axis=1), expected.sum(axis=1))[:, None]
    factor = np.empty_like(came)
    for lag in range(_LAGS + 1):
        factor[:, lag] = whole[:, 0] * shrunk_ratio(came[:, lag], (expected * whole)[:, lag])
    return factor, there


def _before(hazard: Floats) -> Floats:
    """(lag,) share still undecided when each month begins."""
    left = np.cumprod(1.0 - hazard.sum(axis=0))
    return np.concatenate([[1.0], left[:-1]])


def _incidence(hazard: Floats, calendar: tuple[Months, Months], month: Ints) -> Floats:
    """(lead begun, lead won) chance that a deal begun in one month is won in the other."""
    n, season = len(month), together(calendar, month)
    out = np.zeros((n, n))
    for start in range(n):
        lag = np.minimum(np.arange(n - start), _LAGS)
        chance = hazard[:, lag] * season[:, start:]
        chance *= np.minimum(1.0, _LARGEST / np.maximum(chance.sum(axis=0), 1e-12))
        out[start, start:] = _before(chance) * chance[0]
    return out


def _same_day(history: History, origin: int) -> float:
    """Share of all deals begun by then that were won on the day that they began on."""
    begun = history.created <= history.snaps[origin]
    same = begun & history.won & (history.close <= history.created)
    return float(same.sum()) / max(int(begun.sum()), 1)


def _begun_late(incidence: Floats, rest: float, same_day: float) -> Floats:
    """(lead,) factor on the chances of being won (lead,) of deals begun at any time of a month, for those
    begun in its last `rest` share: they have less of it before them, and are younger ever after.

    The share won by age is smoothed between the share won on the `same_day` and the means over months
    that are known, so that both kinds of deal can be read from it.
    """
    if not 0.0 < rest < 1.0:
        return np.ones(len(incidence))
    reached = np.cumsum(incidence)
    area = np.concatenate([[0.0], np.cumsum(reached)])
    knots = np.arange(len(area))
    # Reached by a deal of k months: between the means of the months around, and no more than thrice the
    # earlier, or the area below would fall (Fritsch & Carlson 1980).
    smooth = CubicSpline(knots, area, bc_type=((1, min(same_day, reached[0])), (1, reached[-1])))
    share = smooth(knots, 1)
    share[1:-1] = np.clip(share[1:-1], reached[:-1], np.minimum(reached[1:], 3 * reached[:-1]))
    curve = CubicHermiteSpline(knots, area, share)
    at = np.arange(len(reached) - 1, dtype=np.float64)
    late = np.maximum(np.diff((curve(at + rest) - curve(at)) / rest, prepend=0.0), 0.0)
    late = np.append(late, incidence[-1])
    return np.divide(late, incidence, out=np.ones_like(late), where=incidence > 0)
