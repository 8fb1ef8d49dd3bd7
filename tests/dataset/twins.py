"""Plain loops that say the same as the queries, slowly."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from salesops_lib.dataset import Dataset

SELLING = {"Calls"}


def rep_months(dataset: Dataset) -> pd.DataFrame:
    """What `Dataset.rep_months` promises, one rep and month after the other."""
    reps, deals = dataset.reps(), dataset.deals()
    first, last = dataset._records.start, dataset.last_day
    rows = []
    # Who never sells is left out; tests of their own say who that is.
    for rep in sorted(set(reps["rep_id"]) - set(dataset._not_selling)):
        theirs = deals[deals["rep_id"] == rep]
        spells = [
            _spell(one, theirs, first, last) for _, one in reps[reps["rep_id"] == rep].iterrows()
        ]
        for month in pd.date_range(first, last, freq="MS"):
            end = min(month + pd.offsets.MonthEnd(1), last)
            on = [s for s in spells if s[0] is not None and s[0] <= end and s[1] >= month]
            if not on:
                continue
            days = sum((min(s[1], end) - max(s[0], month)).days + 1 for s in on)
            spell = max(on, key=lambda s: s[0])[2]
            rows.append(_row(dataset, rep, month, spell, theirs, days))
            rows[-1]["tenure_months"] = _tenure(month, spell, spells)
    return pd.DataFrame(rows)


def _spell(
    one: pd.Series, theirs: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[Any, Any, pd.Series]:
    if pd.notna(one["hire_date"]):
        return one["hire_date"], one["end_date"] if pd.notna(one["end_date"]) else last, one
    dates = pd.concat([theirs["created_date"], theirs["close_date"]]).dropna()
    if dates.empty:
        return None, None, one
    begins, ends = dates.min(), dates.max()
    # In the months in which the records begin and end a rep was there all of it.
    if begins.to_period("M") == first.to_period("M"):
        begins = begins.to_period("M").to_timestamp()
    whole = last if last.is_month_end else last - pd.offsets.MonthEnd(1)
    months = pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS")
    closing = whole if whole >= months[0] else last
    if ends >= closing.to_period("M").to_timestamp():
        ends = ends.to_period("M").to_timestamp() + pd.offsets.MonthEnd(1)
    return begins, one["end_date"] if pd.notna(one["end_date"]) else ends, one


def _tenure(month: pd.Timestamp, spell: pd.Series, spells: list[Any]) -> float:
    """Calendar months since the hire date from which there was no break of more than a month."""
    if pd.isna(spell["hire_date"]):
        return math.nan
    started = spell["hire_date"]
    for begins, ends, _ in sorted(
        (s for s in spells if s[0] is not None), reverse=True, key=lambda s: s[0]
    ):
        if begins < started and (started - ends).days <= 31:
            started = begins
    return float((month.to_period("M") - started.to_period("M")).n + 1)


def _row(
    dataset: Dataset,
    rep: str,
    month: pd.Timestamp,
    spell: pd.Series,
    theirs: pd.DataFrame,
    days: int,
) -> dict[str, Any]:
    end = (month + pd.offsets.MonthEnd(1)).normalize()
    won, lost, back, created, opened = [], [], 0.0, 0, 0
    for deal in theirs.itertuples(index=False):
        closes = pd.notna(deal.close_date) and month <= deal.close_date <= end
        if deal.status != "lost" and deal.amount < 0:
            back += deal.amount if closes and deal.status == "won" else 0.0
            continue
        if closes and deal.status == "won":
            won.append(deal)
        if closes and deal.status == "lost":
            lost.append(deal)
        created += bool(pd.notna(deal.created_date) and month <= deal.created_date <= end)
        if deal.status != "open" and pd.isna(deal.close_date):
            continue
        begins = min(
            d for d in (deal.created_date, deal.close_date, pd.Timestamp.max) if pd.notna(d)
        )
        ends = deal.close_date if pd.notna(deal.close_date) else pd.Timestamp("2200-01-01")
        opened += bool(begins <= end and ends >= month and begins < pd.Timestamp("2200-01-01"))
    sales = sum(d.amount for d in won)
    bookings = sales + back
    cycles = [(d.close_date - d.created_date).days for d in won if d.close_date >= d.created_date]
    listed = [d for d in won if d.list_amount > 0 and d.amount > 0]
    quotas = dataset._frame("quotas")
    quota = quotas.loc[(quotas["rep_id"] == rep) & (quotas["month"] == month), "quota"]
    hours, selling = _hours(dataset, rep, month)
    markets = dataset._frame("markets")
    market = markets[(markets["region"] == spell["region"]) & (markets["month"] == month)]
    return {
        "rep_id": rep,
        "month": month,
        "month_share": days / month.days_in_month,
        "tenure_months": math.nan,
        "bookings": float(bookings),
        "deals_won": len(won),
        "deals_lost": len(lost),
        "deals_created": created,
        "deals_closed": len(won) + len(lost),
        "open_deals": opened,
        "win_rate": len(won) / (len(won) + len(lost)) if won or lost else math.nan,
        "mean_amount": sales / len(won) if won else math.nan,
        "cycle_days": sum(cycles) / len(cycles) if cycles else math.nan,
        "discount": 1 - sum(d.amount for d in listed) / sum(d.list_amount for d in listed)
        if listed
        else math.nan,
        "quota": quota.iloc[0] if len(quota) else math.nan,
        "attainment": bookings / quota.iloc[0] if len(quota) and quota.iloc[0] else math.nan,
        "hours": hours,
        "selling_hours": selling,
        "selling_share": selling / hours if hours > 0 else math.nan,
        "name": spell["name"],
        "region": spell["region"],
        "size": market["size"].iloc[0] if len(market) else math.nan,
    }


def _hours(dataset: Dataset, rep: str, month: pd.Timestamp) -> tuple[float, float]:
    table = dataset._frame("activities")
    near = table["week"].between(month - pd.Timedelta(days=7), month + pd.Timedelta(days=31))
    mine = table[(table["rep_id"] == rep) & near]
    total = selling = 0.0
    found = False
    for one in mine.itertuples(index=False):
        working = [one.week + pd.Timedelta(days=d) for d in range(5)]
        inside = [
            d for d in working if d.to_period("M").to_timestamp() == month and d <= dataset.last_day
        ]
        found = found or bool(inside)
        total += one.hours * len(inside) / 5
        selling += one.hours * len(inside) / 5 * (one.activity in SELLING)
    return (total, selling) if found else (math.nan, math.nan)


def pipeline_on(
    tables: dict[str, pd.DataFrame], day: pd.Timestamp, *, current: bool
) -> pd.DataFrame:
    """The deals open at the end of `day`, from typed tables, one deal after the other."""
    changes = tables["stage_changes"].sort_values("changed_at", kind="stable")
    rows = []
    for deal in tables["deals"].itertuples(index=False):
        history = changes[
            (changes["deal_id"] == deal.deal_id)
            & (changes["changed_at"] < day + pd.Timedelta(days=1))
        ]
        began = deal.created_date
        if pd.isna(began) and len(history):
            began = history["changed_at"].iloc[0].normalize()
        if deal.status == "won" and deal.amount < 0:
            continue
        if deal.status != "open":
            if pd.isna(deal.close_date) or deal.close_date <= day or pd.isna(began) or began > day:
                continue
        elif pd.isna(began):
            if not current:
                continue
        elif began > day:
            continue
        today = current and deal.status == "open"
        stage, since, amount, expected = None, pd.NaT, math.nan, pd.NaT
        for change in history.itertuples(index=False):
            if change.stage != stage:
                stage, since = change.stage, change.changed_at
            amount = change.amount if pd.notna(change.amount) else amount
            expected = (
                change.expected_close_date if pd.notna(change.expected_close_date) else expected
            )
        if today:
            stage = deal.stage if stage is None else stage
            amount = deal.amount if math.isnan(amount) else amount
            expected = deal.expected_close_date if pd.isna(expected) else expected
        if amount < 0:
            continue
        rows.append(
            {
                "deal_id": deal.deal_id,
                "rep_id": deal.rep_id,
                "stage": stage,
                "amount": amount,
                "expected_close_date": expected,
                "created_date": began,
                "stage_since": since,
                "age_days": float((day - began).days) if pd.notna(began) else math.nan,
                "stage_age_days": float((day - since.normalize()).days)
                if pd.notna(since)
                else math.nan,
            }
        )
    return pd.DataFrame(rows)


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Missing text is None here and NaN there: the same to a reader."""
    text = frame.select_dtypes(object)
    return frame.assign(**{name: column.where(column.notna(), "") for name, column in text.items()})
