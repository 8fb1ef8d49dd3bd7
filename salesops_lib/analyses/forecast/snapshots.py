"""The open deals as they were known at the end of every month.

A snapshot is a day on which we look at the open deals and write down only what could be read
that day: stage, age, amount. What became of them later is kept apart, with the date on which it
became known, so that a forecast made at any snapshot can be rebuilt from that snapshot's past.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max // 4
# Ages of open deals are grouped at these months. Fixed, not fitted: edges taken from all deals
# would carry the future into a backtest.
AGE_EDGES = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0])
# The fewest days that many months can have: a deal begun at a month's end is one month old at the
# next, be it February.
EDGE_DAYS = np.array([28, 59, 89, 120, 181, 242, 365, 546])
# Deal sizes are grouped by powers of this about the usual amount of the first snapshot, which every origin
# of a backtest has behind it.
SIZE_STEP = 2.5
# How CRMs write the category of deals that a rep commits to; the interface of one says Forecast.
_COMMIT = ("commit", "committed", "forecast")


@dataclass(frozen=True)
class Snapshots:
    """One row a deal and snapshot at which it was open.

    Attributes
    ----------
    deal, snap
        Positions in `History`'s deal arrays and in its snapshots.
    stage
        Code of the stage known that day; where stages have no history, of where the deal came from, if that
        is known, see `sources`; else 0.
    age
        Age group of the deal that day (see `AGE_EDGES`).
    amount
        The amount known that day; NaN where there was none.
    promised
        Day on which the rep then expected to close, `NEVER` where no date was known.
    committed
        Whether the rep then called it a commit.
    """

    deal: Ints
    snap: Ints
    stage: Ints
    age: Ints
    amount: Floats
    promised: Ints
    committed: Bools


def day_number(dates: pd.Series) -> Ints:
    """Days since 1970; `NEVER` where there is no date."""
    days = stamps(dates).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), NEVER, days.astype(np.int64))


def stamps(dates: pd.Series) -> pd.Series:
    """The dates as timestamps; a column that holds them already is not parsed again."""
    return dates if pd.api.types.is_datetime64_dtype(dates) else pd.to_datetime(dates)


def month_number(days: Ints) -> Ints:
    """Calendar months since year 0 of day numbers; `NEVER` stays."""
    known = days < NEVER
    months = np.full(len(days), NEVER, dtype=np.int64)
    stamps = days[known].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months[known] = stamps + 1970 * 12
    return months


def rest_of_month(days: Ints) -> Floats:
    """Share of each day's own month that comes after it: a month has 28 to 31 days."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    first = month.astype("datetime64[D]")
    length = ((month + 1).astype("datetime64[D]") - first).astype(np.float64)
    return np.asarray(1.0 - ((day - first).astype(np.float64) + 1.0) / length)


def known_changes(changes: pd.DataFrame, deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Stage changes up to `as_of`, with the deal's position, in order."""
    columns = ["deal", "day", "stage", "amount", "promised", "committed"]
    if not len(changes) or "changed_at" not in changes:
        return pd.DataFrame(columns=columns)
    when = stamps(changes["changed_at"])
    place = pd.Series(np.arange(len(deals)), index=deals["deal_id"])
    deal = place.reindex(changes["deal_id"]).to_numpy()
    known = (when < as_of + pd.Timedelta(days=1)).to_numpy() & ~np.isnan(deal)
    out = pd.DataFrame(
        {
            "deal": deal[known].astype(np.int64),
            "at": when[known].to_numpy(),
            "day": day_number(when[known]),
            "stage": changes.loc[known, "stage"].astype(str).to_numpy(),
            "amount": _column(changes, "amount", np.nan)[known].to_numpy(dtype=np.float64),
            "promised": _column(changes, "expected_close_date", pd.NaT)[known].to_numpy(),
            "committed": _commits(_column(changes, "forecast_category", None)[known]),
        }
    )
    return out.sort_values(["deal", "at"], kind="stable")[columns].reset_index(drop=True)


def rows_of(
    snaps: Ints, created: Ints, close: Ints, changes: pd.DataFrame
) -> tuple[Snapshots, tuple[str, ...]]:
    """Every deal at every snapshot it was open at (created by then, closing after that day)."""
    dated = created < NEVER
    first = np.where(dated, np.searchsorted(snaps, created, side="left"), 0)
    last = np.where(dated, np.searchsorted(snaps, close, side="left"), 0)
    count = np.maximum(last - first, 0)
    deal = np.repeat(np.arange(len(created)), count)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    snap = (np.arange(len(deal)) - np.repeat(start - first, count)).astype(np.int64)
    age = np.searchsorted(EDGE_DAYS, snaps[snap] - created[deal], side="right").astype(np.int64)
    amount = np.full(len(deal), np.nan)
    promised = np.full(len(deal), NEVER, dtype=np.int64)
    stage = np.zeros(len(deal), dtype=np.int64)
    committed = np.zeros(len(deal), dtype=bool)
    if not len(changes):
        return Snapshots(deal, snap, stage, age, amount, promised, committed), ("",)
    codes, labels = pd.factorize(changes["stage"], sort=True)
    at = _last_change(changes, deal, snaps[snap])
    seen = at >= 0
    stage[seen] = codes[at[seen]] + 1
    # A change that leaves a cell empty leaves what was known before.
    last_known = changes.groupby("deal")[["amount", "promised", "committed"]].ffill()
    amount[seen] = last_known["amount"].to_numpy(dtype=np.float64)[at[seen]]
    promised[seen] = day_number(stamps(last_known["promised"]))[at[seen]]
    amount = np.where(amount > 0, amount, np.nan)
    committed[seen] = (last_known["committed"] == 1.0).to_numpy()[at[seen]]
    return Snapshots(deal, snap, stage, age, amount, promised, committed), ("", *map(str, labels))


def as_now(rows: Snapshots, now: int, deals: pd.DataFrame) -> Snapshots:
    """Fill in what the deals table says of deals still open: true today, unknown of earlier days."""
    current = rows.snap == now
    deal = rows.deal[current]
    amount, promised = rows.amount.copy(), rows.promised.copy()
    stated = pd.to_numeric(deals["amount"]).to_numpy(dtype=np.float64)[deal]
    use = np.isnan(amount[current]) & (stated > 0)
    amount[current] = np.where(use, stated, amount[current])
    dates = day_number(_column(deals, "expected_close_date", pd.NaT))[deal]
    promised[current] = np.where(promised[current] < NEVER, promised[current], dates)
    return replace(rows, amount=amount, promised=promised)


def _commits(category: pd.Series) -> Floats:
    """1 where the deal is called a commit, 0 where it is called something else, NaN for nothing."""
    code, names = pd.factorize(category)  # a missing one has the code −1, the last below
    called = [float(str(one).strip().lower() in _COMMIT) for one in names]
    return np.array([*called, np.nan])[code]


def _column(frame: pd.DataFrame, name: str, empty: Any) -> pd.Series:
    """The column, or one that knows nothing."""
    return frame[name] if name in frame else pd.Series(empty, index=frame.index)


def _last_change(changes: pd.DataFrame, deal: Ints, day: Ints) -> Ints:
    """Position of the last change of each deal up to each day, −1 where there is none."""
    wide = np.int64(1_000_000)
    keys = changes["deal"].to_numpy(dtype=np.int64) * wide + changes["day"].to_numpy(dtype=np.int64)
    at = np.searchsorted(keys, deal * wide + day, side="right") - 1
    own = (at >= 0) & (changes["deal"].to_numpy(dtype=np.int64)[np.maximum(at, 0)] == deal)
    return np.where(own, at, -1)
