"""Ramp's pictures: title says the message, alt text the numbers, edges are drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import (
    RampCost,
    RampTime,
    TrainingCase,
    ramp_cost,
    ramp_time,
    training_case,
)
from salesops_lib.estimate import Estimate
from salesops_lib.figures import ramp_time_cost as figures
from salesops_lib.figures import style
from tests.analyses.ramp_frames import dated, milestones, noisy, smooth

GAP = Estimate(300_000, 100_000, 500_000, unit="money/year")


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ramp() -> RampTime:
    return ramp_time(dated(noisy(1), apart=1), value="bookings", by="cohort")


@pytest.fixture(scope="module")
def milestone() -> RampTime:
    return ramp_time(noisy(1), value="bookings", definition="milestone")


@pytest.fixture(scope="module")
def cost(ramp: RampTime) -> RampCost:
    return ramp_cost(ramp, hires_per_year=12, contribution_per_month=20_000.0, annual_cost=1.2e5)


@pytest.fixture(scope="module")
def case(cost: RampCost) -> TrainingCase:
    return training_case(cost, GAP, months_saved=(0.2, 1), gap_closed=0.2, programme_cost=1.5e5)


def visible(ax: Axes) -> bool:
    ax.figure.canvas.draw()
    return bool(style.alt_text(ax)) and ax.has_data() and bool(ax.get_title(loc="left"))


def test_every_figure_speaks(
    ramp: RampTime, milestone: RampTime, cost: RampCost, case: TrainingCase
) -> None:
    draw: list[tuple[Callable[..., Axes], object]] = [
        (figures.learning_curve, ramp),
        (figures.cohorts, ramp),
        (figures.leavers, ramp),
        (figures.ramp_survival, milestone),
        (figures.leavers, milestone),
        (figures.cost_waterfall, cost),
        (figures.break_even, case),
        (figures.two_way, case),
    ]
    for function, result in draw:
        assert visible(function(result)), function.__name__


def test_axes_given_are_drawn_on(ramp: RampTime) -> None:
    _, ax = plt.subplots()
    assert figures.learning_curve(ramp, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


def test_the_curve_holds_the_numbers_of_the_table(ramp: RampTime) -> None:
    line = figures.learning_curve(ramp).lines[0]
    table = ramp.learning_curve.set_index("month")["expected"]
    assert line.get_ydata() == pytest.approx(table.loc[line.get_xdata()].to_numpy())


def test_nothing_is_drawn_through_the_name_of_the_line(ramp: RampTime) -> None:
    """The interval of a quick ramp and the first months' lines went through "ramped"."""
    ax = figures.learning_curve(ramp)
    ax.figure.canvas.draw()
    (name,) = (one for one in ax.texts if one.get_text() == "ramped")
    box = name.get_window_extent()
    assert box.x0 >= ax.get_window_extent().x1 and box.x1 <= ax.figure.bbox.x1
    assert ax.get_window_extent().y0 < box.y0 and box.y1 < ax.get_window_extent().y1


def test_at_risk_counts_stand_under_the_months(milestone: RampTime) -> None:
    labels = [one.get_text() for one in figures.ramp_survival(milestone).get_xticklabels()]
    assert labels[0] == "0\n40"
    assert labels[-1].endswith(f"\n{milestone.curve['at_risk'].iloc[-1]}")


def test_the_waterfall_of_no_hires_is_in_no_doubt(cost: RampCost) -> None:
    nobody = ramp_cost(cost.ramp, hires_per_year=0, contribution_per_month=20_000.0)
    assert (
        figures.cost_waterfall(nobody).get_title(loc="left") == "Without hires, ramp costs nothing"
    )


def test_waterfall_bars_stack_up_to_the_cost(cost: RampCost) -> None:
    bars = figures.cost_waterfall(cost).patches
    losses, whole, pay = bars[:-2], bars[-2], bars[-1]
    assert sum(bar.get_height() for bar in losses) == pytest.approx(whole.get_height())
    assert whole.get_height() == pytest.approx(cost.per_year.value)
    assert pay.get_y() == 0
    assert pay.get_facecolor()[:3] == (1, 1, 1)


