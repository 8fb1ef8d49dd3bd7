"""Imports from workbooks with several sheets: each counts as a file, and the result is the one of the same tables
as CSV."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import import_dataset, suggest_mapping
from salesops_lib.errors import DataError, SalesOpsError
from tests.dataset.test_sources import agree
from tests.dataset.test_workbooks import DEALS, FORMULAS, book

DAY = datetime.datetime
REPS = [["Rep ID", "Full Name", "Territory", "Hired"], ["007", "Ann Lee", "East", DAY(2025, 1, 2)],
        ["008", "Bo Day", "West", DAY(2025, 3, 4)]]  # fmt: skip
SOLD = [
    ["Opportunity ID", "Owner ID", "Deal Stage", "Value", "Closed", "Product"],
    ["d1", "007", "Closed Won", 100.5, DAY(2026, 3, 2), "Saw"],
    ["d2", "008", "Closed Lost", None, DAY(2026, 3, 3), "Axe"],
    [],
    ["d3", "008", "Talking", 70, None, "Saw"],
]
TARGETS = [["Rep", "Period", "Target"], ["007", "2026-03", 90], ["008", "2026-03", 80]]
PRICES = [["name", "price"], ["Saw", 120], ["Axe", 60]]
# What people put beside their tables: a title above figures, and no headings.
NOTES = [["Sales 2026", None, None], [None, "won", 100.5], [None, "lost", 0], [None, "open", 70]]
SHEETS = {"Reps": REPS, "Deals": SOLD, "Quotas": TARGETS}

COLUMNS = """
[tables.deals.columns]
deal_id = "Opportunity ID"
rep_id = "Owner ID"
status = { from = "Deal Stage", values = { "Closed Won" = "won", "Closed Lost" = "lost" }, otherwise = "open" }
amount = "Value"
close_date = "Closed"
"""
MAPPING = (
    """
[tables.deals]
source = "export.xlsx"
sheet = "Sold deals"
joins = [{ source = "export.xlsx", sheet = "prices", on = { Product = "name" }, columns = ["price"] }]
"""
    + COLUMNS
    + """product = "Product"
list_amount = "price"
"""
)


def as_text(lines: list[list[Any]]) -> str:
    """The same table as a program writes it into a CSV file."""

    def cell(value: Any) -> str:
        if isinstance(value, DAY):
            return value.date().isoformat()
        return "" if value is None else str(value)

    return "".join(",".join(map(cell, line)) + "\n" for line in lines if line)


def folder(path: Path, **sheets: Any) -> Path:
    """A folder with these tables as files of CSV."""
    path.mkdir()
    for name, lines in sheets.items():
        (path / f"{name}.csv").write_text(as_text(lines))
    return path


def mapped(place: Path, text: str, src: Path | None = None, out: str = "out"):
    """The report of an import by this mapping, from `src` or else place/src."""
    (place / "map.toml").write_text(text)
    return import_dataset(place / "map.toml", src or place / "src", place / out)


def changed(path: Path, change: Any) -> Path:
    made = openpyxl.load_workbook(path)
    change(made)
    made.save(path)
    return path


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A folder with one workbook: deals, prices, and somebody's notes."""
    (tmp_path / "src").mkdir()
    sheets = {"Notes": NOTES, "Sold deals": SOLD, "Prices": PRICES, "Blank": []}
    book(tmp_path / "src" / "export.xlsx", **sheets)
    return tmp_path / "src"


