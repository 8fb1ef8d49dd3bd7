"""What an hour freed is worth: by hand where the elasticity is certain, a loop over draws, and words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesops_lib import NotEnoughData, ParameterError, freed_hours, selling_time
from salesops_lib.analyses.selling_time import not_valued
from tests.analyses.hours_frames import KINDS, by_hand, company

PLAN = {
    "hours_freed_week": 3.0, "sold_share": 0.5, "gross_margin": 0.6, "sales_ops_hour_cost": 40.0,
    "working_hours_week": 38.0, "working_weeks_year": 45.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def times():
    data, activities = company()
    return selling_time(data, activities=activities, kinds=KINDS)


def certain(times, elasticity: float):
    """The same with that elasticity and those hours for sure."""
    return replace(
        times, posterior=pd.DataFrame({"elasticity": [elasticity], "probability": [1.0]}),
        covariance=times.covariance * 0,
    )  # fmt: skip


def test_the_money_by_hand() -> None:
    """Two reps book 150 in a month: 1,800 a year, 1,080 of margin. They sell 7.5 hours a week and are
    freed 3, of which 1.5 are sold: 1.2 times the hours. At elasticity 1 that is a fifth more margin,
    216; the hours cost 3 · 2 reps · 45 weeks · 0.4 = 108 elsewhere. 270 hours bring 0.8 each."""
    data, activities = by_hand()
    found = selling_time(data, activities=activities, kinds=KINDS)
    freed = freed_hours(certain(found, 1.0), **{**PLAN, "sales_ops_hour_cost": 0.4})
    assert freed.gain_year.value == pytest.approx(216.0)
    assert (freed.gain_year.low, freed.gain_year.high) == pytest.approx((216.0, 216.0))
    assert freed.cost_year == pytest.approx(108.0)
    assert freed.net_year.value == pytest.approx(108.0)
    assert freed.hour_worth.value == pytest.approx(0.8)
    # 3 hours of data entry and 2.25 of quotes, of each of two reps, and both at the curve's end.
    assert freed.activities["cost"].tolist() == pytest.approx([108.0, 81.0])
    assert freed.curve["cost"].iloc[-1] == pytest.approx(189.0)
    # A person costs 38 · 45 · 0.4 = 684, which is 0.6333 of the margin: 9.5 freed hours of each of two
    # reps, more than there are. At half of that cost it is 4.75 of the 5.25, 9.5 of both.
    assert freed.hire_cost_year == pytest.approx(684.0)
    assert freed.break_even_hours.value == np.inf
    cheap = freed_hours(certain(found, 1.0), **{**PLAN, "sales_ops_hour_cost": 0.2})
    assert cheap.break_even_hours.value == pytest.approx(342 / 1080 * 7.5 * 2 / 0.5)
    # Only 5.25 hours of each of two reps are somebody else's work: 2.625 more sold hours, 35%.
    assert freed.hire_hours == pytest.approx(10.5)
    assert freed.hire_limit_year.value == pytest.approx(1080 * 0.35)


def test_further_hours_bring_less(times) -> None:
    half = freed_hours(certain(times, 0.5), **PLAN)
    sold = 0.5 * 3 / times.selling_hours_week.value
    margin = times.bookings_year * 0.6
    assert half.gain_year.value == pytest.approx(margin * ((1 + sold) ** 0.5 - 1))
    steps = np.diff(half.curve["gain"])
    assert (np.diff(steps) < 0).all()
    assert half.curve["gain"].iloc[0] == 0
    assert half.curve["hours"].iloc[-1] == pytest.approx(times.movable_hours_week.value)
    each = half.activities
    assert list(each["activity"]) == ["Data entry", "Quotes"]
    assert each["net"].tolist() == pytest.approx((each["gain"] - each["cost"]).tolist())
    # Moved together they bring less than each alone, added up.
    assert half.curve["gain"].iloc[-1] < each["gain"].sum()


def test_at_the_break_even_the_margin_is_the_cost(times) -> None:
    freed = freed_hours(certain(times, 0.4), **PLAN)
    each = freed.break_even_hours.value / times.headcount
    more = 1 + 0.5 * each / times.selling_hours_week.value
    assert times.bookings_year * 0.6 * (more**0.4 - 1) == pytest.approx(freed.hire_cost_year)


def test_draws_are_those_of_a_loop(times) -> None:
    """Mean and quantiles over the posterior's points, hours held fixed."""
    fixed = replace(times, covariance=times.covariance * 0)
    freed = freed_hours(fixed, **PLAN)
    margin, more = times.bookings_year * 0.6, 1 + 1.5 / times.selling_hours_week.value
    total, gains = 0.0, []
    for e, p in times.posterior.itertuples(index=False):
        gains.append(margin * (more**e - 1))
        total += p * gains[-1]
    assert freed.gain_year.value == pytest.approx(total, rel=0.01)
    cumulated = np.cumsum(times.posterior["probability"])
    low, high = (gains[int(np.searchsorted(cumulated, q))] for q in (0.05, 0.95))
    assert (freed.gain_year.low, freed.gain_year.high) == pytest.approx((low, high), rel=0.02)


