"""At the door, once: parse each column, set aside what does not parse, then validate what is left
with pandera. No row is lost: every row read is accepted or in quarantine with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import amounts, currency, day_order, faults, parsing, totals
from salesops_lib.dataset.faults import Fault
from salesops_lib.dataset.reading import RawTable
from salesops_lib.dataset.rules import violations
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
# So many cells show at once that a column is text; only where they do not are all looked at.
_FIRST = 1000
# So many columns of the user's own are named in a note.
_NAMED = 20


@dataclass
class Admitted:
    """One table after the door.

    Attributes
    ----------
    accepted
        Typed rows, canonical columns first, then columns of the user's own.
    quarantine
        row, reason, and the cells as they came.
    notes
        For the quality report.
    currencies
        Currency → rows whose money is in it, those set aside among them; rows that do not say are
        not.
    refused
        The rows of the raw frame set aside, typed as the accepted ones are, by their numbers.
    faults
        Number of the row (as in quarantine) and what is wrong with it.
    """

    accepted: pd.DataFrame
    quarantine: pd.DataFrame
    refused: pd.DataFrame
    rows_read: int
    notes: list[str] = field(default_factory=list)
    currencies: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[int, Fault]] = field(default_factory=list)


class _Reasons:
    """Why rows are refused, by position in the raw table."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[Fault]] = {}

    def add(self, row: int, fault: Fault) -> None:
        said = self.by_row.setdefault(int(row), [])
        if fault not in said:
            said.append(fault)

    def add_all(self, column: str, refused: Mapping[int, Fault]) -> None:
        for row, fault in refused.items():
            self.add(row, fault._replace(column=column))


