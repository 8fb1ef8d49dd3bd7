"""Levers: arithmetic by hand where nothing is luck, published ratios, monotony, words."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from salesops_lib import (
    DataError,
    Estimate,
    NotEnoughData,
    ParameterError,
    moving_the_middle,
    performance_curve,
)
from salesops_lib.analyses.performance_curve import (
    LeverTable,
    PerformanceCurve,
    Replacement,
    lever_words,
    lift_ratio,
    star_deals,
)
from tests.analyses.curve_frames import rep_months, steady
from tests.reference import performance_curve as published

# Two stars of 30, six core reps of 20 and 10, two at the bottom with 5: per month, always.
STEADY = {f"R{i}": v for i, v in enumerate([30, 30, 20, 20, 20, 10, 10, 10, 5, 5])}


@pytest.fixture(scope="module")
def certain() -> PerformanceCurve:
    return performance_curve(steady(STEADY), samples=0)


@pytest.fixture(scope="module")
def curve() -> PerformanceCurve:
    rng = np.random.default_rng(2)
    skill = 1e5 * np.exp(0.25 * rng.standard_normal(40))
    return performance_curve(rep_months(skill, 12, rng), samples=0, draws=2_000)


def _row(table: LeverTable, name: str) -> pd.Series:
    return table.levers.set_index("lever").loc[name]


def test_lifting_by_hand(certain: PerformanceCurve) -> None:
    """5% of 3·20 + 3·10 = 90 a month, 12 months, margin .5: 27; cost 6 · 1 + 2 = 8."""
    table = moving_the_middle(
        certain, lift=0.05, gross_margin=0.5, cost_per_rep=1.0, programme_cost=2.0
    )
    row = _row(table, "moving_the_middle")
    assert (row["value"], row["cost"], row["net"]) == pytest.approx((27, 8, 19))
    # 8 of cost over 540 of core revenue at the margin: 1.48% lifted.
    assert row["break_even"] == pytest.approx(8 / 540)
    assert table.finding("moving_the_middle").estimate.value == pytest.approx(19)


def test_closing_the_gap_by_hand(certain: PerformanceCurve) -> None:
    """Gap 30 − 15 = 15, a fifth of it is 3, six reps, 12 months: 216."""
    table = moving_the_middle(certain, gap_closed=0.2)
    assert _row(table, "moving_the_middle")["value"] == pytest.approx(216)


def test_star_deals_by_hand(certain: PerformanceCurve) -> None:
    """Two stars, 1.5 deals of 40 at a margin of .5, each costing 4: 60 − 12."""
    table = moving_the_middle(
        certain, star_deal_value=40, star_deals_year=1.5, star_deal_cost=4, gross_margin=0.5
    )
    row = _row(table, "star_deal")
    assert (row["value"], row["cost"], row["net"]) == pytest.approx((60, 12, 48))
    said = table.finding("star_deal").sentence
    assert said.startswith("1.5 more deals a year from each of 2 stars are worth")
    one = lever_words.lever(
        {**row, "lever": "star_deal", "reps": 1}, table.finding("star_deal").estimate, lift=0.05,
        gap_closed=None, deals_year=1.0, years=3.0, unlucky=0.0, currency="$",
    )  # fmt: skip
    assert one.startswith("One more deal a year from the one star is worth")
    assert "of cost a year" in one and "costs nothing" not in one
    # A deal that costs nothing cannot lose, and nobody can count on one: who reads it must read why.
    free = moving_the_middle(certain, star_deal_value=40, star_deal_cost=0, gross_margin=0.5)
    assert free.finding("star_deal").sentence.endswith(", if it costs nothing to win.")
    assert free.finding("star_deal").condition == "it costs nothing to win"
    assert table.finding("star_deal").condition == ""
    # The pictures said "One more deal" of any number.
    assert row["label"] == "1.5 more deals from each star"
    assert _row(free, "star_deal")["label"] == "One more deal from each star, at no cost"


def test_replacing_by_stars_by_hand(certain: PerformanceCurve) -> None:
    """Two reps of 5 by two of 30: 50 a month, 600 a year. Once: two months without 10 and without
    their pay of 2·24/12·2 = 8, so 20 − 8; three months of 60 lost in ramp; 2 · (7 + 3). Over four
    years, with 2 · 6 of premium a year."""
    terms = {
        "ramp_months": 3, "vacancy_months": 2, "hiring_cost": 7, "severance_cost": 3,
        "pay_year": 24, "star_premium": 6,
    }  # fmt: skip
    row = _row(moving_the_middle(certain, replacement=terms, horizon_years=4), "replacement_star")
    once = (20 - 8) + 3 * 60 + 2 * 10
    assert row["once"] == pytest.approx(once)
    assert row["value"] == pytest.approx(600)
    assert row["net"] == pytest.approx(600 - 12 - once / 4)
    assert row["break_even"] == pytest.approx(once / ((600 - 12) / 12))


def test_replacing_by_average_hires_without_luck(certain: PerformanceCurve) -> None:
    """The mean rep sells 16: two of them for two of 5 are worth 22 a month."""
    table = moving_the_middle(certain)
    assert _row(table, "replacement")["value"] == pytest.approx(22 * 12)
    assert math.isnan(_row(table, "replacement")["low"])


def test_published_ratios_come_out_exactly() -> None:
    """The illustration in millions, and "20% deliver 60%" with the rest in the middle."""
    shares = published.ILLUSTRATION
    assert lift_ratio(shares["core"], shares["star"]) == published.ILLUSTRATION_RATIO
    star = published.SURVEY_STAR_SHARE
    assert lift_ratio(1 - star, star) == pytest.approx(published.SURVEY_RATIO, rel=1e-15)


@pytest.mark.parametrize(
    ("star", "core", "laggard", "ratio"),
    [
        (50.0, 102.0, 20.0, published.ILLUSTRATION_RATIO),
        (60.0, 40.0, 0.0, published.SURVEY_RATIO),
    ],
)
def test_published_ratios_come_out_of_a_company_like_that(
    star: float, core: float, laggard: float, ratio: float
) -> None:
    """Revenue of each tier spread evenly over its reps and months: the finding, the arithmetic
    and the two lifts all give the published number."""
    millions = 1e6 / 12
    values = {f"S{i}": star / 2 for i in range(2)}
    values |= {f"C{i}": core / 6 for i in range(6)}
    values |= {f"L{i}": laggard / 2 for i in range(2)}
    curve = performance_curve(steady({k: v * millions for k, v in values.items()}), samples=0)
    table = moving_the_middle(curve)
    assert table.observed_ratio == pytest.approx(ratio, rel=1e-12)
    assert table.finding("middle_to_star_ratio").estimate.value == pytest.approx(ratio, rel=1e-12)
    # "+5% of the middle" against "+5% of the top", in money.
    lifted = _row(table, "moving_the_middle")["value"]
    assert lifted / (0.05 * star * 1e6) == pytest.approx(ratio, rel=1e-12)


def test_seventy_percent_more_is_not_asserted(certain: PerformanceCurve) -> None:
    """90 of the core over 60 of the stars is 1.5, not 1.70."""
    assert moving_the_middle(certain).observed_ratio == pytest.approx(1.5)


def test_the_observed_ratio_is_that_of_what_was_booked() -> None:
    """Stars of 60 a month who were there for half of six months booked 540 in the year, the core 90 a month
    and 1,080, or in its last six months 540: it is no ratio of means, nor of rows."""
    frame = steady(STEADY)
    part = frame["rep_id"].isin(["R0", "R1"]) & (frame.groupby("rep_id").cumcount() < 6)
    frame["share"] = np.where(part, 0.5, 1.0)
    frame["bookings"] *= frame["share"]
    short = frame[frame["rep_id"].isin(["R0", "R1"]) | (frame.groupby("rep_id").cumcount() >= 6)]
    for rows, ratio in ((frame, 2.0), (short, 1.0)):
        curve = performance_curve(rows, samples=0, exposure="share")
        assert moving_the_middle(curve).observed_ratio == pytest.approx(ratio)
        # What a percent more would bring is counted by full months, whoever was there for how many.
        assert moving_the_middle(curve).ratio.value == pytest.approx(1.5, rel=0.02)


def test_the_best_of_the_own_levers_is_found_without_the_what_if(curve: PerformanceCurve) -> None:
    """A lift of nothing brings nothing, and replacing by average hires something; by stars it would bring
    more, which leaves replacing the best of the two that need none."""
    table = moving_the_middle(curve, lift=0.0)
    own, all_ = (table.levers.set_index("lever")[name] for name in ("p_best_own", "p_best"))
    assert all_["replacement_star"] > 0.8
    assert own["replacement"] > 0.8 and own["moving_the_middle"] < 0.2
    assert np.isnan(own["replacement_star"])


def test_how_many_at_the_bottom_are_there_by_bad_luck() -> None:
    """The sum of the chances that those at the bottom do not belong there: few where skill is wide."""
    rng = np.random.default_rng(3)
    skill = 1e5 * np.exp(0.6 * rng.standard_normal(60))
    curve = performance_curve(rep_months(skill, 12, rng), samples=0, draws=2_000)
    bottom = curve.reps[curve.reps["tier"] == "laggard"]
    unlucky = float((1 - bottom["p_laggard"]).sum())
    assert abs(unlucky - len(bottom) / 2) > 1
    said = moving_the_middle(curve).finding("replacement").sentence
    assert f"about {unlucky:.0f} of the {len(bottom)} would not be at the bottom" in said


def test_leavers_are_ranked_but_not_acted_on() -> None:
    frame = steady(STEADY)
    last = frame["month"].max()
    gone = frame[~((frame["rep_id"] == "R9") & (frame["month"] == last))]
    curve = performance_curve(gone, samples=0)
    table = moving_the_middle(curve)
    assert _row(table, "replacement")["reps"] == 1
    assert any("1 rep with no row in the last month has left" in t for t in table.notices)
    assert _row(moving_the_middle(curve, whom="all"), "replacement")["reps"] == 2


def test_who_leaves_in_the_last_month_is_not_acted_on() -> None:
    """R9 sold in the last month and left on its 20th, R8 is known to go in the next: of the two at the
    bottom one is there to be replaced. Where two of 24 reps go in the last two months, what replacing is
    worth was 11% too much."""
    frame = steady(STEADY)
    months = pd.to_datetime(frame["month"])
    after = months.max() + pd.DateOffset(months=1)
    days = {"R9": months.max() + pd.Timedelta(days=19), "R8": after}
    frame = frame.assign(end_date=frame["rep_id"].map(days))
    curve = performance_curve(frame, leaves="end_date", samples=0)
    assert curve.reps.set_index("rep_id")["present"].drop("R9").all()
    assert not curve.reps.set_index("rep_id").loc["R9", "present"]
    table = moving_the_middle(curve)
    assert _row(table, "replacement")["reps"] == 1
    assert any("1 rep has left by the end of the last month" in t for t in table.notices)
    assert _row(moving_the_middle(curve, whom="all"), "replacement")["reps"] == 2
    # Ranks and values are those of everyone.
    plain = performance_curve(frame.drop(columns="end_date"), samples=0).reps
    pd.testing.assert_frame_equal(curve.reps.drop(columns="present"), plain.drop(columns="present"))


def test_days_of_leaving_that_are_none_are_refused() -> None:
    frame = steady(STEADY).assign(end_date="soon")
    with pytest.raises(DataError, match="end_date"):
        performance_curve(frame, leaves="end_date", samples=0)
    with pytest.raises(DataError, match="left_on"):
        performance_curve(frame, leaves="left_on", samples=0)


def test_stars_whose_returns_outweigh_their_sales_are_no_levers() -> None:
    """A report failed on a ratio to less than nothing."""
    frame = steady({name: value - 100 for name, value in STEADY.items()})
    with pytest.raises(NotEnoughData, match="returns outweigh what the stars sold"):
        moving_the_middle(performance_curve(frame, samples=0))


def test_a_lever_that_acts_on_nobody_is_said_to() -> None:
    """Both reps at the bottom have left and no deal of a star is known: a report asked for these
    findings by name, and failed."""
    frame = steady(STEADY)
    last = frame["month"].max()
    gone = frame[~(frame["rep_id"].isin(["R8", "R9"]) & (frame["month"] == last))]
    table = moving_the_middle(performance_curve(gone, samples=0))
    assert list(table.levers["lever"]) == ["moving_the_middle"]
    for name, said in (
        ("replacement", "There is nobody to replace by average hires: nobody who is still there"),
        ("replacement_star", "There is nobody to replace by stars: nobody who is still there"),
        ("star_deal", "Cannot tell what one more deal from each star would be worth"),
    ):
        found = table.finding(name)
        assert found.sentence.startswith(said)
        assert math.isnan(found.estimate.value) and found.estimate.unit == "money/year"
    ten = moving_the_middle(performance_curve(gone, samples=0), star_deals_year=10)
    assert ten.finding("star_deal").sentence.startswith(
        "Cannot tell what 10 more deals from each star"
    )


def test_more_is_worth_more(curve: PerformanceCurve) -> None:
    little, much = (moving_the_middle(curve, gap_closed=g) for g in (0.1, 0.2))
    assert _row(much, "moving_the_middle")["value"] == pytest.approx(
        2 * _row(little, "moving_the_middle")["value"]
    )
    cheap, dear = (moving_the_middle(curve, replacement={"hiring_cost": c}) for c in (0, 9e4))
    # 8 reps, 90,000 each, over three years.
    assert _row(cheap, "replacement")["net"] - _row(dear, "replacement")["net"] == pytest.approx(
        8 * 9e4 / 3
    )
    assert dear.finding("replacement").estimate.low < cheap.finding("replacement").estimate.low


def test_chances_add_up_and_money_scales(curve: PerformanceCurve) -> None:
    table = moving_the_middle(curve, star_deal_value=2e4)
    assert table.levers["p_best"].sum() == pytest.approx(1)
    assert (table.levers["net_low"] <= table.levers["net"]).all()
    assert (table.levers["net"] <= table.levers["net_high"]).all()
    half = moving_the_middle(curve, star_deal_value=2e4, gross_margin=0.5)
    assert half.levers["value"].to_numpy() == pytest.approx(table.levers["value"] / 2)


def test_stars_from_elsewhere_are_a_what_if(curve: PerformanceCurve) -> None:
    """Best in nearly every draw, yet never the lever called best: nobody can count on stars."""
    table = moving_the_middle(curve, gap_closed=0.05, star_deal_value=2e4)
    star = _row(table, "replacement_star")
    assert star["p_best"] > 0.8
    assert math.isnan(star["p_best_own"])
    own = table.levers.dropna(subset=["p_best_own"])
    assert own["p_best_own"].sum() == pytest.approx(1)
    assert (own["p_best_own"] >= own["p_best"]).all()
    best = table.finding("best_lever")
    assert best.estimate.value == own["p_best_own"].max()
    assert "cannot tell; the likeliest is to" in best.sentence or "pays most is to" in best.sentence
    assert "by stars would pay more than any of these" in best.sentence
    assert best.sentence.endswith("it is shown as a what-if and not ranked.")
    # "with probability >99%": signs are for tables.
    assert ">" not in best.sentence and "a probability of " in best.sentence
    # Where stars ask for more than they bring, there is nothing to say of them.
    dear = moving_the_middle(curve, gap_closed=0.2, replacement={"star_premium": 1e8})
    assert "stars would" not in dear.finding("best_lever").sentence


def test_hires_widen_the_interval_and_not_the_value(curve: PerformanceCurve) -> None:
    """Eight hires: the interval holds the luck of who they are, the value is an average hire's."""
    row = _row(moving_the_middle(curve), "replacement")
    skill = curve.posterior
    low = curve.reps["tier"].to_numpy() == "laggard"
    mean = (8 * skill.population - skill.draws[:, low].sum(1)) * 12
    assert row["value"] == pytest.approx(np.median(mean))
    assert row["high"] - row["low"] > 1.15 * np.subtract(*np.quantile(mean, [0.95, 0.05]))


