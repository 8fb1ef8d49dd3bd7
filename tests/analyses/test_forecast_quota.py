"""Chances of reaching quota, and the pipeline that would make it likely."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from salesops_lib import ParameterError
from salesops_lib.analyses.forecast import forecast_bookings, words
from salesops_lib.analyses.forecast.periods import Span
from salesops_lib.analyses.forecast.quota import quota_of
from salesops_lib.analyses.forecast.views import Window
from salesops_lib.analyses.forecast.what_if import Scaled, with_pipeline
from salesops_lib.estimate import Estimate
from tests.analyses.forecast_company import AS_OF, opened, planted, with_quotas

WORLD = planted(8, months=30)


@cache
def made_with(monthly: float, ahead: int = 3):
    return forecast_bookings(
        opened(with_quotas(WORLD, monthly, ahead)), as_of=AS_OF, horizon=3, draws=600
    )


def row(made, node: str = "company") -> pd.Series:
    return made.quota[made.quota["unique_id"] == node].iloc[0]


def test_quota_by_hand() -> None:
    """Months known to August (number 24319): October takes July's, November August's; December's
    stand-in, September, is unknown, and so June stands in, the same month of the quarter."""
    months = np.arange(24311, 24320)
    table = pd.DataFrame([np.arange(9.0), 10 * np.arange(9.0)], columns=months)
    span = Span("quarter", "x", 24321, 24323, Window(1, 3))
    total, assumed = quota_of(table, span)
    # 24321 → 24318 (7), 24322 → 24319 (8), 24323 → 24317 (6).
    np.testing.assert_array_equal(total, [21.0, 210.0])
    assert assumed
    known, assumed = quota_of(table, Span("quarter", "x", 24317, 24319, Window(1, 3)))
    np.testing.assert_array_equal(known, [21.0, 210.0])
    assert not assumed


def test_a_month_without_quotas_among_others_leaves_none_for_its_quarter() -> None:
    """July and September are known, August is not: two months are no quota of a quarter."""
    table = pd.DataFrame([[1.0, 2.0]], columns=[24318, 24320])
    total, assumed = quota_of(table, Span("quarter", "x", 24318, 24320, Window(1, 3)))
    assert np.isnan(total).all() and not assumed


def test_chance_is_the_share_of_futures_and_falls_with_the_quota() -> None:
    chances = []
    for monthly in (10_000.0, 45_000.0, 60_000.0, 500_000.0):
        made = made_with(monthly)
        mine = row(made)
        assert mine["quota"] == pytest.approx(6 * 3 * monthly)
        assert mine["probability_low"] <= mine["probability"] <= mine["probability_high"]
        chances.append(mine["probability"])
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99 and chances[-1] < 0.01


def test_limits_of_the_chance_and_of_the_coverage_are_those_of_the_asked_level() -> None:
    """At the level that is the normal's 1.645 either side, 90%, both were right; at others they were
    the same and said to be wider or narrower."""
    data = opened(with_quotas(WORLD, 50_000.0))
    found = []
    for confidence in (0.5, 0.9, 0.98):
        made = forecast_bookings(data, as_of=AS_OF, horizon=3, draws=600, confidence=confidence)
        mine, needed = row(made), made.finding("coverage_needed").estimate
        assert needed.confidence == confidence
        found.append((mine["probability_high"] - mine["probability_low"], needed.high - needed.low))
    chance, coverage = np.array(found).T
    assert (np.diff(chance) > 0).all()
    assert (np.diff(coverage) > 0).all()


def test_a_quota_at_the_middle_is_a_coin_toss() -> None:
    made = made_with(50_000.0)
    middle = made.ahead.sample(Window(1, 3))[:, 0]
    again = made_with(float(np.median(middle)) / 18)
    assert row(again)["probability"] == pytest.approx(0.5, abs=0.03)
    assert "cannot tell" in again.finding("quota_probability").sentence


def test_quotas_of_the_coming_quarter_or_a_stand_in() -> None:
    known, assumed = made_with(50_000.0), made_with(50_000.0, ahead=0)
    assert not row(known)["assumed"]
    assert row(assumed)["assumed"]
    assert row(assumed)["quota"] == row(known)["quota"]
    assert any("stand in" in text for text in assumed.notices)
    assert "taken to be" in assumed.finding("quota_probability").sentence


def test_out_of_reach_only_where_the_evidence_says_so() -> None:
    assert not made_with(10_000.0).quota["out_of_reach"].any()
    far = made_with(900_000.0)
    assert far.quota["out_of_reach"].all()
    found = far.finding("quotas_out_of_reach")
    assert found.estimate.value == found.estimate.n == 6


def test_chances_by_part_and_period() -> None:
    tables = with_quotas(WORLD, 50_000.0, ahead=12)
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=12, draws=300)
    wide = made.quotas_by_period()
    assert wide.columns.tolist() == ["part", "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2026"]
    assert wide["part"].iloc[0] == "Company" and len(wide) == 7
    assert wide["2026-Q4"].iloc[1:].is_monotonic_increasing
    long = made.quota.set_index(["unique_id", "period"])["probability"]
    assert wide["2027-Q2"].iloc[0] == long["company", "2027-Q2"]
    two = made.quotas_below().iloc[[0, 3]]
    assert len(made.quotas_by_period(two)) == 2
    # "less than 1%" pushed the last column of the table off a phone.
    assert made.chance_label(0.0004) == "<1%" and made.chance_label(np.nan) == "–"


def test_a_year_that_is_lost_is_told_though_the_quarter_is_open() -> None:
    """One team booked next to nothing so far this year: its quarter can be reached, its year not."""
    tables = with_quotas(WORLD, 20_000.0, ahead=12)
    deals = tables["deals"]
    behind = (deals["rep_id"] == "R0") & deals["close_date"].between("2026-01-01", "2026-08-31")
    # What was asked up to September is far out of reach, what is asked after it is not.
    before = tables["quotas"]["month"] < "2026-10-01"
    tables["quotas"]["quota"] = np.where(before, 30_000.0, tables["quotas"]["quota"])
    tables["deals"] = deals.assign(amount=np.where(behind, 1.0, deals["amount"]))
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=12, draws=300, focus="North")
    table = made.quota.set_index(["unique_id", "period"])["out_of_reach"]
    assert not table["company/North/Team 0", "2026-Q4"]
    assert table["company/North/Team 0", "2026"]
    said = made.finding("quotas_out_of_reach")
    assert said.estimate.value == 0
    assert "No team's quota of 2026-Q4 is out of reach" in said.sentence
    assert "Out of reach in 2026 by this evidence" in said.sentence
    assert said.sentence.endswith("Team 0.")


def test_quotas_that_cannot_be_judged_are_no_chance() -> None:
    """Nine months of orders: the quota is there, how far off the forecast may be is not."""
    tables = with_quotas(planted(8, months=9, ahead=0), 50_000.0)
    deals = tables["deals"]
    won = deals[(deals["status"] == "won") & (deals["close_date"] <= AS_OF)]
    orders = {"reps": tables["reps"], "quotas": tables["quotas"]}
    orders["deals"] = won.drop(columns="created_date")
    made = forecast_bookings(opened(orders), as_of=AS_OF, horizon=3, draws=100)
    assert len(made.quotas_below()) and made.quotas_below()["probability"].isna().all()
    assert made.quotas_by_period().empty
    assert "too few past forecasts" in made.quotas_unjudged
    assert "cannot tell" in made.finding("quota_probability").sentence
    assert "quotas_out_of_reach" not in [one.name for one in made.findings]
    none = forecast_bookings(opened({**orders, "quotas": orders["quotas"].iloc[:0]}), as_of=AS_OF)
    assert none.quotas_unjudged == "the data hold no quotas"
    assert none.quotas_below().empty and none.quotas_by_period().empty


def test_a_running_quarter_that_is_lost_is_told() -> None:
    """On the 20th of September ten days are left; a quota of many times what came is lost, while
    that of the coming quarter was set low."""
    tables = with_quotas(WORLD, 20_000.0, ahead=12)
    this = tables["quotas"]["month"].between("2026-07-01", "2026-09-30")
    tables["quotas"]["quota"] = np.where(this, 900_000.0, tables["quotas"]["quota"])
    made = forecast_bookings(opened(tables), as_of="2026-09-20", horizon=6, draws=300)
    said = made.finding("quotas_out_of_reach").sentence
    assert "No team's quota of 2026-Q4 is out of reach" in said
    assert "Out of reach in 2026-Q3 by this evidence" in said


def test_a_team_of_few_is_counted_but_not_named_to_the_company() -> None:
    """Six teams of one person each: the company reads their number, their region their names."""
    tables = with_quotas(WORLD, 900_000.0)
    whole, part = (
        forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, focus=focus)
        for focus in ("company", "North")
    )
    said = whole.finding("quotas_out_of_reach").sentence
    assert "Team 0" not in said and "6 teams of fewer than five people" in said
    assert "Team 0" in part.finding("quotas_out_of_reach").sentence


def _said(quotas: pd.DataFrame) -> tuple[str, ...]:
    tables = {**with_quotas(WORLD, 20_000.0), "quotas": quotas}
    return forecast_bookings(
        opened(tables), as_of=AS_OF, horizon=3, draws=100, by=("team",)
    ).notices


def test_quotas_for_some_teams_only_are_pointed_out() -> None:
    """All bookings against one team's quota are a chance of 99% that means nothing."""
    quotas = with_quotas(WORLD, 20_000.0)["quotas"]
    reps = WORLD.tables["reps"]
    few = reps.loc[reps["team"] == reps["team"].iloc[0], "rep_id"]
    some = [
        one for one in _said(quotas[quotas["rep_id"].isin(few)]) if one.startswith("Only parts")
    ]
    assert len(some) == 1
    assert not any(one.startswith("Only parts") for one in _said(quotas))
    chance = Estimate(0.995, 0.98, 0.999, 0.9, "probability")
    said = words.quota_probability(chance, 2.4e6, "2026-Q2", False, "$", 0.52)
    assert said == (
        "The chance of reaching the quota of 2026-Q2 ($2.4M) is more than 99% (98% to more than 99%, as the middle "
        "of the forecast may itself be off). All bookings count towards it, but only 52% of them came from those who "
        "have a quota."
    )


