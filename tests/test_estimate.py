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


@dataclass(frozen=True)
class Sample(Result):
    reps: pd.DataFrame
    by_name: dict[str, Estimate]
    draws: np.ndarray
    findings: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()


def sample(**changed: object) -> Sample:
    worth = Finding("worth", Estimate(2e6, 1e6, math.inf, n=9), "From $1M to <b>more</b> than $2M.")
    own: dict[str, object] = {
        "reps": pd.DataFrame({"rep": [f"R{i}" for i in range(500)], "n": [math.nan] * 500}),
        "by_name": {"a": Estimate(math.nan)},
        "draws": np.array([1.0, math.nan]),
        "findings": (worth,),
        "notices": ("Mind this.",),
    }
    return Sample(**{**own, **changed})  # type: ignore[arg-type]


def test_at_the_prompt_a_result_says_what_was_found_not_its_arrays() -> None:
    """A forecast filled 218 lines, and its findings were cut off at the end."""
    assert repr(sample()).splitlines() == [
        "Sample",
        "- worth: From $1M to <b>more</b> than $2M.",
        "Notice: Mind this.",
        "Tables: .reps (500 rows, 2 columns)",
    ]
    shown = sample()._repr_html_()
    assert "to &lt;b&gt;more" in shown and shown.startswith('<section class="mathjax_ignore')


def test_findings_as_a_table_keep_open_limits() -> None:
    frame = sample().to_frame()
    assert frame.loc[0, ["name", "value", "high", "n"]].tolist() == ["worth", 2e6, math.inf, 9]
    assert list(sample(findings=()).to_frame().columns) == list(frame.columns)


def test_results_are_equal_where_all_they_hold_is() -> None:
    """Comparing two runs of one seed raised that the truth value of a DataFrame is ambiguous."""
    assert sample() == sample()
    assert sample() != sample(reps=sample().reps.assign(n=1.0))
    assert sample() != sample(by_name={"a": Estimate(1.0)})
    assert sample() != sample(draws=np.array([1.0, 2.0]))
    assert sample() != "a result"
    with pytest.raises(TypeError, match="unhashable"):
        hash(sample())


def test_what_cannot_be_said_here_and_there_is_alike() -> None:
    """Two NaN, whichever program made them: which Python compares them made estimates differ."""
    one, other = (
        Estimate(math.nan, unit="months"),
        Estimate(float("nan"), np.float64("nan"), unit="months"),
    )
    assert one == other and hash(one) == hash(other)
    assert Finding("ramp", one, "?") == Finding("ramp", other, "?")
    assert one != Estimate(0.0, unit="months") and one != Estimate(math.nan, unit="days")
    assert Estimate(1.0, 0.0, math.inf) != Estimate(1.0, 0.0, math.nan)
    assert one != 0.0
