"""Planted truth through the public function: how often the intervals hold it."""

from __future__ import annotations

import pytest

from benchmarks.calibration.forecast_series import run


@pytest.fixture(scope="module")
def table():  # type: ignore[no-untyped-def]
    return run(600, seed=11).set_index(["setting", "quantity"])


@pytest.mark.parametrize("months", [36, 60])
@pytest.mark.parametrize("quantity", ["month 1", "month 2", "month 3"])
def test_a_month_is_held_nine_times_in_ten(table, months: int, quantity: str) -> None:  # type: ignore[no-untyped-def]
    """Bar .87 to .93; binomial sd at 600 is .012, so 2 sd wider either side."""
    row = table.loc[(f"alone, {months} months", quantity)]
    assert row["replicates"] == 600
    assert 0.87 - 0.024 <= row["coverage"] <= 0.93 + 0.024
    assert row["naive"] < 0.87


def test_a_quarter_total_is_held(table) -> None:  # type: ignore[no-untyped-def]
    for setting in ("alone", "many", "company"):
        assert table.loc[(f"{setting}, 60 months", "quarter total"), "coverage"] >= 0.87 - 0.024


def test_forecasts_are_not_biased(table) -> None:  # type: ignore[no-untyped-def]
    """Mean log error: within .03, four times its standard error of .19 ÷ √600 for a single month."""
    assert table["bias"].abs().max() < 0.03
