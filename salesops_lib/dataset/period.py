"""A reporting period: a week, month, quarter or year, as `2026-W39`, `2026-09`, `2026-Q3`, `2026`,
or a run of months, as `2026-08-to-2026-10` (a fiscal quarter that is no calendar quarter)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from salesops_lib.errors import NotEnoughData, ParameterError

_FORMS = {
    re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$"): "M",
    re.compile(r"^(\d{4})-?Q([1-4])$"): "Q",
    re.compile(r"^(\d{4})$"): "Y",
}
_WEEK = re.compile(r"^(\d{4})-?W(0[1-9]|[1-4]\d|5[0-3])$")
# So many days without any record are days that the data do not hold, not quiet ones.
_NOT_QUIET = 28
_MONTHS = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2]))-to-(\d{4}-(?:0[1-9]|1[0-2]))$")


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
            return cls._last_quarter(latest, fiscal_year_start)
        for form, freq in _FORMS.items():
            found = form.match(text)
            if found:
                label = "Q".join(found.groups()) if freq == "Q" else text
                return cls._of_pandas(pd.Period(label, freq=freq))
        special = cls._week(text) or cls._months(text)
        if special is not None:
            return special
        raise ParameterError(
            f"period == {text!r}, must be a week (2026-W39), a month (2026-09), a quarter (2026-Q3), "
            "a year (2026), a run of months (2026-08-to-2026-10) or 'latest'."
        )

    @classmethod
    def _last_quarter(cls, day: pd.Timestamp, fiscal_year_start: int) -> Period:
        after = day + pd.Timedelta(days=1)
        over = (after.month - fiscal_year_start) % 3  # months of the running quarter
        end = after.normalize().replace(day=1) - pd.DateOffset(months=over)
        last = pd.Period(end, freq="M") - 1
        if last.month % 3 == 0:  # a calendar quarter is named as one
            return cls._of_pandas(pd.Period(last.end_time, freq="Q"))
        return cls.parse(f"{last - 2}-to-{last}")

    @classmethod
    def _week(cls, text: str) -> Period | None:
        found = _WEEK.match(text)
        if not found:
            return None
        year, week = (int(part) for part in found.groups())
        try:
            start = pd.Timestamp.fromisocalendar(year, week, 1)
        except ValueError:
            return None  # a 53rd week in a year that has 52
        return cls(f"{year}-W{week:02d}", start, start + pd.Timedelta(days=6))

    @classmethod
    def _months(cls, text: str) -> Period | None:
        found = _MONTHS.match(text)
        if not found or found.group(1) > found.group(2):
            return None
        first, last = (pd.Period(part, freq="M") for part in found.groups())
        return cls(text, first.start_time.normalize(), last.end_time.normalize())

    @classmethod
    def _of_pandas(cls, period: pd.Period) -> Period:
        name = str(period)
        if "Q" in name:
            name = f"{name[:4]}-{name[4:]}"
        return cls(name, period.start_time.normalize(), period.end_time.normalize())

    def check_known(self, first_day: pd.Timestamp, last_day: pd.Timestamp) -> None:
        """Raises NotEnoughData where data of these days hold nothing of the period: a report would
        tell of other months under its name."""
        if self.end < first_day:
            raise NotEnoughData(
                f"the data begin on {first_day:%Y-%m-%d}, after the end of {self.name}",
                remedy="Give a later period, or older data.",
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
