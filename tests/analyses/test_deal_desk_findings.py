"""What the deal desk prints holds what is planted: a few of the companies that `make calibrate` asks,
and the arithmetic of its limits by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.calibration import deal_desk_findings as calibration
from salesops_lib import wording
from salesops_lib.analyses.deal_desk import (
    approval_case,
    deal_desk,
    hold_prices,
    quote_time,
    views,
    words,
)
from salesops_lib.errors import NotEnoughData
from salesops_lib.estimate import Estimate
from salesops_lib.figures.deal_desk import waterfall
from salesops_lib.statistics.rare_sums import gamma_limits
from tests.analyses.desk_frames import by_hand, company

SAYS = "says"


def tolerance(replicates: int) -> float:
    return 0.02 + 3 * float(np.sqrt(0.9 * 0.1 / replicates))


@pytest.mark.slow
@pytest.mark.parametrize(("at", "replicates"), [(0, 24), (4, 16)])
def test_findings_hold_what_is_planted(at: int, replicates: int) -> None:
    rows = calibration.block(at, 99, replicates, seed=3)
    table = calibration.summary(calibration.COMPANIES[at], rows, 3).set_index("quantity")
    table = table[table["asked"].astype(bool) & (table["replicates"] == replicates)]
    said = table.index.str.startswith(SAYS)
    assert len(table) >= 15 and said.sum() >= 3
    off = 0.90 - table.loc[~said, "coverage"]
    assert (off <= tolerance(replicates)).all(), off.to_dict()
    wrong = table.loc[said, "coverage"]
    assert (wrong <= 0.10 + 0.02 + 3 * np.sqrt(0.09 / replicates)).all(), wrong.to_dict()


def test_every_finding_has_a_row_or_follows_one() -> None:
    rows = calibration.block(0, 99, 1, seed=4)
    known = set(rows["quantity"]) | set(calibration.FOLLOWS)
    desk = deal_desk(company(deals=40))
    found = [one.name for one in (*desk.findings, *approval_case(desk, threshold=0.15).findings)]
    found += [one.name for one in quote_time(company(deals=40)).findings]
    # With a row in the table of the analysis itself.
    assert set(found) <= known | {"price_realisation"}


def test_what_follows_is_an_exact_transform() -> None:
    desk = deal_desk(company())
    year = desk.discount_year
    paid = desk.realisation
    assert year.low == pytest.approx(desk.list_year * (1 - paid.high))
    assert year.high == pytest.approx(desk.list_year * (1 - paid.low))
    factor = desk.quarter_end_year.value / desk.quarter_end.value
    assert desk.quarter_end_year.low == pytest.approx(factor * desk.quarter_end.low)
    late = desk.deals[desk.deals["won"] & desk.deals["late"]]
    assert factor == pytest.approx(late["listed"].sum() * 12 / desk.months)


def test_gamma_limits_by_hand() -> None:
    """Parts 1 and 3 of four units: mean 1, variance within 4/3 · (0 + 1 + 1 + 4) = 8. One gamma has mean
    4 and variance 8 (chi-square of 4), the other 3 more of each and 9 of variance: 7 and 17. Limits are
    those of both in equal parts."""
    parts = np.array([0.0, 1.0, 0.0, 3.0])
    low, high = gamma_limits(parts, np.zeros(4, dtype=np.int64), 0.90)
    for x, at in ((low, 0.05), (high, 0.95)):
        both = stats.chi2.cdf(x, 4) + stats.gamma.cdf(x, 49 / 17, scale=17 / 7)
        assert both / 2 == pytest.approx(at)
    # Units that are alike within two strata vary in nothing: what is left is another part of 2.
    low, _ = gamma_limits(np.array([2.0, 2.0, 0.0, 0.0]), np.array([0, 0, 1, 1]), 0.90)
    assert low == pytest.approx(stats.gamma.ppf(0.10, 9, scale=2 / 3))


def test_gamma_limits_of_single_events_are_the_mid_p_limits_of_a_poisson_count() -> None:
    low, high = gamma_limits(np.repeat([1.0, 0.0], [5, 10**6]), np.zeros(10**6 + 5, int), 0.90)
    for mean, at in ((low, 0.95), (high, 0.05)):
        below = stats.poisson.cdf(4, mean) + stats.poisson.pmf(5, mean) / 2
        assert below == pytest.approx(at, abs=1e-4)
    # Of none: half of the chance of none is a twentieth.
    none = gamma_limits(np.zeros(9), np.zeros(9, int), 0.90)
    assert none == (0.0, pytest.approx(np.log(10)))


def test_reliability_by_hand() -> None:
    """Six reps at −2.5 to 2.5 times .03 around .12, 40 deals each with a noise of .05: the variance
    between them is .03² · 3.5, that of a mean .05²/40."""
    rng = np.random.default_rng(0)
    rep = np.repeat(np.arange(6), 40)
    noise = rng.standard_normal((6, 40))
    noise = 0.05 * (noise - noise.mean(axis=1, keepdims=True)) / noise.std(axis=1, keepdims=True)
    listed = np.full(240, 1_000.0)
    deals = pd.DataFrame({
        "rep_id": rep, "status": "won", "list_amount": listed,
        "amount": listed * (1 - 0.12 - 0.03 * (rep - 2.5) - noise.ravel()),
        "close_date": pd.Timestamp("2026-04-01") + pd.to_timedelta(np.tile(np.arange(40), 6), "D"),
    })  # fmt: skip
    found = deal_desk(deals).reliability
    share = 0.03**2 * 3.5 / (0.03**2 * 3.5 + 0.05**2 / 40)
    assert found.value == pytest.approx(share, abs=0.01) and found.low < share < found.high


def test_break_even_by_hand() -> None:
    """Twelve deals at list 100 and 30% off leave 10 each beyond 20%: an approval of 2 pays where a fifth
    of it is saved. All alike with a rep they leave no doubt but of one more of 10, a gamma of mean 130
    and variance 100 that counts for half. What reps give who never go so far is no doubt either."""
    reps = ["A", "B", "C", "D"] * 3 + ["E", "F"] * 6
    deals = quotes([40] * 24, reps, [0.3] * 12 + [0.1] * 12)
    case = approval_case(deal_desk(deals), threshold=0.2, approval_cost=2.0)
    low, high = stats.gamma.ppf([0.10, 0.90], 169, scale=10 / 13)
    assert case.break_even.value == pytest.approx(0.2)
    # Of the wider limits the lower leaves that one more out, and the upper does not halve it.
    most = stats.gamma.ppf(0.95, 169, scale=10 / 13)
    assert (case.break_even.low, case.break_even.high) == pytest.approx((24 / most, 0.2))
    # All of them closed in one month: a year holds twelve times as much.
    assert case.above_year.value == pytest.approx(12 * 120)
    assert (case.above_year.low, case.above_year.high) == pytest.approx((12 * low, 12 * high))
    assert case.approvals_month.value == 12 and case.approvals_month.high < 15


def test_of_few_deals_only_what_they_add_up_to_is_said() -> None:
    case = approval_case(deal_desk(by_hand(), last_month="2026-09"), threshold=0.15)
    assert case.won_above == 2 and np.isnan(case.above_year.low)
    for name in ("discount_above_threshold_year", "approval_break_even"):
        sentence = case.finding(name).sentence
        assert "those are 2 deals, too few" in sentence and "interval" not in sentence


def test_a_rate_reads_the_same_in_its_sentence_and_in_the_list_of_findings() -> None:
    """The list said 4 deals a month, 3 to 5, of 3.6, 2.8 to 4.7; and 0 at both ends of 0 to 0.19."""
    desk = deal_desk(company(deals=40))
    for threshold in (0.2, 0.9):
        case = approval_case(desk, threshold=threshold)
        low, high = (
            wording.interval(case.approvals_month).removeprefix("90% interval ").split(" to ")
        )
        sentence = case.finding("approval_deals_month").sentence
        assert f"for as many offers {low} to {high}" in sentence
        none = case.approvals_month.value == 0
        assert none is (threshold == 0.9)
        said = wording.alone(case.approvals_month)
        assert sentence.startswith("No deal is offered" if none else f"{said} deals a month")


def test_deals_of_one_customer_are_one_event() -> None:
    deals = company(deals=40)
    pairs = deals.assign(account_id=np.arange(len(deals)) // 2)
    alone, together = (approval_case(deal_desk(one), threshold=0.15) for one in (deals, pairs))
    assert together.approvals_month.value == alone.approvals_month.value
    assert together.approvals_month.high > alone.approvals_month.high


def quotes(days: list[int], reps: list[str], discounts: list[float]) -> pd.DataFrame:
    return pd.DataFrame({
        "deal_id": np.arange(len(days)), "rep_id": reps, "status": "won",
        "quoted_date": pd.Timestamp("2026-01-01"),
        "close_date": pd.Timestamp("2026-01-01") + pd.to_timedelta(days, unit="D"),
        "list_amount": 100.0, "amount": 100.0 * (1 - np.array(discounts)),
    })  # fmt: skip


def test_slow_reps_are_no_slow_discounts() -> None:
    """Rep A takes 50 to 73 days with whatever discount, most of A's large; B takes 10 to 33, most of
    B's small."""
    days = [*range(50, 74), *range(10, 34)]
    large = [0.3 if at % 4 else 0.1 for at in range(24)]
    small = [0.3 if at % 4 == 0 else 0.1 for at in range(24)]
    frame = quotes(days, ["A"] * 24 + ["B"] * 24, large + small)
    found = quote_time(frame)
    assert "Cannot tell whether quotes" in found.findings[0].sentence
    # Nobody known: all of it is taken for the discount.
    assert "take longer" in quote_time(frame.drop(columns="rep_id")).findings[0].sentence


