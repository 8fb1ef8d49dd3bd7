"""Which won deals price, volume and mix are of, and how much each counts: by hand, and said twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData
from salesops_lib.analyses import channel_gap as gaps
from tests.analyses.test_channel_gap_companions import deals, mix


def returned() -> pd.DataFrame:
    """Deals of which some are returns."""
    data = deals()
    data.loc[:20, "amount"] *= -1
    return data


def test_a_deal_of_weight_two_is_two_deals() -> None:
    data = returned().assign(heft=lambda d: 1.0 + (np.arange(len(d)) % 3 == 0))
    twice = data.loc[data.index.repeat(data["heft"].astype(int))]
    for quantity in (None, "quantity"):
        weighed = mix(data, weight="heft", quantity=quantity)
        again = mix(twice, quantity=quantity)
        pd.testing.assert_frame_equal(weighed, again)
    for sign in (1, -1):
        with pytest.raises(DataError, match="'heft': is zero or less"):
            mix(data.assign(heft=0.0, amount=sign * data["amount"].abs()), weight="heft")


def test_returns_are_of_a_rep_month_too_and_what_was_given_away_is_a_unit() -> None:
    data = returned()
    revenue = data.groupby("channel")["amount"].sum()
    per = mix(data, exposure={"EU": 10.0, "US": 4.0})
    assert per["shapley"].sum() == pytest.approx(revenue["EU"] / 10 - revenue["US"] / 4)
    gift = {"channel": ["EU", "EU", "US"], "product": "x", "amount": [10.0, 0.0, 5.0]}
    table = mix(pd.DataFrame(gift)).set_index("effect")
    assert table["shapley"].to_dict() == {"volume": 5.0, "mix": 0.0, "price": 0.0}
    # What nobody sold in this time has no price but that of its mean return: two units came back.
    old = pd.DataFrame({"channel": "EU", "product": "y", "amount": [-4.0, -6.0]})
    table = mix(pd.concat([data, old], ignore_index=True)).set_index("product").loc["y"]
    assert (table["quantity_a"] == -2.0).all() and (table["price_a"] == 5.0).all()
    with pytest.raises(NotEnoughData, match="exposure gives nothing for 'US'"):
        mix(data, exposure={"EU": 1.0, "US": 0.0})


def test_what_names_a_thing_sold_is_not_what_the_channels_are() -> None:
    assert gaps.product_columns(deals()) == ["product", "segment"]
    assert gaps.product_columns(deals(), channel="segment") == ["product"]


def test_where_deals_are_the_channel_they_are_those_of_the_rep_months_compared() -> None:
    """R has January and February, S February only, in the shop and on the web; each won one a month in
    either, and at the fair, which is not compared."""
    at = [("R", 1), ("R", 2), ("S", 2)]
    months = pd.DataFrame(
        [(rep, pd.Timestamp(2026, month, 1), via) for rep, month in at for via in ("shop", "web")],
        columns=["rep_id", "month", "via"],
    )
    table = pd.DataFrame(
        [(rep, "won", pd.Timestamp(2026, month, 1), via, 1.0) for rep in "RS" for month in (1, 2, 3)
         for via in ("shop", "web", "fair")],
        columns=["rep_id", "status", "close_date", "via", "amount"],
    )  # fmt: skip
    won = gaps.won_deals(table, months, channel="via")
    assert won.groupby(["rep_id", "via"])["weight"].agg(list).to_dict() == {
        ("R", "shop"): [0.25] * 2, ("R", "web"): [0.25] * 2, ("S", "shop"): [0.5], ("S", "web"): [0.5],
    }  # fmt: skip


def test_a_channel_that_won_nothing_is_named() -> None:
    """Its deals cannot be told by volume, mix and price; the other's are there all the same."""
    months = pd.DataFrame({
        "rep_id": ["A", "B"], "month": pd.Timestamp("2026-03-01"), "channel": ["east", "west"],
    })  # fmt: skip
    table = pd.DataFrame({
        "deal_id": ["1", "2"], "rep_id": ["A", "B"], "status": ["won", "lost"], "amount": [10.0, 5.0],
        "close_date": pd.Timestamp("2026-03-09"),
    })  # fmt: skip
    assert gaps.won_deals(table, months, of=("east",))["deal_id"].tolist() == ["1"]
    with pytest.raises(NotEnoughData, match="'west' won no deal"):
        gaps.won_deals(table, months, of=("east", "west"))
