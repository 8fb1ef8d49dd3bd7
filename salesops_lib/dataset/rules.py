"""The rules that a parsed row must keep, as pandera schemas, and the rows that break them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from salesops_lib.dataset import faults
from salesops_lib.dataset.faults import Fault
from salesops_lib.dataset.schema import STATUSES, TABLES, Column
from salesops_lib.errors import DataError

_DTYPES = {
    "number": "float64",
    "id": object,
    "text": object,
    "status": object,
}


# The text of a check → what it found: pandera hands back the text.
_FAULTS: dict[str, Fault] = {}


def _said(fault: Fault) -> str:
    _FAULTS[fault.reason] = fault
    return fault.reason


def violations(name: str, frame: pd.DataFrame) -> list[tuple[int, Fault]]:
    """Index and fault of the rows of the canonical table `name` that break a rule, all at once.

    Raises
    ------
    DataError
        If a rule is broken by the table as a whole.
    """
    import pandera.errors

    if frame.empty:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pandera_schema(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        unplaced = cases[cases["index"].isna()]
        if len(unplaced):
            first = unplaced.iloc[0]
            raise DataError(
                f"the table '{name}' fails the check {first['check']}", column=str(first["column"])
            ) from None
        of_columns = cases[cases["schema_context"] == "Column"]
        of_rows = cases[cases["schema_context"] != "Column"].drop_duplicates(["index", "check"])
        return [
            *(
                (int(index), _of_cell(name, str(check), str(column), cell))
                for index, check, column, cell in zip(
                    of_columns["index"],
                    of_columns["check"],
                    of_columns["column"],
                    of_columns["failure_case"],
                    strict=True,
                )
            ),
            # pandera lists every cell of a row that breaks a rule about several columns.
            *(
                (int(index), _FAULTS[check])
                for index, check in zip(of_rows["index"], of_rows["check"], strict=True)
            ),
        ]
    return []


def _of_cell(table: str, check: str, column: str, cell: object) -> Fault:
    if check == "not_nullable":
        of_owner = (table, column) == ("deals", "rep_id")
        return Fault(faults.MISSING_OWNER if of_owner else faults.MISSING, column=column)
    fault = _FAULTS[check]
    return fault._replace(cell=f"'{cell:g}'") if isinstance(cell, float) else fault


@cache
def pandera_schema(name: str) -> Any:
    """The pandera schema of the canonical table `name`. Nothing is coerced here: cells were parsed
    before, and coercing would hide a second fault behind the first."""
    table = TABLES[name]
    return pa.DataFrameSchema(
        {one.name: _column(one) for one in table.columns},
        checks=[_rule(test, _said(fault)) for test, fault in _ROW_RULES.get(name, ())],
        strict=False,
        unique_column_names=True,
    )


def _column(column: Column) -> Any:
    checks = []
    if column.low is not None:
        low = Fault(
            faults.beyond(column.low, below=True, required=column.required), column=column.name
        )
        checks.append(pa.Check.ge(column.low, error=_said(low)))
    if column.high is not None:
        high = Fault(
            faults.beyond(column.high, below=False, required=column.required), column=column.name
        )
        checks.append(pa.Check.le(column.high, error=_said(high)))
    if column.kind == "status":
        strange = Fault(faults.NO_STATUS, column=column.name)
        checks.append(pa.Check.isin(STATUSES, error=_said(strange)))
    return pa.Column(
        _DTYPES.get(column.kind, "datetime64[ns]"), checks=checks, nullable=not column.required
    )


def _rule(test: Callable[[pd.DataFrame], pd.Series], reason: str) -> Any:
    return pa.Check(test, error=reason, ignore_na=False)


_ROW_RULES: dict[str, tuple[tuple[Callable[[pd.DataFrame], pd.Series], Fault], ...]] = {
    "deals": (
        (
            lambda f: (f["status"] != "won") | f["amount"].notna(),
            Fault(faults.MISSING_IF_WON, column="amount"),
        ),
        (
            lambda f: (f["status"] != "won") | f["close_date"].notna(),
            Fault(faults.MISSING_IF_WON, column="close_date"),
        ),
    ),
    "reps": (
        (
            lambda f: ~(f["end_date"] < f["hire_date"]),
            Fault(faults.ENDS_BEFORE_HIRE, column="end_date"),
        ),
    ),
}