def test_quicker_discounts_and_groups_undecided_are_said() -> None:
    days = [5 + at if at % 2 else 60 + at for at in range(60)]
    sizes = [0.3 if at % 2 else 0.1 for at in range(60)]
    frame = quotes(days, ["A"] * 60, sizes)
    said = quote_time(frame).findings[0].sentence
    assert "take less time than others of the same rep" in said
    slow = frame["amount"] > 80
    waiting = frame.assign(status=np.where(slow & (frame.index % 3 > 0), "open", "won"))
    said = quote_time(
        waiting.assign(close_date=waiting["close_date"].where(waiting["status"] == "won"))
    )
    assert "of the others fewer than half are decided" in said.findings[0].sentence


def test_limits_of_the_median_are_between_reps() -> None:
    """Ten reps, each always as quick: their quotes are no independent witnesses."""
    days = [10 + 4 * (at // 30) + at % 3 for at in range(300)]
    frame = quotes(days, [f"R{at // 30}" for at in range(300)], [0.1] * 300)
    found, apart = (quote_time(one).median_days for one in (frame, frame.drop(columns="rep_id")))
    assert found.value == apart.value
    assert found.high - found.low > 2 * (apart.high - apart.low)


@pytest.mark.parametrize("off", [0.0, 0.1])
def test_one_discount_for_all_is_said_and_nothing_read_from_the_cents(off: float) -> None:
    """Every deal 10% off, to the cent: one point more of discount went with −153,200% of deals won, and
    with every deal at list it could not be told whether anything was given away."""
    frame = company(deals=40)
    frame = frame.assign(amount=((1 - off) * frame["list_amount"]).round(2))
    desk = deal_desk(frame)
    assert desk.alike and desk.at_list is (off == 0.0)
    said = {one.name: one.sentence for one in desk.findings}
    assert np.isnan(desk.per_point.value) and "deals hardly differ" in said["won_per_point"]
    assert said["discount_reliability"].startswith("Reps do not differ in what they give")
    assert said["quarter_end_discount_year"].startswith("The quarter's end costs no discount")
    assert said["discount_year"].startswith(
        "The discount is the same on every deal, 10.0%:"
        if off
        else "There is no discount to follow"
    )
    assert ("nothing is given away" in said["price_realisation"]) is (off == 0.0)
    assert list(desk.waterfall["component"]) == ["usual"]
    assert desk.waterfall["value"].sum() == pytest.approx(desk.discount_year.value)
    assert not any("cannot be told apart" in text for text in desk.notices)
    with pytest.raises(NotEnoughData, match="same discount, so that nobody gives more"):
        hold_prices(desk)
    title = waterfall(desk).get_title(loc="left").replace("\n", " ")
    assert ("cannot be told" in title) is False
    assert ("nothing is given away" in title) is (off == 0.0)


def test_a_rep_who_always_gives_the_same_says_nothing_of_a_point_more() -> None:
    """Reps differ from each other, each to the cent the same on every deal: within a rep there is
    nothing to read."""
    frame = company(deals=40)
    own = frame["rep_id"].str[1:].astype(int) / 100
    desk = deal_desk(frame.assign(amount=((1 - own) * frame["list_amount"]).round(2)))
    assert not desk.alike and desk.established
    assert np.isnan(desk.per_point.value) and np.isfinite(desk.win_rate)


def test_one_rep_is_too_few_and_not_alike() -> None:
    one = deal_desk(company(reps=1, deals=100))
    assert one.offers_known and not one.alike
    assert "too few reps" in one.finding("won_per_point").sentence


def test_limits_around_nothing_are_written_alike() -> None:
    """One point more went with "0.0% (90% interval −0.2% to <0.1%)" more deals won."""
    near = Estimate(-0.0004, -0.0016, 0.0004, 0.9, "share", 90)
    assert words.association(near).endswith("goes with 0.0% (90% interval −0.2% to 0.0%)")
    above = Estimate(0.006, -0.008, 0.021, 0.9, "share", 90)
    assert words.association(above).endswith("goes with +0.6% (90% interval −0.8% to 2.1%)")


def test_more_than_all_cannot_be_saved() -> None:
    """Approval above 40% "must save 198%" of what lies beyond."""
    say = views.GRID["formats"]["break_even"]
    assert [say(one) for one in (0.058, 1.0, 1.98, float("nan"))] == [
        "5.8%", "100%", "more than all", "–",
    ]  # fmt: skip
    desk = deal_desk(by_hand(), last_month="2026-09")
    case = approval_case(desk, threshold=0.10, approval_cost=0.1)
    assert "it pays if it saves" in words.approval_title(case)
    dear = replace(case, break_even=replace(case.break_even, value=1.98, low=0.9, high=3.0))
    title = words.approval_title(dear)
    assert title == "Approval above 10% costs more than the discount beyond 10% by the best guess"
