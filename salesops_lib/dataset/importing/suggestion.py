"""A first mapping for an export, by the names its columns have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from salesops_lib.dataset.homes import expanded
from salesops_lib.dataset.importing.finding import Export, check_known, loose, named
from salesops_lib.dataset.importing.mapping import CRMS, read_mapping
from salesops_lib.dataset.importing.places import Place, Places
from salesops_lib.dataset.reading import SUFFIXES
from salesops_lib.dataset.schema import (
    STATUS_ALIASES,
    STATUSES,
    TABLES,
    Table,
    canonical,
    plain_name,
    table_named,
)
from salesops_lib.errors import DataError, SalesOpsError

# Headings that any file may have: alone they do not tell what its rows are.
_ANYONES = {"id", "name", "type", "date", "title", "description"}


def suggest_mapping(src: Path | str) -> str:
    """The text of a mapping file for the export in `src`: each table from the file, or the sheet of a
    workbook with several, that has most of its columns. What is not recognised stands in comments, to be
    filled in by hand; where nothing is, what has most columns is taken for the deals.

    Raises
    ------
    SalesOpsError
        If `src` is no folder, workbook nor archive, or holds no file of a table; a DataError if one cannot be read.
    """
    places = Places(expanded(src))
    read, unread = _read(places)
    if not read:
        raise (
            unread[0]
            if unread
            else SalesOpsError(f"no file in {src} is a table: {', '.join(SUFFIXES)}.")
        )
    files = {name: frame for name, (_, frame) in read.items()}
    taken = _taken(read)
    parts = [
        _proposal(TABLES[table], *read[name], canonical(TABLES[table], _headings(files[name])))
        for table, name in taken.items()
    ]
    if not parts:
        widest = max(files, key=lambda name: len(files[name].columns))
        taken["deals"] = widest
        parts = [_proposal(TABLES["deals"], *read[widest], {})]
    rest = [name for name in files if name not in taken.values()]
    parts += _left_over({name: files[name] for name in rest}, files, taken)
    parts += _strange({name: files[name] for name in rest})
    ready = "".join(
        f"# It looks like an export of {kind}, which needs no mapping: salesops import {kind} SRC DEST\n"
        for kind in CRMS
        if _is_of(kind, places, files)
    )
    lost = "".join(
        f"\n# Not read: {' '.join(str(fault).split())}" for fault in [*unread, *places.hidden()]
    )
    said = f"{ready}# A proposal. Check every line, then: salesops import THIS.toml SRC DEST{lost}"
    return "\n\n".join([said, *parts])


def _read(places: Places) -> tuple[dict[str, tuple[Place, pd.DataFrame]], list[DataError]]:
    """Name → where each table stands, and its cells; and why others were not read: a sheet of notes among those
    that hold tables stops nothing, one that is called as a table does."""
    read, unread = {}, []
    for place in places.all():
        try:
            read[place.name] = place, place.read().frame
        except DataError as fault:
            if not place.sheet or table_named(place.sheet):
                raise
            unread.append(fault)
    return read, unread


def _taken(read: Mapping[str, tuple[Place, pd.DataFrame]]) -> dict[str, str]:
    """Table → the file that it is proposed from, where one is."""
    taken: dict[str, str] = {}
    for table in TABLES.values():
        found = {name: canonical(table, _headings(frame)) for name, (_, frame) in read.items()}
        if table.name == "stage_changes" and "deals" in taken:
            # A deal as it stands today is not its history, nor is one of another year's file.
            deals = read[taken["deals"]][1]
            found = {
                name: one
                for name, one in found.items()
                if table_named(read[name][0].stem) is table
                or not _more(read[name][1], deals, "deals")
            }
        best = max(
            found, key=lambda name: _likeness(table, read[name][0].stem, found[name]), default=None
        )
        if best is not None and _resembles(table, read[best][0].stem, found[best]):
            taken[table.name] = best
    return taken


def _more(frame: pd.DataFrame, used: pd.DataFrame, table: str) -> bool:
    """Whether a file may hold more rows of a table than the one that is `used` for it, or is that one: it has the
    same columns, or each of its rows is a deal. A history has some deals several times."""
    if {loose(one) for one in _headings(frame)} == {loose(one) for one in _headings(used)}:
        return True
    found = canonical(TABLES["deals"], _headings(frame))
    ids = [heading for heading, column in found.items() if column == "deal_id"]
    whole = {"deal_id", "rep_id", "amount", "created_date", "close_date"} <= set(found.values())
    return table == "deals" and whole and not frame[ids].duplicated().any()


def _left_over(
    rest: Mapping[str, pd.DataFrame], files: Mapping[str, pd.DataFrame], taken: Mapping[str, str]
) -> list[str]:
    """Files like one that a table is proposed from: a year's deals, say, beside another year's, of which the rows
    would be missing."""
    lines = [
        f"# {name} looks like {used}, and may hold other rows of {table}: of these only one is read, so put all rows "
        "into one."
        for table, used in taken.items()
        for name, frame in rest.items()
        if _more(frame, files[used], table)
    ]
    return ["\n".join(lines)] if lines else []


def _strange(files: Mapping[str, pd.DataFrame]) -> list[str]:
    """Files that no table is proposed from, most of whose headings no table knows: in another language they may
    be any. Others, as accounts, are known to be none."""
    lines = []
    for name, frame in files.items():
        heads = _headings(frame)
        known = {one for table in TABLES.values() for one in canonical(table, heads)}
        if 2 * len(known) <= len(heads):
            lines.append(f"# {name}: {', '.join(' '.join(one.split()) for one in heads)}")
    if not lines:
        return []
    tables = ", ".join(TABLES)
    return [
        "\n".join(
            [
                f"# Not recognised. What holds one of {tables} takes a section of its own, with the columns of "
                "data/README.md:",
                *lines,
            ]
        )
    ]


def _is_of(kind: str, places: Places, files: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the shipped mapping of this kind finds its deals here, with all columns they need."""
    rule = next(one for one in read_mapping(kind).tables if one.name == "deals")
    try:
        place = places.found(rule, rule.name)
        if place is None or place.name not in files:
            return False
        export = Export(place.name, files[place.name])
        frame, _ = named(export, rule.own, rule.also, rule.lacking, rule.name)
        check_known(export, frame, rule.own, rule.name, rule.also)
    except DataError:
        return False
    return True


