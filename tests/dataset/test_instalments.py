"""Contracts that are written down again with every payment: said, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset


def company(
    *rows: tuple[str, str, float], step: pd.DateOffset, times: int, others: int = 40
) -> Dataset:
    """Won deals (customer, product, amount), each so many times, and others that are won once."""
    first = pd.Timestamp("2024-01-31")
    deals = [
        (customer, product, amount, first + at * step)
        for customer, product, amount in rows
        for at in range(times)
    ]
    deals += [
        (f"C{at}", "Core", 100.0 + at, first + pd.Timedelta(days=9 * at)) for at in range(others)
    ]
    table = pd.DataFrame(deals, columns=["account_id", "product", "amount", "close_date"])
    table = table.assign(deal_id=[f"D{at}" for at in range(len(table))], status="won", rep_id="A")
    return Dataset.from_frames({"deals": table})


def said(data: Dataset) -> list[str]:
    return [one for one in data.notices if "instalments" in one]


MONTH, QUARTER, YEAR = pd.DateOffset(months=1), pd.DateOffset(months=3), pd.DateOffset(years=1)


@pytest.mark.parametrize("step", [MONTH, QUARTER, YEAR])
def test_payments_of_one_contract_are_said(step: pd.DateOffset) -> None:
    """Two contracts of four payments: six of 48 won deals follow another, worth 3 × 50 + 3 × 70."""
    (one,) = said(company(("X", "Suite", 50.0), ("Y", "Suite", 70.0), step=step, times=4))
    assert one.startswith("Of 48 won deals, 6 worth $360 follow another of the same rep, customer")


@pytest.mark.parametrize(
    "data",
    [
        company(("X", "Suite", 50.0), ("Y", "Suite", 70.0), step=MONTH, times=2),  # two alike
        company(("X", "Suite", 50.0), step=MONTH, times=4, others=60),  # hardly any
        company(("X", "Suite", 50.0), ("Y", "Suite", 70.0), step=pd.DateOffset(days=50), times=4),
        company(("X", "Suite", 50.0), ("X", "Suite", 50.0), step=MONTH, times=1),  # one day
    ],
)
def test_other_deals_alike_are_not(data: Dataset) -> None:
    assert said(data) == []


def test_without_the_customer_nothing_is_said() -> None:
    deals = company(("X", "Suite", 50.0), ("Y", "Suite", 70.0), step=MONTH, times=4).deals()
    assert said(Dataset.from_frames({"deals": deals.drop(columns="account_id")})) == []


def test_customers_who_order_the_same_at_random_days_pay_no_instalments() -> None:
    """Forty customers order one thing at one price, every other month or so: of 700 times from one order to the
    next, every eighth is a month, a quarter or a year."""
    rng = np.random.default_rng(1)
    days = [(at, day) for at in range(40) for day in rng.choice(1095, 18, replace=False)]
    deals = pd.DataFrame(days, columns=["account_id", "day"]).astype({"account_id": str})
    dates = pd.Timestamp("2023-01-01") + pd.to_timedelta(deals.pop("day"), unit="D")
    deals = deals.assign(close_date=dates, amount=50.0, status="won", rep_id="A", product="Core")
    assert said(Dataset.from_frames({"deals": deals.assign(deal_id=deals.index.astype(str))})) == []