def test_deal_sizes_are_uncertain(curve: PerformanceCurve) -> None:
    """Forty skewed deals: the interval is wider than that of the mean alone, around the mean."""
    amounts = np.random.default_rng(3).lognormal(10, 1.0, 40)
    sampled = _row(moving_the_middle(curve, star_deal_value=amounts), "star_deal")
    known = _row(moving_the_middle(curve, star_deal_value=float(amounts.mean())), "star_deal")
    assert known["low"] == known["high"] == pytest.approx(8 * amounts.mean())
    assert sampled["value"] == pytest.approx(known["value"])
    mean_alone = 2 * 1.645 * 8 * amounts.std() / np.sqrt(40)
    assert sampled["high"] - sampled["low"] > 1.5 * mean_alone
    assert sampled["low"] > 0


def test_an_estimate_of_ramp_carries_its_uncertainty(curve: PerformanceCurve) -> None:
    ramp = Estimate(3.0, 1.0, 6.0, 0.90, "months")
    unsure = _row(moving_the_middle(curve, replacement={"ramp_months": ramp}), "replacement")
    sure = _row(moving_the_middle(curve, replacement={"ramp_months": 3.0}), "replacement")
    assert unsure["net_high"] - unsure["net_low"] > sure["net_high"] - sure["net_low"]


