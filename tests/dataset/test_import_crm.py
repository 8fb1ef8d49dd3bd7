"""Exports of CRMs as they come: custom stages, deals deleted or without an owner, files of spreadsheets,
and what cannot be taken, each said with its column, its rows and what to do."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset
from salesops_lib.dataset.importing import ImportReport, import_dataset
from salesops_lib.errors import DataError

HEAD = "Id,OwnerId,StageName,IsClosed,IsWon,Amount,CloseDate,CreatedDate\n"
DEALS = (
    HEAD
    + """1,u1,Closed Won,true,true,100.50,2026-03-01,2026-01-05T10:00:00.000+0000
2,u1,Closed Lost,true,false,70,2026-03-02,2026-01-06T10:00:00.000+0000
3,u2,Negotiation/Review,false,false,80,2026-09-02,2026-01-07T10:00:00.000+0000
"""
)


def run(folder: Path, kind: str, **files: str | bytes) -> tuple[ImportReport, Dataset]:
    """Import files given as text or bytes."""
    src = folder / "src"
    src.mkdir()
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (src / f"{name}.csv").write_bytes(data)
    report = import_dataset(kind, src, folder / "out")
    return report, load_dataset(folder / "out")


def statuses(made: Dataset) -> dict[str, str]:
    return made.deals().set_index("deal_id")["status"].to_dict()


def aside(made: Dataset) -> list[tuple[str, str, int]]:
    found = made.quality.set_aside
    return list(found[["table", "column", "rows"]].itertuples(index=False, name=None))


def test_one_close_date_is_the_day_of_closing_or_the_expected_one(tmp_path: Path) -> None:
    _, made = run(tmp_path, "salesforce", Opportunity=DEALS)
    deals = made.deals().set_index("deal_id")
    assert deals["close_date"].dt.strftime("%m-%d").tolist()[:2] == ["03-01", "03-02"]
    assert deals["close_date"].isna().tolist() == [False, False, True]
    assert deals["expected_close_date"].isna().tolist() == [True, True, False]
    assert str(deals.loc["3", "expected_close_date"].date()) == "2026-09-02"


@pytest.mark.parametrize(
    "name", ["opportunity", "OPPORTUNITY", "Opportunities", "sf_opportunity_data", "report1706"]
)
def test_names_of_files_and_columns_whatever_their_case(name: str, tmp_path: Path) -> None:
    heads = "ID,Owner Id,stage_name,Is Closed,ISWON,amount,Close Date,created_date\n"
    _, made = run(tmp_path, "salesforce", **{name: DEALS.replace(HEAD, heads)})
    assert statuses(made) == {"1": "won", "2": "lost", "3": "open"}


def test_a_report_has_names_where_the_objects_have_ids(tmp_path: Path) -> None:
    """The owner of a report is found among the users by name, unless two have it."""
    report = (
        "Opportunity ID,Opportunity Owner,Stage,Closed,Won,Amount,Close Date,Created Date\n"
        "1,Ann Lee,Closed Won,1,1,5,3/13/2026,1/5/2026\n"
        "2,Bob Ray,Closed Won,1,1,7,3/14/2026,1/6/2026\n"
    )
    users = "Id,Name,Title\nu1,Ann Lee,AE\nu2,Bob Ray,AE\nu3,Bob Ray,AE\n"
    told, made = run(tmp_path, "salesforce", report17=report, User=users)
    assert made.deals()["rep_id"].tolist() == ["u1", "Bob Ray"]
    assert "deals: 1 in User.csv with several matches are left blank: Bob Ray" in told.notes


# --- stages -----------------------------------------------------------------------------------

CUSTOM = "Id,OwnerId,StageName,Amount,CloseDate,CreatedDate,ForecastCategoryName\n" + "".join(
    f"{i},u1,{stage},5,2026-03-04,2026-01-08,{category}\n"
    for i, stage, category in [
        (1, "Gewonnen", "Closed"),
        (2, "Verloren", "Omitted"),
        (3, "Reden", "Omitted"),
        (4, "closed won", "Closed"),
        (5, "Angebot", "Best Case"),
        (6, "Prospecting", "Omitted"),
    ]
)


def test_stages_of_ones_own_are_never_guessed(tmp_path: Path) -> None:
    """Neither flags nor a file of stages: words and forecast categories settle what they settle, and
    the rest is set aside with the remedy."""
    report, made = run(tmp_path, "salesforce", Opportunity=CUSTOM)
    assert statuses(made) == {"4": "won", "5": "open", "6": "open"}
    assert aside(made) == [("deals", "status", 3)]
    (said,) = [one for one in report.notes if "nothing tells" in one]
    assert "3 rows, whose StageName is Gewonnen, Verloren, Reden" in said
    assert "put OpportunityStage.csv (MasterLabel,IsClosed,IsWon, a row for each stage)" in said


def test_a_file_of_stages_settles_them(tmp_path: Path) -> None:
    stages = (
        "MasterLabel,IsClosed,IsWon\nGewonnen,true,true\nVerloren,true,false\nReden,false,false\n"
    )
    report, made = run(tmp_path, "salesforce", Opportunity=CUSTOM, OpportunityStage=stages)
    wanted = {"1": "won", "2": "lost", "3": "open", "4": "won", "5": "open", "6": "open"}
    assert statuses(made) == wanted
    assert not any("nothing tells" in one for one in report.notes)


@pytest.mark.parametrize(("closed", "won", "wanted"), [
    ("1", "0", "lost"), ("WAHR", "FALSCH", "lost"), ("yes", "no", "lost"), ("FALSE", "", "open"),
    ("", "TRUE", "won"),
])  # fmt: skip
def test_flags_come_before_words(closed: str, won: str, wanted: str, tmp_path: Path) -> None:
    """A deal lost in a stage that is called like an open one is lost."""
    deals = HEAD + f"1,u1,Prospecting,{closed},{won},5,2026-03-04,2026-01-08\n"
    _, made = run(tmp_path, "salesforce", Opportunity=deals)
    assert statuses(made) == {"1": wanted}


def test_hubspot_without_flags_settles_its_own_stages_only(tmp_path: Path) -> None:
    deals = (
        "Record ID,Deal Name,Deal owner,Deal Stage,Amount,Create Date,Close Date,Deal probability\n"
        '1,x,Ann Lee,Closed Won,"$1,200",18/11/2025,26/01/2026,\n'
        "2,y,Ann Lee,Closed Lost (Sales),$90,19/11/2025,27/01/2026,\n"
        "3,z,Bob Ray,Proposal,$70,20/11/2025,28/02/2026,\n"
        "4,z,Bob Ray,Proposal,$70,20/11/2025,28/02/2026,0.40\n"
        "5,z,,Appointment Scheduled (Sales),$70,20/11/2025,28/02/2026,\n"
    )
    report, made = run(tmp_path, "hubspot", **{"hubspot-crm-exports-all-deals-2026": deals})
    assert statuses(made) == {"1": "won", "2": "lost", "4": "open"}
    assert aside(made) == [("deals", "status", 1), ("deals", "rep_id", 1)]
    assert any("1 row, whose deal_stage is Proposal" in one for one in report.notes)
    assert any("1 row without rep_id" in one for one in report.notes)


def test_a_stage_of_hubspot_that_contradicts_itself_is_not_guessed(tmp_path: Path) -> None:
    """Fivetran writes is_closed FALSE for lost stages, whose probability is 0.0: neither is trusted,
    the label is."""
    stages = "stage_id,label,closed_won,is_closed,probability\n" + (
        "s1,Closed lost,FALSE,FALSE,0.0\ns2,Parked,FALSE,FALSE,0.0\ns3,Talks,FALSE,FALSE,0.2\n"
    )
    deals = "deal_id,owner_id,deal_pipeline_stage_id,property_amount,property_closedate,is_deleted\n" + (
        "1,a,s1,5,2026-01-02,false\n2,a,s2,5,2026-01-02,false\n3,a,s3,5,2026-01-02,false\n"
        "4,a,s3,5,2026-01-02,true\n"
    )  # fmt: skip
    report, made = run(tmp_path, "hubspot", deal=deals, deal_pipeline_stage=stages)
    assert statuses(made) == {"1": "lost", "3": "open"}
    assert aside(made) == [("deals", "status", 1)]
    assert report.left_out["reason"].tolist() == ["deleted in HubSpot (is_deleted)"]


# --- money ------------------------------------------------------------------------------------


def test_two_currencies_are_not_added_up(tmp_path: Path) -> None:
    deals = DEALS.replace("CreatedDate\n", "CreatedDate,CurrencyIsoCode\n").replace("+0000\n", "+0000,EUR\n")  # fmt: skip
    deals += "4,u1,Closed Won,true,true,999,2026-03-01,2026-01-05,USD\n"
    _, made = run(tmp_path, "salesforce", Opportunity=deals)
    assert made.currency == "€"
    assert made.deals()["amount"].tolist() == [100.5, 70.0, 80.0]
    assert aside(made) == [("deals", "currency", 1)]


def test_dynamics_takes_the_base_currency_where_it_is_there(tmp_path: Path) -> None:
    """What a won deal brought, what others were estimated at, all in one currency."""
    deals = (
        "opportunityid,ownerid,statecode,actualvalue,actualvalue_base,estimatedvalue,"
        "estimatedvalue_base,actualclosedate,estimatedclosedate,createdon,transactioncurrencyid\n"
        "1,a,1,100,110,90,99,2026-02-01,2026-02-09,2026-01-01T00:00:00Z,EUR\n"
        "2,a,Won,100,100,90,90,2026-02-01,2026-02-09,2026-01-01T00:00:00Z,USD\n"
        "3,a,2,0,0,90,99,2026-02-01,2026-02-09,2026-01-01T00:00:00Z,EUR\n"
        "4,a,0,,,90,99,,2026-07-09,2026-01-01T00:00:00Z,EUR\n"
    )
    _, made = run(tmp_path, "dynamics", opportunity=deals)
    assert made.deals()["amount"].tolist() == [110.0, 100.0, 99.0, 99.0]
    assert made.quality.set_aside.empty
    assert statuses(made) == {"1": "won", "2": "won", "3": "lost", "4": "open"}


def test_dynamics_without_base_amounts_keeps_currencies_apart(tmp_path: Path) -> None:
    deals = (
        "opportunityid,ownerid,statecode,actualvalue,estimatedvalue,actualclosedate,"
        "estimatedclosedate,createdon,_transactioncurrencyid_value\n"
        + "".join(f"{i},a,1,5,5,2026-02-01,,2026-01-01,c1\n" for i in (1, 2))
        + "3,a,1,5,5,2026-02-01,,2026-01-01,c2\n"
    )
    codes = "transactioncurrencyid,isocurrencycode\nc1,GBP\nc2,JPY\n"
    _, made = run(tmp_path, "dynamics", opportunity=deals, transactioncurrency=codes)
    assert made.currency == "£"
    assert aside(made) == [("deals", "currency", 1)]


# --- quotas and history -----------------------------------------------------------------------


def test_quarterly_quotas_by_the_file_of_periods(tmp_path: Path) -> None:
    quotas = "QuotaOwnerId,StartDate,QuotaAmount,PeriodId,IsAmount\nu1,2026-01-01,100,p1,true\nu1,2026-04-01,50,p2,true\nu1,2026-04-01,9,p2,false\n"  # fmt: skip
    periods = "Id,StartDate,EndDate,Type\np1,2026-01-01,2026-03-31,Quarter\np2,2026-04-01,2026-04-30,Month\n"  # fmt: skip
    report, made = run(
        tmp_path, "salesforce", Opportunity=DEALS, ForecastingQuota=quotas, Period=periods
    )
    assert made.quotas()["quota"].tolist() == [33.33, 33.33, 33.34, 50.0]
    assert "a quota of pieces, not of money (IsAmount)" in report.left_out["reason"].tolist()


def test_a_managers_quota_is_not_added_to_the_teams(tmp_path: Path) -> None:
    """M leads u1 and owns no deal: 150 is 100 + 50 once more. u2 leads u3 and sells: both are kept."""
    users = "Id,Name,ManagerId\nu1,A,M\nu2,B,M\nu3,C,u2\nM,D,\n"
    quotas = "QuotaOwnerId,StartDate,QuotaAmount\n" + "".join(
        f"{who},2026-0{month}-01,{money}\n"
        for month in (1, 2)
        for who, money in [("u1", 100), ("u2", 50), ("u3", 7), ("M", 150)]
    )
    report, made = run(
        tmp_path, "salesforce", Opportunity=DEALS, User=users, ForecastingQuota=quotas
    )
    assert made.quotas().groupby("rep_id")["quota"].sum().to_dict() == {
        "u1": 200,
        "u2": 100,
        "u3": 14,
    }
    assert report.left_out[["table", "rows"]].values.tolist() == [["quotas", 2]]
    assert "of a manager who owns no deal" in report.left_out["reason"].iloc[0]


def test_a_goal_of_dynamics_is_not_added_to_its_parts(tmp_path: Path) -> None:
    deals = (
        "opportunityid,ownerid,statecode,actualvalue,actualclosedate,estimatedvalue,createdon\n"
        "1,a,1,5,2026-02-01,5,2026-01-01\n"
    )
    goals = (
        "goalid,parentgoalid,goalownerid,goalstartdate,goalenddate,targetmoney\n"
        "g0,,boss,2026-01-01,2026-03-31,300\ng1,g0,a,2026-01-01,2026-03-31,100\n"
        "g2,g0,b,2026-01-01,2026-03-31,200\ng3,,a,2026-01-01,2026-01-31,\n"
    )
    report, made = run(tmp_path, "dynamics", opportunity=deals, goal=goals)
    assert made.quotas().groupby("rep_id")["quota"].sum().round(2).to_dict() == {"a": 100, "b": 200}
    assert sorted(report.left_out["reason"]) == [
        "a goal that is not of money (targetmoney)",
        "a goal that others add up to (parentgoalid)",
    ]


def test_a_single_period_is_not_guessed(tmp_path: Path) -> None:
    quotas = "QuotaOwnerId,StartDate,QuotaAmount\nu1,2026-01-01,100\nu2,2026-01-01,50\n"
    with pytest.raises(
        DataError, match=r"'StartDate': whether these periods are months or quarters"
    ):
        run(tmp_path, "salesforce", Opportunity=DEALS, ForecastingQuota=quotas)
    assert not (tmp_path / "out").exists()


def test_a_history_in_fivetrans_way(tmp_path: Path) -> None:
    """Versions of the deal: Id is the deal's, and the moment is when the version began."""
    history = (
        "_fivetran_active,_fivetran_start,id,created_date,stage_name,amount,close_date,is_deleted\n"
        "false,2026-01-05 10:00:00,1,2026-01-05 10:00:00,Prospecting,90,2026-02-01,false\n"
        "true,2026-02-05 10:00:00,1,2026-01-05 10:00:00,Closed Won,100.50,2026-03-01,false\n"
    )
    _, made = run(tmp_path, "salesforce", Opportunity=DEALS, sf_opportunity_history_data=history)
    changes = made.stage_changes()
    assert changes["deal_id"].tolist() == ["1", "1"]
    assert changes["changed_at"].dt.month.tolist() == [1, 2]
    assert changes["amount"].tolist() == [90.0, 100.5]


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "files", "words"),
    [
        ("salesforce", {"Task": "Id\n1\n"}, r"Opportunity, the source of table deals, is not in .*There are Task\.csv"),
        ("salesforce", {"Opportunity": DEALS.replace("StageName", "Phase")}, r"'StageName': is not in Opportunity\.csv.*nor under Stage\. It has Id, OwnerId, Phase"),
        ("salesforce", {"Opportunity": DEALS.replace("CloseDate", "X")}, r"'CloseDate': is not in Opportunity\.csv"),
        ("salesforce", {"Opportunity": DEALS, "User": ""}, r"User\.csv is empty\. Export it again"),
        ("salesforce", {"Opportunity": DEALS, "User": "Id,Name,UserRoleId\nu1,A,r\n", "UserRole": "Id,Name\nr,X\nr,Y\n"}, r"'Id': UserRole\.csv has several rows for one key.*rows r\. Keep one row a key"),
        ("salesforce", {"Opportunity": DEALS, "opportunities": DEALS}, r"may each be the source of table deals"),
        ("hubspot", {"deals": "Record ID,Deal owner,Close Date\n1,a,2026-01-01\n"}, r"'deal_stage': is not in deals\.csv.*nor under .*Deal Stage"),
        ("dynamics", {"opportunity": "opportunityid,ownerid\n1,a\n"}, r"'statecode': is not in opportunity\.csv.*nor under Status"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_named_and_nothing_is_left(
    kind: str, files: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        run(tmp_path, kind, **files)
    assert [one.name for one in tmp_path.iterdir()] == ["src"]


def test_a_workbook_of_an_old_kind_is_to_be_saved_as_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "All Opportunities.xls").write_bytes(b"<html>")
    with pytest.raises(DataError, match=r"Save All Opportunities\.xls as \.xlsx"):
        import_dataset("dynamics", tmp_path, tmp_path / "out")


def test_tables_of_parquet(tmp_path: Path) -> None:
    """Flags, moments and money keep what they say where they are no text."""
    src = tmp_path / "src"
    src.mkdir()
    frame = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "owner_id": ["u1", "u1", None],
            "stage_name": ["A", "B", "C"],
            "is_closed": [True, True, False],
            "is_won": [True, False, False],
            "is_deleted": [False, False, False],
            "amount": [100.5, None, 7.0],
            "close_date": pd.to_datetime(["2026-03-01", "2026-03-02", "2026-08-01"]),
            "created_date": pd.to_datetime(["2026-01-05T10:00"] * 3, utc=True),
        }
    )
    frame.to_parquet(src / "opportunity.parquet")
    import_dataset("salesforce", src, tmp_path / "out")
    made = load_dataset(tmp_path / "out")
    assert statuses(made) == {"1": "won", "2": "lost"}
    assert made.deals()["amount"].fillna(-1).tolist() == [100.5, -1.0]
    assert aside(made) == [("deals", "rep_id", 1)]


