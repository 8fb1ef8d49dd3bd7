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


def brought(times, elasticity: float, hours: float) -> float:
    """Margin a year of so many hours freed of each rep, half of them sold: rep by rep."""
    own = times.sellers
    more = (1 + 0.5 * hours / own["selling_hours"]) ** elasticity - 1
    return 0.6 * float((own["bookings_year"] * more).sum())


def test_the_money_by_hand() -> None:
    """Two reps book 100 and 50 in a month: 1,200 and 600 a year. They sell 12 and 3 hours a week, of two
    weeks each: a week's variance is (8 + 18) / 2 = 13, half of which is taken for error, so 3.25 of the
    40.5 between them. Drawn together by the root of what is left they are 11.816 and 3.184. Each is freed
    3, of which 1.5 are sold: at elasticity 1 that is .6 (1,200 · 1.5 / 11.816 + 600 · 1.5 / 3.184) = 261 of
    margin (at the average's hours it was 216); the hours cost 3 · 2 reps · 45 weeks · 0.4 = 108 elsewhere.
    270 hours bring 0.967 each."""
    data, activities = by_hand()
    found = selling_time(data, activities=activities, kinds=KINDS)
    assert found.sellers["bookings_year"].tolist() == pytest.approx([1200.0, 600.0])
    own = 7.5 + np.array([4.5, -4.5]) * np.sqrt(37.25 / 40.5)
    assert found.sellers["selling_hours"].tolist() == pytest.approx(own.tolist())
    whole = 0.6 * (1200 * 1.5 / own[0] + 600 * 1.5 / own[1])
    freed = freed_hours(certain(found, 1.0), **{**PLAN, "sales_ops_hour_cost": 0.4})
    assert whole == pytest.approx(261.0, abs=0.1)
    assert freed.gain_year.value == pytest.approx(whole)
    assert (freed.gain_year.low, freed.gain_year.high) == pytest.approx((whole, whole))
    assert freed.cost_year == pytest.approx(108.0)
    assert freed.net_year.value == pytest.approx(whole - 108.0)
    assert freed.hour_worth.value == pytest.approx(whole / 270)
    # 3 hours of data entry and 2.25 of quotes, of each of two reps, and both at the curve's end.
    assert freed.activities["cost"].tolist() == pytest.approx([108.0, 81.0])
    assert freed.curve["cost"].iloc[-1] == pytest.approx(189.0)
    # A person costs 38 · 45 · 0.4 = 684: 8.52 freed hours of each of two reps, more than there are. At
    # half of that cost it is 4.26 of the 5.25, 8.52 of both.
    assert freed.hire_cost_year == pytest.approx(684.0)
    assert freed.break_even_hours.value == np.inf
    cheap = freed_hours(certain(found, 1.0), **{**PLAN, "sales_ops_hour_cost": 0.2})
    assert cheap.break_even_hours.value == pytest.approx(342 / (whole / 3) * 2)
    # Only 5.25 hours of each of two reps are somebody else's work: 1.75 times the 3.
    assert freed.hire_hours == pytest.approx(10.5)
    assert freed.hire_limit_year.value == pytest.approx(whole * 1.75)


