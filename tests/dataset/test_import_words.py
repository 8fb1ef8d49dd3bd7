"""Import by a mapping: every word of it worked by hand on small exports, and every slip named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import ImportReport, import_dataset
from salesops_lib.errors import DataError, SalesOpsError
from tests.dataset.mappings import QUARTERS

DEALS = """Id,Owner,State,Value,Opened,Closed,Product
1,ann,Won,100.10,03/01/2026,04/15/2026,GTXPro
2,ann,Lost,0,03/02/2026,04/16/2026,GTX Pro
3,bob,Engaging,,03/03/2026,,MG
4,bob,Cancelled,7,03/04/2026,04/18/2026,MG
"""
BASIC = """
[tables.deals]
source = "opps.csv"
[tables.deals.columns]
deal_id = "Id"
rep_id = "Owner"
status = { from = "State", values = { Won = "won", Lost = "lost" }, otherwise = "open" }
"""
Export = Callable[..., tuple[ImportReport, dict[str, pd.DataFrame]]]


@pytest.fixture
def imported(tmp_path: Path) -> Export:
    """Import files (name → text) by a mapping's text: the report, and the cells as written."""

    def run(mapping: str, **files: str) -> tuple[ImportReport, dict[str, pd.DataFrame]]:
        src = tmp_path / "export"
        src.mkdir(exist_ok=True)
        for name, text in files.items():
            (src / f"{name}.csv").write_text(text, encoding="utf-8")
        (tmp_path / "map.toml").write_text(mapping, encoding="utf-8")
        dest = tmp_path / "made"
        report = import_dataset(tmp_path / "map.toml", src, dest)
        read = {
            path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
            for path in dest.glob("*.csv")
        }
        return report, read

    return run


def column(rule: str, imported: Export, **files: str) -> list[str]:
    """What the rule makes of a column, for each deal."""
    _, tables = imported(BASIC + f"made = {rule}\n", **({"opps": DEALS} | files))
    return tables["deals"]["made"].tolist()


# --- columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ('"Value"', ["100.10", "0", "", "7"]),
        ('{ constant = "CRM" }', ["CRM"] * 4),
        ('{ from = "State", values = { Won = "w" } }', ["w", "Lost", "Engaging", "Cancelled"]),
        ('{ from = "State", values = { Won = "w" }, otherwise = "-" }', ["w", "-", "-", "-"]),
        ('{ from = "Value", where = { State = ["Won"] } }', ["100.10", "", "", ""]),
        ('{ join = ["Owner", "Product"] }', ["ann GTXPro", "ann GTX Pro", "bob MG", "bob MG"]),
        ('{ first = ["Value", "Owner"] }', ["100.10", "0", "bob", "7"]),
        ('{ row = "D" }', ["D1", "D2", "D3", "D4"]),
        # 1 × 100.10, 2 × 0, 3 × nothing, 4 × 7
        ('{ product = ["Id", "Value"] }', ["100.10", "0", "", "28"]),
        ('{ product = ["Id", "Owner"] }', ["1 × ann", "2 × ann", "3 × bob", "4 × bob"]),
        ('{ from = "Opened", format = "%m/%d/%Y" }', [f"2026-03-0{d}" for d in (1, 2, 3, 4)]),
        (
            '{ from = "Closed", format = "%m/%d/%Y" }',
            ["2026-04-15", "2026-04-16", "", "2026-04-18"],
        ),
    ],
)
def test_a_column(rule: str, wanted: list[str], imported: Export) -> None:
    assert column(rule, imported) == wanted


def test_whole_numbers_that_a_spreadsheet_made_floats(imported: Export) -> None:
    reps = "key,boss\n272,277.0\n277,\n281,B.0x\n"
    _, tables = imported(
        '[tables.reps]\nsource = "r.csv"\n[tables.reps.columns]\n'
        'rep_id = "key"\nmanager_id = { from = "boss", whole = true }\n',
        r=reps,
    )
    assert tables["reps"]["manager_id"].tolist() == ["277", "", "B.0x"]


def test_a_date_that_does_not_parse_reaches_the_door_as_it_is(
    imported: Export, tmp_path: Path
) -> None:
    odd = DEALS.replace("04/15/2026", "someday")
    _, tables = imported(
        BASIC + 'amount = "Value"\nclose_date = { from = "Closed", format = "%m/%d/%Y" }\n',
        opps=odd,
    )
    assert tables["deals"]["close_date"].tolist()[0] == "someday"
    quality = load_dataset(tmp_path / "made").quality.tables.set_index("table")
    assert quality.loc["deals", "rows_read"] == 4
    assert quality.loc["deals", "rows_quarantined"] == 1