def test_two_users_of_one_name_are_no_matter_where_deals_have_ids(tmp_path: Path) -> None:
    users = "Id,Name\nu1,Ann Lee\nu2,Ann Lee\n"
    report, made = run(tmp_path, "salesforce", Opportunity=DEALS, User=users)
    assert made.deals()["rep_id"].tolist() == ["u1", "u1", "u2"]
    assert not any("several matches" in one for one in report.notes)


def test_duplicate_ids_are_set_aside(tmp_path: Path) -> None:
    again = DEALS + "1,u1,Closed Won,true,true,999,2026-03-09,2026-01-08\n"
    _, made = run(tmp_path, "salesforce", Opportunity=again)
    assert made.deals()["amount"].tolist() == [100.5, 70.0, 80.0]
    assert aside(made) == [("deals", "deal_id", 1)]


def test_one_user_twice_is_set_aside(tmp_path: Path) -> None:
    users = "Id,Name\nu1,Ann Lee\nu1,Ann Ray\nu2,Bob\n"
    _, made = run(tmp_path, "salesforce", Opportunity=DEALS, User=users)
    assert made.reps()["name"].tolist() == ["Ann Lee", "Bob"]
    assert aside(made) == [("reps", "rep_id, hire_date", 1)]


def test_an_empty_file_of_users_is_no_fault(tmp_path: Path) -> None:
    _, made = run(
        tmp_path, "salesforce", Opportunity=DEALS, User="Id,FirstName,LastName,ManagerId\n"
    )
    assert set(made.reps()["rep_id"]) == {"u1", "u2"}


