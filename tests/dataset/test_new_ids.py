"""People who got a new id, as from another CRM, are said: worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset


def company(moved: int, *, people: int = 10, names: bool = True, overlap: bool = False) -> Dataset:
    """People who close a deal a month through 2025, so many of them from July on under another id."""
    deals, reps = [], []
    for at in range(people):
        later = at < moved
        for month in pd.date_range("2025-01-15", periods=12, freq="MS"):
            second = later and month >= pd.Timestamp("2025-07-01")
            deals.append((f"N{at}" if second else f"R{at}", month))
            if later and overlap and month.month == 9:
                deals.append((f"R{at}", month))
        reps.append((f"R{at}", f"Name {at}"))
        reps += [(f"N{at}", f"Name {at}")] if later else []
    table = pd.DataFrame(deals, columns=["rep_id", "close_date"])
    table = table.assign(deal_id=[f"D{at}" for at in range(len(table))], status="won", amount=10.0)
    who = pd.DataFrame(reps, columns=["rep_id", "name"] if names else ["rep_id", "team"])
    return Dataset.from_frames({"deals": table, "reps": who})


def said(data: Dataset) -> list[str]:
    return [one for one in data.notices if "under one id after another" in one]


def test_names_under_one_id_after_another_are_said() -> None:
    (one,) = said(company(4))
    assert one.startswith("4 names of 10 stand under one id after another")


@pytest.mark.parametrize(
    "data",
    [
        company(0),
        company(1),  # two people of one name
        company(2, people=80),  # hardly more than chance
        company(4, overlap=True),  # both sell at once: they are two
        company(4, names=False),
    ],
)
def test_other_people_are_not(data: Dataset) -> None:
    assert said(data) == []


@pytest.mark.parametrize(("namesakes", "told"), [(1, True), (2, False)])
def test_where_people_share_names_at_once_they_do_so_one_after_another(
    namesakes: int, told: bool
) -> None:
    """Five of twelve names stand under another id from July on; of first names some are two people's all along."""
    data = company(5, people=12)
    deals, reps = data.deals(), data.reps()
    reps.loc[reps["rep_id"].isin([f"R{9 - at}" for at in range(namesakes)]), "name"] = [
        f"Name {11 - at}" for at in range(namesakes)
    ]
    assert bool(said(Dataset.from_frames({"deals": deals, "reps": reps}))) == told


def test_one_person_with_two_rows_has_one_id() -> None:
    reps = pd.DataFrame({
        "rep_id": ["R0", "R0"], "name": ["Ann", "Ann"], "hire_date": ["2024-01-01", "2025-07-01"],
        "end_date": ["2025-06-30", None],
    })  # fmt: skip
    deals = company(0).deals()
    assert said(Dataset.from_frames({"deals": deals[deals["rep_id"] == "R0"], "reps": reps})) == []
