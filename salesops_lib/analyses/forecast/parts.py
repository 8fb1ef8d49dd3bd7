"""How each part of a company wins and loses its open deals, and those of each source, by stage and months
ahead.

One factor a part is not enough. Where a region wins half as many of the same deals, those that it does
bring to the last stage may be won as often as anybody's, and the whole difference lie in the early
stages; or the other way round. With one factor the wins of the weak region's open deals were forecast
20 to 30% too high. So each part's wins and losses are counted by stage and months ahead against what
the company's chances let expect, and drawn towards the part's own mean by as much as they are chance.

Where deals came from moves them in the same way: a renewal passes the stages of new business and ends
otherwise. So the parts are counted against what their sources let expect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from salesops_lib.analyses.forecast.snapshots import Bools, Floats, Ints
from salesops_lib.statistics.shrunken_ratios import shrunk_ratio


@dataclass(frozen=True)
class Cells:
    """Open deals of every snapshot that share part, stage and age, and what became of them.

    Attributes
    ----------
    part, snap, stage, age
        (cell,) positions and groups.
    at_risk
        (cell, lead) deals not yet decided when the month that lies `lead` months ahead begins.
    events
        (cause, cell, lead) deals won or lost in it.
    """

    part: Ints
    snap: Ints
    stage: Ints
    age: Ints
    at_risk: Floats
    events: Floats

    def where(self, some: Bools) -> Cells:
        """Those cells alone."""
        return Cells(
            self.part[some],
            self.snap[some],
            self.stage[some],
            self.age[some],
            self.at_risk[some],
            self.events[:, some],
        )

    def together(self, shape: tuple[int, int, int]) -> tuple[Floats, Floats]:
        """`at_risk` and `events` of all parts together, by snapshot, stage and age, as many of each as
        `shape` says."""
        place = np.ravel_multi_index((self.snap, self.stage, self.age), shape)
        whole = np.zeros((3, int(np.prod(shape)), self.at_risk.shape[1]))
        for total, one in zip(whole, (self.at_risk, *self.events), strict=True):
            np.add.at(total, place, one)
        at_risk, *events = whole.reshape(3, *shape, -1)
        return at_risk, np.stack(events)


def cells(
    part: Ints,
    snap: Ints,
    stage: Ints,
    age: Ints,
    lead: Ints,
    ended: tuple[Bools, Bools],
    leads: int,
) -> Cells:
    """The cells of snapshot rows (row,) that were won or lost (`ended`) `lead` months ahead, of which
    months up to `leads` are known."""
    groups = np.stack([part, snap, stage, age])
    shape = tuple(groups.max(axis=1, initial=0) + 1)
    key, cell = np.unique(np.ravel_multi_index(tuple(groups), shape), return_inverse=True)
    events = np.zeros((2, len(key), leads + 1))
    for cause, flag in enumerate(ended):
        mine = flag & (lead <= leads)
        place = cell[mine] * (leads + 1) + lead[mine]
        many = np.bincount(place, minlength=len(key) * (leads + 1)).astype(np.float64)
        events[cause] = many.reshape(-1, leads + 1)
    gone = events.sum(axis=0).cumsum(axis=1)
    open_at = np.bincount(cell, minlength=len(key)).astype(np.float64)
    at_risk = open_at[:, None] - np.concatenate([np.zeros((len(key), 1)), gone[:, :-1]], axis=1)
    whose, when, stages, ages = np.unravel_index(key, shape)
    return Cells(whose, when, stages, ages, at_risk, events)


def kinds(by_cause: Floats) -> Floats:
    """Of (cause, …) chances or counts of wins and losses, (kind, …) those of wins and of decisions."""
    return np.stack([by_cause[0], by_cause.sum(axis=0)])


def factors(
    found: Cells,
    base: Floats,
    season: Floats,
    seen: Bools,
    parts: int,
    given: Floats | float = 1.0,
) -> Floats:
    """(kind, part, stage, lead) factors on the chances of the company's open deals of being won, and of
    being decided.

    Parameters
    ----------
    base
        (cause, stage, age, lead) chances of the whole company.
    season
        (cause, snapshot, lead) factors of the calendar on them.
    seen
        (snapshot, lead) whether the outcome is known.
    given
        (kind, cell, lead) what else is known to move the chances of a cell.
    """
    shape = (parts, *base.shape[1::2])
    out = np.ones((2, *shape))
    if parts == 1:
        return out
    known = seen[found.snap]
    row = found.part * shape[1] + found.stage
    chance = kinds(base[:, found.stage, found.age] * season[:, found.snap]) * given
    events = kinds(found.events)
    for kind in range(2):
        expected = _summed(row, found.at_risk * chance[kind] * known, shape)
        came = _summed(row, events[kind] * known, shape)
        if not (came.sum() > 0 and expected.sum() > 0):
            continue
        expected = expected * (came.sum() / expected.sum())
        whole = shrunk_ratio(came.sum(axis=(1, 2)), expected.sum(axis=(1, 2)))[:, None, None]
        out[kind] = whole * shrunk_ratio(came, expected * whole)
    return out


def apart_by(
    found: Cells, base: Floats, season: Floats, seen: Bools, many: tuple[int, int]
) -> tuple[Floats, Floats]:
    """`factors` of the parts, and of the sources by age too (kind, source, stage, age, lead), as `many` of
    each, where `found` has (see `code`) both in its part."""
    parts, sources = many
    over: Bools = np.asarray(seen.any(axis=1))
    found = found.where(over[found.snap])
    part, source = np.divmod(found.part, sources)
    stages, ages, leads = base.shape[1:]
    aged = replace(found, part=source, stage=found.stage * ages + found.age, age=found.age * 0)
    flat = base.reshape(2, stages * ages, 1, leads)
    of_source = factors(aged, flat, season, seen, sources)
    of_source = of_source.reshape(2, sources, stages, ages, leads)
    given = of_source[:, source, found.stage, found.age]
    return factors(replace(found, part=part), base, season, seen, parts, given), of_source


def code(part: Ints, source: Ints, sources: int) -> Ints:
    """One code for part and source."""
    return part * sources + source


def _summed(row: Ints, value: Floats, shape: tuple[int, ...]) -> Floats:
    """(part, stage, lead) sums of (cell, lead) values."""
    n = shape[0] * shape[1]
    columns = [np.bincount(row, weights=one, minlength=n).astype(np.float64) for one in value.T]
    total: Floats = np.stack(columns, axis=1).reshape(shape)
    return total
