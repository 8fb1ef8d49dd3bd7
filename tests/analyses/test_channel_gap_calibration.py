"""Intervals hold a planted truth as often as they claim, from raw rows through the public function.

`make calibrate` counts thousands; here are as many as a test run can carry, with the tolerance that
the binomial error of so few demands (three standard errors beyond two points).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import channel_gap as calibration
from salesops_lib import channel_gap


def tolerance(replicates: int) -> float:
    return 0.02 + 3 * float(np.sqrt(0.9 * 0.1 / replicates))


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "replicates"), [
    ("12+12", 120), ("12+12, weak effects", 80), ("6+18, spread x2 in a", 80), ("60+60", 60),
])  # fmt: skip
def test_coverage_in_linear_worlds(setting: str, replicates: int) -> None:
    world = calibration.SETTINGS[setting]
    table = pd.DataFrame(calibration.planted(setting, world, replicates, seed=7))
    coverage = table.set_index("quantity")["coverage"]
    assert ((coverage - 0.90).abs() <= tolerance(replicates)).all(), coverage.to_dict()
    # Rows taken as independent, practice as it comes: the interval that this replaces.
    naive = table.set_index("quantity")["naive"]
    assert naive["gap"] < 0.70
    assert naive["practice"] < 0.55


@pytest.mark.slow
def test_coverage_over_simulated_companies() -> None:
    """Raw tables → dataset → rep-months → channel_gap, market-driven win rates among them."""
    replicates = 24
    table = pd.DataFrame(calibration.company(12, replicates, seed=77_000))
    coverage = table.set_index("quantity")["coverage"]
    assert ((coverage - 0.90).abs() <= tolerance(replicates)).all(), coverage.to_dict()


def test_bias_is_small_where_the_market_drives_practice() -> None:
    """METHODS' case: a plain decomposition calls far more trainable than there is."""
    world = calibration.Planted(
        reps_a=30, reps_b=30, practices=1, market_ahead=1.0, practice_ahead=0.4, passed_on=1.0,
        market_slope=0.3,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    net, plain = [], []
    for _ in range(60):
        data = world.draw(rng)
        net.append(world.gap(data).practice.value)
        plain.append(
            channel_gap(
                data, outcome="bookings", a="a", b="b", practice=["practice_0"], permutations=9
            ).practice.value
        )
    truth = world.truth()["practice"]
    error = np.std(net) / np.sqrt(60)
    assert np.mean(net) == pytest.approx(truth, abs=4 * error)
    assert np.mean(plain) > 2.5 * truth
