"""What a notebook must be before it runs, and what a green run must hold after."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesops_lib.errors import ReportError
from salesops_lib.mime import FINDINGS_MIME, UNANSWERED_MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
# The smallest file that can hold a drawing: a header and some data.
_SMALLEST_IMAGE = 200


def read(source: str, name: str) -> NotebookNode:
    """The notebook in `source`.

    Raises
    ------
    ReportError
        If it is no valid notebook.
    """
    import nbformat

    try:
        notebook: NotebookNode = nbformat.reads(source, as_version=4)
        nbformat.validate(notebook)
    except Exception as problem:
        first = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise ReportError(f"notebook {name} cannot be read: {first[:200]}.") from None
    return notebook


def glance(source: str, name: str) -> list[dict[str, Any]]:
    """The cells of a notebook, each with `cell_type`, `source` (one text) and `tags`.

    For planning: reading a notebook in full takes a second of imports. `read` checks it in full
    where it runs.

    Raises
    ------
    ReportError
        If it is not even the outline of a notebook.
    """
    try:
        body = json.loads(source)
        if body["nbformat"] != 4:
            raise ReportError(f"notebook {name} is of format {body['nbformat']}, must be 4.")
        return [
            {
                "cell_type": str(cell["cell_type"]),
                "source": "".join(cell["source"]),
                "tags": list(cell.get("metadata", {}).get("tags", [])),
            }
            for cell in body["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ReportError(
            f"notebook {name} cannot be read: {type(problem).__name__}: {problem}."
        ) from None


def find(name: str, folder: Path) -> Path:
    """The notebook called `name`.

    Raises
    ------
    ReportError
        Naming the notebooks there are.
    """
    path = folder / f"{name}.ipynb"
    if Path(name).name != name or not path.is_file():
        there = sorted(one.stem for one in folder.glob("*.ipynb"))
        raise ReportError(
            f"there is no notebook {name!r} in {folder}; there are: {', '.join(there) or 'none'}."
        )
    return path


def title(cells: Iterable[Mapping[str, Any]], name: str) -> str:
    """The question that the notebook answers: its first `#` heading."""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return name.replace("_", " ")


def findings(notebook: NotebookNode) -> list[dict[str, Any]]:
    """The findings that the executed notebook hands on, as plain dicts."""
    return [
        {**one}
        for output in _outputs(notebook)
        for one in output.get("data", {}).get(FINDINGS_MIME, {}).get("findings", [])
    ]


def check(notebook: NotebookNode) -> None:
    """Raise unless the executed notebook holds what its metadata promises.

    `metadata.salesops = {"findings": [names], "figures": count}`. A figure that the data does not
    allow counts when the notebook says so (`story.cannot_answer(..., figures=k)`), and so does a
    finding named among those it stands for.

    Raises
    ------
    ReportError
    """
    promised = notebook.metadata.get("salesops", {})
    unanswered = [
        output["data"][UNANSWERED_MIME]
        for output in _outputs(notebook)
        if UNANSWERED_MIME in output.get("data", {})
    ]
    drawn = 0
    for output in _outputs(notebook):
        image = _image(output)
        if image is None:
            continue
        if _is_empty(*image):
            raise ReportError("A figure is empty.")
        drawn += 1
    expected = int(promised.get("figures", 0))
    said = sum(int(one.get("figures", 0)) for one in unanswered)
    if drawn + said < expected:
        raise ReportError(
            f"{drawn} figures were drawn and {said} explained away, but {expected} are expected."
        )
    there = {one.get("name") for one in findings(notebook)}
    excused = bool(unanswered)
    missing = [name for name in promised.get("findings", []) if name not in there]
    if missing and not excused:
        raise ReportError(f"Findings are missing: {', '.join(missing)}.")
    if not any(FINDINGS_MIME in output.get("data", {}) for output in _outputs(notebook)):
        raise ReportError("The notebook handed on no findings (its last cell: story.findings).")


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            yield from cell.get("outputs", [])


def _image(output: NotebookNode) -> tuple[str, str] | None:
    data = output.get("data", {})
    for kind in _IMAGES:
        if kind in data:
            body = data[kind]
            return kind, "".join(body) if isinstance(body, list) else str(body)
    return None


def _is_empty(kind: str, body: str) -> bool:
    if kind == "image/svg+xml":
        # An axes without data still draws its frame; a figure without axes has its background only.
        return body.count("<path") + body.count("<use") + body.count("<image") < 3
    try:
        return len(base64.b64decode(body)) < _SMALLEST_IMAGE
    except (binascii.Error, ValueError):
        return True
