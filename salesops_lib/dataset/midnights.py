"""Days that an exporter wrote as moments of UTC: midnight east of Greenwich lies on the day before.

A deal closed on 1 April in Berlin comes as 2026-03-31T22:00:00Z: read as written it would be booked in
March, and in the wrong quarter. Where all moments of a column are one time of day, or two an hour apart
that keep to summer and winter, that time is somebody's midnight, and the day is the one that begins
there. West of Greenwich midnight lies on the same day in UTC, and nothing needs doing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pandas as pd

# Fewer moments may be alike by chance.
_LEAST = 10
_HOUR = pd.Timedelta(hours=1)
_QUARTER = pd.Timedelta(minutes=15)
# Noon is how days are written to be safe from zones, and what lies before it is west of Greenwich.
# Nowhere is later than UTC+14; two times of the year's own are midnight from UTC+13 on.
_AFTER, _AFTER_IN_SUMMER = pd.Timedelta(hours=12), pd.Timedelta(hours=10)
# Between these months no zone changes its clock.
_SETTLED = (12, 1, 2, 6, 7, 8)
_UTC = re.compile(r"(?:Z|UTC|[+-]00:?00)$", re.I)


def in_utc(cells: Iterable[object]) -> bool:
    """Whether every cell says that it is a moment of UTC."""
    return all(_UTC.search(str(one).strip()) for one in cells)


def on_the_next_day(values: pd.Series, *, utc: Callable[[], bool]) -> bool:
    """Whether moments as written are the midnights with which the next day begins somewhere.

    Parameters
    ----------
    values
        Naive moments, NaT where there is none.
    utc
        Tells whether they say that they are moments of UTC, asked only where it decides. One time of
        day all the year is believed only then: it may as well be the hour at which somebody closes the
        books.
    """
    known = values.dropna()
    if len(known) < _LEAST:
        return False
    times = known - known.dt.normalize()
    distinct = pd.unique(times)
    # Real moments differ nearly all: a million of them are not looked at one by one.
    if len(distinct) > 2:
        return False
    found = sorted(distinct)
    if any(one % _QUARTER != pd.Timedelta(0) for one in found):
        return False
    if len(found) == 1:
        return bool(found[0] > _AFTER) and utc()
    # In London, midnight is midnight of UTC in winter, and 23:00 on the day before in summer.
    london = found == [pd.Timedelta(0), 23 * _HOUR]
    east = len(found) == 2 and found[1] - found[0] == _HOUR and found[0] >= _AFTER_IN_SUMMER
    if not (london or east):
        return False
    month = known.dt.month
    settled = month.isin(_SETTLED)
    return bool(times[settled].groupby(month[settled]).nunique().le(1).all())


def next_day(values: pd.Series) -> pd.Series:
    """The midnights that the moments are, on the days that begin with them."""
    day = values.dt.normalize()
    return day.where(day == values, day + pd.Timedelta(days=1))
