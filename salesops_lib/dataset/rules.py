"""The rules that a parsed row must keep, as pandera schemas. The text of each check is the reason
that the quarantine file gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from salesops_lib.dataset.schema import STATUSES, TABLES, Column

_DTYPES = {
    "number": "float64",
    "id": object,
    "text": object,
    "status": object,
}


@cache
def pandera_schema(name: str) -> Any:
    """The pandera schema of the canonical table `name`. Nothing is coerced here: cells were parsed
    before, and coercing would hide a second fault behind the first."""
    table = TABLES[name]
    return pa.DataFrameSchema(
        {one.name: _column(one) for one in table.columns},
        checks=[_rule(test, reason) for test, reason in _ROW_RULES.get(name, ())],
        strict=False,
        unique_column_names=True,
    )


def _column(column: Column) -> Any:
    checks = []
    if column.low is not None:
        checks.append(pa.Check.ge(column.low, error=f"{column.name}: is below {column.low:g}"))
    if column.high is not None:
        checks.append(pa.Check.le(column.high, error=f"{column.name}: is above {column.high:g}"))
    if column.kind == "status":
        checks.append(pa.Check.isin(STATUSES, error=f"{column.name}: is none of open, won, lost"))
    return pa.Column(
        _DTYPES.get(column.kind, "datetime64[ns]"), checks=checks, nullable=not column.required
    )


def _rule(test: Callable[[pd.DataFrame], pd.Series], reason: str) -> Any:
    return pa.Check(test, error=reason, ignore_na=False)


_ROW_RULES: dict[str, tuple[tuple[Callable[[pd.DataFrame], pd.Series], str], ...]] = {
    "deals": (
        (
            lambda f: (f["status"] != "won") | f["amount"].notna(),
            "amount: is missing in a won deal",
        ),
        (
            lambda f: (f["status"] != "won") | f["close_date"].notna(),
            "close_date: is missing in a won deal",
        ),
    ),
    "reps": (
        (
            lambda f: ~(f["end_date"] < f["hire_date"]),
            "end_date: is before hire_date",
        ),
    ),
}
