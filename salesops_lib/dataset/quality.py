"""What was read, what was set aside, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import atomic
from salesops_lib.dataset.faults import grouped
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import DataError

# A spreadsheet runs a cell that begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class QualityReport:
    """The quality of one dataset.

    Attributes
    ----------
    tables
        One row a table read: table, rows_read, rows_accepted, rows_quarantined, notes. The middle
        three always add up.
    faults
        What makes a table unusable; empty in a dataset that loaded.
    quarantine
        Table → the rows set aside: row (1 is the first row of data), reason, and the cells as
        they came.
    notices
        Sentences that a reader of any report must know.
    set_aside
        Why rows were set aside, by kind and column: table, column, kind, rows, examples, remedy.
    """

    tables: pd.DataFrame
    faults: tuple[DataError, ...] = ()
    quarantine: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    set_aside: pd.DataFrame = field(default_factory=lambda: grouped(()))

    @property
    def unanswerable(self) -> DataError | None:
        """Why no analysis can use the dataset although its tables can be read; None where some
        deal is there."""
        deals = self.tables[self.tables["table"] == "deals"]
        if len(deals) and int(deals["rows_accepted"].iloc[0]):
            return None
        cost = "no analysis can answer anything without deals"
        if deals.empty:
            return DataError(f"there is no table of deals, and {cost}", remedy="Add deals.csv.")
        n = int(deals["rows_read"].iloc[0])
        if not n:
            return DataError(
                f"the table 'deals' is there but holds no row, only headings, and {cost}",
                remedy="Look at the filter of the export, and export it again.",
            )
        all_of = "the only row" if n == 1 else f"all {n:,} rows"
        return DataError(
            f"{all_of} of the table 'deals' {'is' if n == 1 else 'are'} set aside, and {cost}",
            remedy="The remedies stand with the rows set aside.",
        )

    def lines(self) -> list[str]:
        """The report as plain lines; faults are not in it."""
        out = []
        for one in self.tables.itertuples(index=False):
            out.append(
                f"{one.table}: {wording.count(one.rows_read, 'row')} read, "
                f"{one.rows_accepted:,} used, {one.rows_quarantined:,} set aside"
            )
            out.extend(f"  - {note}" for note in str(one.notes).split("\n") if note)
        if len(self.set_aside):
            out.append("set aside:")
            for one in self.set_aside.itertuples(index=False):
                rows = wording.count(one.rows, "row")
                out.append(f"  - {one.table}, {one.column}: {one.kind} ({rows}: {one.examples})")
                out.append(f"    {one.remedy}")
        if self.notices:
            out.append("to know:")
            out.extend(f"  - {text}" for text in self.notices)
        return out


def quality_frame(rows: Iterable[tuple[str, int, int, int, str]]) -> pd.DataFrame:
    """The `.tables` frame of a report."""
    return pd.DataFrame(
        list(rows),
        columns=["table", "rows_read", "rows_accepted", "rows_quarantined", "notes"],
    )


def write_quarantine(report: QualityReport, folder: Path | str) -> list[Path]:
    """Write `<folder>/<table>.csv` for each table with rows set aside, whole or not at all, and
    return the paths.

    A file of an earlier check is removed where its table now has none. Cells that a spreadsheet
    would run as a formula get a leading apostrophe.
    """
    written = []
    for table in TABLES:
        path = Path(folder) / f"{table}.csv"
        rows = report.quarantine.get(table)
        if rows is None or rows.empty:
            path.unlink(missing_ok=True)
            continue
        with atomic.file(path, newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow([harmless(name) for name in rows.columns])
            for record in rows.itertuples(index=False, name=None):
                writer.writerow([harmless(cell) for cell in record])
        written.append(path)
    return written


def harmless(cell: object) -> str:
    """The cell as text that no spreadsheet runs; numbers stay as they are."""
    if (
        cell is None
        or cell is pd.NaT
        or cell is pd.NA
        or (isinstance(cell, float) and cell != cell)
    ):
        return ""
    text = str(cell)
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
