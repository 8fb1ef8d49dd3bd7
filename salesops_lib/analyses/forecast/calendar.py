"""Dates of a series as numbers of periods: months, quarters, weeks, days, or plain integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib.analyses.columns import read_days
from salesops_lib.dataset import period
from salesops_lib.errors import DataError, ParameterError

Kind = Literal["month", "quarter", "week", "day", "year", "step"]
Ordinals = NDArray[np.int64]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_OF_A_YEAR = {
    "month": (12,),
    "quarter": (4,),
    "week": (52, 53),
    "day": (364, 365, 366),
    "year": (1,),
}
_REMEDY = "Give one row a series and period, dated the same way throughout."


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates of a frame map to period numbers and back.

    Attributes
    ----------
    kind
        The period's length in words.
    freq
        pandas' period alias, empty for plain integers.
    at_end
        Whether periods are dated by their last day.
    """

    kind: Kind
    freq: str = ""
    at_end: bool = False

    def ordinals(self, dates: pd.Series) -> Ordinals:
        """Number of each date's period; consecutive periods differ by 1."""
        if self.kind == "step":
            return dates.to_numpy(dtype=np.int64)
        periods = pd.PeriodIndex(pd.DatetimeIndex(dates), freq=self.freq)
        return np.asarray(periods.asi8, dtype=np.int64)

    def dates(self, ordinals: Ordinals) -> NDArray[np.generic]:
        """The dates of period numbers, dated as the input was."""
        if self.kind == "step":
            return np.asarray(ordinals)
        periods = self._periods(ordinals)
        stamps = periods.to_timestamp(how="end" if self.at_end else "start")
        return np.asarray(stamps.normalize().values)

    def ends(self, ordinals: Ordinals) -> pd.DatetimeIndex:
        """Last day of each period."""
        return self._periods(ordinals).to_timestamp(how="end").normalize()

    def working_days(self, ordinals: Ordinals) -> NDArray[np.float64]:
        """Mondays to Fridays in each period."""
        periods = self._periods(ordinals)
        first = periods.to_timestamp(how="start").values.astype("datetime64[D]")
        last = periods.to_timestamp(how="end").values.astype("datetime64[D]")
        return np.busday_count(first, last + np.timedelta64(1, "D")).astype(float)

    def quarters(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Calendar quarter in which each period ends, as quarters since 1970."""
        ends = self.ends(ordinals)
        return np.asarray((ends.year - 1970) * 4 + ends.quarter - 1, dtype=np.int64)

    def quarters_mostly(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Calendar quarter that holds most of each period of a month or less, as quarters since 1970."""
        middle = self.ends(ordinals) - pd.Timedelta(days=3)
        return np.asarray((middle.year - 1970) * 4 + middle.quarter - 1, dtype=np.int64)

    def years(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Calendar year in which each period ends."""
        return np.asarray(self.ends(ordinals).year, dtype=np.int64)

    def _periods(self, ordinals: Ordinals) -> pd.PeriodIndex:
        return pd.PeriodIndex.from_ordinals(np.asarray(ordinals, dtype=np.int64), freq=self.freq)

    def is_year(self, periods: int) -> bool:
        """Whether so many periods are a year; of numbered ones nobody knows."""
        return periods in _OF_A_YEAR.get(self.kind, ())

    @property
    def plural(self) -> str:
        return "periods" if self.kind == "step" else f"{self.kind}s"


def day_of(as_of: object) -> pd.Timestamp:
    """The day that an option names, midnight; of a moment with a time zone, the day there.

    Raises
    ------
    ParameterError
        If it is no date.
    """
    try:
        return period.day_of(as_of)
    except DataError:
        raise ParameterError(f"as_of == {as_of!r}, must be a date such as 2026-09-30") from None


def dates_of(column: pd.Series) -> pd.Series:
    """A column as days without a time zone, or as whole numbers; missing where a cell is neither.

    Raises
    ------
    DataError
        Numbers that are not whole, or that are dates written without their hyphens.
    """
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in {"integer", "floating", "mixed-integer-float", "decimal"}:
        return _numbered(pd.to_numeric(column))
    if kind == "boolean":
        return pd.Series(pd.NaT, index=column.index)
    dates = read_days(column, "ds")
    if dates.dtype == object:  # time zones that differ
        dates = dates.map(lambda one: pd.Timestamp(one).tz_localize(None)).astype("datetime64[ns]")
    return dates.dt.tz_localize(None)


def _numbered(column: pd.Series) -> pd.Series:
    number = column.astype("Float64")
    known = number.dropna().to_numpy(dtype=np.float64)
    if (known % 1 != 0).any():
        raise DataError("periods numbered with fractions", column="ds", remedy=_REMEDY)
    for form, shift in (("%Y%m", 1), ("%Y%m%d", 100)):
        months = known // shift
        if len(known) and np.all((months % 100 >= 1) & (months % 100 <= 12) & _year(months // 100)):
            raise DataError(
                f"dates written as numbers, such as {known[0]:.0f}",
                column="ds",
                remedy=f"Make them dates first: pd.to_datetime(ds, format='{form}').",
            )
    return number.astype("Int64") if number.isna().any() else number.astype(np.int64)


def _year(number: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (number >= 1900) & (number <= 2200)
    return found


def calendar_of(dates: pd.Series, season_length: int) -> Calendar:
    """The calendar that the dates of a frame keep to.

    Raises
    ------
    DataError
        Where the dates keep to no month, quarter, week or day.
    """
    if pd.api.types.is_integer_dtype(dates):
        return Calendar("step")
    days = pd.DatetimeIndex(dates).normalize().unique().sort_values()
    if len(days) == 1:
        return _calendar(_by_season(season_length), days)
    gaps = np.diff(days.values).astype("timedelta64[D]").astype(int)
    usual = float(np.median(gaps))
    for kind, low, high in (
        ("day", 1, 1),
        ("week", 7, 7),
        ("month", 28, 31),
        ("quarter", 89, 92),
        ("year", 365, 366),
    ):
        if low <= usual <= high:
            return _calendar(kind, days)  # type: ignore[arg-type]
    # Gaps may be the rule in a patchy history: the season says what a period is.
    return _calendar(_by_season(season_length), days)


def _by_season(season_length: int) -> Kind:
    kinds: dict[int, Kind] = {12: "month", 4: "quarter", 52: "week", 53: "week", 7: "day"}
    if season_length not in kinds:
        raise DataError(
            f"cannot tell the length of a period (season_length {season_length})",
            column="ds",
            remedy=_REMEDY,
        )
    return kinds[season_length]


def _calendar(kind: Kind, days: pd.DatetimeIndex) -> Calendar:
    if kind == "month":
        return Calendar(kind, "M", bool(np.mean(days.is_month_end) > 0.5))
    if kind == "day":
        return Calendar(kind, "D")
    if kind == "year":
        at_end = bool(np.mean(days.is_month_end) > 0.5)
        return Calendar(
            kind, f"Y-{_MONTHS[days[0].month - 1 if at_end else days[0].month - 2]}", at_end
        )
    if kind == "quarter":
        at_end = bool(np.mean(days.is_month_end) > 0.5)
        month = int(pd.Series(days.month).mode().iloc[0])
        closing = month if at_end else month + 2
        last = {0: "DEC", 1: "JAN", 2: "FEB"}[closing % 3]
        return Calendar(kind, f"Q-{last}", at_end)
    weekday = int(pd.Series(days.weekday).mode().iloc[0])
    stray = days[days.weekday != weekday]
    if len(stray):
        raise DataError(
            f"weekly dates fall on more than one weekday ({_WEEKDAYS[weekday].title()} mostly)",
            column="ds",
            rows=[str(day.date()) for day in stray],
            remedy=_REMEDY,
        )
    # pandas names a week by its last day: a week dated Monday runs to Sunday.
    return Calendar("week", f"W-{_WEEKDAYS[weekday - 1]}")
