"""Which days the records cover. A month before them is not a month without bookings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from salesops_lib.dataset.rep_months import Window

_JUST_FOUNDED = pd.Timedelta(days=92)
# Silence at the end of a month may be chance up to this long, where wins are as far apart.
_QUIET = pd.Timedelta(days=6)
_USUALLY = 0.9


@dataclass(frozen=True)
class Records:
    """The days that the records cover.

    Attributes
    ----------
    first_day
        Of dated events, quotes and orders among them. NaT without any.
    last_day
        Of dated events; quotes and orders may be planned, and count only where there is nothing else.
        It is the month's end instead where no working day is left until then, or no more days than
        often pass without a win; or the day that data_through says. NaT without any.
    start
        The month from which rep-months count.
    silent_months
        Months left out at the start, in which deals were created but none closed.
    partial_month
        The month that the records do not cover to its end, or None.
    """

    first_day: pd.Timestamp
    last_day: pd.Timestamp
    start: pd.Timestamp
    silent_months: int
    partial_month: pd.Timestamp | None

    def frame(self) -> pd.DataFrame:
        """As a table of one row, to be kept."""
        partial = pd.NaT if self.partial_month is None else self.partial_month
        days = {"first_day": self.first_day, "last_day": self.last_day, "start": self.start}
        row = {**days, "partial_month": partial}
        kept = pd.DataFrame(
            {name: pd.Series([day], dtype="datetime64[ns]") for name, day in row.items()}
        )
        return kept.assign(silent_months=self.silent_months)

    @classmethod
    def of_frame(cls, kept: pd.DataFrame) -> Records:
        one = kept.iloc[0]
        partial = None if pd.isna(one["partial_month"]) else one["partial_month"]
        days = (one["first_day"], one["last_day"], one["start"])
        return cls(*days, int(one["silent_months"]), partial)

    @property
    def window(self) -> Window | None:
        if pd.isna(self.last_day) or pd.isna(self.start):
            return None
        return Window(self.start, self.last_day)


def records_of(
    frames: Mapping[str, pd.DataFrame],
    *,
    through: pd.Timestamp | None = None,
    known: pd.Timestamp | None = None,
) -> Records:
    """Find the days that `frames` cover.

    Parameters
    ----------
    through
        Up to when the data are complete, where somebody said so.
    known
        Nothing after this day is seen, and the data are complete up to it if they reach it.
    """
    deals = frames["deals"]
    closed = deals["close_date"].where(deals["status"] != "open")
    events = [
        deals["created_date"],
        closed,
        frames["stage_changes"]["changed_at"],
        frames["activities"]["week"],
    ]
    # Quotes and orders may be planned for days to come: until then nothing is known for all that.
    planned = [deals["quoted_date"], deals["ordered_date"]]
    firsts = [one.min() for one in [*events, *planned] if one.notna().any()]
    lasts = [one.max() for one in events if one.notna().any()]
    lasts = lasts or [one.max() for one in planned if one.notna().any()]
    nothing = pd.NaT
    if not firsts:
        quotas = frames["quotas"]["month"]
        firsts = [quotas.min()] if len(quotas) else []
        lasts = [quotas.max() + pd.offsets.MonthEnd(1)] if len(quotas) else []
        if not firsts:
            return Records(nothing, nothing, nothing, 0, None)
    first, last = min(firsts).normalize(), max(lasts).normalize()
    last = _to_month_end(last, closed[deals["status"] == "won"], known)
    if through is not None:
        last = max(last, through)
    if known is not None:
        last = min(last, known)
    start, silent = _start(frames, closed, first)
    month_end = (last + pd.offsets.MonthEnd(0)).normalize()
    partial = None if last >= month_end else last.to_period("M").to_timestamp()
    return Records(first, last, start, silent, partial)


def _to_month_end(last: pd.Timestamp, won: pd.Series, known: pd.Timestamp | None) -> pd.Timestamp:
    """The month's end, where no working day lies between, or no more days than often pass without a
    win. The one place that decides it of a dataset: rep-months, deal desk and forecast end where this
    says."""
    end = (last + pd.offsets.MonthEnd(0)).normalize()
    if end == last or not len(pd.bdate_range(last + pd.Timedelta(days=1), end)):
        return end
    if known is not None and end > known:
        return last
    days = won[won > last - pd.DateOffset(months=12)].dropna().drop_duplicates().sort_values()
    usual = days.diff().quantile(_USUALLY)
    return end if pd.notna(usual) and end - last < min(usual, _QUIET) else last


def _start(
    frames: Mapping[str, pd.DataFrame], closed: pd.Series, first: pd.Timestamp
) -> tuple[pd.Timestamp, int]:
    """The first month of the records, and how many months with creations only lie before it.

    An export of closed deals holds their creation dates too, months before any deal in it closed:
    those months would look like months without bookings. They count only where quotas or
    activities speak of them, or where the company itself is new.
    """
    hired = frames["reps"]["hire_date"]
    begin = first.to_period("M").to_timestamp()
    if hired.notna().any() and hired.notna().all() and hired.min() >= first - _JUST_FOUNDED:
        return min(begin, hired.min().to_period("M").to_timestamp()), 0
    speaking = [
        one.min()
        for one in (closed, frames["quotas"]["month"], frames["activities"]["week"])
        if one.notna().any()
    ]
    start = max(min(speaking).to_period("M").to_timestamp(), begin) if speaking else begin
    return start, (start.to_period("M") - begin.to_period("M")).n