def test_quotas_for_some_reps_of_a_team_are_pointed_out() -> None:
    """Half of the reps of every region have none: bookings of all stood against them with more than
    99%, and nobody was told."""
    tables = with_quotas(WORLD, 20_000.0)
    half = sorted(tables["reps"]["rep_id"])[::2]
    quotas = tables["quotas"]
    won = tables["deals"][tables["deals"]["status"] == "won"]
    year = won[(won["close_date"] <= AS_OF) & (won["close_date"] > AS_OF - pd.DateOffset(years=1))]
    share = year.loc[year["rep_id"].isin(half), "amount"].sum() / year["amount"].sum()
    whole = pd.concat([quotas, quotas.assign(quota=0.0)])
    for some in (quotas[quotas["rep_id"].isin(half)],
                 whole.assign(quota=whole["quota"].where(whole["rep_id"].isin(half), 0.0))):  # fmt: skip
        made = forecast_bookings(
            opened({**tables, "quotas": some.drop_duplicates(["rep_id", "month"])}), as_of=AS_OF,
            horizon=3, draws=100, by=(),
        )  # fmt: skip
        told = [one for one in made.notices if one.startswith("Only reps who brought")]
        assert len(told) == 1 and f"brought {100 * share:.0f}% of" in told[0]
        assert made.finding("quota_probability").sentence.endswith(
            f"All bookings count towards it, but only {100 * share:.0f}% of them came from those who have a quota."
        )
    assert not any(one.startswith("Only reps") for one in _said(quotas))


