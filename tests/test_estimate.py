"""Hand-worked and bad input: the estimate, the finding, and the way to JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from salesops_lib.errors import DataError
from salesops_lib.estimate import Estimate, Finding, Result, plain


@dataclass(frozen=True)
class Toy(Result):
    findings: tuple[Finding, ...]
    table: pd.DataFrame


def toy() -> Toy:
    gain = Estimate(2.0, 1.0, math.inf, 0.9, "months", 3, "hand")
    frame = pd.DataFrame({"rep_id": ["a"], "n": np.array([3]), "low": [np.nan]})
    return Toy((Finding("gain", gain, "Two months."),), frame)


def test_a_result_goes_to_json_and_back() -> None:
    body = json.loads(json.dumps(toy().to_dict()))
    assert body["findings"][0] == {
        "name": "gain",
        "value": 2.0,
        "low": 1.0,
        "high": None,
        "confidence": 0.9,
        "unit": "months",
        "n": 3,
        "sentence": "Two months.",
    }
    assert body["table"] == [{"rep_id": "a", "n": 3, "low": None}]


def test_a_missing_finding_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="gain"):
        toy().finding("loss")


def test_scaling_keeps_low_below_high() -> None:
    yearly = Estimate(2, 1, 3).scaled(-12, "money/year")
    assert (yearly.low, yearly.value, yearly.high, yearly.unit) == (-36, -24, -12, "money/year")


def test_excludes() -> None:
    assert Estimate(2, 1, 3).excludes(0)
    assert not Estimate(2, -1, 3).excludes(0)
    assert not Estimate(2).excludes(0)


@pytest.mark.parametrize(("field", "value"), [("unit", "dollars"), ("confidence", 90)])
def test_a_wrong_field_states_value_and_bound(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{field} == .*must be"):
        Estimate(1.0, **{field: value})


def test_plain_handles_pandas_missing_values() -> None:
    assert plain([pd.NA, pd.NaT, np.float64("nan"), np.bool_(True)]) == [None, None, None, True]


def test_a_data_error_names_column_rows_and_remedy() -> None:
    error = DataError("is not a number", column="amount", rows=range(7), remedy="Fix the export.")
    assert str(error) == (
        "column 'amount': is not a number; rows 0, 1, 2, 3, 4 and 2 more. Fix the export."
    )
