"""Deals that were all created on the day that a company moved to another CRM."""

from __future__ import annotations

import pandas as pd
import pytest

from salesops_lib.dataset import Dataset


def company(moved: int, others: int) -> Dataset:
    """`moved` deals created on one day, `others` each on a day of its own; all won in 2026."""
    n = moved + others
    created = [pd.Timestamp("2026-01-07")] * moved
    created += list(pd.date_range("2025-01-01", periods=others))
    return Dataset.from_frames(
        {
            "deals": pd.DataFrame(
                {
                    "deal_id": [f"D{i}" for i in range(n)],
                    "rep_id": "a",
                    "status": "won",
                    "amount": 1.0,
                    "created_date": created,
                    "close_date": pd.Timestamp("2026-03-01"),
                }
            )
        }
    )


def test_a_hundred_deals_are_enough_to_tell() -> None:
    assert company(51, 49).deals()["created_date"].isna().sum() == 51


def test_a_day_that_most_deals_share_is_no_beginning() -> None:
    made = company(60, 50)
    assert made.deals()["created_date"].isna().sum() == 60
    (said,) = [one for one in made.notices if "2026-01-07" in one]
    assert said.startswith("60 deals of 110 were created on 2026-01-07, as a move to another CRM")
    assert len(made.deals()) == 110  # and every deal still counts
    assert made.quality.set_aside.empty


@pytest.mark.parametrize(("moved", "others"), [(55, 55), (60, 39), (0, 110)])
def test_half_of_the_deals_or_few_of_them_may_begin_on_one_day(moved: int, others: int) -> None:
    made = company(moved, others)
    assert made.deals()["created_date"].notna().all()
    assert not any("another CRM" in one for one in made.notices)
