"""Which periods of which packs are due: what `salesops due` works through.

A period is due once it has ended, `delay_days` have passed, and no run of the pack for it has gone
through. Of the last `catch_up` periods, what was missed or failed is made up, also where a later one has
gone through; not what ended before the first that did.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salesops_lib.errors import ParameterError
from salesops_lib.reporting import places, publication
from salesops_lib.reporting.packs import Pack, Packs
from salesops_lib.reporting.periods import extent

Day = datetime.date
_ONE = datetime.timedelta(days=1)


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A period as the rest of the library names it, with its last day.

    `start` orders spans; `end` is the last day that belongs to it.
    """

    start: Day
    end: Day
    name: str


def span_of(every: str, day: Day, fiscal_year_start: int = 1) -> Span:
    """The week, month, fiscal quarter or fiscal year that `day` belongs to.

    A fiscal quarter or year that is a calendar one is named as such (`2026-Q3`, `2026`), any other
    by its months (`2026-08-to-2026-10`), so that the name alone says what it covers.
    """
    if every == "week":
        year, week, weekday = day.isocalendar()
        monday = day - (weekday - 1) * _ONE
        return Span(monday, monday + 6 * _ONE, f"{year}-W{week:02d}")
    length = {"month": 1, "quarter": 3, "year": 12}[every]
    month = day.year * 12 + day.month - 1
    first = month - (month - (fiscal_year_start - 1)) % length
    start, end = _first_day(first), _first_day(first + length) - _ONE
    return Span(start, end, _name(every, start, end))


def _first_day(month: int) -> Day:
    return Day(month // 12, month % 12 + 1, 1)


def _name(every: str, start: Day, end: Day) -> str:
    if every == "month":
        return f"{start:%Y-%m}"
    if every == "quarter" and start.month % 3 == 1:
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if every == "year" and start.month == 1:
        return f"{start.year}"
    return f"{start:%Y-%m}-to-{end:%Y-%m}"


def due(pack: Pack, packs: Packs, out: Path, now: Day) -> list[Span]:
    """The periods of `pack` to make on the day `now`, oldest first."""
    if pack.every is None:
        return []
    ended = list(_ended(pack, packs, now))
    through = [extent(name) for name in _published(out, pack.name)]
    length, last = extent(ended[0].name)
    # Of this rhythm only: quarters of a year that began in another month say nothing of these.
    alike = (
        until
        for months, until in through
        if months == length and (last - until) % max(length, 1) == 0
    )
    first = min(alike, default=None)
    if first is None:
        # Nothing was ever published that we know of: a new pack starts with its last period.
        return ended[:1]
    return [
        span
        for span in reversed(ended)
        if extent(span.name)[1] > first and not is_published(out, span.name, pack.name)
    ]


def _ended(pack: Pack, packs: Packs, now: Day) -> Iterator[Span]:
    """Periods that have ended, newest first, as many as may be made up."""
    assert pack.every is not None
    day = now - pack.delay_days * _ONE
    span = span_of(pack.every, day, packs.fiscal_year_start)
    for _ in range(max(packs.catch_up, 1)):
        span = span_of(pack.every, span.start - _ONE, packs.fiscal_year_start)
        yield span


def parse_now(text: str | None) -> Day:
    """The day that `--now` names; today by default.

    Raises
    ------
    ParameterError
    """
    if not text:
        return Day.today()
    try:
        return datetime.datetime.fromisoformat(text).date()
    except ValueError:
        raise ParameterError(f"--now == {text!r}, must be a date like 2026-10-05.") from None


def _marker(out: Path, period: str, pack: str) -> Path:
    return places.state(out) / "complete" / f"{places.safe(period)}--{places.safe(pack)}.json"


def _published(out: Path, pack: str) -> Iterator[str]:
    """The periods for which a whole run of the pack has gone through, also where its reports have been
    taken away since."""
    for marker in (places.state(out) / "complete").glob("*.json"):
        period, _, name = marker.stem.partition("--")
        if name == places.safe(pack):
            yield period


def mark_published(out: Path, period: str, pack: str, reports: int) -> Path:
    """Note that a whole run of the pack went through; the file that says so."""
    path = _marker(out, period, pack)
    path.parent.mkdir(parents=True, exist_ok=True)
    publication.write_whole(path, json.dumps({"reports": reports}))
    return path


def is_published(out: Path, period: str, pack: str) -> bool:
    """Whether a whole run went through and its reports are still there."""
    there = (out / places.safe(period) / places.safe(pack)).is_dir()
    return there and _marker(out, period, pack).is_file()
