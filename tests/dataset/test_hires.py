"""Hires a year, counted by hand from hire dates where nobody states them."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.assumptions import DEFAULT_SOURCE, DEFAULTS, Assumption
from salesops_lib.dataset.hires import counted

STATED = DEFAULTS["hires_per_year"]
FIRST, LAST = pd.Timestamp("2023-01-05"), pd.Timestamp("2026-06-30")
SOURCE = "counted from the hire dates of the last 24 months"


def hires(*days: str | None, first: pd.Timestamp = FIRST, last: pd.Timestamp = LAST) -> Assumption:
    """Of reps hired on these days, one each."""
    reps = pd.DataFrame({"rep_id": [f"R{i}" for i in range(len(days))]})
    return counted(STATED, reps.assign(hire_date=pd.to_datetime(pd.Series(days))), first, last)


def test_those_of_two_years_halved() -> None:
    """Five from July 2024 on, the first day after the two years' begin among them; one of the day
    before, one of years ago, one still to come and one undated do not count."""
    inside = ["2024-07-01", "2024-11-15", "2025-03-01", "2025-03-01", "2026-06-30"]
    found = hires(*inside, "2024-06-30", "2019-05-01", "2026-07-01", None)
    assert found.value == 2.5
    assert found.source == f"{SOURCE}; 1 of 9 reps has none and is not counted"
    assert hires(*inside, "2025-09-01").value == 3
    assert not found.is_default
    assert (found.label, found.unit) == (STATED.label, STATED.unit)


def test_a_rep_is_hired_once() -> None:
    """Who moved, or came back, has a row for each stay."""
    reps = pd.DataFrame(
        {
            "rep_id": ["R1", "R1", "R2", "R2"],
            "hire_date": pd.to_datetime(["2019-01-01", "2025-02-01", "2025-02-01", "2026-02-01"]),
        }
    )
    assert counted(STATED, reps, FIRST, LAST).value == 0.5
    again = reps.assign(
        rep_id=["R1", "R1", "R3", "R3"], hire_date=reps["hire_date"].iloc[[0, 1, 0, 1]].array
    )
    assert counted(STATED, again, FIRST, LAST).value == 0  # both were hired in 2019


def test_where_most_have_no_date_hires_are_not_counted() -> None:
    """One dated rep of many was a company that hires .5 a year, and a ramp that costs next to nothing."""
    assert hires("2025-03-01", None, None) == STATED
    half = hires("2025-03-01", "2019-03-01", None, None)
    assert (half.value, half.source) == (
        0.5, f"{SOURCE}; 2 of 4 reps have none and are not counted",
    )  # fmt: skip
    assert hires("2025-03-01", "2019-03-01").source == SOURCE


def test_who_was_seen_before_was_not_hired_since() -> None:
    """Dates are often kept of the latest hires only: of three without one, two sold before the two years."""
    reps = pd.DataFrame(
        {"rep_id": [*"abcd"], "hire_date": pd.to_datetime(["2025-03-01", None, None, None])}
    )
    months = {"a": "2025-03-01", "b": "2023-01-01", "c": "2024-06-01", "d": "2024-07-01"}
    seen = pd.to_datetime(pd.Series(months))
    found = counted(STATED, reps, FIRST, LAST, seen)
    assert (found.value, found.source) == (
        0.5,
        f"{SOURCE}; 1 of 4 reps has none and is not counted",
    )
    assert counted(STATED, reps, FIRST, LAST, seen.drop(["b", "c"])) == STATED


def test_nobody_hired_is_none() -> None:
    assert hires("2019-05-01", "2020-02-01").value == 0


def test_the_month_in_which_records_begin_does_not_count() -> None:
    """Twenty reps dated by the day that the CRM began, two hired in the 17 months after its first."""
    began = ["2025-01-02"] * 20
    found = hires(*began, "2025-08-01", "2026-01-15", first=pd.Timestamp("2025-01-02"))
    assert found.value == 1.4
    assert found.source == "counted from the hire dates of the last 17 months"
    assert hires(*["2025-08-01"] * 4, first=pd.Timestamp("2025-01-02")).value == 2.8


@pytest.mark.parametrize(
    "found",
    [
        hires("2026-01-01", first=pd.Timestamp("2025-07-01")),
        hires("2025-01-01", first=pd.NaT, last=pd.NaT),
        hires(None, None),
        counted(STATED, pd.DataFrame({"rep_id": ["R1"]}), FIRST, LAST),
    ],
    ids=["eleven months", "undated", "no hire dates", "no such column"],
)
def test_what_cannot_be_counted_keeps_the_default(found: Assumption) -> None:
    assert (found.value, found.source) == (12, DEFAULT_SOURCE)


TABLES = {
    "reps": pd.DataFrame(
        {
            "rep_id": ["R1", "R2", "R3"],
            "hire_date": ["2020-01-01", "2024-09-01", "2025-11-01"],
        }
    ),
    "deals": pd.DataFrame(
        {
            "deal_id": ["D1", "D2"],
            "rep_id": ["R1", "R2"],
            "status": ["won", "won"],
            "amount": [100, 200],
            "close_date": ["2023-01-05", "2026-06-30"],
        }
    ),
}


def test_is_counted_as_known_on_a_day() -> None:
    made = Dataset.from_frames(TABLES)
    assert made.assumptions["hires_per_year"].value == 1
    assert made.assumptions["hires_per_year"].source == SOURCE
    # R3 was not hired yet.
    then = made.as_of("2025-06-30").assumptions["hires_per_year"]
    assert (then.value, then.source) == (0.5, SOURCE)


def test_what_is_stated_stays() -> None:
    made = Dataset.from_frames(TABLES, assumptions={"hires_per_year": 7})
    assert made.assumptions["hires_per_year"].value == 7
    assert made.assumptions["hires_per_year"].source == "your settings"
