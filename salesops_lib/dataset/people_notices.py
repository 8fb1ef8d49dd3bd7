"""Sentences about who sells: who is not listed, not dated, there twice, there for nothing, or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.joins import like_whom, some_of
from salesops_lib.dataset.rep_months import MOVED_WITHIN

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

# Of a rep who works, something is recorded in so many months.
_LONG_IDLE = 3
# Two of so many people share a name by chance; and where so long a time shows both, so many times as often at most
# they come one after another.
_FEW_NAMES, _AT_ONCE, _AS_OFTEN = 0.03, pd.Timedelta(days=92), 3
# So many people, and what part of those not listed, sell no more, so that the table lacks who left; and what part
# as many of those who are still there may.
_FEWEST_LEFT, _MOST_SILENT, _AS_SILENT = 2, 0.6, 1 / 3


def of_people(dataset: Dataset, *, people: bool) -> list[str]:
    """Sentences about the reps table and the months of reps; with `people` some are named by their ids."""
    return [
        *_people(dataset, people=people),
        *_outside_employment(dataset),
        *_nothing_at_all(dataset, people=people),
    ]


def _people(dataset: Dataset, *, people: bool) -> list[str]:
    reps = dataset._frame("reps")
    reps = reps[~reps["rep_id"].isin(dataset._nobody)]
    if reps.empty:
        return []
    out = []
    unlisted = [one for one in dataset.whole.built.unlisted if one in set(reps["rep_id"])]
    if len(unlisted) == len(reps):
        out.append("there is no reps table: reps are known from their deals only.")
    elif unlisted:
        some = f" ({some_of(unlisted)})" if people else ""
        known = reps[~reps["rep_id"].isin(unlisted)]
        alike = like_whom(unlisted, known) if people else ""
        out.append(
            f"{wording.count(len(unlisted), 'rep')} with deals but not in the reps table{some}: "
            f"kept, without team, region or channel.{alike}{_left(dataset, unlisted, reps)}"
        )
        reps = known
    unhired = reps["hire_date"].isna()
    if unhired.all():
        out.append(
            "there are no hire dates: each rep counts from the first to the last deal, tenure is not "
            "known, and who is new is compared with who is long on the job."
        )
    elif unhired.any():
        out.append(
            f"{wording.count(int(unhired.sum()), 'rep')} without a hire date: counted from the first "
            "to the last deal, tenure not known."
        )
    return [
        *out,
        *_several_spells(reps),
        *_under_two_ids(dataset, reps),
        *_nobody(dataset, people=people),
        *_not_selling(dataset, people=people),
    ]


def _left(dataset: Dataset, unlisted: list[str], reps: pd.DataFrame) -> str:
    """What follows where the reps table is one of who is still there: averages of those who stayed."""
    gone = reps["end_date"].notna() & (reps["end_date"] <= dataset.last_day)
    deals = dataset._frame("deals")
    closed = deals[deals["status"] != "open"].groupby("rep_id")["close_date"].max()
    silent = closed < dataset.last_day - _AT_ONCE
    among = silent.index.isin(unlisted)
    there = silent.index.isin(reps.loc[reps["end_date"].isna(), "rep_id"]) & ~among
    missed, quiet = silent[among], silent[there]
    if missed.sum() < max(_FEWEST_LEFT, _MOST_SILENT * len(unlisted), int(gone.sum())):
        return ""
    # Where deals are rare, who is still there closes nothing for three months either.
    if quiet.any() and quiet.mean() > _AS_SILENT * missed.mean():
        return ""
    left = (
        f"{int(gone.sum()):,} have" if gone.sum() > 1 else "one has" if gone.any() else "nobody has"
    )
    return (
        f" Of them {int(missed.sum()):,} closed nothing for three months, and in the table {left} left: "
        "if others who left are missing there, ramp, hires, leavers and what a beginner sells are those of who "
        "stayed. Export who left, too, with hire_date and end_date."
    )


def _under_two_ids(dataset: Dataset, reps: pd.DataFrame) -> list[str]:
    """Names that two ids have one after the other: a new CRM, or a new contract, gave the person another."""
    deals = dataset._frame("deals")
    closed = deals[deals["status"] != "open"].groupby("rep_id")["close_date"].agg(["min", "max"])
    people = reps[["rep_id", "name"]].dropna().drop_duplicates().join(closed, on="rep_id")
    people = people.dropna(subset=["min"]).sort_values(["name", "min"], kind="stable")
    before = people.groupby("name")["max"].shift()
    n = people.loc[before < people["min"], "name"].nunique()
    # Where nearly as many stand under two ids for long at once, people share their names.
    shared = people.loc[before > people["min"] + _AT_ONCE, "name"].nunique()
    if n < max(_FEW_NAMES * people["name"].nunique(), _AS_OFTEN * shared, 2):
        return []
    return [
        f"{wording.count(n, 'name')} of {people['name'].nunique():,} stand under one id after another, the later "
        "closing its first deal after the last of the earlier: if each is one person, who got a new id, they are "
        "counted as having left and been hired, and ramp, hires, leavers and who is better are wrong. Write one "
        "rep_id for each person, in all tables."
    ]


def _nobody(dataset: Dataset, *, people: bool) -> list[str]:
    nobody = dataset._nobody
    if not nobody:
        return []
    deals = dataset._frame("deals")
    won = deals[deals["status"] == "won"]
    total = float(won["amount"].sum())
    part = float(won.loc[won["rep_id"].isin(nobody), "amount"].sum()) / total if total > 0 else 0.0
    # The name is what tells: an id of a CRM says nothing to anybody.
    reps = dataset._frame("reps").drop_duplicates("rep_id").set_index("rep_id")
    called = reps["name"].fillna(reps.index.to_series())
    some = f" ({some_of(called.loc[list(nobody)])})" if people else ""
    booked = f"{wording.count(len(nobody), 'rep')}{some}, with {wording.percent(part)} of what was booked,"
    if len(nobody) == 1:
        return [
            f"{booked} is no person, going by the name: taken for a house account, a queue or the login of a program. "
            "What it won or has open is the company's, and is forecast; where reps are compared it is left out. If it "
            "is a person, write the person's own name and id."
        ]
    return [
        f"{booked} are no people, going by the names: taken for house accounts, queues or logins of programs. What "
        "they won or have open is the company's, and is forecast; where reps are compared they are left out. If one "
        "is a person, write the person's own name and id."
    ]


def _not_selling(dataset: Dataset, *, people: bool) -> list[str]:
    never = dataset._not_selling
    if not never:
        return []
    one = len(never) == 1
    some = f" ({some_of(never)})" if people else ""
    return [
        f"{wording.count(len(never), 'rep')} never closed a deal, won or lost, and never had a quota of "
        f"{'its' if one else 'their'} own, in months in which a slow rep closes several{some}: taken as "
        f"{'one' if one else 'people'} who {'does' if one else 'do'} not sell, and left out where reps are "
        f"compared. If {'that rep does' if one else 'they do'}, write a quota."
    ]


def _several_spells(reps: pd.DataFrame) -> list[str]:
    # Of two rows only the first may lack its date: without one it would overlap the row before.
    spells = reps.sort_values("hire_date", kind="stable", na_position="first")
    away = (spells["hire_date"] - spells.groupby("rep_id")["end_date"].shift()).dt.days
    moved = int((away <= MOVED_WITHIN).sum())
    back = int((away > MOVED_WITHIN).sum())
    out = []
    if back:
        out.append(
            f"{wording.count(back, 'rep')} came back after leaving: tenure starts again at 1."
        )
    if moved:
        out.append(
            f"{wording.count(moved, 'rep')} moved within the company, the next row beginning at most "
            f"{MOVED_WITHIN} days after the last ended: tenure goes on."
        )
    return out


def _outside_employment(dataset: Dataset) -> list[str]:
    deals = dataset._frame("deals")
    months = dataset._employed
    won = deals[deals["status"] == "won"]
    if won.empty or months.empty:
        return []
    month = won["close_date"].dt.to_period("M").dt.to_timestamp()
    inside = pd.MultiIndex.from_frame(months[["rep_id", "month"]])
    outside = ~pd.MultiIndex.from_arrays([won["rep_id"], month]).isin(inside)
    if not outside.any():
        return []
    amount = won.loc[outside, "amount"]
    total, back = amount.sum(), int((amount < 0).sum())
    kinds = [(len(amount) - back, "won deal"), (back, "return")]
    return [
        f"{wording.listed([wording.count(n, noun) for n, noun in kinds if n])} worth "
        f"{wording.money(total, dataset.currency)} closed outside the rep's months of employment: "
        "in the company's bookings, in no rep's month."
    ]


def _nothing_at_all(dataset: Dataset, *, people: bool) -> list[str]:
    """Reps of whom nothing is recorded for months, where others have a quota or hours then: on leave, or
    gone without an end date. Where neither hours nor deals tell leave, their months count as
    months in which nothing was sold."""
    months = dataset._rep_months
    last = dataset.last_complete_month
    months = months[months["month"] <= last] if last is not None else months.iloc[:0]
    expected = (months["quota"] > 0) | (months["hours"] > 0)
    covered = months["month"].isin(months.loc[expected, "month"].unique())
    idle = covered & ~expected & (months["deals_created"] + months["deals_closed"] == 0)
    # A run ends where something is recorded, or the next rep begins.
    run = (~idle | (months["rep_id"] != months["rep_id"].shift())).cumsum()
    lengths = idle.groupby([months["rep_id"], run]).sum()
    long = lengths.index.get_level_values("rep_id")[lengths >= _LONG_IDLE].unique()
    if long.empty:
        return []
    some = f" ({some_of(long)})" if people else ""
    return [
        f"{wording.count(len(long), 'rep')} with {_LONG_IDLE} months in a row or more without a new deal, a "
        f"closed one, a quota or an hour, while others had these{some}: taken as leave where the rep's own hours, or "
        "many deals before and after, tell it, else as months without bookings, which ranks them low. If they "
        "were on leave or had left, give their row in the reps table an end date, and another row to who came "
        "back, whose months on the job begin again then; if they do not sell, take the row out."
    ]
