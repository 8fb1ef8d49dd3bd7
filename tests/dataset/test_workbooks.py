"""Excel workbooks, written by a real library: the same company as from CSV, cells by hand, and what cannot
be read."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset
from salesops_lib.dataset.importing import import_dataset
from salesops_lib.dataset.loading import examine
from salesops_lib.dataset.workbooks import read_sheets, sheet_names
from salesops_lib.errors import DataError
from tests.dataset.companies import random_tables
from tests.dataset.test_sources import agree

TABLES = random_tables(2)
DEALS = [
    ["deal_id", "rep_id", "status", "amount", "close_date"],
    [1, "A", "won", 100, datetime.datetime(2026, 3, 2)],
    [2, "A", "won", 200, datetime.datetime(2026, 4, 2)],
]
REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "salesforce"


def book(path: Path, formats: dict[str, str] | None = None, /, **sheets: Any) -> Path:
    """A workbook of these sheets, each a frame or lines of cells; cell → number format in all of them."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, content in sheets.items():
        sheet = made.create_sheet(name)
        lines = content
        if isinstance(content, pd.DataFrame):
            cells = content.astype(object).where(content.notna(), None)
            lines = [list(content.columns), *cells.itertuples(index=False, name=None)]
        for line in lines:
            sheet.append(list(line))
        for cell, form in (formats or {}).items():
            sheet[cell].number_format = form
    made.save(path)
    return path


def texts(path: Path) -> list[list[str]]:
    (sheet,) = read_sheets(path)
    return [cells for _, cells in sheet.lines]


def test_the_same_company_as_from_frames(tmp_path: Path) -> None:
    """As one workbook with a sheet a table and some notes, and as a workbook a table."""
    notes = pd.DataFrame({"note": ["not a table"]})
    (tmp_path / "one").mkdir()
    book(tmp_path / "one" / "Our company.xlsx", **TABLES, Notes=notes)
    whole = load_dataset(tmp_path / "one")
    agree(whole, Dataset.from_frames(TABLES))
    assert any(
        "Not read: sheet Notes of Our company.xlsx, which is none of" in one
        for one in whole.notices
    )
    assert "read from sheet deals" in whole.quality.tables.set_index("table").loc["deals", "notes"]
    agree(load_dataset(tmp_path / "one" / "Our company.xlsx"), whole)
    (tmp_path / "each").mkdir()
    for name, frame in TABLES.items():
        book(tmp_path / "each" / f"{name}.xlsx", Sheet1=frame)
    agree(load_dataset(tmp_path / "each"), whole)


def test_cells_are_what_a_program_would_write(tmp_path: Path) -> None:
    line = [
        277.0, 0.1 + 0.2, -1234.5, True, datetime.datetime(2026, 9, 30),
        datetime.datetime(2026, 9, 30, 8, 15, 0, 400), datetime.timedelta(hours=7.5), " two words ", None, 0,
    ]  # fmt: skip
    path = book(tmp_path / "x.xlsx", S=[["heading"] * 11, [*line, "end"]])
    assert texts(path)[1] == [
        "277", "0.3", "-1234.5", "true", "2026-09-30", "2026-09-30T08:15:00", "7.5", " two words ", "", "0",
        "end",
    ]  # fmt: skip


