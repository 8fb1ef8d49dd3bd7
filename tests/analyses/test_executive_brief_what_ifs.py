"""Levers whose worth supposes something nobody can count on: beside the ranking, never in it, never silent."""

from __future__ import annotations

import json
import math

from salesops_lib import executive_brief
from salesops_lib.registry import ANALYSES, Analysis, Lever
from tests.analyses.test_executive_brief import brief, money


def test_a_what_if_is_shown_and_not_ranked() -> None:
    """Worth three times the best lever, but only if stars can be hired: never the one to push, and
    never silent."""
    analyses = (
        Analysis(
            "performance_curve",
            "Who is better?",
            "moving_the_middle",
            (
                Lever("moving_the_middle", "Move the middle"),
                Lever("replacement_star", "Hire stars"),
            ),
        ),
    )
    found = (
        money("moving_the_middle", 1e6, 0.5e6, 1.5e6),
        money("replacement_star", 3e6, 1e6, 5e6, "stars can be hired"),
    )
    result = executive_brief({"performance_curve": found}, analyses=analyses)
    assert result.levers["lever"].tolist() == ["Move the middle"]
    assert result.finding("levers_that_pay").estimate.value == 1
    assert result.finding("lever_to_push").sentence == (
        "Push “Move the middle” first: it is worth $1.0M a year (90% interval $0.50M to $1.5M). "
        "If stars can be hired, “Hire stars” would be worth $3.0M a year; that cannot be counted "
        "on, so it is not ranked."
    )
    assert result.not_ranked["reason"].tolist() == [
        "Worth $3.0M a year (90% interval $1.0M to $5.0M) if stars can be hired; that cannot be "
        "counted on, so it is not ranked."
    ]
    # Worth less than the best, it needs no word beside the recommendation.
    small = (found[0], money("replacement_star", 0.9e6, 0.1e6, 2e6, "stars can be hired"))
    result = executive_brief({"performance_curve": small}, analyses=analyses)
    assert "Hire stars" not in result.finding("lever_to_push").sentence
    assert result.not_ranked["lever"].tolist() == ["Hire stars"]
    json.dumps(result.to_dict())


def test_a_what_if_that_may_be_worth_nothing_is_not_said_to_be_worth_something() -> None:
    """Its report says that nobody can tell; the brief said what it would be worth."""
    analyses = (Analysis("performance_curve", "Who?", "a", (Lever("a", "A"), Lever("b", "B"))),)
    for low in (-1.3e6, 0.0):
        star = money("b", 7e5, low, 2e6, "stars can be hired")
        found = {"performance_curve": (money("a", 1e5, 5e4, 2e5), star)}
        result = executive_brief(found, analyses=analyses)
        assert result.findings[0].sentence.endswith(
            "If stars can be hired, “B” may be worth more, but even then we cannot tell that it pays "
            "at all."
        )
        (reason,) = result.not_ranked["reason"]
        assert reason.startswith(
            "Even if stars can be hired, which cannot be counted on, we cannot"
        )


def test_a_star_deal_that_costs_nothing_is_not_pushed() -> None:
    """A small company was told to push first what nobody had said the cost of."""
    middle = money("moving_the_middle", 1e5, 2e4, 2e5)
    costed = brief(middle, money("star_deal", 4e5, 3e5, 5e5))
    assert costed.finding("lever_to_push").subject == "“One more star deal”"
    free = brief(middle, money("star_deal", 4e5, 3e5, 5e5, "it costs nothing to win"))
    push = free.finding("lever_to_push")
    assert (push.subject, push.estimate.value) == ("“Move the middle”", 1e5)
    assert push.sentence.endswith(
        "If it costs nothing to win, “One more star deal” would be worth $400K a year; that cannot "
        "be counted on, so it is not ranked."
    )
    said = free.finding("levers_that_pay").sentence
    assert said.startswith("The one measured lever clearly pays.")


def test_what_ifs_are_told_where_no_lever_is_shown_to_pay() -> None:
    unsure = money("moving_the_middle", 1e5, -1e5, 3e5)
    said = brief(unsure, money("star_deal", 8.6e4, 4.5e4, 1.4e5, "it costs nothing to win"))
    assert said.findings[0].sentence.endswith(
        "committing money. If it costs nothing to win, “One more star deal” would be worth $86K a "
        "year; that cannot be counted on, so it is not ranked."
    )
    none = brief(unsure, money("star_deal", 8.6e4, -1.0, 1.4e5, "it costs nothing to win"))
    assert none.findings[0].sentence.endswith("committing money.")


def test_a_what_if_is_written_as_where_it_is_not_ranked() -> None:
    analyses = (
        Analysis(
            "performance_curve",
            "Who?",
            "a",
            (Lever("a", "A"), Lever("b", "B")),
        ),
    )
    star = money("b", 664e3, 1e5, 1.5e6, "stars can be hired")
    found = {"performance_curve": (money("a", 1e5, 5e4, 2e5), star)}
    result = executive_brief(found, analyses=analyses)
    assert "“B” would be worth $0.66M a year" in result.findings[0].sentence
    assert "$0.66M a year" in result.not_ranked["reason"].iloc[0]


