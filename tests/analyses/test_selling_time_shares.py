"""Groups that sell more of their time, and quotas by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesops_lib import NotEnoughData
from salesops_lib.analyses.selling_time import (
    quota_by_selling_share,
    selling_shares,
)
from salesops_lib.analyses.selling_time.quota import wilson
from salesops_lib.statistics.mover import difference_interval
from tests.analyses.hours_frames import company
from tests.reference.selling_time import NEWCOMBE, WILSON


def test_shares_by_group(times) -> None:
    data, _ = company()
    found = selling_shares(times, data, by=("channel", "region", "tenure", "team"))
    assert list(found.tests["by"]) == ["channel", "region", "tenure"]
    channel = found.table[found.table["by"] == "channel"]
    for row in channel.itertuples():
        own = times.reps[
            times.reps["rep_id"].isin(data.loc[data["channel"] == row.group, "rep_id"])
        ]
        every = own["hours"] * own["weeks"]
        assert row.share == pytest.approx((own["selling_share"] * every).sum() / every.sum())
        assert row.low < row.share < row.high and row.reps == len(own)
    assert (found.tests["p_holm"] >= found.tests["p"]).all()
    assert "Cannot tell whether channels" in found.findings[0].sentence
    moved = times.reps.assign(
        selling_share=np.where(np.arange(len(times.reps)) % 2, 0.6, 0.3)
        + 0.01 * np.arange(len(times.reps)) / 16
    )
    said = selling_shares(replace(times, reps=moved), data).findings[0].sentence
    assert said.startswith("Selling time differs between channels and regions by more than chance")
    assert said.endswith("; between lengths of service it may be chance.")
    assert not any(name in said for name in ("EU", "US", "P0", "P1"))
    with pytest.raises(NotEnoughData, match="no two groups"):
        selling_shares(times, data.assign(channel="EU"), by=("channel",))


def test_the_published_intervals_of_shares() -> None:
    for (hits, n), limits in WILSON.items():
        assert wilson(hits, n, 0.95)[1:] == pytest.approx(limits, abs=5e-5)
    first, second, limits = NEWCOMBE
    found = difference_interval(wilson(*first, 0.95), wilson(*second, 0.95))
    assert found[1:] == pytest.approx(limits, abs=5e-5)


def test_quota_by_thirds_of_selling_share(times) -> None:
    data, _ = company()
    sums = data.groupby("rep_id")[["bookings", "quota"]].sum()
    reached = sums["bookings"] >= sums["quota"]
    order = times.reps.sort_values("selling_share")["rep_id"].tolist()
    found = quota_by_selling_share(times, data, fewest=5)
    assert found.table["reps"].tolist() == [6, 5, 5]
    assert found.table["reached"].iloc[0] == pytest.approx(reached[order[:6]].mean())
    assert found.table["reached"].iloc[2] == pytest.approx(reached[order[-5:]].mean())
    gap = found.table["reached"].iloc[2] - found.table["reached"].iloc[0]
    assert found.difference.value == pytest.approx(gap)
    assert found.difference.low < gap < found.difference.high
    with pytest.raises(NotEnoughData, match="thirds of 6"):
        quota_by_selling_share(times, data, fewest=6)
    with pytest.raises(NotEnoughData, match="0 reps have both"):
        quota_by_selling_share(times, data.assign(quota=np.nan))
