"""How strong an unmeasured market factor must be, from regressions written out."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from salesops_lib import channel_gap
from salesops_lib.statistics.omitted_variable import residuals
from tests.analyses.gap_frames import MARKET, rep_months


def test_strength_is_of_what_the_measured_market_leaves() -> None:
    """One practice: each rep's mean of it times its coefficient in a regression in which every rep weighs the
    same, and the channel, both less what the reps' market says of them."""
    data = rep_months(3, reps=30)
    data["calls"] += 0.5 * (data["size"] - 100) + 3 * (data["channel"] == "EU")
    found = channel_gap(
        data, outcome="bookings", a="EU", b="US", market=MARKET, practice=["calls"], permutations=0
    )
    in_a = (data["channel"] == "EU").astype(float)
    weight = 1 / data.groupby("rep_id")["rep_id"].transform("size")
    x = np.column_stack([np.ones(len(data)), in_a, data[[*MARKET, "calls"]]])
    slope = sm.WLS(data["bookings"], x, weights=weight).fit().params.iloc[-1]
    reps = data.assign(in_a=in_a).groupby("rep_id")[["in_a", *MARKET, "calls"]].mean()
    group, market = reps["in_a"].to_numpy(), reps[MARKET].to_numpy()
    left = residuals(slope * reps["calls"].to_numpy(), group, market)
    assert found.robustness.value == pytest.approx(left.robustness(found.practice.value))
    # Without the market it would have to be another.
    bare = residuals(slope * reps["calls"].to_numpy(), group, market[:, :0])
    assert abs(bare.robustness(found.practice.value) / found.robustness.value - 1) > 0.01
    curve = found.sensitivity
    shift = np.array([left.shift(one, one) for one in curve["strength"]])
    assert (found.practice.value - curve["correctable"]).to_numpy() == pytest.approx(shift)
    assert (found.practice.low - curve["low"]).to_numpy() == pytest.approx(shift)
