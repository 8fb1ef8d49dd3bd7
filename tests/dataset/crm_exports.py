"""The sample company as each CRM would export it: its object files, replicated tables, and views. What a
CRM does not hold (hire dates, pay, markets) is left out, and what it holds besides is there as dirt:
deleted and merged deals, users who do not sell, columns that nothing reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from salesops_lib.dataset import Dataset

CLOSED = {"won": "true", "lost": "true", "open": "false"}
WON = {"won": "true", "lost": "false", "open": "false"}


def text(values: pd.Series, form: str = "%Y-%m-%d") -> pd.Series:
    """Days as the program writes them, blanks empty."""
    return values.dt.strftime(form).fillna("")


def closing(deals: pd.DataFrame) -> pd.Series:
    """One field for both: an open deal has an expected day (a month after its creation, here)."""
    return deals["close_date"].fillna(deals["created_date"] + pd.Timedelta(days=30))


def snake(frame: pd.DataFrame) -> pd.DataFrame:
    """The headings as replication writes them: `IsWon` is `is_won`."""
    return frame.rename(columns=lambda one: pd.Series([one]).str.replace(
        r"(?<=[a-z0-9])(?=[A-Z])", "_", regex=True).str.lower()[0])  # fmt: skip


def write(folder: Path, **files: pd.DataFrame) -> Path:
    """The files, as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in files.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def salesforce(sample: Dataset) -> dict[str, pd.DataFrame]:
    """Object exports, by API names; some deals are deleted, and one user is a program."""
    return {**_salesforce_deals(sample), **_salesforce_people(sample)}


def _salesforce_deals(sample: Dataset) -> dict[str, pd.DataFrame]:
    deals, history = sample.deals(), sample.stage_changes()
    moment = "%Y-%m-%dT%H:%M:%S.000+0000"
    opportunity = pd.DataFrame(
        {
            "Id": deals["deal_id"],
            "IsDeleted": "false",
            "AccountId": deals["account_id"],
            "Name": "Deal " + deals["deal_id"],
            "StageName": deals["stage"],
            "Amount": deals["amount"].map("{:.2f}".format),
            "CloseDate": text(closing(deals)),
            "LeadSource": deals["source"],
            "IsClosed": deals["status"].map(CLOSED),
            "IsWon": deals["status"].map(WON),
            "OwnerId": deals["rep_id"],
            "CreatedDate": text(deals["created_date"] + pd.Timedelta(hours=9), moment),
            "CurrencyIsoCode": "USD",
            "List_Amount__c": deals["list_amount"],
        }
    )
    gone = opportunity.head(25).assign(IsDeleted="true", Id=lambda rows: "X" + rows["Id"])
    return {
        "Opportunity": pd.concat([opportunity, gone], ignore_index=True),
        "OpportunityHistory": pd.DataFrame(
            {
                "Id": [f"H{i}" for i in range(len(history))],
                "OpportunityId": history["deal_id"],
                "CreatedDate": text(history["changed_at"], moment),
                "StageName": history["stage"],
                "Amount": history["amount"],
                "CloseDate": text(history["expected_close_date"]),
                "ForecastCategory": "Pipeline",
                "IsDeleted": "false",
            }
        ),
        "Account": pd.DataFrame(
            {
                "Id": deals["account_id"].drop_duplicates(),
                "Industry": deals.drop_duplicates("account_id")["segment"],
            }
        ),
    }


def _salesforce_people(sample: Dataset) -> dict[str, pd.DataFrame]:
    reps, quotas = sample.reps(), sample.quotas()
    roles = pd.DataFrame({"Name": sorted(reps["team"].unique())})
    roles["Id"] = "E" + roles.index.astype(str)
    regions = reps["region"].drop_duplicates()
    users = pd.DataFrame(
        {
            "Id": reps["rep_id"],
            "FirstName": reps["name"].str.split().str[0],
            "LastName": reps["name"].str.split().str[1:].str.join(" "),
            "Title": reps["role"],
            "ManagerId": reps["manager_id"],
            "UserRoleId": reps["team"].map(roles.set_index("Name")["Id"]),
            "UserType": "Standard",
            "CreatedDate": "2020-01-01T00:00:00.000+0000",
        }
    )
    robot = users.head(1).assign(Id="BOT", UserType="AutomatedProcess")
    return {
        "User": pd.concat([users, robot], ignore_index=True),
        "UserRole": roles,
        "UserTerritory2Association": pd.DataFrame(
            {"UserId": reps["rep_id"], "Territory2Id": "T-" + reps["region"]}
        ),
        "Territory2": pd.DataFrame({"Id": "T-" + regions, "Name": regions}),
        "ForecastingQuota": pd.DataFrame(
            {
                "Id": [f"Q{i}" for i in range(len(quotas))],
                "QuotaOwnerId": quotas["rep_id"],
                "StartDate": text(quotas["month"]),
                "QuotaAmount": quotas["quota"],
                "IsAmount": "true",
            }
        ),
    }


