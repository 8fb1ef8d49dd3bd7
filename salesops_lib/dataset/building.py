"""From what was read to tables that can be trusted, with the report of what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.admission import Admitted, admit, count_notes, empty, overlapping
from salesops_lib.dataset.assumptions import ActivityKind, Settled, activity_kinds, settle
from salesops_lib.dataset.backend import like_parsed
from salesops_lib.dataset.quality import QualityReport, quality_frame
from salesops_lib.dataset.reading import RawTable, Source
from salesops_lib.dataset.records import records_of
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import DataError

# A day this long after nearly all others is a typing error, not the future.
_STRAY = pd.Timedelta(days=3 * 365)


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
    admitted: dict[str, Admitted] = {}
    for name, raw in source.tables.items():
        try:
            admitted[name] = admit(name, raw)
        except DataError as fault:
            faults.append(fault)
    for name, one in admitted.items():
        _set_aside(one, source.tables[name], _later_faults(name, one.accepted))
    settled, kinds = _settings(source, faults)
    frames = {name: admitted[name].accepted if name in admitted else empty(name) for name in TABLES}
    _place_expected_close(frames, admitted)
    unlisted = _add_unlisted_reps(frames)
    notices = list(settled.notices)
    signs = _signs(admitted)
    if len(signs) > 1:
        notices.append(
            f"money is written in {wording.listed(sorted(signs))}: the rarer ones are set aside."
        )
    frames = {name: like_parsed(frame) for name, frame in frames.items()}
    _say_silence(frames, admitted, settled)
    markets = tuple(one for one in frames["markets"].columns if one not in ("region", "month"))
    quality = QualityReport(
        quality_frame(
            (name, one.rows_read, len(one.accepted), len(one.quarantine), count_notes(one))
            for name, one in admitted.items()
        ),
        tuple(faults),
        {name: one.quarantine for name, one in admitted.items()},
        tuple(notices),
    )
    return Built(
        frames,
        tuple(admitted),
        settled,
        kinds,
        quality,
        markets,
        _currency(admitted, settled),
        unlisted,
    )


def raw_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, RawTable]:
    """Frames handed over in memory, as if they had been read."""
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise DataError(
            f"there is no table '{unknown[0]}'", remedy=f"The tables are {', '.join(TABLES)}."
        )
    return {
        name: RawTable(frame.reset_index(drop=True).rename(columns=str), "frame")
        for name, frame in tables.items()
    }


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


def _set_aside(one: Admitted, raw: RawTable, refused: list[tuple[int, str]]) -> None:
    """Move accepted rows into quarantine, by position among the accepted."""
    if not refused:
        return
    numbers = raw.rows if raw.rows is not None else pd.Series(range(1, len(raw.frame) + 1))
    gone = set(one.quarantine["row"])
    left = [at for at in range(len(raw.frame)) if int(numbers.iloc[at]) not in gone]
    reasons: dict[int, str] = {}
    for row, why in refused:
        reasons.setdefault(row, why)
    at = [left[row] for row in reasons]
    moved = raw.frame.reset_index(drop=True).iloc[at].copy()
    moved.insert(0, "reason", list(reasons.values()))
    moved.insert(0, "row", [int(numbers.iloc[place]) for place in at])
    parts = [part for part in (one.quarantine, moved) if len(part)]
    one.quarantine = pd.concat(parts, ignore_index=True).sort_values("row", ignore_index=True)
    one.accepted = one.accepted.drop(index=list(reasons)).reset_index(drop=True)


def _later_faults(name: str, frame: pd.DataFrame) -> list[tuple[int, str]]:
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


def _stray(days: pd.Series, name: str) -> list[tuple[int, str]]:
    """Days far beyond nearly all others (2062 for 2026): one would add decades of empty months."""
    known = days.dropna()
    if len(known) < 20:
        return []
    limit = known.quantile(0.99) + _STRAY
    return [
        (int(str(row)), f"{name}: {day.date()} is years after nearly all others")
        for row, day in known[known > limit].items()
    ]


def _say_silence(
    frames: dict[str, pd.DataFrame], admitted: dict[str, Admitted], settled: Settled
) -> None:
    records = records_of(frames, through=settled.data_through)
    if records.silent_months:
        admitted["deals"].notes.append(
            f"the first {wording.count(records.silent_months, 'month')} hold deals created but none "
            f"closed: rep-months start in {records.start:%B %Y}"
        )


def _currency(admitted: dict[str, Admitted], settled: Settled) -> str:
    """The symbol for sentences: the one settled, else the one the data carries, else $."""
    if settled.currency:
        return settled.currency
    signs = _signs(admitted)
    return max(signs, key=lambda sign: signs[sign]) if signs else "$"


def _signs(admitted: dict[str, Admitted]) -> dict[str, int]:
    signs: dict[str, int] = {}
    for one in admitted.values():
        for sign, n in one.currencies.items():
            signs[sign] = signs.get(sign, 0) + n
    return signs


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
