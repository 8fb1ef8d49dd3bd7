"""Two levers side by side, in the words of the brief."""

from __future__ import annotations

from salesops_lib import Estimate, Finding, executive_brief
from salesops_lib.registry import Analysis, Lever
from salesops_lib.widgets.controls import paragraphs
from salesops_lib.widgets.executive_brief import explore_executive_brief


def test_a_lever_is_not_compared_with_itself() -> None:
    """“Move the middle” against “Move the middle”: we cannot tell which is worth more."""
    levers = (Lever("one", "First lever"), Lever("two", "Second lever"))
    asked = (Analysis("toy", "What pays?", "one", levers),)
    worth = Estimate(2e6, 1e6, 3e6, unit="money/year", n=9)
    found = (Finding("one", worth, "Pays."), Finding("two", worth.scaled(0.1), "Pays less."))
    box = explore_executive_brief(executive_brief({"toy": found}, analyses=asked))
    controls, said = box.children
    first, second = controls.children
    assert "“First lever” is worth $2.0M a year" in said.value
    second.value = "First lever"
    # As wide as can be read, like the sentences of every other control.
    assert said.value == paragraphs(["Choose two different levers."])
    first.value = "Second lever"
    assert "“First lever” is worth $2.0M a year" in said.value