def _halved(change: str) -> tuple[pd.Series, tuple[str, ...]]:
    """A company of twelve, and half of its reps, some of every team, without quotas after September."""
    world = planted(8, months=30, teams=12)
    reps = world.tables["reps"].assign(team=[f"Team {k % 4}" for k in range(12)], end_date=pd.NaT)
    tables = {**with_quotas(world, 22_000.0), "reps": reps}
    half = reps["rep_id"].isin([f"R{k}" for k in range(6)])
    quotas = tables["quotas"]
    late = quotas["month"] > ("2026-11-15" if change == "from December" else AS_OF)
    mine = late & quotas["rep_id"].isin(reps.loc[half, "rep_id"])
    if change == "zero":
        tables["quotas"] = quotas.assign(quota=quotas["quota"].where(~mine, 0.0))
    elif change != "none":
        tables["quotas"] = quotas[~mine]
    if change.startswith("left"):
        tables["reps"] = reps.assign(
            end_date=reps["end_date"].where(~half, pd.Timestamp("2026-09-29"))
        )
    if change == "left, others came":
        more = quotas[mine].assign(rep_id="New " + quotas["rep_id"])
        tables["quotas"] = pd.concat([tables["quotas"], more])
    made = forecast_bookings(
        opened(tables), as_of=AS_OF, horizon=3, draws=300, by=("region", "team"), origins=6
    )
    return row(made), made.notices


def test_quotas_that_are_not_set_yet_do_not_raise_the_chance() -> None:
    """Half of the reps have no quota for the coming quarter: what all will book stood against the quotas
    of the others with 99%, where 45% of forty such companies came to the quota of all, and nothing
    was said, as everybody had a quota in the year before."""
    whole, said = _halved("none")
    assert not any("no quota yet" in one for one in said)
    for change, money in (("not set", "$396K"), ("from December", "$132K")):
        some, said = _halved(change)
        assert some["quota"] == whole["quota"] == 12 * 3 * 22_000.0
        assert some["probability"] == whole["probability"] < 0.9
        told = [one for one in said if "no quota yet" in one]
        assert len(told) == 1 and told[0].startswith("6 reps have") and money in told[0]


def test_quotas_of_who_left_are_told() -> None:
    """Nothing stands in for them, nor for a quota of 0: what they booked is still in the forecast."""
    for change in ("left", "zero"):
        some, said = _halved(change)
        assert some["quota"] == 6 * 3 * 22_000.0
        told = [one for one in said if "nobody new has it" in one]
        assert len(told) == 1 and told[0].startswith("Reps who had 50% of the quota")
    assert not any("nobody new" in one for one in _halved("left, others came")[1])


