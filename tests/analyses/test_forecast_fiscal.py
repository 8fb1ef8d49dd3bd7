"""A year that begins in another month than January: its quarters are forecast, and told by their months."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from salesops_lib.analyses.forecast import BookingsForecast, forecast_bookings
from salesops_lib.errors import ParameterError
from tests.analyses.forecast_company import AS_OF, company, opened, planted, with_quotas

WORLD = with_quotas(planted(3, months=34), 50_000.0, ahead=12)


@cache
def made(start: int, as_of: pd.Timestamp = AS_OF) -> BookingsForecast:
    return forecast_bookings(
        opened(WORLD), as_of=as_of, horizon=16, draws=200, fiscal_year_start=start
    )


def test_quarters_and_years_are_the_fiscal_ones() -> None:
    """From October on, of a year that begins in February: a month of the running quarter is left."""
    totals = company(made(2).totals)
    quarters = totals[totals["kind"] == "quarter"]
    assert quarters["period"].tolist()[:3] == [
        "2026-08 to 2026-10",
        "2026-11 to 2027-01",
        "2027-02 to 2027-04",
    ]
    years = totals.loc[totals["kind"] == "year", "period"].tolist()
    assert years == ["2026-02 to 2027-01", "2027-02 to 2028-01"]
    assert (quarters["end"] - quarters["start"]).dt.days.between(88, 92).all()


@pytest.mark.parametrize("start", [1, 4, 7, 10])
def test_quarters_that_are_the_calendars_keep_their_names(start: int) -> None:
    totals = company(made(start).totals)
    assert totals.loc[totals["kind"] == "quarter", "period"].iloc[0] == "2026-Q4"
    years = totals.loc[totals["kind"] == "year", "period"].tolist()
    assert ("2026" in years) == (start == 1)


def test_months_and_their_sums_do_not_depend_on_it() -> None:
    plain, fiscal = made(1), made(2)
    columns = ["unique_id", "ds", "mean"]
    pd.testing.assert_frame_equal(plain.forecast[columns], fiscal.forecast[columns])
    months = company(fiscal.forecast).set_index("ds")["mean"]
    rows = company(fiscal.totals).set_index("period")
    # In the coming quarter nothing is booked yet: it is the sum of its months.
    for row in (rows.loc["2026-11 to 2027-01"], rows.loc["2027-02 to 2027-04"]):
        assert row["mean"] == pytest.approx(months[row["start"] : row["end"]].sum(), rel=1e-6)
    running = rows.loc["2026-08 to 2026-10"]
    assert running["mean"] == pytest.approx(
        running["so_far"] + months[pd.Timestamp("2026-10-01")], rel=1e-6
    )


def test_the_findings_and_the_quota_speak_of_it() -> None:
    found = made(2)
    assert found.quarter == "2026-11 to 2027-01"
    assert "2026-11 to 2027-01" in found.finding("bookings_next_quarter").sentence
    assert "2026-08 to 2026-10" in found.finding("bookings_this_quarter").sentence
    quota = company(found.quota).set_index("period")["quota"]
    assert quota["2026-11 to 2027-01"] == pytest.approx(3 * 50_000.0 * 6)
    # The last time that a fiscal quarter was about to begin: at the end of April.
    assert "on 2026-04-30" in found.finding("last_forecast_error").sentence
    assert "on 2026-06-30" in made(1).finding("last_forecast_error").sentence


@pytest.mark.parametrize("start", [0, 13, 1.5, "2"])
def test_a_month_is_one_of_twelve(start: object) -> None:
    with pytest.raises(ParameterError, match="fiscal_year_start == "):
        made(start)  # type: ignore[arg-type]
