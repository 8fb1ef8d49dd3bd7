"""Covariates of which a decomposition cannot use all cells: a table has no notices to say so in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import DataError, NotEnoughData, decompose_gap

ROWS = 40


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({
        "team": ["a"] * ROWS + ["b"] * ROWS, "calls": rng.normal(10, 2, 2 * ROWS),
        "size": rng.normal(5, 1, 2 * ROWS),
    })  # fmt: skip
    return data.assign(sales=data["calls"] + data["size"] + rng.normal(size=2 * ROWS))


def split(data: pd.DataFrame, **options: object) -> pd.DataFrame:
    return decompose_gap(
        data, outcome="sales", group="team", a="a", b="b", covariates=["calls", "size"], **options
    )


@pytest.mark.parametrize("detailed", [True, False])
def test_a_covariate_that_is_hardly_known_is_not_left_out_in_silence(detailed: bool) -> None:
    """14 of 40 rows are more than a third: the covariate was dropped, and its part fell to the others."""
    data = frame()
    data.loc[:13, "size"] = np.nan
    with pytest.raises(NotEnoughData, match=r"'size'.*more than a third of one group.*rows 0, 1"):
        split(data, detailed=detailed)
    data.loc[0, "size"] = 5.0
    assert set(split(data)["covariate"]) >= {"calls", "size"}


def test_an_infinite_cell_is_not_taken_for_a_blank() -> None:
    data = frame()
    data.loc[[3, 50], "size"] = np.inf
    with pytest.raises(DataError, match="'size': is infinite; rows 3, 50"):
        split(data)
    # Rows of groups that are not compared have no part in it.
    assert len(split(pd.concat([frame(), data.loc[[3]].assign(team="c")])))