def test_deals_of_the_stars_only(certain: PerformanceCurve) -> None:
    """Two reps with deals are too few to tell whether they differ, so theirs are as they are."""
    deals = pd.DataFrame(
        {
            "rep_id": ["R0", "R5", "R0", "R5", "R0", "R0", "R5", "R0", "R0", "R0"],
            "status": ["won"] * 7 + ["lost"] + ["won"] * 2,
            "amount": [1.0, 99, 3, 99, 5, 6, 99, 99, 7, 8],
            "close_date": pd.date_range("2025-01-01", periods=10, freq="MS"),
        }
    )
    found = star_deals(certain, deals, since=pd.Timestamp("2025-02-01"))
    assert found is not None
    assert found.tolist() == [3, 5, 6, 7, 8]
    assert set(found.index) == {"R0"}
    assert star_deals(certain, deals, since=pd.Timestamp("2025-04-01")) is None


def test_without_deals_the_lever_is_left_out_and_said(curve: PerformanceCurve) -> None:
    table = moving_the_middle(curve)
    assert "star_deal" not in set(table.levers["lever"])
    assert any("one more star deal is not valued" in text for text in table.notices)


def test_sentences_say_cannot_tell(curve: PerformanceCurve) -> None:
    table = moving_the_middle(curve, replacement={"hiring_cost": 1e5, "ramp_months": 3})
    row = _row(table, "replacement")
    assert row["net_low"] < 0 < row["net_high"]
    assert "Whether it pays: cannot tell" in table.finding("replacement").sentence
    ruin = moving_the_middle(curve, replacement={"hiring_cost": 1e8})
    assert "it does not pay" in ruin.finding("replacement").sentence
    assert _row(ruin, "replacement")["break_even_text"].endswith("months")


