"""Sheets that are called as a table and of which none is read: never without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import import_dataset, suggest_mapping
from salesops_lib.errors import DataError
from tests.dataset.test_import_sheets import (
    COLUMNS,
    DAY,
    NOTES,
    PRICES,
    REPS,
    SALESFORCE,
    SOLD,
    TARGETS,
    changed,
    mapped,
)
from tests.dataset.test_workbooks import book

MORE = [SOLD[0], ["d9", "007", "Closed Won", 5, DAY(2026, 4, 2), "Saw"]]
ANY = '[tables.deals]\nsource = "Deals"' + COLUMNS


def hide(name: str) -> Any:
    return lambda made: setattr(made[name], "sheet_state", "hidden")


def src(place: Path, **sheets: Any) -> Path:
    (place / "src").mkdir(exist_ok=True)
    return book(place / "src" / "export.xlsx", **sheets)


def test_of_two_sheets_that_differ_in_a_space_none_is_lost(tmp_path: Path) -> None:
    """Spreadsheets allow "Deals" beside "Deals ": the second was read, and the first not so much as named."""
    src(tmp_path, **{"Deals": SOLD, "Deals ": MORE, "Notes": NOTES})
    with pytest.raises(
        DataError, match=r"Deals \(number 1\) of .* and sheet Deals \(number 2\) of "
    ):
        mapped(tmp_path, ANY)
    for name, ids, other in (("Deals", ["d1", "d2", "d3"], 2), ("Deals ", ["d9"], 1)):
        text = f'[tables.deals]\nsource = "export.xlsx"\nsheet = "{name}"' + COLUMNS
        report = mapped(tmp_path, text, out=f"out{other}")
        assert load_dataset(tmp_path / f"out{other}").deals()["deal_id"].tolist() == ids
        assert f"sheet Deals (number {other}) of export.xlsx" in report.unused


def test_the_suggestion_names_the_sheet_that_it_has_read(tmp_path: Path) -> None:
    """The quotas stand in a sheet whose name differs from that of the deals in a space."""
    path = src(tmp_path, **{"Sheet": TARGETS, "Sheet ": SOLD})
    text = suggest_mapping(path)
    assert 'sheet = "Sheet"\n[tables.quotas.columns]' in text
    assert 'sheet = "Sheet "\n[tables.deals.columns]' in text
    mapped(tmp_path, text)
    made = load_dataset(tmp_path / "out")
    assert (len(made.deals()), len(made.quotas())) == (3, 2)


def test_a_needed_sheet_that_is_hidden_or_blank_is_said_to_be(tmp_path: Path) -> None:
    """The error said that there is no Deals, with Deals among what there is."""
    path = src(tmp_path, Deals=[], Reps=REPS, Notes=NOTES)
    for given, begins in (
        (None, "Deals, the source"),
        (path, "sheet Deals of export.xlsx is empty"),
    ):
        with pytest.raises(
            DataError, match=r"heet Deals of export\.xlsx is empty.*again"
        ) as raised:
            mapped(tmp_path, ANY, given)
        assert str(raised.value).startswith(begins)
    changed(src(tmp_path, Deals=SOLD, Reps=REPS, Prices=PRICES), hide("Deals"))
    for given in (None, path):
        with pytest.raises(DataError, match=r"heet Deals of export\.xlsx is hidden.*Show it"):
            mapped(tmp_path, ANY, given)


def test_an_optional_sheet_that_is_hidden_is_said_once(tmp_path: Path) -> None:
    """Two joins and a table of the mapping look for people, who were said not to be in the export."""
    path = changed(book(tmp_path / "crm.xlsx", **SALESFORCE), hide("User"))
    report = import_dataset("salesforce", path, tmp_path / "out")
    said = [one for one in report.notes if "sheet User of crm.xlsx is hidden" in one]
    assert len(said) == 1
    assert said[0].startswith("not read: ")


def test_a_lone_sheet_called_as_the_table_is_said_to_go_by_its_file(tmp_path: Path) -> None:
    path = src(tmp_path, Deals=SOLD)
    with pytest.raises(
        DataError, match=r"Sheet Deals of export\.xlsx stands alone.*Call the file Deals"
    ):
        mapped(tmp_path, ANY)
    assert mapped(tmp_path, ANY, path).tables["rows_written"].tolist() == [3]
    src(tmp_path, Sheet1=SOLD)
    with pytest.raises(DataError, match=r"There are export\.xlsx \(sheet Sheet1\)\."):
        mapped(tmp_path, ANY, path, "none")


def test_what_a_mac_keeps_beside_a_workbook_is_no_table(tmp_path: Path) -> None:
    """._export.xlsx is no workbook, and stopped the suggestion."""
    src(tmp_path, Deals=SOLD, Reps=REPS)
    (tmp_path / "src" / "._export.xlsx").write_bytes(b"\0\5\x16\7")
    report = mapped(tmp_path, suggest_mapping(tmp_path / "src"))
    assert report.tables["rows_written"].tolist() == [2, 3]
    assert report.unused == ()