def test_the_what_if_worth_most_is_told_first() -> None:
    levers = (Lever("middle", "Middle"), Lever("small", "Small"), Lever("large", "Large"))
    found = (
        money("middle", 1e5, 5e4, 2e5),
        money("small", 2e5, 1e5, 3e5, "we may"),
        money("large", 4e5, 3e5, 5e5, "we may"),
    )
    brief = executive_brief({"a": found}, analyses=(Analysis("a", "A?", "middle", levers),))
    told = brief.findings[0].sentence
    assert 0 < told.index("“Large” would") < told.index("“Small” would")


def test_a_what_if_alone_is_told_and_was_measured() -> None:
    """With the report on prices alone "none of 7 levers could be measured", of which there are eight, and
    nothing was said of the one that was."""
    held = money("held_prices_year", 1e6, 5e5, 2e6, "no deal is lost over it")
    levers = sum(len(one.levers) for one in ANALYSES)
    push, count = executive_brief({"deal_desk": (held,)}, analyses=ANALYSES).findings
    assert push.sentence.endswith(
        "that can be counted on. If no deal is lost over it, “Hold prices” would be worth $1.0M a year; "
        "that cannot be counted on, so it is not ranked."
    )
    assert count.sentence == (
        f"None of {levers} levers could be ranked: {levers - 1} could not be measured, and what the "
        "other is worth supposes something that nobody can count on."
    )
    star = money("star_deal", 1e5, 5e4, 2e5, "it costs nothing to win")
    found = {"deal_desk": (held,), "performance_curve": (star,)}
    assert "what the other 2 are worth supposes" in (
        executive_brief(found, analyses=ANALYSES).findings[1].sentence
    )


def test_what_is_known_not_to_pay_asks_for_no_more_months() -> None:
    """Both intervals lie below zero; the brief could not tell, and wanted more months."""
    middle = money("moving_the_middle", -1e6, -2e6, -5e5)
    said = brief(middle, money("star_deal", -1e5, -2e5, -1e3)).findings[0].sentence
    assert (
        said
        == "No measured lever pays: each costs more than it brings, at both ends of its interval."
    )
    alone = Analysis("p", "Who?", "a", (Lever("moving_the_middle", "Middle"),))
    (said, _) = executive_brief({"p": (middle,)}, analyses=(alone,)).findings
    assert said.sentence.startswith(
        "No measured lever pays: the one there is costs more than it brings"
    )


def test_amounts_without_an_interval_are_not_said_to_have_one() -> None:
    bare = money("moving_the_middle", 1e6, math.nan, math.nan)
    said = brief(bare, money("star_deal", 1e5, math.nan, math.nan)).findings[0].sentence
    assert said.startswith("We cannot tell that any lever pays: how far the amounts may be off is")
    mixed = brief(bare, money("star_deal", 1e5, -1e5, 2e5)).findings[0].sentence
    assert "every interval reaches zero or below" in mixed


def test_a_brief_of_what_ifs_alone_tells_them() -> None:
    """It said that none of the others could be measured, as if they were all, and not what the what-if is worth."""
    free = money("star_deal", 8.6e4, 4.5e4, 1.4e5, "it costs nothing to win")
    levers = (Lever("star_deal", "One more star deal"), Lever("middle", "Middle"))
    analyses = (Analysis("performance_curve", "Who?", "middle", levers),)
    made = executive_brief({"performance_curve": (free,)}, analyses=analyses)
    assert made.levers.empty and len(made.unknown)
    assert made.findings[0].sentence == (
        "There is nothing to rank: none of the reports could put a number on a lever that can be counted on. "
        "If it costs nothing to win, “One more star deal” would be worth $86K a year; that cannot be counted on, "
        "so it is not ranked."
    )
    assert made.findings[1].sentence == (
        "None of 2 levers could be ranked: 1 could not be measured, and what the other is worth supposes something "
        "that nobody can count on."
    )
    doubtful = {"performance_curve": (money("star_deal", 1e4, -1e4, 2e4, "we may"),)}
    made = executive_brief(doubtful, analyses=analyses)
    assert made.findings[0].sentence.endswith("can be counted on.")


def test_a_what_if_that_loses_or_has_no_interval_is_not_told_as_worth_something() -> None:
    analyses = (Analysis("performance_curve", "Who?", "a", (Lever("b", "B"),)),)

    def reason(value: float, low: float, high: float) -> str:
        star = money("b", value, low, high, "stars can be hired")
        made = executive_brief({"performance_curve": (star,)}, analyses=analyses)
        return str(made.not_ranked["reason"].iloc[0])

    even = "Even if stars can be hired, which cannot be counted on, "
    assert reason(-1e5, -2e5, -5e4).startswith(f"{even}it does not pay: −$100K a year")
    assert reason(1e5, math.nan, math.nan).startswith(f"{even}we cannot tell that it pays: $100K")