def test_one_workbook_is_suggested_and_imported_as_its_sheets_are_as_files(tmp_path: Path) -> None:
    """In a folder and by its own path. By hand: one deal won at 100.50, one lost, one open; quotas 90 and 80."""
    path = tmp_path / "book"
    path.mkdir()
    path = book(path / "Our sales.xlsx", **SHEETS, Notes=NOTES, Empty=[])
    text = suggest_mapping(path.parent)
    for name, table in {"Reps": "reps", "Deals": "deals", "Quotas": "quotas"}.items():
        assert f'[tables.{table}]\nsource = "Our sales.xlsx"\nsheet = "{name}"\n' in text
    assert "# Not read: the first line of sheet Notes of Our sales.xlsx" in text
    assert "Empty" not in text
    assert suggest_mapping(path) == text
    report = mapped(tmp_path, text, path.parent)
    assert report.tables["source"].tolist() == [
        f"sheet {name} of Our sales.xlsx" for name in ("Reps", "Quotas", "Deals")
    ]
    assert report.unused == ("sheet Notes of Our sales.xlsx",)
    made = load_dataset(tmp_path / "out")
    assert made.deals()["status"].tolist() == ["won", "lost", "open"]
    assert made.deals()["amount"].tolist()[::2] == [100.5, 70]
    assert made.quotas()["quota"].tolist() == [90, 80]
    assert made.reps()[["rep_id", "region"]].values.tolist() == [["007", "East"], ["008", "West"]]
    csv = folder(tmp_path / "csv", **SHEETS)
    mapped(tmp_path, suggest_mapping(csv), csv, "of-csv")
    agree(made, load_dataset(tmp_path / "of-csv"))
    mapped(tmp_path, text, path, "by-path")
    agree(load_dataset(tmp_path / "by-path"), made)


def test_what_was_saved_from_a_sheet_is_suggested_and_not_the_sheet(tmp_path: Path) -> None:
    src = folder(tmp_path / "src", deals=SOLD)
    book(src / "a.xlsx", **SHEETS)
    text = suggest_mapping(src)
    assert '[tables.deals]\nsource = "deals.csv"\n[' in text
    assert '[tables.reps]\nsource = "a.xlsx"\nsheet = "Reps"\n' in text


def test_a_workbook_with_one_sheet_is_named_by_its_file(tmp_path: Path) -> None:
    """Hidden and blank sheets are none: nothing is said of a sheet."""
    src = tmp_path / "src"
    src.mkdir()
    path = book(src / "Deals.xlsx", Sheet1=SOLD, Key=[["a"]], Sheet3=[])
    changed(path, lambda made: setattr(made["Key"], "sheet_state", "hidden"))
    text = suggest_mapping(src)
    assert 'source = "Deals.xlsx"' in text
    assert "sheet =" not in text
    report = mapped(tmp_path, text)
    assert report.tables["source"].tolist() == ["Deals.xlsx"]
    # Named all the same, it is found; so it is where the file was named without its ending.
    named = text.replace('"Deals.xlsx"', '"deals"\nsheet = "sheet1"')
    assert mapped(tmp_path, named, out="again").tables["source"].tolist() == ["Deals.xlsx"]


def test_sheets_of_tables_and_of_joins(src: Path, tmp_path: Path) -> None:
    """List amounts by hand: a saw 120, an axe 60. Case and spaces in a sheet's name do not matter."""
    report = mapped(tmp_path, MAPPING.replace('"Sold deals"', '"sold_deals"'))
    assert report.unused == ("sheet Notes of export.xlsx",)
    deals = load_dataset(tmp_path / "out").deals()
    assert deals["list_amount"].tolist() == [120, 60, 120]
    csv = folder(tmp_path / "csv", sold=SOLD, prices=PRICES)
    plain = MAPPING.replace('source = "export.xlsx"\nsheet = "Sold deals"', 'source = "sold.csv"')
    plain = plain.replace('source = "export.xlsx", sheet = "prices"', 'source = "prices.csv"')
    mapped(tmp_path, plain, csv, "of-csv")
    agree(load_dataset(tmp_path / "of-csv"), load_dataset(tmp_path / "out"))