def admit(name: str, raw: RawTable, *, wanted: str | None = None) -> Admitted:
    """Take the raw table `name` through the door. `wanted` is the currency of the dataset, where
    that is known.

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
            remedy=f"Add it, rename the column that holds it, or have salesops import make it; "
            f"there are: {', '.join(headings)}.",
        )
    reasons = _Reasons()
    own = [heading for heading in headings if heading not in found]
    for row in np.flatnonzero(_blank(raw.frame)).tolist():
        reasons.add(row, Fault(faults.EMPTY_ROW))
    parsed, signs = _parse(table, raw, found, own, reasons, notes)
    currencies = _one_currency(table, raw, parsed, signs, own, wanted, reasons, notes)
    kept = [one for one in own if one != currency.column_of(table, own)]
    if kept and name != "markets":
        more = f" and {len(kept) - _NAMED} more" if len(kept) > _NAMED else ""
        notes.append(f"columns of your own kept: {', '.join(kept[:_NAMED])}{more}")
    if name == "deals":
        parsed = _of_returns(parsed)
    clean = parsed.drop(index=list(reasons.by_row))
    for row, fault in [*violations(name, clean), *totals.of_rows(table, parsed)]:
        reasons.add(row, fault)
    numbers = numbers_of(raw)
    for row, fault in _repeats(table, parsed.drop(index=list(reasons.by_row)), numbers):
        reasons.add(row, fault)
    accepted = parsed.drop(index=list(reasons.by_row)).reset_index(drop=True)
    quarantine = _quarantine(raw, reasons, numbers)
    every = [
        (int(numbers[row]), one) for row, many in sorted(reasons.by_row.items()) for one in many
    ]
    broken = [(n, Fault(faults.BROKEN_LINE, detail=why)) for n, _, why in raw.broken]
    total = len(raw.frame) + len(raw.broken)
    if not total:
        notes.append("the table is there but holds no row, only headings: it counts as missing")
    aside = sorted(reasons.by_row)
    refused = parsed.loc[aside].set_axis(numbers[aside])
    return Admitted(accepted, quarantine, refused, total, notes, currencies, [*broken, *every])


def _of_returns(deals: pd.DataFrame) -> pd.DataFrame:
    """A return's list amount is below zero as its amount is. It says nothing of a discount, and is no
    reason to set the row aside: what came back would stay among the bookings."""
    back = (deals["status"] == "won") & (deals["amount"] < 0) & (deals["list_amount"] < 0)
    return deals.assign(list_amount=deals["list_amount"].mask(back))


def _blank(frame: pd.DataFrame) -> np.ndarray:
    """Rows without anything in them, as spreadsheets append by the hundred."""
    out = np.ones(len(frame), dtype=bool)
    for at in range(frame.shape[1]):
        if not out.any():
            break
        left = frame.iloc[:, at][out]
        out[out] = left.isna().to_numpy() | (left.astype(str).str.strip() == "").to_numpy()
    return out


def numbers_of(raw: RawTable) -> np.ndarray:
    """The number of each row of the raw frame among all rows read."""
    return np.arange(1, len(raw.frame) + 1) if raw.rows is None else raw.rows.to_numpy()


def _parse(
    table: Table,
    raw: RawTable,
    found: dict[str, str],
    own: list[str],
    reasons: _Reasons,
    notes: list[str],
) -> tuple[pd.DataFrame, dict[int, tuple[str, str]]]:
    """The typed columns, and row position → column and sign of an amount that carries one."""
    by_name = {new: old for old, new in found.items()}
    columns: dict[str, pd.Series] = {}
    signs: dict[int, tuple[str, str]] = {}
    frame = raw.frame.reset_index(drop=True)
    dates = _dates(table, frame, by_name, own)
    for column in table.columns:
        if column.name not in by_name:
            columns[column.name] = _absent(column, frame.index)
            continue
        parsed = dates.get(column.name) or _parser(column, raw.semicolons)(
            frame[by_name[column.name]]
        )
        columns[column.name] = parsed.values
        reasons.add_all(column.name, parsed.refused)
        notes.extend(f"{column.name}: {note}" for note in parsed.notes)
        _add_signs(column.name, parsed, signs, reasons)
    for heading in own:
        name = wording.named(plain_name(heading)) if table.name == "markets" else heading
        name = f"{name} (own)" if name in columns else name
        parsed = _own(frame[heading], raw.semicolons, market=table.name == "markets")
        columns[name] = parsed.values
        reasons.add_all(name, parsed.refused)
    return pd.DataFrame(columns, index=frame.index), signs


def _add_signs(
    column: str, parsed: parsing.Parsed, signs: dict[int, tuple[str, str]], reasons: _Reasons
) -> None:
    for row, sign in parsed.currencies.items():
        before, other = signs.setdefault(row, (column, sign))
        if other != sign:
            told = f"is in {sign}, and {before} of the same row in {other}"
            reasons.add(row, Fault(faults.TWO_CURRENCIES, detail=told, column=column))


def _dates(
    table: Table, frame: pd.DataFrame, by_name: dict[str, str], own: list[str]
) -> dict[str, parsing.Parsed]:
    """The date columns, parsed; one that leaves open whether days come first is read as the other
    date columns of the same source are written."""
    parsers = {
        one.name: _date_parser(one)
        for one in table.columns
        if one.kind in {"date", "timestamp", "month", "week"} and one.name in by_name
    }
    parsed = {name: parse(frame[by_name[name]]) for name, parse in parsers.items()}
    undecided = [name for name, one in parsed.items() if one.order.undecided]
    if not undecided:
        return parsed
    orders = {name: one.order for name, one in parsed.items()}
    for heading in own:
        order = parsing.as_date(frame[heading]).order
        if order.dates_only:
            orders[heading] = order
    for name in undecided:
        others = {one: order for one, order in orders.items() if one != name}
        verdict = day_order.by_siblings(orders[name], others)
        if verdict.first is not None:
            parsed[name] = parsers[name](frame[by_name[name]], day_first=verdict.first)
        parsed[name].notes.extend([verdict.note] if verdict.note else [])
    return parsed


def _date_parser(column: Column) -> Callable[..., parsing.Parsed]:
    if column.kind == "timestamp":
        return partial(parsing.as_date, keep_time=True)
    return {"date": parsing.as_date, "month": parsing.as_month, "week": parsing.as_week}[
        column.kind
    ]


def _parser(column: Column, semicolons: bool) -> Callable[[pd.Series], parsing.Parsed]:
    if column.kind == "number":
        return partial(amounts.as_number, semicolons=semicolons)
    if column.name == "manager_id":
        return parsing.as_name  # often a name, and shown like one
    return {"id": parsing.as_id, "text": parsing.as_name, "status": _status}[column.kind]


def _status(cells: pd.Series) -> parsing.Parsed:
    texts = parsing.as_text(cells).values
    codes, uniques = pd.factorize(texts)
    plain = [plain_name(one) for one in uniques]
    known = [STATUS_ALIASES.get(one, one) for one in plain]
    lookup = np.array([*(one if one in STATUSES else None for one in known), None], dtype=object)
    result = parsing.Parsed(pd.Series(lookup[codes], index=cells.index, dtype=object))
    for at, one in enumerate(known):
        if one not in STATUSES:
            result.refuse(np.flatnonzero(codes == at), faults.NO_STATUS, uniques[at])
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
    if pd.api.types.is_bool_dtype(cells.dtype):
        return parsing.Parsed(cells.astype("Float64").astype(float))
    if not market and amounts.as_number(cells.dropna().head(_FIRST), semicolons=semicolons).refused:
        return parsing.as_text(cells)
    number = amounts.as_number(cells, semicolons=semicolons)
    filled = int(number.values.notna().sum())
    share = filled / max(filled + len(number.refused), 1)
    leading_zero = cells.astype(str).str.match(r"^0\d").any()
    if filled and not leading_zero and (not number.refused or (market and share >= _MOSTLY)):
        return number
    # Market columns of categories are named in sentences; other columns are nobody's business.
    return parsing.as_name(cells) if market else parsing.as_text(cells)


def _one_currency(
    table: Table,
    raw: RawTable,
    parsed: pd.DataFrame,
    signs: dict[int, tuple[str, str]],
    own: list[str],
    wanted: str | None,
    reasons: _Reasons,
    notes: list[str],
) -> dict[str, int]:
    """Amounts in a second currency cannot be added to the first: the rarer ones are refused, or
    all that are not in the wanted one. Returns how many rows are in each."""
    heading = currency.column_of(table, own)
    amounts = [one.name for one in table.columns if one.kind == "number"]
    said = currency.codes_of(raw.frame[heading]) if heading is not None else {}
    known, wrong = currency.settled(signs, said, parsed[amounts].notna().any(axis=1))
    counts = currency.counted(known)
    usual = currency.usual_of(counts, wanted) if table.name == "deals" else wanted
    usual = usual or currency.usual_of(counts)
    for row, fault in {**currency.others(known, usual, heading, signs), **wrong}.items():
        reasons.add(row, fault)
    if heading is not None and known:
        silent = int(parsed[amounts].notna().any(axis=1).sum()) - len(known)
        notes.append(
            f"{heading}: read as the currency of the money"
            + (f"; {wording.count(silent, 'row')} without one taken as {usual}" if silent else "")
        )
    return counts


def _repeats(table: Table, frame: pd.DataFrame, numbers: np.ndarray) -> list[tuple[int, Fault]]:
    """Rows whose key an earlier row has; the earlier one stays."""
    if not table.key or frame.empty:
        return []
    key = list(table.key)
    later = frame.duplicated(key, keep="first")
    if not later.any():
        return []
    codes = frame.groupby(key, dropna=False, sort=False).ngroup()
    first = pd.Series(frame.index, index=frame.index).groupby(codes).transform("first")[later]
    same = frame.duplicated(keep="first")[later]
    out = []
    cells = frame.loc[later, key].itertuples(index=False, name=None)
    for row, one, whole, cell in zip(first.index, first, same, cells, strict=True):
        kind = faults.REPEATS if whole else faults.SAME_KEY
        how = "repeats" if whole else "has the same key, with other values, as"
        told = parsing.shown(", ".join(_plain(part) for part in cell))
        out.append((int(row), Fault(kind, told, f"{how} row {numbers[one]:,}", ", ".join(key))))
    return out


def _plain(cell: object) -> str:
    """A part of a key as people write it."""
    if cell is None or cell is pd.NaT:
        return "nothing"
    return str(cell.date()) if isinstance(cell, pd.Timestamp) else str(cell)


def _quarantine(raw: RawTable, reasons: _Reasons, numbers: np.ndarray) -> pd.DataFrame:
    rows = sorted(reasons.by_row)
    told = ["; ".join(one.reason for one in reasons.by_row[row]) for row in rows]
    out = cells_aside(raw, rows, told, numbers)
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


def cells_aside(
    raw: RawTable, rows: Sequence[int], told: Sequence[str], numbers: np.ndarray
) -> pd.DataFrame:
    """Rows of the raw frame, by position, as quarantine keeps them: row, reason, cells."""
    out = raw.frame.reset_index(drop=True).iloc[list(rows)].copy()
    # A table may have a column of that name, as of the reason why a deal was lost.
    out = out.rename(columns={one: f"{one} (own)" for one in ("row", "reason", "line")})
    out.insert(0, "reason", list(told))
    out.insert(0, "row", numbers[list(rows)].astype("int64"))
    return out


def empty(name: str) -> pd.DataFrame:
    """The table without rows."""
    index = pd.RangeIndex(0)
    return pd.DataFrame({one.name: _absent(one, index) for one in TABLES[name].columns})


def overlapping(reps: pd.DataFrame) -> list[tuple[int, Fault]]:
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
                out.append(
                    (
                        int(str(row)),
                        Fault(faults.OVERLAP, parsing.shown(spell["rep_id"]), column="rep_id"),
                    )
                )
                continue
            last_end = end
    return out
