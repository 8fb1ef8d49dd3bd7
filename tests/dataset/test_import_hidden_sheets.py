"""Sheets that an import does not read though they are called as what it looks for, and how that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.dataset.importing import suggest_mapping
from salesops_lib.errors import DataError
from tests.dataset.test_import_sheets import SHEETS, SOLD, changed, mapped
from tests.dataset.test_workbooks import book

BY_NAME = """
[tables.reps]
source = "Reps"
optional = true
[tables.reps.columns]
rep_id = "Rep ID"
[tables.deals]
source = "Deals"
[tables.deals.columns]
deal_id = "Opportunity ID"
rep_id = "Owner ID"
status = { from = "Deal Stage", values = { "Closed Won" = "won" }, otherwise = "open" }
amount = "Value"
close_date = "Closed"
"""


def test_a_hidden_sheet_that_would_be_meant_is_not_said_to_be_absent(tmp_path: Path) -> None:
    """The report said that there is no Reps, and the proposal nothing."""
    path = book(tmp_path / "export.xlsx", **SHEETS)
    changed(path, lambda made: setattr(made["Reps"], "sheet_state", "hidden"))
    said = "sheet Reps of export.xlsx is hidden, and hidden sheets are not read"
    assert f"# Not read: {said}" in suggest_mapping(path)
    report = mapped(tmp_path, BY_NAME, path)
    assert any(one.startswith(f"not read: {said}") for one in report.notes)
    with pytest.raises(DataError, match=said):
        mapped(tmp_path, BY_NAME.replace("optional = true\n", ""), path, "other")
    # Of another table that is not there either, nothing is hidden.
    with pytest.raises(DataError, match=r"^Leads, the source of table deals, is not in"):
        mapped(tmp_path, BY_NAME.replace('"Deals"', '"Leads"'), path, "third")


def test_the_only_sheet_of_a_workbook_in_a_folder_is_named_by_the_file(tmp_path: Path) -> None:
    """Deals was said not to be there, and to be among what is."""
    src = tmp_path / "src"
    src.mkdir()
    book(src / "export.xlsx", Deals=SOLD, Quotas=[])
    with pytest.raises(
        DataError, match=r'Sheet Deals of export\.xlsx stands alone.*write source = "export\.xlsx"'
    ):
        mapped(tmp_path, BY_NAME, src)
    report = mapped(tmp_path, BY_NAME.replace('"Deals"', '"export.xlsx"'), src, "other")
    assert report.tables["rows_written"].tolist() == [3]
