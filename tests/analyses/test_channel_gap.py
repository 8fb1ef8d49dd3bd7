"""channel_gap: hand-worked values, identities, twins."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib import Estimate, ParameterError, channel_gap, decompose_gap, wording
from salesops_lib.analyses.channel_gap import closing_gap
from salesops_lib.analyses.channel_gap.rates import counted
from salesops_lib.analyses.channel_gap.rows import prepare, settle_scale
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months
from tests.reference import channel_gap as reference

REFERENCES = ["pooled", "neumark", "cotton", "a", "b", 0.3]


def gap(data: pd.DataFrame, **options):
    chosen = {
        "outcome": "bookings", "a": "EU", "b": "US", "market": MARKET, "practice": PRACTICE,
        "permutations": 199, **options,
    }  # fmt: skip
    return channel_gap(data, **chosen)


def test_by_hand() -> None:
    """Rep means EU (10, 14), US (6, 8): difference 12 − 7 = 5, ratio 12/7. One practice with slope 2
    in both (bookings = 2·calls + channel): calls EU (4, 6), US (3, 4), so practice is
    (5 − 3.5)·2 = 3 and unexplained 2."""
    data = pd.DataFrame({
        "rep_id": list("aabbccdd"), "channel": ["EU"] * 4 + ["US"] * 4,
        "calls": [3, 5, 5, 7, 2, 4, 3, 5],
        "bookings": [8, 12, 12, 16, 4, 8, 6, 10],
    })  # fmt: skip
    found = gap(data, market=[], practice=["calls"])
    assert found.difference.value == pytest.approx(5.0)
    assert found.ratio.value == pytest.approx(12 / 7)
    assert found.practice.value == found.correctable.value == pytest.approx(3.0)
    assert found.unexplained.value == pytest.approx(2.0)
    # Two rows a rep are two months: two reps sell 24 rep-months a year.
    assert found.rows_per_year == 24.0
    assert found.finding("correctable_money_year").estimate.value == pytest.approx(72.0)


def test_difference_is_welch_on_rep_means() -> None:
    data = rep_months()
    found = gap(data)
    means = data.groupby(["channel", "rep_id"])["bookings"].mean()
    test = stats.ttest_ind(means["EU"], means["US"], equal_var=False)
    limits = test.confidence_interval(0.90)
    assert found.difference.value == pytest.approx(means["EU"].mean() - means["US"].mean())
    assert (found.difference.low, found.difference.high) == pytest.approx((limits.low, limits.high))
    assert found.welch_p == pytest.approx(test.pvalue)
    assert found.ratio.value == pytest.approx(means["EU"].mean() / means["US"].mean())
    assert found.difference.n == data["rep_id"].nunique()


@pytest.mark.parametrize("weight", REFERENCES)
def test_parts_sum_to_the_gap(weight: str | float) -> None:
    found = gap(rep_months(), market=[*MARKET, "product"], reference=weight)
    assert found.decomposition["value"].sum() == pytest.approx(found.difference.value, abs=1e-9)
    groups = found.decomposition.groupby("group")["value"].sum()
    assert groups["market"] == pytest.approx(found.market.value)
    assert groups["practice"] == pytest.approx(found.practice.value)
    assert groups["unexplained"] == pytest.approx(found.unexplained.value)
    assert found.explained.value == pytest.approx(found.market.value + found.practice.value)


@pytest.mark.parametrize("weight", REFERENCES)
def test_explained_is_that_of_decompose_gap(weight: str | float) -> None:
    """Netting practice of market moves money between the two, not in or out of them."""
    data = rep_months()
    balanced = data.groupby("rep_id").head(3)
    found = gap(balanced, reference=weight)
    plain = decompose_gap(
        balanced, outcome="bookings", group="channel", a="EU", b="US",
        covariates=[*MARKET, *PRACTICE], reference=weight, cluster="rep_id", detailed=False,
    ).set_index("component")  # fmt: skip
    assert found.explained.value == pytest.approx(plain.loc["explained", "value"])
    assert found.explained.low == pytest.approx(plain.loc["explained", "low"], rel=1e-6)
    assert found.unexplained.value == pytest.approx(plain.loc["unexplained", "value"])
    assert plain["value"].sum() == pytest.approx(found.difference.value)


def test_practice_that_the_market_drives_is_the_markets() -> None:
    """Win rate is all market: a plain decomposition calls it practice, ours does not."""
    data = rep_months(reps=60).assign(win_rate=lambda d: 0.25 + 0.002 * (d["size"] - 100))
    noise = np.random.default_rng(1).normal(0, 0.001, len(data))
    data["win_rate"] += noise
    data["bookings"] = 400_000 * data["win_rate"] + np.random.default_rng(2).normal(
        0, 3000, len(data)
    )
    found = gap(data, market=["size"], practice=["win_rate"])
    plain = gap(data, market=[], practice=["win_rate"])
    assert plain.practice.value == pytest.approx(found.difference.value, rel=0.15)
    assert abs(found.practice.value) < 0.1 * found.difference.value
    assert found.market.value == pytest.approx(found.difference.value, rel=0.15)


@pytest.mark.parametrize("weight", ["pooled", "neumark", "cotton"])
def test_swapping_channels_flips_every_sign(weight: str) -> None:
    data = rep_months()
    here, back = gap(data, reference=weight), gap(data, a="US", b="EU", reference=weight)
    np.testing.assert_allclose(here.decomposition["value"], -back.decomposition["value"])
    np.testing.assert_allclose(here.decomposition["low"], -back.decomposition["high"])
    assert here.ratio.value == pytest.approx(1 / back.ratio.value)
    assert (here.ratio.low, here.ratio.high) == pytest.approx(
        (1 / back.ratio.high, 1 / back.ratio.low)
    )


@pytest.mark.parametrize(("here", "back"), [("a", "b"), (0.3, 0.7)])
def test_swapping_channels_and_their_weights_flips_every_sign(here, back) -> None:
    data = rep_months()
    one, other = gap(data, reference=here), gap(data, a="US", b="EU", reference=back)
    np.testing.assert_allclose(one.decomposition["value"], -other.decomposition["value"])
    assert one.practice.value != pytest.approx(gap(data, reference=back).practice.value, rel=1e-6)


def test_row_order_currency_and_units_of_covariates_change_nothing() -> None:
    data = rep_months()
    usual = gap(data)
    shuffled = gap(data.sample(frac=1, random_state=3))
    cents = gap(data.assign(bookings=data["bookings"] * 100))
    percent = gap(data.assign(win_rate=data["win_rate"] * 100 + 7, size=data["size"] / 1e6))
    for column in ("value", "low", "high", "std_error"):
        expected = usual.decomposition[column]
        np.testing.assert_allclose(shuffled.decomposition[column], expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(cents.decomposition[column] / 100, expected, rtol=1e-9)
        np.testing.assert_allclose(percent.decomposition[column], expected, rtol=1e-6, atol=1e-6)
    assert shuffled.permutation_p == usual.permutation_p
    assert cents.robustness.value == pytest.approx(usual.robustness.value)


def test_which_base_a_category_has_does_not_matter() -> None:
    data = rep_months()
    names = {"core": "zz", "plus": "aa", "suite": "mm"}
    one = gap(data, practice=[*PRACTICE, "product"])
    other = gap(data.assign(product=data["product"].map(names)), practice=[*PRACTICE, "product"])
    pd.testing.assert_frame_equal(one.decomposition, other.decomposition)


def test_input_is_not_changed_and_the_seed_fixes_the_result() -> None:
    data = rep_months()
    before = data.copy()
    one, same = gap(data, rng=5), gap(data, rng=np.random.default_rng(5))
    pd.testing.assert_frame_equal(data, before)
    assert one.permutation_p == same.permutation_p
    assert one.to_dict() == same.to_dict()
    json.dumps(one.to_dict(), allow_nan=False)


def test_confidence_widens_all_intervals_together() -> None:
    data = rep_months()
    narrow, wide = gap(data, confidence=0.5), gap(data, confidence=0.99)
    for name in ("difference", "ratio", "market", "practice", "unexplained", "correctable"):
        small, large = getattr(narrow, name), getattr(wide, name)
        assert large.low < small.low < small.value < small.high < large.high
        assert large.confidence == 0.99


def test_share_is_bounded_exactly_where_the_gap_is_told_from_nothing() -> None:
    data = rep_months(reps=40)
    clear = gap(data)
    assert clear.difference.excludes(0.0)
    assert clear.more_rep_months == 0.0
    assert np.isfinite([clear.correctable_share.low, clear.correctable_share.high]).all()
    half = data["channel"] == "US"
    level = clear.difference.value * 0.97
    near = gap(data.assign(bookings=data["bookings"] + level * half))
    assert not near.difference.excludes(0.0)
    assert near.correctable_share.high == np.inf
    assert near.more_rep_months > 0
    assert np.isnan(near.finding("correctable_share").estimate.value)
    assert "cannot be given" in near.finding("correctable_share").sentence


def test_log_scale_splits_the_logarithm_of_the_ratio() -> None:
    data = rep_months(reps=30)
    found = gap(data, scale="log")
    logs = np.log(data["bookings"]).groupby([data["channel"], data["rep_id"]]).mean()
    expected = logs["EU"].mean() - logs["US"].mean()
    assert found.decomposition["value"].sum() == pytest.approx(expected)
    assert found.ratio.value == pytest.approx(np.exp(expected))
    assert found.difference.unit == "index"
    # In money: b's yearly bookings times what practice multiplies them by.
    us = data[data["channel"] == "US"].groupby("rep_id")["bookings"].mean().mean()
    year = us * np.expm1(found.practice.value) * found.rows_per_year
    assert found.correctable_year.value == pytest.approx(year)
    money = gap(data)
    assert found.correctable_year.value == pytest.approx(money.correctable_year.value, rel=0.2)


def test_win_rate_of_deals_as_a_share() -> None:
    """0/1 outcomes are shares; the linear parts sum to the difference in win rates."""
    rng = np.random.default_rng(0)
    reps = np.repeat(np.arange(24), 40)
    eu = reps < 12
    cycle = rng.normal(60, 10, len(reps)) - 5 * eu
    won = (rng.random(len(reps)) < 0.3 + 0.05 * eu - 0.004 * (cycle - 60)).astype(int)
    deals = pd.DataFrame({
        "rep_id": reps, "channel": np.where(eu, "EU", "US"), "cycle": cycle, "won": won,
    })  # fmt: skip
    found = gap(deals, outcome="won", market=[], practice=["cycle"])
    assert found.scale == "share"
    assert found.difference.unit == "share"
    assert found.difference.value == pytest.approx(won[eu].mean() - won[~eu].mean())
    assert found.practice.value == pytest.approx(0.02, abs=0.01)
    assert np.isnan(found.correctable_year.value)
    assert "in money this needs bookings" in found.finding("correctable_money_year").sentence


def test_yearly_money_scales_by_the_rep_months_of_the_channel_to_be_trained() -> None:
    data = rep_months()
    found = gap(data)
    own = (data["channel"] == "US").sum()
    assert found.rows_per_year == pytest.approx(own * 12 / data["month"].nunique())
    assert found.correctable_year.value == pytest.approx(found.practice.value * found.rows_per_year)
    assert found.correctable_year.unit == "money/year"
    assert gap(data, rows_per_year=100).correctable_year.value == pytest.approx(
        100 * found.practice.value
    )


def test_every_rep_counts_the_same_in_the_figures_too() -> None:
    """Reps with 3 to 6 rows: the regressions with the channel in them weigh a row by one over its rep's,
    and the parts are between means of reps' means: what the market explains alone, and what practice adds."""
    data, names = rep_months(), [*MARKET, *PRACTICE]
    found = channel_gap(data, outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
                        permutations=9)  # fmt: skip
    root = np.sqrt(1 / data.groupby("rep_id")["rep_id"].transform("size").to_numpy())[:, None]
    means = data.groupby(["channel", "rep_id"])[names].mean().groupby("channel").mean()
    apart = means.loc["EU"] - means.loc["US"]

    def explained(by: list[str]) -> float:
        x = np.column_stack([np.ones(len(data)), data["channel"] == "EU", data[by]]) * root
        figures = np.linalg.lstsq(x, data["bookings"].to_numpy() * root[:, 0], rcond=None)[0][2:]
        return float(apart[by].to_numpy() @ figures)

    assert found.market.value == pytest.approx(explained(MARKET))
    assert found.practice.value == pytest.approx(explained(names) - explained(MARKET))


