"""Examples in docstrings and the README say what the code does."""

from __future__ import annotations

import doctest
import importlib
import re
import textwrap
from pathlib import Path

import pytest

MODULES = [
    path.relative_to(Path(__file__).parents[1]).with_suffix("").as_posix().replace("/", ".")
    for path in sorted((Path(__file__).parents[1] / "salesops_lib").rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted and not found.failed


def test_the_readmes_example(project: Path) -> None:
    text = (project / "README.md").read_text(encoding="utf-8")
    _, _, after = text.partition("From Python,")
    code = re.findall(r"(?:^(?:    .*)?\n)+", after, flags=re.MULTILINE)[0]
    code = textwrap.dedent(code).replace('"my/data"', '"sample"')
    assert "sample" in code
    names: dict[str, object] = {}
    exec(code, names)
    assert names["curve"].findings  # type: ignore[attr-defined]