def test_what_a_workbook_is_read_without_warns_nobody(tmp_path: Path) -> None:
    """A number that is no day, shown as a day: the reader's warning would stand in a report."""
    path = book(tmp_path / "x.xlsx", {"A2": "yyyy-mm-dd"}, deals=[["close_date"], [1e9]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert texts(path) == [["close_date"], ["#VALUE!"]]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("General", "5"), ('"$"#,##0.00', "$ 5"), ("[$€-407] #,##0.00", "€ 5"), ("#,##0 [$CHF]", "CHF 5"),
        ("[$$-409]#,##0", "$ 5"), ('_("$"* #,##0_);_("$"* \\(#,##0\\)', "$ 5"), ("[$£-809]0;-[$£-809]0", "£ 5"),
        ('#,##0.00\\ "USD"', "$ 5"), ("[$-409]0.00", "5"), ('0"%"', "5"), ("[Red]0.0", "5"), ("0%", "5"),
    ],
)  # fmt: skip
def test_a_currency_that_only_the_format_shows(form: str, says: str, tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", {"A2": form}, S=[["amount"], [5]])
    assert texts(path)[1] == [says]


def test_amounts_in_two_currencies_are_not_added_up(tmp_path: Path) -> None:
    """The second of two deals is shown in euros: it is set aside, with the row's number in the sheet's count
    below the headings, a blank line included."""
    lines = [DEALS[0], DEALS[1], [], DEALS[2], [3, "A", "won", 300, datetime.datetime(2026, 5, 1)]]
    book(tmp_path / "deals.xlsx", {"D2": '"$"0', "D4": "0 [$€-1]", "D5": '"$"0'}, deals=lines)
    dataset = load_dataset(tmp_path)
    assert dataset.deals()["amount"].tolist() == [100.0, 300.0]
    (aside,) = dataset.quality.set_aside.itertuples()
    assert (aside.column, aside.rows) == ("amount", 1)
    assert "3" in str(aside.examples)


def test_sheets_that_nobody_sees_and_lines_that_hold_nothing_are_none(tmp_path: Path) -> None:
    path = book(
        tmp_path / "x.xlsx", hiddenSheet=[["a", "b"]], Empty=[], Data=[[], ["h", "", None], ["c"]]
    )
    made = openpyxl.load_workbook(path)
    made["hiddenSheet"].sheet_state = "hidden"
    made["Data"].row_dimensions[3].hidden = True  # by a filter: it is a row all the same
    made["Data"].cell(20, 9).number_format = "0.00"
    made.save(path)
    (sheet,) = read_sheets(path)
    assert sheet.name == "Data"
    assert [(number, cells[0]) for number, cells in sheet.lines] == [(2, "h"), (3, "c")]
    assert not any(any(cells[1:]) for _, cells in sheet.lines)


def test_what_was_saved_from_a_workbook_is_read_and_not_the_workbook(tmp_path: Path) -> None:
    book(tmp_path / "deals.xlsx", deals=DEALS)
    (tmp_path / "~$deals.xlsx").write_bytes(b"open in a program")
    assert len(load_dataset(tmp_path).deals()) == 2
    (tmp_path / "deals.csv").write_text(
        "deal_id,rep_id,status,amount,close_date\n7,A,won,1,2026-03-02\n"
    )
    dataset = load_dataset(tmp_path)
    assert dataset.deals()["deal_id"].tolist() == ["7"]
    said = "Not read: sheet deals of deals.xlsx, because the table 'deals' is in deals.csv"
    assert said in " ".join(dataset.notices)


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"A": DEALS, "B": DEALS}, r"deals\.xlsx has 2 sheets \(A, B\), and which one is meant cannot be told\. Name the one "
         "that is meant deals, or keep one and hide the others"),
        ({"deals": DEALS, "Deal": DEALS}, r"sheet deals of .* and sheet Deal of .* are both the table 'deals'"),
        ({"A": []}, r"deals\.xlsx is empty"),
        ({"A": [["My report"], [], *DEALS]}, r"does not name the columns: it is 'My report', and 3 of 3 lines"),
        ({"A": [["deal_id", "deal_id"], [1, 2]]}, r"the heading 'deal_id' 2 times"),
        ({"A": [["deal_id", None, "amount"], [1, 2, 3]]}, r"a column without a heading"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(sheets: dict[str, Any], words: str, tmp_path: Path) -> None:
    book(tmp_path / "deals.xlsx", **sheets)
    with pytest.raises(DataError, match=words):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (lambda data: data[: len(data) // 2], r"deals\.xlsx is damaged: .* Copy or export it again"),
        (lambda data: b"", r"deals\.xlsx is damaged"),
        (lambda data: b"<html><table>", r"deals\.xlsx is no workbook of this kind: it has a password, or"),
        (lambda data: data.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"), r"deals\.xlsx"),
    ],
)  # fmt: skip
def test_a_broken_workbook_says_so(cut: Any, words: str, tmp_path: Path) -> None:
    path = book(tmp_path / "deals.xlsx", deals=DEALS)
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(DataError, match=words):
        load_dataset(tmp_path)
    # One that is no table of ours stops nothing, and is said.
    path.rename(tmp_path / "plan.xlsx")
    (tmp_path / "deals.csv").write_text(
        "deal_id,rep_id,status,amount,close_date\n7,A,won,1,2026-03-02\n"
    )
    assert any("plan.xlsx" in one for one in load_dataset(tmp_path).notices)
    assert not examine(tmp_path).faults


def test_a_damaged_byte_anywhere_is_a_damaged_workbook(tmp_path: Path) -> None:
    """A byte in fifty of a copy, each changed alone: many break the compression, some nothing."""
    path = book(tmp_path / "deals.xlsx", deals=DEALS)
    data = path.read_bytes()
    for at in range(0, len(data), 50):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :])
        with contextlib.suppress(DataError):
            read_sheets(path)
        with contextlib.suppress(DataError):
            sheet_names(path)