def test_quotas_of_nothing_are_told() -> None:
    """An export that fills the months not planned yet with zeros."""
    quotas = with_quotas(WORLD, 20_000.0)["quotas"]
    later = quotas["month"] > AS_OF
    zero = _said(quotas.assign(quota=quotas["quota"].where(~later, 0.0)))
    assert any(one.startswith("The quotas of 2026-Q4 are zero") for one in zero)
    assert not any("are zero" in one for one in _said(quotas))
    tables = {**with_quotas(WORLD, 20_000.0), "quotas": quotas.assign(quota=0.0)}
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, by=("team",))
    assert made.quotas_unjudged == "the quotas of 2026-Q4 are zero or incomplete"


def test_how_old_the_quotas_are_that_stand_in() -> None:
    quotas = with_quotas(WORLD, 20_000.0)["quotas"]
    old = _said(quotas[quotas["month"] < "2026-03-01"])
    assert any("which hold them up to 2026-02" in one for one in old)


def test_quotas_older_than_a_year_are_still_those_of_all_reps() -> None:
    """All reps have one that stands in: that only who brought 0% of the bookings had one was said of it."""
    tables = with_quotas(WORLD, 20_000.0)
    month = tables["quotas"]["month"] - pd.DateOffset(months=16)
    tables["quotas"] = tables["quotas"].assign(month=month)
    made = forecast_bookings(opened(tables), as_of=AS_OF, horizon=3, draws=100, by=())
    assert any("which hold them up to 2025-08" in one for one in made.notices)
    assert not any(one.startswith("Only reps") for one in made.notices)


def test_the_needed_pipeline_would_give_four_in_five() -> None:
    """`coverage_needed` and the what-if agree: that much pipeline reaches quota with 80%."""
    made = made_with(60_000.0)
    mine = row(made)
    factor = mine["coverage_needed"] / mine["coverage_now"]
    assert factor > 1
    text = with_pipeline(made, "company", factor).sentence
    chance = float(text.rpartition("quota is ")[2].rstrip("%."))
    assert chance == pytest.approx(80, abs=4)
    estimate = made.finding("coverage_needed").estimate
    assert estimate.low < estimate.value < estimate.high


def test_more_pipeline_spreads_by_what_deals_share_and_what_they_do_not() -> None:
    """Own variance 4 grows by the factor, the shared 9 by its square, the tie of 1 with deals not begun
    yet by the factor, twice: 4·2 + 9·4 + 2·2·1 + 16 = 64 for twice the pipeline."""
    one = np.ones(1)
    scaled = Scaled(10 * one, 5 * one, 4 * one, 9 * one, 1 * one, 16 * one, 0.5 * one, 3 * one)
    assert scaled.mean(2.0) == pytest.approx([0.5 * 25])
    assert scaled.spread(2.0) == pytest.approx([3 * 8])
    made = made_with(60_000.0)
    window = Window(1, 3)
    sample = made.ahead.sample(window)
    found = Scaled.of(made.ahead, window, sample)
    assert found.spread(1.0) == pytest.approx(sample.std(axis=0))
    assert found.mean(1.0) == pytest.approx(made.ahead.mean(window))
    # Some of the company's luck is shared, and most of a team's is its own deals'.
    assert found.shared[0] > 0
    assert found.own[-1] > found.shared[-1]


def test_coverage_in_words_at_its_edges() -> None:
    def said(value: float, low: float, high: float, now: float) -> str:
        return words.coverage_needed(Estimate(value, low, high, unit="ratio"), now, "2026-Q4")

    assert "without today's pipeline" in said(0.0, 0.0, 0.5, 2.0)
    assert "No amount" in said(np.inf, 4.0, np.inf, 2.0)
    assert "too little" in said(3.0, 2.5, 3.5, 2.0)
    assert "enough" in said(3.0, 2.5, 3.5, 4.0)
    assert "cannot tell" in said(3.0, 2.5, 3.5, 3.1)


def test_more_pipeline_brings_more_in_proportion_to_its_part() -> None:
    made = made_with(50_000.0)
    once, twice = (with_pipeline(made, "company", f).estimate for f in (1.0, 2.0))
    opened_, new = (
        made.pipeline.set_index("unique_id").loc["company", c]
        for c in ("expected_open", "expected_new")
    )
    assert twice.value / once.value == pytest.approx(1 + opened_ / (opened_ + new), rel=0.02)
    assert once.value == pytest.approx(made.finding("bookings_next_quarter").estimate.value)
    with pytest.raises(ParameterError, match="factor == -1"):
        with_pipeline(made, "company", -1)
    with pytest.raises(ParameterError, match="Atlantis"):
        with_pipeline(made, "Atlantis", 1)
