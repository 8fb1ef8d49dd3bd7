"""Channels that are a property of the deal: every rep sells in each, and is compared with oneself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib import channel_gap
from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.dataset import Dataset
from tests.analyses.gap_frames import many
from tests.analyses.test_channel_gap_companions import funnel_months
from tests.dataset.companies import random_tables


def both(seed: int = 0, reps: int = 12, ahead: float = 8.0) -> pd.DataFrame:
    """Reps differ far more than segments do; win rates differ between segments."""
    rng = np.random.default_rng(seed)
    level = rng.normal(50, 15, reps)
    rows = []
    for rep in range(reps):
        for month in range(6):
            for name, plus in (("shop", 0.0), ("ware", ahead), ("web", 1.0)):
                won = rng.poisson(4) + 1
                closed = won + rng.poisson(3 if name == "ware" else 5)
                money = level[rep] + plus + 20 * won / closed + rng.normal(0, 3)
                rows.append(
                    (f"R{rep:02d}", pd.Timestamp(2026, 1 + month, 1), name, money, won, closed)
                )
    names = ["rep_id", "month", "segment", "bookings", "deals_won", "deals_closed"]
    data = pd.DataFrame(rows, columns=names)
    return data.assign(win_rate=data["deals_won"] / data["deals_closed"],
                       deals_lost=data["deals_closed"] - data["deals_won"])  # fmt: skip


def compared(data: pd.DataFrame, **options):
    chosen = {"outcome": "bookings", "channel": "segment", "a": "ware", "b": "shop",
              "practice": ["win_rate"], "permutations": 99, **options}  # fmt: skip
    return channel_gap(data, **chosen)


def test_many_channels_are_compared_rep_by_rep() -> None:
    """scipy's paired t; Welch's would drown the difference in the spread between reps."""
    data = both()
    found = gaps.compare_channels(data, outcome="bookings", channel="segment")
    assert found.method == "holm"
    means = data.pivot_table(index="rep_id", columns="segment", values="bookings")
    row = found.pairs.set_index(["a", "b"]).loc[("shop", "ware")]
    expected = stats.ttest_rel(means["shop"], means["ware"])
    assert row["difference"] == pytest.approx(means["shop"].mean() - means["ware"].mean())
    assert row["difference"] / row["std_error"] == pytest.approx(expected.statistic)
    assert row["p"] == pytest.approx(3 * expected.pvalue)
    assert found.p == pytest.approx(found.pairs["p"].min())
    wide = stats.ttest_ind(means["shop"], means["ware"], equal_var=False).pvalue
    assert found.p < wide / 100


def test_words_speak_of_selling_not_of_two_teams() -> None:
    gap = compared(both())
    assert gap.same_people
    text = " ".join(one.sentence for one in gap.findings)
    assert "ware brings" in gap.finding("gap_ratio").sentence.lower()
    assert "12 reps who sell both" in text
    assert "training shop" not in text.lower()
    closing = gaps.closing_gap(gap)
    assert "raining for shop" in closing.finding("training_limit_year").sentence
    assert not channel_gap(many(), outcome="bookings", a="C0", b="C1", permutations=9).same_people


def test_the_gap_leads_where_no_money_can_be_named() -> None:
    assert gaps.lead(compared(both()))[0] == "correctable_money_year"
    nothing = compared(both(), practice=[])
    assert gaps.lead(nothing)[0] == "gap_ratio"
    assert "between ware and shop" in nothing.finding("correctable_money_year").sentence


def test_two_channels_are_not_called_all_two() -> None:
    two = many(spread=20.0).query("channel in ['C0', 'C4']")
    said = gaps.compare_channels(two, outcome="bookings").findings[0].sentence
    assert said.startswith("C4 and C0 differ beyond chance: ")
    alike = gaps.compare_channels(two.assign(bookings=two["bookings"].sample(frac=1, random_state=1).to_numpy()),
                                  outcome="bookings").findings[0].sentence  # fmt: skip
    assert alike.startswith("Cannot tell that ")


def test_the_funnel_takes_the_steps_that_are_known() -> None:
    data = funnel_months().assign(deals_lost=lambda d: d["deals_closed"] - d["deals_won"])
    every = gaps.funnel_columns(data, dated=True)
    assert every == {"open_deals": "open_deals", "closed": "deals_closed"}
    assert gaps.funnel_columns(data, dated=False)["open_deals"] is None
    won_only = data.assign(deals_lost=0, deals_closed=data["deals_won"])
    few = gaps.funnel_columns(won_only, dated=False)
    assert few == {"open_deals": None, "closed": None}
    assert gaps.funnel_columns(data.drop(columns="deals_won"), dated=True) == {}
    means = data.groupby(["channel", "rep_id"])["bookings"].mean().groupby("channel").mean()
    for given, steps in (
        (few, ["won_deals", "deal_size"]),
        ({"open_deals": None}, ["closed_deals", "win_rate", "deal_size"]),
        ({"closed": None}, ["open_deals", "won_of_open", "deal_size"]),
    ):
        funnel = gaps.funnel_gap(data, a="EU", b="US", **given)
        assert funnel.steps["step"].tolist() == steps
        assert funnel.steps["a"].prod() == pytest.approx(means["EU"])
        assert funnel.steps["value"].sum() == pytest.approx(funnel.gap, abs=1e-8)


def test_a_funnel_over_the_same_reps_resamples_reps_as_a_whole() -> None:
    """Reps who differ in level by a factor, alike in both: the level is no doubt about the gap."""
    rng = np.random.default_rng(0)
    level = rng.lognormal(3, 0.6, 14)
    data = pd.DataFrame([
        {"rep_id": rep, "segment": name, "deals_won": level[rep] * more, "bookings": level[rep] * more * 10}
        for rep in range(14) for name, more in (("a", 1.2), ("b", 1.0))
    ])  # fmt: skip
    options = {"a": "a", "b": "b", "open_deals": None, "closed": None, "channel": "segment"}
    same = gaps.funnel_gap(data, **options)
    first = same.steps.iloc[0]
    assert first["high"] - first["low"] < first["value"]
    others = data.assign(rep_id=data["rep_id"].astype(str) + data["segment"])
    apart = gaps.funnel_gap(others, **options).steps.iloc[0]
    assert apart["high"] - apart["low"] > 2 * (first["high"] - first["low"])


def test_the_funnel_reads_in_the_units_of_each_step() -> None:
    table = gaps.funnel_table(gaps.funnel_gap(funnel_months(), a="EU", b="US"))
    assert table["step"].tolist()[0] == "Open deals"
    assert table["a"].str.contains("%").tolist() == [False, True, True, False]
    assert table["a"].tolist()[-1].startswith("$")
    assert table["part"].str.contains("90% interval").all()


def test_a_practice_that_is_the_only_one_carries_nothing_most() -> None:
    gap = compared(both())
    said = gaps.closing_gap(gap).finding("first_practice").sentence
    assert said.startswith("Win rate is the one practice that is measured, and ")
    assert "most" not in said


def test_a_return_is_no_deal_won_where_deals_are_the_channel() -> None:
    """One of two is won in the shop and given back, with its list price: nothing is booked, and the win
    rate, the size, the days and the discount are still those of the sale."""
    months = pd.DataFrame(
        {"rep_id": ["R"], "month": [pd.Timestamp("2026-01-01")], "bookings": [0.0]}
    )
    deals = pd.DataFrame(
        [
            ("R", "won", 80.0, 100.0, "2026-01-02", "2026-01-12", "shop"),
            ("R", "lost", 50.0, None, "2026-01-02", "2026-01-13", "shop"),
            ("R", "won", -80.0, 100.0, "2026-01-12", "2026-01-13", "shop"),
            ("R", "won", -5.0, None, "2026-01-12", "2026-01-14", "web"),
            # Given away whole: won, and without a price.
            ("R", "won", 0.0, 100.0, "2026-01-02", "2026-01-12", "fair"),
        ],
        columns=["rep_id", "status", "amount", "list_amount", "created_date", "close_date", "via"],
    ).astype({"created_date": "datetime64[ns]", "close_date": "datetime64[ns]"})
    found = gaps.channel_months(months, deals, "via").set_index("via")
    counts = ["bookings", "deals_won", "deals_lost", "deals_closed"]
    assert found.loc["shop", counts].tolist() == [0, 1, 1, 2]
    rates = ["win_rate", "mean_amount", "cycle_days", "discount"]
    assert found.loc["shop", rates].tolist() == pytest.approx([0.5, 80, 10, 0.2])
    assert found.loc["web", counts].tolist() == [-5, 0, 0, 0]
    assert found.loc["web", rates].isna().all()
    assert found.loc["fair", rates[:3]].tolist() == [1, 0, 10]
    assert np.isnan(found.loc["fair", "discount"])


@pytest.mark.parametrize("seed", range(2))
def test_rep_months_of_one_value_are_those_of_the_dataset(seed: int) -> None:
    """Two ways to the same sums, counts and rates: with returns, deals of nothing, deals closed before they
    were created or on that day, list prices of 0, and lost deals."""
    tables = random_tables(seed, deals=400)
    odd = tables["deals"].assign(segment="all")
    odd.loc[odd.index[::9], "amount"] = 0.0
    odd.loc[odd.index[::11], "close_date"] = odd["created_date"]
    data = Dataset.from_frames({**tables, "deals": odd})
    months = data.rep_months()
    found = gaps.channel_months(months, data.deals(), "segment")
    assert {"open_deals", "deals_created"}.isdisjoint(found.columns)
    names = ["bookings", "deals_won", "deals_lost", "deals_closed", "win_rate", "mean_amount",
             "cycle_days", "discount"]  # fmt: skip
    assert (months[names].notna().sum() > 20).all()
    pd.testing.assert_frame_equal(found[names], months[names], check_dtype=False)
