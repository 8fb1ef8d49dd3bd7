"""Bad input, odd input and what is said about it: dates of every kind, options, amounts of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import forecast_series
from salesops_lib.analyses.forecast import forecast_hierarchy
from salesops_lib.errors import DataError, ParameterError
from tests.analyses.test_forecast_series import forecast, months, seasonal

FRAME = months(seasonal(48))
DATES = pd.DatetimeIndex(FRAME["ds"])


@pytest.mark.parametrize(
    "dates",
    [
        DATES.to_period("M"),
        DATES.tz_localize("Europe/Berlin"),
        # Summer and winter time differ by an hour: pandas reads these as objects, with a warning.
        [one.isoformat() for one in DATES.tz_localize("Europe/Berlin")],
        DATES.strftime("%Y-%m"),
    ],
    ids=["periods", "time zone", "offsets", "text"],
)
def test_months_in_any_writing_are_the_same_months(dates: object) -> None:
    found = forecast(FRAME.assign(ds=dates)).forecast
    pd.testing.assert_frame_equal(found, forecast(FRAME).forecast)


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"])
def test_the_column_tells_whether_days_come_first(written: str) -> None:
    """Month ends hold a day above 12. Cell by cell, pandas took 12/01/2021 for one of December."""
    ends = DATES + pd.offsets.MonthEnd(0)
    found = forecast(FRAME.assign(ds=ends.strftime(written))).forecast
    pd.testing.assert_frame_equal(found, forecast(FRAME.assign(ds=ends)).forecast)


def test_days_that_may_be_months_are_refused() -> None:
    """First days of months, written 01/02/2021, were read as eleven days of each January, and the
    months between as 1,059 missing days."""
    with pytest.raises(
        DataError, match=r"'ds'.*day or month may come first; rows 1, 2.*2026-09-30"
    ):
        forecast(FRAME.assign(ds=DATES.strftime("%d/%m/%Y")))


@pytest.mark.parametrize("kind", ["float64", "object", "Int64", "uint8"])
def test_numbered_periods_in_any_type(kind: str) -> None:
    """Whole numbers as floats or objects were read as nanoseconds of 1970-01-01."""
    numbered = FRAME.assign(ds=pd.Series(range(48)).astype(kind))
    found = forecast(numbered).forecast
    assert found["ds"].tolist() == list(range(48, 54))
    np.testing.assert_array_equal(found["mean"], forecast(FRAME).forecast["mean"])


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        (DATES.strftime("%Y%m").astype(int), "dates written as numbers, such as 202101"),
        (DATES.strftime("%Y%m%d").astype(int), "dates written as numbers, such as 20210101"),
        (pd.array([None, *range(47)], dtype="Int64"), "no date; rows 0"),
        (np.arange(48) + 0.5, "with fractions"),
        ([True] * 48, "no date"),
    ],
)
def test_numbers_that_are_no_periods(dates: object, problem: str) -> None:
    """202412 and 202501 are not 89 periods apart: their gap was filled with 88 made-up months."""
    with pytest.raises(DataError, match=problem):
        forecast(FRAME.assign(ds=dates))


def test_a_column_named_twice() -> None:
    with pytest.raises(DataError, match="two columns called y"):
        forecast(pd.concat([FRAME, FRAME[["y"]]], axis=1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"horizon": 2.5},
        {"horizon": True},
        {"season_length": "12"},
        {"origins": -1},
        {"levels": ()},
        {"levels": 80},
        {"partial": "yes"},
    ],
)
def test_options_of_the_wrong_kind_are_named(wrong: dict[str, object]) -> None:
    options = {"horizon": 3, "season_length": 12, **wrong}
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        forecast_series(FRAME, **options)
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        forecast_hierarchy(FRAME, by=["unique_id"], **options)  # type: ignore[arg-type]


def test_a_level_given_twice_is_one_level() -> None:
    result = forecast(FRAME, levels=(80, 80.0))
    assert result.levels == (80.0,)
    assert [one.name for one in result.findings].count("coverage_80") == 1


@pytest.mark.parametrize("kind", ["zeros", "negative"])
@pytest.mark.parametrize("size", [1e12, 1e-6, 1e-9])
def test_amounts_of_any_size_are_forecast_alike(kind: str, size: float) -> None:
    """Without a logarithm, amounts of millionths met limits that only keep from dividing by zero."""
    rng = np.random.default_rng(3)
    y = seasonal(50) / 1e4
    y = np.where(rng.random(50) < 0.2, 0.0 if kind == "zeros" else -0.3 * y, y)
    frames = [months(scale * y) for scale in (1.0, size)]
    one, other = (forecast(frame, levels=(80,)) for frame in frames)
    columns = ["mean", "lo-80", "hi-80"]
    np.testing.assert_allclose(
        other.forecast[columns] / size, one.forecast[columns], rtol=1e-9, atol=0
    )
    np.testing.assert_allclose(other.totals[columns] / size, one.totals[columns], rtol=1e-9, atol=0)


def test_a_day_amid_the_data_leaves_out_what_came_later_and_says_how_much() -> None:
    """The 29th of February ends its month: that stays, and the 34 months after it go."""
    result = forecast(FRAME, as_of="2024-02-29")
    assert result.forecast["ds"].iloc[0] == pd.Timestamp("2024-03-01")
    assert any("The last 10 months of the data were not over" in one for one in result.notices)
    one = forecast(FRAME, as_of="2024-12-05").notices[0]
    assert one.startswith("The month that was not over on 2024-12-05 is left out")


def test_months_without_data_before_the_day_are_told() -> None:
    late = forecast(FRAME, as_of="2026-02-28").notices
    assert any("nothing of the 14 months that ended by 2026-02-28" in one for one in late)
    assert not any("nothing of" in one for one in forecast(FRAME, as_of="2025-01-20").notices)


def test_a_level_that_some_steps_support_is_not_said_to_be_refused_throughout() -> None:
    result = forecast(FRAME, horizon=24, levels=(80,))
    given = result.forecast["lo-80"].notna()
    assert given.any() and not given.all()
    said = [one for one in result.notices if one.startswith("No 80% interval")]
    assert len(said) == 1 and "at some of the steps" in said[0]


def test_a_backtest_that_nobody_asked_for_is_not_missed() -> None:
    assert not any("too short to try" in one for one in forecast(FRAME, origins=0).notices)


def test_a_series_that_never_changes_is_held_by_its_interval() -> None:
    """Both limits are the value itself, but for the last digit of a logarithm taken and undone."""
    result = forecast(months(np.full(48, 1000.0)))
    assert result.finding("coverage_80").estimate.value == 1.0
    assert result.accuracy["coverage-80"].eq(1.0).all()
    assert "that was never wrong" in result.finding("error_against_seasonal_naive").sentence


@pytest.mark.parametrize(
    ("freq", "season", "count", "said"),
    [
        ("MS", 12, 60, "beats repeating last year: its errors"),
        ("D", 7, 60, "beats repeating the last season: its errors"),
        ("MS", 1, 60, "beats repeating the last value: its errors"),
        ("W-MON", 52, 60, "beats repeating last year (the last value, where no year was known)"),
    ],
)
def test_what_is_repeated_is_said(freq: str, season: int, count: int, said: str) -> None:
    dates = pd.date_range("2022-01-01", periods=count, freq=freq)
    frame = pd.DataFrame({"unique_id": "a", "ds": dates, "y": seasonal(count, season=12)})
    found = forecast(frame, season=season).finding("error_against_seasonal_naive")
    assert said in found.sentence


@pytest.mark.parametrize(
    ("freq", "first", "named"),
    [("QE-JAN", "2019-01-31", "2024-11 to 2025-10"), ("QS-FEB", "2019-02-01", "2024-11 to 2025-10"),
     ("QE-FEB", "2019-02-28", "2024-12 to 2025-11"), ("QE-DEC", "2019-03-31", "2025")],
)  # fmt: skip
def test_four_quarters_that_are_no_calendar_year_are_named_by_their_months(
    freq: str, first: str, named: str
) -> None:
    dates = pd.date_range(first, periods=24, freq=freq)
    frame = pd.DataFrame({"unique_id": "a", "ds": dates, "y": seasonal(24, season=4)})
    totals = forecast(frame, horizon=4, season=4, levels=(80,)).totals
    assert totals["period"].tolist() == [named]
