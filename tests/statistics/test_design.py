"""Covariates as columns, and which of them cannot stand beside the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesops_lib.statistics.design import check_rank, encode


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(100, 5, 24)
    side = np.repeat([0, 1], 12)
    return pd.DataFrame({
        "x": x,
        "twice": 2 * x + 7,
        "side": side + 3.0,
        "kind": np.resize(["u", "v", "w"], 24),
        "flag": rng.random(24) < 0.5,
        "flat": 4.0,
        "one": "same",
    })  # fmt: skip


def test_levels_all_have_a_column_and_fit_columns_sum_to_zero_over_them() -> None:
    design = encode(frame(), ["x", "kind", "flag"])
    assert design.names == ("x", "kind", "flag")
    assert design.level == ("", "u", "v", "w", "")
    assert design.basis.shape == (5, 4)
    coefficients = design.basis @ np.array([1.0, 2.0, 5.0, 9.0])
    assert coefficients[1:4].sum() == 0.0
    np.testing.assert_allclose(design.raw[:, 0].std(), 1.0)


def test_rank_names_what_is_constant_and_what_follows_from_the_rest() -> None:
    data = frame()
    groups = [data["side"].to_numpy() == 3, data["side"].to_numpy() == 4]
    design = encode(data, ["x", "twice", "side", "kind", "flag", "flat", "one"])
    rank = check_rank(design, np.ones(24), groups)
    assert rank.constant == ("side", "flat", "one")
    assert rank.collinear == ("twice",)
    together = check_rank(design, np.ones(24), [np.ones(24, bool)])
    assert together.constant == ("flat", "one")


def test_a_category_that_names_the_group_is_found() -> None:
    data = frame().assign(region=np.repeat(["n", "s", "e", "w"], 6))
    groups = [data["side"].to_numpy() == 3, data["side"].to_numpy() == 4]
    rank = check_rank(encode(data, ["region"]), np.ones(24), groups)
    assert rank.dropped == ("region",)


def test_a_large_offset_costs_no_digits() -> None:
    data = frame().assign(year=2e6 + frame()["x"] / 1e3)
    design = encode(data, ["x", "year"])
    # One is the other shifted, and that is seen through the offset.
    assert check_rank(design, np.ones(24), [np.ones(24, bool)]).collinear == ("year",)


def test_leaving_covariates_out_keeps_the_rest_together() -> None:
    design = encode(frame(), ["x", "kind", "flag"]).without(["x"])
    assert design.names == ("kind", "flag")
    assert design.raw.shape[1] == design.basis.shape[0] == len(design.shift) == 4
    assert design.raw_of(["flag"]) == [3]
    assert design.fit_of(["kind"]) == [0, 1]


def test_what_is_constant_in_the_one_group_looked_at_is_found_for_all_its_round_off() -> None:
    """Beside nothing else to measure it against, 4e-15 was taken for variation, and the regression in
    that group raised that its matrix is not positive definite."""
    rng = np.random.default_rng(0)
    side = np.repeat([True, False], [243, 117])
    data = pd.DataFrame({"x": rng.normal(size=360), "index": np.where(side, rng.random(360), 1.0)})
    for level in (0.9, 1.0, 97.31, 1e6 + 0.1):
        design = encode(data.assign(index=data["index"] * level), ["x", "index"])
        weights = rng.uniform(0.5, 1.0, 360)
        assert check_rank(design, weights, [~side]).constant == ("index",)
        assert check_rank(design, weights, [side]).dropped == ()
