"""A mapping end to end: every word at once, and what cannot be carried out leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset.importing import import_dataset, read_mapping, suggest_mapping
from salesops_lib.errors import SalesOpsError
from tests.dataset.mappings import QUARTERS


def run(folder: Path, mapping: str, **files: str):
    """Import files given as text; the report, and table → text frame."""
    src = folder / "src"
    src.mkdir()
    for name, text in files.items():
        (src / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    report = import_dataset(folder / "map.toml", src, folder / "out")
    tables = {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in (folder / "out").glob("*.csv")
    }
    return report, tables


def test_every_word_of_a_mapping(tmp_path: Path) -> None:
    mapping = """
    [tables.deals]
    source = "d.csv"
    replace.product = { GTXPro = "GTX Pro" }
    keep.stage = ["Won", "Lost"]
    joins = [{ source = "p.csv", on = { product = "name" }, columns = ["price"] }]
    [tables.deals.columns]
    deal_id = "id"
    rep_id = { from = "rep", whole = true }
    status = { from = "stage", values = { Won = "won" }, otherwise = "lost" }
    amount = { from = "value", where = { stage = ["Won"] } }
    close_date = { from = "closed", format = "%d/%m/%y" }
    product = "product"
    list_amount = "price"
    segment = { first = ["a", "b"] }
    stage = { join = ["a", "b"] }
    source = { constant = "CRM" }
    """
    deals = (
        "id,rep,stage,value,closed,product,a,b\n"
        "007,277.0,Won,10.50,31/01/26,GTXPro,,y\n"
        "8,278,Lost,0,01/02/26,MG,x,y\n"
        "9,278,Open,5,,MG,,\n"
    )
    report, tables = run(tmp_path, mapping, d=deals, p="name,price\nGTX Pro,4821\nMG,55\n")
    assert tables["deals"].to_dict("records") == [
        {
            "deal_id": "007",
            "rep_id": "277",
            "status": "won",
            "amount": "10.50",
            "close_date": "2026-01-31",
            "product": "GTX Pro",
            "list_amount": "4821",
            "segment": "y",
            "stage": "y",
            "source": "CRM",
        },
        {
            "deal_id": "8",
            "rep_id": "278",
            "status": "lost",
            "amount": "",
            "close_date": "2026-02-01",
            "product": "MG",
            "list_amount": "55",
            "segment": "x",
            "stage": "x y",
            "source": "CRM",
        },
    ]
    (row,) = report.tables.itertuples(index=False)
    assert (row.rows_read, row.rows_written, row.rows_left_out) == (3, 2, 1)
    assert "stage is none of Won, Lost" in report.left_out["reason"].iloc[0]


def test_a_quarter_becomes_months_to_the_cent(tmp_path: Path) -> None:
    """100 ÷ 3 = 33.33, 33.33 and what is left, 33.34."""
    _, tables = run(tmp_path, QUARTERS, q="rep,quarter,quota\nA,2026Q2,100\n")
    assert tables["quotas"]["month"].tolist() == ["2026-04-01", "2026-05-01", "2026-06-01"]
    assert tables["quotas"]["quota"].tolist() == ["33.33", "33.33", "33.34"]


def test_a_split_without_a_quarter_is_refused(tmp_path: Path) -> None:
    """It once wrote a third of the money and lost the rest."""
    wrong = QUARTERS.replace(", quarter = true", "")
    with pytest.raises(SalesOpsError, match="no column has quarter = true"):
        run(tmp_path, wrong, q="rep,quarter,quota\nA,2026-04,100\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("find", "put", "message"),
    [
        ('rep_id = "rep"', 'rep_id = "repp"', r"'repp'.*Did you mean rep\?"),
        ("split = true", "spilt = true", "unknown spilt"),
        ("[tables.quotas]", "[tables.quota]", "there is no table"),
        ('source = "q.csv"', 'source = "x.csv"', "x.csv.*is not in.*q.csv"),
        ('source = "q.csv"', "source = ", "is not a TOML file"),
    ],
)
def test_a_wrong_mapping_is_named_and_nothing_is_left(
    tmp_path: Path, find: str, put: str, message: str
) -> None:
    with pytest.raises(SalesOpsError, match=message):
        run(tmp_path, QUARTERS.replace(find, put, 1), q="rep,quarter,quota\nA,2026Q2,100\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["map.toml", "src"]


def test_a_join_never_doubles_rows(tmp_path: Path) -> None:
    mapping = QUARTERS.replace(
        'source = "q.csv"',
        'source = "q.csv"\njoins = [{ source = "p.csv", on = { rep = "r" }, columns = ["x"] }]',
    )
    with pytest.raises(SalesOpsError, match="several rows for one key"):
        run(tmp_path, mapping, q="rep,quarter,quota\nA,2026Q2,1\n", p="r,x\nA,1\nA,2\n")


def test_rows_that_a_join_does_not_find_are_kept_and_said(tmp_path: Path) -> None:
    mapping = QUARTERS.replace(
        'source = "q.csv"',
        'source = "q.csv"\njoins = [{ source = "p.csv", on = { rep = "r" }, columns = ["x"] }]',
    )
    rows = "rep,quarter,quota\nA,2026Q2,3\nZ,2026Q2,3\n,2026Q2,3\n"
    report, tables = run(tmp_path, mapping, q=rows, p="r,x\nA,1\n")
    assert len(tables["quotas"]) == 9
    assert "quotas: 1 row is blank in rep" in report.notes
    assert "quotas: 1 row has no match in p.csv: Z" in report.notes
    assert "  - quotas: 1 row has no match in p.csv: Z" in report.lines()


def test_a_full_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(SalesOpsError, match="is not empty"):
        run(tmp_path, QUARTERS, q="rep,quarter,quota\nA,2026Q2,100\n")
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep"


def test_kinds_shipped_and_kinds_unknown() -> None:
    for kind in ("salesforce", "hubspot", "dynamics"):
        assert "deals" in {one.name for one in read_mapping(kind).tables}
    with pytest.raises(SalesOpsError, match="adventureworks, maven_crm"):
        read_mapping("nobody")


def test_a_suggestion_can_be_read_back(tmp_path: Path) -> None:
    (tmp_path / "opps.csv").write_text("opportunity_id,sales_agent,outcome,x\n1,A,won,2\n")
    text = suggest_mapping(tmp_path)
    assert 'deal_id = "opportunity_id"' in text
    (tmp_path / "m.toml").write_text(text)
    assert "deals" in {one.name for one in read_mapping(str(tmp_path / "m.toml")).tables}


@pytest.mark.filterwarnings("error")
def test_where_no_row_is_kept_the_words_there_are_told(tmp_path: Path) -> None:
    """And no warning of pandas' reaches the user."""
    mapping = (
        '[tables.reps]\nsource = "p.csv"\nkeep.job = ["Sales"]\n'
        '[tables.reps.columns]\nrep_id = "id"\n'
    )
    report, tables = run(tmp_path, mapping, p="id,job\n1,Seller\n2,Clerk\n3,Seller\n4,\n")
    assert tables["reps"].empty
    (reason,) = report.left_out["reason"]
    assert reason == "job is none of Sales; it holds Seller, Clerk, blanks"
