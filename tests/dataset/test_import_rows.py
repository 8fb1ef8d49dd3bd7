"""Which rows of an export are taken: empty lines, and rows kept by a form."""

from __future__ import annotations

from pathlib import Path

from tests.dataset.test_import_more_words import run
from tests.dataset.test_import_words import BASIC


def test_rows_of_nothing_but_separators_are_no_deals(tmp_path: Path) -> None:
    """Empty lines of a spreadsheet became open deals without id: thirteen faults of data that were none."""
    rows = "Id,Owner,State,Value\n1,ann,Won,5\n,,,\n , ,,\n2,,Won,6\n,,,\n"
    report, tables = run(tmp_path, BASIC, opps=rows)
    assert tables["deals"]["deal_id"].tolist() == ["1", "2"]
    assert report.left_out.values.tolist() == [["deals", "all their cells are blank", 3]]
    assert report.tables[["rows_read", "rows_left_out"]].values.tolist() == [[5, 3]]


def test_what_is_kept_may_be_a_form(tmp_path: Path) -> None:
    """A star stood for itself in `keep`, and for any text everywhere else: every row was left out."""
    rows = "Id,Owner,State,Value\n1,ann,Won,5\n2,ann,won big,6\n3,ann,,7\n4,ann,Lost,8\n"
    for given, kept, reason in (
        ('["*"]', ["1", "2", "4"], "State is blank"),
        ('["Won*"]', ["1", "2"], "State is none of Won*"),
        ('["Won", "L*"]', ["1", "4"], "State is none of Won, L*"),
        # What is written out is met as it is written.
        ('["won big", "lost"]', ["2"], "State is none of won big, lost"),
    ):
        mapping = BASIC.replace(
            "[tables.deals.columns]", f"keep.State = {given}\n[tables.deals.columns]"
        )
        folder = tmp_path / f"{len(given)}"
        folder.mkdir()
        report, tables = run(folder, mapping, opps=rows)
        assert tables["deals"]["deal_id"].tolist() == kept
        assert report.left_out["reason"].tolist() == [reason]


def test_names_that_find_nobody_stand_apart(tmp_path: Path) -> None:
    mapping = BASIC.replace(
        "[tables.deals.columns]",
        'joins = [{ source = "people.csv", on = { Owner = "name" }, columns = ["key"] }]\n'
        "[tables.deals.columns]",
    )
    rows = 'Id,Owner,State\n1,"Lee, Ann",Won\n2,"Ray, Bob",Won\n3,"Orr, Cy",Won\n'
    report, _ = run(tmp_path, mapping, opps=rows, people='name,key\n"Orr, Cy",7\n')
    assert "deals: 2 rows have no match in people.csv: Lee, Ann; Ray, Bob" in report.notes
