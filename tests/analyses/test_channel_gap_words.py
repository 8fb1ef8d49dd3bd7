"""What a sales director reads: number, interval and consequence, and "cannot tell" when it is so."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib import channel_gap, wording
from salesops_lib.analyses.channel_gap import notices, words
from salesops_lib.estimate import Estimate
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months


@pytest.fixture(scope="module")
def gap():
    return channel_gap(
        rep_months(reps=40), outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
        permutations=9,
    )  # fmt: skip


def yearly(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, 0.9, "money/year", 40)


def test_the_answer_names_money_interval_and_channel(gap) -> None:
    said = replace(gap, correctable_year=yearly(1.9e6, 0.6e6, 3.4e6))
    assert words.findings(said)[0].sentence == (
        "Bringing the practice of US to the level of EU is worth $1.9M a year "
        "(90% interval $0.60M to $3.4M) in bookings."
    )


def test_an_interval_around_zero_cannot_tell(gap) -> None:
    """Whether training would pay is another question, answered after the programme's cost: "cannot tell whether
    it would pay" stood beside "it does not pay for the programme"."""
    said = replace(gap, correctable_year=yearly(0.4e6, -0.5e6, 1.3e6))
    assert words.findings(said)[0].sentence == (
        "Cannot tell whether training US to the practice of EU would raise bookings: the difference in "
        "practice is worth anything from −$0.50M to $1.3M of bookings a year (90% interval, best "
        "guess $0.40M)."
    )


def test_a_channel_that_is_ahead_has_nothing_to_be_trained_in(gap) -> None:
    said = replace(gap, correctable_year=yearly(-0.9e6, -1.3e6, -0.5e6))
    text = words.findings(said)[0].sentence
    assert text.startswith("There is nothing to train US in that EU does better")
    assert "$0.90M a year (90% interval $0.50M to $1.3M) in bookings" in text


def test_the_ratio_says_when_it_may_be_luck(gap) -> None:
    clear = replace(gap, ratio=Estimate(1.1, 1.05, 1.2, 0.9, "ratio", 40))
    assert words.findings(clear)[1].sentence == (
        "EU sells 1.10x what US does, per rep and month (90% interval 1.05x to 1.20x, "
        "20 and 20 reps)."
    )
    open_ = replace(gap, ratio=Estimate(1.1, 0.95, 1.3, 0.9, "ratio", 40))
    assert (
        "cannot tell whether the channels differ or the reps do"
        in words.findings(open_)[1].sentence
    )


def test_the_leader_is_named_whichever_side_it_is_on(gap) -> None:
    text = gap.finding("market_part").sentence
    assert "of the lead of EU" in text
    turned = channel_gap(
        rep_months(reps=40), outcome="bookings", a="US", b="EU", market=MARKET, practice=PRACTICE,
        permutations=9,
    )  # fmt: skip
    assert "of the lead of EU" in turned.finding("market_part").sentence
    assert "less bookings a rep-month than EU" in turned.finding("gap_difference").sentence


def test_an_unbounded_share_says_how_much_data_would_bound_it(gap) -> None:
    said = replace(gap, more_rep_months=1234.0)
    text = {one.name: one.sentence for one in words.findings(said)}["correctable_share"]
    assert "about 1,300 rep-months more, from new reps" in text or "1,300 more" in text
    never = replace(gap, more_rep_months=float("inf"))
    text = {one.name: one.sentence for one in words.findings(never)}["correctable_share"]
    assert "no amount of data" in text


def test_a_share_that_may_be_none_is_not_said_to_be_practice(gap) -> None:
    """41% (90% interval −165% to 97%) was said to be practice, on a page on which nobody could tell
    whether practice is worth anything."""
    for low, said in ((0.1, "41% (90% interval 10% to 97%) is practice."),
                      (-1.65, "anything from −165% to 97% may be practice (90% interval, best guess "
                       "41%).")):  # fmt: skip
        share = Estimate(0.41, low, 0.97, 0.9, "share", 40)
        bounded = replace(gap, more_rep_months=0.0, correctable_share=share)
        text = {one.name: one.sentence for one in words.findings(bounded)}["correctable_share"]
        assert text == f"Of the difference between the channels, {said}"


def test_sentences_are_plain(gap) -> None:
    for one in gap.findings:
        assert one.sentence[0].isupper()
        assert one.sentence.endswith(".")
        assert not re.search(r"nan|None|_|\bp[- ]value|  |\.\.", one.sentence), one.sentence
        # No more than three digits before the unit: nothing pretends to more than data carries.
        assert not re.search(r"[1-9]\.\d\d\d|\d\d\.\d\d", one.sentence), one.sentence


def test_the_currency_is_the_readers() -> None:
    found = channel_gap(
        rep_months(), outcome="bookings", a="EU", b="US", practice=PRACTICE, permutations=9,
        currency="€",
    )  # fmt: skip
    text = " ".join(one.sentence for one in found.findings)
    assert "€" in text
    assert "$" not in text


def test_rows_that_are_no_months_are_called_rows() -> None:
    data = rep_months().drop(columns="month")
    found = channel_gap(data, outcome="bookings", a="EU", b="US", permutations=9)
    assert isinstance(found.reps, pd.DataFrame)
    assert "a row" in found.finding("gap_difference").sentence
    assert "rep-month" not in found.finding("gap_difference").sentence


def test_four_levels_are_named_and_the_others_counted() -> None:
    four, six = (notices.one_sided("segment", some, "EU") for some in ("abcd", "abcdef"))
    assert four.startswith("Segment 'a', 'b', 'c' and 'd' is seen in EU only")
    assert six.startswith("Segment 'a', 'b', 'c', 'd' and 2 more is seen in EU only")


def test_points_of_hardly_any_or_nearly_all_are_called_rough() -> None:
    for mean, rough in ((0.02, True), (0.5, False), (0.98, True)):
        assert notices.yes_or_no("won", mean).endswith("are a yes.") == rough


def test_thousands_of_reps_are_written_alike(gap) -> None:
    """It was "with 5000 and 5,000 reps"."""
    many = replace(gap, means=gap.means.assign(reps=[5000, 5000]))
    assert "5,000 and 5,000 reps" in words.findings(many)[1].sentence


def test_logs_are_said_as_what_they_change() -> None:
    """ "EU has 0.046 more bookings a rep-month than US" was a difference of logarithms."""
    data = rep_months(reps=40)
    for a, b in (("EU", "US"), ("US", "EU")):
        found = channel_gap(data, outcome="bookings", a=a, b=b, market=MARKET, practice=PRACTICE,
                            scale="log", permutations=9)  # fmt: skip
        told = {one.name: one for one in found.findings}
        gap = told["gap_difference"]
        size = abs(np.expm1(gap.estimate.value))
        more = "more" if gap.estimate.value > 0 else "less"
        assert re.match(
            rf"{a} sells {wording.percent(size)} \(90% .*%\) {more} a rep-month than {b}",
            gap.sentence,
        )
        # As the ratio says it.
        assert size == pytest.approx(abs(found.ratio.value - 1))
        for name in ("market_part", "practice_part", "unexplained_part"):
            part = told[name].estimate.value
            shown = {wording.percent(np.expm1(part)), wording.percent(abs(np.expm1(part)))}
            assert any(one in told[name].sentence for one in shown)
            assert f" of what {b} sells a rep-month" in told[name].sentence
