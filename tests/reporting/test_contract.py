"""What a green run must hold."""

from __future__ import annotations

import base64
from typing import Any

import nbformat
import pytest

from salesops_lib.errors import ReportError
from salesops_lib.mime import FINDINGS_MIME, UNANSWERED_MIME
from salesops_lib.reporting import contract

SVG = "<svg><path/><path/><path/></svg>"
PNG = base64.b64encode(b"\x89PNG" + b"x" * 500).decode()


def executed(*outputs: dict[str, Any], findings: list[str] | None = None, **promised: Any) -> Any:
    shown = [*outputs]
    if findings is not None:
        shown.append({FINDINGS_MIME: {"findings": [{"name": name} for name in findings]}})
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in shown]
    return nbformat.v4.new_notebook(cells=[cell], metadata={"salesops": promised})


def test_enough_figures_and_findings_pass() -> None:
    contract.check(
        executed(
            {"image/svg+xml": SVG}, {"image/png": PNG}, findings=["a", "b"], figures=2, findings_=0
        )
    )


def test_figures_that_the_data_does_not_allow_count() -> None:
    said = {UNANSWERED_MIME: {"question": "q", "because": "b", "figures": 2}}
    contract.check(executed({"image/svg+xml": SVG}, said, findings=[], figures=3))
    with pytest.raises(ReportError, match="1 figures were drawn and 2 explained away, but 4"):
        contract.check(executed({"image/svg+xml": SVG}, said, findings=[], figures=4))


@pytest.mark.parametrize(
    "image", [{"image/svg+xml": "<svg/>"}, {"image/png": ""}, {"image/png": "!"}]
)
def test_empty_images_fail(image: dict[str, str]) -> None:
    with pytest.raises(ReportError, match="empty"):
        contract.check(executed(image, findings=[], figures=1))


def test_missing_findings_fail_unless_the_notebook_says_why() -> None:
    notebook = executed(findings=["a"])
    notebook.metadata.salesops = {"findings": ["a", "b"]}
    with pytest.raises(ReportError, match="Findings are missing: b"):
        contract.check(notebook)
    said = executed(
        {UNANSWERED_MIME: {"question": "q", "because": "b", "figures": 0}}, findings=["a"]
    )
    said.metadata.salesops = {"findings": ["a", "b"]}
    contract.check(said)


def test_no_findings_at_all_fail() -> None:
    with pytest.raises(ReportError, match="handed on no findings"):
        contract.check(executed())


def test_findings_are_plain_dicts() -> None:
    (one,) = contract.findings(executed(findings=["a"]))
    assert type(one) is dict and one == {"name": "a"}