def test_a_share_is_of_yes_and_no_and_parts_of_one_are_money() -> None:
    for values, scale in (([0.0, 1.0], "share"), ([0.2, 1.0], "money"), ([0.0, 2.0], "money")):
        assert settle_scale(np.array(values), "auto", "reached", pd.RangeIndex(2)) == scale


def test_what_a_rep_never_shows_is_the_mean_of_the_channels_reps() -> None:
    """EU's reps show 1 three times (and once a slip that is infinite, where their own mean stands), 3 and 3:
    the fourth has the mean of the three where each rep counts the same, else that of their rows. Of four reps
    one may be unseen, of eight three are too many."""
    data = pd.DataFrame({
        "rep": list("aaaabc") + list("defghijk"), "side": ["EU"] * 6 + ["US"] * 8, "sold": range(14),
        "calls": [1.0, 1, 1, np.inf, 3, np.nan] + [5.0] * 8,
    })  # fmt: skip
    asked = {"outcome": "sold", "group": "side", "a": "EU", "b": "US", "covariates": ["calls"],
             "cluster": "rep", "by_cluster": True}  # fmt: skip
    unseen = data.assign(calls=data["calls"].mask(data["rep"].isin(list("def"))))
    assert prepare(unseen, **asked).left_out == ("calls",)
    more = pd.concat([data, data.iloc[4:5].assign(rep="z")])
    for by_cluster, mean in ((True, (1 + 3 + 3) / 3), (False, (4 * 1 + 3 + 3) / 6)):
        found = prepare(more, **{**asked, "by_cluster": by_cluster}).frame["calls"]
        assert found.tolist()[:6] == pytest.approx([1, 1, 1, 1, 3, mean])


