"""The shipped mappings on the data they are for: every row and cent of the export is in the dataset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset
from salesops_lib.dataset.importing import ImportReport, import_dataset

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def maven(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, Dataset]:
    dest = tmp_path_factory.mktemp("maven") / "data"
    report = import_dataset("maven_crm", realdata / "maven_crm", dest)
    return report, load_dataset(dest)


@pytest.fixture(scope="module")
def works(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, Dataset]:
    dest = tmp_path_factory.mktemp("works") / "data"
    report = import_dataset("adventureworks", realdata / "adventureworks", dest)
    return report, load_dataset(dest)


def cents(values: pd.Series) -> int:
    """The sum in cents, of each value rounded to its own cent."""
    return int((values.fillna(0) * 100).round().astype("int64").sum())


def test_maven_is_conserved(maven: tuple[ImportReport, Dataset]) -> None:
    """8,800 deals: 4,238 won for 10,005,534; 2,473 lost; 2,089 open (the data set's own README)."""
    deals = maven[1].deals()
    assert deals["status"].value_counts().to_dict() == {"won": 4238, "lost": 2473, "open": 2089}
    assert cents(deals.loc[deals["status"] == "won", "amount"]) == 1_000_553_400
    assert deals.loc[deals["status"] != "won", "amount"].isna().all()
    assert deals["created_date"].isna().sum() == 500
    assert deals["account_id"].isna().sum() == 1425
    assert (maven[1].quality.tables["rows_quarantined"] == 0).all()


def test_maven_products_meet_their_prices(
    maven: tuple[ImportReport, Dataset], realdata: Path
) -> None:
    """GTXPro is GTX Pro, so that each deal has a list price."""
    deals = maven[1].deals()
    prices = pd.read_csv(realdata / "maven_crm" / "products.csv").set_index("product")
    assert set(deals["product"]) == set(prices.index)
    assert (deals["list_amount"] == deals["product"].map(prices["sales_price"])).all()
    assert "technolgy" not in set(deals["segment"].dropna())
    assert maven[0].notes == ("deals: 1,425 rows are blank in account",)


def test_maven_reps_have_an_office_and_a_team(maven: tuple[ImportReport, Dataset]) -> None:
    reps = maven[1].reps()
    assert len(reps) == 35
    assert reps["channel"].value_counts().to_dict() == {"West": 12, "East": 12, "Central": 11}
    assert reps["team"].nunique() == 6
    assert set(maven[1].deals()["rep_id"]) <= set(reps["rep_id"])
    assert maven[1].channels()["channel"].nunique() == 3


def test_adventureworks_is_conserved(works: tuple[ImportReport, Dataset], realdata: Path) -> None:
    orders = pd.read_csv(realdata / "adventureworks" / "orders.csv")
    deals = works[1].deals()
    assert len(deals) == len(orders) == 3616
    assert (deals["status"] == "won").all()
    assert cents(deals["amount"]) == cents(orders["amount"])
    by_rep = deals.groupby("rep_id")["amount"].sum()
    theirs = orders.groupby(orders["EmployeeKey"].astype(str))["amount"].sum()
    pd.testing.assert_series_equal(by_rep, theirs, check_names=False)
    assert set(deals["segment"]) == {"Specialty Bike Shop", "Value Added Reseller", "Warehouse"}


def test_adventureworks_bookings_by_rep_month(
    works: tuple[ImportReport, Dataset], realdata: Path
) -> None:
    """The rep-months agree with the table that comes with the data."""
    theirs = pd.read_csv(realdata / "adventureworks" / "bookings_by_rep_month.csv")
    theirs["month"] = pd.to_datetime(theirs["month"])
    theirs["rep_id"] = theirs["EmployeeKey"].astype(str)
    ours = works[1].rep_months()
    both = ours.merge(theirs, on=["rep_id", "month"], how="outer", suffixes=("", "_theirs"))
    booked = both[both["bookings_theirs"].notna()]
    assert len(booked) == len(theirs)
    assert (booked["bookings"] - booked["bookings_theirs"]).abs().max() < 0.005
    assert both.loc[both["bookings_theirs"].isna(), "bookings"].eq(0).all()


def test_adventureworks_quotas_sum_to_their_quarters(
    works: tuple[ImportReport, Dataset], realdata: Path
) -> None:
    theirs = pd.read_csv(realdata / "adventureworks" / "quota_vs_bookings_by_rep_quarter.csv")
    quotas = works[1].quotas()
    assert len(quotas) == 3 * 163
    quarter = quotas["month"].dt.to_period("Q").astype(str)
    ours = quotas.groupby(["rep_id", quarter])["quota"].sum().mul(100).round()
    wanted = theirs.set_index([theirs["EmployeeKey"].astype(str), "quarter"])["quota"].mul(100)
    assert (ours.sort_index().to_numpy() == wanted.sort_index().round().to_numpy()).all()
    assert (quotas["quota"] * 100 % 1).round(6).isin([0, 1]).all()


def test_adventureworks_reps(works: tuple[ImportReport, Dataset]) -> None:
    """Territory group as channel, territory as region; the hire dates of the orders' calendar."""
    reps = works[1].reps().set_index("rep_id")
    assert len(reps) == 17
    assert reps["channel"].value_counts().to_dict() == {
        "North America": 11,
        "Europe": 4,
        "Pacific": 2,
    }
    assert reps.loc["281", "manager_id"] == "272"
    assert reps.loc["281", "hire_date"] == pd.Timestamp("2017-07-01")
    assert reps.loc["292", "name"] == "Ranjit Varkey Chudukatil"
    assert reps.loc["281", "region"] == "Northeast"
    # Managers have no territory; their title tells their part of the world.
    assert reps.loc[["272", "290", "294"], "region"].tolist() == [
        "North America",
        "Europe",
        "Pacific",
    ]
