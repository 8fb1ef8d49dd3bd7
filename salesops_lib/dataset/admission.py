"""At the door, once: parse each column, set aside what does not parse, then validate what is left
with pandera. No row is lost: every row read is accepted or in quarantine with its reason."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import parsing
from salesops_lib.dataset.reading import RawTable
from salesops_lib.dataset.rules import pandera_schema
from salesops_lib.dataset.schema import (
    STATUS_ALIASES,
    STATUSES,
    TABLES,
    Column,
    Table,
    canonical,
    plain_name,
)
from salesops_lib.errors import DataError

# An unknown column is a number if at least this share of its cells is.
_MOSTLY = 0.9


@dataclass
class Admitted:
    """One table after the door.

    Attributes
    ----------
    accepted
        Typed rows, canonical columns first, then columns of the user's own.
    quarantine
        row, reason, and the cells as they came.
    """

    accepted: pd.DataFrame
    quarantine: pd.DataFrame
    rows_read: int
    notes: list[str] = field(default_factory=list)
    currencies: dict[str, int] = field(default_factory=dict)


class _Reasons:
    """Why rows are refused, by position in the raw table."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[str]] = {}

    def add(self, row: int, reason: str) -> None:
        said = self.by_row.setdefault(int(row), [])
        if reason not in said:
            said.append(reason)


def admit(name: str, raw: RawTable) -> Admitted:
    """Take the raw table `name` through the door.

    Raises
    ------
    DataError
        If a column is missing that the table cannot be used without.
    """
    table = TABLES[name]
    headings = [str(one) for one in raw.frame.columns]
    found = canonical(table, headings)
    notes = [*raw.notes]
    aliased = [f"{old} as {new}" for old, new in found.items() if old != new]
    if aliased:
        notes.append(f"columns recognised: {', '.join(aliased)}")
    missing = [one for one in table.required if one not in found.values()]
    if missing:
        raise DataError(
            f"the table '{name}' ({raw.origin}) has no such column, and cannot be used without it",
            column=missing[0],
            remedy=f"Add it or rename the column that holds it; there are: {', '.join(headings)}.",
        )
    reasons = _Reasons()
    own = [heading for heading in headings if heading not in found]
    parsed, currencies = _parse(table, raw, found, own, reasons, notes)
    if own and name != "markets":
        notes.append(f"columns of your own kept: {', '.join(own)}")
    clean = parsed.drop(index=list(reasons.by_row))
    for row, reason in _violations(table, clean):
        reasons.add(row, reason)
    for row, reason in _repeats(table, parsed.drop(index=list(reasons.by_row))):
        reasons.add(row, reason)
    accepted = parsed.drop(index=list(reasons.by_row)).reset_index(drop=True)
    quarantine = _quarantine(raw, reasons)
    return Admitted(accepted, quarantine, len(raw.frame) + len(raw.broken), notes, currencies)


def _parse(
    table: Table,
    raw: RawTable,
    found: dict[str, str],
    own: list[str],
    reasons: _Reasons,
    notes: list[str],
) -> tuple[pd.DataFrame, dict[str, int]]:
    by_name = {new: old for old, new in found.items()}
    columns: dict[str, pd.Series] = {}
    signs: dict[int, str] = {}
    frame = raw.frame.reset_index(drop=True)
    for column in table.columns:
        if column.name not in by_name:
            columns[column.name] = _absent(column, frame.index)
            continue
        cells = frame[by_name[column.name]]
        parsed = _parser(column, raw.semicolons)(cells)
        columns[column.name] = parsed.values
        for row, why in parsed.refused.items():
            reasons.add(row, f"{column.name}: {why}")
        notes.extend(f"{column.name}: {note}" for note in parsed.notes)
        signs.update(parsed.currencies)
    for heading in own:
        name = wording.named(plain_name(heading)) if table.name == "markets" else heading
        name = f"{name} (own)" if name in columns else name
        parsed = _own(frame[heading], raw.semicolons, market=table.name == "markets")
        columns[name] = parsed.values
        for row, why in parsed.refused.items():
            reasons.add(row, f"{name}: {why}")
    counts = _one_currency(signs, len(frame), reasons)
    return pd.DataFrame(columns, index=frame.index), counts


def _parser(column: Column, semicolons: bool) -> Callable[[pd.Series], parsing.Parsed]:
    if column.kind == "number":
        return lambda cells: parsing.as_number(cells, semicolons=semicolons)
    if column.kind == "timestamp":
        return lambda cells: parsing.as_date(cells, keep_time=True)
    if column.name == "manager_id":
        return parsing.as_name  # often a name, and shown like one
    return {
        "id": parsing.as_id,
        "text": parsing.as_name,
        "date": parsing.as_date,
        "month": parsing.as_month,
        "week": parsing.as_week,
        "status": _status,
    }[column.kind]


def _status(cells: pd.Series) -> parsing.Parsed:
    texts = parsing.as_text(cells).values
    codes, uniques = pd.factorize(texts)
    plain = [plain_name(one) for one in uniques]
    known = [STATUS_ALIASES.get(one, one) for one in plain]
    lookup = np.array([*(one if one in STATUSES else None for one in known), None], dtype=object)
    result = parsing.Parsed(pd.Series(lookup[codes], index=cells.index, dtype=object))
    for at, one in enumerate(known):
        if one not in STATUSES:
            why = f"{parsing.shown(uniques[at])} is none of open, won, lost"
            result.refused.update(dict.fromkeys(np.flatnonzero(codes == at), why))
    return result


