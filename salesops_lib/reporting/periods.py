"""Periods by their names alone, light enough for what plans a run: how long they are, and which is later."""

from __future__ import annotations

import calendar
import datetime
import re

_PERIOD = re.compile(
    r"(?P<year>\d{4})(-W(?P<week>\d\d)|-Q(?P<quarter>\d)"
    r"|-(?P<first>\d\d)-to-(?P<to>\d{4})-(?P<last>\d\d)|-(?P<month>\d\d))?"
)


def extent(period: str) -> tuple[int, int]:
    """Months in a period, and a number that orders periods of as many: of the last month, or, of a week,
    which has none, the week's. (-1, 0) of anything else."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return -1, 0
    year = int(found["year"])
    if found["week"]:
        return 0, year * 54 + int(found["week"])
    if found["quarter"]:
        return 3, year * 12 + 3 * int(found["quarter"])
    if found["last"]:
        end = int(found["to"]) * 12 + int(found["last"])
        return end - year * 12 - int(found["first"]) + 1, end
    if found["month"]:
        return 1, year * 12 + int(found["month"])
    return 12, year * 12 + 12


def last_day(period: str) -> datetime.date:
    """The day a period ends on, which orders periods of any length; the first day there is for what is
    none."""
    months, until = extent(period)
    try:
        if months == 0:
            return datetime.date.fromisocalendar(until // 54, until % 54, 7)
        year, month = (until - 1) // 12, (until - 1) % 12 + 1
        return datetime.date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return datetime.date.min
