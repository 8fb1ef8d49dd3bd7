"""Names of periods: what is written is read, and what is no period is none."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pytest

from salesops_lib.dataset import Period
from salesops_lib.dataset.period_names import Span, name_of, read, run_of_months, span_of
from salesops_lib.errors import ParameterError

Day = datetime.date


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_every_name_that_is_written_is_read(every: str) -> None:
    """From a year whose first days are a week of the last one, in fiscal years from every month."""
    for start in range(1, 13):
        for days in range(0, 800, 5):
            day = Day(2026, 12, 20) + datetime.timedelta(days=days)
            span = span_of(every, day, start)
            assert span.start <= day <= span.end
            assert read(span.name) == span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026Q3", Span(Day(2026, 7, 1), Day(2026, 9, 30), "2026-Q3", 3)),
        ("2026W01", Span(Day(2025, 12, 29), Day(2026, 1, 4), "2026-W01", 0)),
        ("2028-02", Span(Day(2028, 2, 1), Day(2028, 2, 29), "2028-02", 1)),
        # The first and the last year whose days pandas can hold.
        ("1678", Span(Day(1678, 1, 1), Day(1678, 12, 31), "1678", 12)),
        ("2261-12", Span(Day(2261, 12, 1), Day(2261, 12, 31), "2261-12", 1)),
        # A month has one name, not another as a run of one.
        ("2026-08-to-2026-08", Span(Day(2026, 8, 1), Day(2026, 8, 31), "2026-08", 1)),
        # Typed as a run it stays one: its folder is that of the name.
        ("2026-07-to-2026-09", Span(Day(2026, 7, 1), Day(2026, 9, 30), "2026-07-to-2026-09", 3)),
    ],
)
def test_forms(text: str, span: Span) -> None:
    assert read(text) == span


@pytest.mark.parametrize(
    "text",
    [
        *("", "latest", "2026-13", "2026-00", "2026-Q5", "2025-W53", "2026-W00", "26-Q3", "2026-9"),
        *("2026-10-to-2026-08", "2026-10-to-2026-13", "2026-Q3 ", "company", "0000", "9999-W53"),
    ],
)
def test_what_is_no_period(text: str) -> None:
    assert read(text) is None


def test_months_are_named_by_what_they_cover() -> None:
    january = 12 * 2027
    assert name_of(january, january) == "2027-01"
    assert name_of(january + 3, january + 5) == "2027-Q2"
    assert name_of(january + 4, january + 6) == "2027-05-to-2027-07"
    assert name_of(january, january + 11) == "2027"
    assert name_of(january - 2, january, between=" to ") == "2026-11 to 2027-01"
    assert run_of_months(january, january + 11, between=" to ") == "2027-01 to 2027-12"


@pytest.mark.parametrize(
    ("every", "start", "name"),
    [
        ("quarter", 1, "2026-Q3"),
        ("quarter", 2, "2026-08-to-2026-10"),
        ("quarter", 3, "2026-09-to-2026-11"),
        ("quarter", 4, "2026-Q3"),
        ("year", 1, "2026"),
        ("year", 4, "2026-04-to-2027-03"),
        ("year", 10, "2025-10-to-2026-09"),
        ("month", 7, "2026-09"),
        ("week", 5, "2026-W38"),
    ],
)
def test_fiscal_periods_begin_in_their_month(every: str, start: int, name: str) -> None:
    """The 15th of September 2026, a Tuesday, in years that begin in month `start`."""
    assert span_of(every, Day(2026, 9, 15), start).name == name


@pytest.mark.parametrize("year", ["0001", "1677", "2262", "2300", "9999", "2026-01-to-9999-12"])
def test_a_year_beyond_all_data_is_refused_by_name(year: str) -> None:
    """Mistyped as 9999 it ended in a traceback of pandas."""
    with pytest.raises(ParameterError, match=f"period == '{year}', must be a week"):
        Period.parse(year)


def test_planning_does_not_wait_for_pandas() -> None:
    code = (
        "import sys; from salesops_lib.reporting import packs, planning, publication, schedule; "
        "assert 'pandas' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