def _absent(column: Column, index: pd.Index) -> pd.Series:
    dtype = {"number": "float64", "id": object, "text": object, "status": object}.get(
        column.kind, "datetime64[ns]"
    )
    return pd.Series(None, index=index, dtype=dtype)


def _own(cells: pd.Series, semicolons: bool, *, market: bool) -> parsing.Parsed:
    """A column the schema does not know: numbers where it holds numbers, else text. In markets a
    few bad cells are refused; elsewhere nobody relies on it, and it stays as it came."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return parsing.as_date(cells, keep_time=True)
    number = parsing.as_number(cells, semicolons=semicolons)
    filled = int(number.values.notna().sum())
    share = filled / max(filled + len(number.refused), 1)
    leading_zero = cells.astype(str).str.match(r"^0\d").any()
    if filled and not leading_zero and (not number.refused or (market and share >= _MOSTLY)):
        return number
    # Market columns of categories are named in sentences; other columns are nobody's business.
    return parsing.as_name(cells) if market else parsing.as_text(cells)


def _one_currency(signs: dict[int, str], rows: int, reasons: _Reasons) -> dict[str, int]:
    """Amounts in a second currency cannot be added to the first: the rarer ones are refused."""
    if not signs:
        return {}
    counts = pd.Series(list(signs.values())).value_counts()
    usual = str(counts.index[0])
    for row, sign in signs.items():
        if sign != usual:
            reasons.add(row, f"money in {sign}, where the table is in {usual}")
    return {str(sign): int(n) for sign, n in counts.items()}


def _violations(table: Table, frame: pd.DataFrame) -> list[tuple[int, str]]:
    """Rows that pandera refuses, all of them at once."""
    import pandera.errors

    if frame.empty:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pandera_schema(table.name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        unplaced = cases[cases["index"].isna()]
        if len(unplaced):
            first = unplaced.iloc[0]
            raise DataError(
                f"the table '{table.name}' fails the check {first['check']}",
                column=str(first["column"]),
            ) from None
        return [
            (int(index), str(check) if check != "not_nullable" else f"{column}: is missing")
            for index, check, column in zip(
                cases["index"], cases["check"], cases["column"], strict=True
            )
        ]
    return []


def _repeats(table: Table, frame: pd.DataFrame) -> list[tuple[int, str]]:
    """Rows whose key an earlier row has; the earlier one stays."""
    if not table.key or frame.empty:
        return []
    out = []
    key = list(table.key)
    later = frame.duplicated(key, keep="first")
    if not later.any():
        return []
    codes = frame.groupby(key, dropna=False, sort=False).ngroup()
    first = pd.Series(frame.index, index=frame.index).groupby(codes).transform("first")
    same = frame.duplicated(keep="first")
    for row in frame.index[later]:
        how = "repeats" if same[row] else "has the same key, with other values, as"
        out.append((int(row), f"{', '.join(key)}: {how} row {int(first[row]) + 1}"))
    return out


def _quarantine(raw: RawTable, reasons: _Reasons) -> pd.DataFrame:
    frame = raw.frame.reset_index(drop=True)
    rows = sorted(reasons.by_row)
    numbers = raw.rows if raw.rows is not None else pd.Series(frame.index + 1)
    out = frame.iloc[rows].copy()
    out.insert(0, "reason", ["; ".join(reasons.by_row[row]) for row in rows])
    out.insert(0, "row", [int(numbers.iloc[row]) for row in rows])
    if raw.broken:
        lines = pd.DataFrame(
            {
                "row": [number for number, _, _ in raw.broken],
                "reason": [why for _, _, why in raw.broken],
                "line": [line for _, line, _ in raw.broken],
            }
        )
        out = pd.concat([out, lines], ignore_index=True).sort_values("row")
    return out.reset_index(drop=True)


def empty(name: str) -> pd.DataFrame:
    """The table without rows."""
    index = pd.RangeIndex(0)
    return pd.DataFrame({one.name: _absent(one, index) for one in TABLES[name].columns})


def overlapping(reps: pd.DataFrame) -> list[tuple[int, str]]:
    """Spells of one rep that overlap an earlier one, so that a month would count twice."""
    out = []
    twice = reps[reps.duplicated("rep_id", keep=False)]
    for _, spells in twice.groupby("rep_id", sort=False):
        ordered = spells.sort_values("hire_date", na_position="first", kind="stable")
        last_end: pd.Timestamp | None = None
        for at, (row, spell) in enumerate(ordered.iterrows()):
            end = spell["end_date"] if pd.notna(spell["end_date"]) else pd.Timestamp.max
            undated = pd.isna(spell["hire_date"])
            if at and (undated or last_end is None or spell["hire_date"] <= last_end):
                out.append((int(str(row)), "rep_id: employment overlaps another row of this rep"))
                continue
            last_end = end
    return out


def count_notes(admitted: Admitted) -> str:
    """The notes of the quality report, with how many rows were set aside and why."""
    notes = list(admitted.notes)
    if len(admitted.quarantine):
        top = admitted.quarantine["reason"].value_counts()
        head = [f"{reason} ({wording.count(n, 'row')})" for reason, n in top.head(3).items()]
        more = f" and {len(top) - 3} more reasons" if len(top) > 3 else ""
        notes.append(f"set aside: {'; '.join(head)}{more}")
    return "\n".join(notes)
