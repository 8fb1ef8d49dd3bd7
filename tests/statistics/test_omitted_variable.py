"""Sensitivity to an omitted variable: an identity, a published value, edges."""

from __future__ import annotations

import numpy as np
import pytest

from salesops_lib.statistics.omitted_variable import (
    Residuals,
    equal_strength,
    measured_strength,
    residuals,
)
from tests.reference import channel_gap as reference


def slope(y: np.ndarray, group: np.ndarray, *columns: np.ndarray) -> float:
    x = np.column_stack([np.ones(len(y)), group, *columns])
    return float(np.linalg.lstsq(x, y, rcond=None)[0][1])


def test_leaving_a_measured_variable_out_moves_the_difference_by_exactly_the_bound() -> None:
    """The formula is an identity for whatever variable is left out."""
    rng = np.random.default_rng(0)
    group = (np.arange(40) < 20).astype(float)
    known = rng.normal(size=(40, 2)) + group[:, None]
    hidden = rng.normal(size=40) + 0.8 * group + known[:, 0]
    y = group + known.sum(axis=1) + 1.5 * hidden + rng.normal(size=40)
    left = residuals(y, group, known)
    full = np.column_stack([known, hidden])
    share_y, share_group = measured_strength(y, group, full, [2])
    moved = slope(y, group, known) - slope(y, group, full)
    assert left.shift(share_y, share_group) == pytest.approx(abs(moved))
    same = equal_strength(share_y, share_group)
    assert left.shift(same, same) == pytest.approx(abs(moved))


def test_robustness_value_of_the_darfur_study() -> None:
    one = reference.DARFUR
    sd_ratio = one["std_error"] * np.sqrt(one["df"])
    found = Residuals(sd_ratio, 1.0, int(one["df"])).robustness(one["estimate"])
    assert found == pytest.approx(one["robustness"], abs=1e-3)


def test_a_factor_of_the_robustness_value_leaves_nothing() -> None:
    left = Residuals(3.0, 0.5, 20)
    needed = left.robustness(2.5)
    assert left.shift(needed, needed) == pytest.approx(2.5)
    assert left.robustness(0.0) == 0.0
    assert left.shift(0.5, 1.0) == np.inf
    assert Residuals(0.0, 0.5, 20).robustness(1.0) == 1.0


def test_collinear_measured_columns_are_no_obstacle() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=30)
    group = (rng.random(30) < 0.5).astype(float)
    y = group + x + rng.normal(size=30)
    once, twice = x[:, None], np.column_stack([x, 2 * x])
    assert residuals(y, group, once).response == pytest.approx(residuals(y, group, twice).response)
    assert measured_strength(y, group, twice, [0]) == pytest.approx((0.0, 0.0), abs=1e-12)
