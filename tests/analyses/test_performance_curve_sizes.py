"""Covariates that are sizes enter by their logs where skill and luck multiply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import performance_curve
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.analyses.performance_curve.sizes import in_proportion, logs_of_size, may_be_size

REGIONS = np.geomspace(1, 10, 10)


def months(
    rng: np.random.Generator, effect: np.ndarray, shown: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """A year of 40 reps in ten regions whose bookings are multiplied by `effect`, and their skill."""
    skill = 0.25 * rng.standard_normal(40)
    rep = np.repeat(np.arange(40), 12)
    mean = np.exp(skill[rep]) * effect[rep % 10]
    return pd.DataFrame({
        "rep_id": rep, "month": np.tile(np.arange(12), 40), "market": shown[rep % 10],
        "bookings": 1e4 * mean * np.exp(0.5 * rng.standard_normal(len(rep))),
    }), skill  # fmt: skip


def gone_with(frame: pd.DataFrame, skill: np.ndarray) -> float:
    curve = performance_curve(frame, covariates=["market"], samples=0, draws=500)
    assert curve.model == "log"
    shrunk = curve.reps.sort_values("rep_id")["shrunk"]
    return float(np.corrcoef(np.log(shrunk), skill)[0, 1])


def test_a_market_ten_times_as_large_is_no_skill() -> None:
    """Planted truth: .66 over such companies while sizes entered as exponentials, .86 where markets are
    all alike; known to .02 from ten."""
    found = [
        gone_with(*months(np.random.default_rng([1, seed]), REGIONS, REGIONS)) for seed in range(10)
    ]
    assert np.mean(found) > 0.79


def test_a_rate_enters_as_it_is() -> None:
    """Ten times the rate brings no multiple of ten: bookings grow by 12 times the rate."""
    rate = np.linspace(0.01, 0.10, 10)
    found = [
        gone_with(*months(np.random.default_rng([2, seed]), np.exp(12 * rate), rate))
        for seed in range(10)
    ]
    assert np.mean(found) > 0.79


def test_the_better_of_both_is_taken() -> None:
    rng = np.random.default_rng(3)
    for effect, shown, logs in (
        (REGIONS, REGIONS, True), (np.exp(REGIONS / 3), REGIONS, False),
    ):  # fmt: skip
        frame, _ = months(rng, effect, shown)
        names = {"rep": "rep_id", "period": "month", "value": "bookings"}
        panel = read_panel(frame, covariates=["market"], **names)
        taken = in_proportion(panel).covariates
        assert (taken == (panel.logs if logs else panel.covariates)).all()


def test_powers_of_a_size_are_not_the_same_twice() -> None:
    frame, _ = months(np.random.default_rng(4), REGIONS, REGIONS)
    frame = frame.assign(square=frame["market"] ** 2)
    curve = performance_curve(frame, covariates=["market", "square"], samples=0, draws=200)
    assert np.isfinite(curve.reps[["shrunk", "shrunk_low", "shrunk_high"]]).all(axis=None)


def test_logs_are_zero_at_the_average_by_hand() -> None:
    """1, 2 and 6 are 3 on average: logs of 1/3, 2/3 and 2 over their standard deviation; what is
    missing counts as average."""
    logs = np.log([1 / 3, 2 / 3, 2])
    found = logs_of_size(np.array([1.0, 2.0, 6.0, np.nan]))
    assert found[:3] == pytest.approx(logs / logs.std())
    assert found[3] == 0


def test_what_may_be_no_size() -> None:
    assert may_be_size(np.array([1.0, np.nan, 2.1]))
    assert not may_be_size(np.array([1.0, 2.0]))
    assert not may_be_size(np.array([0.0, 5.0]))
    assert not may_be_size(np.array([-1.0, 5.0]))


def test_who_sold_nothing_has_no_log_to_go_with() -> None:
    """Reps who sell in proportion to their market, and one who never sold: the others still tell."""
    frame, _ = months(np.random.default_rng(5), REGIONS, REGIONS)
    frame.loc[frame["rep_id"] == 7, "bookings"] = 0.0
    panel = read_panel(frame, rep="rep_id", period="month", value="bookings", covariates=["market"])
    assert (in_proportion(panel).covariates == panel.logs).all()
