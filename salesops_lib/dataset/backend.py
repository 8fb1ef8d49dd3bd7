"""The tables as a DuckDB database in memory, asked through Ibis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

# The history's rows keep their order: of two changes at one moment the later row holds.
NUMBERED = "stage_changes_in_order"


def connect() -> Any:
    """An empty database. One thread: sums then do not depend on who finished first."""
    return ibis.duckdb.connect(threads=1)


def register(connection: Any, name: str, frame: pd.DataFrame) -> Any:
    """Put `frame` there as the table `name`, and return it."""
    return connection.create_table(name, arrow(frame), overwrite=True)


def arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow: text stays text where a column is empty, days are microseconds."""
    fields = []
    for name, column in frame.items():
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            kind: Any = pa.timestamp("us")
        elif column.dtype == object:
            kind = pa.string()
        else:
            kind = pa.from_numpy_dtype(column.dtype)
        fields.append(pa.field(str(name), kind))
    return pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False)


def frame(expression: Any) -> pd.DataFrame:
    """The rows, with the types that `parsing` gives: nanosecond days, None for missing text."""
    return like_parsed(expression.to_pandas())


def like_parsed(rows: pd.DataFrame) -> pd.DataFrame:
    for name, column in rows.items():
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            if column.dtype != "datetime64[ns]":
                rows[name] = column.astype("datetime64[ns]")
        elif column.dtype == object and column.isna().any():
            rows[name] = column.where(column.notna(), None)
    return rows


def registered(tables: Mapping[str, pd.DataFrame]) -> tuple[Any, dict[str, Any]]:
    """A database holding `tables`, and its tables."""
    connection = connect()
    return connection, {name: register(connection, name, one) for name, one in tables.items()}


def ordered(connection: Any, changes: pd.DataFrame) -> Any:
    """The stage changes with their `place`: in order of time, and of rows within one moment."""
    in_time = changes.sort_values("changed_at", kind="stable", ignore_index=True)
    return register(connection, NUMBERED, in_time.assign(place=range(len(in_time))))
