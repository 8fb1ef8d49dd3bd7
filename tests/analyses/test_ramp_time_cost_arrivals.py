"""Reps of a company that was bought stand among the hires and do not ramp: said, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib.analyses.ramp_time_cost import ramp_time
from tests.analyses.ramp_frames import dated, smooth


def company(came: int, share: float = 1.0, *, hires: int = 6, ramp: float = 4.0) -> pd.DataFrame:
    """Four old hands, hires one after another every two months, and so many who come in January 2025 and sell
    this share of a ramped rep's month at once."""
    old = dated(smooth(reps=4, months=24, ramp=0)).assign(
        tenure_months=lambda one: one["tenure_months"] + 30
    )
    new = dated(smooth(reps=hires, months=12, ramp=ramp), start="2024-02", apart=2)
    both = dated(smooth(reps=came, months=12, ramp=0), start="2025-01")
    both["bookings"] *= share
    parts = {"old": old, "new": new, "came": both}
    return pd.concat(
        [part.assign(rep_id=name + part["rep_id"].astype(str)) for name, part in parts.items()],
        ignore_index=True,
    )


def said(data: pd.DataFrame) -> list[str]:
    ramp = ramp_time(data, value="bookings", rep="rep_id")
    return [one for one in ramp.notices if "from their start began" in one]


def test_those_who_came_with_customers_are_said() -> None:
    """Six of twelve; of a ramp of 4 months the others sold 44, 68 and 82% of a full month, 65% together. The
    climb fitted to all twelve is another, and ends a little above what those sell who do not climb."""
    (one,) = said(company(6))
    assert one.startswith(
        "6 reps of the 12 seen from their start began in January 2025 and sold 97%"
    )
    assert "where the others sold 67%: " in one


@pytest.mark.parametrize(
    "data",
    [
        company(4),  # few
        company(6, hires=13),  # less than a third of those seen from their start
        company(6, share=0.5),  # new to it like all others
        company(6, ramp=0.0),  # nobody ramps
    ],
)
def test_hires_of_one_month_are_hires(data: pd.DataFrame) -> None:
    assert said(data) == []


def test_who_began_a_little_better_by_chance_did_not_bring_customers() -> None:
    """Ramp of two weeks: all hires begin at nine tenths of a full month, and months vary by a half. By chance one of twenty such groups is told."""
    told = []
    for seed in range(20):
        data = company(6, 0.95, ramp=0.5)
        luck = np.random.default_rng(seed).gamma(4.0, 0.25, len(data))
        told += said(data.assign(bookings=data["bookings"] * luck))
    assert len(told) <= 1


def test_where_the_records_begin_and_without_dates_nothing_is_said() -> None:
    data = company(6)
    assert said(data[data["month"] >= "2025-01-01"]) == []
    assert said(data.drop(columns="month").drop_duplicates(["rep_id", "tenure_months"])) == []
