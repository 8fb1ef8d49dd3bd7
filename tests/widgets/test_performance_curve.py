"""The what-if controls redraw from the same functions as the report."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.performance_curve import moving_the_middle, performance_curve
from salesops_lib.errors import DataError
from salesops_lib.widgets.performance_curve import explore_performance_curve
from tests.analyses.curve_frames import rep_months


@pytest.fixture
def months() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = rep_months(1e5 * np.exp(0.25 * rng.standard_normal(24)), 15, rng)
    frame["channel"] = np.where(frame["rep_id"] < "R0012", "direct", "partner")
    return frame


def _all(box: widgets.Widget, kind: type) -> list[widgets.Widget]:
    found = [box] if isinstance(box, kind) else []
    for child in getattr(box, "children", ()):
        found += _all(child, kind)
    return found


def test_it_says_what_the_report_says(months: pd.DataFrame) -> None:
    box = explore_performance_curve(months)
    said, drawn = _all(box, widgets.HTML)
    last = months[months["month"] >= "2025-04-01"]
    table = moving_the_middle(performance_curve(last), gap_closed=0.2)
    assert table.finding("moving_the_middle").sentence in said.value
    assert drawn.value.startswith("<svg")


def test_every_control_changes_something(months: pd.DataFrame) -> None:
    box = explore_performance_curve(months)
    said, drawn = _all(box, widgets.HTML)
    when, where = _all(box, widgets.Dropdown)
    (closed,) = _all(box, widgets.FloatSlider)
    (view,) = _all(box, widgets.ToggleButtons)
    for control, value in ((closed, 0.5), (where, "direct"), (when, when.options[-1][1])):
        before = said.value
        control.value = value
        assert said.value != before
    for picture in ("Reps", "Shape"):
        before = drawn.value
        view.value = picture
        assert drawn.value != before
        assert drawn.value.startswith("<svg")


def test_a_question_without_an_answer_is_a_sentence(months: pd.DataFrame) -> None:
    few = months[months["rep_id"].isin(["R0000", "R0001", "R0020", "R0021", "R0022"])]
    box = explore_performance_curve(few)
    said, drawn = _all(box, widgets.HTML)
    _, where = _all(box, widgets.Dropdown)
    where.value = "direct"
    assert "2 reps cannot show a spread" in said.value
    assert drawn.value == ""


def test_a_channel_in_which_a_region_has_nobody(months: pd.DataFrame) -> None:
    """Its manager sees the own reps only: the picture of reps stayed that of the channel before."""
    box = explore_performance_curve(months, shown=lambda reps: reps[reps["rep_id"] < "R0005"])
    _, drawn = _all(box, widgets.HTML)
    _, where = _all(box, widgets.Dropdown)
    (view,) = _all(box, widgets.ToggleButtons)
    view.value = "Reps"
    assert drawn.value.startswith("<svg")
    where.value = "partner"
    assert "Nobody of this part of the company" in drawn.value and "<svg" not in drawn.value
    where.value = "direct"
    assert drawn.value.startswith("<svg")


@pytest.mark.parametrize("form", ["%b %Y", "%d.%m.%Y", "%Y-%m"])
def test_months_in_words_stand_in_order_of_time(months: pd.DataFrame, form: str) -> None:
    """By the alphabet, "Sep 2026" is the last month of 2025 and 2026, and the twelve before it are those
    that begin with J to O of both years."""
    data = months[months["month"] < "2026-04-01"]
    words = data.assign(month=data["month"].dt.strftime(form))
    dated, written = (explore_performance_curve(one) for one in (data, words))
    assert _all(dated, widgets.HTML)[0].value == _all(written, widgets.HTML)[0].value
    (last, *_), (named, *_) = (_all(one, widgets.Dropdown)[0].options for one in (dated, written))
    assert named[0] == last[1].strftime(form)
    when = _all(written, widgets.Dropdown)[0]
    when.value = when.options[-1][1]
    first = data[data["month"] < "2026-01-01"]
    table = moving_the_middle(performance_curve(first), gap_closed=0.2)
    assert table.finding("moving_the_middle").sentence in _all(written, widgets.HTML)[0].value


def test_what_is_missing_is_named(months: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="'month': is not there, and a performance curve needs it"):
        explore_performance_curve(months.drop(columns="month"))
    words = months["month"].dt.strftime("%Y-%m").where(months.index != 4)
    with pytest.raises(DataError, match="'month': missing; rows 4"):
        explore_performance_curve(months.assign(month=words))