def test_a_format_with_day_and_month_the_wrong_way_round(imported: Export, tmp_path: Path) -> None:
    """The first twelve days of each month were turned into other dates, and the door read the rest
    day first: nothing was set aside."""
    days = DEALS.replace("04/15/2026", "15/04/2026").replace("04/16/2026", "02/04/2026")
    with pytest.raises(
        DataError, match=r"close_date.*'%d/%m/%Y' fits where it does not; rows 15/04/2026\."
    ):
        imported(
            BASIC + 'amount = "Value"\nclose_date = { from = "Closed", format = "%m/%d/%Y" }\n',
            opps=days.replace("04/18/2026", ""),
        )
    assert not (tmp_path / "made").exists()


def test_a_month_in_letters_has_one_order(imported: Export) -> None:
    days = DEALS.replace("04/15/2026", "15 Apr 2026").replace("04/16/2026", "16 Apr 2026")
    made = column('{ from = "Closed", format = "%d %b %Y" }', imported, opps=days)
    assert made == ["2026-04-15", "2026-04-16", "", "04/18/2026"]


# --- rows ---------------------------------------------------------------------------------------


def test_rows_are_kept_by_value_and_the_others_counted(imported: Export) -> None:
    mapping = BASIC.replace(
        'source = "opps.csv"\n', 'source = "opps.csv"\nkeep.State = ["Won", "Lost"]\n'
    )
    report, tables = imported(mapping, opps=DEALS)
    assert tables["deals"]["deal_id"].tolist() == ["1", "2"]
    assert report.tables.loc[0, ["rows_read", "rows_left_out", "rows_written"]].tolist() == [
        4,
        2,
        2,
    ]
    assert report.left_out["reason"].tolist() == ["State is none of Won, Lost"]
    assert any("2 left out, because State is none of Won, Lost" in x for x in report.lines())


def test_spelling_is_set_right_before_a_join(imported: Export) -> None:
    mapping = BASIC.replace(
        'source = "opps.csv"\n',
        'source = "opps.csv"\nreplace.Product = { GTXPro = "GTX Pro" }\n'
        'joins = [{ source = "prices.csv", on = { Product = "name" }, columns = ["price"] }]\n',
    )
    report, tables = imported(
        mapping + 'list_amount = "price"\nproduct = "Product"\n',
        opps=DEALS.replace("MG\n", "\n", 1),
        prices="name,price\nGTX Pro,4821\nOther,1\n",
    )
    assert tables["deals"]["list_amount"].tolist() == ["4821", "4821", "", ""]
    assert report.notes == (
        "deals: 1 row is blank in Product",
        "deals: 1 row has no match in prices.csv: MG",
    )


def test_a_join_never_doubles_rows(imported: Export) -> None:
    mapping = BASIC.replace(
        'source = "opps.csv"\n',
        'source = "opps.csv"\n'
        'joins = [{ source = "prices.csv", on = { Product = "name" }, columns = ["price"] }]\n',
    )
    with pytest.raises(DataError, match=r"column 'name': prices.csv has several rows.*GTX Pro"):
        imported(mapping, opps=DEALS, prices="name,price\nGTX Pro,1\nGTX Pro,2\n")


def test_equal_rows_once(imported: Export) -> None:
    report, tables = imported(
        '[tables.channels]\nsource = "opps.csv"\ndistinct = true\n'
        '[tables.channels.columns]\nchannel = "Owner"\nkind = { constant = "direct" }\n',
        opps=DEALS,
    )
    assert tables["channels"]["channel"].tolist() == ["ann", "bob"]
    assert report.tables.loc[0, ["rows_read", "rows_left_out", "rows_written"]].tolist() == [
        4,
        2,
        2,
    ]


