"""Planted discounts through the public functions: a few of the companies that `make calibrate` asks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration import deal_desk as calibration


def tolerance(replicates: int) -> float:
    return 0.02 + 3 * float(np.sqrt(0.9 * 0.1 / replicates))


def table(world: calibration.World, replicates: int):
    at = calibration.WORLDS.index(world)
    rows = calibration.block(at, 99, replicates, seed=3)
    return calibration.summary(world, rows, 3).set_index("quantity")


@pytest.mark.slow
def test_price_reps_and_quarters_end_hold_what_is_planted() -> None:
    found = table(calibration.World(12, "skewed"), 30)
    for name in ("price_realisation", "held_prices_year", "quarter_end", "a rep's discount"):
        assert abs(found.loc[name, "coverage"] - 0.90) <= tolerance(30), name
    # What lies above average by means as seen is too much.
    naive = found.loc["excess of means as seen"]
    assert naive["bias"] > found.loc["held_prices_year", "bias"]


@pytest.mark.slow
def test_nothing_is_claimed_where_nothing_is() -> None:
    found = table(calibration.World(12, "normal", spread=0.0, late=0.0), 20)
    for name in ("says that reps differ", "says that the quarter's end differs"):
        assert found.loc[name, "coverage"] <= 0.10 + 3 * np.sqrt(0.09 / 20), name
    assert found.loc["held_prices_year", "coverage"] >= 0.9 - tolerance(20)
