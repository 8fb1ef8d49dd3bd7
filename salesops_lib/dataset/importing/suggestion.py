"""A first mapping for an export, by the names its columns have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from salesops_lib.dataset.importing.finding import Export, check_known, found_file, named, tables_in
from salesops_lib.dataset.importing.mapping import CRMS, read_mapping
from salesops_lib.dataset.reading import SUFFIXES, read_file
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
    """The text of a mapping file for the export in `src`: each table from the file that has most of
    its columns. What is not recognised stands in comments, to be filled in by hand; where nothing is,
    the file with most columns is taken for the deals.

    Raises
    ------
    SalesOpsError
        If `src` is no folder, or holds no file of a table.
    """
    src = Path(src)
    if not src.is_dir():
        raise SalesOpsError(f"{src} is not a folder. Give the folder that holds the export.")
    files = {path.name: read_file(path).frame for path in tables_in(src)}
    if not files:
        raise SalesOpsError(f"no file in {src} is a table: {', '.join(SUFFIXES)}.")
    parts = []
    taken: dict[str, str] = {}
    for table in TABLES.values():
        found = {name: canonical(table, _headings(frame)) for name, frame in files.items()}
        if table.name == "stage_changes":
            # A deal as it stands today is not its history.
            found.pop(taken.get("deals", ""), None)
        best = max(found, key=lambda name: _likeness(table, name, found[name]), default=None)
        if best is None or not _resembles(table, best, found[best]):
            continue
        taken[table.name] = best
        parts.append(_proposal(table, best, files[best], found[best]))
    if not parts:
        widest = max(files, key=lambda name: len(files[name].columns))
        taken["deals"] = widest
        parts = [_proposal(TABLES["deals"], widest, files[widest], {})]
    parts += _strange({name: files[name] for name in files if name not in taken.values()})
    ready = "".join(
        f"# It looks like an export of {kind}, which needs no mapping: salesops import {kind} SRC DEST\n"
        for kind in CRMS
        if _is_of(kind, src, files)
    )
    return "\n\n".join(
        [f"{ready}# A proposal. Check every line, then: salesops import THIS.toml SRC DEST", *parts]
    )


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


def _is_of(kind: str, src: Path, files: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the shipped mapping of this kind finds its deals here, with all columns they need."""
    rule = next(one for one in read_mapping(kind).tables if one.name == "deals")
    try:
        file = found_file(src, rule.source, rule.name)
        if file is None or file not in files:
            return False
        export = Export(file, files[file])
        frame, _ = named(export, rule.own, rule.also, rule.lacking, rule.name)
        check_known(export, frame, rule.own, rule.name, rule.also)
    except DataError:
        return False
    return True


def _headings(frame: pd.DataFrame) -> list[str]:
    return [str(one) for one in frame.columns]


def _proposal(table: Table, file: str, frame: pd.DataFrame, found: dict[str, str]) -> str:
    """The table's part of the mapping; commented out where it cannot be used yet."""
    names = {column: json.dumps(heading, ensure_ascii=False) for heading, column in found.items()}
    if "stage" in names and "status" in table.required and "status" not in names:
        stage = next(heading for heading, column in found.items() if column == "stage")
        names |= _status_of(frame[stage], names["stage"])
    lines = [
        f"[tables.{table.name}]",
        f"source = {json.dumps(file, ensure_ascii=False)}",
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


def _resembles(table: Table, file: str, found: dict[str, str]) -> bool:
    if table_named(file.partition(".")[0]) is table:
        return len(found) > 1
    return len(found) > 1 and any(plain_name(one) not in _ANYONES for one in found)


def _likeness(table: Table, file: str, found: dict[str, str]) -> tuple[bool, int, int]:
    """A file named like the table first, then by columns it cannot be used without, then by all."""
    named = table_named(file.partition(".")[0]) is table
    return named, sum(one in table.required for one in found.values()), len(found)
