"""Each picture of a series forecast: drawn, described, honest about what is not known."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.forecast import Forecast, forecast_series
from salesops_lib.figures import style
from salesops_lib.figures.forecast import backtest_chart, coverage_chart, fan_chart


def made(count: int) -> Forecast:
    time = np.arange(count)
    rng = np.random.default_rng(0)
    y = 1e5 * np.exp(0.01 * time + 0.2 * np.sin(time * np.pi / 6) + 0.08 * rng.normal(size=count))
    frame = pd.DataFrame(
        {"unique_id": "west", "ds": pd.date_range("2020-01-01", periods=count, freq="MS"), "y": y}
    )
    return forecast_series(frame, horizon=4, season_length=12, partial="keep")


@pytest.mark.parametrize("chart", [fan_chart, backtest_chart, coverage_chart])
def test_drawn_into_the_axes_given_and_described(chart) -> None:  # type: ignore[no-untyped-def]
    _, ax = plt.subplots()
    assert chart(made(72), ax=ax) is ax
    assert any(letter.isdigit() for letter in style.alt_text(ax))
    assert ax.get_title(loc="left")
    plt.close("all")


def test_bands_only_where_the_history_supports_them() -> None:
    ax = fan_chart(made(26))
    assert "no interval yet" in style.alt_text(ax)
    assert len(ax.collections) == 0
    assert len(fan_chart(made(72)).collections) == 2
    plt.close("all")


def test_nothing_tested_is_said() -> None:
    with pytest.raises(ValueError, match="no past origin"):
        backtest_chart(made(2))
    with pytest.raises(ValueError, match="no interval"):
        coverage_chart(made(26))
    with pytest.raises(ValueError, match="no series 'east'"):
        fan_chart(made(40), "east")
    plt.close("all")


@pytest.mark.parametrize(
    ("season", "what"),
    [
        (12, "repeating last year"),
        (1, "repeating the last value"),
        (7, "repeating the last season"),
    ],
)
def test_what_is_beaten_is_named_by_the_season(season: int, what: str) -> None:
    days = pd.date_range("2025-01-01", periods=72, freq="MS" if season == 12 else "D")
    y = 100 + np.random.default_rng(1).normal(size=72)
    frame = pd.DataFrame({"unique_id": "west", "ds": days, "y": y})
    result = forecast_series(frame, horizon=3, season_length=season, partial="keep")
    ax = backtest_chart(result)
    assert what in ax.get_title(loc="left") and what in style.alt_text(ax)
    assert what in [text.get_text() for text in ax.get_legend().get_texts()]
    plt.close("all")


def test_a_series_that_never_changes_is_held_by_the_chart_as_by_the_sentence() -> None:
    """Its limits meet at the value, and rounding would put it outside of them."""
    months = pd.date_range("2020-01-01", periods=72, freq="MS")
    frame = pd.DataFrame({"unique_id": "west", "ds": months, "y": 1e5 / 3})
    result = forecast_series(frame, horizon=3, season_length=12, levels=(80,), partial="keep")
    assert result.finding("coverage_80").estimate.value == 1.0
    assert "held 100%" in style.alt_text(coverage_chart(result))
    plt.close("all")


@pytest.mark.parametrize(
    ("y", "title"),
    [
        (np.zeros(48), "West: wrong by $0, repeating last year by $0"),
        # Of the last eighteen months nothing came, and a year before them 5 a month did.
        (np.r_[np.full(30, 5.0), np.zeros(18)], "West: wrong by $"),
    ],
)
def test_where_nothing_came_errors_are_amounts(y: np.ndarray, title: str) -> None:
    """A share of nothing was said to be nan% or inf%."""
    frame = pd.DataFrame(
        {"unique_id": "west", "ds": pd.date_range("2021-01-01", periods=48, freq="MS"), "y": y}
    )
    ax = backtest_chart(forecast_series(frame, horizon=6, season_length=12))
    assert ax.get_title(loc="left").replace("\n", " ").startswith(title)
    assert "nan" not in style.alt_text(ax) and "inf" not in style.alt_text(ax)
    plt.close("all")


def test_the_last_month_is_told_as_that_months() -> None:
    """ "By June" would be all months until June."""
    assert " in Apr 2026" in fan_chart(made(72)).get_title(loc="left").replace("\n", " ")
    plt.close("all")
