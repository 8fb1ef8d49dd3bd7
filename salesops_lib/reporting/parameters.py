"""Parameters of a notebook, checked against its own parameters cell before anything runs.

Papermill only logs a misspelt parameter and runs the defaults; a report for the wrong region would
look like one for the right one.
"""

from __future__ import annotations

import ast
import datetime
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from salesops_lib.dataset import period_names
from salesops_lib.dataset.scope import NAMES, Scope
from salesops_lib.errors import ParameterError, ReportError

_ONE_OF = re.compile(r"#\s*one of:\s*(.+)$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a parameters cell.

    Attributes
    ----------
    name, default
        As assigned; the default is a JSON scalar.
    allowed
        Values of a trailing comment `# one of: a, b`; empty where there is none.
    """

    name: str
    default: Any
    allowed: tuple[str, ...] = ()


def declared(cells: Iterable[Mapping[str, Any]], name: str) -> dict[str, Parameter]:
    """The parameters that a notebook takes, from its cells as `contract.glance` gives them.

    Raises
    ------
    ReportError
        If there is no cell tagged `parameters` (papermill would inject values at the top, and the
        notebook then overwrite them), or it holds anything but assignments of JSON scalars.
    """
    tagged = [
        cell for cell in cells if cell["cell_type"] == "code" and "parameters" in cell["tags"]
    ]
    if len(tagged) != 1:
        raise ReportError(
            f"notebook {name}: {len(tagged)} cells are tagged 'parameters', must be exactly one."
        )
    source = tagged[0]["source"]
    lines = source.splitlines()
    found: dict[str, Parameter] = {}
    try:
        statements = ast.parse(source).body
    except SyntaxError as problem:
        raise ReportError(
            f"notebook {name}: the parameters cell is not Python: {problem}."
        ) from None
    for statement in statements:
        target, value = _assignment(statement)
        if target is None:
            raise ReportError(
                f"notebook {name}: line {statement.lineno} of the parameters cell is no assignment "
                "of a number, text, True, False or None to a name."
            )
        choice = _ONE_OF.search(lines[(statement.end_lineno or statement.lineno) - 1])
        allowed = tuple(part.strip() for part in choice.group(1).split(",")) if choice else ()
        found[target] = Parameter(target, value, allowed)
    return found


def check(given: Mapping[str, Any], known: Mapping[str, Parameter], notebook: str) -> None:
    """Raise unless every given parameter is one that the notebook takes, of its type and range.

    Raises
    ------
    ParameterError
        Naming the parameter, what it must be, and the name that was probably meant.
    """
    for name, value in given.items():
        parameter = known.get(name)
        if parameter is None:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise ParameterError(
                f"notebook {notebook} has no parameter '{name}'; it takes "
                f"{', '.join(sorted(known))}.{hint}"
            )
        _check_type(parameter, value, notebook)
        _check_range(parameter, value, notebook)


def from_text(texts: Mapping[str, str], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Values typed on a command line (`lift=0.1`), read as the type of each default."""
    read: dict[str, Any] = {}
    for name, text in texts.items():
        parameter = known.get(name)
        if parameter is None or isinstance(parameter.default, str):
            read[name] = text
            continue
        try:
            read[name] = ast.literal_eval({"true": "True", "false": "False"}.get(text, text))
        except (ValueError, SyntaxError):
            read[name] = text
    return read


def _assignment(statement: ast.stmt) -> tuple[str | None, Any]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        return None, None
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        return None, None
    if not isinstance(target, ast.Name) or not isinstance(literal, str | int | float | None):
        return None, None
    return target.id, literal


def _check_type(parameter: Parameter, value: Any, notebook: str) -> None:
    default = parameter.default
    if default is None and isinstance(value, str | int | float | None):
        return
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    else:
        fits = type(value) is type(default)
    if not fits:
        raise ParameterError(
            f"notebook {notebook}: {parameter.name} == {value!r}, must be "
            f"{_type_words(default)}, like {default!r}."
        )


def _type_words(value: Any) -> str:
    return {
        bool: "True or False",
        int: "a whole number",
        float: "a number",
        str: "text",
    }.get(type(value), "a number, text, True, False or None")


def _check_range(parameter: Parameter, value: Any, notebook: str) -> None:
    name, where = parameter.name, f"notebook {notebook}"
    if parameter.allowed and str(value) not in parameter.allowed:
        raise ParameterError(
            f"{where}: {name} == {value!r}, must be one of {', '.join(parameter.allowed)}."
        )
    if name == "names" and value not in NAMES:
        raise ParameterError(f"{where}: names == {value!r}, must be one of {', '.join(NAMES)}.")
    try:
        if name == "scope":
            Scope.parse(value)
        elif name == "period" and value != "latest":
            period_names.parse(value)
        elif isinstance(value, str) and _is_date(parameter):
            datetime.date.fromisoformat(value)
    except ParameterError as problem:
        raise ParameterError(f"{where}: {problem}") from None
    except ValueError:
        raise ParameterError(
            f"{where}: {name} == {value!r}, must be a date like 2026-09-30."
        ) from None


def _is_date(parameter: Parameter) -> bool:
    return parameter.name.endswith("_date") or bool(_ISO.match(str(parameter.default)))