def test_bad_arguments_are_named(curve: PerformanceCurve) -> None:
    for wrong, match in (
        ({"gap_closed": 1.5}, r"gap_closed == 1.5"),
        ({"lift": -2.0}, r"lift == -2.0"),
        ({"horizon_years": 0}, r"horizon_years == 0"),
        ({"whom": "some"}, r"whom == 'some'"),
        ({"replacement": {"ramp": 3}}, r"replacement has no ramp; it has hiring_cost"),
    ):
        with pytest.raises(ParameterError, match=match):
            moving_the_middle(curve, **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotEnoughData, match="fewer than two star deals"):
        moving_the_middle(curve, star_deal_value=[1.0])
    assert Replacement.read(5_000.0) == Replacement.read(5_000) == Replacement(hiring_cost=5_000.0)


@pytest.mark.parametrize(("chance", "settled"), [(0.89, False), (0.91, True)])
def test_a_best_lever_is_told_at_the_level_of_an_interval(chance: float, settled: bool) -> None:
    table = pd.DataFrame({
        "lever": ["moving_the_middle", "star_deal"], "label": ["Move the middle", "One star deal"],
        "p_best_own": [chance, 1 - chance], "p_best": [chance, 1 - chance], "net": [2e6, 1e6],
        "net_low": 1e5, "cost": 0.0,
    })  # fmt: skip
    said = lever_words.best(table)
    assert said.startswith(
        "The lever that pays most" if settled else "Which lever pays most: cannot"
    )


