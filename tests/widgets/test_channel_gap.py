"""The widget redraws figure and sentences from the functions that the report uses."""

from __future__ import annotations

import re

import pytest

from salesops_lib import channel_gap, load_dataset
from salesops_lib.analyses.channel_gap import closing_gap
from salesops_lib.errors import DataError
from salesops_lib.widgets.channel_gap import explore_channel_gap
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months


class Box:
    """The widget's controls by what they are for."""

    def __init__(self, **options: object) -> None:
        box = explore_channel_gap(
            rep_months(), a="EU", b="US", market=MARKET, practice=PRACTICE, **options
        )
        controls, self.said, self.drawn = box.children
        pair, second_row, practices, self.view = controls.children
        self.first, self.second = pair.children
        self.weighed, self.closed = second_row.children
        self.practices = dict(zip(PRACTICE, practices.children[1:], strict=True))


def test_choices_redraw() -> None:
    box = Box()
    assert box.drawn.value.startswith("<svg")
    before = box.said.value
    box.closed.value = 1.0
    assert box.said.value != before
    before = box.drawn.value
    box.practices["win_rate"].value = False
    assert box.drawn.value != before
    box.weighed.value = "the second alone"
    assert "EU sells" in box.said.value
    box.second.value = "EU"
    assert "two different channels" in box.said.value
    assert "a and b" not in box.said.value
    assert box.drawn.value == ""
    box.first.value = "US"
    assert "US sells" in box.said.value


@pytest.mark.parametrize("view", ["What makes it", "Reps", "Practices", "Missed factor"])
def test_every_picture_is_drawn_or_said_to_be_empty(view: str) -> None:
    box = Box()
    box.view.value = view
    assert box.drawn.value.startswith("<svg")
    for one in box.practices.values():
        one.value = False
    drawn = box.drawn.value.startswith("<svg")
    assert drawn or "nothing to draw" in box.drawn.value


def test_it_starts_at_the_reports_own_answer() -> None:
    box = Box(gap_closed=0.3, gross_margin=0.61)
    gap = channel_gap(
        rep_months(), outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE
    )
    sentence = closing_gap(gap, gap_closed=0.3, gross_margin=0.61).findings[0].sentence
    assert sentence in box.said.value
    assert "win rate" in [one.description for one in box.practices.values()]


def test_a_channel_that_is_not_there_is_named() -> None:
    """A list that had not the value said "Invalid selection"."""
    with pytest.raises(DataError, match=r"'channel': has no rows with 'APAC'\. There are: EU, US"):
        explore_channel_gap(rep_months(), a="APAC", b="US")


def test_a_picture_is_told_to_who_cannot_see_it() -> None:
    assert box_alt(Box()).startswith("From US, $82K, to EU, $88K")


def box_alt(box: Box) -> str:
    found = re.match(r'<svg role="img" aria-label="([^"]*)"', box.drawn.value)
    return found[1] if found else ""


@pytest.mark.parametrize("weighed", ["the first alone", "the second alone", "halfway between"])
def test_a_market_that_stands_still_in_one_channel_can_be_weighed_by_either(weighed: str) -> None:
    """The control raised and left the sentences and the picture of the choice before."""
    data = load_dataset("sample").rep_months(trailing=12)
    market, practice = ["market_size", "currency_index"], ["win_rate", "discount"]
    box = explore_channel_gap(
        data, a="EU distributor", b="US distributor", market=market, practice=practice
    )
    controls, said, drawn = box.children
    before = said.value, drawn.value
    controls.children[1].children[0].value = weighed
    assert said.value != before[0] and drawn.value != before[1]


@pytest.mark.parametrize(("a", "b"), [(1, 0), (True, False), (2.5, 1.5)])
def test_channels_that_are_no_words(a: object, b: object) -> None:
    """ "Invalid selection": the list held their names, and channel 0 is none of them."""
    data = rep_months()
    data["channel"] = data["channel"].map({"EU": a, "US": b}).astype(type(a))
    box = explore_channel_gap(data, a=a, b=b, market=MARKET, practice=PRACTICE)
    said = box.children[1]
    assert f"{a} sells" in said.value
    first, second = box.children[0].children[0].children
    assert [name for name, _ in first.options] == sorted((str(a), str(b)))
    first.value, second.value = b, a
    assert f"{b} sells" in said.value


def test_one_practice_named_alone() -> None:
    """As `channel_gap` takes it; here it was one practice a letter."""
    box = explore_channel_gap(rep_months(), a="EU", b="US", practice="win_rate")
    practices = box.children[0].children[2].children[1:]
    assert [one.description for one in practices] == ["win rate"]
    assert "EU sells" in box.children[1].value
