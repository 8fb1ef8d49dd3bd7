"""From what was read to tables that can be trusted, with the report of what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import currency
from salesops_lib.dataset.admission import (
    Admitted,
    admit,
    cells_aside,
    empty,
    numbers_of,
    overlapping,
)
from salesops_lib.dataset.assumptions import ActivityKind, Settled, activity_kinds, settle
from salesops_lib.dataset.backend import like_parsed
from salesops_lib.dataset.faults import STRAY, Fault, grouped
from salesops_lib.dataset.handovers import handed_over
from salesops_lib.dataset.moved_days import moved_in
from salesops_lib.dataset.quality import QualityReport, quality_frame
from salesops_lib.dataset.quota_periods import divided
from salesops_lib.dataset.reading import RawTable, Source
from salesops_lib.dataset.records import records_of
from salesops_lib.dataset.schema import TABLES, canonical
from salesops_lib.dataset.set_aside import won_but_unused
from salesops_lib.dataset.team_quotas import without_teams
from salesops_lib.errors import DataError

# A day this long after nearly all others is a typing error, not the future.
_STRAY = pd.Timedelta(days=3 * 365)
# So long nothing at all happens in a company that sells.
_QUIET = pd.Timedelta(days=92)


@dataclass
class Built:
    """Everything a dataset is made of.

    Attributes
    ----------
    frames
        The accepted rows of all seven tables, empty where a table is absent.
    present
        The tables that were there.
    market_columns
        Columns of markets beyond region and month.
    unlisted
        rep_ids that only deals know; they have a row in the frame of reps, but none was read.
    """

    frames: Mapping[str, pd.DataFrame]
    present: tuple[str, ...]
    settled: Settled
    kinds: dict[str, ActivityKind]
    quality: QualityReport
    market_columns: tuple[str, ...] = ()
    currency: str = "$"
    unlisted: tuple[str, ...] = ()


def build(source: Source) -> Built:
    """Take every table of `source` through the door. Faults are collected, not raised."""
    faults = list(source.faults)
    settled, kinds = _settings(source, faults)
    admitted = _admitted(source, settled, faults)
    _hand_over(admitted)
    for name, one in admitted.items():
        _set_aside(one, source.tables[name], _later_faults(name, one.accepted))
    frames = {name: admitted[name].accepted if name in admitted else empty(name) for name in TABLES}
    _place_expected_close(frames, admitted)
    unlisted = _add_unlisted_reps(frames)
    sign = _currency(admitted, settled)
    notices = [*source.notes, *settled.notices, *_of_money(admitted, settled, sign)]
    if "deals" in admitted:
        notices.extend(won_but_unused(admitted["deals"], sign))
    notices.extend(_undate_moved(frames))
    frames = {name: like_parsed(frame) for name, frame in frames.items()}
    _say_silence(frames, admitted, settled)
    notices.extend(_settle_quotas(frames, settled))
    notices.extend(_of_reach(frames, settled))
    markets = tuple(one for one in frames["markets"].columns if one not in ("region", "month"))
    quality = QualityReport(
        quality_frame(
            (name, one.rows_read, len(one.accepted), len(one.quarantine), "\n".join(one.notes))
            for name, one in admitted.items()
        ),
        tuple(faults),
        {name: one.quarantine for name, one in admitted.items()},
        tuple(notices),
        grouped((name, row, fault) for name, one in admitted.items() for row, fault in one.faults),
    )
    return Built(
        frames,
        tuple(admitted),
        settled,
        kinds,
        quality,
        markets,
        sign,
        unlisted,
    )


def raw_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, RawTable]:
    """Frames handed over in memory, as if they had been read.

    Raises
    ------
    DataError
        If a name is none of the canonical tables', or what it names is no frame or has a heading twice.
    """
    if not isinstance(tables, Mapping):
        raise DataError(
            f"tables by their names are needed, not a {type(tables).__name__}",
            remedy='Give them as {"deals": frame}.',
        )
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise DataError(
            f"there is no table '{unknown[0]}'", remedy=f"The tables are {', '.join(TABLES)}."
        )
    return {
        name: RawTable(_of_pandas(_framed(name, frame)), "frame") for name, frame in tables.items()
    }


def _framed(name: str, given: object) -> pd.DataFrame:
    """A table handed over, with words for headings. Of its index only levels that are columns of the table
    are kept: deals are often indexed by their day, quotas by rep and month.

    Raises
    ------
    DataError
        If it is no frame of pandas, or which of two columns is meant cannot be told.
    """
    if not isinstance(given, pd.DataFrame):
        raise DataError(
            f"the table '{name}' is a {type(given).__name__}, and no pandas DataFrame",
            remedy="Give frame.to_pandas()." if hasattr(given, "to_pandas") else "Give a frame, or leave it out.",
        )  # fmt: skip
    columns = [str(one) for one in given.columns]
    named = [str(one) for one in given.index.names if one is not None and str(one) not in columns]
    known = canonical(TABLES[name], [*columns, *named])
    levels = [
        at for at, one in enumerate(given.index.names) if str(one) in named and str(one) in known
    ]
    kept = given.reset_index(level=levels) if levels else given
    frame = kept.reset_index(drop=True).rename(columns=str)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"the table '{name}' has it more than once", column=twice[0],
            remedy="Rename or drop all but one of them.",
        )  # fmt: skip
    return frame


def _of_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Days of Arrow as pandas' own: comparing them leaves neither true nor false where one is missing."""
    arrow = [
        at
        for at, kind in enumerate(frame.dtypes)
        if isinstance(kind, pd.ArrowDtype) and kind.kind == "M"
    ]
    if not arrow:
        return frame
    columns = [
        pd.to_datetime(one.astype(object)) if at in arrow else one
        for at, (_, one) in enumerate(frame.items())
    ]
    return pd.concat(columns, axis=1)


