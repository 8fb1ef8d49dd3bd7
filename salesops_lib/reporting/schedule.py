"""Which periods of which packs are due: what `salesops due` works through.

A period is due once it has ended, `delay_days` have passed, and no run of the pack for it has gone
through. Of the last `catch_up` periods, what was missed or failed is made up, also where a later one has
gone through; not what ended before the first that did.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from salesops_lib.dataset.period_names import Span, month_number, read, span_of
from salesops_lib.errors import ParameterError
from salesops_lib.reporting import places, publication
from salesops_lib.reporting.packs import Pack, Packs

Day = datetime.date
_ONE = datetime.timedelta(days=1)
# Beyond these no period has a name.
_EARLIEST, _LATEST = Day(1900, 1, 1), Day(2200, 1, 1)


def due(pack: Pack, packs: Packs, out: Path, now: Day) -> list[Span]:
    """The periods of `pack` to make on the day `now`, oldest first."""
    if pack.every is None:
        return []
    ended = list(_ended(pack, packs, now))
    if not ended:
        return []
    alike = (span.end for span in _published(out, pack.name) if _same_rhythm(span, ended[0]))
    first = min(alike, default=None)
    if first is None:
        # Nothing was ever published that we know of: a new pack starts with its last period.
        return ended[:1]
    return [
        span
        for span in reversed(ended)
        if span.end > first and not is_published(out, span.name, pack.name)
    ]


def _same_rhythm(one: Span, other: Span) -> bool:
    """Whether both are weeks, or months, quarters or years of a year that begins in the same month."""
    apart = month_number(one.end) - month_number(other.end)
    return one.months == other.months and apart % max(one.months, 1) == 0


def _ended(pack: Pack, packs: Packs, now: Day) -> Iterator[Span]:
    """Periods that have ended, newest first, as many as may be made up."""
    assert pack.every is not None
    day = now - min(pack.delay_days, (now - _EARLIEST).days) * _ONE
    span = span_of(pack.every, day, packs.fiscal_year_start)
    for _ in range(max(packs.catch_up, 1)):
        if span.start <= _EARLIEST:
            return  # no data are that old, however many periods the file would have made up
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
    day: Day | None = None
    with suppress(ValueError):
        day = datetime.datetime.fromisoformat(text).date()
    if day is None or not _EARLIEST <= day < _LATEST:
        raise ParameterError(f"--now == {text!r}, must be a date like 2026-10-05.")
    return day


def _marker(out: Path, period: str, pack: str) -> Path:
    return places.state(out) / "complete" / f"{places.safe(period)}--{places.safe(pack)}.json"


def _published(out: Path, pack: str) -> Iterator[Span]:
    """The periods for which a whole run of the pack has gone through, also where its reports have been
    taken away since."""
    for marker in (places.state(out) / "complete").glob("*.json"):
        period, _, name = marker.stem.partition("--")
        span = read(period)
        if span is not None and name == places.safe(pack):
            yield span


def mark_published(out: Path, period: str, pack: str, reports: int) -> Path:
    """Note that a whole run of the pack went through; the file that says so."""
    path = _marker(out, period, pack)
    publication.write_whole(path, json.dumps({"reports": reports}))
    return path


def is_published(out: Path, period: str, pack: str) -> bool:
    """Whether a whole run went through and its reports are still there."""
    there = (out / places.safe(period) / places.safe(pack)).is_dir()
    return there and _marker(out, period, pack).is_file()