def test_a_quarter_is_three_months_and_sums_to_the_cent(imported: Export) -> None:
    """100.00 = 33.33 + 33.33 + 33.34; 1,000 with a comma is a thousand; a blank stays blank."""
    report, tables = imported(
        QUARTERS, q='rep,quarter,quota\na,2026Q4,100.00\nb,2026-Q1,"1,000"\nc,2026q2,\n'
    )
    quotas = tables["quotas"]
    assert quotas["rep_id"].tolist() == list("aaabbbccc")
    assert quotas["month"].tolist() == [
        *("2026-10-01", "2026-11-01", "2026-12-01"),
        *("2026-01-01", "2026-02-01", "2026-03-01"),
        *("2026-04-01", "2026-05-01", "2026-06-01"),
    ]
    assert quotas["quota"].tolist() == [
        *("33.33", "33.33", "33.34"),
        *("333.33", "333.33", "333.34"),
        *("", "", ""),
    ]
    assert report.notes == ("quotas: each row is a quarter, written as its three months",)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,soon,1", "column 'quarter': is not a quarter; rows soon"),
        ("a,2026Q1,lots", "column 'quota': is not a number; rows lots"),
        ("a,2026Q1,NaN", "column 'quota': is not a number"),
    ],
)
def test_what_cannot_be_split_is_named(row: str, words: str, imported: Export) -> None:
    with pytest.raises(DataError, match=words):
        imported(QUARTERS, q=f"rep,quarter,quota\n{row}\n")


def test_a_quarter_is_not_made_distinct(imported: Export) -> None:
    """Equal thirds of equal rows would be taken for repeats."""
    with pytest.raises(SalesOpsError, match="cannot both be used"):
        imported(
            QUARTERS.replace("[tables.quotas.columns]", "distinct = true\n[tables.quotas.columns]")
        )


def test_a_moment_keeps_its_time_and_its_offset(imported: Export) -> None:
    """02:30 at +02:00 is 00:30 UTC."""
    _, tables = imported(
        '[tables.stage_changes]\nsource = "h.csv"\n[tables.stage_changes.columns]\n'
        'deal_id = "id"\nstage = "to"\n'
        'changed_at = { from = "at", format = "%Y-%m-%dT%H:%M:%S%z" }\n',
        h="id,to,at\n1,A,2026-03-01T02:30:00+0200\n2,B,\n",
    )
    assert tables["stage_changes"]["changed_at"].tolist() == ["2026-03-01T00:30:00", ""]


def test_settings_go_with_the_tables(imported: Export, tmp_path: Path) -> None:
    imported(
        BASIC + '[assumptions]\ncurrency = "€"\ngross_margin = { value = 0.5, source = "CFO" }\n',
        opps=DEALS,
    )
    dataset = load_dataset(tmp_path / "made")
    assert dataset.currency == "€"
    assert dataset.assumptions["gross_margin"].value == 0.5
    assert dataset.assumptions["gross_margin"].source == "CFO"


def test_an_optional_table_may_be_absent(imported: Export) -> None:
    hours = (
        '[tables.activities]\nsource = "hours.csv"\noptional = true\n[tables.activities.columns]\n'
        'rep_id = "r"\nweek = "w"\nactivity = "a"\nhours = "h"\n'
    )
    report, tables = imported(BASIC + hours, opps=DEALS)
    assert set(tables) == {"deals"}
    assert report.notes == ("activities: hours.csv is not there, so there is no such table",)


def test_a_column_of_ones_own_is_carried_along_and_said(imported: Export) -> None:
    report, tables = imported(BASIC + 'campaign = "Product"\n', opps=DEALS)
    assert tables["deals"]["campaign"].tolist() == ["GTXPro", "GTX Pro", "MG", "MG"]
    assert report.notes == ("deals: campaign: no canonical column, carried along",)


def test_a_currency_that_the_mapping_forgot_is_carried_along(
    imported: Export, tmp_path: Path
) -> None:
    """Forgotten, 7 yen would have been added to 100 dollars."""
    deals = """Id,Owner,State,Value,Closed,CurrencyIsoCode
1,ann,Won,100,2026-04-15,USD
2,ann,Won,200,2026-04-16,USD
3,bob,Won,7,2026-04-18,JPY
"""
    money = BASIC + 'amount = "Value"\nclose_date = "Closed"\n'
    report, tables = imported(money, opps=deals)
    assert tables["deals"]["currency"].tolist() == ["USD", "USD", "JPY"]
    assert report.notes == (
        "deals: CurrencyIsoCode carried along: amounts of two currencies are not added up",
    )
    assert load_dataset(tmp_path / "made").deals()["amount"].tolist() == [100.0, 200.0]


def test_no_currency_is_carried_along_without_an_amount(imported: Export) -> None:
    _, tables = imported(BASIC, opps="Id,Owner,State,Currency\n1,ann,Won,USD\n")
    assert "currency" not in tables["deals"]


# --- whole or not at all ------------------------------------------------------------------------


