"""A folder of tables: which of its files are tables, and which table each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from salesops_lib.dataset import workbooks
from salesops_lib.dataset.assumptions import read_toml
from salesops_lib.dataset.reading import (
    RawTable,
    Source,
    both,
    ended,
    is_archive,
    is_companion,
    read_file,
    read_sheet,
)
from salesops_lib.dataset.schema import TABLES, table_named
from salesops_lib.errors import DataError

_SETTINGS = {
    "assumptions.toml": ("assumptions.toml", "assumption.toml"),
    "activities.toml": ("activities.toml", "activity.toml"),
}


def is_of_files(place: Path) -> bool:
    """Whether a dataset there is one of files: a folder, or a workbook."""
    return place.is_dir() or (place.is_file() and workbooks.is_workbook(place.name))


def source_files(place: Path) -> list[Path]:
    """The files of a folder that a dataset is read from, in order of name; of a workbook, itself."""
    if place.is_file():
        return [place]
    return sorted(
        one
        for one in place.iterdir()
        if one.is_file()
        and not is_companion(one.name)
        and (ended(one.name)[1] or _setting(one.name))
    )


def _setting(name: str) -> str:
    """Which file of settings this is, or is meant to be: Assumptions.toml and assumptions.toml.txt, as editors call
    what they save, are found to be said, not to be read."""
    plain = name.lower().removesuffix(".txt")
    return next((one for one, names in _SETTINGS.items() if plain in names), "")


def read_folder(folder: Path) -> Source:
    """All tables of a folder.

    Raises
    ------
    DataError
        If it holds none. A single unreadable table is a fault of the source instead.
    """
    # What was saved from a workbook is read, and not the workbook.
    files = sorted(source_files(folder), key=lambda one: workbooks.is_workbook(one.name))
    return _read(files, folder)


def read_book(path: Path) -> Source:
    """All tables of one workbook.

    Raises
    ------
    DataError
        If it holds none, or cannot be read.
    """
    return _read([path], path)


def _read(files: list[Path], place: Path) -> Source:
    source = Source({})
    found: dict[str, str] = {}
    unread: list[DataError] = []
    for path in files:
        stem, ending = ended(path.name)
        if not ending:
            if path.name not in _SETTINGS:
                source.notes.append(f"not read: {path.name}. Call it {_setting(path.name)}.")
                continue
            content = read_toml(path)
            if path.name == "assumptions.toml":
                source.assumptions = content
            else:
                source.activities = content
            continue
        try:
            parts = list(_parts(path, stem))
            unread += _hidden(path)
        except DataError as fault:
            (source.faults if table_named(stem) else unread).append(fault)
            continue
        for name, origin, read in parts:
            _add(source, found, name, origin, read)
    if not found and not source.faults:
        raise unread[0] if unread else _no_table(place)
    source.notes += [f"not read: {fault}" for fault in unread]
    return source


def _no_table(place: Path) -> DataError:
    names = ", ".join(TABLES)
    there = [place.name] if place.is_file() else sorted(one.name for one in place.iterdir())
    books = [one for one in there if workbooks.is_workbook(one)]
    others = [one for one in there if one.lower().endswith(workbooks.OTHER_ENDINGS)]
    packed = [one for one in there if is_archive(one)]
    if books:
        remedy = f"Name the sheets of {books[0]} as the tables: {names}."
    elif others:
        remedy = f"Save {others[0]} as .xlsx, with sheets named {names}."
    elif packed:
        remedy = f"Unpack {packed[0]}; the tables are {names}."
    else:
        remedy = f"Put at least deals.csv there; the tables are {names}."
    return DataError(
        f"{place} holds no table", remedy=f"{remedy} Of an export, salesops import makes them."
    )


def _parts(path: Path, stem: str) -> Iterator[tuple[str, str, Callable[[], RawTable]]]:
    """What of a file may be a table: its name, where it stands, and what reads it. A workbook holds a table
    a sheet, where these have the tables' names, else one under its own."""
    if not workbooks.is_workbook(path.name):
        yield stem, path.name, partial(read_file, path)
        return
    sheets = workbooks.read_sheets(path)
    if not any(table_named(one.name) for one in sheets):
        yield stem, path.name, partial(_read_only, sheets, path.name)
        return
    for one in sheets:
        origin = f"sheet {one.name} of {path.name}"
        yield one.name, origin, partial(read_sheet, one, origin)


def _hidden(path: Path) -> list[DataError]:
    """The sheets of a workbook that are called as tables and that nobody sees: nor are they read."""
    sheets = workbooks.sheet_names(path) if workbooks.is_workbook(path.name) else {}
    return [
        workbooks.hidden(name, path.name)
        for name, seen in sheets.items()
        if not seen and table_named(name)
    ]


def _read_only(sheets: list[workbooks.Sheet], name: str) -> RawTable:
    """The sheet of a workbook that is a table by its own name."""
    table = table_named(ended(name)[0])
    called = table.name if table else "as the table"
    remedy = f"Name the one that is meant {called}, or keep one and hide the others."
    return read_sheet(workbooks.only(sheets, name, remedy), name)


def _add(
    source: Source, found: dict[str, str], name: str, origin: str, read: Callable[[], RawTable]
) -> None:
    """Read a part of the folder into the table that its name says, or say that it is none."""
    table = table_named(name)
    if table is None:
        source.notes.append(f"not read: {origin}, which is none of the canonical tables")
        return
    before = found.setdefault(table.name, origin)
    if before != origin:
        if workbooks.is_workbook(origin) and not workbooks.is_workbook(before):
            source.notes.append(
                f"not read: {origin}, because the table '{table.name}' is in {before}"
            )
        else:
            source.faults.append(both(before, origin, table))
        return
    try:
        raw = read()
    except DataError as fault:
        source.faults.append(fault)
        return
    if origin.startswith("sheet ") or name.lower() != table.name:
        raw.notes.append(f"read from {origin}")
    source.tables[table.name] = raw
