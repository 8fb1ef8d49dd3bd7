"""The widget redraws figure and sentences from the functions that the report uses."""

from __future__ import annotations

import pytest

from salesops_lib import freed_hours, selling_time
from salesops_lib.widgets.controls import paragraphs
from salesops_lib.widgets.selling_time import explore_selling_time
from tests.analyses.hours_frames import KINDS, company


class Box:
    """The widget's controls by what they are for."""

    def __init__(self, **options: object) -> None:
        data, activities = company(reps=8, months=4)
        self.times = selling_time(data, activities=activities, kinds=KINDS)
        box = explore_selling_time(self.times, **options)
        controls, self.said, self.drawn = box.children
        first, second = controls.children
        self.hours, self.sold = first.children
        self.cost, self.view = second.children


def test_it_starts_at_the_reports_own_answer() -> None:
    box = Box(hours_freed_week=2.0, gross_margin=0.61)
    freed = freed_hours(box.times, hours_freed_week=2.0, gross_margin=0.61)
    for one in freed.findings:
        assert one.sentence.replace("'", "&#x27;") in box.said.value


def test_choices_redraw() -> None:
    box = Box()
    for control, value in ((box.hours, 6.0), (box.sold, 1.0), (box.cost, 150.0)):
        before = box.said.value
        control.value = value
        assert box.said.value != before
    assert box.drawn.value.startswith("<svg")


@pytest.mark.parametrize("view", ["What it brings", "The week", "Response"])
def test_every_picture_is_drawn(view: str) -> None:
    box = Box()
    before = box.drawn.value
    box.view.value = view
    assert box.drawn.value.startswith("<svg")
    assert (box.drawn.value != before) == (view != "What it brings")


def test_nothing_booked_is_said() -> None:
    data, activities = company(reps=6, months=3)
    idle = selling_time(data.assign(bookings=0.0), activities=activities, kinds=KINDS)
    _, said, drawn = explore_selling_time(idle).children
    assert "nothing was booked" in said.value and drawn.value == ""


def test_a_fault_is_a_sentence_with_a_capital() -> None:
    assert ">No hours are known" in paragraphs(["no hours are known."])
