"""Channels in which people come, go and move: parts of months are not compared with whole ones."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.dataset import Dataset

REPS = 8


@pytest.fixture(scope="module")
def company() -> Dataset:
    """Everybody wins one deal of 100 every day. In the channel that was opened in the year everybody began
    in the middle of a month, one left in the middle of another, and one moved over from the old one."""
    days = pd.date_range("2025-01-01", "2025-12-31")
    spells, deals = [], []
    for channel, hired in (("old", "2020-01-01"), ("new", "2025-07-16")):
        for k in range(REPS):
            rep, end = f"{channel}{k}", pd.NaT
            if rep == "new0":
                end = pd.Timestamp("2025-10-10")
            if rep == "old0":
                spells.append((rep, rep, "old", pd.Timestamp("2020-01-01"), "2025-08-31"))
                spells.append((rep, rep, "new", pd.Timestamp("2025-09-01"), pd.NaT))
            else:
                spells.append((rep, rep, channel, pd.Timestamp(hired), end))
            on = days[(days >= hired) & ~(days > end)]
            deals += [(rep, "won", 100.0, day, day, "P" if day.day % 2 else "Q") for day in on]
    columns = ["rep_id", "status", "amount", "created_date", "close_date", "product"]
    won = pd.DataFrame(deals, columns=columns).rename_axis("deal_id").reset_index()
    reps = ["rep_id", "name", "channel", "hire_date", "end_date"]
    return Dataset.from_frames(
        {
            "reps": pd.DataFrame(spells, columns=reps).astype({"end_date": "datetime64[ns]"}),
            "deals": won.astype({"deal_id": str}),
        }
    )


@pytest.fixture(scope="module")
def asked(company: Dataset) -> gaps.Comparable:
    return gaps.comparable(company.rep_months(trailing=12), company.deals(), a="old", b="new")


def difference(asked: gaps.Comparable) -> float:
    means = gaps.compare_channels(asked.months, outcome="bookings").league.set_index("channel")
    return float(means["observed"]["old"] - means["observed"]["new"])


def test_half_a_month_is_no_lower_sale(asked: gaps.Comparable) -> None:
    """All sell 100 a day: what is left are days of the months. With parts of months the new channel, 3,040
    a month like the old one, sold 260 less."""
    assert abs(difference(asked)) < 50
    assert asked.months["month_share"].min() == 1
    assert any("9 rep-months in which a rep began or left" in one for one in asked.notices)


def test_volume_mix_and_price_add_up_to_the_gap(asked: gaps.Comparable) -> None:
    """Also where a rep moved, whose deals are those of the channel of the day."""
    won = gaps.won_deals(asked.deals, asked.months)
    mix = gaps.price_volume_mix(
        won, channel="channel", a="old", b="new", weight="weight", product="product",
        amount="amount",
    )  # fmt: skip
    whole = gaps.totals(mix).set_index("effect").loc["difference"]
    assert whole.to_numpy() == pytest.approx(difference(asked), abs=1e-6)


def test_months_without_shares_stay(company: Dataset) -> None:
    months = company.rep_months(trailing=12).drop(columns="month_share")
    found = gaps.comparable(months, company.deals(), a="old", b="new")
    assert len(found.months) == len(months)
