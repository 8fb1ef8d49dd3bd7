"""Where tables come from: a folder of files (see `folders`), a DuckDB file, a database. Cells of text files
and workbooks stay text here; what they mean is decided in `parsing`."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from salesops_lib import wording
from salesops_lib.dataset import workbooks
from salesops_lib.dataset.damage import (
    Unfinished,
    check_damage,
    check_end,
    check_quotes,
    check_title,
    titled_above,
)
from salesops_lib.dataset.decoding import decoded
from salesops_lib.dataset.homes import expanded
from salesops_lib.dataset.schema import Table
from salesops_lib.errors import DataError

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz", *workbooks.ENDINGS)
DATABASE_SUFFIXES = (".duckdb", ".ddb", ".db")
SAMPLE = "sample"
_DUCKDB = "duckdb://"
_GZIP = b"\x1f\x8b"


@dataclass
class RawTable:
    """A table as it lies in its source.

    Attributes
    ----------
    frame
        Its cells, rows in order.
    broken
        Lines that are no rows: number (counted as rows are), text, reason.
    rows
        The number of each row of `frame` among all rows read, from 1.
    """

    frame: pd.DataFrame
    origin: str
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    rows: pd.Series | None = None
    semicolons: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass
class Source:
    """Everything read from one place, canonical table names as keys."""

    tables: dict[str, RawTable]
    assumptions: Mapping[str, Any] | None = None
    activities: Mapping[str, Any] | None = None
    faults: list[DataError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def located(path: str | os.PathLike[str]) -> str:
    """`path` with `sample`, `env:NAME` and `keyring:SERVICE/USER` followed to what they stand for.

    Raises
    ------
    DataError
        If they stand for nothing.
    """
    text = os.fspath(path)
    if text == SAMPLE:
        folder = sample_folder()
        if not folder.is_dir():
            raise DataError(
                f"the sample company is not at {folder}",
                remedy="Run `make sample`, or give the path of your own data.",
            )
        return str(folder)
    if text.startswith("env:"):
        value = os.environ.get(text[4:])
        if not value:
            raise DataError(
                f"the environment variable {text[4:]} is not set",
                remedy="Set it to the data's URL.",
            )
        return value
    if text.startswith("keyring:"):
        return _from_keyring(text)
    return text


def sample_folder() -> Path:
    """Where the bundled company lies: beside the package."""
    return Path(__file__).resolve().parents[2] / "data" / "sample"


def _from_keyring(text: str) -> str:
    import keyring

    service, slash, user = text[len("keyring:") :].partition("/")
    if not slash or not service or not user:
        raise DataError(f"{text!r} is not keyring:SERVICE/USER", remedy="Name both.")
    try:
        value = keyring.get_password(service, user)
    except Exception as error:
        raise DataError(
            f"the keyring cannot be opened ({type(error).__name__})",
            remedy="Unlock it, or use env:NAME.",
        ) from None
    if not value:
        raise DataError(
            f"the keyring has nothing under {service}/{user}",
            remedy=f"Store the URL with `keyring set {service} {user}`.",
        )
    return value


def read_source(path: str | os.PathLike[str]) -> Source:
    """Read all canonical tables found at `path`.

    Raises
    ------
    DataError
        If nothing is there. A single unreadable table is a fault of the source instead.
    """
    place = located(path)
    if place.startswith(_DUCKDB):
        from salesops_lib.dataset.databases import read_duckdb

        # As the file that it is, which is read only: opened by its address, one that is not there is made.
        address = place.removeprefix(_DUCKDB).partition("?")[0]
        return read_duckdb(expanded(address))
    if "://" in place:
        from salesops_lib.dataset.databases import read_database

        return read_database(place)
    where = expanded(place)
    if where.is_dir():
        from salesops_lib.dataset.folders import read_folder

        return read_folder(where)
    if where.is_file() and where.suffix.lower() in DATABASE_SUFFIXES:
        from salesops_lib.dataset.databases import read_duckdb

        return read_duckdb(where)
    if where.is_file() and workbooks.is_workbook(where.name):
        from salesops_lib.dataset.folders import read_book

        return read_book(where)
    if where.is_file():
        raise DataError(
            f"{where} is neither a folder nor a DuckDB file or workbook",
            remedy="Give the folder that holds the tables, a .duckdb file or an .xlsx workbook.",
        )
    raise DataError(f"there is nothing at {where}", remedy="Check the path.")


def is_archive(name: str) -> bool:
    """Whether a file of this name holds others, packed."""
    return name.lower().endswith(".zip")


def is_companion(name: str) -> bool:
    """Whether a file of this name only lies beside another: a workbook that is open, or what a Mac keeps beside each
    file on a foreign disk, called as the file is behind a dot."""
    return name.startswith(".") or workbooks.is_open_beside(name)


def ended(name: str) -> tuple[str, str]:
    """A file name and the ending that a table has, which may be none."""
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def both(first: str, second: str, table: Table) -> DataError:
    """Two files, or two tables of a database, are found to be one canonical table."""
    return DataError(
        f"{first} and {second} are both the table '{table.name}'", remedy="Keep one of them."
    )


def read_file(path: Path) -> RawTable:
    """One CSV, TSV or Parquet file.

    Raises
    ------
    DataError
        If it cannot be read, is empty or has a heading twice.
    """
    try:
        if path.name.lower().endswith(".parquet"):
            return _read_parquet(path)
        data = path.read_bytes()
        if path.name.lower().endswith(".gz") or data.startswith(_GZIP):
            data = gzip.decompress(data) if data else data
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        first = str(error).strip().split("\n")[0]
        raise DataError(f"{path.name} cannot be read: {first}", remedy="Export it again.") from None
    return read_text(data, path.name)


def _read_parquet(path: Path) -> RawTable:
    _check_headings(path.name, [str(one) for one in pq.read_schema(path).names])
    frame = pd.read_parquet(path)
    if any(one is not None for one in frame.index.names):
        frame = frame.reset_index()  # whoever wrote it kept a column as the index
    return RawTable(frame.rename(columns=str).reset_index(drop=True), path.name)


def read_sheet(sheet: workbooks.Sheet, name: str) -> RawTable:
    """A sheet of a workbook, whose first line that is not blank names the columns.

    Raises
    ------
    DataError
        If it does not, or formulas of it were never worked out.
    """
    if bare := sheet.not_worked_out:
        raise DataError(
            f"{name} holds {wording.count(len(bare), 'formula')} whose results were never saved, the first in "
            f"cell {bare[0]}",
            remedy="Open it in a spreadsheet, and save it.",
        )
    (first, written), *lines = sheet.lines
    frame = pd.DataFrame([cells for _, cells in lines], columns=range(len(written)), dtype=object)
    headings = [heading.strip() for heading in written]
    used = [at for at, heading in enumerate(headings) if heading or (frame[at] != "").any()]
    named = [headings[at] for at in used]
    longer = sum(sum(map(bool, cells)) > 1 for _, cells in lines)
    if sum(map(bool, named)) == 1 and 2 * longer > len(lines):
        raise titled_above(name, next(filter(None, named)), longer, len(lines))
    _check_headings(name, named)
    numbers = pd.Series([number - first for number, _ in lines], dtype="int64")
    return RawTable(frame[used].set_axis(named, axis=1), name, rows=numbers)


def read_text(data: bytes, name: str) -> RawTable:
    """The content of a CSV file: UTF-8 (with or without BOM), UTF-16 with BOM or Windows-1252;
    separated by comma, semicolon, tab or bar.

    Raises
    ------
    DataError
        If it is empty, damaged, or has no headings that name its columns.
    """
    text, notes = decoded(data, name)
    if not text.strip("\x00 \t\r\n"):
        raise Unfinished(f"{name} is empty", remedy="Export it again, with its headings.")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    text = text.lstrip("\r\n")
    if text.lower().startswith("sep="):
        text = text.partition("\n")[2]
    ended = text.endswith("\n")
    text = text if ended else text + "\n"
    separator = _separator(text)
    try:
        written = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (csv.Error, StopIteration) as error:
        raise DataError(
            f"the headings of {name} cannot be read: {error}", remedy="Export it again."
        ) from None
    headings = [heading.strip() for heading in written]
    while headings and not headings[-1]:
        headings.pop()  # a separator at the end of every line
    _check_headings(name, headings)
    frame, rows, broken = _rows(text, separator, written, name)
    frame = frame[headings]
    check_quotes(name, text, frame)
    check_title(name, headings, len(frame), broken)
    check_damage(name, text, frame, rows, broken)
    if not ended:
        check_end(name, len(headings), len(frame), separator, broken)
    return RawTable(frame, name, broken, rows, separator == ";", notes)


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    outside = "".join(first.split('"')[::2])
    return max(",;\t|", key=outside.count) if any(mark in outside for mark in ",;\t|") else ","


def _check_headings(name: str, headings: list[str]) -> None:
    if not headings:
        raise DataError(f"{name} has no headings", remedy="Its first line must name the columns.")
    twice = sorted({one for one in headings if headings.count(one) > 1})
    if twice:
        raise DataError(
            f"{name} has the heading '{twice[0]}' {headings.count(twice[0])} times",
            column=twice[0] or None,
            remedy="Rename or remove one.",
        )
    if any(not one for one in headings):
        raise DataError(f"{name} has a column without a heading", remedy="Name it or remove it.")


def _rows(
    text: str, separator: str, written: list[str], name: str
) -> tuple[pd.DataFrame, pd.Series, list[tuple[int, str, str]]]:
    broken: list[tuple[int, str, str]] = []

    def refuse(row: Any) -> str:
        reason = (
            f"the line has {wording.count(row.actual_columns, 'field')}, the headings are "
            f"{row.expected_columns}"
        )
        broken.append((row.number, row.text, reason))
        return "skip"

    # The arrow reader splits cells ten times quicker than the csv module, and hands over what is
    # not a row. One thread, because only then it knows the row's number.
    try:
        table = pacsv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=1 << 24),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(written, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{name} cannot be read as CSV: {str(error).split(chr(10))[0]}",
            remedy="Look for an unclosed quotation mark.",
        ) from None
    frame = table.to_pandas()
    frame.columns = [str(one).strip() for one in frame.columns]
    lost = [number - 1 for number, _, _ in broken]  # the headings are line 1
    total = len(frame) + len(broken)
    kept = np.ones(total + 1, dtype=bool)
    kept[[0, *lost]] = False
    rows = pd.Series(np.flatnonzero(kept), dtype="int64")
    return frame, rows, [(n - 1, line, why) for n, line, why in broken]