def salesforce_tables(sample: Dataset) -> dict[str, pd.DataFrame]:
    """The same, replicated: snake_case, moments with a space."""
    files = salesforce(sample)
    for frame in files.values():
        for name in ("CreatedDate",):
            if name in frame:
                frame[name] = frame[name].str.replace("T", " ").str.replace(".000+0000", "")
    return {f"sf_{snake(pd.DataFrame(columns=[k])).columns[0]}_data": snake(v).assign(
        _fivetran_synced="2026-10-01 00:00:00") for k, v in files.items()}  # fmt: skip


def hubspot(sample: Dataset) -> dict[str, pd.DataFrame]:
    """Replicated tables; two deals are merged into others, and stages are known by id."""
    deals, reps, history = sample.deals(), sample.reps(), sample.stage_changes()
    stages = pd.DataFrame({"label": sorted(deals["stage"].unique())})
    stages["stage_id"] = [f"s{i}" for i in range(len(stages))]
    ids = dict(zip(stages["label"], stages["stage_id"], strict=True))
    ends = stages["label"].str.lower().map({"closed won": "1.0", "closed lost": "0.0"})
    table = pd.DataFrame(
        {
            "deal_id": deals["deal_id"],
            "is_deleted": "false",
            "deal_pipeline_id": "default",
            "deal_pipeline_stage_id": deals["stage"].map(ids),
            "owner_id": deals["rep_id"],
            "property_dealname": "Deal",
            "property_amount": deals["amount"].map("{:.2f}".format),
            "property_closedate": text(closing(deals), "%Y-%m-%d 13:00:00"),
            "property_createdate": text(deals["created_date"], "%Y-%m-%d 10:00:00.123"),
            "property_hs_analytics_source": deals["source"],
        }
    )
    merged = table.head(2).assign(deal_id=["M1", "M2"])
    return {
        "deal_data": pd.concat([table, merged], ignore_index=True),
        "merged_deal_data": pd.DataFrame(
            {"deal_id": table["deal_id"].head(2), "merged_deal_id": merged["deal_id"]}
        ),
        "deal_pipeline_stage_data": stages.assign(
            closed_won=(ends == "1.0").astype(str).str.upper(),
            is_closed=ends.notna().astype(str).str.upper(),
            probability=ends.fillna("0.4"),
            pipeline_id="default",
        ),
        "deal_stage_data": pd.DataFrame(
            {
                "_fivetran_start": text(history["changed_at"], "%Y-%m-%d %H:%M:%S"),
                "deal_id": history["deal_id"],
                "value": history["stage"].map(ids),
                "date_entered": text(history["changed_at"], "%Y-%m-%d %H:%M:%S"),
            }
        ),
        "deal_company_data": pd.DataFrame(
            {"deal_id": deals["deal_id"], "company_id": deals["account_id"], "type_id": "5"}
        ),
        "owner_data": pd.DataFrame(
            {
                "owner_id": reps["rep_id"],
                "type": "PERSON",
                "email": reps["rep_id"] + "@sample.example",
                "first_name": reps["name"].str.split().str[0],
                "last_name": reps["name"].str.split().str[1:].str.join(" "),
            }
        ),
        "quotas": sample.quotas(),
    }


def hubspot_view(sample: Dataset) -> dict[str, pd.DataFrame]:
    """ "All deals", exported from its page: owners and stages by name."""
    deals = sample.deals()
    names = sample.reps().set_index("rep_id")["name"]
    return {
        "hubspot-crm-exports-all-deals-2026-10-01": pd.DataFrame(
            {
                "Record ID": deals["deal_id"],
                "Deal Name": "Deal " + deals["deal_id"],
                "Deal Stage": deals["stage"] + " (Sales Pipeline)",
                "Close Date": text(closing(deals), "%Y-%m-%d 13:00"),
                "Deal owner": deals["rep_id"].map(names),
                "Amount": deals["amount"].map("{:.2f}".format),
                "Create Date": text(deals["created_date"], "%Y-%m-%d 10:00"),
                "Pipeline": "Sales Pipeline",
                "Is Closed Won": deals["status"].map(WON),
                "Is Deal Closed?": deals["status"].map(CLOSED),
                "Associated Company": deals["account_id"],
            }
        )
    }


