"""Hand-worked briefs: what is pushed, what cannot be told, what must not be added."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest

from salesops_lib import executive_brief, wording
from salesops_lib.analyses.executive_brief import words
from salesops_lib.dataset.assumptions import DEFAULTS
from salesops_lib.errors import DataError
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.figures.executive_brief import lever_ranking
from salesops_lib.registry import ANALYSES, Analysis, Lever

TWO = (
    Analysis(
        "performance_curve",
        "Who is better?",
        "moving_the_middle",
        (
            Lever("moving_the_middle", "Move the middle", ("correctable_money_year",)),
            Lever("star_deal", "One more star deal"),
        ),
    ),
    Analysis(
        "channel_gap",
        "Why the gap?",
        "correctable_money_year",
        (Lever("correctable_money_year", "Close the gap", ("moving_the_middle",)),),
    ),
)


def money(name: str, value: float, low: float, high: float, condition: str = "") -> Finding:
    worth = Estimate(value, low, high, 0.9, "money/year", 24)
    return Finding(name, worth, f"{name} sentence.", condition=condition)


def brief(middle: Finding, star: Finding, gap: Finding | None = None):
    found = {"performance_curve": (middle, star)}
    if gap:
        found["channel_gap"] = (gap,)
    return executive_brief(found, analyses=TWO)


def test_a_clear_winner_is_pushed() -> None:
    result = brief(
        money("moving_the_middle", 5e6, 4e6, 6e6),
        money("star_deal", 1e6, 0.8e6, 1.2e6),
        money("correctable_money_year", 2e6, 1.5e6, 2.5e6),
    )
    assert result.levers["lever"].tolist() == [
        "Move the middle",
        "Close the gap",
        "One more star deal",
    ]
    push = result.finding("lever_to_push")
    assert (push.estimate.value, push.estimate.low, push.estimate.high) == (5e6, 4e6, 6e6)
    assert push.sentence == (
        "Push “Move the middle” first: it is worth $5.0M a year (90% interval $4.0M to $6.0M). "
        "It is clearly ahead of every other lever that pays. "
        "Do not add “Move the middle” to “Close the gap”: they count partly the same money."
    )
    assert result.finding("levers_that_pay").estimate.value == 3
    shared = dict(zip(result.levers["lever"], result.levers["overlaps"], strict=True))
    assert shared["Move the middle"] == ("Close the gap",)
    assert shared["One more star deal"] == ()


def test_what_cannot_be_told_apart_is_said() -> None:
    result = brief(
        money("moving_the_middle", 2e6, 0.5e6, 3.5e6), money("star_deal", 1.8e6, 1e6, 2.6e6)
    )
    sentence = result.finding("lever_to_push").sentence
    assert sentence.endswith(
        "We cannot tell whether it is worth more than “One more star deal”, so the cheaper or "
        "quicker of the two may go first. “One more star deal” is the surer: its interval begins "
        "higher, at $1.0M."
    )
    # 2.0 − 1.8 with facing half-widths 1.5 and 0.8: ± 1.7.
    row = result.levers.iloc[1]
    assert (row["gap_low"], row["gap_high"]) == pytest.approx((0.2e6 - 1.7e6, 0.2e6 + 1.7e6))
    assert result.unknown["lever"].tolist() == ["Close the gap"]
    assert "has not been published" in result.unknown["reason"].iloc[0]
    # What has no number shares no money with anything.
    assert result.levers["overlaps"].tolist() == [(), ()]


def test_money_shared_is_shared_both_ways_whichever_lever_names_the_other() -> None:
    one_sided = (
        Analysis(
            "performance_curve",
            "Who is better?",
            "moving_the_middle",
            (
                Lever("moving_the_middle", "Move the middle"),
                Lever("replacement", "Replace under-performers", ("moving_the_middle",)),
            ),
        ),
    )
    found = (money("moving_the_middle", 5e6, 4e6, 6e6), money("replacement", 1e6, 0.5e6, 1.5e6))
    result = executive_brief({"performance_curve": found}, analyses=one_sided)
    assert result.levers["overlaps"].tolist() == [
        ("Replace under-performers",),
        ("Move the middle",),
    ]
    assert "Do not add “Move the middle” to “Replace under-performers”" in (
        result.finding("lever_to_push").sentence
    )


def test_a_large_but_uncertain_lever_does_not_win() -> None:
    result = brief(
        money("moving_the_middle", 9e6, -1e6, 19e6), money("star_deal", 1e6, 0.5e6, 1.5e6)
    )
    sentence = result.finding("lever_to_push").sentence
    assert sentence.startswith("Push “One more star deal” first")
    assert "“Move the middle” may be worth more, but we cannot tell that it pays" in sentence


def test_two_uncertain_levers_are_two() -> None:
    result = brief(
        money("moving_the_middle", 1e6, -1e6, 3e6),
        money("star_deal", 5e4, 4e4, 6e4),
        money("correctable_money_year", 9e5, -1e6, 3e6),
    )
    sentence = result.finding("lever_to_push").sentence
    assert "may be worth more, but we cannot tell that they pay at all" in sentence


def test_nothing_pays() -> None:
    result = brief(money("moving_the_middle", 1e6, -1e6, 3e6), money("star_deal", -1e5, -2e5, -1e3))
    assert math.isnan(result.finding("lever_to_push").estimate.value)
    assert "cannot tell that any lever pays" in result.finding("lever_to_push").sentence
    assert result.levers["verdict"].tolist() == ["cannot tell", "does not pay"]
    alone = {"performance_curve": (money("moving_the_middle", 1e6, -1e6, 3e6),)}
    one = executive_brief(alone, analyses=TWO).finding("levers_that_pay").sentence
    assert one.startswith("The one measured lever does not clearly pay.")


def test_nothing_reported() -> None:
    result = executive_brief({}, analyses=ANALYSES)
    assert result.levers.empty
    assert len(result.unknown) == sum(len(one.levers) for one in ANALYSES)
    json.dumps(result.to_dict())
    said = {one.name: one.sentence for one in result.findings}["levers_that_pay"]
    assert said.startswith("None of ") and said.endswith(" could be measured.")


def test_an_unanswered_lever_says_why() -> None:
    unanswered = Finding(
        "star_deal", Estimate(math.nan, unit="money/year"), "No deal sizes, so no star deal."
    )
    result = brief(money("moving_the_middle", 1e6, 5e5, 2e6), unanswered)
    assert "No deal sizes, so no star deal." in result.unknown["reason"].tolist()


def test_a_lever_in_another_unit_is_an_error() -> None:
    monthly = Finding("star_deal", Estimate(1, 0, 2, unit="money/month"), "x")
    with pytest.raises(DataError, match=r"star_deal.*money/month.*must be money/year"):
        brief(money("moving_the_middle", 1, 0, 2), monthly)


def test_scale_of_the_currency_changes_no_verdict() -> None:
    def at(scale: float):
        return brief(
            money("moving_the_middle", 2 * scale, 0.5 * scale, 3.5 * scale),
            money("star_deal", 1.8 * scale, 1 * scale, 2.6 * scale),
        )

    assert at(1.0).levers["verdict"].tolist() == at(1e6).levers["verdict"].tolist()
    assert at(1e6).levers["gap_low"].iloc[1] == pytest.approx(
        1e6 * at(1.0).levers["gap_low"].iloc[1]
    )


def test_the_pictures_title_is_its_message() -> None:
    def title(*rows: tuple[str, float, float, float, str]) -> str:
        columns = ["lever", "value", "low", "high", "verdict"]
        return words.ranking_title(pd.DataFrame(rows, columns=columns))

    sure = ("Move the middle", 5e6, 4.5e6, 5.5e6, "pays")
    assert title() == "No lever can be told to pay"
    assert title(("A", 2e6, -1e6, 5e6, "cannot tell")) == "No lever can be told to pay"
    assert title(("A", 9e6, -1e6, 19e6, "cannot tell"), sure) == (
        "Only “Move the middle” can be told to pay"
    )
    assert title(sure, ("B", 1e6, 0.5e6, 1.5e6, "pays")) == (
        "“Move the middle” is worth most of those that pay"
    )
    assert title(sure, ("B", 4.8e6, 4e6, 6e6, "pays")) == (
        "“Move the middle” leads those that pay, but not by more than noise"
    )


def test_the_pictures_title_fits() -> None:
    levers = [
        Lever("moving_the_middle", "Replace under-performers by stars"),
        Lever("star_deal", "One more deal from each star of the company"),
    ]
    one = Analysis("performance_curve", "Who?", "moving_the_middle", tuple(levers))
    found = {
        "performance_curve": (
            money("moving_the_middle", 5e6, 4.5e6, 5.5e6),
            money("star_deal", 4.9e6, 4e6, 6e6),
        )
    }
    ax = lever_ranking(executive_brief(found, analyses=(one,)))
    ax.figure.draw_without_rendering()
    title, page = ax._left_title.get_window_extent(), ax.figure.bbox
    assert "more than noise" in ax.get_title("left").replace("\n", " ")
    assert title.x1 <= page.x1 and title.y1 <= page.y1


def test_one_amount_is_written_one_way_on_the_page() -> None:
    """Sentence, table and picture: $0.66M with its interval to $1.5M, nowhere $664K."""
    result = brief(
        money("moving_the_middle", 664e3, 144e3, 1.47e6), money("star_deal", 11e3, 6e3, 18e3)
    )
    assert "$0.66M a year (90% interval $0.14M to $1.5M)" in result.findings[0].sentence
    assert words.worth(result.levers.iloc[0], "$") == ("$0.66M", "$0.14M", "$1.5M")
    assert words.worth(result.levers.iloc[1], "$") == ("$11K", "$6.0K", "$18K")
    drawn = [one.get_text() for one in lever_ranking(result).texts]
    assert "$0.66M" in drawn and "$664K" not in drawn


def test_all_and_none_of_the_levers_are_called_so() -> None:
    pays, unsure = (1e6, 0.5e6, 1.5e6), (1e6, -0.5e6, 2.5e6)
    for (first, second), said in (
        ((pays, pays), "All 2 measured levers clearly pay."),
        ((pays, unsure), "1 of 2 measured levers clearly pays."),
        ((unsure, unsure), "None of 2 measured levers clearly pays."),
    ):
        result = brief(money("moving_the_middle", *first), money("star_deal", *second))
        assert result.finding("levers_that_pay").sentence.startswith(said)


def test_three_that_cannot_be_told_apart() -> None:
    assert wording.listed(["“A”"], "or") == "“A”"
    assert wording.listed(["“A”", "“B”", "“C”"], "or") == "“A”, “B” or “C”"
    third = Analysis("c", "C?", "third", (Lever("third", "Third"),))
    found = {
        "performance_curve": (
            money("moving_the_middle", 2e6, 0.5e6, 3.5e6),
            money("star_deal", 1.8e6, 1e6, 2.6e6),
        ),
        "c": (money("third", 1.7e6, 1.2e6, 2.2e6),),
    }
    said = executive_brief(found, analyses=(*TWO, third)).findings[0].sentence
    assert "than “One more star deal” or “Third”, so the cheaper or quicker of them" in said
    assert "“Third” is the surer: its interval begins higher, at $1.2M" in said


def test_assumptions_that_are_not_the_companys_own_are_said() -> None:
    """Only those of levers with a number count, each once."""
    chosen = executive_brief(
        {
            "performance_curve": (money("moving_the_middle", 1e6, 5e5, 2e6),),
            "channel_gap": (money("correctable_money_year", 1e6, 5e5, 2e6),),
        },
        analyses=ANALYSES,
    ).assumptions
    assert chosen == ("gross_margin", "middle_gap_closed", "coaching_cost")
    (said,) = words.leans_on([DEFAULTS[name] for name in chosen], "$")
    assert (
        "lean on 3 assumptions that are defaults of this workbench and not your company's" in said
    )
    assert "gross margin on bookings (70%)" in said
    own = [replace(DEFAULTS[name], source="finance") for name in chosen]
    assert words.leans_on(own, "$") == []
    assert (
        "1 assumption that is a default" in words.leans_on([*own, DEFAULTS["hiring_cost"]], "$")[0]
    )
    many = list(DEFAULTS.values())
    assert f"and {len(many) - 3} more, which the reports list" in words.leans_on(many, "$")[0]


def test_every_assumption_of_a_lever_is_known() -> None:
    named = {name for one in ANALYSES for lever in one.levers for name in lever.assumptions}
    assert named and named <= set(DEFAULTS)


def test_the_largest_of_several_is_said_to_be_large_partly_by_luck() -> None:
    """Two measured levers: 95% for each, so 1.96/1.645 = 1.192 times the distances 1.5 and 1.5."""
    close = brief(
        money("moving_the_middle", 2e6, 0.5e6, 3.5e6), money("star_deal", 1.8e6, 1e6, 2.6e6)
    )
    assert (close.picked.low, close.picked.high) == pytest.approx((0.2127e6, 3.7873e6), rel=1e-3)
    assert close.notices == (
        "“Move the middle” was picked from 2 levers for its large guess, and such a guess is more often "
        "too high than too low. Allowing for that, it is worth anything from $0.21M to $3.8M a year.",
    )
    # $0.2M above zero at 90% reaches below it at 95%, under a sentence that says that it pays.
    (doubtful,) = brief(
        money("moving_the_middle", 2e6, 0.2e6, 3.8e6), money("star_deal", 1.8e6, 1e6, 2.6e6)
    ).notices
    assert doubtful.endswith(
        "from −$0.14M to $4.1M a year, so that it pays is less sure than its interval says."
    )
    ahead = brief(money("moving_the_middle", 5e6, 4e6, 6e6), money("star_deal", 1e6, 0.8e6, 1.2e6))
    assert ahead.notices == ()
    nothing = brief(money("moving_the_middle", 1e6, -1e6, 3e6), money("star_deal", 0, -1e6, 1e6))
    assert nothing.notices == ()
    assert math.isnan(nothing.picked.value)
