"""The day up to which a forecast may know anything is a date that a column of days can hold."""

from __future__ import annotations

import pandas as pd
import pytest

import salesops_lib as so
from salesops_lib.analyses.forecast.calendar import day_of


@pytest.mark.parametrize("given", ["2999-01-01", 20260930, 20260930.0, "soon", None, pd.NaT, [1]])
def test_what_is_no_such_day_is_named(given: object) -> None:
    with pytest.raises(so.ParameterError, match=r"as_of == .*must be a date such as"):
        day_of(given)


@pytest.mark.parametrize("given", [20260330, 9, "2999-01-01"])
def test_no_other_day_is_read_out_of_a_number(given: object) -> None:
    """Nanoseconds since 1970: everything had been still to come, without a word."""
    with pytest.raises(so.DataError, match="is not a date"):
        so.load_dataset("sample").as_of(given)
    with pytest.raises(so.DataError, match="is not a date"):
        so.deal_desk(so.load_dataset("sample").deals(), last_month=given)


def test_a_day_past_all_columns_of_days_through_the_public_function() -> None:
    with pytest.raises(so.ParameterError, match="as_of == '2999-01-01'"):
        so.forecast_bookings(so.load_dataset("sample"), as_of="2999-01-01", horizon=1)


@pytest.mark.parametrize(
    "given", ["2026-09-30", pd.Timestamp("2026-09-30 22:00", tz="America/New_York")]
)
def test_the_day_where_it_was_written_down(given: object) -> None:
    assert day_of(given) == pd.Timestamp("2026-09-30")


def test_a_day_is_read_as_at_the_door_of_the_dataset() -> None:
    """A forecast as of 05.06.2026 was one of the sixth of May, a month of deals short, without a word; and
    whether 5/6/2026 is in May or June nobody can tell."""
    assert day_of("05.06.2026") == pd.Timestamp("2026-06-05")
    assert day_of("05.06.2026T10:00") == pd.Timestamp("2026-06-05")
    assert day_of("30.06.2026 18:00") == day_of("6/30/2026") == pd.Timestamp("2026-06-30")
    sample = so.load_dataset("sample")
    assert sample.as_of("05.06.2026").last_day == sample.as_of("2026-06-05").last_day
    with pytest.raises(so.ParameterError, match="must be a date such as"):
        day_of("5/6/2026")
    with pytest.raises(
        so.DataError, match=r"'5/6/2026' may be day-month or month-day\. Write it as"
    ):
        sample.as_of("5/6/2026")
    with pytest.raises(so.DataError, match=r"'31\.02\.2026' is not a date"):
        sample.as_of("31.02.2026")
