"""What ramp costs and whether training pays: hand-worked money, identities, draws, sentences."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import (
    RampCost,
    RampTime,
    not_answered,
    ramp_cost,
    ramp_time,
    training_case,
)
from salesops_lib.analyses.ramp_time_cost.money_words import with_case_findings
from salesops_lib.errors import DataError
from salesops_lib.estimate import Estimate
from tests.analyses.ramp_frames import milestones, smooth

LOST = sum(0.1 ** (t / 4) for t in range(1, 25))


@pytest.fixture(scope="module")
def none() -> RampTime:
    return ramp_time(smooth(ramp=0.0), value="bookings")


def priced(ramp: RampTime, **options: object) -> RampCost:
    return ramp_cost(ramp, hires_per_year=10, contribution_per_month=20_000.0, **options)


class TestCost:
    def test_contribution_times_months_lost(self, exact: RampTime) -> None:
        """1.2849 months × $20,000 × 10 hires."""
        cost = priced(exact)
        assert cost.per_hire.value == pytest.approx(20_000 * LOST, rel=0.01)
        assert cost.per_year.value == pytest.approx(200_000 * LOST, rel=0.01)
        assert cost.per_year.unit == "money/year"

    def test_without_hires_ramp_costs_nothing(self, ramp: RampTime) -> None:
        """ "Cannot tell: anything from nothing up to $0", and no month of ramp left, of 3.4."""
        cost = ramp_cost(ramp, hires_per_year=0, contribution_per_month=20_000.0)
        assert cost.per_year.value == 0
        said = {one.name: one.sentence for one in cost.findings}
        assert said["ramp_cost_year"] == "Nobody is hired in a year, so ramp costs nothing."
        assert said["one_month_less"].startswith("Nobody is hired in a year")
        case = training_case(cost, months_saved=2, programme_cost=100_000.0)
        assert case.finding("ramp_saving_year").sentence.startswith("Nobody is hired in a year")

    def test_the_months_add_up_to_the_whole(self, ramp: RampTime) -> None:
        cost = priced(ramp)
        assert cost.waterfall["lost"].sum() == pytest.approx(cost.per_hire.value)
        assert cost.waterfall["cumulated"].iloc[-1] == pytest.approx(cost.per_hire.value)

    def test_one_month_against_three(self, exact: RampTime) -> None:
        """90% after one month loses 0.1 + 0.01 + … = 1/9 month; after three, Σ 0.1^(t/3)."""
        cost = priced(exact)
        table = cost.side_by_side.set_index("months_to_target")["months_lost"]
        assert table[1.0] == pytest.approx(1 / 9)
        assert table[3.0] == pytest.approx(sum(0.1 ** (t / 3) for t in range(1, 25)))
        gap = cost.finding("one_against_three").estimate.value
        assert gap == pytest.approx(200_000 * (table[3.0] - table[1.0]))

    def test_one_month_less(self, exact: RampTime) -> None:
        """From four months to three."""
        gain = LOST - sum(0.1 ** (t / 3) for t in range(1, 25))
        assert priced(exact).one_month_less.value == pytest.approx(200_000 * gain, rel=0.02)

    def test_one_month_less_is_bounded_by_every_length_in_the_interval(
        self, ramp: RampTime
    ) -> None:
        """The gain of a month is largest for a middling length, not at an end."""
        gained = ramp.production_gained(1.0)
        for months in np.linspace(ramp.median_months.low, ramp.median_months.high, 25):
            now, then = (
                sum(0.1 ** (t / m) for t in range(1, 25)) for m in (months, max(months - 1, 1e-3))
            )
            assert gained.low - 1e-3 <= now - then <= gained.high + 1e-3

    def test_pay_is_a_line_of_its_own(self, exact: RampTime) -> None:
        """$120,000 a year for four months; the cost is the same with and without it."""
        with_pay, without = priced(exact, annual_cost=120_000), priced(exact)
        assert with_pay.pay_during_ramp is not None
        assert with_pay.pay_during_ramp.value == pytest.approx(40_000, rel=0.01)
        assert with_pay.per_year == without.per_year
        assert "no part of the cost" in with_pay.finding("pay_during_ramp").sentence

    def test_uncertain_contribution_widens_the_interval(self, ramp: RampTime) -> None:
        sure = priced(ramp).per_year
        doubt = Estimate(20_000, 14_000, 29_000, unit="money/month", method="a guess")
        wide = ramp_cost(ramp, hires_per_year=10, contribution_per_month=doubt).per_year
        assert wide.value == pytest.approx(sure.value)
        assert wide.low < sure.low < sure.high < wide.high

    def test_the_own_mature_level_moves_with_ramp(self, ramp: RampTime) -> None:
        """A slower climb goes with a higher level: more doubt than of independent numbers."""
        own = ramp.mature_level
        other = Estimate(own.value, own.low, own.high, unit="money/month", method="elsewhere")
        joint = ramp_cost(ramp, hires_per_year=1, contribution_per_month=own).per_year
        apart = ramp_cost(ramp, hires_per_year=1, contribution_per_month=other).per_year
        assert joint.value == apart.value
        assert joint.high > apart.high

    def test_no_ramp_costs_nothing(self, none: RampTime) -> None:
        cost = priced(none)
        assert cost.per_year.value == 0
        assert cost.per_year.high < 100
        assert "costs nothing" in cost.finding("ramp_cost_year").sentence

    def test_a_climb_without_an_end_has_no_price_of_a_month(self) -> None:
        data = smooth(months=5).assign(bookings=lambda f: f["tenure_months"] ** 1.5)
        cost = priced(ramp_time(data, value="bookings"))
        assert math.isinf(cost.ramp.median_months.value)
        assert "cannot be told" in cost.finding("one_month_less").sentence
        assert math.isinf(cost.side_by_side["months_to_target"].iloc[0])
        json.dumps(cost.to_dict(), allow_nan=False)

    def test_a_milestone_loses_every_month_before_it(self) -> None:
        """Reached at 1, 2 and 3: two months on average."""
        data = milestones({"a": (1, 1, True), "b": (1, 2, True), "c": (1, 3, True)})
        ramp = ramp_time(data, value="bookings", definition="milestone", event="certified")
        cost = priced(ramp)
        assert cost.per_hire.value == pytest.approx(40_000)
        assert cost.waterfall["lost"].sum() == pytest.approx(40_000)
        assert any("the most that" in text for text in cost.notices)

    @pytest.mark.parametrize("bad", [-1, math.nan, math.inf, "many"])
    def test_bad_numbers_are_named(self, ramp: RampTime, bad: object) -> None:
        with pytest.raises(DataError, match="hires_per_year"):
            ramp_cost(ramp, hires_per_year=bad, contribution_per_month=1.0)  # type: ignore[arg-type]
        with pytest.raises(DataError, match="contribution_per_month"):
            ramp_cost(ramp, hires_per_year=1, contribution_per_month=bad)  # type: ignore[arg-type]


class TestCase:
    def test_the_formula(self, exact: RampTime) -> None:
        """1 month × 10 hires × $20,000 + half of $80,000 − $150,000 = $90,000."""
        gap = Estimate(80_000, 80_000, 80_000, unit="money/year")
        case = training_case(
            priced(exact), gap, months_saved=1, gap_closed=0.5, programme_cost=150_000
        )
        assert case.net.value == pytest.approx(90_000)
        assert case.ramp_saving.value == pytest.approx(200_000)
        assert case.ramp_net.value == pytest.approx(50_000)
        assert case.gap_saving is not None
        assert case.gap_saving.value == pytest.approx(40_000)
        assert case.payback_months.value == pytest.approx(12 * 150 / 240)
        assert case.break_even_months.value == pytest.approx(110 / 200)
        assert case.probability.value == 1
        assert "programme pays" in case.finding("training_case").sentence

    def test_hires_and_contribution_may_be_given_instead(self, exact: RampTime) -> None:
        options = {"months_saved": 1, "programme_cost": 150_000}
        one = training_case(priced(exact), **options)
        other = training_case(exact, hires_per_year=10, contribution_per_month=2e4, **options)
        assert one.net == other.net
        with pytest.raises(DataError, match="not known"):
            training_case(exact, **options)

    def test_no_more_is_saved_than_ramp_takes_away(self, exact: RampTime) -> None:
        case = training_case(priced(exact), months_saved=6, programme_cost=0)
        assert case.ramp_saving.value == pytest.approx(200_000 * LOST, rel=0.01)
        assert any("cannot be saved" in text for text in case.notices)

    def test_a_month_sooner_is_worth_less_than_a_month_of_production(self, exact: RampTime) -> None:
        options = {"months_saved": 1, "programme_cost": 0}
        production = training_case(priced(exact), **options)
        sooner = training_case(priced(exact), saved="time_to_target", **options)
        assert sooner.ramp_saving.value == pytest.approx(priced(exact).one_month_less.value)
        assert sooner.ramp_saving.value < production.ramp_saving.value

    def test_where_there_is_no_ramp_the_case_is_refused(self, none: RampTime) -> None:
        case = training_case(priced(none), months_saved=2, programme_cost=150_000)
        assert case.net.value == -150_000
        assert case.probability.value == 0
        assert case.payback_months.value == case.break_even_months.value == math.inf
        assert "does not pay" in case.finding("training_case").sentence
        assert "No shortening" in case.finding("break_even_months_saved").sentence

    @pytest.mark.parametrize(
        ("cost", "said"),
        [
            (1_000, "A shorter ramp of 10 hires a year leaves $"),
            (
                120_000,
                "Cannot tell whether a shorter ramp of 10 hires a year pays for the programme",
            ),
            (9e6, "A shorter ramp of 10 hires a year does not pay for the programme: after the"),
        ],
    )
    def test_the_shorter_ramp_alone_is_held_against_the_whole_cost(
        self, ramp: RampTime, cost: float, said: str
    ) -> None:
        gap = Estimate(900_000, 800_000, 1_000_000, unit="money/year")
        case = training_case(
            priced(ramp), gap, months_saved=(0.1, 1.5), gap_closed=0.5, programme_cost=cost
        )
        for end in ("value", "low", "high"):
            alone = getattr(case.ramp_saving, end) - cost
            assert getattr(case.ramp_net, end) == pytest.approx(alone)
        assert case.finding("ramp_net_year").sentence.startswith(said)

    def test_undecided_is_said(self, ramp: RampTime) -> None:
        case = training_case(priced(ramp), months_saved=(0.1, 1.5), programme_cost=120_000)
        assert case.net.low < 0 < case.net.high
        assert case.finding("training_case").sentence.startswith("Cannot tell")
        assert 0.05 < case.probability.value < 0.95

    def test_an_uncertain_gap_does_not_hide_a_ramp_that_pays_alone(self, ramp: RampTime) -> None:
        """A gap that may be none adds nothing where it is none: the lower limit is the ramp's."""
        gap = Estimate(200_000, -900_000, 1_300_000, unit="money/year")
        case = training_case(
            priced(ramp), gap, months_saved=0.5, gap_closed=0.5, programme_cost=50_000
        )
        assert case.ramp_saving.low - 50_000 <= case.net.low <= case.net.value
        assert case.gap_saving is not None
        assert case.gap_saving.low == 0
        said = case.finding("training_case").sentence
        assert said.startswith("The training programme pays")
        assert "alone pays" in said
        assert "anything from nothing to" in case.finding("gap_saving_year").sentence

    def test_the_gap_is_one_number_at_the_values_and_over_draws(self, exact: RampTime) -> None:
        """Half of a gap of 0.1M ± 0.2M (90%): max(·, 0) keeps the median and moves the tail to 0."""
        gap = Estimate(100_000, -100_000, 300_000, unit="money/year")
        case = training_case(priced(exact), gap, months_saved=0, gap_closed=0.5, programme_cost=0)
        assert case.gap_saving is not None
        assert case.gap_saving.value == 50_000
        assert (case.gap_saving.low, case.gap_saving.high) == pytest.approx((0, 150_000), rel=0.05)

    def test_a_part_of_its_own_has_the_limits_it_was_given(self, exact: RampTime) -> None:
        """The channel page says half of the gap at a margin; here it came from draws, 2% lower."""
        gap = Estimate(900_000, 100_000, 2_000_000, unit="money/year")
        for seed in range(5):
            saving = training_case(
                priced(exact), gap, months_saved=0, gap_closed=0.5, programme_cost=0, rng=seed
            ).gap_saving
            assert saving is not None
            assert (saving.low, saving.high) == pytest.approx((50_000, 1_000_000), abs=1_000)

    @pytest.mark.parametrize(
        ("high", "said"),
        [(0.0031, "up to a tenth of a month of full"), (0.31, "up to 0.31 months of full")],
    )
    def test_next_to_no_time_to_save_is_no_number_of_months(
        self, ramp: RampTime, high: float, said: str
    ) -> None:
        """Of 2,000 reps: "up to 0.0031 months of full production a hire may have to be saved"."""
        case = training_case(priced(ramp), months_saved=0.5, programme_cost=50_000)
        little = dataclasses.replace(case.break_even_months, value=0.0, low=0.0, high=high)
        told = with_case_findings(dataclasses.replace(case, break_even_months=little), "$")
        assert said in told.finding("break_even_months_saved").sentence

    def test_two_parts_that_may_be_nothing_do_not_add_up_to_a_certainty(
        self, ramp: RampTime
    ) -> None:
        """Limits of the parts add up: 0 + 0 − cost, whatever the best guesses."""
        unsure = dataclasses.replace(
            ramp,
            restricted_mean_months=Estimate(1.0, 0.0, 2.2, unit="months", n=17),
        )
        gap = Estimate(900_000, -200_000, 2_000_000, unit="money/year")
        case = training_case(
            priced(unsure), gap, months_saved=1, gap_closed=0.5, programme_cost=5e4
        )
        assert case.ramp_saving.low == pytest.approx(0, abs=2_000)
        assert case.net.low < 0 < case.net.value
        assert case.finding("training_case").sentence.startswith("Cannot tell")
        assert case.gap_saving is not None
        for end in ("low", "high"):
            parts = getattr(case.ramp_saving, end) + getattr(case.gap_saving, end)
            assert getattr(case.gain, end) == pytest.approx(parts, abs=1.0)

    @pytest.mark.parametrize("cost", [50_000.0, 120_000.0, 900_000.0])
    def test_the_headline_says_its_own_number(self, ramp: RampTime, cost: float) -> None:
        case = training_case(priced(ramp), months_saved=(0.1, 1.5), programme_cost=cost)
        said = case.finding("training_case")
        assert said.estimate == case.net
        assert wording.estimate(case.net) in said.sentence
        assert said.sentence.count("$") == 3

    def test_the_chance_to_pay_is_that_of_the_draws(self, exact: RampTime) -> None:
        """Gain = 0.2M × U(0, 1), ramp exact: P(gain > 0.15M) = 1/4."""
        case = training_case(priced(exact), months_saved=(0, 1), programme_cost=150_000)
        assert case.probability.value == pytest.approx(0.25, abs=0.03)

    def test_the_gap_is_weighed_by_its_margin(self, exact: RampTime) -> None:
        gap = Estimate(100_000, 50_000, 150_000, unit="money/year")
        case = training_case(
            priced(exact), gap, months_saved=0, gap_closed=1, gap_margin=0.4, programme_cost=0
        )
        assert case.net.value == pytest.approx(40_000)

    def test_a_gap_that_nothing_can_close_adds_nothing(self, exact: RampTime) -> None:
        gap = Estimate(-50_000, -90_000, -10_000, unit="money/year")
        case = training_case(priced(exact), gap, months_saved=1, gap_closed=1, programme_cost=0)
        assert case.net.value == pytest.approx(200_000)
        assert any("adds nothing" in text for text in case.notices)

    def test_a_gap_without_a_number_is_left_out_and_said(self, exact: RampTime) -> None:
        gap = Estimate(math.nan, unit="money/year")
        case = training_case(priced(exact), gap, months_saved=1, gap_closed=1, programme_cost=0)
        assert case.gap_saving is None
        assert any("rests on the shorter ramp alone" in text for text in case.notices)

    def test_the_tables_agree_with_the_values(self, ramp: RampTime) -> None:
        gap = Estimate(100_000, 50_000, 150_000, unit="money/year")
        case = training_case(priced(ramp), gap, months_saved=1, gap_closed=0.5, programme_cost=9e4)
        table = case.sensitivity
        assert table["net"].min() == pytest.approx(-9e4)
        by_months = table[table["gap_closed"] == 0].sort_values("months_saved")["net"]
        assert by_months.is_monotonic_increasing
        curve = case.break_even_curve
        at_one = np.interp(1.0, curve["months_saved"], curve["net"])
        assert at_one == pytest.approx(case.net.value, rel=0.02)
        assert (curve["low"] <= curve["net"] + 1e-6).all()

    def test_the_same_seed_gives_the_same_numbers(self, ramp: RampTime) -> None:
        options = {"months_saved": (0.5, 1.5), "programme_cost": 1e5}
        one = training_case(priced(ramp), rng=3, **options)
        other = training_case(priced(ramp), rng=np.random.default_rng(3), **options)
        assert one.to_dict() == other.to_dict()
        assert training_case(priced(ramp), rng=4, **options).net != one.net

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"months_saved": (2, 1)}, "must rise"),
            ({"months_saved": (1, 2, 3)}, "least, most"),
            ({"gap_closed": 1.5}, "at most 1"),
            ({"programme_cost": -5}, "programme_cost"),
            ({"saved": "time"}, "saved == 'time'"),
        ],
    )
    def test_bad_options_are_named(
        self, exact: RampTime, options: dict[str, object], words: str
    ) -> None:
        given = {"months_saved": 1, "programme_cost": 1.0} | options
        with pytest.raises(DataError, match=words):
            training_case(priced(exact), **given)  # type: ignore[arg-type]


