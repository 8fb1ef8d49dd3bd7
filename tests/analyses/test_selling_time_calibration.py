"""Intervals hold a planted elasticity as often as they claim, from raw rows through the public
functions.

`make calibrate` counts thousands; here are as many as a test run can carry, with the tolerance that
the binomial error of so few demands (three standard errors beyond two points).
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration import selling_time as calibration


def tolerance(replicates: int) -> float:
    return 0.02 + 3 * float(np.sqrt(0.9 * 0.1 / replicates))


def table(world: calibration.World, replicates: int):
    at = calibration.WORLDS.index(world)
    rows = calibration.block(at, 99, replicates, seed=3)
    return calibration.summary(world.name, rows, 3).set_index("quantity")


@pytest.mark.slow
def test_within_reps_holds_what_comparing_reps_doubles() -> None:
    """METHODS: .675 pooled for a true .34."""
    found = table(calibration.World(12, "deals"), 60)
    alone, pooled = found.loc["elasticity, alone"], found.loc["elasticity, pooled"]
    assert abs(alone["coverage"] - 0.90) <= tolerance(60)
    assert alone["value"] == pytest.approx(0.34, abs=4 * 0.34 * alone["bias_error"])
    assert pooled["value"] == pytest.approx(0.675, abs=4 * 0.34 * pooled["bias_error"])


@pytest.mark.slow
def test_an_error_that_is_known_is_taken_out() -> None:
    """METHODS: an error of .15 makes .212 of .34."""
    found = table(calibration.World(12, "smooth", error=0.15), 60)
    alone, plain = found.loc["elasticity, alone"], found.loc["elasticity, hours as reported"]
    assert abs(alone["coverage"] - 0.90) <= tolerance(60)
    assert alone["value"] == pytest.approx(0.34, abs=4 * 0.34 * alone["bias_error"])
    assert plain["value"] == pytest.approx(0.212, abs=4 * 0.34 * plain["bias_error"])


@pytest.mark.slow
def test_money_and_the_shrunken_elasticity_hold_truths_from_the_prior() -> None:
    found = table(calibration.World(12, "deals", swing=0.3, drawn=True), 60)
    for name in ("elasticity, together", "freed_hours_year"):
        assert abs(found.loc[name, "coverage"] - 0.90) <= tolerance(60), name
    together, alone = found.loc["elasticity, together"], found.loc["elasticity, alone"]
    assert together["width"] < 0.6 * alone["width"]