def test_the_end_of_a_line_is_not_named_by_the_value(cost: RampCost) -> None:
    """$1.1M stood at the end of a line that reached $4.0M on the axis beside it."""
    ax = figures.cost_waterfall(cost)
    value, low, high = wording.with_limits(
        cost.per_year.value, cost.per_year.low, cost.per_year.high
    )
    (label,) = (one for one in ax.texts if one.get_text() == f"{value}\n({low} to {high})")
    assert label.xy[1] == cost.per_year.high
    ax.figure.canvas.draw()
    boxes = [one.get_window_extent() for one in ax.texts]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_an_interval_many_times_as_long_as_the_bars_leaves_them_to_be_seen(cost: RampCost) -> None:
    """$2.4M with limits to $37M: the axis went to $40M, and months of half a million were lines."""
    whole = cost.per_year.value
    year = replace(cost.per_year, high=50 * whole)
    ax = figures.cost_waterfall(replace(cost, per_year=year))
    highest = max(bar.get_y() + bar.get_height() for bar in ax.patches)
    assert ax.get_ylim()[1] < 5 * highest < year.high
    (arrow,) = (one for one in ax.lines if one.get_marker() == "^")
    assert arrow.get_ydata()[0] == pytest.approx(4 * highest)
    limits = wording.with_limits(year.value, year.low, year.high)
    assert any(one.get_text() == "{}\n({} to {})".format(*limits) for one in ax.texts)
    plain = figures.cost_waterfall(replace(cost, per_year=replace(year, high=1.5 * whole)))
    assert not [one for one in plain.lines if one.get_marker() == "^"]


def test_a_title_writes_its_number_as_the_sentence_does(cost: RampCost, case: TrainingCase) -> None:
    """The title said $472K, the sentence over it $0.47M ($0.18M to $1.4M)."""
    year = Estimate(472e3, 180e3, 1.4e6, unit="money/year")
    assert figures.break_even(replace(case, net=year)).get_title(loc="left") == (
        "The programme pays: a net $0.47M a year"
    )
    title = figures.cost_waterfall(replace(cost, per_year=year)).get_title(loc="left")
    assert title == "Ramp costs $0.47M a year in lost contribution"


def test_break_even_is_marked_where_it_is(case: TrainingCase) -> None:
    ax = figures.break_even(case)
    points = [line.get_xydata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert points[0] == pytest.approx([case.break_even_months.value, 0])
    # At the months assumed the band is narrower than the sentence's interval, which does not know them.
    assert ax.get_xlabel().endswith("band: 90% interval were it so many")


def test_no_word_lies_on_another_where_the_gap_alone_pays(cost: RampCost) -> None:
    case = training_case(cost, GAP, months_saved=(0.2, 1), gap_closed=1, programme_cost=1e4)
    assert case.break_even_months.value == 0
    ax = figures.break_even(case)
    ax.figure.canvas.draw()
    boxes = [one.get_window_extent() for one in ax.texts]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])


def test_half_of_the_reps_are_half_of_those_who_stay(milestone: RampTime) -> None:
    """Leavers are followed until they left, so the curve is of reps who stay; of all hires fewer get
    there, as the sentence beside it says."""
    ax = figures.ramp_survival(milestone)
    assert "of the reps who stay" in ax.get_title(loc="left")
    assert milestone.finding("left_before").sentence.startswith("Of all hires ")


def test_two_way_shows_every_combination(case: TrainingCase) -> None:
    assert len(figures.two_way(case).texts) == len(case.sensitivity)


def test_a_programme_that_hardly_costs_pays_from_almost_any_shortening(ramp: RampTime) -> None:
    """Of 450 hires a year "it pays from 0.012 months on"."""
    many = ramp_cost(ramp, hires_per_year=2_000, contribution_per_month=20_000.0)
    case = training_case(many, GAP, months_saved=1, gap_closed=0.2, programme_cost=1.5e5)
    title = figures.two_way(case).get_title(loc="left").replace("\n", " ")
    assert title == "By the best guesses, with no gap closed almost any shortening pays"


def test_a_picture_without_intervals_promises_nothing(case: TrainingCase) -> None:
    """It said from when the programme pays under a title that nobody can tell whether it does."""
    nets = case.sensitivity["net"]
    for moved in (nets, nets - nets.max() - 1, nets - nets.min() + 1):
        ax = figures.two_way(replace(case, sensitivity=case.sensitivity.assign(net=moved)))
        assert ax.get_title(loc="left").startswith("By the best guesses, ")


