"""Hand-worked: what a reader sees of a number."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from salesops_lib import wording
from salesops_lib.dataset.joins import some_of
from salesops_lib.estimate import Estimate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "$0"),
        (3.2, "$3.2"),
        (950, "$950"),
        (999.6, "$1.0K"),
        (34_200, "$34K"),
        (640_000, "$640K"),
        (999_600, "$1.0M"),
        (1_934_000, "$1.9M"),
        (12_600_000, "$13M"),
        (2.04e9, "$2.0B"),
        (6.93e14, "$693T"),
        (-640_000, "−$640K"),
        (math.inf, "no upper limit"),
        (math.nan, "not known"),
    ],
)
def test_money_has_two_digits(value: float, text: str) -> None:
    assert wording.money(value) == text


@pytest.mark.parametrize("currency", ["$", "€", "CHF "])
def test_money_carries_the_currency(currency: str) -> None:
    assert wording.money(1_200, currency) == f"{currency}1.2K"


def test_a_tiny_negative_amount_is_not_minus_zero() -> None:
    assert wording.money(-0.004, like=2e6) == "$0"
    assert wording.money(-0.004) == "$0"
    assert wording.percent(-0.0004) == "0.0%"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.34, "34%"), (0.034, "3.4%"), (0.0001, "<0.1%"), (0, "0%"), (1, "100%"), (-0.05, "−5.0%")],
)
def test_percent(value: float, text: str) -> None:
    assert wording.percent(value) == text


def test_an_interval_shares_the_scale_of_its_value() -> None:
    gain = Estimate(1.9e6, 0.6e6, 3.4e6, 0.9, "money/year", 24)
    assert wording.estimate(gain) == "$1.9M a year (90% interval $0.60M to $3.4M)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "$0"),
        (450_000, "$0.45M"),
        (-267_800, "−$0.27M"),
        (4_000, "$4.0K"),
        (63_000, "$63K"),
        (999_000, "$1.0M"),
    ],
)
def test_no_amount_beside_a_larger_one_loses_its_digits(value: float, text: str) -> None:
    """`$0.0M` said nothing, and `$0.5M` of 450,000 was not the number of the table beside it."""
    assert wording.money(value, like=1.2e6) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(2.22e9, 2.20e9, 2.24e9, 0.9, "money"), "$2.22B (90% interval $2.20B to $2.24B)"),
        (Estimate(0.222, 0.2201, 0.224, 0.9, "share"), "22.2% (90% interval 22.0% to 22.4%)"),
        (Estimate(1.1, 1.099, 1.104, 0.9, "ratio"), "1.100x (90% interval 1.099x to 1.104x)"),
        (
            Estimate(14.2, 14.1, 14.3, 0.9, "months"),
            "14.2 months (90% interval 14.1 to 14.3 months)",
        ),
        # Two digits more at most, none where the limits are one number or tell each other apart;
        # what reads the same is written once.
        (
            Estimate(5e6, 5e6 - 1, 5e6 + 1, 0.9, "money"),
            "$5.000M (90% interval $5.000M at both ends)",
        ),
        (Estimate(5e6, 5e6, 5e6, 0.9, "money"), "$5.0M (90% interval $5.0M at both ends)"),
        (Estimate(1.04e6, 0.98e6, 1.06e6, 0.9, "money"), "$1.0M (90% interval $0.98M to $1.1M)"),
    ],
)
def test_limits_that_differ_read_differently(estimate: Estimate, text: str) -> None:
    assert wording.estimate(estimate) == text


def test_alone_a_value_reads_as_beside_its_interval() -> None:
    small = Estimate(450_000, -0.2e6, 1.2e6, 0.9, "money/year")
    assert small.size == 1.2e6
    assert wording.alone(small) == "$0.45M a year"
    assert wording.estimate(small).startswith(wording.alone(small) + " (")
    open_end = Estimate(4_000, -math.inf, math.nan, 0.9, "money")
    assert open_end.size == 4_000 and Estimate(math.nan).size == 0.0
    assert wording.alone(Estimate(math.nan, unit="money/year")) == "not known"


def test_a_chance_is_never_certain() -> None:
    """The sentence said more than 99%, the list below it 100%."""
    assert wording.quantity(0.9996, "probability") == ">99%"
    assert wording.quantity(1.0, "probability") == ">99%"
    assert wording.quantity(0.99, "probability") == "99%"
    assert wording.quantity(1.0, "share") == "100%"
    assert wording.quantity(0.0, "probability") == wording.probability(0.004) == "<1%"
    assert wording.probability(0.01) == "1%"


def test_limits_that_are_the_same_are_written_once() -> None:
    """Days are counted: where most quotes take 26, both limits are 26."""
    days = Estimate(26.0, 26.0, 26.0, 0.9, "days")
    assert wording.estimate(days) == "26 days (90% interval 26 days at both ends)"
    # What two more digits cannot tell apart reads the same.
    close = Estimate(26.0, 26.0001, 26.0002, 0.9, "days")
    assert wording.estimate(close) == "26.00 days (90% interval 26.00 days at both ends)"
    year = Estimate(1e6, 1e6, 1e6, 0.9, "money/year")
    assert wording.interval(year) == "90% interval $1.0M at both ends"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.02, 0.04, "$0.02 to $0.04"),
        (-0.02, 0.04, "−$0.02 to $0.04"),
        (0.003, 0.005, "$0 to $0.005"),
        # Told apart by no digit that anyone wants to read.
        (1e-10, 2e-9, "within $0.0005 of $0"),
        (-0.0001, 0.0002, "within $0.0005 of $0"),
        (0.02, 0.02, "within $0.05 of $0"),
        (0.0, 0.0, "$0 at both ends"),
        # Beside larger money it is nothing.
        (0.02, 0.9, "$0 to $0.90"),
    ],
)
def test_next_to_nothing_is_not_said_to_be_nothing(low: float, high: float, said: str) -> None:
    """A cost a quote of 2 to 4 cents read `$0 at both ends`."""
    one = Estimate((low + high) / 2, low, high, 0.9, "money")
    assert wording.interval(one) == f"90% interval {said}"


def test_a_confidence_is_never_rounded_to_certainty() -> None:
    """An interval of 99.95% was called one of 100%."""
    assert [wording.level(one) for one in (0.9, 0.57, 0.9995)] == ["90%", "57%", "99.95%"]
    year = Estimate(1.0e6, 0.5e6, 2.0e6, 0.9995, "money")
    assert wording.interval(year) == "99.95% interval $0.50M to $2.0M"


def test_nothing_is_without_a_letter() -> None:
    lost = Estimate(1.1e6, 0.0, 4e6, 0.9, "money/year")
    assert wording.estimate(lost) == "$1.1M a year (90% interval $0 to $4.0M)"


def test_without_a_limit_there_is_no_unit() -> None:
    assert wording.quantity(math.inf, "months") == "no upper limit"


def test_the_unit_of_a_time_is_said_once() -> None:
    ramp = Estimate(9.0, 6.2, 12.4, 0.9, "months", 27)
    assert wording.estimate(ramp) == "9.0 months (90% interval 6.2 to 12 months)"


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "said"),
    [
        (1.4, 0.0099, 3.3, "months", "1.4 months (90% interval 0.01 to 3.3 months)"),
        (3.5, 2.0, 237.0, "months", "3.5 months (90% interval 2 to 237 months)"),
        (20.0, 1.04, math.inf, "months", "20 months (90% interval 1 month or more)"),
        (0.71, -0.036, 1.5, "index", "0.71 (90% interval −0.04 to 1.5)"),
        (9.0, 6.2, 12.0, "months", "9.0 months (90% interval 6.2 to 12 months)"),
    ],
)
def test_a_limit_close_to_nothing_has_no_more_digits_than_it_is_known_to(
    value: float, low: float, high: float, unit: str, said: str
) -> None:
    assert wording.estimate(Estimate(value, low, high, 0.9, unit)) == said


def test_an_open_interval_says_or_more() -> None:
    ramp = Estimate(5.2, 3.1, math.inf, 0.9, "months", 12)
    assert wording.estimate(ramp) == "5.2 months (90% interval 3.1 months or more)"
    # "0.00x or more" is what any ratio is.
    any_ratio = Estimate(0.91, 0.0, math.inf, 0.9, "ratio", 7)
    assert wording.estimate(any_ratio) == "0.91x (90% interval unbounded)"
    half = Estimate(0.91, 0.5, math.inf, 0.9, "ratio", 7)
    assert wording.estimate(half) == "0.91x (90% interval 0.50x or more)"
    unknown = Estimate(2.0, -math.inf, math.inf, 0.9, "index", 7)
    assert wording.interval(unknown) == "90% interval unbounded"


def test_no_value_is_not_known() -> None:
    assert wording.estimate(Estimate(math.nan)) == "not known"


def test_an_unknown_interval_is_said() -> None:
    assert wording.estimate(Estimate(3.0, unit="months")) == "3.0 months (no interval)"


def test_lists_and_counts() -> None:
    assert wording.quantity(4.0, "count") == "4"
    assert wording.quantity(15_993, "count") == "15,993"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.listed([]) == ""
    assert wording.count(1, "rep") == "1 rep"
    assert wording.count(1240, "rep") == "1,240 reps"
    assert wording.count(2, "company", "companies") == "2 companies"


def test_an_amount_that_is_not_known_has_no_unit() -> None:
    assert wording.quantity(float("nan"), "money/year") == "not known"


def test_nobody_tells_in_the_middle_of_a_sentence_without_a_subject() -> None:
    """ "The step looks largest, but cannot tell": the step cannot, we cannot. At the start, and after
    a colon, it is the verdict."""
    root = Path(wording.__file__).parent
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(root.rglob("*words.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"(?:, |; |but )\{wording\.CANNOT_TELL\}", line)
    ]
    assert found == []


def test_a_ratio_far_from_one_has_no_hundredths() -> None:
    """A fact took "5.06x (90% interval 0.48x to 53.46x)" as long: nobody knows the last two digits."""
    far = Estimate(5.06, 0.48, 53.46, 0.9, "ratio")
    assert wording.estimate(far) == "5.06x (90% interval 0.48x to 53x)"
    assert [wording.ratio(x) for x in (9.994, 9.996, -14.2)] == ["9.99x", "10x", "−14x"]


def test_a_chance_counted_from_draws_has_no_tenths() -> None:
    """ "Is a star 7.6%" of 2,000 draws, whose own error is half a percent."""
    said = [wording.probability(x) for x in (0.0151, 0.0761, 0.5, 0.989)]
    assert said == ["2%", "8%", "50%", "99%"]
    assert wording.probability(0.0761, more=1) == "7.6%"


def test_a_chance_in_a_sentence_has_no_signs() -> None:
    said = [wording.chance(x) for x in (0.0, 0.34, 0.9996)]
    assert said == ["less than 1%", "34%", "more than 99%"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([65_200, 7_130, 1_510, 320, 0.06, 0.0], ["$65K", "$7K", "$2K", "<$1K", "<$1K", "$0"]),
        ([191_000, 12_000, 5_100, 4_900], ["$190K", "$10K", "$10K", "<$10K"]),
        ([8_930, 3_900, 42, math.nan], ["$8.9K", "$3.9K", "<$0.1K", "–"]),
        ([1_240_000, 96_000, 21_000], ["$1.2M", "$0.1M", "<$0.1M"]),
        ([999_600.0, 40_000.0], ["$1.0M", "<$0.1M"]),
        ([34.0, 0.4], ["$34", "<$1"]),
        ([0.0, math.nan], ["$0", "–"]),
        ([], []),
    ],
)
def test_amounts_without_intervals_are_as_coarse_as_the_largest(
    values: list[float], said: list[str]
) -> None:
    """A table of the deal desk went from $65K down to $0.06, the last of a rep who is known to give
    less than average."""
    assert wording.coarse(values) == said


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "said"),
    [
        (0.7e6, -0.75e6, 2.4e6, "money", "$0.70M (90% interval −$0.75M to $2.4M)"),
        (0.5, 0.31, 0.72, "index", "0.50 (90% interval 0.31 to 0.72)"),
        (0.997, 0.9, 1.1, "index", "1.0 (90% interval 0.90 to 1.1)"),
    ],
)
def test_amounts_of_one_sentence_have_their_zeros(
    value: float, low: float, high: float, unit: str, said: str
) -> None:
    """ "$0.7M (−$0.75M to $2.4M)": the zero was dropped, and the guess looked less precise than its
    limit."""
    assert wording.estimate(Estimate(value, low, high, 0.9, unit)) == said


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (7.7e6, 7.1e6, ("$7.7M", "$7.1M", "$600K")),
        (13.37e6, 11.98e6, ("$13.4M", "$12.0M", "$1.4M")),
        (2.112e6, 1.991e6, ("$2.11M", "$1.99M", "$121K")),
        (100e6, 100.2e6, ("$100.0M", "$100.2M", "$200K")),
        (5e6, 5e6, ("$5.0M", "$5.0M", "$0")),
        (1e6, -1e6, ("$1.0M", "−$1.0M", "$2.0M")),
        (0.0, 0.0, ("$0", "$0", "$0")),
        (523e6, 12e3, ("$523M", "$12K", "$523M")),
    ],
)
def test_two_amounts_show_their_difference(first: float, second: float, told: tuple) -> None:
    """$13M was said and $12M came, so it was $1.4M too high."""
    assert wording.with_difference(first, second) == told


def test_a_count_that_was_estimated_has_two_digits() -> None:
    """About 30,795 deals a year."""
    counts = (30_795, 743.4, 99.6, 12.3, 3.47, 1.2, 0.4)
    said = [wording.about(one) for one in counts]
    assert said == ["31,000", "740", "100", "12", "3", "1", "0"]
    # A part is no more than the whole: not "about 120 of the 118".
    assert [wording.about(one, of=118) for one in (116.2, 99.6)] == ["118", "100"]


def test_names_with_a_comma_inside_can_be_told_apart() -> None:
    """Three reps of a CRM that writes the family name first read as five."""
    assert wording.listed(["Lee, Ann", "Ray, Bob", "Orr, Cy"]) == "Lee, Ann; Ray, Bob and Orr, Cy"
    assert wording.listed(["a", "b", "9 more, which the reports list"], "or") == (
        "a, b or 9 more, which the reports list"
    )
    assert (
        some_of(["Lee, Ann", "Ray, Bob", "Orr, Cy", "Poe, Di"])
        == "Lee, Ann; Ray, Bob and Orr, Cy and more"
    )
