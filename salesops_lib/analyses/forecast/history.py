"""Deals and bookings as known on one day: what the pipeline view learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast import snapshots, sources
from salesops_lib.analyses.forecast.sales_data import Ordered, SalesData
from salesops_lib.analyses.forecast.snapshots import (
    NEVER,
    Bools,
    Floats,
    Ints,
    Snapshots,
    day_number,
    month_number,
    stamps,
)
from salesops_lib.analyses.forecast.spells import latest_spells
from salesops_lib.dataset.moved_days import moved_in
from salesops_lib.errors import DataError, NotEnoughData, ParameterError

_EPOCH = pd.Timestamp("1970-01-01")
_LONGEST = 120
_UNASSIGNED = "unassigned"
# The stand-in level of a company that is not split.
PART = "part"
_TWO_YEARS = 730


@dataclass(frozen=True)
class History:
    """Deals, monthly snapshots and bookings up to `as_of`, nothing later.

    Attributes
    ----------
    as_of
        The last day that is known, end of day.
    month_end
        Whether `as_of` ends a calendar month; if not, every snapshot lies on the same day of its
        month and lead 0 is the rest of that month.
    leaves
        One row a leaf of the hierarchy, with the grouping columns; `leaf` codes index it.
    snaps, months
        Day numbers of the snapshots (the last is `as_of`) and the calendar month of each.
    also
        One row a leaf: what a level that splits nothing further calls it, see `without_twins`.
    leaf, created, close, won, lost, amount, product, source
        One entry a deal. Days are numbers, `close` is `NEVER` for a deal still open at `as_of`. `source` is a
        code: 0 where the source is seldom or tells nothing.
    source_names
        Names of the codes of sources.
    rows
        The snapshots of open deals.
    stages, by_source
        Names of the stage codes, and whether they are where deals came from: stages have no history then.
    bookings
        (leaf, month) amounts won, for the months `first_month` … the month of `as_of`.
    first_close
        Month number from which closed deals are on record: earlier exposure cannot show an event.
    undated_open
        Open deals without a creation date.
    fiscal_year_start
        The month in which years begin, and with them quarters.
    """

    as_of: pd.Timestamp
    month_end: bool
    leaves: pd.DataFrame
    snaps: Ints
    months: Ints
    leaf: Ints
    created: Ints
    close: Ints
    won: Bools
    lost: Bools
    amount: Floats
    product: Ints
    source: Ints
    rows: Snapshots
    stages: tuple[str, ...]
    bookings: Floats
    first_month: int
    first_close: int
    undated_open: int
    notices: tuple[str, ...]
    by_source: bool = False
    also: pd.DataFrame = field(default_factory=pd.DataFrame)
    fiscal_year_start: int = 1
    source_names: tuple[str, ...] = ("",)

    @cached_property
    def part(self) -> Ints:
        """(leaf,) code of the first grouping of each leaf; one part where there is none."""
        if not len(self.leaves.columns):
            return np.zeros(len(self.leaves), dtype=np.int64)
        by = self.leaves.groupby(self.leaves.columns[0], sort=True)
        return by.ngroup().to_numpy(dtype=np.int64)

    @cached_property
    def member(self) -> Floats:
        """(part, leaf) 1 where the leaf belongs to the part."""
        parts = np.arange(int(self.part.max()) + 1)
        return (self.part[None, :] == parts[:, None]).astype(np.float64)

    @property
    def sources(self) -> int:
        """How many codes of sources there are, at least one."""
        return int(self.source.max(initial=0)) + 1

    @cached_property
    def beside(self) -> Ints:
        """(deal,) what is known beside the stage of an open deal: its source, unless that stands for the
        stage."""
        return np.zeros_like(self.source) if self.by_source else self.source

    @property
    def besides(self) -> int:
        """How many codes `beside` has."""
        return 1 if self.by_source else self.sources

    @property
    def last_complete_month(self) -> int:
        """Number of the last calendar month that `as_of` has wholly seen."""
        return int(self.months[-1]) if self.month_end else int(self.months[-1]) - 1

    @property
    def has_stages(self) -> bool:
        return len(self.stages) > 1 and not self.by_source

    @property
    def has_open(self) -> bool:
        return bool((self.rows.snap == len(self.snaps) - 1).any())

    @property
    def beginnings_known(self) -> bool:
        """Whether recent creation dates are there: deals that get their date late make the last
        months look as if nothing had begun."""
        begun = month_number(self.created)
        last_year = (begun < NEVER) & (begun > self.months[-1] - 12)
        return self.undated_open <= 0.25 * float(last_year.sum()) / 12

    @property
    def has_paid(self) -> bool:
        """Whether any deal was won for more than nothing."""
        return bool((self.amount[self.won] > 0).any())

    @property
    def has_lost(self) -> bool:
        return bool(self.lost.any())

    def won_lately(self, origin: int) -> Bools:
        """(deal,) won in the two years before a snapshot: what amounts are read from."""
        day = self.snaps[origin]
        won: Bools = self.won & (self.close <= day) & (self.close > day - _TWO_YEARS)
        return won


def month_start(month: int) -> pd.Timestamp:
    """First day of the calendar month with this number."""
    return pd.Timestamp(year=int(month) // 12, month=int(month) % 12 + 1, day=1)


def read_history(
    dataset: SalesData,
    *,
    as_of: pd.Timestamp,
    by: Sequence[str] = ("region", "team"),
    fiscal_year_start: int = 1,
) -> History:
    """Read what was known on `as_of` out of the tables.

    Raises
    ------
    NotEnoughData
        If no deal was won by then.
    ParameterError
        If a level of `by` is a column of neither reps nor deals.
    """
    dataset = Ordered.of(dataset)
    deals = _known_deals(dataset.deals(), as_of)
    if not (deals["status"] == "won").any():
        raise NotEnoughData(
            f"no deal was won up to {as_of.date()}",
            column="status",
            remedy="Give a later as_of, or deals with status 'won', an amount and a close date.",
        )
    notices: list[str] = []
    changes = snapshots.known_changes(dataset.stage_changes(), deals, as_of)
    leaves, leaf = _leaves(deals, dataset.reps(), by)
    created = _created(deals, changes)
    close = day_number(deals["close_date"].where(deals["status"] != "open"))
    won = (deals["status"] == "won").to_numpy()
    amount = pd.to_numeric(deals["amount"]).to_numpy(dtype=np.float64)
    if not (np.nan_to_num(amount[won]) != 0).any():
        raise NotEnoughData(
            f"every deal won up to {as_of.date()} has the amount 0",
            column="amount",
            remedy="Give won deals the amount that was booked.",
        )
    notices += _created_notices(deals, created)
    undated = int(((created >= NEVER) & (deals["status"] == "open").to_numpy()).sum())
    # A return was never a deal that anybody had open: it is a booking only. One that is awaited is no
    # deal either, and would be taken for one of the usual size.
    lost = (deals["status"] == "lost").to_numpy()
    created = np.where(~lost & (amount < 0), NEVER, created)
    snaps, months, month_end = _snapshot_days(created, close, as_of)
    rows, stages = snapshots.rows_of(snaps, created, close, changes)
    source, names = sources.trusted(deals, rows, created, close, snaps)
    by_source = len(stages) == 1 and len(names) > 1
    if by_source:
        rows, stages = replace(rows, stage=source[rows.deal]), names
    rows = snapshots.as_now(rows, len(snaps) - 1, deals)
    closed_month = month_number(close)
    first_close = int(closed_month[closed_month < NEVER].min())
    bookings, first_month = _bookings(leaf, closed_month, won, amount, len(leaves), int(months[-1]))
    return History(
        as_of=as_of,
        month_end=month_end,
        leaves=leaves,
        snaps=snaps,
        months=months,
        leaf=leaf,
        created=created,
        close=close,
        won=won,
        lost=lost,
        amount=amount,
        product=_codes(deals, "product"),
        rows=rows,
        stages=stages,
        source=source,
        source_names=names,
        by_source=by_source,
        bookings=bookings,
        first_month=first_month,
        first_close=first_close,
        undated_open=undated,
        notices=tuple(notices),
        fiscal_year_start=fiscal_year_start,
    )


def without_twins(history: History) -> tuple[History, dict[str, str], dict[str, str]]:
    """The history without levels that split the one above them no further.

    Where every region is one team, both are the same bookings: forecast twice they would count
    twice when parts and whole are reconciled, and stand twice in every table.

    Returns
    -------
    The history, the names of what was left out in `also`; then the levels left out, with the one
    that stands for them: those that are the same under other names, and those that are wider, a
    team of several whole regions.
    """
    leaves = history.leaves
    kept: list[str] = list(leaves.columns[:1])
    twins: dict[str, str] = {}
    wider: dict[str, str] = {}
    for level in leaves.columns[1:]:
        parts = leaves[kept].drop_duplicates()
        if len(leaves[[*kept, level]].drop_duplicates()) > len(parts):
            kept.append(level)
        elif leaves[level].nunique() < len(parts):
            wider[level] = kept[-1]
        else:
            twins[level] = kept[-1]
    out = [*twins, *wider]
    if not out:
        return history, {}, {}
    return replace(history, leaves=leaves[kept].copy(), also=leaves[out].copy()), twins, wider


def _known_deals(deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Deals as they stood at the end of `as_of`: later ones gone, later closings undone."""
    missing = [name for name in ("deal_id", "rep_id", "status") if name not in deals]
    if missing:
        raise DataError(
            "the deals table lacks this column",
            column=missing[0],
            remedy="See the column dictionary in data/README.md.",
        )
    known = deals.copy()
    for name in ("created_date", "close_date", "amount"):
        if name not in known:
            known[name] = pd.NaT if name.endswith("date") else np.nan
    known["created_date"] = stamps(known["created_date"])
    known["close_date"] = stamps(known["close_date"])
    end = as_of + pd.Timedelta(days=1)
    closed = known["status"] != "open"
    later = closed & ((known["close_date"] >= end) | known["close_date"].isna())
    back = (known["status"] == "won") & (pd.to_numeric(known["amount"]) < 0)
    # A deal closed later was open on that day if it had begun by then; without a creation date
    # nobody can say, so it is not there at all.
    known.loc[later, "status"] = "open"
    born = known["created_date"] < end
    keep = (born | (known["created_date"].isna() & ~later)) & ~(later & back)
    return known[keep].reset_index(drop=True)


