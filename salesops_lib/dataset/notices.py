"""Sentences a reader must know before trusting a number from these data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.deal_notices import of_deals, of_strange_deals
from salesops_lib.dataset.joins import of_joins
from salesops_lib.dataset.people_notices import of_people
from salesops_lib.dataset.scales import of_scales
from salesops_lib.dataset.schema import plain_name

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

# Twice a full week; the hours that a week has; and the share of weeks that may be a rep's hardest.
_LONG_WEEK, _HOURS, _FEW_WEEKS = 80, 168, 0.02


def notices_of(dataset: Dataset, *, people: bool = True) -> list[str]:
    """What the tables as known lack or contradict, and what follows from it; with `people` some reps are named
    by their ids."""
    return [
        *of_deals(dataset),
        *of_people(dataset, people=people),
        *_activities(dataset),
        *of_scales(dataset),
        *of_joins(dataset, people=people),
        *_months(dataset),
        *_history(dataset),
    ]


def _activities(dataset: Dataset) -> list[str]:
    activities = dataset._frame("activities")
    if activities.empty:
        return []
    known = {plain_name(one) for one in dataset.activity_kinds}
    unknown = sorted(
        {one for one in activities["activity"].unique() if plain_name(one) not in known}
    )
    said = _overfull_weeks(activities)
    if not unknown:
        return said
    named = wording.listed(unknown[:5]) + (" and more" if len(unknown) > 5 else "")
    return [f"nothing says whether {named} is selling: those hours count as not selling.", *said]


def _overfull_weeks(activities: pd.DataFrame) -> list[str]:
    """Weeks that nobody works: each row may be well and their sum impossible."""
    weeks = activities.groupby(["rep_id", "week"])["hours"].sum()
    over = weeks[weeks > _LONG_WEEK]
    if over.empty or (len(over) < _FEW_WEEKS * len(weeks) and over.max() <= _HOURS):
        return []
    hold = "holds" if len(over) == 1 else "hold"
    told = (
        f"of {wording.count(len(weeks), 'week')} of a rep, {len(over):,} {hold} more than {_LONG_WEEK} hours "
        f"of activities, up to {wording.number(float(over.max()))}: "
    )
    known = weeks.index.to_frame(index=False).sort_values(["rep_id", "week"], kind="stable")
    apart = known.groupby("rep_id")["week"].diff().dt.days.median() / 7
    if apart >= 2:
        return [
            f"{told}each rep's rows are {apart:.0f} weeks apart, as if they held the hours of all of them. They count "
            "as the hours of one week, and of the other weeks nothing is known. Write a row for each week."
        ]
    return [
        f"{told}rows that are there twice, activities that overlap, or minutes instead of hours. They count as they "
        "are, and what an hour freed is worth leans on them."
    ]


def _months(dataset: Dataset) -> list[str]:
    out = []
    records = dataset._records
    if records.partial_month is not None:
        text = (
            f"{records.partial_month:%B %Y} is known only to day {records.last_day.day}: it is left "
            "out where complete months are compared."
        )
        if records.last_day == dataset.whole.records.last_day:  # not cut there by the question
            end = (records.last_day + pd.offsets.MonthEnd(0)).date()
            text += f' If the month is complete, write data_through = "{end}" in assumptions.toml.'
        out.append(text)
    return out


def _history(dataset: Dataset) -> list[str]:
    if dataset._frame("deals").empty:
        return []
    if dataset.has("stage_changes"):
        return of_strange_deals(dataset)
    return [
        "there is no stage history: the pipeline of a past day is known from creation and close "
        "dates only, without the stages and amounts of that day."
    ]
