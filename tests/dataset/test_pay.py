"""A rep's cost a year, by hand from the reps table where nobody states it."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset
from salesops_lib.dataset.assumptions import DEFAULT_SOURCE, DEFAULTS, Assumption
from salesops_lib.dataset.pay import of_reps

LAST = pd.Timestamp("2026-06-30")
Row = tuple[str, str | None, str | None, float | None]


def pay(*rows: Row, last: pd.Timestamp = LAST) -> Assumption:
    reps = pd.DataFrame(list(rows), columns=["rep_id", "hire_date", "end_date", "annual_cost"])
    for column in ("hire_date", "end_date"):
        reps[column] = pd.to_datetime(reps[column])
    return of_reps(DEFAULTS["annual_cost"], reps, last)


FIVE: list[Row] = [(f"R{k}", "2024-01-01", None, 100_000.0 + 10_000 * k) for k in range(5)]


def test_the_mean_of_those_employed() -> None:
    """100, 110 .. 140 thousand; who left, who is to come, and a zero do not count; who moved counts once, as
    paid now."""
    found = pay(*FIVE, ("L", "2020-01-01", "2026-06-29", 9e5), ("N", "2026-07-01", None, 9e5))
    assert (found.value, found.source) == (120_000, "mean of 5 reps in the reps table")
    assert not found.is_default
    assert (found.label, found.unit) == ("Pay and on-costs of a rep", "money/year")
    assert pay(*FIVE, ("Z", "2024-01-01", None, 0.0), ("B", None, None, None)).value == 120_000
    moved = pay(
        *FIVE[1:], ("R0", "2025-01-01", None, 200_000.0), ("R0", "2022-01-01", "2026-06-30", 1.0)
    )
    assert moved.value == 140_000


def test_costs_in_millions_are_not_rounded_to_nothing() -> None:
    """0.1, 0.11 .. 0.14 of a million: a rep cost nothing."""
    assert pay(*[(f"R{k}", None, None, 0.1 + 0.01 * k) for k in range(5)]).value == pytest.approx(
        0.12
    )


def test_of_few_the_mean_would_tell_each_ones_pay() -> None:
    for found in (pay(*FIVE[:4]), pay(*FIVE, last=pd.NaT)):
        assert (found.value, found.source) == (110_000, DEFAULT_SOURCE)


def test_of_a_few_of_many_nothing_is_known() -> None:
    """Five of ten are half, of eleven less."""
    others: list[Row] = [(f"X{k}", "2024-01-01", None, None) for k in range(6)]
    assert pay(*FIVE, *others[:5]).value == 120_000
    assert pay(*FIVE, *others).value == 110_000


@pytest.mark.parametrize(("stated", "value"), [(None, 120_000), (95_000, 95_000)])
def test_what_is_stated_stays(stated: float | None, value: float) -> None:
    reps = pd.DataFrame(FIVE, columns=["rep_id", "hire_date", "end_date", "annual_cost"])
    deals = pd.DataFrame(
        {
            "deal_id": ["D1", "D2"], "rep_id": ["R1", "R2"], "status": ["won", "won"],
            "amount": [1e5, 2e5], "close_date": ["2024-01-05", "2026-06-30"],
        }
    )  # fmt: skip
    told = {} if stated is None else {"annual_cost": stated}
    made = Dataset.from_frames({"reps": reps, "deals": deals}, assumptions=told)
    assert made.assumptions["annual_cost"].value == value