def _settings(source: Source, faults: list[DataError]) -> tuple[Settled, dict[str, ActivityKind]]:
    settled, kinds = settle(None), activity_kinds(None)
    try:
        settled = settle(source.assumptions)
    except DataError as fault:
        faults.append(fault)
    try:
        kinds = activity_kinds(source.activities)
    except DataError as fault:
        faults.append(fault)
    return settled, kinds


def _admitted(source: Source, settled: Settled, faults: list[DataError]) -> dict[str, Admitted]:
    """Every table after the door, the deals first: what their money is in, all money is in."""
    admitted: dict[str, Admitted] = {}
    wanted = _settled_currency(settled)
    for name in sorted(source.tables, key=lambda one: one != "deals"):
        try:
            admitted[name] = admit(name, source.tables[name], wanted=wanted)
        except DataError as fault:
            faults.append(fault)
            continue
        if name == "deals":
            wanted = currency.usual_of(admitted[name].currencies, wanted) or wanted
    return {name: admitted[name] for name in source.tables if name in admitted}


def _set_aside(one: Admitted, raw: RawTable, refused: list[tuple[int, Fault]]) -> None:
    """Move accepted rows into quarantine, by position among the accepted."""
    if not refused:
        return
    numbers = numbers_of(raw)
    left = np.flatnonzero(~np.isin(numbers, one.quarantine["row"].to_numpy(dtype="int64")))
    reasons: dict[int, Fault] = {}
    for row, fault in refused:
        reasons.setdefault(row, fault)
    told = [fault.reason for fault in reasons.values()]
    moved = cells_aside(raw, left[list(reasons)].tolist(), told, numbers)
    one.faults.extend(zip(moved["row"], reasons.values(), strict=True))
    parts = [part for part in (one.quarantine, moved) if len(part)]
    one.quarantine = pd.concat(parts, ignore_index=True).sort_values("row", ignore_index=True)
    typed = one.accepted.loc[list(reasons)].set_axis(moved["row"])
    one.refused = pd.concat([part for part in (one.refused, typed) if len(part)])
    one.accepted = one.accepted.drop(index=list(reasons)).reset_index(drop=True)


def _hand_over(admitted: dict[str, Admitted]) -> None:
    """The day on which a rep's rows meet is the later one's."""
    if "reps" in admitted:
        reps = admitted["reps"]
        ended, said = handed_over(reps.accepted)
        reps.accepted = reps.accepted.assign(end_date=ended)
        reps.notes.extend(said)


def _later_faults(name: str, frame: pd.DataFrame) -> list[tuple[int, Fault]]:
    """What only the table as a whole shows."""
    if name == "reps":
        return overlapping(frame)
    if name == "deals":
        closed = frame["close_date"].where(frame["status"] != "open")
        return _stray(frame["created_date"], "created_date") + _stray(closed, "close_date")
    if name == "stage_changes":
        return _stray(frame["changed_at"], "changed_at")
    if name == "activities":
        return _stray(frame["week"], "week")
    return []


def _stray(days: pd.Series, name: str) -> list[tuple[int, Fault]]:
    """Days far beyond nearly all others (2062 for 2026): one would add decades of empty months."""
    known = days.dropna()
    if len(known) < 20:
        return []
    limit = known.quantile(0.99) + _STRAY
    return [
        (int(str(row)), Fault(STRAY, f"'{day.date()}'", column=name))
        for row, day in known[known > limit].items()
    ]


def _say_silence(
    frames: dict[str, pd.DataFrame], admitted: dict[str, Admitted], settled: Settled
) -> None:
    records = records_of(frames, through=settled.data_through)
    # Where deals cannot be read, the history of their stages may be: the fault says enough.
    if records.silent_months and "deals" in admitted:
        admitted["deals"].notes.append(
            f"the first {_months(records.silent_months)} deals created but none closed: "
            f"rep-months start in {records.start:%B %Y}"
        )


