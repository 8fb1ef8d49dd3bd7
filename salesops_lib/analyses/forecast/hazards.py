"""Competing hazards of win and loss, by stage, age and months ahead, from snapshots of open deals.

A landmark model (van Houwelingen 2007): every snapshot of an open deal is a start, and the
chance that it is won, or lost, in the k-th month after that start is counted from all earlier
snapshots. Deals still open are censored, not thrown away: closed deals alone say how often a deal
is won *among those already decided*, and wins are decided sooner.

Cells are small, so each is drawn towards its parent: stage × age × months ahead, towards stage ×
months ahead, towards the age that the deal will have by then. The strength is that of a
gamma–Poisson prior worth `PRIOR_EVENTS` events: measured on planted deals, a stronger one pulls
old deals towards the chances of young ones and over-forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesops_lib.analyses.forecast import parts
from salesops_lib.analyses.forecast.history import History
from salesops_lib.analyses.forecast.months import Months, beside, of_counts, together
from salesops_lib.analyses.forecast.snapshots import (
    AGE_EDGES,
    SIZE_STEP,
    Bools,
    Floats,
    Ints,
    Snapshots,
    month_number,
    rest_of_month,
)
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio

PRIOR_EVENTS = 0.5
# How much of a stage's standing at one lead carries over to the next where no data speaks.
_CARRY = 0.7
_AGES = len(AGE_EDGES) + 1
_LARGEST = 0.98
# Groups of deal size to either side of the usual one, and how many that makes with it and with none.
_FARTHEST = 15
_SIZES = 2 * _FARTHEST + 2


@dataclass(frozen=True)
class Counts:
    """What became of the open deals of every snapshot.

    Attributes
    ----------
    at_risk
        (snapshot, stage, age, lead) deals not yet decided when the lead-th calendar month after the
        snapshot's own begins (lead 0 is the rest of that month).
    events
        (cause, snapshot, stage, age, lead) deals won or lost in it.
    lead, size
        Of each snapshot row: months until it was decided (past the last lead: not yet), and its
        group of deal size.
    cells
        The same outcomes by part of the company and source.
    """

    at_risk: Floats
    events: Floats
    lead: Ints
    size: Ints
    cells: parts.Cells

    @property
    def open_at(self) -> Floats:
        """(snapshot, stage, age) deals open."""
        return self.at_risk[..., 0]


@dataclass(frozen=True)
class Hazards:
    """Chances a month of winning and losing, as known at one origin.

    Attributes
    ----------
    base
        (cause, stage, age, lead) chance that a deal undecided at the month's begin is decided
        so within it, in an average calendar month.
    calendar
        Factors of the calendar months on the chance of winning, and of losing.
    season
        (cause, lead) those factors for the months ahead of the origin; of its own month, times how
        much more of it is left than usual.
    leaf, size
        (kind, leaf) and (kind, size) factors by leaf of the hierarchy, against its part, and by deal
        size: on the chance of winning, and on that of being decided either way. A deal that is not
        won when others are is mostly lost then; so who wins less loses more.
    part, apart, sourced
        (leaf,) the part that each leaf belongs to, and (kind, part, stage, lead) its factors; and those of
        where deals came from, (kind, source, stage, age, lead).
    events
        (stage, age) wins that stand behind the chance in the first whole month ahead.
    rest
        As `calendar` and beside it, for what is left of a month: of one that ends a quarter more than of
        others.
    """

    base: Floats
    calendar: tuple[Months, Months]
    season: Floats
    leaf: Floats
    size: Floats
    part: Ints
    apart: Floats
    sourced: Floats
    events: Floats
    rest: tuple[Months, Months] = (Months(), Months())

    def outcomes(
        self,
        stage: Ints,
        age: Ints,
        leaf: Ints,
        size: Ints,
        source: Ints,
        level: Floats | float = 1.0,
    ) -> tuple[Floats, Floats]:
        """(deal, lead) probabilities that each deal is won, and lost, in each month ahead, where the
        chance of winning stands at `level` (lead,) or (deal, lead) times what it usually was."""
        factor = (self.leaf[:, leaf] * self.size[:, size])[..., None]
        factor = (
            factor * self.apart[:, self.part[leaf], stage] * self.sourced[:, source, stage, age]
        )
        win, loss = self.base[:, stage, age] * self.season[:, None]
        # Two causes cannot take more than all who are left.
        squeeze = np.minimum(1.0, _LARGEST / np.maximum(win + loss, 1e-12))
        ended = np.minimum((win + loss) * squeeze * factor[1], _LARGEST)
        win = np.minimum(win * squeeze * factor[0] * level, ended)
        loss = ended - win
        left = np.cumprod(1.0 - win - loss, axis=1)
        before = np.concatenate([np.ones((len(win), 1)), left[:, :-1]], axis=1)
        return before * win, before * loss


def size_groups(rows: Snapshots) -> Ints:
    """Group of each row's deal by its amount, 0 where that is not known.

    Groups are powers of `SIZE_STEP` about the usual amount at the first snapshot that knows any, which
    every later one knew too: in money of another unit, they hold the same deals.
    """
    amount, group = rows.amount, np.zeros(len(rows.amount), dtype=np.int64)
    stated = amount > 0
    if not stated.any():
        return group
    usual = np.median(amount[stated & (rows.snap == rows.snap[stated].min())])
    power = np.rint(np.log(amount[stated] / usual) / np.log(SIZE_STEP))
    group[stated] = np.clip(power, -_FARTHEST, _FARTHEST) + _FARTHEST + 1
    return group


def count(history: History, leads: int) -> Counts:
    """Outcomes of every snapshot row, `leads` calendar months ahead and the rest of its own."""
    rows = history.rows
    closes = month_number(history.close)[rows.deal]
    lead = np.minimum(closes - history.months[rows.snap], leads + 1)
    ended = history.won[rows.deal], history.lost[rows.deal]
    part, source = history.part[history.leaf[rows.deal]], history.beside[rows.deal]
    group = parts.code(part, source, history.besides)
    found = parts.cells(group, rows.snap, rows.stage, rows.age, lead, ended, leads)
    at_risk, events = found.together((len(history.snaps), len(history.stages), _AGES))
    return Counts(at_risk, events, lead, size_groups(rows), found)


def visible(history: History, origin: int, leads: int) -> Bools:
    """(snapshot, lead) pairs whose outcome was known at snapshot `origin`: the whole month ahead
    lies before it, and after the first closing on record."""
    reached = history.months[:, None] + np.arange(leads + 1)[None, :]
    last = history.months[origin] - (0 if history.month_end else 1)
    known: Bools = (reached <= last) & (reached >= history.first_close)
    known[origin:] = False
    if history.month_end:
        known[:, 0] = False
    return known


def fit(history: History, counts: Counts, origin: int, leads: int) -> Hazards:
    """The hazards that could be known at snapshot `origin`.

    Uses only (snapshot, month ahead) pairs that lay wholly before the origin; see `visible`.
    """
    seen = visible(history, origin, leads)
    at_risk = counts.at_risk
    ahead = history.months[:, None] + np.arange(leads + 1)[None, :]
    extent = _extent(history, leads)
    calendar, rest = [Months(), Months()], [Months(), Months()]
    base = np.empty((2, *counts.open_at.shape[1:], leads + 1))
    for cause in range(2):
        events = np.einsum("jsal,jl->sal", counts.events[cause], seen)
        for _ in range(2):
            season = calendar[cause].at(ahead) * extent
            season[:, 0] *= rest[cause].at(ahead[:, 0])
            exposure = np.einsum("jsal,jl->sal", at_risk, seen * season)
            base[cause] = _smoothed(events, exposure, history.month_end)
            calendar[cause] = _calendar(
                ahead[:, 1], counts.events[cause], at_risk, base[cause], seen
            )
            rest[cause] = _rest(
                ahead[:, 0],
                counts.events[cause],
                at_risk,
                base[cause],
                seen,
                calendar[cause].at(ahead[:, 0]) * extent[:, 0],
            )
    season = together(calendar, ahead) * extent
    season[..., 0] *= together(rest, ahead[:, 0])
    many = len(history.member), history.besides
    apart, sourced = parts.apart_by(counts.cells, base, season, seen, many)
    both = apart[..., 1], sourced[..., 1]
    leaf, size = _groups(history, counts, base, season[..., 1], both, seen)
    wins = np.einsum("jsa,j->sa", counts.events[0][..., 1], seen[:, 1])
    months, rests = (calendar[0], calendar[1]), (rest[0], rest[1])
    return Hazards(
        base, months, season[:, origin], leaf, size, history.part, apart, sourced, wins, rests
    )


def _extent(history: History, leads: int) -> Floats:
    """(snapshot, lead) how much of a month each stretch is: of its own month each snapshot has another
    rest before it, 13 days after the 15th of February and 16 after that of March."""
    extent = np.ones((len(history.snaps), leads + 1))
    rest = rest_of_month(history.snaps)
    if not history.month_end:
        extent[:, 0] = rest / rest.mean()
    return extent


def _smoothed(events: Floats, exposure: Floats, month_end: bool) -> Floats:
    """(stage, age, lead) chance a month: cells drawn towards stage × lead, towards attained age."""
    stages, _, leads = events.shape
    d_age, n_age = events[:, :, 1].sum(axis=0), exposure[:, :, 1].sum(axis=0)
    usual = overall(d_age, n_age)
    parent = along(d_age, n_age)[_attained(leads)]
    out = np.zeros_like(events)
    ratio = np.ones(stages)
    for lead in range(0 if not month_end else 1, leads):
        d, n = events[:, :, lead], exposure[:, :, lead]
        expected = (n * parent[:, lead]).sum(axis=1)
        # The rest of the current month says nothing about a whole month's chance.
        prior = np.ones(stages) if lead <= 1 else 1.0 + _CARRY * (ratio - 1.0)
        ratio = (d.sum(axis=1) + PRIOR_EVENTS * prior) / (expected + PRIOR_EVENTS)
        out[:, :, lead] = drawn(d, n, parent[:, lead] * ratio[:, None], usual)
    return np.minimum(out, _LARGEST)


def overall(events: Floats, exposure: Floats) -> float:
    """Events over exposure, never quite zero."""
    return float((events.sum() + 0.5) / (exposure.sum() + 1.0))


def drawn(events: Floats, exposure: Floats, mean: Floats, usual: float) -> Floats:
    """Events over exposure, drawn towards `mean` by the exposure that `PRIOR_EVENTS` events take
    at that rate, or at the usual one where that is higher: a parent near zero would otherwise
    count as endless exposure."""
    weight = PRIOR_EVENTS / np.maximum(mean, usual)
    return (events + weight * mean) / (exposure + weight)


def along(events: Floats, exposure: Floats) -> Floats:
    """Chance at each age or lag, drawn towards that of the one before: where little is known, a
    deal goes on as it did."""
    usual = overall(events, exposure)
    out = np.empty(len(events))
    before = np.asarray(usual)
    for k in range(len(events)):
        before = drawn(events[k], exposure[k], before, usual)
        out[k] = before
    return out


def _attained(leads: int) -> Ints:
    """(age group, lead) group of the age at the begin of the month ahead."""
    edges = np.concatenate([[0.0], AGE_EDGES, [AGE_EDGES[-1] * 1.5]])
    middle = (edges[:-1] + edges[1:]) / 2
    later = middle[:, None] + np.maximum(np.arange(leads) - 1, 0)[None, :]
    return np.searchsorted(AGE_EDGES, later, side="right").astype(np.int64)


def _calendar(month: Ints, events: Floats, at_risk: Floats, base: Floats, seen: Bools) -> Months:
    """What the months do, from the first whole month ahead of each snapshot."""
    window = seen[:, 1]
    observed = events[..., 1].sum(axis=(1, 2))[window]
    expected = (at_risk[..., 1] * base[..., 1]).sum(axis=(1, 2))[window]
    return of_counts(month[window], observed, expected)


def _rest(
    month: Ints, events: Floats, at_risk: Floats, base: Floats, seen: Bools, season: Floats
) -> Months:
    """What the months do to the rest of them beside what they do to all of them (`season`, a factor a
    snapshot): where business is pushed to the quarter's end, most of its last month comes in its last
    days, and of the other months no more than any days bring."""
    window = seen[:, 0]
    observed = events[..., 0].sum(axis=(1, 2))[window]
    expected = (at_risk[..., 0] * base[..., 0]).sum(axis=(1, 2))[window] * season[window]
    return beside(month[window], observed, expected)


def _groups(
    history: History,
    counts: Counts,
    base: Floats,
    season: Floats,
    apart: tuple[Floats, Floats],
    seen: Bools,
) -> tuple[Floats, Floats]:
    """Factors on the chances of winning and of being decided, of each leaf against its part and of each
    size of deal, from the first month ahead; `season` (cause, snapshot), `apart` as in `first_month`."""
    month = first_month(history, counts, base, apart, season, seen[:, 1])
    leaf, size = np.ones((2, len(history.leaves))), np.ones((2, _SIZES))
    for kind in range(2):
        chance, came = month.chance[kind], month.came[kind]
        leaf[kind] = _ratio_of(month.leaf, came, chance, leaf.shape[1])
        size[kind] = _ratio_of(month.size, came, chance * leaf[kind, month.leaf], _SIZES)
    return leaf, size


@dataclass(frozen=True)
class FirstMonth:
    """Open deals in the first whole month after each snapshot, one entry a deal and snapshot.

    Attributes
    ----------
    snap, leaf, size
        Positions and groups.
    chance
        (kind, entry) of being won, and decided, within the month, by season, stage, age, part and source.
    came
        (kind, entry) 1 where it was.
    """

    snap: Ints
    leaf: Ints
    size: Ints
    chance: Floats
    came: Floats


def first_month(
    history: History,
    counts: Counts,
    base: Floats,
    apart: tuple[Floats, Floats],
    season: Floats,
    seen: Bools,
) -> FirstMonth:
    """What of the open deals of the snapshots in `seen` (snapshot,) was expected and came, by the
    chances `base` (cause, stage, age, lead), `apart` (kind, part, stage) and (kind, source, stage, age),
    and `season` (cause, snapshot)."""
    rows = history.rows
    use = seen[rows.snap] & (counts.lead >= 1)
    deal, stage, snap = rows.deal[use], rows.stage[use], rows.snap[use]
    soon = counts.lead[use] == 1
    leaf = history.leaf[deal]
    each = base[:, stage, rows.age[use], 1] * season[:, snap]
    of_part, of_source = apart
    chance = parts.kinds(each) * of_part[:, history.part[leaf], stage]
    chance = chance * of_source[:, history.beside[deal], stage, rows.age[use]]
    came = np.stack([soon & history.won[deal], soon]).astype(np.float64)
    return FirstMonth(snap, leaf, counts.size[use], chance, came)


def _ratio_of(group: Ints, came: Floats, chance: Floats, n: int) -> Floats:
    o: Floats = np.bincount(group, weights=came, minlength=n).astype(np.float64)
    e: Floats = np.bincount(group, weights=chance, minlength=n).astype(np.float64)
    if e.sum() > 0 and o.sum() > 0:
        e = e * (o.sum() / e.sum())
    return shrunk_ratio(o, e)