def test_discounts_and_cycles_count_by_the_deals_won_that_show_them() -> None:
    """Won 1 and 3 each, the first rep's three without a list price: of the other five deals the mean is .2.
    One of a mean of half a deal counts twice, .2 + 2 × (.1 − .2); one of two half, three of two 1.5 times."""
    data = pd.DataFrame({
        "rep_id": list("aabb"), "channel": "EU", "deals_won": [1, 3, 1, 3], "deals_closed": 4,
        "discount": [0.1, np.nan, 0.3, 0.2], "cycle_days": [10.0, np.nan, 30.0, 20.0],
    })  # fmt: skip
    found = counted(data, ["discount", "cycle_days"], cluster="rep_id", channel="channel")
    assert found["discount"].tolist() == pytest.approx([0.0, 0.2, 0.25, 0.2])
    assert found["cycle_days"].tolist() == pytest.approx([0.0, 20.0, 25.0, 20.0])
    # One rep in two channels has a mean in each.
    both = data.assign(rep_id="a", channel=["EU", "EU", "US", "US"])
    moved = counted(both, ["discount"], cluster="rep_id", channel="channel")
    assert moved["discount"].tolist() == found["discount"].tolist()


def test_rates_count_by_the_deals_behind_them() -> None:
    """Rep a closes 10, 0 and 2 deals and wins 4, none and 2: its pooled rate is 6/12, not the mean
    of .4 and 1; the month without deals is no obstacle."""

    data = pd.DataFrame({
        "rep_id": list("aaabbb"), "channel": "EU", "deals_closed": [10, 0, 2, 5, 5, 5],
        "win_rate": [0.4, np.nan, 1.0, 0.2, 0.4, 0.6],
    })  # fmt: skip
    weighed = counted(data, ["win_rate"], cluster="rep_id", channel="channel")["win_rate"]
    assert weighed.groupby(data["rep_id"]).mean().tolist() == pytest.approx([0.5, 0.4])
    assert weighed[1] == pytest.approx((6 + 6) / 27)
    assert counted(data, ["win_rate"], cluster="rep_id", channel="channel", counts={}) is data