class TestEdges:
    def test_no_ramp(self) -> None:
        none = ramp_time(smooth(ramp=0.0), value="bookings")
        assert figures.learning_curve(none).get_title(loc="left") == "New reps need no ramp"
        cost = ramp_cost(none, hires_per_year=3, contribution_per_month=1.0)
        assert visible(figures.cost_waterfall(cost))
        case = training_case(cost, months_saved=1, programme_cost=10)
        assert "does not pay" in figures.break_even(case).get_title(loc="left")

    def test_open_ended(self) -> None:
        data = smooth(months=6).assign(bookings=lambda f: f["tenure_months"] * 100.0)
        noise = np.exp(0.2 * np.random.default_rng(0).standard_normal(len(data)))
        ramp = ramp_time(data.assign(bookings=data["bookings"] * noise), value="bookings")
        for draw in (figures.learning_curve, figures.leavers):
            assert visible(draw(ramp)), draw.__name__
        # "Too few reps of each group by  to compare", where nobody had asked for groups.
        ungrouped = figures.cohorts(ramp)
        assert ungrouped.get_title(loc="left") == "New reps were not asked for by group"
        assert style.alt_text(ungrouped).endswith("No group to show.")
        cost = ramp_cost(ramp, hires_per_year=3, contribution_per_month=1.0)
        assert visible(figures.cost_waterfall(cost))
        assert visible(figures.break_even(training_case(cost, months_saved=1, programme_cost=10)))

    def test_nobody_there_yet(self) -> None:
        data = milestones(dict.fromkeys("abcd", (1, 5, False)))
        ramp = ramp_time(data, value="bookings", definition="milestone", event="certified")
        assert "Fewer than half" in figures.ramp_survival(ramp).get_title(loc="left")
        assert visible(figures.leavers(ramp))

    def test_one_group_is_no_comparison(self) -> None:
        ramp = ramp_time(noisy(reps=20).assign(g="all"), value="bookings", by="g")
        assert "Too few" in figures.cohorts(ramp).get_title(loc="left")

    def test_many_groups_draw_the_largest(self) -> None:
        data = noisy(reps=72, months=12).assign(g=lambda f: "g" + (f["rep_id"] % 9).astype(str))
        ax = figures.cohorts(ramp_time(data, value="bookings", by="g"))
        assert len(ax.lines) == len(style.CATEGORIES)


@pytest.mark.parametrize(
    ("closed", "title"),
    [
        (0.0, "The programme costs nothing and brings in nothing"),
        (1.0, "Whether the programme brings in anything cannot be told"),
    ],
)
def test_what_costs_nothing_needs_no_gap_to_pay_for_it(
    ramp: RampTime, closed: float, title: str
) -> None:
    """Net $0 in the one case; in the other from $0, as the gap may be none, to most of $800K."""
    nothing = ramp_cost(ramp, hires_per_year=0, contribution_per_month=20_000.0)
    gap = Estimate(1e5, -1e5, 8e5, 0.9, "money/year", 50, "by hand")
    case = training_case(nothing, gap, months_saved=0, gap_closed=closed, programme_cost=0)
    ax = figures.break_even(case)
    ax.figure.canvas.draw()
    words = [one.get_text() for one in ax.texts]
    assert "the programme costs nothing" in words
    assert not [one for one in words if "gap" in one]
    ticks = [one.get_text() for one in ax.get_yticklabels()]
    assert len(set(ticks)) == len(ticks) and "$0" in ticks
    assert title in ax.get_title(loc="left")
    said = " ".join(one.sentence for one in case.findings)
    assert "gap alone" not in said and "never pays back" not in said
    assert "no ramp left" not in said


@pytest.mark.parametrize(
    ("months", "left", "title"),
    [
        ((3.0, 3.0, 4.1), 12, "What is believed of 12 early leavers moves the answer: 3.0 to 4.1 months"),
        ((3.0, 3.01, 3.0), 1, "Whatever is believed of 1 early leaver, the answer stays 3.0 months"),
        ((3.0, 4.0, math.inf), 2, "What is believed of 2 early leavers moves the answer: 3.0 months, or longer than seen"),
        ((math.inf, math.inf, math.inf), 2, "Whatever is believed of 2 early leavers, the answer is longer than seen"),
        ((3.0, 3.0, 3.0), 0, "Nobody left early, so leaving does not move the answer"),
    ],
)  # fmt: skip
def test_the_title_says_how_far_beliefs_about_leavers_move_the_answer(
    ramp: RampTime, months: tuple[float, ...], left: int, title: str
) -> None:
    """It said that the answer moves where all beliefs give the same."""
    rows = ramp.leavers.iloc[[0] * 3].assign(
        median_months=months, median_low=1.0, median_high=months, leavers=left
    )
    ax = figures.leavers(replace(ramp, leavers=rows.reset_index(drop=True)))
    assert ax.get_title(loc="left").replace("\n", " ") == title
