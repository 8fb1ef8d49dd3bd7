"""A reporting period, by a name of `period_names`: the days that a run may see; and a single day."""

from __future__ import annotations

import datetime
import numbers
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesops_lib.dataset import period_names
from salesops_lib.dataset.parsing import as_date
from salesops_lib.errors import DataError, NotEnoughData, ParameterError

# So many days without any record are days that the data do not hold, not quiet ones.
_NOT_QUIET = 28
_ONE = datetime.timedelta(days=1)
# Day and month in figures before the year.
_IN_PARTS = re.compile(r"\s*\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Period:
    """A closed range of days; nothing dated after `end` may be seen by a run.

    Attributes
    ----------
    name
        Canonical text: `2026-W39` (ISO week), `2026-09`, `2026-Q3`, `2026`, `2026-08-to-2026-10`.
    start, end
        First and last day, as normalised timestamps (both included).
    """

    name: str
    start: pd.Timestamp
    end: pd.Timestamp

    @classmethod
    def parse(
        cls, text: str | int, *, latest: pd.Timestamp | None = None, fiscal_year_start: int = 1
    ) -> Period:
        """Read `text`; `latest` means the last quarter complete on the day `latest`, of years that begin
        in the month `fiscal_year_start`. A year may be a number: papermill makes one of
        `-p period 2026`.

        Raises
        ------
        ParameterError
            If the text is none of the forms, or is `latest` and no date is given.
        """
        text = str(text)
        if text == "latest":
            if latest is None or pd.isna(latest):
                raise ParameterError("period 'latest' needs a dataset with dated rows.")
            return cls._of(_last_quarter(latest, fiscal_year_start))
        return cls._of(period_names.parse(text))

    @classmethod
    def _of(cls, span: period_names.Span) -> Period:
        start, end = (pd.Timestamp(day).as_unit("ns") for day in (span.start, span.end))
        return cls(span.name, start, end)

    def check_known(self, first_day: pd.Timestamp, last_day: pd.Timestamp) -> None:
        """Raises NotEnoughData where data of these days hold nothing of the period: a report would
        tell of other months under its name."""
        if self.end < first_day:
            raise NotEnoughData(
                f"the data begin on {first_day:%Y-%m-%d}, after the end of {self.name}",
                remedy=f"Give a later period, such as {last_day:%Y-%m}, or older data.",
            )
        if self.start > last_day and (self.end - last_day).days >= _NOT_QUIET:
            raise NotEnoughData(
                f"the data end on {last_day:%Y-%m-%d}, before {self.name} begins",
                remedy="Give an earlier period, or newer data.",
            )

    def notices(self, last_day: pd.Timestamp) -> tuple[str, ...]:
        """What a reader must know where the data end in an earlier month than the period."""
        if pd.isna(last_day) or last_day.to_period("M") >= self.end.to_period("M"):
            return ()
        return (
            f"The data end on {last_day:%Y-%m-%d}, {self.name} on {self.end:%Y-%m-%d}: of the days "
            "between nothing is known, and what is said is as of the former.",
        )

    def __str__(self) -> str:
        return self.name


def _last_quarter(day: pd.Timestamp, fiscal_year_start: int) -> period_names.Span:
    """The last one that is over at the end of `day`."""
    running = period_names.span_of("quarter", day.date() + _ONE, fiscal_year_start)
    return period_names.span_of("quarter", running.start - _ONE, fiscal_year_start)


def day_of(date: Any) -> pd.Timestamp:
    """The day that a caller gave, without time and zone. A text is read as a cell at the dataset's door:
    05.06.2026 is one of June, which pandas takes for one of May.

    Raises
    ------
    DataError
        If it is not a date, or may be two, as 5/6/2026; a number is none, which pandas takes for
        nanoseconds since 1970, nor a day past 2262, which fits no column of days.
    """
    if isinstance(date, str) and _IN_PARTS.match(date):
        read = as_date(pd.Series([date]))
        for fault in read.refused.values():
            raise DataError(f"{date!r} {fault.kind.says}", remedy="Write it as 2026-09-30.")
        date = read.values.iloc[0]
    try:
        day = pd.NaT if isinstance(date, numbers.Number) else pd.Timestamp(date).as_unit("ns")
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day):
        raise DataError(f"{date!r} is not a date", remedy="Write it as 2026-09-30.")
    return day.tz_localize(None).normalize()