def test_a_sheet_is_found_like_a_file_without_ending(src: Path, tmp_path: Path) -> None:
    """Unless the table was saved as a file: then that is meant. With an ending, a file is meant."""
    text = MAPPING.replace('source = "export.xlsx"\nsheet = "Sold deals"', 'source = "Sold deals"')
    report = mapped(tmp_path, text)
    assert report.tables["source"].tolist() == ["sheet Sold deals of export.xlsx"]
    (src / "sold deals.csv").write_text(as_text(SOLD[:2]))
    report = mapped(tmp_path, text, out="file")
    assert report.tables["source"].tolist() == ["sold deals.csv"]
    assert report.unused == ("sheet Notes of export.xlsx", "sheet Sold deals of export.xlsx")
    (src / "sold deals.csv").unlink()
    with pytest.raises(DataError, match=r"Sold deals\.csv, the source of table deals, is not in"):
        mapped(tmp_path, text.replace('"Sold deals"', '"Sold deals.csv"'), out="none")
    with pytest.raises(
        DataError, match=r"export\.xlsx \(sheets Notes, Sold deals, Prices, Blank\)"
    ):
        mapped(tmp_path, text.replace('"Sold deals"', '"Sales"'), out="none")
    book(src / "more.xlsx", **{"Sold deals": SOLD, "Other": PRICES})
    both = r"sheet Sold deals of export\.xlsx and sheet Sold deals of more\.xlsx may each be the source"
    with pytest.raises(DataError, match=both):
        mapped(tmp_path, text, out="two")


