"""Whose deals they are: ids in two lengths, owners by name or e-mail, in files that must find each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.dataset.importing import import_dataset
from salesops_lib.dataset.importing.mapping import read_mapping
from salesops_lib.errors import SalesOpsError
from tests.dataset.test_import_crm import run

DEAL, USER = "006Ab000001XyZ1", "005Ab000001XyZ1"


def test_ids_of_15_and_of_18_characters_are_one(tmp_path: Path) -> None:
    """A report writes 15, an export of objects 18: the owner was in no team and the deal without its
    history and quota. What differs in case is another id."""
    other = "006Ab000001Xyz1"
    heads = "Id,OwnerId,StageName,IsClosed,IsWon,Amount,CloseDate,CreatedDate\n"
    end = ",Closed Won,true,true,5,2026-03-13,2026-01-05\n"
    report, made = run(
        tmp_path,
        "salesforce",
        Opportunity=heads + f"{DEAL},{USER}{end}{other},{USER}{end}",
        User=f"Id,Name,UserRoleId\n{USER}IA2,Ann Lee,00Eb0000001abcd\n",
        UserRole="Id,Name\n00Eb0000001abcdEAA,North\n",
        OpportunityHistory=f"Id,OpportunityId,CreatedDate,StageName\n1,{DEAL}ABC,2026-02-01,Open\n",
        ForecastingQuota="QuotaOwnerId,StartDate,QuotaAmount\n"
        + "".join(f"{USER}IA2,2026-0{month}-01,10\n" for month in (1, 2)),
    )
    deals, reps = made.deals(), made.reps()
    assert deals["deal_id"].tolist() == [DEAL, other]
    assert reps[["rep_id", "name", "team"]].values.tolist() == [[USER, "Ann Lee", "North"]]
    assert made.stage_changes()["deal_id"].tolist() == [DEAL]
    assert made.quotas()["rep_id"].unique().tolist() == [USER]
    assert report.left_out.empty
    assert any(one.startswith("ids are written in two ways") for one in report.notes)


def test_ids_of_one_length_stay_as_they_came(tmp_path: Path) -> None:
    deals = f"Id,OwnerId,StageName,IsClosed,IsWon,Amount,CloseDate\n{DEAL}ABC,{USER}IA2,Won,1,1,5,2026-03-13\n"
    report, made = run(tmp_path, "salesforce", Opportunity=deals, User=f"Id,Name\n{USER}IA2,A\n")
    assert made.deals()[["deal_id", "rep_id"]].values.tolist() == [[f"{DEAL}ABC", f"{USER}IA2"]]
    assert not any("two ways" in one for one in report.notes)


def test_how_ids_are_written_must_be_told(tmp_path: Path) -> None:
    table = '[tables.deals]\nsource = "a"\n[tables.deals.columns]\ndeal_id = "a"\nrep_id = "b"\nstatus = "c"\n'
    for form, words in [
        ('["a"]', "what may follow"),
        ('["(", "b"]', "cannot be used"),
        ('["(?=a)", "b"]', "cannot be used"),
    ]:
        (tmp_path / "m.toml").write_text(f"ids = {form}\n{table}")
        with pytest.raises(SalesOpsError, match=rf"m\.toml: ids .*{words}"):
            read_mapping(str(tmp_path / "m.toml"))


VIEW = (
    "Record ID,Deal Stage,Is Closed Won,Is Deal Closed?,Amount,Create Date,Close Date,Deal owner\n"
)
OWNERS = "owner_id,email,first_name,last_name,team\n7,ann@x.example,Ann,Lee,North\n8,bob@x.example,Bob,Ray,South\n"


def test_a_view_of_hubspot_finds_its_owners_by_name_or_mail(tmp_path: Path) -> None:
    """Without that each of them was two reps, one with deals and one with quota and team."""
    deals = VIEW + "".join(
        f"{i},Won,true,true,5,2026-01-02,2026-02-13,{who}\n"
        for i, who in enumerate(["Ann Lee", "bob@x.example", "8", "Cy Fox"])
    )
    quotas = "Deal owner,month,quota\nAnn Lee,2026-01,10\n8,2026-01,10\n"
    hours = "rep_id,week,activity,hours\nbob@x.example,2026-01-05,Calls,9\n"
    _, made = run(tmp_path, "hubspot", deals=deals, owners=OWNERS, quotas=quotas, activities=hours)
    assert made.deals()["rep_id"].tolist() == ["7", "8", "8", "Cy Fox"]
    assert made.quotas()["rep_id"].tolist() == ["7", "8"]
    assert made.activities()["rep_id"].tolist() == ["8"]
    assert made.reps()["team"].tolist()[:2] == ["North", "South"]
    assert any("1 rep with deals but not in the reps table (Cy Fox)" in one for one in made.notices)


def test_a_report_of_salesforce_finds_users_who_have_first_and_last_names_only(
    tmp_path: Path,
) -> None:
    report = "Opportunity ID,Opportunity Owner,Stage,Amount,Close Date,Created Date\n1,Ann Lee,Closed Won,5,3/13/2026,1/5/2026\n"
    users = "Id,FirstName,LastName\nu1,Ann,Lee\n"
    _, made = run(tmp_path, "salesforce", report17=report, User=users)
    assert made.deals()["rep_id"].tolist() == ["u1"]


def test_a_key_of_several_columns_names_them_where_it_is_not_unique(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("id,who,st\n1,Ann Lee,won\n")
    (tmp_path / "people.csv").write_text("first,last,no\nAnn,Lee,1\nAnn,Lee,2\n")
    (tmp_path / "m.toml").write_text(
        '[tables.deals]\nsource = "deals.csv"\n'
        'joins = [{ source = "people.csv", on = { who = ["first", "last"] }, columns = ["no"] }]\n'
        '[tables.deals.columns]\ndeal_id = "id"\nrep_id = "no"\nstatus = "st"\n'
    )
    with pytest.raises(SalesOpsError, match=r"'first, last': people\.csv has several rows for one key.*Ann Lee"):  # fmt: skip
        import_dataset(str(tmp_path / "m.toml"), tmp_path, tmp_path / "out")
