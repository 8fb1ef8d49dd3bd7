"""Reps who sell one kind of deal only: planted truth, identities, hand-worked links, and too few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.deal_desk import deal_desk, hold_prices
from salesops_lib.analyses.deal_desk.specialists import kinds_apart
from salesops_lib.errors import NotEnoughData
from tests.analyses.desk_frames import company

REPS, DEALS, OWN_SD = 24, 30, 0.02
NORMS = {"small": 0.05, "large": 0.20}


def specialists(
    rng: np.random.Generator, crossing: int = 0, reps: int = REPS
) -> tuple[pd.DataFrame, np.ndarray]:
    """Won deals of reps of whom every other one sells to large customers only, but for a few `crossing`
    deals, and each rep's own discount."""
    own = OWN_SD * rng.standard_normal(reps)
    rep = np.repeat(np.arange(reps), DEALS)
    large = rep % 2 == 1
    large[rng.choice(len(rep), crossing, replace=False)] ^= True
    norm = np.where(large, NORMS["large"], NORMS["small"])
    discount = norm + own[rep] + 0.04 * rng.standard_normal(len(rep))
    listed = rng.lognormal(9.5, 0.7, len(rep))
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, len(rep)), unit="D")
    deals = pd.DataFrame({
        "rep_id": rep, "status": "won", "amount": listed * (1 - discount), "list_amount": listed,
        "close_date": day, "segment": np.where(large, "large", "small"),
    })  # fmt: skip
    return deals, own


def planted(deals: pd.DataFrame, own: np.ndarray) -> float:
    """What half of it is worth that reps give beyond the average of those who sell the same."""
    mean = np.array([own[::2].mean(), own[1::2].mean()])[np.arange(len(own)) % 2]
    listed = deals.groupby("rep_id")["list_amount"].sum().to_numpy()
    return float(0.5 * np.maximum(own - mean, 0) @ listed)


@pytest.mark.parametrize("crossing", [0, 4])
def test_what_a_segment_gets_is_not_taken_for_its_reps(crossing: int) -> None:
    """Planted truth: taken for the reps', 15 points between segments made 4.7 times what held prices
    bring, and 1.3 times with a few deals that cross. The mean of 12 companies is known to 4%."""
    found, truth, inside = [], [], 0
    for seed in range(12):
        deals, own = specialists(np.random.default_rng([crossing, seed]), crossing)
        money = hold_prices(deal_desk(deals)).money_year
        found.append(money.value)
        truth.append(planted(deals, own))
        inside += money.low <= truth[-1] <= money.high
    assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.12)
    assert inside >= 8  # 90% of 12 fall below with probability .005.


def test_a_deeper_segment_moves_the_kinds_and_no_rep() -> None:
    """Identity: ten points more on all deals of one segment are ten points of that segment."""
    deals, _ = specialists(np.random.default_rng(1))
    large = deals["segment"] == "large"
    deeper = deals.assign(amount=deals["amount"] - 0.1 * deals["list_amount"].where(large, 0.0))
    before, after = deal_desk(deals), deal_desk(deeper)
    assert hold_prices(after).money_year.value == pytest.approx(
        hold_prices(before).money_year.value
    )
    assert after.reliability.value == pytest.approx(before.reliability.value)
    for desk in (before, after):
        assert desk.waterfall["value"].sum() == pytest.approx(desk.discount_year.value)
        excess = pd.Series(desk.model.excess.mean(axis=0))
        assert excess.groupby(desk.model.reps % 2).mean().tolist() == pytest.approx(
            [0, 0], abs=1e-12
        )
        assert any("sell one segment and no other" in one for one in desk.notices)
    # The average deal, too, is discounted more, by ten points of the share of deals that are large.
    assert after.average.value - before.average.value == pytest.approx(0.05, abs=1e-9)


def test_reps_who_sell_all_are_compared_with_all() -> None:
    deals, _ = specialists(np.random.default_rng(2), crossing=300)
    desk = deal_desk(deals)
    assert desk.model.kinds_apart == ()
    assert not any("no other" in one for one in desk.notices)


def test_links_by_hand() -> None:
    """Ten reps with 6 deals of a and b each: 10 × 36 / 12 = 30, which links them. c is sold by one rep
    alone; d twice with it, 2 × 40 / 42 < 30, and those 2 deals are all that there are of d: linked."""
    sold = ["a"] * 6 + ["b"] * 6
    frame = pd.DataFrame({
        "rep": [*np.repeat(range(10), 12), *[10] * 42], "product": [*sold * 10, *["c"] * 40, "d", "d"],
    })  # fmt: skip
    apart = kinds_apart(frame, frame["rep"].to_numpy(), ["product"])
    assert apart.kinds == ("product",)
    assert apart.columns.shape == (162, 1)
    of_group = pd.Series(apart.columns[:, 0]).groupby(frame["product"]).first()
    assert of_group["a"] == of_group["b"]
    assert of_group["c"] == of_group["d"] == pytest.approx(of_group["a"] + 1)


def test_a_rep_alone_with_a_kind_is_compared_with_nobody() -> None:
    deals, _ = specialists(np.random.default_rng(3))
    alone = deals.assign(segment=deals["segment"].mask(deals["rep_id"] == 5, "public"))
    table = deal_desk(alone).reps.set_index("rep_id")
    assert table.loc[5, "excess_year"] == pytest.approx(0, abs=1e-6)
    assert table.drop(index=5)["excess_year"].sum() > 0


def test_where_nobody_sells_the_same_nothing_is_said() -> None:
    """Bad input: each rep a product of one's own."""
    deals, _ = specialists(np.random.default_rng(4), reps=6)
    desk = deal_desk(deals.assign(product=deals["rep_id"].astype(str)))
    assert any("sells no other" in one for one in desk.notices)
    with pytest.raises(NotEnoughData):
        hold_prices(desk)


def test_one_deal_of_no_known_product_leaves_products_apart() -> None:
    odd = company()
    odd.loc[odd.index[odd["status"] == "won"][0], "product"] = None
    kinds = deal_desk(odd).kinds
    assert {"P", "Q"} <= set(kinds.loc[kinds["by"] == "product", "group"])
