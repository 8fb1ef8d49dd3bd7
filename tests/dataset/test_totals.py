"""Rows that add up the others, as spreadsheets and grouped reports end with."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, faults

TOTALS = (
    "Total",
    "TOTAL",
    "Grand Total",
    "Sub-Total",
    "Total (12 records)",
    "Summe:",
    "Gesamtsumme",
    "Total général",
    "Totaal",
    "Итого",
)
# Names of people, of a customer and of a deal, which begin as totals do or mean them elsewhere.
NO_TOTALS = (
    "Sum",
    "Suma",
    "Somme",
    "Totalis",
    "Total-001",
    "Total 12",
    "TotalEnergies",
    "Gesamtvertrieb",
)


def company(rep: str) -> dict[str, pd.DataFrame]:
    """Two reps with a deal, a quota and hours a month, and a row of `rep` in each list that adds them up."""
    months = pd.date_range("2026-01-01", periods=6, freq="MS")
    two = pd.MultiIndex.from_product([["a", "b"], months], names=["rep_id", "month"])
    rows = two.to_frame(index=False)
    deals = rows.assign(
        deal_id=rows.index.astype(str), status="won", amount=10.0, close_date=rows["month"]
    )
    quotas = pd.concat([
        rows.assign(quota=12.0), pd.DataFrame({"rep_id": rep, "month": months, "quota": 24.0}),
    ])  # fmt: skip
    hours = rows.rename(columns={"month": "week"}).assign(activity="calls", hours=8.0)
    every = pd.DataFrame({"rep_id": rep, "week": months, "activity": "calls", "hours": 16.0})
    reps = pd.DataFrame(
        {"rep_id": ["a", "b", rep], "hire_date": ["2024-01-01", "2024-01-01", None]}
    )
    return {
        "deals": deals.drop(columns="month"), "quotas": quotas, "reps": reps,
        "activities": pd.concat([hours, every]),
    }  # fmt: skip


@pytest.mark.parametrize("word", TOTALS)
def test_a_total_is_no_rep_and_no_quota(word: str) -> None:
    """Its quota doubled the company's, and it stood among the reps as one who sells nothing."""
    data = Dataset.from_frames(company(word))
    assert set(data.reps()["rep_id"]) == {"a", "b"}
    assert data.quotas()["quota"].sum() == 2 * 6 * 12.0
    assert data.activities()["hours"].sum() == 2 * 6 * 8.0
    assert set(data.rep_months()["rep_id"]) == {"a", "b"}


def test_each_row_of_a_total_is_set_aside_with_its_reason() -> None:
    quality = Dataset.from_frames(company("Grand Total")).quality
    said = quality.set_aside.set_index("table")
    assert said["rows"].to_dict() == {"reps": 1, "quotas": 6, "activities": 6}
    assert set(said["kind"]) == {faults.TOTAL.says}
    assert said.loc["reps", "column"] == "rep_id"
    assert quality.quarantine["reps"]["reason"].tolist() == [
        "rep_id: 'Grand Total' is a total of other rows"
    ]


@pytest.mark.parametrize("word", NO_TOTALS)
def test_names_like_totals_stay(word: str) -> None:
    data = Dataset.from_frames(company(word))
    assert set(data.reps()["rep_id"]) == {"a", "b", word}
    assert data.quality.set_aside.empty


def test_a_region_called_total_is_no_market() -> None:
    markets = pd.DataFrame({
        "region": ["North", "South", "Total"], "month": "2026-01-01", "accounts": [10, 20, 30],
    })  # fmt: skip
    data = Dataset.from_frames({**company("Total"), "markets": markets})
    assert set(data.markets()["region"]) == {"North", "South"}


def test_a_department_called_as_a_sum_is_a_market() -> None:
    markets = pd.DataFrame(
        {"region": ["Somme", "Oise"], "month": "2026-01-01", "accounts": [10, 20]}
    )
    assert set(Dataset.from_frames({**company("b2"), "markets": markets}).markets()["region"]) == {
        "Somme", "Oise",
    }  # fmt: skip


def test_a_deal_with_an_id_of_its_own_is_no_total() -> None:
    """Somebody may be called so: bookings are not lost for it."""
    tables = company("c")
    deals = tables["deals"].assign(rep_id=tables["deals"]["rep_id"].replace("a", "Total"))
    data = Dataset.from_frames({**tables, "deals": deals})
    assert data.quality.set_aside.empty and len(data.deals()) == len(deals)
    ends = deals.iloc[[0]].assign(deal_id="Total", amount=120.0)
    data = Dataset.from_frames({**tables, "deals": pd.concat([deals, ends])})
    assert data.deals()["amount"].sum() == 120.0