def test_a_workbook_of_charts_alone_holds_no_cells(tmp_path: Path) -> None:
    path = book(tmp_path / "deals.xlsx", deals=DEALS)
    with zipfile.ZipFile(path) as made:
        parts = {one: made.read(one) for one in made.namelist() if "sheet1" not in one}
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    with pytest.raises(DataError, match=r"it holds no sheet of cells\. Save its sheets as CSV"):
        load_dataset(tmp_path)


def test_strict_open_xml_is_not_said_to_be_empty(tmp_path: Path) -> None:
    """The same parts under the names of the stricter standard, as a program writes them on demand."""
    plain = book(tmp_path / "plain.xlsx", deals=DEALS)
    path = tmp_path / "deals.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for one in old.namelist():
            main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            new.writestr(
                one,
                old.read(one).replace(main, strict) if one.startswith("xl/w") else old.read(one),
            )
    plain.unlink()
    with pytest.raises(
        DataError, match=r"deals\.xlsx is saved as Strict Open XML.*plain Excel workbook"
    ):
        load_dataset(tmp_path)


def test_a_workbook_without_a_table_says_what_its_sheets_are_called(tmp_path: Path) -> None:
    path = book(tmp_path / "plan.xlsx", Plan=DEALS)
    said = r"holds no table\. Name the sheets of plan\.xlsx as the tables: reps, quotas, deals"
    for place in (path, tmp_path):
        with pytest.raises(DataError, match=said):
            load_dataset(place)
    path.rename(tmp_path / "plan.xls")
    with pytest.raises(DataError, match=r"holds no table\. Save plan\.xls as \.xlsx, with sheets"):
        load_dataset(tmp_path)


def test_an_export_of_dynamics_is_imported_as_it_is(tmp_path: Path) -> None:
    """Views of Dynamics come as workbooks with a sheet of the program's own."""
    view = [
        ["(Do Not Modify) Opportunity", "Topic", "Owner", "Status", "Actual Close Date", "Actual Revenue", "Created On"],
        ["d1", "x", "Ann Lee", "Won", datetime.datetime(2026, 3, 2), 100.5, datetime.datetime(2026, 1, 2, 9, 30)],
        ["d2", "y", "Bo Day", "Lost", datetime.datetime(2026, 3, 3), None, datetime.datetime(2026, 1, 3)],
    ]  # fmt: skip
    (tmp_path / "src").mkdir()
    path = book(
        tmp_path / "src" / "All Opportunities.xlsx", hiddenSheet=[["key"]], Opportunities=view
    )
    made = openpyxl.load_workbook(path)
    made["hiddenSheet"].sheet_state = "veryHidden"
    made.save(path)
    import_dataset("dynamics", tmp_path / "src", tmp_path / "out")
    deals = load_dataset(tmp_path / "out").deals()
    assert deals[["status", "amount"]].values.tolist()[0] == ["won", 100.5]
    assert deals["close_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-03-02", "2026-03-03"]


