"""Names of periods, written and read here and nowhere else: `2026-W39` (ISO week), `2026-09`, `2026-Q3`,
`2026`, or a run of months, as `2026-08-to-2026-10` (a fiscal quarter that is no calendar quarter).

Without pandas, which takes longer to load than what only plans a run takes in all.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from salesops_lib.errors import ParameterError

Day = datetime.date
_ONE = datetime.timedelta(days=1)
_LENGTHS = {"month": 1, "quarter": 3, "year": 12}
# Those whose days pandas can hold, to the nanosecond.
_YEARS = range(1678, 2262)
# With or without its hyphen, as databases and spreadsheets write a quarter or a week.
_FORM = re.compile(
    r"(?P<year>\d{4})(-?W(?P<week>\d\d)|-?Q(?P<quarter>[1-4])"
    r"|-(?P<first>\d\d)-to-(?P<last>\d{4}-\d\d)|-(?P<month>\d\d))?"
)


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """The days that a name stands for.

    Attributes
    ----------
    start, end
        First and last day, both included; `start` orders spans.
    name
        In its canonical form.
    months
        How many whole months it is; 0 for a week.
    """

    start: Day
    end: Day
    name: str
    months: int


def parse(text: str) -> Span:
    """The span that a name stands for.

    Raises
    ------
    ParameterError
        If it is none of the forms.
    """
    span = read(text)
    if span is None:
        raise ParameterError(
            f"period == {text!r}, must be a week (2026-W39), a month (2026-09), a quarter (2026-Q3), "
            "a year (2026), a run of months (2026-08-to-2026-10) or 'latest'."
        )
    return span


def read(text: str) -> Span | None:
    """The span that a name stands for; None where it is no name of a period."""
    found = _FORM.fullmatch(text)
    if found is None or int(found["year"]) not in _YEARS:
        return None
    try:
        year = int(found["year"])
        if found["week"]:
            return _week(Day.fromisocalendar(year, int(found["week"]), 1))
        if found["quarter"]:
            return _months(12 * year + 3 * int(found["quarter"]) - 3, 3)
        if found["last"]:
            last = Day.fromisoformat(f"{found['last']}-01")
            first = month_number(Day(year, int(found["first"]), 1))
            length = month_number(last) - first + 1
            # A run of one month is that month, and has its name; a longer one keeps the one it was given.
            name = run_of_months(first, first + length - 1) if length > 1 else ""
            return _months(first, length, name) if length > 0 and last.year in _YEARS else None
        if found["month"]:
            return _months(month_number(Day(year, int(found["month"]), 1)), 1)
        return _months(12 * year, 12)
    except ValueError:
        return None  # a month that is none of twelve, or a 53rd week in a year that has 52


def span_of(every: str, day: Day, fiscal_year_start: int = 1) -> Span:
    """The week, month, fiscal quarter or fiscal year that `day` belongs to.

    Parameters
    ----------
    every
        `week`, `month`, `quarter` or `year`.
    fiscal_year_start
        The month, 1 to 12, in which years begin.
    """
    if every == "week":
        return _week(day - day.weekday() * _ONE)
    length, month = _LENGTHS[every], month_number(day)
    return _months(month - (month - (fiscal_year_start - 1)) % length, length)


def month_number(day: Day) -> int:
    """Months since the year 0, so that those of different years can be counted with."""
    return 12 * day.year + day.month - 1


def name_of(first: int, last: int, *, between: str = "-to-") -> str:
    """The name of the months from `first` to `last`, as `month_number` counts them. A quarter or year of
    the calendar is named as such, any other by its months, so that the name alone says what it covers;
    ` to ` between them reads better in a sentence."""
    year, month = first // 12, first % 12 + 1
    length = last - first + 1
    if length == 1:
        return f"{year:04d}-{month:02d}"
    if length == 3 and month % 3 == 1:
        return f"{year:04d}-Q{month // 3 + 1}"
    if length == 12 and month == 1:
        return f"{year:04d}"
    return run_of_months(first, last, between=between)


def run_of_months(first: int, last: int, *, between: str = "-to-") -> str:
    """As `name_of`, but by first and last month whatever they cover."""
    return between.join(f"{one // 12:04d}-{one % 12 + 1:02d}" for one in (first, last))


def _week(monday: Day) -> Span:
    year, week, _ = monday.isocalendar()
    return Span(monday, monday + 6 * _ONE, f"{year}-W{week:02d}", 0)


def _months(first: int, length: int, name: str = "") -> Span:
    last = first + length - 1
    start, end = Day(first // 12, first % 12 + 1, 1), Day(last // 12, last % 12 + 1, 1)
    end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    return Span(start, end, name or name_of(first, last), length)
