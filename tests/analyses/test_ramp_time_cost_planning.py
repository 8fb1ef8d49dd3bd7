"""What a plan of hires and a training programme bring: hand-worked capacity, sample sizes, identities."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import (
    RampTime,
    hiring_capacity,
    hiring_plan,
    power_table,
    ramp_time,
    training_case,
)
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from tests.analyses.ramp_frames import milestones


class TestPlanning:
    def test_capacity_of_a_plan(self, exact: RampTime) -> None:
        """One hire in month 1, one in month 2: month 2 holds g(2) + g(1)."""
        plan = hiring_capacity(exact, [1, 1], value_per_month=1000.0)
        g1, g2 = 1 - 0.1**0.25, 1 - 0.1**0.5
        assert plan["expected"].tolist() == pytest.approx([1000 * g1, 1000 * (g1 + g2)], rel=0.01)
        assert plan["relief"].iloc[1] == pytest.approx(1 - (g1 + g2) / 2, abs=0.01)

    def test_the_plan_of_a_year_adds_up(self, exact: RampTime) -> None:
        """One hire a month: Σ over starts of Σ g(1…) = Σ (13 − t) g(t), of 78 full months."""
        plan = hiring_plan(exact, hires_per_year=12, value_per_month=1000.0)
        sold = sum((13 - t) * (1 - 0.1 ** (t / 4)) for t in range(1, 13))
        assert plan.bookings.value == pytest.approx(1000 * sold, rel=0.01)
        assert plan.relief.value == pytest.approx(1 - sold / 78, abs=0.003)
        assert wording.estimate(plan.bookings) in plan.finding("plan_bookings").sentence

    def test_relief_and_bookings_say_the_same(self, ramp: RampTime) -> None:
        plan = hiring_plan(ramp, hires_per_year=7, value_per_month=1000.0)
        full = plan.months["full"].sum()
        for of_plan, of_relief in (("value", "value"), ("low", "high"), ("high", "low")):
            left = 1 - getattr(plan.bookings, of_plan) / full
            assert left == pytest.approx(getattr(plan.relief, of_relief))
        relief = plan.by_tenure.set_index("month")["relief"]
        assert relief[1] == pytest.approx(ramp.pace.u if ramp.pace else 0)

    def test_a_milestone_has_no_capacity(self) -> None:
        data = milestones(dict.fromkeys("abc", (1, 3, True)))
        ramp = ramp_time(data, value="bookings", definition="milestone", event="certified")
        with pytest.raises(NotEnoughData, match="on the way"):
            hiring_capacity(ramp, [1], value_per_month=1.0)

    def test_a_larger_effect_needs_fewer_hires(self, ramp: RampTime) -> None:
        table = power_table(ramp, hires_per_year=12, months_saved=(0.25, 1, 2, 3, 30))
        hires = table["hires_needed"].tolist()
        assert hires[0] >= hires[1] >= hires[2] > hires[3]
        assert math.isnan(hires[4])
        assert table["verdict"].iloc[4] == "there is no such length of ramp to save"
        # What would leave a day of ramp, or half a month, is no effect of endless size.
        now = ramp.median_months.value
        short = power_table(ramp, hires_per_year=12, months_saved=(now - 1, now - 0.5, now - 0.03))
        assert short["hires_split"].iloc[0] > short["hires_split"].iloc[1]
        assert short["hires_split"].iloc[1] == short["hires_split"].iloc[2]
        # A ramp of twelve days is itself no longer than that: no number of hires shows that some are saved.
        brief = replace(ramp, median_months=replace(ramp.median_months, value=0.4))
        none = power_table(brief, hires_per_year=12, months_saved=(0.25,)).iloc[0]
        assert none["hires_split"] == none["hires_needed"] == math.inf
        assert none["verdict_split"] == none["verdict"]

    def test_half_trained_needs_four_times_the_variance(self, ramp: RampTime) -> None:
        """n = 4 v (z.95 + z.80)² / log(now / (now − 1))², v the variance of a rep's log pace."""
        assert ramp.pace is not None
        v = ramp.pace.log_error**2 * ramp.n_seen_starting
        now = ramp.median_months.value
        table = power_table(ramp, hires_per_year=12, months_saved=(1.0,)).iloc[0]
        by_hand = 4 * v * 6.182557 / math.log(now / (now - 1)) ** 2
        assert table["hires_split"] == math.ceil(by_hand)
        assert table["years_split"] == pytest.approx(math.ceil(by_hand) / 12)
        # To two digits: nobody counts on the 324th hire.
        assert math.ceil(by_hand) == 324
        assert table["verdict_split"] == "about 330 hires, 27 years of hiring"
        # 324 hires at 1,000 a year are 3.9 months of hiring, at 10,000 a year a dozen days.
        for hires, when in ((1_000, "4 months"), (10_000, "less than a month")):
            fast = power_table(ramp, hires_per_year=hires, months_saved=(1.0,)).iloc[0]
            assert fast["verdict_split"] == f"about 330 hires, {when} of hiring"
        slow = power_table(ramp, hires_per_year=0.5, months_saved=(1.0,)).iloc[0]
        assert slow["verdict_split"].endswith("more than 30 years of hiring")

    def test_hires_needed_by_hand_for_a_milestone(self) -> None:
        """Schoenfeld: (z.95 + z.80)² = 6.1826; log 2 squared 0.48045: 1/d = .077709 − 1/40."""
        rows = {f"r{i}": (1, 4, True) for i in range(40)}
        ramp = ramp_time(
            milestones(rows), value="bookings", definition="milestone", event="certified"
        )
        table = power_table(ramp, hires_per_year=10, months_saved=(2.0,))
        assert table["hires_needed"].iloc[0] == math.ceil(1 / (0.480453 / 6.182557 - 1 / 40))

    def test_months_that_break_even_beside_what_the_gap_adds_are_told_so(
        self, ramp: RampTime
    ) -> None:
        gap = Estimate(40_000.0, 20_000.0, 60_000.0, unit="money/year")
        terms = {
            "hires_per_year": 12, "contribution_per_month": 10_000.0,
            "months_saved": 0.5, "programme_cost": 50_000,
        }  # fmt: skip
        alone = training_case(ramp, **terms)
        both = training_case(ramp, gap, gap_closed=0.5, **terms)
        said = "What closing the channel gap adds included, the programme breaks even"
        told = [one.finding("break_even_months_saved").sentence for one in (alone, both)]
        assert [text.startswith(said) for text in told] == [False, True]
        assert both.break_even_months.value < alone.break_even_months.value


def test_a_plan_of_one_and_of_nobody(exact: RampTime) -> None:
    """Next year's 1 hire were expected to book, and so were 0 hires."""
    said = {
        count: hiring_plan(exact, hires_per_year=count, value_per_month=1000.0).findings
        for count in (0, 1, 2)
    }
    assert said[2][0].sentence.startswith(
        "Next year's 2 hires, starting evenly over it, are expected to book "
    )
    assert said[1][0].sentence.startswith(
        "Next year's 1 hire, starting at any time of it, is expected to book "
    )
    assert " less than a ramped rep would: the part of a full quota " in said[1][1].sentence
    booked, relief = (one.sentence for one in said[0])
    assert booked == "Nobody is hired in a year, so hires book nothing."
    assert relief.startswith("A hire would be expected to book ")