def test_scale_and_seed(times) -> None:
    one = freed_hours(times, **PLAN)
    assert freed_hours(times, **PLAN).net_year == one.net_year
    other = freed_hours(times, **PLAN, rng=7)
    assert other.gain_year.value == pytest.approx(one.gain_year.value, rel=0.01)
    rich = replace(times, bookings_year=times.bookings_year * 100)
    scaled = freed_hours(rich, **{**PLAN, "sales_ops_hour_cost": 4000.0})
    assert scaled.net_year.value == pytest.approx(100 * one.net_year.value)
    assert scaled.break_even_hours.value == pytest.approx(one.break_even_hours.value)


def test_uncertain_hours_widen_the_interval(times) -> None:
    sure = certain(times, 0.4)
    unsure = replace(sure, covariance=times.covariance * 25)
    a, b = (freed_hours(one, **PLAN).gain_year for one in (sure, unsure))
    assert a.high - a.low == pytest.approx(0.0, abs=1e-6 * a.value)
    assert b.high - b.low > 0.02 * b.value


def test_no_more_can_be_moved_than_there_is(times) -> None:
    freed = freed_hours(times, **{**PLAN, "hours_freed_week": 60.0})
    assert freed.hours == times.movable_hours_week.value
    assert "only 13 are not selling" in freed.notices[0]


def test_sentences_decide_or_say_that_they_cannot(times) -> None:
    good = freed_hours(certain(times, 0.8), **PLAN)
    said = good.finding("freed_hours_year").sentence
    assert said.startswith("Moving 3 hours a week of other people's work off each rep is worth $")
    assert "after paying for those hours elsewhere" in said
    assert "mostly published experience, not your data" in said
    assert "more than the $40 that it costs where it goes" in good.finding("hour_freed").sentence
    assert good.finding("hire_limit_year").sentence.endswith("so that person pays.")
    assert "pays from" in good.finding("break_even_hours_week").sentence
    bad = freed_hours(certain(times, -0.2), **PLAN)
    assert " loses $" in bad.finding("freed_hours_year").sentence
    assert "less than the $40" in bad.finding("hour_freed").sentence
    assert bad.finding("hire_limit_year").sentence.endswith("does not pay.")
    assert bad.finding("break_even_hours_week").sentence.startswith("Cannot tell that a person")
    assert bad.break_even_hours.value == np.inf
    unsure = freed_hours(times, **{**PLAN, "sales_ops_hour_cost": 50.0})
    assert unsure.net_year.low < 0 < unsure.net_year.high
    said = unsure.finding("freed_hours_year").sentence
    assert said.startswith("Cannot tell whether moving 3 hours a week")
    assert "cannot tell whether that is more" in unsure.finding("hour_freed").sentence
    assert "cannot tell whether that person pays" in unsure.finding("hire_limit_year").sentence


@pytest.mark.parametrize("name", ["hours_freed_week", "sold_share", "gross_margin"])
def test_assumptions_out_of_range_are_named(times, name: str) -> None:
    for wrong in (0.0, -1.0, 1e9, float("nan")):
        with pytest.raises(ParameterError, match=name):
            freed_hours(times, **{**PLAN, name: wrong})
    with pytest.raises(ParameterError, match="sales_ops_hour_cost"):
        freed_hours(times, **{**PLAN, "sales_ops_hour_cost": -1.0})


def test_nothing_to_move_and_nothing_booked() -> None:
    data, activities = company(reps=4, months=3)
    sales = {name: (selling, "sales") for name, (selling, _) in KINDS.items()}
    with pytest.raises(NotEnoughData, match="work of sales operations or marketing") as missing:
        freed_hours(selling_time(data, activities=activities, kinds=sales))
    (said,) = not_valued(missing.value.problem).findings
    assert said.name == "freed_hours_year" and said.estimate.unit == "money/year"
    assert said.sentence.startswith("Cannot tell what an hour freed is worth: no hours are known")
    idle = selling_time(data.assign(bookings=0.0), activities=activities, kinds=KINDS)
    with pytest.raises(NotEnoughData, match="nothing was booked"):
        freed_hours(idle)
