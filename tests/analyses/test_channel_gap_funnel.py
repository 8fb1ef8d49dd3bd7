"""Limits of the funnel's steps by a second way: derivatives by reps, and Welch's degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.analyses.channel_gap.funnel import funnel_columns
from salesops_lib.statistics.das_gupta import shapley


def company(seed: int = 3, *, same: bool = False) -> pd.DataFrame:
    """Seven reps of a and five of b, or the same seven, of whom b handles fewer and larger deals."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, reps in (("a", 7), ("b", 7 if same else 5)):
        for rep in range(reps):
            for month in range(6):
                open_ = rng.integers(20, 40) + 30 * (name == "a")
                closed = rng.binomial(open_, 0.3) + 2
                won = rng.binomial(closed, 0.4) + 1
                size = rng.lognormal(7 + 0.5 * (name == "b"), 0.2)
                who = f"r{rep}" if same else f"{name}{rep}"
                rows.append((who, month, name, open_, closed, won, won * size))
    names = ["rep_id", "month", "channel", "open_deals", "deals_closed", "deals_won", "bookings"]
    return pd.DataFrame(rows, columns=names)


def steps(mean_a: np.ndarray, mean_b: np.ndarray) -> np.ndarray:
    """Contributions of count, two rates and deal size from the means a row."""
    one, other = (np.array([m[0], m[1] / m[0], m[2] / m[1], m[3] / m[2]]) for m in (mean_a, mean_b))
    return np.array(shapley(tuple(one), tuple(other)))


@pytest.mark.parametrize("same", [False, True], ids=["other people", "the same people"])
def test_limits_of_the_steps(same: bool) -> None:
    """Each rep moves its channel's mean by its own distance from it over the number of reps; what that moves
    in a step, squared and summed, is its variance, of the same people after both channels are added."""
    data = company(same=same)
    found = gaps.funnel_gap(data, a="a", b="b")
    reps = data.groupby(["channel", "rep_id"])[
        ["open_deals", "deals_closed", "deals_won", "bookings"]
    ].mean()
    means = {name: reps.loc[name].mean().to_numpy() for name in "ab"}
    value = steps(means["a"], means["b"])
    moved = {}
    for name in "ab":
        n = len(reps.loc[name])
        away = (reps.loc[name].to_numpy() - means[name]) / n * np.sqrt(n / (n - 1))
        h = 1e-4
        moved[name] = np.array([
            (steps(*(means[k] + h * d * (k == name) for k in "ab"))
             - steps(*(means[k] - h * d * (k == name) for k in "ab"))) / (2 * h)
            for d in away
        ])  # fmt: skip
    if same:
        variance = ((moved["a"] + moved["b"]) ** 2).sum(axis=0)
        df = np.full(4, 6.0)
    else:
        a, b = ((moved[name] ** 2).sum(axis=0) for name in "ab")
        variance, df = a + b, (a + b) ** 2 / (a**2 / 6 + b**2 / 4)
    reach = stats.t.ppf(0.95, df) * np.sqrt(variance)
    told = stats.t.ppf(1 - 0.05 / 4, df) * np.sqrt(variance)
    table = found.steps
    assert table["value"].to_numpy() == pytest.approx(value)
    assert (table["high"] - table["value"]).to_numpy() == pytest.approx(reach, rel=1e-4)
    assert (table["told_high"] - table["value"]).to_numpy() == pytest.approx(told, rel=1e-4)
    assert found.largest.n == (7 if same else 12)
    # b's deals are larger: what is largest may be against a.
    back = gaps.funnel_gap(data, a="b", b="a")
    assert abs(back.largest.value) == pytest.approx(np.abs(value).max())


def test_steps_that_months_can_tell_apart() -> None:
    """Closed deals tell something only where some are lost, open ones where their beginning is dated."""
    months = pd.DataFrame({"open_deals": [3], "deals_closed": [2], "deals_won": [1]})
    lost, none = months.assign(deals_lost=[1]), months.assign(deals_lost=[0])
    assert funnel_columns(lost, dated=True) == {
        "open_deals": "open_deals",
        "closed": "deals_closed",
    }
    assert funnel_columns(none, dated=True) == {"open_deals": "open_deals", "closed": None}
    assert funnel_columns(lost, dated=False) == {"open_deals": None, "closed": "deals_closed"}
    assert funnel_columns(lost.drop(columns="deals_won"), dated=True) == {}
