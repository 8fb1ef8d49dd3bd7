"""Hand-worked values: what each cell means, and which cells are refused rather than guessed."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesops_lib.dataset import amounts, parsing


def numbers(*cells: object, semicolons: bool = False) -> list[float | str]:
    """Values, with the reason in place of a refused cell."""
    parsed = amounts.as_number(pd.Series(cells, dtype=object), semicolons=semicolons)
    told = {at: fault.reason for at, fault in parsed.refused.items()}
    return [told.get(at, float(v)) for at, v in enumerate(parsed.values)]


@pytest.mark.parametrize("dtype", ["bool", "boolean"])
def test_flags_are_no_amounts(dtype: str) -> None:
    """Out of Parquet, true came in as one dollar."""
    parsed = amounts.as_number(pd.Series([True, False], dtype=dtype))
    assert parsed.values.isna().all()
    assert [fault.reason for fault in parsed.refused.values()] == [
        "'True' is not a number",
        "'False' is not a number",
    ]


def days(*cells: object) -> list[str]:
    parsed = parsing.as_date(pd.Series(cells, dtype=object))
    told = {at: fault.reason for at, fault in parsed.refused.items()}
    return [
        told.get(at, "" if pd.isna(v) else f"{v:%Y-%m-%d}") for at, v in enumerate(parsed.values)
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("-12.5", -12.5),
        ("1e3", 1000),
        (".5", 0.5),
        ("1,234", 1234),
        ("1,234,567.89", 1234567.89),
        ("$1,234.50", 1234.5),
        ("US$ 7", 7),
        ("7 EUR", 7),
        ("€ 7", 7),
        ("(250.00)", -250),
        ("250-", -250),
        ("−3", -3),
        ("1 234", 1234),
        ("1\u00a0234,5", 1234.5),
        ("1'234.5", 1234.5),
        (" 8 ", 8),
        (Decimal("9.25"), 9.25),
        (np.int64(4), 4),
        ("1.234.567", 1234567),
        ("1.234,5", 1234.5),
        ("0,125", 0.125),
        ("0.125", 0.125),
    ],
)
def test_one_number(cell: object, value: float) -> None:
    assert numbers(cell) == [pytest.approx(value)]


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NULL", "nan", "-", None, math.nan])
def test_no_number(cell: object) -> None:
    assert all(math.isnan(float(one)) for one in numbers(cell, "1")[:1])


@pytest.mark.parametrize("cell", ["x", "1.2.3", "12abc", "1,23,4", "--3", "=1+1", "10%"])
def test_refused_number(cell: str) -> None:
    (only,) = numbers(cell)
    assert isinstance(only, str)
    assert cell in only


def test_infinity_is_refused() -> None:
    assert numbers("1", "1e999")[1] == "'∞' is infinite"
    assert numbers(math.inf)[0] == "'∞' is infinite"


def test_the_column_decides_what_a_comma_means() -> None:
    assert numbers("1,234", "5,5") == [1.234, 5.5]
    assert numbers("1,234", "5.5") == [1234, 5.5]
    assert numbers("1.234", "5,5") == [1234, 5.5]
    assert numbers("1.234", "5.25") == [1.234, 5.25]


def test_thousands_or_decimals_in_doubt_are_refused() -> None:
    told = numbers("1.234", "1,5", "1.5")
    assert "thousands or decimals" in str(told[0])
    assert told[1:] == [1.5, 1.5]
    assert "thousands or decimals" in str(numbers("1.234", "7", semicolons=True)[0])
    assert numbers("1.234", "7", semicolons=True)[1] == 7
    assert numbers("1.234", "7") == [1.234, 7]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20), st.sampled_from(["us", "eu"]))
def test_written_numbers_come_back(values: list[float], how: str) -> None:
    cents = [round(value, 2) + 0.0 for value in values]
    texts = [f"{value:,.2f}" for value in cents]
    if how == "eu":
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    assert numbers(*texts) == pytest.approx(cents)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20))
def test_numbers_as_programs_write_them_read_as_one_by_one(values: list[float]) -> None:
    """A column without a thousands mark is read as a whole; with one, cell by cell."""
    texts = [f"{value:.6f}" for value in values]
    assert numbers(*texts) == numbers(*texts, "1,234,567.5")[:-1]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-04", "2026-03-04"),
        ("2026-3-4", "2026-03-04"),
        ("2026/03/04", "2026-03-04"),
        ("20260304", "2026-03-04"),
        ("2026-03-04T23:30:00Z", "2026-03-04"),
        ("2026-03-04 23:30:00+02:00", "2026-03-04"),
        ("2026-03-04 08:00:00.000", "2026-03-04"),
        ("4 Mar 2026", "2026-03-04"),
        ("Mar 4, 2026", "2026-03-04"),
        ("04-Mar-26", "2026-03-04"),
        ("March 4th, 2026", "2026-03-04"),
        ("04.03.2026", "2026-03-04"),
        ("13/03/2026", "2026-03-13"),
        ("03/13/2026", "2026-03-13"),
        ("3/13/26", "2026-03-13"),
        ("4/4/2026", "2026-04-04"),
        ("2026-03", "2026-03-01"),
        ("Mar 2026", "2026-03-01"),
        (date(2026, 3, 4), "2026-03-04"),
        (pd.Timestamp("2026-03-04 10:00", tz="UTC"), "2026-03-04"),
        ("", ""),
        ("NULL", ""),
        (None, ""),
    ],
)
def test_one_date(cell: object, day: str) -> None:
    assert days(cell) == [day]


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30", "31/02/2026", "yesterday", "0001-01-01", "9999-12-31", "45292", "2026-13"],
)
def test_refused_date(cell: str) -> None:
    (only,) = days(cell)
    assert cell in only


def test_the_column_decides_whether_days_come_first() -> None:
    assert days("03/04/2026", "13/04/2026") == ["2026-04-03", "2026-04-13"]
    assert days("03/04/2026", "04/13/2026") == ["2026-03-04", "2026-04-13"]


def test_dates_in_doubt_are_refused() -> None:
    assert "day-month or month-day" in days("03/04/2026")[0]
    told = days("03/04/2026", "13/04/2026", "04/13/2026")
    assert "day-month or month-day" in told[0]
    assert told[1:] == ["2026-04-13", "2026-04-13"]


@given(st.lists(st.dates(date(1940, 1, 1), date(2100, 12, 31)), min_size=1))
def test_written_dates_come_back(given_days: list[date]) -> None:
    expected = [one.isoformat() for one in given_days]
    assert days(*expected) == expected
    assert days(*[f"{one:%d %b %Y}" for one in given_days]) == expected


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-03-04T23:30:01.25Z", "2026-03-04 23:30:01.250"),
        ("2026-03-04 23:30:00+02:00", "2026-03-04 23:30"),
        ("13/04/2026 9:05", "2026-04-13 09:05"),
        ("04/13/2026, 12:05:00 AM", "2026-04-13 00:05"),
        ("04/13/2026 12:05 pm", "2026-04-13 12:05"),
        ("04/13/2026 11:05PM", "2026-04-13 23:05"),
        ("4 Mar 2026 10:30", "2026-03-04 10:30"),
        (datetime(2026, 3, 4, 10, 30), "2026-03-04 10:30"),
        # A database keeps microseconds.
        ("2026-03-04 10:30:00.123456789", "2026-03-04 10:30:00.123456"),
        (pd.Timestamp("2026-03-04 10:30:00.123456789"), "2026-03-04 10:30:00.123456"),
    ],
)
def test_one_moment(cell: object, moment: str) -> None:
    column = pd.Series([cell], dtype=object)
    assert parsing.as_date(column, keep_time=True).values.tolist() == [pd.Timestamp(moment)]
    assert parsing.as_date(column).values.tolist() == [pd.Timestamp(moment).normalize()]


@pytest.mark.parametrize(
    "cell", ["2026-03-04 24:00", "2026-03-04 10:60", "04/13/2026 13:00 PM", "10:30", "x 10:30"]
)
def test_what_is_no_time_makes_no_date(cell: str) -> None:
    (only,) = days(cell)
    assert cell in only and "is not a date" in only


def test_typed_dates_outside_the_calendar_are_refused() -> None:
    column = pd.Series(pd.to_datetime(["2026-01-05", "1900-01-01"]))
    assert list(parsing.as_date(column).refused) == [1]


def test_typed_dates_that_no_nanosecond_reaches_are_refused() -> None:
    days = np.array(["2026-01-05", "0001-01-01", "9999-12-31"], dtype="datetime64[us]")
    parsed = parsing.as_date(pd.Series(days))
    assert parsed.values.isna().tolist() == [False, True, True]
    assert list(parsed.refused) == [1, 2]


@pytest.mark.parametrize("cell", ["45292", "45292.5", 45292, 45292.0])
def test_a_spreadsheets_number_for_a_day_is_named(cell: object) -> None:
    (only,) = days(cell)
    assert "spreadsheet's number for a day" in only


def test_an_amount_that_would_drown_all_others_is_refused() -> None:
    assert numbers("1", "1e300", "-1e16", "1e15")[1:3] == [
        "'1e+300' is larger than any amount of money is",
        "'-1e+16' is larger than any amount of money is",
    ]


def test_ids_stay_as_they_came() -> None:
    cells = pd.Series(["007", " 7", "7.0", "NA", "", 7, 7.0], dtype=object)
    assert parsing.as_id(cells).values.tolist() == ["007", " 7", "7.0", "NA", None, "7", "7"]


def test_numbers_as_ids_lose_the_point_a_gap_gave_them() -> None:
    assert parsing.as_id(pd.Series([7.0, math.nan])).values.tolist() == ["7", None]


def test_text_is_trimmed_and_na_is_north_america() -> None:
    assert parsing.as_text(pd.Series([" NA ", "", None])).values.tolist() == ["NA", None, None]


def test_a_week_is_its_monday_and_a_month_its_first_day() -> None:
    cells = pd.Series(["2026-11-24", "2026-11-29", "2026-11-30"])
    mondays = parsing.as_week(cells).values.dt.strftime("%Y-%m-%d").tolist()
    assert mondays == ["2026-11-23", "2026-11-23", "2026-11-30"]
    assert set(parsing.as_month(cells).values) == {pd.Timestamp("2026-11-01")}


def test_a_reason_cannot_move_the_cursor() -> None:
    (reason,) = amounts.as_number(pd.Series(["\x1b[2Jx\n"])).refused.values()
    assert reason.reason.isprintable()
