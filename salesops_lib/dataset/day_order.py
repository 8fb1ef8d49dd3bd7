"""Whether 03/04/2026 is a day of April or of March. A column decides for itself where one of its
cells can only be read one way; where none can, the other date columns of the same source decide,
because one program writes one date format into one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from salesops_lib import wording

# Days of each month at most: what no calendar has is a typing error, and decides nothing.
_LENGTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PARTS = re.compile(r"^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$")


@dataclass(frozen=True)
class Evidence:
    """What the cells of one column say.

    Attributes
    ----------
    first
        Whether days come first; None where the column does not say or says both.
    certain
        (separator, days first) → how many rows can only be read so, and one of their cells.
    doubt
        The separators of the cells that could be read both ways.
    dates_only
        Every cell that is not empty is written in three parts.
    """

    first: bool | None = None
    certain: Mapping[tuple[str, bool], tuple[int, str]] = field(default_factory=dict)
    doubt: frozenset[str] = frozenset()
    dates_only: bool = False

    @property
    def undecided(self) -> bool:
        """Nothing in the column speaks for either order, and it matters."""
        return self.first is None and bool(self.doubt) and not self.certain


def evidence(texts: Iterable[object], rows: np.ndarray) -> Evidence:
    """Read the evidence of a column.

    Parameters
    ----------
    texts
        Its different cells; what is no text says nothing.
    rows
        How many rows have each.
    """
    certain: dict[tuple[str, bool], tuple[int, str]] = {}
    doubt, marks = set(), set()
    filled = dated = 0
    for text, n in zip(texts, rows, strict=True):
        filled += text is not None
        found = PARTS.match(text) if isinstance(text, str) else None
        if not found:
            continue
        dated += 1
        one, mark, two = int(found[1]), found[2], int(found[3])
        marks.add(mark)
        if (one > 12) != (two > 12) and max(one, two) <= _LENGTH[min(one, two)]:
            before, cell = certain.get((mark, one > 12), (0, found.string))
            certain[mark, one > 12] = (before + int(n), cell)
        elif one != two and one <= 12:
            doubt.add(mark)
    orders = {days for _, days in certain}
    first = orders.pop() if len(orders) == 1 else None
    if not certain and marks == {"."}:
        first = True  # Dots are written day first wherever they are written at all.
    return Evidence(first, certain, frozenset(doubt), filled > 0 and dated == filled)


@dataclass(frozen=True)
class Verdict:
    """What the siblings of a column say: the order, or None where they contradict each other or
    say nothing; and a note for the quality report, empty where they say nothing."""

    first: bool | None
    note: str


def by_siblings(column: Evidence, siblings: Mapping[str, Evidence]) -> Verdict:
    """Let the other date columns of the same source decide about an undecided one. Only dates with
    the same separator are of the same format."""
    told: dict[bool, list[str]] = {}
    heard = set()
    for name, sibling in siblings.items():
        for (mark, days), (n, cell) in sibling.certain.items():
            if mark in column.doubt:
                heard.add(mark)
                told.setdefault(days, []).append(
                    f"{wording.count(n, 'row')} of {name} can only be that, such as '{cell}'"
                )
    if len(told) == 2:
        return Verdict(
            None,
            "dates that may be day-month or month-day are set aside, because the other date "
            f"columns of the same source contradict each other: day first, {told[True][0]}; "
            f"month first, {told[False][0]}",
        )
    if not told or heard != column.doubt:
        return Verdict(None, "")
    ((days, rests),) = told.items()
    return Verdict(
        days,
        f"dates read {'day' if days else 'month'} first: none of them says so itself, but "
        f"{wording.listed(rests)}, and one program writes one date format into one file",
    )
