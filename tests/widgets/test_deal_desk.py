"""The widget redraws figure and sentences from the functions that the report uses."""

from __future__ import annotations

import html

import pytest

from salesops_lib import deal_desk, hold_prices
from salesops_lib.analyses.deal_desk import approval_case
from salesops_lib.errors import NotEnoughData
from salesops_lib.widgets.deal_desk import explore_deal_desk
from tests.analyses.desk_frames import by_hand, company


@pytest.fixture(scope="module")
def desk():
    return deal_desk(company(reps=6))


class Box:
    """The widget's controls by what they are for."""

    def __init__(self, desk, **options: object) -> None:
        controls, self.said, self.drawn = explore_deal_desk(desk, **options).children
        first, second, third = controls.children
        self.limit, self.cost = first.children
        self.part, self.margin = second.children
        (self.view,) = third.children


def test_it_starts_at_the_reports_own_answer(desk) -> None:
    box = Box(desk, threshold=0.15, gross_margin=0.61)
    told = [
        *approval_case(desk, threshold=0.15).findings,
        *hold_prices(desk, gross_margin=0.61).findings,
    ]
    for one in told:
        assert html.escape(one.sentence) in box.said.value


def test_choices_redraw(desk) -> None:
    box = Box(desk)
    for control, value in ((box.limit, 0.1), (box.cost, 150.0), (box.part, 1.0), (box.margin, 0.3)):
        before = box.said.value
        control.value = value
        assert box.said.value != before
    before = box.drawn.value
    box.view.value = "Break-even"
    assert box.drawn.value.startswith("<svg") and box.drawn.value != before


def test_too_few_reps_still_have_a_threshold() -> None:
    box = Box(deal_desk(by_hand()[:4]))
    box.view.value = "Break-even"
    assert "approval" in box.said.value and box.drawn.value.startswith("<svg")
    # Why nothing is said of prices held: it was written and at once written over.
    with pytest.raises(NotEnoughData) as missing:
        hold_prices(deal_desk(by_hand()[:4]))
    assert html.escape(missing.value.problem[1:]) in box.said.value
