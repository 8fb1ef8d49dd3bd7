"""Tables from a DuckDB file or, through Ibis, from a database server."""

from __future__ import annotations

import re
from decimal import Decimal
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
        setting = name.lower() in {_ASSUMPTIONS, _ACTIVITIES}
        table = table_named(name)
        if table is None and not setting:
            continue
        if table is not None and table.name in source.tables:
            source.faults.append(both(source.tables[table.name].origin, name, table))
            continue
        try:
            frame = read(name)
        except Exception as error:
            # A view of a table that is gone, or that this user may not read, is there until it is read.
            why = without_password(str(error).strip().split("\n")[0]) or type(error).__name__
            source.faults.append(
                DataError(
                    f"{name} cannot be read: {why}",
                    remedy="Mend the view, give the user the right to read it, or drop it.",
                )
            )
            continue
        if table is None:
            _settings(source, name.lower(), frame)
            continue
        raw = RawTable(frame, name)
        if name.lower() != table.name:
            raw.notes.append(f"read from the table {name}")
        source.tables[table.name] = raw
    if not source.tables and not source.faults:
        raise DataError(
            f"{place} holds no canonical table",
            remedy=f"The tables are {', '.join(TABLES)}.",
        )
    return source


def _settings(source: Source, name: str, frame: pd.DataFrame) -> None:
    """assumptions(name, value, unit, source) and activity_kinds(activity, selling, owner), under headings in any
    case."""
    frame = frame.rename(columns=lambda one: str(one).strip().lower())
    wanted = ("name", "value") if name == _ASSUMPTIONS else ("activity", "selling")
    for column in wanted:
        if column not in frame:
            source.faults.append(
                DataError(
                    f"the table {name} has no such column", column=column,
                    remedy=f"It has one row a setting: {', '.join(wanted)} and, if known, more.",
                )
            )  # fmt: skip
            return
    records = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
    if name == _ASSUMPTIONS:
        source.assumptions = {
            str(one["name"]): {
                # A server's exact decimals are numbers, too.
                key: float(one[key]) if isinstance(one[key], Decimal) else one[key]
                for key in ("value", "unit", "source", "label")
                if one.get(key) is not None
            }
            for one in records
        }
    else:
        source.activities = {
            str(one["activity"]): {"selling": _yes(one["selling"]), "owner": one.get("owner")}
            for one in records
        }


def _yes(given: object) -> object:
    """A cell that says yes or no as a bool; another stays what it is, and is refused where kinds are read. Of the
    text false, `bool` makes true."""
    said = str(given).strip().lower()
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
        said, given
    )
