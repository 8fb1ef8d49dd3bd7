"""What is said of the lever to push beside others that may bring more."""

from __future__ import annotations

from salesops_lib import executive_brief
from salesops_lib.analyses.executive_brief import words
from salesops_lib.registry import ANALYSES, Analysis, Lever
from tests.analyses.test_executive_brief import TWO, money


def test_clearly_ahead_is_not_said_of_levers_that_may_bring_more() -> None:
    """One report said "cannot tell which lever pays most", the brief "clearly ahead of every other lever
    that pays": of a wide one, 1.5M (−0.5M to 4.6M), it was not."""
    found = {
        "performance_curve": (
            money("moving_the_middle", 1.6e6, 1.0e6, 2.3e6),
            money("star_deal", 5e4, 1e4, 1e5),
        ),
        "c": (money("third", 1.5e6, -0.5e6, 4.6e6),),
    }
    third = Analysis("c", "C?", "third", (Lever("third", "Third"),))
    said = executive_brief(found, analyses=(*TWO, third)).finding("lever_to_push").sentence
    assert "It is clearly ahead of every other lever that pays, but “Third” may bring more." in said
    found["c"] = (money("third", 1e5, -0.5e5, 2.5e5),)
    said = executive_brief(found, analyses=(*TWO, third)).finding("lever_to_push").sentence
    assert "It is clearly ahead of every other lever that pays." in said


def test_it_is_the_lever_to_push_also_after_a_word_about_another() -> None:
    found = {
        "performance_curve": (
            money("moving_the_middle", 5e6, 4.5e6, 5.5e6),
            money("star_deal", 9e6, -1e6, 19e6),
        )
    }
    said = executive_brief(found, analyses=TWO).finding("lever_to_push").sentence
    assert "“One more star deal” may be worth more" in said
    third = Analysis("c", "C?", "third", (Lever("third", "Third"),))
    found["c"] = (money("third", 1e6, 0.5e6, 1.5e6),)
    said = executive_brief(found, analyses=(*TWO, third)).finding("lever_to_push").sentence
    assert said.endswith("“Move the middle” is clearly ahead of every other lever that pays.")
    found["c"] = (money("third", 4.9e6, 4e6, 6e6),)
    said = executive_brief(found, analyses=(*TWO, third)).finding("lever_to_push").sentence
    assert "We cannot tell whether “Move the middle” is worth more than “Third”" in said
    # The one to push begins higher, so no other is called surer.
    assert "surer" not in said


def test_two_levers_are_compared_whichever_is_named_first() -> None:
    small, large = money("star_deal", 1e6, 0.8e6, 1.2e6), money("moving_the_middle", 5e6, 4e6, 6e6)
    rows = executive_brief({"performance_curve": (large, small)}, analyses=TWO).levers
    said = {words.comparison(rows.iloc[a], rows.iloc[b], "$") for a, b in ((0, 1), (1, 0))}
    assert len(said) == 1
    assert said.pop().startswith("“Move the middle” is worth $5.0M a year")


def test_one_programme_is_not_paid_twice() -> None:
    """Each of the two levers of a training manager is after the whole of what she costs."""
    found = {
        "channel_gap": (money("training_net_year", 3e5, 1e5, 5e5),),
        "ramp_time_cost": (money("ramp_net_year", 5e5, 2e5, 8e5),),
    }
    brief = executive_brief(found, analyses=ANALYSES)
    shared = dict(zip(brief.levers["lever"], brief.levers["overlaps"], strict=True))
    assert shared == {
        "Shorten ramp": ("Close the channel gap",),
        "Close the channel gap": ("Shorten ramp",),
    }
    assert "Do not add “Shorten ramp” to “Close the channel gap”" in brief.findings[0].sentence


def test_the_only_lever_that_pays_may_not_be_the_one_worth_most() -> None:
    pays, wide = (
        money("moving_the_middle", 1.6e6, 1e6, 2.3e6),
        money("star_deal", 1.5e6, -5e5, 4.6e6),
    )
    said = executive_brief({"performance_curve": (pays, wide)}, analyses=TWO).findings[0].sentence
    assert "It is the only one that clearly pays, but “One more star deal” may bring more." in said
    small = money("star_deal", 1e5, -1e5, 3e5)
    said = executive_brief({"performance_curve": (pays, small)}, analyses=TWO).findings[0].sentence
    assert "the only one" not in said