def _headings(frame: pd.DataFrame) -> list[str]:
    return [str(one) for one in frame.columns]


def _proposal(table: Table, place: Place, frame: pd.DataFrame, found: dict[str, str]) -> str:
    """The table's part of the mapping; commented out where it cannot be used yet."""
    names = {column: json.dumps(heading, ensure_ascii=False) for heading, column in found.items()}
    if "stage" in names and "status" in table.required and "status" not in names:
        stage = next(heading for heading, column in found.items() if column == "stage")
        names |= _status_of(frame[stage], names["stage"])
    lines = [
        f"[tables.{table.name}]",
        f"source = {json.dumps(place.file, ensure_ascii=False)}",
        *([f"sheet = {json.dumps(place.sheet, ensure_ascii=False)}"] if place.sheet else []),
        *(["distinct = true   # equal rows once"] if _repeats(table, frame, found) else []),
        f"[tables.{table.name}.columns]",
    ]
    lines += [
        f"{one.name} = {names[one.name]}"
        if one.name in names
        else f'# {one.name} = ""   # {"needed: " if one.required else ""}{one.meaning}'
        for one in table.columns
    ]
    unused = [" ".join(one.split()) for one in _headings(frame) if one not in found]
    lines.append(f"# not used: {', '.join(unused) or 'none'}")
    lacking = [one for one in table.required if one not in names]
    if lacking:
        # A table that cannot be used yet is proposed, but not switched on.
        lines = [line if line.startswith("#") else f"# {line}" for line in lines]
        lines.insert(0, f"# Fill in {', '.join(lacking)} and take the # away, or leave it out:")
    return "\n".join(lines)


def _repeats(table: Table, frame: pd.DataFrame, found: dict[str, str]) -> bool:
    """Whether reps or channels stand in a file that holds a row of something else."""
    ids = [heading for heading, column in found.items() if column == table.required[0]]
    return table.name in {"reps", "channels"} and bool(ids) and frame[ids].duplicated().any()


def _status_of(stages: pd.Series, source: str) -> dict[str, str]:
    """status → its rule, where some stages say won or lost: all others are open."""
    ends = {}
    for word in dict.fromkeys(stages.dropna().astype(str)):
        plain = plain_name(word)
        status = STATUS_ALIASES.get(plain, plain)
        if status in STATUSES and status != "open":
            ends[word] = status
    if not ends:
        return {}
    words = ", ".join(
        f"{json.dumps(word, ensure_ascii=False)} = {json.dumps(status)}"
        for word, status in ends.items()
    )
    return {"status": f'{{ from = {source}, values = {{ {words} }}, otherwise = "open" }}'}


def _resembles(table: Table, stem: str, found: dict[str, str]) -> bool:
    if table_named(stem) is table:
        return len(found) > 1
    return len(found) > 1 and any(plain_name(one) not in _ANYONES for one in found)


def _likeness(table: Table, stem: str, found: dict[str, str]) -> tuple[bool, int, int]:
    """A file named like the table first, then by columns it cannot be used without, then by all."""
    named = table_named(stem) is table
    return named, sum(one in table.required for one in found.values()), len(found)