def _leaves(
    deals: pd.DataFrame, reps: pd.DataFrame, by: Sequence[str]
) -> tuple[pd.DataFrame, Ints]:
    """The leaf of each deal: the combination of the levels of `by`."""
    if not by:
        return pd.DataFrame(index=[0]), np.zeros(len(deals), dtype=np.int64)
    keys = pd.DataFrame(index=deals.index)
    for level in by:
        if level in reps:
            lookup = latest_spells(reps).set_index("rep_id", drop=False)[level]
            keys[level] = lookup.reindex(deals["rep_id"]).to_numpy()
        elif level in deals:
            keys[level] = deals[level].to_numpy()
        else:
            raise ParameterError(
                f"by == {tuple(by)!r}: '{level}' is a column of neither reps nor deals."
            )
    keys = keys.astype(object).where(keys.notna(), _UNASSIGNED).astype(str)
    # A team whose name appears in two regions is two teams: a leaf is its whole path.
    leaf = keys.groupby(list(by), sort=True).ngroup().to_numpy(dtype=np.int64)
    leaves = keys.drop_duplicates().sort_values(list(by)).reset_index(drop=True)
    return leaves, leaf


def _created(deals: pd.DataFrame, changes: pd.DataFrame) -> Ints:
    """Day each deal began: its creation date, else its first stage change; unknown where most began
    on that very day, for then they were moved."""
    created = day_number(deals["created_date"])
    if len(changes):
        first = changes.groupby("deal")["day"].first()
        at = first.index.to_numpy()
        created[at] = np.where(created[at] < NEVER, created[at], first.to_numpy())
    moved = moved_in(pd.Series(created).where(created < NEVER)).to_numpy()
    return np.where(moved, NEVER, created)