@pytest.mark.realdata
def test_a_real_export_as_workbooks_is_the_same_dataset(tmp_path: Path) -> None:
    """The files of a real Salesforce test organisation, once as CSV and once as a workbook each, whose second
    sheet is somebody's."""
    if not REALDATA.is_dir():
        pytest.skip("the real data sets are not beside the project")
    for kind in ("csv", "xlsx"):
        (tmp_path / kind).mkdir()
        for path in sorted(REALDATA.glob("*.csv")):
            if kind == "csv":
                shutil.copy(path, tmp_path / kind)
                continue
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
            book(tmp_path / kind / f"{path.stem}.xlsx", **{path.stem: frame, "Mine": [["a"]]})
        import_dataset("salesforce", tmp_path / kind, tmp_path / f"{kind}-out")
    agree(load_dataset(tmp_path / "xlsx-out"), load_dataset(tmp_path / "csv-out"))


def patched(path: Path, old: str, new: str, part: str = "xl/worksheets/sheet") -> Path:
    """The workbook with its first sheet, or another part, rewritten as another program writes it."""
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    (sheet,) = (name for name in content if name.startswith(part))
    assert old.encode() in content[sheet]
    content[sheet] = content[sheet].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    return path


FORMULAS = [DEALS[0], [1, "A", "won", "=10*10", DEALS[1][4]], [2, "A", "won", "=D2*2", DEALS[2][4]]]
# Left blank; noughts that whoever opens it is to work out; one of two worked out.
UNSAVED = [
    ("<v />", "<v />", 2),
    ("<v />", "<v>0</v>", 2),
    ("<f>10*10</f><v />", "<f>10*10</f><v>100</v>", 1),
]


@pytest.mark.parametrize(("old", "new", "how_many"), UNSAVED)
def test_formulas_that_nobody_worked_out_are_no_blanks(
    tmp_path: Path, old: str, new: str, how_many: int
) -> None:
    patched(book(tmp_path / "deals.xlsx", deals=FORMULAS), old, new)
    with pytest.raises(DataError) as caught:
        load_dataset(tmp_path).deals()
    counted = "2 formulas" if how_many == 2 else "1 formula"
    where = "D2" if how_many == 2 else "D3"
    assert f"sheet deals of deals.xlsx holds {counted} whose results were never saved" in str(
        caught.value
    )
    assert f"cell {where}" in str(caught.value)
    assert "save it" in str(caught.value)


def test_formulas_with_their_results_are_read(tmp_path: Path) -> None:
    """Also one that gives an empty text, of which nothing is saved but that it is a text."""
    path = book(tmp_path / "deals.xlsx", deals=[*FORMULAS[:2], [2, "A", "won", 7, DEALS[2][4]]])
    patched(path, "<f>10*10</f><v />", "<f>10*10</f><v>100</v>")
    assert load_dataset(tmp_path).deals()["amount"].tolist() == [100, 7]
    lines = [["a", "b"], ["x", '=""'], ["y", "=1+1"]]
    path = book(tmp_path / "texts.xlsx", one=lines)
    patched(path, '<c r="B2"><f>""</f><v />', '<c r="B2" t="str"><f>""</f><v></v>')
    patched(path, "<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    (sheet,) = read_sheets(path)
    assert not sheet.not_worked_out
    assert [cells for _, cells in sheet.lines] == [["a", "b"], ["x", ""], ["y", "2"]]


@pytest.mark.parametrize("properties", ['<calcPr calcId="191029"/>', "<calcPr/>", ""])
def test_noughts_that_a_spreadsheet_worked_out_are_noughts(tmp_path: Path, properties: str) -> None:
    """A spreadsheet's own file does not ask to be worked out anew; some programs say nothing of it at all."""
    path = book(tmp_path / "deals.xlsx", deals=FORMULAS)
    patched(path, "<v />", "<v>0</v>")
    patched(path, '<calcPr calcId="124519" fullCalcOnLoad="1" />', properties, "xl/workbook.xml")
    assert load_dataset(tmp_path).deals()["amount"].tolist() == [0, 0]


def test_a_number_shown_with_zeros_before_it_is_an_id(tmp_path: Path) -> None:
    """A spreadsheet keeps 007 as 7 with a format; the reps of another file are written 007."""
    formats = {"A2": "000", "B2": "00000", "C2": "0", "D2": "0.00", "E2": "000"}
    path = book(
        tmp_path / "a.xlsx", formats, one=[["a", "b", "c", "d", "e"], [7, 123456, 7, 7, "x"]]
    )
    assert texts(path)[1] == ["007", "123456", "7", "7", "x"]
