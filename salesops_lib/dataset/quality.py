"""What was read, what was set aside, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from salesops_lib import wording
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
    """

    tables: pd.DataFrame
    faults: tuple[DataError, ...] = ()
    quarantine: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return not self.faults

    def reasons(self) -> pd.DataFrame:
        """table, reason, rows: how often each reason set a row aside, most frequent first."""
        parts = [
            rows["reason"]
            .value_counts()
            .rename_axis("reason")
            .reset_index(name="rows")
            .assign(table=table)
            for table, rows in self.quarantine.items()
            if len(rows)
        ]
        if not parts:
            return pd.DataFrame(columns=["table", "reason", "rows"])
        return pd.concat(parts, ignore_index=True)[["table", "reason", "rows"]]

    def lines(self) -> list[str]:
        """The report as plain lines; faults are not in it."""
        out = []
        for one in self.tables.itertuples(index=False):
            out.append(
                f"{one.table}: {wording.count(one.rows_read, 'row')} read, "
                f"{one.rows_accepted:,} used, {one.rows_quarantined:,} set aside"
            )
            out.extend(f"  - {note}" for note in str(one.notes).split("\n") if note)
        reasons = self.reasons()
        if len(reasons):
            out.append("set aside:")
            out.extend(
                f"  - {one.table}, {wording.count(one.rows, 'row')}: {one.reason}"
                for one in reasons.itertuples(index=False)
            )
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
    """Write `<folder>/<table>.csv` for each table with rows set aside, and return the paths.

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
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as out:
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
