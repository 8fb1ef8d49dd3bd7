"""Amounts that are not of one measure: quotas, costs and list amounts that bookings belie, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset

MONTHS = pd.date_range("2025-01-01", "2026-06-01", freq="MS")
REPS = ("A", "B", "C")


def company(
    quota: pd.Series | float = 1000.0,
    *,
    cost: float = 2500.0,
    listed: float = 1200.0,
    reps: int = 3,
) -> dict[str, pd.DataFrame]:
    """Each rep books 1,000 on the 20th of every month, with a quota each, or one for each month."""
    names = REPS[:reps]
    grid = pd.MultiIndex.from_product([names, MONTHS], names=["rep_id", "month"]).to_frame(
        index=False
    )
    deals = pd.DataFrame({
        "deal_id": [f"D{k}" for k in range(len(grid))], "rep_id": grid["rep_id"], "status": "won",
        "amount": 1000.0, "list_amount": listed, "created_date": grid["month"],
        "close_date": grid["month"] + pd.Timedelta(days=19),
    })  # fmt: skip
    each = quota if isinstance(quota, float) else grid["month"].map(quota)
    people = pd.DataFrame(
        {"rep_id": names, "hire_date": pd.Timestamp("2024-12-31"), "annual_cost": cost}
    )
    return {"reps": people, "deals": deals, "quotas": grid.assign(quota=each)}


def said(tables: dict[str, pd.DataFrame], about: str) -> list[str]:
    notices = Dataset.from_frames(tables, assumptions={"data_through": "2026-06-30"}).notices
    return [one for one in notices if about in one]


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        (12_000.0, "8.3% of it on the whole: if a year's"),
        (1.0, "1,000 times as much on the whole: if quotas"),
    ],
)
def test_quotas_that_nobody_can_have_are_said(quota: float, told: str) -> None:
    (notice,) = said(company(quota), "had a quota")
    assert told in notice and "Write each month's own quota" in notice


@pytest.mark.parametrize("quota", [251.0, 3_999.0])
def test_a_quota_within_reason_is_not(quota: float) -> None:
    """Of 1,000 booked against it, between a quarter and four times."""
    assert not said(company(quota), "had a quota")


def test_two_reps_or_few_months_tell_nothing() -> None:
    assert not said(company(12_000.0, reps=2), "had a quota")
    tables = company(12_000.0)
    few = tables["quotas"][tables["quotas"]["month"] >= "2025-12-01"]
    assert len(few) == 21 and not said({**tables, "quotas": few}, "had a quota")


def test_running_totals_are_told_from_quotas_that_grow() -> None:
    """1,000 a month summed from January on, or from a fiscal year's begin in April; each month a twentieth
    more than the last is growth."""
    numbers = pd.Series(MONTHS.month.to_numpy(), index=MONTHS)
    fiscal = pd.Series([1, 2, 3, *range(1, 13), 1, 2, 3], index=MONTHS)
    for totals in (numbers, fiscal):
        (notice,) = said(company(totals * 1000.0), "running totals")
        assert "Write each month's own quota" in notice
        assert not said(company(totals * 1000.0), "on the whole")
    growing = pd.Series([1000 * 1.05**k for k in range(len(MONTHS))], index=MONTHS)
    assert not said(company(growing), "quota")


@pytest.mark.parametrize(("cost", "told"), [(2.5, "0.0002 times"), (250_000.0, "21 times")])
def test_a_cost_of_another_unit_is_said(cost: float, told: str) -> None:
    """Each sells 12,000 a year."""
    (notice,) = said(company(cost=cost), "annual_cost")
    assert told in notice
    assert not said(company(cost=cost, reps=2), "annual_cost")
    assert not said(company(cost=12.1), "annual_cost") and not said(
        company(cost=119_000.0), "annual_cost"
    )


@pytest.mark.parametrize(("listed", "told"), [(12.0, "83 times"), (20_000.0, "0.05 times")])
def test_a_list_amount_of_another_unit_is_said(listed: float, told: str) -> None:
    (notice,) = said(company(listed=listed), "list_amount")
    assert told in notice
    tables = company(listed=listed)
    assert not said({**tables, "deals": tables["deals"].head(19)}, "list_amount")
    assert not said(company(listed=501.0), "list_amount") and not said(
        company(listed=9_900.0), "list_amount"
    )


def test_the_sample_is_of_one_measure() -> None:
    assert not [one for one in load_dataset("sample").notices if "Write " in one]


def young(**known: object) -> dict[str, pd.DataFrame]:
    """The company's first eight months: nobody sells for four, and 2,000 a month more in each month after."""
    tables = company(**known)
    months = MONTHS[:8]
    deals = tables["deals"][tables["deals"]["created_date"].isin(months)].copy()
    each = deals["created_date"].map(dict(zip(months, range(8), strict=True)))
    deals["amount"] = (each - 3).clip(lower=0) * 2000.0 + 1.0
    quotas = tables["quotas"][tables["quotas"]["month"].isin(months)]
    return {**tables, "deals": deals, "quotas": quotas}


def said_of_the_young(tables: dict[str, pd.DataFrame]) -> str:
    return " ".join(Dataset.from_frames(tables, assumptions={"data_through": "2025-08-31"}).notices)


def test_quotas_that_rise_with_new_hires_are_no_running_totals() -> None:
    """A sixth more of 12,000 in each month up to the sixth, which in eight months is the k-th k times the first;
    nor where the hires sell at once. Those who book 2,000 in every month owe totals."""
    ramped = pd.Series([2000.0 * min(k, 6) for k in range(1, 19)], index=MONTHS)
    tables = young(quota=ramped)
    assert "running totals" not in said_of_the_young(tables)
    rising = tables["deals"].assign(amount=tables["deals"]["created_date"].map(ramped * 0.8))
    assert "running totals" not in said_of_the_young({**tables, "deals": rising})
    even = {**tables, "deals": tables["deals"].assign(amount=2000.0)}
    assert "running totals" in said_of_the_young(even)


def test_who_sells_next_to_nothing_at_first_is_of_the_same_measure() -> None:
    """Each books 20,008 in eight months, a sixth of the 112,000 owed, but 18,003 in the last three, against 42,000;
    that is 72,012 a year, and 30,012 in all eight. Ten times as much is another measure."""
    tables = young(quota=14_000.0, cost=400_000.0)
    told = said_of_the_young(tables)
    assert "had a quota" not in told and "annual_cost of the middle rep" not in told
    told = said_of_the_young(young(quota=140_000.0, cost=4_000_000.0))
    assert "had a quota" in told and "annual_cost of the middle rep" in told