def _of_reach(frames: dict[str, pd.DataFrame], settled: Settled) -> list[str]:
    """A year mistyped in data_through makes years of months without bookings."""
    through, last = settled.data_through, records_of(frames).last_day
    if through is None or pd.isna(last) or through <= last + _QUIET:
        return []
    return [
        f"assumptions.toml says that the data reach {through.date()}, and nothing in them is after "
        f"{last.date()}: the months between count as months without bookings. Correct data_through "
        "if that is a typing error."
    ]


def _months(n: int) -> str:
    return "month holds" if n == 1 else f"{n} months hold"


def _settled_currency(settled: Settled) -> str | None:
    return currency.of_code(settled.currency) if settled.currency else None


def _currency(admitted: dict[str, Admitted], settled: Settled) -> str:
    """The symbol for sentences: the one settled, else the one the data carries, else $."""
    if settled.currency:
        return settled.currency
    every = [one.currencies for name, one in admitted.items() if name == "deals" and one.currencies]
    every += [one.currencies for one in admitted.values()]
    return next((sign for counts in every if (sign := currency.usual_of(counts))), "$")


def _of_money(admitted: dict[str, Admitted], settled: Settled, sign: str) -> list[str]:
    """What the reader must know of the currencies that the data carry."""
    out = []
    signs = sorted({sign for one in admitted.values() for sign in one.currencies})
    if len(signs) > 1:
        out.append(
            f"money is written in {wording.listed(signs)}: rows in another currency than the "
            "deals' are set aside, because amounts in two currencies cannot be added up."
        )
    if "deals" in admitted and len(signs) < 2:
        out.extend(
            f"'{heading}' of the deals names {wording.listed(names)} and is not read: amounts are added up "
            "as one currency. If they are in these, call the column currency."
            for heading, names in currency.unread(
                admitted["deals"].accepted, TABLES["deals"]
            ).items()
        )
    wanted = _settled_currency(settled)
    found = currency.usual_of(admitted["deals"].currencies, wanted) if "deals" in admitted else None
    if wanted and found and not currency.agree(wanted, found):
        out.append(
            f"the amounts of the deals are in {found}, and assumptions.toml says {sign}: sentences "
            f"write {sign}. Correct one of them, and see that the costs in assumptions.toml are in "
            "the currency of the deals."
        )
    return out


def _place_expected_close(frames: dict[str, pd.DataFrame], admitted: dict[str, Admitted]) -> None:
    """An open deal's close date is when it should close: some CRMs keep both in one column."""
    deals = frames["deals"]
    future = (deals["status"] == "open") & deals["close_date"].notna()
    if not future.any():
        return
    deals["expected_close_date"] = deals["expected_close_date"].where(
        ~future | deals["expected_close_date"].notna(), deals["close_date"]
    )
    deals["close_date"] = deals["close_date"].mask(future)
    n = wording.count(int(future.sum()), "open deal")
    admitted["deals"].notes.append(f"close_date of {n} read as expected_close_date")


def _undate_moved(frames: dict[str, pd.DataFrame]) -> list[str]:
    """Deals that were all moved into the CRM on one day did not begin then: the day is left out."""
    deals = frames["deals"]
    moved = moved_in(deals["created_date"])
    if not moved.any():
        return []
    day = deals.loc[moved, "created_date"].iloc[0].date()
    deals["created_date"] = deals["created_date"].mask(moved)
    return [
        f"{wording.count(int(moved.sum()), 'deal')} of {len(deals):,} were created on {day}, as a move "
        "to another CRM writes them: when they began is not known, and their created_date is taken as "
        "blank. Write the days on which they began there, if the CRM before knew them."
    ]


def _settle_quotas(frames: dict[str, pd.DataFrame], settled: Settled) -> list[str]:
    """Quotas kept by the quarter are months' from here on, as all else is, and no team's is there twice."""
    start = records_of(frames, through=settled.data_through).start
    frames["quotas"], said = divided(frames["quotas"], frames["reps"], start)
    frames["quotas"], more = without_teams(frames["quotas"], frames["reps"], frames["deals"])
    return [*said, *more]


def _add_unlisted_reps(frames: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Reps that only deals know stay visible: their bookings are the company's."""
    reps = frames["reps"]
    seen = pd.unique(frames["deals"]["rep_id"].dropna())
    unlisted = sorted(set(seen) - set(reps["rep_id"]))
    if unlisted:
        blank = reps.iloc[:0].reindex(range(len(unlisted))).astype(reps.dtypes.to_dict())
        blank["rep_id"] = unlisted
        parts = [reps, blank] if len(reps) else [blank]
        frames["reps"] = pd.concat(parts, ignore_index=True).astype(reps.dtypes.to_dict())
    return tuple(unlisted)