def test_bookings_are_linear_in_a_counted_rate_where_the_plain_rate_is_diluted() -> None:
    """Bookings = 1000 × won, nine closings a month on average: a point of win rate is worth 90."""
    rng = np.random.default_rng(3)
    reps = np.repeat(np.arange(60), 12)
    closed = rng.poisson(9.0, len(reps))
    rate = np.repeat(rng.normal(0.3, 0.03, 60), 12)
    won = rng.binomial(closed, rate)
    data = pd.DataFrame({
        "rep_id": reps, "channel": np.where(reps < 30, "EU", "US"), "bookings": 1000.0 * won,
        "deals_closed": closed, "win_rate": np.where(closed > 0, won / np.maximum(closed, 1), np.nan),
    })  # fmt: skip
    data.loc[data["channel"] == "EU", "bookings"] += 500.0
    pooled = data.assign(won=won).groupby(["channel", "rep_id"])[["won", "deals_closed"]].sum()
    rates = (pooled["won"] / pooled["deals_closed"]).groupby("channel").mean()
    exact = 9000 * (rates["EU"] - rates["US"])
    found = gap(data, market=[], practice=["win_rate"])
    assert found.practice.value == pytest.approx(exact, rel=0.05)
    plain = (
        data["win_rate"].groupby([data["channel"], data["rep_id"]]).mean().groupby("channel").mean()
    )
    diluted = gap(data, market=[], practice=["win_rate"], counts={}).practice.value
    assert diluted / (plain["EU"] - plain["US"]) < 0.93 * 9000


