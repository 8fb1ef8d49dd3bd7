"""Sentences a reader must know before trusting a number from these data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.joins import of_joins, some_of
from salesops_lib.dataset.rep_months import MOVED_WITHIN
from salesops_lib.dataset.scales import of_scales
from salesops_lib.dataset.schema import plain_name

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

# Of a rep who works, something is recorded in so many months.
_LONG_IDLE = 3
# What two rows of one deal have in common, and the share of deals that may do so by chance.
_THE_SAME, _FEW_TWINS = ("rep_id", "account_id", "amount", "close_date"), 0.01
# Two of so many people share a name by chance; and where so long a time shows both, so many times as often at most
# they come one after another.
_FEW_NAMES, _AT_ONCE, _AS_OFTEN = 0.03, pd.Timedelta(days=92), 3
# Days from one instalment or renewal to the next; how many, and what share of deals, are worth a word.
_APART, _FEWEST, _FEW_REPEATED = ((27, 35), (85, 97), (358, 373)), 3, 0.05
# Twice a full week; the hours that a week has; and the share of weeks that may be a rep's hardest.
_LONG_WEEK, _HOURS, _FEW_WEEKS = 80, 168, 0.02
# So many people, and what part of those not listed, sell no more, so that the table lacks who left; and what part
# as many of those who are still there may.
_FEWEST_LEFT, _MOST_SILENT, _AS_SILENT = 2, 0.6, 1 / 3
# So long no deal begins or changes where so many have.
_STILL, _ENOUGH = pd.Timedelta(days=31), 100


def notices_of(dataset: Dataset, *, people: bool = True) -> list[str]:
    """What the tables as known lack or contradict, and what follows from it; with `people` some reps are named
    by their ids."""
    return [
        *_deals(dataset),
        *_undated(dataset),
        *_closed_ahead(dataset),
        *_written_twice(dataset),
        *_instalments(dataset),
        *_people(dataset, people=people),
        *_outside_employment(dataset),
        *_nothing_at_all(dataset),
        *_activities(dataset),
        *of_scales(dataset),
        *of_joins(dataset, people=people),
        *_months(dataset),
        *_history(dataset),
    ]


def _deals(dataset: Dataset) -> list[str]:
    deals = dataset._frame("deals")
    return [
        *_counted(
            (deals["status"] == "won") & (deals["amount"] < 0),
            "won deal",
            "with a negative amount: taken as returns, and subtracted.",
        ),
        *_counted(
            (deals["status"] == "open") & (deals["amount"] < 0),
            "open deal",
            "with a negative amount: taken as returns to come, and in no pipeline.",
        ),
        *_counted(
            (deals["status"] == "won") & (deals["amount"] == 0),
            "won deal",
            "with an amount of 0: won deals all the same, which add nothing to what was booked.",
        ),
        *_counted(
            deals["close_date"] < deals["created_date"],
            "deal",
            "closed before being created: the bookings count, the days to close do not.",
        ),
    ]


def _counted(rows: pd.Series, noun: str, says: str) -> list[str]:
    """How many of the rows there are, and what is said of them; nothing where there are none."""
    n = int(rows.sum())
    return [f"{wording.count(n, noun)} {says}"] if n else []


def _undated(dataset: Dataset) -> list[str]:
    """Deals that no past day can be given to: on the day of the data they are there."""
    deals = dataset.whole.built.frames["deals"]
    if dataset._known is not None:
        deals = deals[~(deals["created_date"] > dataset._known)]
    changed = dataset._frame("stage_changes")["deal_id"]
    undated = (deals["status"] == "open") & deals["created_date"].isna()
    return [
        *_counted(
            (deals["status"] == "lost") & deals["close_date"].isna(),
            "lost deal",
            "without a close date: in no month and in no past pipeline.",
        ),
        *_counted(
            undated & ~deals["deal_id"].isin(changed),
            "open deal",
            "without a creation date: only in the pipeline of the last day of the data.",
        ),
    ]


def _closed_ahead(dataset: Dataset) -> list[str]:
    """Deals closed long after all else happened: days to come, or a year mistyped. The last of them
    would be the last day of the data, and no deal is begun or changed in the months before it."""
    deals, changes = dataset._frame("deals"), dataset._frame("stage_changes")["changed_at"]
    weeks = dataset._frame("activities")["week"]
    happened = pd.concat([deals["created_date"], changes, weeks]).dropna()
    if len(happened) < _ENOUGH:
        return []
    last = happened.max().normalize()
    ahead = deals.loc[
        (deals["status"] != "open") & (deals["close_date"] > last + _STILL), "close_date"
    ]
    if ahead.empty:
        return []
    return [
        f"{wording.count(len(ahead), 'closed deal')} up to {ahead.max().date()} closed long after "
        f"{last.date()}, when last a deal began or changed: the data count as reaching there, and the "
        "months between hold next to no bookings. Correct close_date, or the status of what is open yet."
    ]


def _written_twice(dataset: Dataset) -> list[str]:
    """Won deals that are another under another id: an amended deal, or two exports put together. Without the
    customer nobody can tell: many deals of a day may cost the same."""
    deals = dataset._frame("deals")
    won = deals[(deals["status"] == "won") & (deals["amount"] > 0) & deals["account_id"].notna()]
    again = won[won.duplicated([*_THE_SAME, "product", "created_date"])]
    if len(again) < max(_FEW_TWINS * len(won), 2):
        return []
    total = wording.money(float(again["amount"].sum()), dataset.currency)
    return [
        f"of {wording.count(len(won), 'won deal')}, {len(again):,} worth {total} are another under another id, "
        "with the same rep, customer, product, days and amount: if they are copies, bookings stand too high by "
        "so much. They count as they are; take out those that are there twice."
    ]


def _instalments(dataset: Dataset) -> list[str]:
    """Won deals that follow one another a month, a quarter or a year apart, with the same rep, customer, product
    and amount: one contract that is paid, or renewed, again and again."""
    deals = dataset._frame("deals")
    won = deals[(deals["status"] == "won") & (deals["amount"] > 0) & deals["account_id"].notna()]
    same = ["rep_id", "account_id", "product", "amount"]
    won = won.drop_duplicates([*same, "close_date"]).sort_values("close_date", kind="stable")
    groups = won.groupby(same, dropna=False)
    apart = groups["close_date"].diff().dt.days
    # Two alike may be chance, and so may several among many at random days; as far apart twice running is none.
    step = pd.Series(0, index=won.index)
    for at, (least, most) in enumerate(_APART, 1):
        step = step.mask(apart.between(least, most), at)
    steps = won[same].assign(step=step).groupby(same, dropna=False)["step"]
    later = (step > 0) & ((steps.shift() == step) | (steps.shift(-1) == step))
    if later.sum() < max(_FEW_REPEATED * len(won), _FEWEST):
        return []
    total = wording.money(float(won.loc[later, "amount"].sum()), dataset.currency)
    return [
        f"of {wording.count(len(won), 'won deal')}, {int(later.sum()):,} worth {total} follow another of the same rep, "
        "customer, product and amount after a month, a quarter or a year: instalments or renewals of what was "
        "sold before. They count as deals won anew, which makes ramp look longer, reps more alike from month to "
        "month than they are, and deals smaller. Write a contract once, with all of its amount, on the day it was won, "
        "and keep renewals in a dataset of their own."
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


def _people(dataset: Dataset, *, people: bool) -> list[str]:
    reps = dataset._frame("reps")
    if reps.empty:
        return []
    out = []
    unlisted = [one for one in dataset.whole.built.unlisted if one in set(reps["rep_id"])]
    if len(unlisted) == len(reps):
        out.append("there is no reps table: reps are known from their deals only.")
    elif unlisted:
        some = f" ({some_of(unlisted)})" if people else ""
        out.append(
            f"{wording.count(len(unlisted), 'rep')} with deals but not in the reps table{some}: "
            f"kept, without team, region or channel.{_left(dataset, unlisted, reps)}"
        )
        reps = reps[~reps["rep_id"].isin(unlisted)]
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
    return [*out, *_several_spells(reps), *_under_two_ids(dataset, reps), *_not_selling(dataset)]


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


def _not_selling(dataset: Dataset) -> list[str]:
    never = dataset._not_selling
    if not never:
        return []
    one = len(never) == 1
    return [
        f"{wording.count(len(never), 'rep')} never closed a deal, won or lost, and never had a quota of "
        f"{'its' if one else 'their'} own, in months in which a slow rep closes several: taken as "
        f"{'one' if one else 'people'} who {'does' if one else 'do'} not sell, and left out where reps are "
        f"compared. If {'that rep does' if one else 'they do'}, write a quota."
    ]


def _several_spells(reps: pd.DataFrame) -> list[str]:
    spells = reps[reps["hire_date"].notna()].sort_values("hire_date", kind="stable")
    away = (spells["hire_date"] - spells.groupby("rep_id")["end_date"].shift()).dt.days
    moved = int((away <= MOVED_WITHIN).sum())
    back = int(reps["rep_id"].duplicated().sum()) - moved
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
    months = dataset._rep_months
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


def _nothing_at_all(dataset: Dataset) -> list[str]:
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
    long = lengths[lengths >= _LONG_IDLE].index.get_level_values("rep_id").nunique()
    if not long:
        return []
    return [
        f"{wording.count(long, 'rep')} with {_LONG_IDLE} months in a row or more without a new deal, a "
        "closed one, a quota or an hour, while others had these: taken as leave where the rep's own hours, or "
        "many deals before and after, tell it, else as months without bookings, which ranks them low. If they "
        "were on leave or had left, give their row in the reps table an end date, and another row to who came "
        "back, whose months on the job begin again then; if they do not sell, take the row out."
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
        return _of_strange_deals(dataset)
    return [
        "there is no stage history: the pipeline of a past day is known from creation and close "
        "dates only, without the stages and amounts of that day."
    ]


def _of_strange_deals(dataset: Dataset) -> list[str]:
    """Changes of deals that nobody knows tell of an export with another filter, or other ids."""
    changed = dataset._frame("stage_changes")["deal_id"]
    known = dataset.whole.built.frames["deals"]["deal_id"]
    strange = changed[~changed.isin(known)]
    if strange.empty:
        return []
    return [
        f"of {wording.count(len(changed), 'stage change')}, {len(strange):,} are of "
        f"{wording.count(strange.nunique(), 'deal')} not in the deals table ({some_of(strange.unique())}), and not "
        "used. Unless these were deleted or set aside, export both tables with one filter and one id."
    ]
