"""Tables from a DuckDB file or, through Ibis, from a database server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from salesops_lib.dataset.reading import RawTable, Source, both
from salesops_lib.dataset.schema import TABLES, table_named
from salesops_lib.errors import DataError

# Tables that hold what assumptions.toml and activities.toml hold beside files.
_ASSUMPTIONS, _ACTIVITIES = "assumptions", "activity_kinds"


def read_duckdb(path: Path) -> Source:
    """All canonical tables (or views) of a DuckDB file.

    Raises
    ------
    DataError
        If it is no DuckDB file or holds no canonical table.
    """
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise DataError(
            f"{path} cannot be opened: {str(error).split(chr(10))[0]}",
            remedy="Give a DuckDB file that no other program has open for writing.",
        ) from None
    with connection:
        names = [
            row[0]
            for row in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'main'"
            ).fetchall()
        ]

        def read(name: str) -> pd.DataFrame:
            quoted = name.replace('"', '""')
            return connection.execute(f'select * from "{quoted}"').df()

        return _collected(names, read, str(path))


def read_database(url: str) -> Source:
    """All canonical tables that the user of `url` sees.

    Raises
    ------
    DataError
        If the database cannot be reached; the message never holds the password.
    """
    import ibis

    shown = without_password(url)
    try:
        connection = ibis.connect(url)
        names = connection.list_tables()
    except Exception as error:
        why = without_password(str(error).strip().split("\n")[0], url)
        raise DataError(
            f"{shown} cannot be opened: {why or type(error).__name__}",
            remedy="Check host, name, user and password, and that the driver is installed "
            "(pip install 'salesops-lib[postgres]').",
        ) from None
    try:
        return _collected(names, lambda name: connection.table(name).to_pandas(), shown)
    finally:
        connection.disconnect()


def without_password(text: str, url: str = "") -> str:
    """The text with the password of any URL in it, and that of `url`, blotted out."""
    secret = re.search(r"://[^:/@]*:(\S+)@", url)
    if secret:
        text = text.replace(secret.group(1), "***")
    return re.sub(r"(://[^:/@\s]*):[^/\s]+@", r"\1:***@", text)


def _collected(names: list[str], read: Any, place: str) -> Source:
    source = Source({})
    for name in sorted(names):
        if name.lower() in {_ASSUMPTIONS, _ACTIVITIES}:
            _settings(source, name.lower(), read(name))
            continue
        table = table_named(name)
        if table is None:
            continue
        if table.name in source.tables:
            source.faults.append(both(source.tables[table.name].origin, name, table))
            continue
        raw = RawTable(read(name), name)
        if name.lower() != table.name:
            raw.notes.append(f"read from the table {name}")
        source.tables[table.name] = raw
    if not source.tables:
        raise DataError(
            f"{place} holds no canonical table",
            remedy=f"The tables are {', '.join(TABLES)}.",
        )
    return source


def _settings(source: Source, name: str, frame: pd.DataFrame) -> None:
    """assumptions(name, value, unit, source) and activity_kinds(activity, selling, owner)."""
    records = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    if name == _ASSUMPTIONS and {"name", "value"} <= set(frame.columns):
        source.assumptions = {
            str(one["name"]): {
                key: one[key]
                for key in ("value", "unit", "source", "label")
                if one.get(key) is not None
            }
            for one in records
        }
    elif name == _ACTIVITIES and {"activity", "selling"} <= set(frame.columns):
        source.activities = {
            str(one["activity"]): {"selling": bool(one["selling"]), "owner": one.get("owner")}
            for one in records
        }