def dynamics(sample: Dataset) -> dict[str, pd.DataFrame]:
    """Dataverse tables, by logical names; goals are by quarter where all its months have a quota."""
    deals, reps, quotas = sample.deals(), sample.reps(), sample.quotas()
    won, opened = deals["status"] == "won", deals["status"] == "open"
    money = deals["amount"].map("{:.4f}".format)
    units = {team: f"bu-{i}" for i, team in enumerate(sorted(reps["team"].unique()))}
    last = quotas["month"] + pd.offsets.MonthEnd(0)
    return {
        "opportunity": pd.DataFrame(
            {
                "opportunityid": deals["deal_id"],
                "_ownerid_value": deals["rep_id"],
                "statecode": deals["status"].map({"open": "0", "won": "1", "lost": "2"}),
                "statuscode": deals["status"].map({"open": "1", "won": "3", "lost": "5"}),
                "actualvalue": money.where(won, "0.0000").mask(opened, ""),
                "estimatedvalue": money,
                "actualclosedate": text(deals["close_date"]),
                "estimatedclosedate": text(closing(deals)),
                "createdon": text(deals["created_date"], "%Y-%m-%dT10:11:12Z"),
                "stepname": deals["stage"],
                "_parentaccountid_value": deals["account_id"],
                "_transactioncurrencyid_value": "c-1",
            }
        ),
        "transactioncurrency": pd.DataFrame(
            {"transactioncurrencyid": ["c-1"], "isocurrencycode": ["USD"]}
        ),
        "systemuser": pd.DataFrame(
            {
                "systemuserid": reps["rep_id"],
                "fullname": reps["name"],
                "_parentsystemuserid_value": reps["manager_id"],
                "_territoryid_value": "t-" + reps["region"],
                "_businessunitid_value": reps["team"].map(units),
                "title": reps["role"],
                "applicationid": "",
            }
        ),
        "territory": pd.DataFrame(
            {
                "territoryid": "t-" + reps["region"].drop_duplicates(),
                "name": reps["region"].drop_duplicates(),
            }
        ),
        "businessunit": pd.DataFrame({"businessunitid": units.values(), "name": units.keys()}),
        "goal": pd.DataFrame(
            {
                "goalownerid": quotas["rep_id"],
                "goalstartdate": text(quotas["month"], "%Y-%m-%dT00:00:00Z"),
                "goalenddate": text(last, "%Y-%m-%dT00:00:00Z"),
                "targetmoney": quotas["quota"],
            }
        ),
    }


def dynamics_view(sample: Dataset) -> dict[str, pd.DataFrame]:
    """Views exported to Excel and saved as CSV: display names, owners by name."""
    files = dynamics(sample)
    names = sample.reps().set_index("rep_id")["name"]
    deals = files["opportunity"]
    deals["_ownerid_value"] = deals["_ownerid_value"].map(names)
    deals["statecode"] = deals["statecode"].map({"0": "Open", "1": "Won", "2": "Lost"})
    headings = {
        "opportunityid": "(Do Not Modify) Opportunity", "_ownerid_value": "Owner",
        "statecode": "Status", "statuscode": "Status Reason", "actualvalue": "Actual Revenue",
        "estimatedvalue": "Est. revenue", "actualclosedate": "Actual Close Date",
        "estimatedclosedate": "Est. close date", "createdon": "Created On",
        "stepname": "Pipeline Phase", "_parentaccountid_value": "Account",
        "_transactioncurrencyid_value": "Currency",
    }  # fmt: skip
    view = deals.rename(columns=headings).assign(Currency="US Dollar")
    users = files["systemuser"][["systemuserid", "fullname", "title"]].rename(
        columns={
            "systemuserid": "(Do Not Modify) User",
            "fullname": "Full Name",
            "title": "Title",
        }
    )
    users["Manager"] = sample.reps()["manager_id"]
    users["Territory"] = sample.reps()["region"]
    users["Business Unit"] = sample.reps()["team"]
    return {"All Opportunities 1-10-2026": view, "Enabled Users": users, "goal": files["goal"]}