def test_nothing_is_left_of_an_import_that_failed(imported: Export, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        imported(BASIC + 'amount = "Worth"\n', opps=DEALS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "map.toml"]


def test_what_is_there_is_replaced_only_by_force(imported: Export, tmp_path: Path) -> None:
    imported(BASIC, opps=DEALS)
    made = tmp_path / "made"
    again = (tmp_path / "map.toml", tmp_path / "export", made)
    with pytest.raises(SalesOpsError, match=r"not empty.*--force"):
        import_dataset(*again)
    (made / "assumptions.toml").write_text("gross_margin = 0.4\n")
    (made / "quotas.csv").write_text("rep_id,month,quota\n")
    import_dataset(*again, force=True)
    assert sorted(path.name for path in made.iterdir()) == ["assumptions.toml", "deals.csv"]
    assert (made / "assumptions.toml").read_text() == "gross_margin = 0.4\n"
    (made / "thesis.doc").write_text("years of work")
    with pytest.raises(SalesOpsError, match=r"thesis\.doc"):
        import_dataset(*again, force=True)
    assert (made / "thesis.doc").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "made", "map.toml"]


# --- slips --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ('amount = "Valeu"', r"column 'Valeu': is not in opps.csv .*Did you mean Value"),
        ('amount = { first = ["Value", "Worth"] }', r"column 'Worth'"),
        ('close_dat = "Closed"', "no column close_dat. Did you mean close_date"),
        ("amount = { }", "give one of from, join, first"),
        ('amount = { from = "Value", first = ["Id"] }', "give one of"),
        ('amount = { from = "Value", fromat = "%Y" }', "unknown fromat.*Did you mean format"),
        ("amount = 5", "column amount: 5 is not a table"),
        ("amount = { from = 5 }", "from is 5, not a text"),
        ("amount = { product = [] }", "product must be a list of columns"),
        (
            'amount = { from = "Value", where = { State = "Won" } }',
            "where.State: 'Won' is not a list of texts",
        ),
        ('amount = { from = "Value", split = "yes" }', "split is 'yes', not true or false"),
        ('amount = { from = "Value", split = true }', "no column has quarter = true"),
        ("amount = [", "is not a TOML file"),
    ],
)
def test_a_slip_in_a_column_is_named(slip: str, words: str, imported: Export) -> None:
    with pytest.raises(SalesOpsError, match=words):
        imported(BASIC + slip + "\n", opps=DEALS)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("", "no \\[tables.NAME\\] section"),
        ("tables = 5", "tables is 5, not a table"),
        ("[tables.deal]", "no table deal; there are reps"),
        ("[table.deals]", "unknown table; allowed are assumptions, ids, tables. Did you mean tables"),
        ("[tables.deals]", "'source' and .* are needed"),
        (BASIC.replace('status = {', '# {'), "status cannot be left out"),
        (BASIC.replace("[tables.deals]", "[tables.deals]\nkeep = 3"), "keep is 3, not a table"),
        (BASIC.replace("[tables.deals]", '[tables.deals]\nkeep.State = "Won"'), "is not a list of texts"),
        (
            BASIC.replace("[tables.deals]", '[tables.deals]\njoins = [{ source = "x.csv" }]'),
            "joins: on is needed",
        ),
        (BASIC.replace("opps.csv", "ops.csv"), "ops.csv, the source of table deals.*opps.csv"),
    ],
)  # fmt: skip
def test_a_slip_in_a_table_is_named(mapping: str, words: str, imported: Export) -> None:
    with pytest.raises(SalesOpsError, match=words):
        imported(mapping, opps=DEALS)


def test_a_join_must_not_bring_a_column_that_is_there(imported: Export) -> None:
    mapping = BASIC.replace(
        'source = "opps.csv"\n',
        'source = "opps.csv"\n'
        'joins = [{ source = "more.csv", on = { Owner = "who" }, columns = ["Value"] }]\n',
    )
    with pytest.raises(DataError, match=r"column 'Value'.*ambiguous"):
        imported(mapping, opps=DEALS, more="who,Value\nann,1\n")


@pytest.mark.parametrize("kind", ["salesforce", "hubspot", "dynamics"])
def test_a_crm_of_an_empty_folder_says_which_file_it_wants(kind: str, tmp_path: Path) -> None:
    words = r"the source of table deals, is not in .*, nor one named .*There are no files"
    with pytest.raises(DataError, match=words):
        import_dataset(kind, tmp_path, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_an_unknown_mapping_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(SalesOpsError, match="adventureworks, maven_crm"):
        import_dataset("maven", tmp_path, tmp_path / "made")


def test_a_source_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(SalesOpsError, match="is not a folder"):
        import_dataset("maven_crm", tmp_path / "nowhere", tmp_path / "made")
