"""Parameters, checked against the notebook's own parameters cell."""

from __future__ import annotations

from typing import Any

import pytest

from salesops_lib.errors import ParameterError, ReportError
from salesops_lib.reporting import contract, parameters
from tests.reporting.conftest import notebook

CELL = """data = "sample"
period = "latest"
scope = "company"
names = "full"
seed = 0
interactive = False
lift: float = 0.05
as_of_date = "2026-09-30"
cutoff = None
definition = "learning_curve"  # one of: learning_curve, milestone
"""


def known() -> dict[str, parameters.Parameter]:
    return parameters.declared(contract.glance(notebook(parameters=CELL), "x"), "x")


def test_declared_is_what_the_cell_assigns() -> None:
    found = known()
    assert {name: one.default for name, one in found.items()} == {
        "data": "sample",
        "period": "latest",
        "scope": "company",
        "names": "full",
        "seed": 0,
        "interactive": False,
        "lift": 0.05,
        "as_of_date": "2026-09-30",
        "cutoff": None,
        "definition": "learning_curve",
    }
    assert found["definition"].allowed == ("learning_curve", "milestone")


@pytest.mark.parametrize(
    "given",
    [
        {"lift": 1, "seed": 3, "cutoff": "anything"},
        {"cutoff": 2.5, "interactive": True, "definition": "milestone"},
        {"period": "2026-W39", "scope": "region=Nord Süd", "names": "pseudonym"},
        {"as_of_date": "2024-02-29"},
    ],
)
def test_good_values_pass(given: dict[str, Any]) -> None:
    parameters.check(given, known(), "x")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lfit": 0.1}, "no parameter 'lfit'; it takes .*Did you mean 'lift'"),
        ({"lift": "0.1"}, "lift == '0.1', must be a number"),
        ({"lift": True}, "lift == True, must be a number"),
        ({"lift": float("nan")}, "lift == nan, must be a number"),
        ({"seed": 1.0}, "seed == 1.0, must be a whole number"),
        ({"seed": False}, "seed == False, must be a whole number"),
        ({"interactive": 1}, "interactive == 1, must be True or False"),
        ({"data": 5}, "data == 5, must be text"),
        ({"cutoff": [1]}, r"cutoff == \[1\]"),
        ({"names": "short"}, "names == 'short', must be one of full, pseudonym"),
        ({"scope": "team=1"}, "scope == 'team=1'"),
        ({"scope": "manager="}, "scope == 'manager='"),
        ({"period": "Q3"}, "period == 'Q3'"),
        ({"period": "2026-13"}, "period == '2026-13'"),
        ({"as_of_date": "30.9.2026"}, "as_of_date == '30.9.2026', must be a date"),
        ({"as_of_date": "2026-02-30"}, "must be a date"),
        (
            {"definition": "guess"},
            "definition == 'guess', must be one of learning_curve, milestone",
        ),
    ],
)
def test_bad_values_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parameters.check(given, known(), "x")


def test_typed_text_is_read_by_the_type_of_the_default() -> None:
    typed = {"lift": "0.1", "seed": "7", "interactive": "true", "scope": "3", "cutoff": "None"}
    read = parameters.from_text(typed, known())
    assert read == {"lift": 0.1, "seed": 7, "interactive": True, "scope": "3", "cutoff": None}
    assert parameters.from_text({"lift": "a lot"}, known()) == {"lift": "a lot"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("x = [1, 2]", "line 1 of the parameters cell"),
        ("x = 1\ny = x + 1", "line 2"),
        ("import os", "line 1"),
        ("a = b = 1", "line 1"),
        ("x = ", "is not Python"),
    ],
)
def test_a_parameters_cell_holds_scalars_only(cell: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        parameters.declared(contract.glance(notebook(parameters=cell), "x"), "x")


def test_every_notebook_of_this_project_can_be_read(project: Any) -> None:
    for path in (project / "notebooks").glob("*.ipynb"):
        found = parameters.declared(contract.glance(path.read_text(), path.stem), path.stem)
        assert {"data", "period", "scope", "names", "seed", "interactive"} <= set(found), path