def even_and_part_time(part: float, spread: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rep-months whose bookings are what hours make them (elasticity .34), and weekly hours: 24 reps who
    differ by a log sd of `spread`, some of them working half the week."""
    rng = np.random.default_rng([61, seed])
    full = np.where(rng.random(24) < part, 0.5, 1.0)
    usual = 16 * full * np.exp(spread * rng.standard_normal(24))
    weeks = pd.date_range("2025-01-06", periods=48, freq="W-MON")
    months = pd.date_range("2025-01-01", periods=12, freq="MS")
    rows = [
        (f"R{rep:02d}", week, name, hours * np.exp(0.2 * rng.standard_normal()))
        for rep in range(24)
        for week in weeks
        for name, hours in (("Meetings", usual[rep]), ("Data entry", 10 * full[rep]))
    ]
    data = pd.DataFrame({
        "rep_id": np.repeat([f"R{rep:02d}" for rep in range(24)], 12), "month": np.tile(months, 24),
        "bookings": np.repeat(usual**0.34, 12) * rng.lognormal(-0.02, 0.2, 288),
    })  # fmt: skip
    return data, pd.DataFrame(rows, columns=["rep_id", "week", "activity", "hours"])


@pytest.mark.parametrize(("part", "spread", "was"), [(0.0, 0.4, 0.89), (0.3, 0.2, 0.91)])
def test_an_hour_brings_more_where_few_are_sold(part: float, spread: float, was: float) -> None:
    """Planted truth over 10 companies, the elasticity known: at the average rep's hours the gain `was` so
    much of it."""
    found, truth, average = [], [], []
    for seed in range(10):
        data, hours = even_and_part_time(part, spread, seed)
        times = certain(selling_time(data, activities=hours, kinds=KINDS), 0.34)
        found.append(freed_hours(times, **PLAN).gain_year.value)
        own = hours[hours["activity"] == "Meetings"].groupby("rep_id")["hours"].mean()
        sold = data.groupby("rep_id")["bookings"].sum()
        truth.append(0.6 * float((sold * ((1 + 1.5 / own) ** 0.34 - 1)).sum()))
        average.append(0.6 * float(sold.sum() * ((1 + 1.5 / own.mean()) ** 0.34 - 1)))
    assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.01)
    assert np.mean(average) / np.mean(truth) == pytest.approx(was, abs=0.04)


def test_few_weeks_written_down_are_no_difference_between_reps() -> None:
    """Reps alike of whom one week each is known: their swings are drawn towards each other, and the
    gain is that of their common hours to within 2% (at their own as seen it is 5% above)."""
    data, hours = even_and_part_time(0.0, 0.0, 3)
    hours["hours"] *= np.exp(np.random.default_rng(4).normal(-0.02, 0.2, len(hours)))
    few = hours.groupby(["rep_id", "activity"]).head(2)
    times = certain(selling_time(data, activities=few, kinds=KINDS), 0.34)
    seen = times.reps["selling_hours"]
    assert times.sellers["selling_hours"].std() < 0.9 * seen.std()
    assert times.sellers["selling_hours"].mean() == pytest.approx(seen.mean(), rel=0.02)


def test_who_writes_no_hours_down_sells_as_long_as_the_others(times) -> None:
    data, activities = company()
    known = activities[activities["rep_id"] != "R03"]
    sellers = selling_time(data, activities=known, kinds=KINDS).sellers.set_index("rep_id")
    assert len(sellers) == len(data)
    assert sellers["bookings_year"].sum() == pytest.approx(times.bookings_year)
    others = selling_time(data, activities=known, kinds=KINDS).selling_hours_week.value
    assert sellers.loc["R03", "selling_hours"].tolist() == pytest.approx([others] * 8)
    # A rep of next to no hours is one who does not write them down, and brings no fortune.
    slack = activities.copy()
    slack.loc[(slack["rep_id"] == "R03") & (slack["activity"] == "Meetings"), "hours"] = 0.01
    few = certain(selling_time(data, activities=slack, kinds=KINDS), 0.34)
    usual = freed_hours(certain(times, 0.34), **PLAN).gain_year.value
    assert freed_hours(few, **PLAN).gain_year.value < 1.1 * usual


def test_further_hours_bring_less(times) -> None:
    half = freed_hours(certain(times, 0.5), **PLAN)
    assert half.gain_year.value == pytest.approx(brought(times, 0.5, 3.0), rel=1e-3)
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
    assert brought(times, 0.4, each) == pytest.approx(freed.hire_cost_year, rel=1e-3)


def test_draws_are_those_of_a_loop(times) -> None:
    """Mean and quantiles over the posterior's points, hours held fixed."""
    fixed = replace(times, covariance=times.covariance * 0)
    freed = freed_hours(fixed, **PLAN)
    total, gains = 0.0, []
    for e, p in times.posterior.itertuples(index=False):
        gains.append(brought(times, e, 3.0))
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


def test_a_person_who_costs_nothing_pays_from_the_first_hour(times) -> None:
    """The slider's left end said "pays from 1.9e-11 hours a week"."""
    free = freed_hours(certain(times, 0.8), **{**PLAN, "sales_ops_hour_cost": 0.0})
    assert free.break_even_hours.value == free.break_even_hours.high == 0.0
    said = free.finding("break_even_hours_week").sentence
    assert said == "Such a person costs nothing, and pays from the first hour taken off the team."
    harmful = freed_hours(certain(times, -0.2), **{**PLAN, "sales_ops_hour_cost": 0.0})
    assert harmful.break_even_hours.value == np.inf
    said = harmful.finding("break_even_hours_week").sentence
    assert said.startswith("Cannot tell that a person")


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
