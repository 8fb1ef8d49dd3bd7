"""The pair that is compared because its gap is the largest: what is told about it allows for that."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from benchmarks.calibration import channel_gap_findings as calibration
from salesops_lib import channel_gap
from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.errors import ParameterError
from salesops_lib.statistics.shrunken_means import shrink
from tests.analyses.gap_frames import MARKET, PRACTICE, many, rep_months


def gap(data: pd.DataFrame, among: int = 1):
    return channel_gap(
        data, outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
        permutations=199, among=among,
    )  # fmt: skip


def test_from_how_many_pairs_it_was_picked() -> None:
    data = many(spread=20.0)
    choose = gaps.choose_channels
    assert choose(data, outcome="bookings") == ("C4", "C0", 10)
    kinds = {"C0": "direct", "C1": "partner", "C2": "direct", "C3": "partner", "C4": "other"}
    assert choose(data, outcome="bookings", kinds=kinds).among == 2
    # A pair that was named, or completed by size, was not picked for its gap.
    assert choose(data, outcome="bookings", a="C1", b="C3").among == 1
    assert choose(data, outcome="bookings", a="C1").among == 1


def test_the_gap_is_held_for_all_pairs_at_once() -> None:
    """Welch by hand, at 99% for ten pairs where 90% is asked; p-values ten times as large."""
    data = rep_months(reps=30)
    found, own = gap(data, among=10), gap(data)
    means = data.groupby(["channel", "rep_id"])["bookings"].mean()
    test = stats.ttest_ind(means["EU"], means["US"], equal_var=False)
    low, high = test.confidence_interval(0.99)
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high))
    assert found.difference.confidence == found.ratio.confidence == 0.90
    assert found.welch_p == pytest.approx(min(1.0, 10 * own.welch_p))
    assert found.permutation_p == pytest.approx(min(1.0, 10 * own.permutation_p))
    assert found.ratio.low < own.ratio.low < own.ratio.high < found.ratio.high


def test_a_part_widens_by_as_much_as_it_goes_with_the_gap() -> None:
    data = rep_months(reps=30)
    found, own = gap(data, among=10), gap(data)
    assert found.difference.value == own.difference.value
    rows = found.decomposition.join(own.decomposition, rsuffix="_own")
    ratio = (rows["high"] - rows["low"]) / (rows["high_own"] - rows["low_own"])
    most = stats.t.ppf(0.995, rows["df"]) / stats.t.ppf(0.95, rows["df"])
    assert ((ratio >= 1) & (ratio <= most + 1e-12)).all()
    assert ratio.min() < 0.5 + most.min() / 2, "something goes with the gap only in part"
    # A channel's mean by hand: its share of the gap's variance is what goes with the gap.
    values = data.groupby(["channel", "rep_id"])["bookings"].mean()
    variance = {name: values[name].var() / len(values[name]) for name in ("EU", "US")}
    share = variance["EU"] / sum(variance.values())
    df = len(values["EU"]) - 1
    reach = math.sqrt(
        share * stats.t.ppf(0.995, df) ** 2 + (1 - share) * stats.t.ppf(0.95, df) ** 2
    )
    mean = found.means.set_index("channel").loc["EU"]
    half = reach * math.sqrt(variance["EU"])
    assert (mean["low"], mean["high"]) == pytest.approx(
        (mean["value"] - half, mean["value"] + half)
    )


def test_the_page_says_so() -> None:
    data = rep_months()
    assert "of 6 pairs" in gap(data, among=6).notices[0]
    assert not any("pairs" in one for one in gap(data).notices)
    with pytest.raises(ParameterError, match="among == 0"):
        gap(data, among=0)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["picked from 2 pairs", "picked from 10 pairs, none differs"])
def test_coverage_of_the_picked(setting: str) -> None:
    """As in the committed table, with fewer companies."""
    rows = calibration.block(setting, 0, 60, seed=5)
    table = calibration.summary(setting, rows, seed=5).set_index("quantity")
    claimed = table["coverage"].pop("says that channels differ that do not")
    assert claimed <= 0.10 + 3 * math.sqrt(0.09 / 60)
    held = table.drop("says that channels differ that do not")
    assert (held["coverage"] >= 0.88 - 3 * np.sqrt(0.09 / held["replicates"])).all()


def test_the_usual_limits_would_not_do() -> None:
    """Of five channels that are alike the two furthest apart differ by their own interval in two of
    five companies."""
    rng = np.random.default_rng(8)
    crowd = calibration.CROWDS["picked from 10 pairs, none differs"]
    own, allowed = [], []
    for _ in range(40):
        data = crowd.draw(rng)
        a, b, among = gaps.choose_channels(data, outcome="bookings", kinds=crowd.kinds)
        for said, count in ((own, 1), (allowed, among)):
            found = channel_gap(
                data, outcome="bookings", a=a, b=b, permutations=9, among=count
            )  # fmt: skip
            said.append(found.difference.excludes(0.0))
    assert np.mean(own) > 0.2
    assert np.mean(allowed) <= 0.10 + 3 * math.sqrt(0.09 / 40)


@pytest.mark.parametrize("scale", ["money", "log"])
def test_practices_share_the_money_and_are_told_by_limits_that_hold_for_both(scale: str) -> None:
    """On the log scale parts are shares of a ratio: they share the yearly money in proportion. Each side of
    an interval is widened by t at 95% over t at 90%, the wider side by more."""
    found = channel_gap(
        rep_months(reps=24), outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
        permutations=0, scale=scale,
    )  # fmt: skip
    table = gaps.closing_gap(found).practices
    assert table["value"].sum() == pytest.approx(found.correctable_year.value)
    chosen = found.decomposition[found.decomposition["group"] == "practice"]
    chosen = chosen.set_index("component").loc[table["component"]]
    ratio = (stats.t.ppf(0.975, chosen["df"]) / stats.t.ppf(0.95, chosen["df"])).tolist()
    below, above = table["value"] - table["low"], table["high"] - table["value"]
    assert ((table["value"] - table["told_low"]) / below).tolist() == pytest.approx(ratio)
    assert ((table["told_high"] - table["value"]) / above).tolist() == pytest.approx(ratio)
    assert ((above - below).abs() > 0.01 * below).any(), "limits are skewed"
    share = chosen["value"] / chosen["value"].sum()
    assert (table["value"] / table["value"].sum()).tolist() == pytest.approx(share.tolist())
    assert table["behind"].tolist() == (chosen["value"] > 0).tolist()


def test_channels_of_unequal_spread_are_tested_by_welch() -> None:
    """One channel of few reps far apart: all variances taken as one would make much of its mean."""
    data = many(spread=4.0)
    data.loc[data["channel"] == "C4", "bookings"] += 10 * (data["rep_id"] % 3 - 1.0)
    data = data[(data["channel"] != "C4") | (data["rep_id"] < 20)]
    found = gaps.compare_channels(data, outcome="bookings")
    means = data.groupby(["channel", "rep_id"])["bookings"].mean()
    groups = [one.to_numpy() for _, one in means.groupby("channel")]
    expected = anova_oneway(groups, use_var="unequal", welch_correction=True).pvalue
    assert found.p == pytest.approx(expected)
    assert found.method == "games-howell"
    # Where all reps of a channel are alike, Games and Howell have no variance for it.
    flat = data.assign(bookings=data["bookings"].where(data["channel"] != "C1", 100.0))
    assert gaps.compare_channels(flat, outcome="bookings").method == "holm"


def test_the_league_has_limits_of_t_and_shrinks_by_them() -> None:
    """Means of reps with t of n − 1; drawn together as means whose errors are as wide as that t makes them."""
    data = many(spread=4.0)
    data = data[(data["channel"] != "C2") | (data["rep_id"] < 20)]
    league = gaps.compare_channels(data, outcome="bookings").league.set_index("channel")
    reps = data.groupby(["channel", "rep_id"])["bookings"].mean().groupby("channel")
    n, error = reps.size(), reps.std() / np.sqrt(reps.size())
    reach = pd.Series(stats.t.ppf(0.95, n - 1), index=n.index) * error
    drawn = shrink(reps.mean().to_numpy(), (reach / stats.norm.ppf(0.95)).to_numpy())
    expected = {
        "reps": n,
        "observed": reps.mean(),
        "low": reps.mean() - reach,
        "high": reps.mean() + reach,
    }
    expected |= {"shrunk": drawn.mean, "shrunk_low": drawn.low, "shrunk_high": drawn.high}
    for name, values in expected.items():
        values = pd.Series(values, index=n.index)
        assert league[name].to_dict() == pytest.approx(values.to_dict()), name
    assert league["shrunk"].is_monotonic_decreasing


def test_beside_a_channel_that_is_named_stands_the_one_of_most_reps() -> None:
    data = many(spread=20.0)
    data = data[(data["channel"] == "C3") | (data["rep_id"] < 30)]
    assert gaps.choose_channels(data, outcome="bookings", a="C1") == ("C1", "C3", 1)
    assert gaps.choose_channels(data, outcome="bookings", b="C1") == ("C3", "C1", 1)
    # Channels of four reps stand back behind two of five, and are taken where there are no others.
    few = data[data["channel"].isin(["C1", "C3"]) | (data["rep_id"] < 20)]
    assert gaps.choose_channels(few, outcome="bookings")[:2] == ("C3", "C1")
    small = many(spread=20.0)
    small = small[small["rep_id"] < 20]
    assert gaps.choose_channels(small, outcome="bookings")[:2] == ("C4", "C0")