def _created_notices(deals: pd.DataFrame, created: Ints) -> list[str]:
    undated = created >= NEVER
    still_open = (deals["status"] == "open").to_numpy()
    out = []
    closed = int((undated & ~still_open).sum())
    if closed and closed < len(deals):
        out.append(
            f"{closed:,} closed deals have no creation date; they count as bookings, but how "
            "deals age cannot be learned from them."
        )
    return out


def _snapshot_days(created: Ints, close: Ints, as_of: pd.Timestamp) -> tuple[Ints, Ints, bool]:
    """Month ends up to `as_of`, or the same day of each month where it lies inside one."""
    month_end = bool(as_of.is_month_end)
    dated = np.concatenate([created[created < NEVER], close[close < NEVER]])
    last = pd.Period(as_of, freq="M")
    first = pd.Period(_EPOCH + pd.Timedelta(days=int(dated.min())), freq="M")
    n = min(max((last - first).n, 0), _LONGEST)
    periods = pd.period_range(end=last, periods=n + 1, freq="M")
    ends = periods.end_time.normalize()
    if not month_end:
        ends = pd.DatetimeIndex([e.replace(day=min(as_of.day, e.day)) for e in ends])
    days = (ends - _EPOCH).days.to_numpy(dtype=np.int64)
    return days, month_number(days), month_end


def _bookings(
    leaf: Ints, month: Ints, won: Bools, amount: Floats, leaves: int, last: int
) -> tuple[Floats, int]:
    """(leaf, month) amounts won from the first month with a won deal to `last`."""
    first = int(month[won].min())
    width = last - first + 1
    place = leaf[won] * width + (month[won] - first)
    total: Floats = np.bincount(
        place, weights=np.nan_to_num(amount[won]), minlength=leaves * width
    ).astype(np.float64)
    return total.reshape(leaves, width), first


def _codes(deals: pd.DataFrame, column: str) -> Ints:
    if column not in deals:
        return np.zeros(len(deals), dtype=np.int64)
    codes, _ = pd.factorize(deals[column])
    return codes.astype(np.int64) + 1
