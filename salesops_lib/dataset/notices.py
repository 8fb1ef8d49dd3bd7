"""Sentences a reader must know before trusting a number from these data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset


def notices_of(dataset: Dataset) -> list[str]:
    """What the tables as known lack or contradict, and what follows from it."""
    return [
        *_people(dataset),
        *_outside_employment(dataset),
        *_months(dataset),
        *_pipeline(dataset),
    ]


def _people(dataset: Dataset) -> list[str]:
    reps = dataset.reps()
    if reps.empty:
        return []
    out = []
    unhired = reps["hire_date"].isna()
    if unhired.all():
        out.append(
            "there are no hire dates: each rep counts from the first to the last deal, "
            "and tenure is not known."
        )
    elif unhired.any():
        out.append(
            f"{wording.count(int(unhired.sum()), 'rep')} without a hire date: counted from the first "
            "to the last deal, tenure not known."
        )
    back = int(reps["rep_id"].duplicated().sum())
    if back:
        out.append(
            f"{wording.count(back, 'rep')} came back after leaving: tenure starts again at 1."
        )
    return out


def _outside_employment(dataset: Dataset) -> list[str]:
    deals = dataset.deals()
    months = dataset.rep_months()
    won = deals[deals["status"] == "won"]
    if won.empty or months.empty:
        return []
    month = won["close_date"].dt.to_period("M").dt.to_timestamp()
    inside = pd.MultiIndex.from_frame(months[["rep_id", "month"]])
    outside = ~pd.MultiIndex.from_arrays([won["rep_id"], month]).isin(inside)
    if not outside.any():
        return []
    total = won.loc[outside, "amount"].sum()
    return [
        f"{wording.count(int(outside.sum()), 'won deal')} worth "
        f"{wording.money(total, dataset.currency)} closed outside the rep's months of employment: "
        "in the company's bookings, in no rep's month."
    ]


def _months(dataset: Dataset) -> list[str]:
    out = []
    records = dataset._records
    if records.partial_month is not None:
        out.append(
            f"{records.partial_month:%B %Y} is known only to day {records.last_day.day}: it is left "
            "out where complete months are compared. If the month is complete, say so with "
            f'data_through = "{(records.last_day + pd.offsets.MonthEnd(0)).date()}" in assumptions.toml.'
        )
    return out


def _pipeline(dataset: Dataset) -> list[str]:
    deals = dataset.deals()
    if deals.empty or dataset.has("stage_changes"):
        return []
    return [
        "there is no stage history: the pipeline of a past day is known from creation and close "
        "dates only, without the stages and amounts of that day."
    ]