def _hide(made: Any) -> None:
    made["Sold deals"].sheet_state = "hidden"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"Sold deals"', '"Deals"', r"export\.xlsx has no sheet Deals, the source of table deals\. There are Notes, "
         r'Sold deals, Prices\. Write one of them, as in sheet = "Sold deals"'),
        ('"prices"', '"Price"', r'no sheet Price, the source of table deals\..*as in sheet = "Prices"'),
        ('"Sold deals"', '"Blank"', r"sheet Blank of export\.xlsx, the source of table deals, is empty"),
        ('\nsheet = "Sold deals"', "", r"export\.xlsx has 3 sheets \(Notes, Sold deals, Prices\), and which one is "
         r'meant cannot be told\. Name it beside the source in the mapping, as in sheet = "Notes"; or call the sheet '
         "export"),
        ('"export.xlsx"\n', '"other.xlsx"\n', r"sheet Sold deals of other\.xlsx, the source of table deals, is not in"),
        ('"Value"', '"Amount"', r"'Amount': is not in sheet Sold deals of export\.xlsx \(table deals\)"),
        ('"price"]', '"cost"]', r"'cost': is not in sheet Prices of export\.xlsx"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_with_the_sheets_that_are(
    old: str, new: str, words: str, src: Path, tmp_path: Path
) -> None:
    assert old in MAPPING
    with pytest.raises(DataError, match=words):
        mapped(tmp_path, MAPPING.replace(old, new))
    assert not (tmp_path / "out").exists()


def test_a_hidden_sheet_is_not_read_and_said_to_be_hidden(src: Path, tmp_path: Path) -> None:
    changed(src / "export.xlsx", _hide)
    with pytest.raises(DataError, match=r"sheet Sold deals of export\.xlsx.*hidden.*Show it"):
        mapped(tmp_path, MAPPING)
    # Also where the table may be absent: it is not.
    with pytest.raises(DataError, match=r"hidden sheets are not read"):
        mapped(tmp_path, MAPPING.replace("[tables.deals.c", "optional = true\n[tables.deals.c"))
    assert "Sold deals" not in suggest_mapping(src)
    # Beside one that is not hidden and may be meant as well, that is.
    changed(src / "export.xlsx", lambda made: setattr(made["Prices"], "title", "sold-deals"))
    text = MAPPING.replace('"Sold deals"', '"SOLD DEALS"').replace('"prices"', '"SOLD DEALS"')
    with pytest.raises(DataError, match=r"'Product': is not in sheet sold-deals of export"):
        mapped(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"Sold deals"', '" "', r"table deals: sheet is ' ', not the name of a sheet"),
        ('"Sold deals"', "2", r"table deals: sheet is 2, not a text"),
        ('"export.xlsx"\n', '["export", "export.csv"]\n', r"sheet is 'Sold deals', but export\.csv is no workbook"),
        ("sheet = \"prices\"", "sheets = \"prices\"", r"unknown sheets.*Did you mean sheet\?"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_meant(
    old: str, new: str, words: str, src: Path, tmp_path: Path
) -> None:
    with pytest.raises(SalesOpsError, match=words):
        mapped(tmp_path, MAPPING.replace(old, new))


def test_a_sheet_that_may_be_absent(src: Path, tmp_path: Path) -> None:
    text = MAPPING + (
        '[tables.quotas]\nsource = "export.xlsx"\nsheet = "Goals"\noptional = "no attainment"\n'
        '[tables.quotas.columns]\nrep_id = "a"\nmonth = "b"\nquota = "c"\n'
    )
    text = text.replace('sheet = "prices"', 'sheet = "costs", optional = "no discounts"')
    report = mapped(tmp_path, text)
    assert "quotas: sheet Goals of export.xlsx is not there: no attainment" in report.notes
    assert "deals: sheet costs of export.xlsx is not there: no discounts" in report.notes


def test_what_cells_hold_and_show_counts_in_every_sheet(tmp_path: Path) -> None:
    """An amount that only its format shows to be in euros is set aside, by its row in the sheet; a formula that
    nobody worked out is refused, with its cell, also in a sheet that is joined."""
    (tmp_path / "src").mkdir()
    path = book(tmp_path / "src" / "export.xlsx", **{"Sold deals": SOLD, "Prices": PRICES})

    def formats(made: Any) -> None:
        made["Sold deals"]["D2"].number_format = '"$"0.00'
        made["Sold deals"]["D5"].number_format = "0 [$€-1]"

    changed(path, formats)
    mapped(tmp_path, MAPPING)
    dataset = load_dataset(tmp_path / "out")
    assert dataset.deals()["deal_id"].tolist() == ["d1", "d2"]
    (aside,) = dataset.quality.set_aside.itertuples()
    assert (aside.column, aside.rows) == ("amount", 1)
    changed(path, lambda made: made["Prices"].__setitem__("B3", "=10*6"))
    words = r"sheet Prices of export\.xlsx holds 1 formula whose results were never saved, the first in cell B3"
    with pytest.raises(DataError, match=words):
        mapped(tmp_path, MAPPING, out="refused")
    assert "# Not read: sheet Prices of export.xlsx holds 1 formula" in suggest_mapping(path)


def test_a_sheet_called_as_a_table_that_cannot_be_read_stops_the_suggestion(tmp_path: Path) -> None:
    path = book(tmp_path / "export.xlsx", Reps=REPS, Deals=FORMULAS)
    with pytest.raises(DataError, match=r"sheet Deals of export\.xlsx holds 2 formulas"):
        suggest_mapping(path)
    path = book(tmp_path / "export.xlsx", A=NOTES, B=NOTES)
    with pytest.raises(DataError, match=r"the first line of sheet A of export\.xlsx"):
        suggest_mapping(path)
    assert [one.name for one in tmp_path.iterdir()] == ["export.xlsx"]


SALESFORCE = {
    "Opportunity": [
        ["Id", "Name", "OwnerId", "StageName", "IsClosed", "IsWon", "Amount", "CloseDate", "CreatedDate"],
        ["o1", "x", "u1", "Closed Won", True, True, 120.5, DAY(2026, 3, 2), DAY(2026, 1, 5)],
        ["o2", "y", "u2", "Talking", False, False, 80, DAY(2026, 9, 1), DAY(2026, 2, 5)],
    ],
    "User": [
        ["Id", "FirstName", "LastName", "UserRoleId", "HireDate"],
        ["u1", "Ann", "Lee", "r1", DAY(2025, 1, 2)],
        ["u2", "Bo", "Day", "r1", DAY(2025, 2, 3)],
    ],
    "UserRole": [["Id", "Name"], ["r1", "Team North"]],
}  # fmt: skip


def test_a_crm_in_one_workbook_is_the_same_as_in_files(tmp_path: Path) -> None:
    """Sheets named as the program's files; by hand: Ann won 120.50, both are of Team North."""
    csv = folder(tmp_path / "csv", **SALESFORCE)
    import_dataset("salesforce", csv, tmp_path / "of-csv")
    (tmp_path / "book").mkdir()
    path = book(tmp_path / "book" / "From our CRM.xlsx", Notes=NOTES, **SALESFORCE)
    assert "needs no mapping: salesops import salesforce SRC DEST" in suggest_mapping(path)
    for number, src in enumerate((path, path.parent)):
        report = import_dataset("salesforce", src, tmp_path / f"out{number}")
        assert "sheet Opportunity of From our CRM.xlsx" in report.tables["source"].tolist()
        made = load_dataset(tmp_path / f"out{number}")
        agree(made, load_dataset(tmp_path / "of-csv"))
        assert made.reps()["team"].tolist() == ["Team North"] * 2
        assert made.deals()["amount"].tolist() == [120.5, 80]
    # A workbook with the deals alone goes by its own name in a folder, and by its sheet's where it is all there is.
    book(tmp_path / "alone.xlsx", Opportunity=SALESFORCE["Opportunity"])
    import_dataset("salesforce", tmp_path / "alone.xlsx", tmp_path / "alone")
    with pytest.raises(DataError, match="Opportunity, the source of table deals, is not in"):
        import_dataset("salesforce", tmp_path, tmp_path / "none")
    # A copy beside it is one too many, and not guessed at.
    book(tmp_path / "book" / "Opportunity.xlsx", Opportunity=SALESFORCE["Opportunity"])
    with pytest.raises(DataError, match=r"of From our CRM\.xlsx and Opportunity\.xlsx may each be"):
        import_dataset("salesforce", path.parent, tmp_path / "two")


@pytest.mark.parametrize("kind", ["hubspot", "dynamics"])
def test_sheets_of_other_crms(kind: str, tmp_path: Path) -> None:
    deals, people = {
        "hubspot": (
            [["Record ID", "Deal owner", "Deal Stage", "Amount", "Close Date"], ["1", "o1", "Closed Won", 5, DAY(2026, 3, 2)]],
            [["owner_id", "first_name", "last_name"], ["o1", "Ann", "Lee"]],
        ),
        "dynamics": (
            [["opportunityid", "ownerid", "statecode", "actualvalue", "actualclosedate"], ["1", "o1", "Won", 5, DAY(2026, 3, 2)]],
            [["systemuserid", "fullname"], ["o1", "Ann Lee"]],
        ),
    }[kind]  # fmt: skip
    names = {"hubspot": ("Deals", "Owners"), "dynamics": ("Opportunity", "Users")}[kind]
    path = book(tmp_path / "crm.xlsx", **dict(zip(names, (deals, people), strict=True)))
    import_dataset(kind, path, tmp_path / "out")
    made = load_dataset(tmp_path / "out")
    assert made.deals()[["status", "amount"]].values.tolist() == [["won", 5.0]]
    assert made.reps()["name"].tolist() == ["Ann Lee"]


def test_a_damaged_workbook_beside_is_said_and_one_that_is_needed_stops(tmp_path: Path) -> None:
    src = folder(tmp_path / "src", Opportunity=SALESFORCE["Opportunity"])
    path = book(src / "crm.xlsx", **SALESFORCE)
    path.write_bytes(path.read_bytes()[:3000])
    report = import_dataset("salesforce", src, tmp_path / "out")
    assert any("not read: crm.xlsx is damaged" in one for one in report.notes)
    assert report.unused == ("crm.xlsx",)
    (src / "Opportunity.csv").unlink()
    with pytest.raises(DataError, match=r"is not in .*There are crm\.xlsx\. crm\.xlsx is damaged"):
        import_dataset("salesforce", src, tmp_path / "none")
    with pytest.raises(DataError, match=r"^crm\.xlsx is damaged"):
        import_dataset("salesforce", path, tmp_path / "none")


def test_what_is_no_folder_and_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(as_text(DEALS))
    for call in (suggest_mapping, lambda src: import_dataset("hubspot", src, tmp_path / "out")):
        with pytest.raises(
            SalesOpsError, match=r"deals\.csv is not a folder, nor an \.xlsx workbook"
        ):
            call(tmp_path / "deals.csv")
