"""Sentences about deals: what they lack, contradict, or say twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.joins import some_of

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

# What two rows of one deal have in common, and the share of deals that may do so by chance.
_THE_SAME, _FEW_TWINS = ("rep_id", "account_id", "amount", "close_date"), 0.01
# Days from one instalment or renewal to the next; how many, and what share of deals, are worth a word.
_APART, _FEWEST, _FEW_REPEATED = ((27, 35), (85, 97), (358, 373)), 3, 0.05
# So long no deal begins or changes where so many have.
_STILL, _ENOUGH = pd.Timedelta(days=31), 100


def of_deals(dataset: Dataset) -> list[str]:
    """Sentences about the deals table."""
    return [
        *_deals(dataset),
        *_undated(dataset),
        *_closed_ahead(dataset),
        *_written_twice(dataset),
        *_instalments(dataset),
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


def of_strange_deals(dataset: Dataset) -> list[str]:
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
