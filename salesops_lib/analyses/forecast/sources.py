"""Where deals came from: renewals end otherwise than new business.

A source may be written down, or put right, while a deal goes on: what is open today is then of another source than
it will be once decided. Past deals carry their last word, so such a source would tell the end of past deals only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from salesops_lib.analyses.forecast.snapshots import EDGE_DAYS, NEVER, Bools, Ints, Snapshots

# Of so many deals it must be known where they came from for that to stand in for stages; sources of their own,
# and the decided deals that each has.
_NEARLY_ALL, _MOST_SOURCES, _DEALS_OF_A_SOURCE = 0.95, 6, 50
# Snapshots of a year; open deals that should be of a source by them, and the part of these that is next to none.
_YEAR, _EXPECTED, _NEXT_TO_NONE = 12, 20, 0.1
# Snapshots so short ago that much of what was open then is open yet; ages up to a year.
_JUST_NOW, _AGES = 3, 7
# Days without a deal of a source after which it was given up.
_GIVEN_UP = 183
_OPEN = 0.9
# What part of the open deals that are expected of a source must be there; and how often chance alone makes some
# source of a company fall short.
_MISSING, _CHANCE = 0.85, 0.05


def sources(deals: pd.DataFrame) -> tuple[Ints, tuple[str, ...]] | None:
    """Code of where each deal came from, 0 for what is seldom, and the codes' names. None where that is not
    known of nearly all deals, the open and the decided (a field that is filled in at the end tells it), or
    where nearly all came from one place."""
    if "source" not in deals:
        return None
    source = deals["source"].astype(object)
    decided = (deals["status"] != "open").to_numpy()
    known = source.notna().to_numpy()
    if any(known[some].mean() < _NEARLY_ALL for some in (decided, ~decided) if some.any()):
        return None
    often = source[decided].value_counts().head(_MOST_SOURCES)
    names = sorted(often.index[often >= _DEALS_OF_A_SOURCE])
    code = source.map({name: at for at, name in enumerate(names, 1)}).fillna(0).to_numpy(np.int64)
    if len(np.unique(code[decided])) < 2:
        return None
    return code, ("", *map(str, names))


def trusted(
    deals: pd.DataFrame, rows: Snapshots, created: Ints, close: Ints, snaps: Ints
) -> tuple[Ints, tuple[str, ...]]:
    """`sources`; one for all where they are not known, or are written down or put right while deals go on."""
    code, names = sources(deals) or (np.zeros(len(deals), dtype=np.int64), ("",))
    lately = (created < NEVER) & (created > snaps[-1] - _GIVEN_UP)
    late = told_at_the_end(rows, code, lately, len(snaps) - 1)
    if late or told_late(code, created, close, snaps):
        return np.zeros_like(code), ("",)
    return code, names


def told_at_the_end(rows: Snapshots, source: Ints, begun: Bools, now: int) -> bool:
    """Whether some source (code by deal) is written down when a deal ends: of many deals that were open in the
    year before snapshot `now`, and of next to none that is open then. It would tell the end of past deals, and
    take as many wins from those open.

    Parameters
    ----------
    begun
        (deal,) whether each began lately: a source of which none did was given up.
    """
    code = source[rows.deal]
    today = np.bincount(code[rows.snap == now], minlength=int(source.max(initial=0)) + 1)
    before = (rows.snap < now) & (rows.snap >= now - _YEAR)
    was = np.bincount(code[before], minlength=len(today))
    expected = was / max(was.sum(), 1) * today.sum()
    goes_on = np.bincount(source[begun], minlength=len(today)) > 0
    return bool((goes_on & (expected >= _EXPECTED) & (today < _NEXT_TO_NONE * expected)).any())


def told_late(source: Ints, created: Ints, close: Ints, snaps: Ints) -> bool:
    """Whether of some source fewer deals are open at the last snapshot than should be: of its deals of each age, the
    part that was open yet in the year before.

    A source of which more deals begin than did, or that has its season, has more of the open and of the decided.

    Parameters
    ----------
    source, created, close
        (deal,): code and day numbers, as in `History`.
    snaps
        Day numbers of the snapshots.
    """
    now = len(snaps) - 1
    past = range(max(now - _JUST_NOW - _YEAR, 0), now - _JUST_NOW)
    sources = int(source.max(initial=0)) + 1
    if not len(past) or sources < 2:
        return False
    each = [_counts(source, created, close, int(snaps[at]), sources) for at in past]
    was = np.sum(each, axis=0)
    today = _counts(source, created, close, int(snaps[now]), sources)
    open_then, all_then = was[0], was.sum(axis=0)
    # A half of each: of no deal nothing is certain.
    part = (open_then + 0.5) / (all_then + 1.0)
    # Deals so young that nearly all are open tell nothing.
    use = (all_then > 0) & (part < _OPEN)
    many = today.sum(axis=0) * use
    expected, there = (many * part).sum(axis=1), (today[0] * use).sum(axis=1)
    # Where deals go faster or slower than they did, those of all sources do.
    usual = there.sum() / max(expected.sum(), 1e-12)
    error = np.sqrt((many * part * (1 - part)).sum(axis=1) * max(usual, 1e-12))
    fewer: Bools = there < _MISSING * usual * expected
    return bool(
        (fewer & (there < usual * expected - stats.norm.isf(_CHANCE / sources) * error)).any()
    )


def _counts(source: Ints, created: Ints, close: Ints, day: int, sources: int) -> np.ndarray:
    """(open or decided, source, age) deals begun up to a day, of those within a year."""
    age = np.searchsorted(EDGE_DAYS, day - created, side="right")
    use = (created <= day) & (age < _AGES)
    place = ((close <= day) * sources + source) * _AGES + age
    return np.bincount(place[use], minlength=2 * sources * _AGES).reshape(2, sources, _AGES)