def test_a_spreadsheets_file_with_bom_semicolons_and_latin_letters(tmp_path: Path) -> None:
    deals = (
        "Id;OwnerId;StageName;IsClosed;IsWon;Amount;CloseDate;CreatedDate\n"
        "1;u1;Closed Won;WAHR;WAHR;1.234,50;01.03.2026;05.01.2026\n"
        "2;u1;Closed Won;WAHR;WAHR;2.000;13.03.2026;05.01.2026\n"
    )
    users = "Id;FirstName;LastName\nu1;Jürgen;Müller\n".encode("latin-1")
    _, made = run(tmp_path, "salesforce", Opportunity=b"\xef\xbb\xbf" + deals.encode(), User=users)
    assert made.deals()["amount"].tolist() == [1234.5, 2000.0]
    assert made.deals()["close_date"].dt.strftime("%m-%d").tolist() == ["03-01", "03-13"]
    assert made.reps()["name"].tolist() == ["Jürgen Müller"]


def test_two_formats_of_dates_are_not_mixed_up(tmp_path: Path) -> None:
    deals = HEAD + (
        "1,u1,Closed Won,true,true,5,13/02/2026,2026-01-05\n"
        "2,u1,Closed Won,true,true,5,02/14/2026,2026-01-05\n"
        "3,u1,Closed Won,true,true,5,02/03/2026,2026-01-05\n"
    )
    _, made = run(tmp_path, "salesforce", Opportunity=deals)
    assert made.deals()["deal_id"].tolist() == ["1", "2"]
    assert aside(made) == [("deals", "close_date", 1)]
    assert "Export dates as 2026-09-30" in made.quality.set_aside["remedy"].iloc[0]