def test_everything_is_plain_data(ramp: RampTime) -> None:
    cost = priced(ramp)
    case = training_case(cost, months_saved=1, programme_cost=1e5)
    for result in (ramp, cost, case):
        body = json.dumps(result.to_dict(), allow_nan=False)
        assert result.findings[0].sentence in json.loads(body)["findings"][0]["sentence"]


def test_a_ramp_of_almost_no_time_saves_nothing(ramp: RampTime) -> None:
    """Its lower limit was 9e-184, which read as paying, and its payback had 120 digits."""
    almost = dataclasses.replace(
        ramp, median_months=dataclasses.replace(ramp.median_months, value=1.0, low=0.01, high=4.0)
    )
    case = training_case(
        almost,
        months_saved=(1, 3),
        programme_cost=150_000.0,
        hires_per_year=10,
        contribution_per_month=2e4,
        saved="time_to_target",
    )
    assert case.ramp_saving.low == 0.0
    assert not case.ramp_saving.excludes(0.0)
    assert case.payback_months.high == math.inf


def test_what_is_paid_back_within_a_month_is_not_told_in_hours(exact: RampTime) -> None:
    """ "Paid back in 0.052 months (0.036 to 0.096)"."""
    quick = training_case(priced(exact), months_saved=1, programme_cost=5_000)
    assert quick.payback_months.value == pytest.approx(12 * 5 / 200)
    said = quick.finding("payback_months").sentence
    assert said == "A year of the programme is paid back in less than a month."
    slow = training_case(priced(exact), months_saved=1, programme_cost=50_000)
    assert "paid back in 3.0 months" in slow.finding("payback_months").sentence


def test_where_no_ramp_is_seen_the_answer_and_the_lever_say_why() -> None:
    """The brief said of this lever alone that its report says what is missing."""
    found = {one.name: one for one in not_answered("there are no hire dates").findings}
    assert set(found) == {"training_case", "ramp_net_year"}
    for one in found.values():
        assert math.isnan(one.estimate.value) and one.estimate.unit == "money/year"
        assert one.sentence == (
            "Cannot tell what ramp costs and whether training pays, because there are no hire dates."
        )
