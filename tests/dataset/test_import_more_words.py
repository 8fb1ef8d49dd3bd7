"""The words for exports that come in several shapes: files and columns under other names, columns that
may be absent, conditions, rows left out by one, joins that may find nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import ImportReport, import_dataset
from salesops_lib.errors import DataError, SalesOpsError

DEALS = """Id,Owner ID,Stage Name,IsWon,is closed,Worth
1,ann,Signed,TRUE,TRUE,100.10
2,ann,Gone,false,1,7
3,bob,Talking,0,no,
4,bob,Strange,,,8
"""
RULE = """
[tables.deals]
source = ["opps", "opportunity_*"]
also.Worth = ["Amount"]
lacking = ["Gone"]
drop = [{ when = { Gone = true }, because = "deleted" }]
[tables.deals.columns]
deal_id = "Id"
rep_id = "OwnerId"
status = { from = "StageName", remedy = "Ask Ann.", cases = [
  { when = { IsWon = true }, is = "won" },
  { when = { IsClosed = true, IsWon = false }, is = "lost" },
  { when = { IsClosed = false }, is = "open" },
] }
amount = "Worth"
list_amount = { from = "Worth", where = { "made.status" = ["won", "lost"] } }
"""


def run(folder: Path, mapping: str, **files: str) -> tuple[ImportReport, dict[str, pd.DataFrame]]:
    """Import files given as text; a name with __ has its ending after it."""
    src = folder / "src"
    src.mkdir(exist_ok=True)
    for name, text in files.items():
        stem, _, ending = name.partition("__")
        (src / f"{stem}.{ending or 'csv'}").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    report = import_dataset(folder / "map.toml", src, folder / "out")
    return report, {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in (folder / "out").glob("*.csv")
    }


# --- files and columns ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["opps", "OPPS", "Opportunity_2026", "opportunity-of May"])
def test_a_source_is_found_under_any_of_its_names(name: str, tmp_path: Path) -> None:
    report, tables = run(tmp_path, RULE, **{name: DEALS})
    assert tables["deals"]["rep_id"].tolist() == ["ann", "ann", "bob", "bob"]
    assert report.tables["source"].tolist() == [f"{name}.csv"]


def test_two_files_that_may_be_meant_are_refused(tmp_path: Path) -> None:
    """One of them would have been lost without a word."""
    with pytest.raises(DataError, match=r"Opps.csv and opportunity_1.csv may each be the source"):
        run(tmp_path, RULE, Opps=DEALS, opportunity_1=DEALS)
    assert not (tmp_path / "out").exists()


def test_files_that_nothing_read_are_said(tmp_path: Path) -> None:
    report, _ = run(tmp_path, RULE, opps=DEALS, tasks="a\n1\n", readme__txt="x")
    assert report.unused == ("tasks.csv",)
    assert "  - not used: tasks.csv" in report.lines()


def test_a_name_as_written_comes_before_one_that_is_alike(tmp_path: Path) -> None:
    files = (
        DEALS.replace("Worth", "Worth,WORTH").replace(".10\n", ".10,9\n").replace(",7\n", ",7,9\n")
    )
    files = files.replace("no,\n", "no,,9\n").replace(",8\n", ",8,9\n")
    _, tables = run(tmp_path, RULE, opps=files)
    assert tables["deals"]["amount"].tolist() == ["100.10", "7", "", "8"]


def test_two_columns_that_may_be_meant_are_refused(tmp_path: Path) -> None:
    twice = DEALS.replace("Owner ID", "Owner ID,owner_id").replace(",ann", ",ann,x").replace(
        ",bob", ",bob,x"
    )  # fmt: skip
    with pytest.raises(DataError, match=r"'OwnerId': Owner ID and owner_id of opps.csv"):
        run(tmp_path, RULE, opps=twice)


def test_another_name_is_taken_where_the_first_is_not_there(tmp_path: Path) -> None:
    _, tables = run(tmp_path, RULE, opps=DEALS.replace("Worth", "AMOUNT"))
    assert tables["deals"]["amount"].tolist() == ["100.10", "7", "", "8"]


def test_a_column_under_none_of_its_names_is_an_error(tmp_path: Path) -> None:
    words = r"'Worth': is not in opps.csv \(table deals\), nor under Amount.*It has Id, Owner ID"
    with pytest.raises(DataError, match=words):
        run(tmp_path, RULE, opps=DEALS.replace("Worth", "Price"))


def test_a_column_that_may_be_absent(tmp_path: Path) -> None:
    """`true` says nothing, a text what is lost, `put` what stands in every row."""
    rule = RULE.replace(
        'lacking = ["Gone"]',
        'lacking = { Gone = true, Worth = "no money", OwnerId = { put = "nobody", lost = "one rep" } }',
    )
    report, tables = run(tmp_path, rule, opps="Id,StageName,IsWon,IsClosed\n1,x,1,1\n2,y,0,1\n")
    assert tables["deals"]["rep_id"].tolist() == ["nobody", "nobody"]
    assert tables["deals"]["amount"].tolist() == ["", ""]
    assert report.notes == ("deals: opps.csv has no Worth: no money", "deals: opps.csv has no OwnerId: one rep")  # fmt: skip


def test_an_optional_table_says_what_is_lost(tmp_path: Path) -> None:
    quotas = (
        '[tables.quotas]\nsource = "quotas"\noptional = "no attainment"\nnotes = ["never said"]\n'
        '[tables.quotas.columns]\nrep_id = "r"\nmonth = "m"\nquota = "q"\n'
    )
    report, _ = run(tmp_path, RULE + quotas, opps=DEALS)
    assert "quotas: quotas.csv is not there: no attainment" in report.notes
    assert not any("never said" in one for one in report.notes)


def test_a_table_of_semicolons_stays_one(tmp_path: Path) -> None:
    """Between commas, 1.234 would have been read as a little more than one: it is a thousand, or in
    doubt."""
    german = DEALS.replace(",", ";").replace("100.10", "1.234")
    run(tmp_path, RULE, opps=german)
    made = load_dataset(tmp_path / "out")
    assert made.quality.set_aside["column"].tolist()[0] == "amount"
    assert 1.234 not in made.deals()["amount"].tolist()


# --- conditions -------------------------------------------------------------------------------


def test_the_first_case_that_holds_decides(tmp_path: Path) -> None:
    """What no case settles stays as it is, and is told with the remedy; nothing is guessed."""
    report, tables = run(tmp_path, RULE, opps=DEALS)
    assert tables["deals"]["status"].tolist() == ["won", "lost", "open", "Strange"]
    assert tables["deals"]["list_amount"].tolist() == ["100.10", "7", "", ""]
    assert report.notes == (
        "deals: nothing tells the status of 1 row, whose StageName is Strange: passed on as "
        "found, and set aside by `salesops check`. Ask Ann.",
    )
    aside = load_dataset(tmp_path / "out").quality.set_aside
    assert aside.loc[aside["column"] == "status", "rows"].tolist() == [1]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ('{ StageName = ["signed"] }', "1"),
        ('{ StageName = ["*ing"] }', "3"),
        ('{ StageName = ["S*"] }', "1 4"),
        ('{ Worth = ["*"] }', "1 2 4"),
        ('{ Worth = [""] }', "3"),
        ("{ IsWon = false }", "2 3"),
        ('{ IsWon = false, OwnerId = ["bob"] }', "3"),
        ('{ "made.rep_id" = ["ann"] }', "1 2"),
    ],
)
def test_a_condition(when: str, wanted: str, tmp_path: Path) -> None:
    _, tables = run(
        tmp_path,
        RULE + f'source = {{ constant = "-", cases = [{{ when = {when}, from = "Id" }}] }}\n',
        opps=DEALS,
    )
    assert " ".join(one for one in tables["deals"]["source"] if one != "-") == wanted


def test_rows_left_out_by_a_condition_are_counted(tmp_path: Path) -> None:
    gone = (
        DEALS.replace("Worth", "Worth,Gone").replace(".10\n", ".10,Yes\n").replace(",7\n", ",7,0\n")
    )
    gone = gone.replace("no,\n", "no,,\n").replace(",8\n", ",8,1\n")
    report, tables = run(tmp_path, RULE, opps=gone)
    assert tables["deals"]["deal_id"].tolist() == ["2", "3"]
    assert report.left_out.to_dict("records") == [
        {"table": "deals", "reason": "deleted", "rows": 2}
    ]
    assert report.tables.loc[0, ["rows_read", "rows_left_out", "rows_written"]].tolist() == [
        4,
        2,
        2,
    ]


# --- joins ------------------------------------------------------------------------------------

JOIN = RULE.replace(
    'lacking = ["Gone"]',
    'lacking = ["Gone"]\njoins = [{ source = ["people"], as = "owner", on = { OwnerId = "Id" }, '
    'columns = ["Name", "Town"], lacking = ["Town"], optional = "no names"%s }]',
).replace(
    'amount = "Worth"', 'amount = "Worth"\nsegment = { first = ["owner.Name", "owner.Town"] }'
)


def test_a_join_has_names_of_its_own_and_may_be_absent(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    report, tables = run(tmp_path / "a", JOIN % "", opps=DEALS, people="ID,name\nann,Ann\n")
    assert tables["deals"]["segment"].tolist() == ["Ann", "Ann", "", ""]
    assert "deals: 2 rows have no match in people.csv: bob" in report.notes
    (tmp_path / "b").mkdir()
    report, tables = run(tmp_path / "b", JOIN % "", opps=DEALS)
    assert tables["deals"]["segment"].tolist() == ["", "", "", ""]
    assert "deals: people.csv is not there: no names" in report.notes


def test_a_key_with_several_matches_is_blank_where_that_is_allowed(tmp_path: Path) -> None:
    people = "Id,Name,Town\nann,Ann,X\nann,Anne,Y\nbob,Bob,\n,Nobody,\n"
    with pytest.raises(DataError, match="several rows for one key"):
        run(tmp_path, JOIN % "", opps=DEALS, people=people)
    report, tables = run(tmp_path, JOIN % ", several = true, sparse = true", opps=DEALS)
    assert tables["deals"]["segment"].tolist() == ["", "", "Bob", "Bob"]
    assert report.notes[0] == "deals: 1 in people.csv with several matches are left blank: ann"


def test_rows_of_the_other_file_can_be_left_out_and_a_blank_is_nobodys_key(tmp_path: Path) -> None:
    extra = ', sparse = true, drop = [{ when = { Town = ["old"] }, because = "moved" }]'
    people = "Id,Name,Town\nann,Ann,new\nann,Anne,old\n,Nobody,\n"
    _, tables = run(tmp_path, JOIN % extra, opps=DEALS.replace("4,bob", "4,"), people=people)
    assert tables["deals"]["segment"].tolist() == ["Ann", "Ann", "", ""]


# --- slips ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        ('source = ["opps", "opportunity_*"]', "source = []", "source is .*not a file name"),
        ('also.Worth = ["Amount"]', 'also.Wort = ["Amount"]', "no rule names the column Wort. Did you mean Worth"),
        ('also.Worth = ["Amount"]', 'also.Worth = "Amount"', "is not a list of texts"),
        ('lacking = ["Gone"]', 'lacking = ["Gone", "Gon"]', "no rule names the column Gon. Did you mean Gone"),
        ('lacking = ["Gone"]', "lacking = { Gone = { lots = 1 } }", "unknown lots; allowed are lost, put"),
        (', because = "deleted"', "", "because is needed"),
        ("{ Gone = true }", "{ Gone = 5 }", "when.Gone: 5 is neither a list of texts nor true or false"),
        ("when = { IsWon = true }, is", "when = {}, is", r"when is \{\}"),
        (', is = "won" }', " }", "give one of is, from"),
        ('is = "won" }', 'iss = "won" }', "unknown iss; .*Did you mean is"),
        ("IsClosed = false }, is", "IsClosd = false }, is", "'IsClosd': is not in opps.csv.*Did you mean"),
        ("made.status", "made.outcome", "made.outcome is no column made above it"),
        ('deal_id = "Id"', 'deal_id = { from = "Id", until = "End", quarter = true }', "'until' goes with 'from'"),
        ('deal_id = "Id"', 'deal_id = { from = "Id", remedy = "x" }', "give cases"),
        ('lacking = ["Gone"]', 'lacking = ["Gone"]\nnotes = [5]', r"notes is \[5\], not a list of texts"),
    ],
)  # fmt: skip
def test_a_slip_is_named(find: str, put: str, words: str, tmp_path: Path) -> None:
    assert find in RULE
    with pytest.raises(SalesOpsError, match=words):
        run(tmp_path, RULE.replace(find, put, 1), opps=DEALS)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (', as = "made"', "'made' is the table itself"),
        (', spars = true', "unknown spars; .*Did you mean sparse"),
        (', also = { Nam = ["x"] }', "no rule names the column Nam"),
        (', several = "yes"', "several is 'yes', not true or false"),
    ],
)  # fmt: skip
def test_a_slip_in_a_join_is_named(extra: str, words: str, tmp_path: Path) -> None:
    rule = (JOIN % extra).replace('as = "owner", ', "" if " as " in extra else 'as = "owner", ')
    with pytest.raises(SalesOpsError, match=words):
        run(tmp_path, rule, opps=DEALS, people="Id,Name\n")
