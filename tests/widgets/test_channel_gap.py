"""The widget redraws figure and sentences from the functions that the report uses."""

from __future__ import annotations

from salesops_lib.widgets.channel_gap import explore_channel_gap
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months


def parts(box):
    (controls, said, drawn) = box.children
    (pair, second_row, chosen) = controls.children
    return (*pair.children, *second_row.children, chosen, said, drawn)


def test_choices_redraw() -> None:
    box = explore_channel_gap(rep_months(), a="EU", b="US", market=MARKET, practice=PRACTICE)
    first, second, weighed, closed, chosen, said, drawn = parts(box)
    assert drawn.value.startswith("<svg")
    before = said.value
    closed.value = 1.0
    assert said.value != before
    before = drawn.value
    chosen.value = ("calls",)
    assert drawn.value != before
    weighed.value = "channel b"
    assert "EU sells" in said.value
    second.value = "EU"
    assert "two different channels" in said.value
    assert drawn.value == ""
    first.value = "US"
    assert "US sells" in said.value
