"""Every notebook keeps to the form: a question, parameters, a story, one golden output."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from salesops_lib.registry import ANALYSES

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
COMMON = {
    "data": "sample",
    "period": "latest",
    "scope": "company",
    "names": "full",
    "seed": 0,
    "interactive": False,
}


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def tagged(notebook: nbformat.NotebookNode, tag: str) -> list[nbformat.NotebookNode]:
    return [c for c in notebook.cells if tag in c.metadata.get("tags", [])]


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def parameters(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    (cell,) = tagged(notebook, "parameters")
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign)
    }


def test_every_registered_analysis_has_its_notebook() -> None:
    assert {one.name for one in ANALYSES} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_title_is_the_question(name: str) -> None:
    titles = [
        line
        for cell in read(name).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("# ")
    ]
    question = next(one.question for one in ANALYSES if one.name == name)
    assert titles == [f"# {question}"]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_come_first_and_are_json_scalars(name: str) -> None:
    notebook = read(name)
    assert code(notebook)[0] is tagged(notebook, "parameters")[0]
    found = parameters(notebook)
    assert json.loads(json.dumps(found)) == found
    assert found.items() >= COMMON.items()
    assert all(isinstance(v, str | int | float | bool) for v in found.values())


@pytest.mark.parametrize("name", NAMES)
def test_no_function_no_class_no_number_in_prose(name: str) -> None:
    notebook = read(name)
    for cell in code(notebook):
        kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef}
        assert len(cell.source.splitlines()) <= 20
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d", cell.source), cell.source


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_stripped_but_for_a_golden_one(name: str) -> None:
    notebook = read(name)
    golden = tagged(notebook, "nbval-check-output")
    assert golden, "a stripped notebook passes nbval without comparing anything"
    for cell in code(notebook):
        if cell in golden:
            assert cell.outputs, "a golden cell without output compares nothing"
            for output in cell.outputs:
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                assert str(text).strip()
                assert "image/png" not in output.get("data", {})
            assert cell.execution_count is not None
        else:
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("name", NAMES)
def test_the_metadata_says_what_a_green_run_holds(name: str) -> None:
    notebook = read(name)
    expected = notebook.metadata["salesops"]
    entry = next(one for one in ANALYSES if one.name == name)
    assert expected["figures"] >= 1
    assert entry.headline in expected["findings"]
    assert {lever.finding for lever in entry.levers} <= set(expected["findings"])


@pytest.mark.parametrize("name", NAMES)
def test_widgets_only_where_a_person_is(name: str) -> None:
    for cell in code(read(name)):
        if "explore_" in cell.source or "widgets" in cell.source:
            assert cell.source.startswith("if run.interactive:")


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_run_twice_says_the_same(name: str) -> None:
    """A parameter that a later cell sets is another question when that cell is run again: a pair of
    channels picked for its gap was then one named beforehand, and its intervals were too narrow."""
    notebook = read(name)
    asked = set(parameters(notebook))
    for cell in code(notebook)[1:]:
        stored = {
            node.id
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        assert not stored & asked


@pytest.mark.parametrize("name", NAMES)
def test_without_controls_it_is_said_where_they_are(name: str) -> None:
    cells = code(read(name))
    (at,) = [n for n, cell in enumerate(cells) if cell.source.startswith("if run.interactive:")]
    assert cells[at + 1].source == "story.without_controls(run)"
    assert "not-in-report" in cells[at + 1].metadata["tags"]
