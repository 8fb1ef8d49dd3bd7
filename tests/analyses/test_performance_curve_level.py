"""Deals counted: what reps are expected to sell in all, and how much the luck of their deals varies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesops_lib import performance_curve
from salesops_lib.analyses.performance_curve.noise import means_noise
from salesops_lib.analyses.performance_curve.panel import read_panel
from salesops_lib.analyses.performance_curve.seasons import without_calendar
from tests.analyses.curve_frames import deal_months

NAMES = {"rep": "rep_id", "period": "month", "value": "bookings", "deals": "deals_won"}


@pytest.mark.parametrize(("rate", "spread"), [(3.0, 0.8), (1.0, 0.8), (0.7, 1.3)])
def test_reps_are_expected_to_sell_what_they_sold_in_all(rate: float, spread: float) -> None:
    """An identity: 3, 7 and 18% more was expected than sold, of all reps together."""
    frame, _ = deal_months(np.random.default_rng([31, int(10 * rate)]), 24, rate, spread)
    curve = performance_curve(frame, deals="deals_won", samples=0, draws=1_000)
    assert curve.reps["shrunk"].sum() * 12 == pytest.approx(frame["bookings"].sum())


def test_it_holds_for_who_was_there_in_part_and_sold_nothing() -> None:
    """Over the time that each was there, ramp and all."""
    rng = np.random.default_rng(32)
    frame, _ = deal_months(rng, 30, 1.0, 0.8)
    frame["tenure_months"] = np.where(frame["rep_id"] < 6, frame["month"] + 1.0, 60.0)
    frame["month_share"] = np.where((frame["rep_id"] == 3) & (frame["month"] == 4), 0.5, 1.0)
    frame = frame[(frame["rep_id"] > 3) | (frame["month"] > 3)]
    frame.loc[frame["rep_id"] == 9, ["bookings", "deals_won"]] = 0
    curve = performance_curve(
        frame, covariates=["tenure_months"], exposure="month_share", deals="deals_won",
        samples=0, draws=1_000,
    )  # fmt: skip
    assert curve.model == "means" and curve.posterior.noise.silent.sum() == 1
    worked = curve.posterior.noise.worked
    assert worked @ curve.reps["shrunk"].to_numpy() == pytest.approx(frame["bookings"].sum())


def test_hires_stand_on_the_level_of_the_others() -> None:
    """A hire is drawn from the same population: over 30 companies the average hire sells what the average
    rep does, to within 3%, where both were 7% above the truth."""
    found, truth = [], []
    for seed in range(30):
        frame, often = deal_months(np.random.default_rng([33, seed]), 60, 1.0, 0.8)
        curve = performance_curve(frame, deals="deals_won", samples=0, draws=1_000)
        hires = curve.posterior.hires(20, np.random.default_rng(seed))
        found.append((hires.mean(), curve.posterior.population.mean(), curve.reps["shrunk"].mean()))
        truth.append(often.mean())
    assert np.mean(found, axis=0) / np.mean(truth) == pytest.approx([1.0] * 3, abs=0.03)


def test_heavy_deals_vary_as_much_as_they_do() -> None:
    """(e^1.69) / .7 = 7.74 is the squared variation of a month. A heavy deal raises the level of its rep,
    and measured over that it is no longer heavy: .70 of the truth in the middle of these companies."""
    found = []
    for seed in range(40):
        frame, _ = deal_months(np.random.default_rng([34, seed]), 200, 0.7, 1.3)
        found.append(means_noise(read_panel(frame, **NAMES)).nodes.scale[2])
    assert np.median(found) / (np.exp(1.3**2) / 0.7) == pytest.approx(1, abs=0.2)


def test_the_luck_of_others_is_not_a_season() -> None:
    """Ten reps alike, months alike: divided by what the nine others sold in it, a month looked 1.7 times as
    variable as it is, (e^.64) / 1 = 1.90."""
    found = []
    for seed in range(80):
        frame, _ = deal_months(np.random.default_rng([35, seed]), 10, 1.0, 0.8, skill=0.0)
        found.append(means_noise(read_panel(frame, **NAMES)).nodes.scale[2])
    assert np.mean(found) / np.exp(0.8**2) == pytest.approx(1, abs=0.12)


def test_a_season_is_taken_out_in_full_where_it_is_kept() -> None:
    frame, _ = deal_months(np.random.default_rng(36), 40, 3.0, 0.8)
    frame.loc[frame["month"] == 11, "bookings"] *= 4
    panel = read_panel(frame, **NAMES)
    assert (without_calendar(panel, panel.value, kept=0.0) == panel.value).all()
    last = panel.period == 11
    bare = without_calendar(panel, panel.value)
    assert bare[last].mean() / bare[~last].mean() == pytest.approx(1, abs=0.15)
    one = replace(panel, period=np.zeros_like(panel.period), periods=panel.periods[:1])
    assert without_calendar(one, panel.value) is panel.value
