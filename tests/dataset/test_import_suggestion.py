"""A first mapping for an export, by the names of its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import import_dataset, suggest_mapping
from salesops_lib.errors import SalesOpsError


def test_a_suggestion_is_itself_a_mapping(tmp_path: Path) -> None:
    src = tmp_path / "export"
    src.mkdir()
    (src / "Opportunity.csv").write_text(
        "Id,OwnerId,Status,Amount,CloseDate,Weather\n1,a,won,5,2026-01-30,fine\n"
    )
    text = suggest_mapping(src)
    assert 'close_date = "CloseDate"' in text
    assert "# not used: Weather" in text
    (tmp_path / "map.toml").write_text(text)
    import_dataset(tmp_path / "map.toml", src, tmp_path / "made")
    assert load_dataset(tmp_path / "made").deals()["amount"].tolist() == [5.0]


HUBSPOT = """Record ID,Deal Name,Deal owner,Deal Stage,Amount,Create Date,Close Date,Sales Region
1,x,Ann Lee,Closed Won,"$1,200",18/11/2025,26/01/2026,East
2,y,Ann Lee,Closed Lost,$90,19/11/2025,27/01/2026,East
3,z,Bob Ray,Proposal,$70,20/11/2025,28/02/2026,West
"""


def test_a_plain_export_of_deals_is_suggested_ready_to_run(tmp_path: Path) -> None:
    """Owner, creation date and status were left to be filled in by hand."""
    src = tmp_path / "export"
    src.mkdir()
    (src / "all-deals.csv").write_text(HUBSPOT)
    text = suggest_mapping(src)
    assert (
        'status = { from = "Deal Stage", values = { "Closed Won" = "won", "Closed Lost" = "lost" }, '
        'otherwise = "open" }'
    ) in text
    # A deal as it stands today is not its history.
    assert "stage_changes" not in text
    (tmp_path / "map.toml").write_text(text)
    import_dataset(tmp_path / "map.toml", src, tmp_path / "made")
    made = load_dataset(tmp_path / "made")
    assert made.deals()["status"].tolist() == ["won", "lost", "open"]
    assert made.deals()["created_date"].dt.day.tolist() == [18, 19, 20]
    assert made.reps()[["rep_id", "region"]].values.tolist() == [
        ["Ann Lee", "East"],
        ["Bob Ray", "West"],
    ]
    assert made.quality.set_aside.empty


def test_what_any_file_has_makes_no_table(tmp_path: Path) -> None:
    """Accounts with Id, Name and Type were suggested as reps and as channels."""
    (tmp_path / "Account.csv").write_text("Id,Name,Type\n1,Edge,Customer\n")
    (tmp_path / "Opportunity.csv").write_text("Id,Opportunity Owner,StageName\n1,a,Closed Won\n")
    (tmp_path / "OpportunityHistory.csv").write_text("OpportunityId,CreatedDate,StageName\n")
    text = suggest_mapping(tmp_path)
    assert "Account.csv" not in text
    assert 'rep_id = "Opportunity Owner"' in text
    assert 'changed_at = "CreatedDate"' in text


def test_headings_in_another_language_are_listed_to_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("Nr;Besitzer;Phase;Wert\n1;a;Gewonnen;5\n")
    text = suggest_mapping(tmp_path)
    assert "Fill in deal_id, rep_id, status" in text
    assert '# source = "export.csv"' in text
    assert "# not used: Nr, Besitzer, Phase, Wert" in text


@pytest.mark.parametrize(
    ("name", "heads", "kind"),
    [
        ("Opportunity", "Id,OwnerId,StageName,Amount,CloseDate", "salesforce"),
        ("all-deals", "Record ID,Deal owner,Deal Stage,Amount,Close Date", "hubspot"),
        ("opportunity", "opportunityid,_ownerid_value,statecode,actualvalue,actualclosedate", "dynamics"),
        ("Opportunity", "Id,OwnerId,StageName,Amount", ""),
        ("orders", "Id,OwnerId,StageName,Amount,CloseDate", ""),
    ],
)  # fmt: skip
def test_an_export_that_needs_no_mapping_is_said(
    name: str, heads: str, kind: str, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.csv").write_text(heads + "\n" + "1," * heads.count(",") + "1\n")
    text = suggest_mapping(tmp_path)
    assert (f"salesops import {kind} SRC DEST" in text) == bool(kind)
    assert text.count("needs no mapping") == bool(kind)


def test_nothing_to_suggest(tmp_path: Path) -> None:
    with pytest.raises(SalesOpsError, match="no file in"):
        suggest_mapping(tmp_path)


def test_no_file_in_another_language_is_passed_over(tmp_path: Path) -> None:
    """Of four German files only the widest was named: reps, quotas and hours seemed to be of no use."""
    (tmp_path / "Vorgang.csv").write_text("Nr;Besitzer;Phase;Wert\n1;a;Gewonnen;5\n")
    (tmp_path / "Ziele.csv").write_text("Name;Quartal;Ziel\na;Q3 2026;5\n")
    (tmp_path / "Account.csv").write_text("Id,Name,Type\n1,Edge,Customer\n")
    text = suggest_mapping(tmp_path)
    assert '# source = "Vorgang.csv"' in text
    assert "# Not recognised. What holds one of reps, quotas, deals" in text
    assert text.endswith("# Ziele.csv: Name, Quartal, Ziel")
    # Nothing but what any file has is no table.
    assert "Account.csv" not in text
    # A table that is recognised leaves the others to be filled in all the same.
    (tmp_path / "deals.csv").write_text("deal_id,rep_id,status\n1,a,won\n")
    text = suggest_mapping(tmp_path)
    assert "# Vorgang.csv: Nr, Besitzer, Phase, Wert" in text
    assert "# Ziele.csv: Name, Quartal, Ziel" in text


@pytest.mark.parametrize("more", ["", "region,"])
def test_deals_of_another_year_are_no_stage_changes_and_are_said_to_be_left_out(
    tmp_path: Path, more: str
) -> None:
    """A file for each year: the second was proposed as the history of the first's deals, and read as that."""
    src = tmp_path / "export"
    src.mkdir()
    for year in (2024, 2025):
        (src / f"deals_{year}.csv").write_text(
            f"{more if year == 2024 else ''}deal_id,rep_id,stage,status,amount,created_date,close_date\n"
            f"{'E,' if more and year == 2024 else ''}{year},a,Closed,won,5,{year}-01-02,{year}-03-04\n"
        )
    text = suggest_mapping(src)
    assert "[tables.stage_changes]" not in text
    assert (
        "# deals_2025.csv looks like deals_2024.csv, and may hold other rows of deals: of these only one "
        "is read, so put all rows into one."
    ) in text
    (tmp_path / "map.toml").write_text(text)
    report = import_dataset(tmp_path / "map.toml", src, tmp_path / "made")
    assert report.unused == ("deals_2025.csv",)


def test_a_history_with_the_columns_of_deals_stays_one(tmp_path: Path) -> None:
    src = tmp_path / "export"
    src.mkdir()
    heads = "deal_id,rep_id,stage,status,amount,created_date,close_date"
    (src / "deals.csv").write_text(f"{heads},region\n1,a,Closed,won,5,2025-01-02,2025-03-04,E\n")
    rows = "".join(
        f"1,a,{stage},open,5,2025-01-0{day},2025-03-04\n" for day, stage in ((2, "A"), (5, "B"))
    )
    (src / "history.csv").write_text(f"{heads}\n{rows}")
    text = suggest_mapping(src)
    assert '[tables.stage_changes]\nsource = "history.csv"' in text
    assert "may hold other rows" not in text
