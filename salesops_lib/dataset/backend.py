"""The tables as a DuckDB database in memory. Questions are Ibis expressions over tables of a given
shape, compiled to SQL once per shape: compiling takes longer than answering."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

Shape = tuple[tuple[str, str], ...]


class Backend:
    """An in-memory database.

    One thread: sums then do not depend on who finished first, so that two runs agree to the bit.
    """

    def __init__(self) -> None:
        self._ibis = ibis.duckdb.connect(threads=1)
        self._shapes: dict[str, Shape] = {}

    def put(self, name: str, frame: pd.DataFrame) -> None:
        """Put the frame there as the table `name`, in place of an earlier one."""
        table = arrow(frame)
        self._ibis.con.register(name, table)
        self._shapes[name] = tuple((one.name, str(one.type)) for one in table.schema)

    def has(self, name: str) -> bool:
        return name in self._shapes

    def table(self, name: str) -> Any:
        """The lazy Ibis table."""
        return self._ibis.table(name)

    def ask(self, question: Callable[..., Any], *names: str, **options: Any) -> pd.DataFrame:
        """The rows of `question(*tables, **options)` over the tables of these names."""
        shapes = tuple((name, self._shapes[name]) for name in names)
        sql = _compiled(question, shapes, tuple(sorted(options.items())))
        return like_parsed(self._ibis.con.sql(sql).to_arrow_table().to_pandas())


@cache
def _compiled(
    question: Callable[..., Any],
    shapes: tuple[tuple[str, Shape], ...],
    options: tuple[tuple[str, Any], ...],
) -> str:
    tables = [
        ibis.table({column: _KINDS[kind] for column, kind in shape}, name=name)
        for name, shape in shapes
    ]
    return str(ibis.to_sql(question(*tables, **dict(options)), dialect="duckdb"))


_KINDS = {
    "string": "string",
    "double": "float64",
    "int64": "int64",
    "bool": "boolean",
    "timestamp[us]": "timestamp(6)",
}


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


def like_parsed(rows: pd.DataFrame) -> pd.DataFrame:
    """With the types that `parsing` gives: nanosecond days, None for missing text."""
    for name, column in rows.items():
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            if column.dtype != "datetime64[ns]":
                rows[name] = column.astype("datetime64[ns]")
        elif column.dtype == object and column.isna().any():
            rows[name] = column.where(column.notna(), None)
    return rows