def test_sensitivity_curve_reaches_zero_at_the_robustness_value() -> None:
    found = gap(rep_months(reps=40))
    curve = found.sensitivity
    at = np.interp(found.robustness.value, curve["strength"], curve["correctable"])
    assert at == pytest.approx(0.0, abs=0.02 * found.practice.value)
    assert curve["correctable"].iloc[0] == pytest.approx(found.practice.value)
    assert (np.diff(curve["correctable"]) < 0).all()
    assert set(found.measured["factor"]) == set(MARKET)
    assert found.robustness.low <= found.robustness.value <= found.robustness.high


def test_closing_ranks_the_practices_and_sums_to_the_correctable_money() -> None:
    found = gap(rep_months(reps=40))
    closing = closing_gap(found, gap_closed=0.5, gross_margin=0.6)
    assert closing.practices["value"].sum() == pytest.approx(found.correctable_year.value)
    assert closing.practices["value"].is_monotonic_decreasing
    assert closing.limit_year.value == pytest.approx(0.3 * found.correctable_year.value)
    assert closing.finding("training_limit_year").estimate == closing.limit_year
    # Training that costs nothing leaves all that it may cost; any other that much less.
    assert closing.net_year == closing.limit_year
    paid = closing_gap(found, gap_closed=0.5, gross_margin=0.6, programme_cost=1000.0)
    net, limit = paid.finding("training_net_year").estimate, closing.limit_year
    assert [net.value, net.low, net.high] == pytest.approx(
        [limit.value - 1000, limit.low - 1000, limit.high - 1000]
    )
    for bad in (-1.0, math.inf, math.nan):
        with pytest.raises(ParameterError, match="programme_cost"):
            closing_gap(found, programme_cost=bad)


def test_training_is_said_to_pay_where_it_surely_leaves_something() -> None:
    found = gap(rep_months(reps=40))
    limit = closing_gap(found, gap_closed=0.5, gross_margin=0.6).limit_year
    between, above = (limit.low + limit.value) / 2, 2 * limit.high
    for cost, said in (
        (limit.low / 2, "raining US leaves "),
        (between, "annot tell whether training US pays for the programme"),
        (above, "raining US does not pay for the programme"),
    ):
        paid = closing_gap(found, gap_closed=0.5, gross_margin=0.6, programme_cost=cost)
        sentence = paid.finding("training_net_year").sentence
        assert said in sentence and "if it closes 50% of the difference in practice" in sentence
        assert wording.money(paid.net_year.value, "$", like=paid.net_year.size) in sentence


