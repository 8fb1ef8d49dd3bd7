"""data/README.md says what the program does: its tables against the schema, its examples run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.assumptions import DEFAULTS, activity_kinds, settle
from salesops_lib.dataset.importing import import_dataset, read_mapping
from salesops_lib.dataset.importing.places import Places
from salesops_lib.dataset.schema import TABLES


@pytest.fixture(scope="module")
def text(project: Path) -> str:
    return (project / "data" / "README.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = heading.split(" ")[0]
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.M | re.S
    )
    assert found, f"no section {heading}"
    return found.group(1)


def code(text: str) -> list[str]:
    """The indented blocks, without their indent."""
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.M)
    return [re.sub(r"^ {4}", "", block, flags=re.M) for block in blocks]


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_there_with_its_other_names(text: str, name: str) -> None:
    rows = {}
    for line in section(text, f"### {name}").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("`"):
            rows[cells[0].split("`")[1]] = (cells[0].endswith("*"), cells[2], cells[3])
    assert list(rows) == list(TABLES[name].names)
    for column in TABLES[name].columns:
        wanted = (column.required, column.meaning, ", ".join(column.also))
        assert rows[column.name] == wanted, column.name


def test_every_assumption_is_there_with_its_default(text: str) -> None:
    lines = section(text, "## assumptions.toml").splitlines()
    cells = [[c.strip() for c in x.strip("|").split("|")] for x in lines if x.startswith("| `")]
    told = {c[0].strip("`"): (c[1], c[2], float(c[3].replace(",", ""))) for c in cells}
    assert told == {one.name: (one.label, one.unit, one.value) for one in DEFAULTS.values()}


def test_the_settings_shown_can_be_read(text: str) -> None:
    settled = settle(tomllib.loads(code(section(text, "## assumptions.toml"))[0]))
    assert settled.currency == "$"
    assert settled.notices == ()
    kinds = activity_kinds(tomllib.loads(code(section(text, "## activities.toml"))[0]))
    assert kinds["Customer meetings"].selling
    assert kinds["CRM data entry"].owner == "sales-ops primary"


def test_the_mapping_shown_runs(text: str, tmp_path: Path) -> None:
    """Hand-made exports for it: one deal left out, a price joined, 100 a quarter in three parts."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(code(section(text, "## Import"))[1], encoding="utf-8")
    assert len(read_mapping(str(mapping)).tables) == 3
    src = tmp_path / "export"
    src.mkdir()
    (src / "opportunities.csv").write_text(
        "Id,owner,stage,value,Closed,product\n"
        "1,277,Won,9,01/31/26,GTXPro\n2,277,Lost,0,02/01/26,GTX Pro\n3,277,Dead,0,,GTX Pro\n"
    )
    (src / "products.csv").write_text("name,list_price\nGTX Pro,10\n")
    (src / "people.csv").write_text("key,First,Last,Region,Country\n277.0,Ann,Lee,,France\n")
    (src / "quotas.csv").write_text("key,quarter,quota\n277,2026Q1,100\n")
    import_dataset(mapping, src, tmp_path / "made")
    made = load_dataset(tmp_path / "made")
    deals = made.deals().set_index("deal_id")
    assert deals["status"].to_dict() == {"1": "won", "2": "lost"}
    assert deals["list_amount"].tolist() == [10.0, 10.0]
    assert deals.loc["1", "close_date"] == pd.Timestamp("2026-01-31")
    assert made.reps().loc[0, ["rep_id", "name", "region"]].tolist() == ["277", "Ann Lee", "France"]
    assert made.quotas()["quota"].tolist() == [33.33, 33.33, 33.34]


def test_the_cases_shown_run(text: str, tmp_path: Path) -> None:
    """The cases under *A mapping of your own*, on a won deal, two lost ones and one that none settles."""
    blocks = [one.lstrip() for one in code(section(text, "## Import"))]
    (status,) = [one for one in blocks if one.startswith("status = {")]
    (tmp_path / "mapping.toml").write_text(
        '[tables.deals]\nsource = "d.csv"\n[tables.deals.columns]\n'
        f'deal_id = "Id"\nrep_id = "owner"\n{status}'
    )
    src = tmp_path / "export"
    src.mkdir()
    (src / "d.csv").write_text(
        "Id,owner,stage,IsWon,IsClosed,Closed\n1,a,x,1,1,2026-01-01\n2,a,x,no,YES,2026-01-01\n"
        "3,a,Lost to price,,,2026-01-01\n4,a,Talking,,,2026-05-01\n"
    )
    report = import_dataset(tmp_path / "mapping.toml", src, tmp_path / "made")
    made = pd.read_csv(tmp_path / "made" / "deals.csv", dtype=str)
    assert made["status"].tolist() == ["won", "lost", "lost", "Talking"]
    assert "whose stage is Talking" in report.notes[0] and report.notes[0].endswith("Export IsWon.")


def test_the_files_of_crms_shown_are_those_of_the_mappings(text: str, tmp_path: Path) -> None:
    """Every file named under *What to export from a CRM* is a source of that kind."""
    shown = 0
    for line in section(text, "### What to export from a CRM").splitlines():
        kind = line.strip("| ").partition("|")[0].strip(" `")
        for file in re.findall(
            r"(?:[A-Z]\w*(?: [A-Z]\w*)+|[A-Za-z][\w-]*)…?\.csv", line if "| `" in line else ""
        ):
            folder = tmp_path / f"{kind}{shown}"
            folder.mkdir()
            (folder / file.replace("…", "-2026-01-01")).touch()
            parts = [one for rule in read_mapping(kind).tables for one in (rule, *rule.joins)]
            assert any(Places(folder).found(one, "deals") for one in parts), file
            shown += 1
    assert shown > 20


def test_the_ways_to_write_a_cell(tmp_path: Path) -> None:
    """What the section on cells claims, one column a claim."""
    (tmp_path / "deals.csv").write_text(
        "Deal ID,Owner,Deal Status,Amount,Closed At\n"
        '007,a,Closed Won,"$1,200",30/09/2026\n'
        '008,a,closedlost,"1,234.50",29/09/2026\n'
    )
    deals = load_dataset(tmp_path).deals()
    assert deals["deal_id"].tolist() == ["007", "008"]
    assert deals["status"].tolist() == ["won", "lost"]
    assert deals["amount"].tolist() == [1200.0, 1234.5]
    assert deals["close_date"].tolist() == [pd.Timestamp("2026-09-30"), pd.Timestamp("2026-09-29")]
    (tmp_path / "deals.csv").write_text(
        'deal_id,rep_id,status,amount,close_date\n1,a,won,"1.234,50",2026-09-30\n'
    )
    assert load_dataset(tmp_path).deals()["amount"].tolist() == [1234.5]
