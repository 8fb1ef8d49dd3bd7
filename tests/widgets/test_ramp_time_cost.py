"""The what-if controls answer with the same functions as the report."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from salesops_lib.analyses.ramp_time_cost import ramp_cost, ramp_time, training_case
from salesops_lib.estimate import Estimate
from salesops_lib.widgets.ramp_time_cost import explore_ramp_time_cost
from tests.analyses.ramp_frames import noisy


def test_moving_a_slider_redraws_sentence_and_picture() -> None:
    ramp = ramp_time(noisy(), value="bookings")
    box = explore_ramp_time_cost(
        ramp,
        contribution_per_month=20_000.0,
        hires_per_year=10,
        programme_cost=150_000,
        months_saved=2,
    )
    assert isinstance(box, widgets.VBox)
    controls, said, picture = box.children
    sliders = {one.description: one for one in controls.children}
    before, drawn = said.value, picture.value
    case = training_case(
        ramp_cost(ramp, hires_per_year=10, contribution_per_month=20_000.0),
        months_saved=2,
        gap_closed=0.5,
        programme_cost=150_000,
        saved="time_to_target",
    )
    assert case.finding("payback_months").sentence in before
    sliders["Months sooner"].value = 0
    assert "does not pay" in said.value
    assert said.value != before
    assert picture.value != drawn


def test_months_saved_between_two_limits_move_together() -> None:
    ramp = ramp_time(noisy(), value="bookings")
    money = {"contribution_per_month": 20_000.0, "hires_per_year": 10}
    box = explore_ramp_time_cost(ramp, programme_cost=150_000, months_saved=(1, 3), **money)
    controls, said, picture = box.children
    sooner = controls.children[0]
    assert sooner.value == 2 and "1 to 3 months sooner" in said.value
    sooner.value = 4
    assert "2 to 6 months sooner" in said.value
    assert picture.value.startswith('<img alt="')


def test_with_everything_at_nothing_words_and_figure_agree() -> None:
    """No gap is closed and nothing costs anything: 0 − 0 = 0 is no doubt, and no gap pays."""
    ramp, gap = ramp_time(noisy(), value="bookings"), Estimate(4e5, 1e5, 8e5, 0.9, "money/year")
    money = {"contribution_per_month": 20_000.0, "hires_per_year": 10}
    box = explore_ramp_time_cost(ramp, gap, programme_cost=150_000, months_saved=2, **money)
    controls, said, picture = box.children
    for one in controls.children:
        one.value = 0
    assert "costs nothing and brings in nothing: it leaves a net $0 a year" in said.value
    assert "annot tell" not in said.value and "never pays back" not in said.value
    assert "training programme costs nothing and brings in nothing" in picture.value
    for untrue in ("gap alone pays", "annot tell", "cannot be told"):
        assert untrue not in picture.value


def test_hires_are_shown_to_the_tenth_they_move_by() -> None:
    """Three digits wrote 120.5 hires as 120, and 1,200 as 1.2e+3."""
    ramp, worth = ramp_time(noisy(), value="bookings"), {"contribution_per_month": 20_000.0}
    for hires in (2.5, 120.5, 1_200.0):
        box = explore_ramp_time_cost(
            ramp, programme_cost=150_000, months_saved=2, hires_per_year=hires, **worth
        )
        sliders = {one.description: one for one in box.children[0].children}
        shown = sliders["Hires a year"]
        assert float(format(shown.value, shown.readout_format).replace(",", "")) == hires


def test_a_slider_past_what_ramp_takes_says_so() -> None:
    """12 months sooner of a ramp of 4 was worth what 4 are, and read as if it were 12."""
    ramp = ramp_time(noisy(), value="bookings")
    money = {"contribution_per_month": 20_000.0, "hires_per_year": 10}
    box = explore_ramp_time_cost(
        ramp, programme_cost=150_000, months_saved=np.array([1.0, 2.0]), gap_closed=0.0, **money
    )
    controls, said, _ = box.children
    assert "1 to 2 months sooner" in said.value and "Ramp takes only" not in said.value
    controls.children[0].value = 12
    assert "so it cannot be 12 months shorter; no more than all of it is counted" in said.value
    controls.children[1].value = 1.0
    assert "No channel gap is given, so nothing is added" in said.value