def test_of_training_that_costs_nothing_no_cost_is_told() -> None:
    """Nobody asks whether it pays for a programme of $0."""
    found = gap(rep_months(reps=40))
    size = abs(found.correctable_year.value)
    for value, said in (
        (2.0, "what training US brings in is left whole: "),
        (0.0, "we cannot tell whether training US brings in anything: "),
        (-2.0, "training US brings in nothing: "),
    ):
        year = replace(
            found.correctable_year,
            value=value * size,
            low=(value - 1) * size,
            high=(value + 1) * size,
        )
        net = closing_gap(replace(found, correctable_year=year)).finding("training_net_year")
        assert net.sentence.startswith(f"The programme costs nothing, and {said}")
        assert "$0 a year," not in net.sentence and "pay" not in net.sentence


def test_no_more_is_lost_than_the_programme_costs() -> None:
    """Trained the wrong way round, practice would cost bookings: nobody is, and the cost alone is lost."""
    found = gap(rep_months(reps=40), a="US", b="EU")
    closing = closing_gap(found, gap_closed=0.5, gross_margin=0.6, programme_cost=1000.0)
    assert closing.limit_year.high < 0
    net = closing.net_year
    assert (net.value, net.low, net.high) == (-1000.0, -1000.0, -1000.0)


@pytest.mark.parametrize("weight", reference.CHICAGO_EXPLAINED)
def test_decompose_gap_on_chicago(reference_files, weight) -> None:
    data = pd.read_csv(reference_files / "oaxaca_chicago.csv").dropna()
    data["wage"] = np.exp(data["ln.real.wage"])
    options = {"outcome": "wage", "group": "foreign.born", "a": 0, "b": 1,
               "covariates": reference.CHICAGO_COVARIATES}  # fmt: skip
    parts = decompose_gap(data, **options, reference=weight).groupby("component")["value"].sum()
    assert parts["explained"] == pytest.approx(reference.CHICAGO_EXPLAINED[weight], abs=5e-8)
    assert parts.sum() == pytest.approx(reference.CHICAGO_GAP, abs=5e-7)
    three = decompose_gap(data, **options, kind="threefold").groupby("component")["value"].sum()
    assert three.to_dict() == pytest.approx(reference.CHICAGO_THREEFOLD, abs=5e-8)


def test_decompose_gap_details_and_totals_agree_and_bootstrap_stands_beside() -> None:
    data = rep_months(reps=40)
    options = {"outcome": "bookings", "group": "channel", "a": "EU", "b": "US", "cluster": "rep_id",
               "covariates": ["size", "product"]}  # fmt: skip
    detailed = decompose_gap(data, **options)
    totals = decompose_gap(data, **options, detailed=False).set_index("component")
    np.testing.assert_allclose(
        detailed.groupby("component")["value"].sum()[totals.index], totals["value"]
    )
    assert detailed.query("covariate == 'product' and component == 'explained'")["level"].tolist() == [
        "core", "plus", "suite",
    ]  # fmt: skip
    boot = decompose_gap(data, **options, detailed=False, errors="bootstrap", draws=600)
    boot = boot.set_index("component")
    np.testing.assert_allclose(boot["value"], totals["value"])
    np.testing.assert_allclose(boot["std_error"], totals["std_error"], rtol=0.2)
    added = decompose_gap(data, **options, detailed=False, trace="add").set_index("component")
    assert added.loc["explained", "std_error"] > totals.loc["explained", "std_error"]


def test_estimates_carry_what_they_are() -> None:
    found = gap(rep_months())
    assert isinstance(found.correctable, Estimate)
    assert found.difference.unit == found.correctable.unit == "money"
    assert found.ratio.unit == "ratio"
    assert found.correctable == found.practice
    assert {one.name for one in found.findings} >= {"correctable_money_year", "gap_ratio"}
