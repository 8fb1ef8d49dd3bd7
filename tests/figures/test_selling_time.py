"""Every figure draws what the result holds, with words for who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from salesops_lib import freed_hours, selling_time, wording
from salesops_lib.analyses.selling_time import selling_shares, views
from salesops_lib.figures import selling_time as figures
from salesops_lib.figures import style
from tests.analyses.hours_frames import KINDS, by_hand, company


@pytest.fixture(scope="module")
def times():
    data, activities = company()
    return selling_time(data, activities=activities, kinds=KINDS)


def every(times) -> dict[str, Callable[[Axes | None], Axes]]:
    table = selling_shares(times, company()[0], by=("channel",)).table
    return {
        "week": lambda ax: figures.week(times, ax=ax),
        "elasticity": lambda ax: figures.elasticity(times, ax=ax),
        "freed_curve": lambda ax: figures.freed_curve(freed_hours(times), ax=ax),
        "shares": lambda ax: figures.shares(table, by="channel", ax=ax),
    }


@pytest.mark.parametrize("name", ["week", "elasticity", "freed_curve", "shares"])
def test_axes_in_axes_out_with_message_and_alt_text(times, name: str) -> None:
    _, given = plt.subplots()
    drawn = every(times)[name](given)
    assert drawn is given and given.has_data()
    assert len(given.get_title(loc="left")) > 10
    alt = style.alt_text(given)
    assert any(ch.isdigit() for ch in alt) and "nan" not in alt
    assert every(times)[name](None).figure is not given.figure
    plt.close("all")


@pytest.mark.parametrize(
    ("p", "title"),
    [
        (0.05, "Channels differ in selling time by more than chance"),
        (0.5, "Whether channels differ in selling time cannot be told"),
        (math.nan, "Whether channels differ in selling time cannot be told"),
    ],
)
def test_the_title_of_groups_says_whether_they_differ(times, p: float, title: str) -> None:
    table = selling_shares(times, company()[0], by=("channel",)).table
    assert figures.shares(table, by="channel", p=p).get_title(loc="left") == title
    plt.close("all")


def test_whose_work_is_called_the_same_in_tables_and_pictures(times) -> None:
    said = {views.OWNERS["formats"]["owner"](one) for one in times.owners["owner"]}
    drawn = {one.get_text() for one in figures.week(times).get_legend().get_texts()}
    assert said == drawn
    plt.close("all")


def test_the_week_is_bars_as_long_as_its_hours(times) -> None:
    ax = figures.week(times)
    assert sorted(bar.get_width() for bar in ax.patches) == pytest.approx(
        sorted(times.activities["hours"])
    )
    assert ax.get_xlim()[0] == 0
    folded = figures.week(times, most=3)
    assert len(folded.patches) == 3
    assert sum(bar.get_width() for bar in folded.patches) == pytest.approx(times.hours_week.value)
    plt.close("all")


def test_intervals_without_end_are_arrows() -> None:
    """Two reps and three months: the data alone say anything at all."""
    data, activities = company(reps=4, months=3)
    ax = figures.elasticity(selling_time(data, activities=activities, kinds=KINDS))
    assert any(line.get_marker() in "<>" for line in ax.lines)
    assert np.isfinite(ax.get_xlim()).all() and ax.get_xlim()[1] < 3
    # One month: published experience and itself once more, nothing of the data.
    hand, weeks = by_hand()
    alone = figures.elasticity(selling_time(hand, activities=weeks, kinds=KINDS))
    assert [one.get_text() for one in alone.get_yticklabels()] == [
        "Both together", "Published experience",
    ]  # fmt: skip
    assert "published experience alone" in alone.get_title(loc="left").replace("\n", " ")
    plt.close("all")


def test_the_curve_starts_at_nothing_and_marks_the_plan(times) -> None:
    freed = freed_hours(times)
    ax = figures.freed_curve(freed)
    assert freed.curve[["gain", "low", "high", "cost"]].iloc[0].tolist() == [0, 0, 0, 0]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert dots[0].get_xydata().tolist() == [[freed.hours, freed.gain_year.value]]
    plt.close("all")


@pytest.mark.parametrize(("value", "mark", "side"), [(-1.6, "<", "left"), (3.0, ">", "right")])
def test_a_value_off_the_axis_is_an_arrow_and_its_number_and_no_dot_at_the_end(
    times, value: float, mark: str, side: str
) -> None:
    away = replace(times.data_elasticity, value=value, low=value - 1.5, high=value + 1.5)
    ax = figures.elasticity(replace(times, data_elasticity=away))
    (number,) = [one for one in ax.texts if one.get_text() == wording.number(value)]
    assert number.get_ha() == side
    here = [one for one in ax.lines if one.get_color() == style.SKY]
    assert [one.get_marker() for one in here if one.get_marker() != "None"] == [mark]
    low, high = ax.get_xlim()
    assert all(low < one.get_xdata()[0] < high for one in here if one.get_marker() == mark)
    plt.close("all")