@pytest.mark.parametrize("lever", ["moving_the_middle", "star_deal", "replacement"])
@pytest.mark.parametrize("chance", [0.5, 0.95])
def test_the_best_lever_is_something_to_do(lever: str, chance: float) -> None:
    """A report said that the lever that pays most is to one more deal from each star."""
    others = [one for one in lever_words.LEVER_LABELS if one != lever]
    own = dict.fromkeys(others, 0.0) | {lever: chance, "replacement_star": math.nan}
    table = pd.DataFrame({
        "lever": list(own), "label": [lever_words.LEVER_LABELS[one] for one in own],
        "p_best_own": list(own.values()), "p_best": 0.1, "net": 1e6, "net_low": 1e5,
        "cost": 0.0,
    })  # fmt: skip
    done = {"moving_the_middle": "move", "star_deal": "get", "replacement": "replace"}[lever]
    assert f"is to {done} " in lever_words.best(table)
    assert ("is to get 2 more deals from each star" in lever_words.best(table, 2.0)) == (
        lever == "star_deal"
    )
    free = ", if it costs nothing to win, (probability"
    assert (free in lever_words.best(table)) == (lever == "star_deal")
    assert free not in lever_words.best(table.assign(cost=1.0))


@pytest.mark.parametrize(
    ("low", "pays"), [(0.1, True), (0.0, False), (-1.0, False), (math.nan, False)]
)
def test_the_best_of_levers_may_not_pay(low: float, pays: bool) -> None:
    """One that is ahead of all others, which lose more, was said to pay most, and beside it that nobody can tell
    whether it pays."""
    table = pd.DataFrame({
        "lever": ["moving_the_middle", "replacement"], "label": ["Move the middle", "Replace"],
        "p_best_own": [0.99, 0.01], "p_best": [0.99, 0.01], "net": [1e5, -2e6], "net_low": [low, -3e6],
        "cost": 1.0,
    })  # fmt: skip
    said = lever_words.best(table)
    assert said.startswith("The lever that pays most is to move")
    assert said.endswith("(probability 99%).") == pays
    assert ("if any does: whether it pays, we cannot tell." in said) == (not pays)
