"""What can be wrong with a cell or a row, and what to do about it. The kind is what a page lists;
the sentence with the cell in it is what the quarantine file gives for each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from salesops_lib import wording

# Examples of each kind: enough to find the pattern, few enough to read.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a cell or a row cannot be used.

    Attributes
    ----------
    says
        What is said of the cell: `is not a number`.
    remedy
        What the user can do, as an imperative sentence.
    """

    says: str
    remedy: str


class Fault(NamedTuple):
    """What is wrong with one row.

    Attributes
    ----------
    cell
        The cell at fault, in quotes; empty where it is not one cell that is wrong.
    detail
        What is said of this row where it is more than what its kind says.
    column
        The column at fault; empty where it is the whole line.
    """

    kind: Kind
    cell: str = ""
    detail: str = ""
    column: str = ""

    @property
    def reason(self) -> str:
        """`close_date: '2026-02-30' is not a date of the calendar`."""
        said = " ".join(part for part in (self.cell, self.detail or self.kind.says) if part)
        return f"{self.column}: {said}" if self.column else said


_NUMBERS = "Write it as 1234.50, and leave the cell empty where the number is not known."
_DATES = "Write it as 2026-09-30, and leave the cell empty where the day is not known."

NOT_A_NUMBER = Kind("is not a number", _NUMBERS)
THOUSANDS_OR_DECIMALS = Kind(
    "may be thousands or decimals",
    "Export the column without a mark between thousands, or every amount with two decimals.",
)
INFINITE = Kind("is infinite", _NUMBERS)
TOO_LARGE = Kind("is larger than any amount of money is", "Correct it.")
NOT_A_DATE = Kind("is not a date", _DATES)
SERIAL_DAY = Kind(
    "is not a date, but may be a spreadsheet's number for a day",
    "Format the column as a date in the spreadsheet and save it as CSV again.",
)
NOT_OF_THE_CALENDAR = Kind("is not a date of the calendar", "Correct the day or the month.")
DAY_OR_MONTH = Kind(
    "may be day-month or month-day",
    "Export dates as 2026-09-30; or leave in the file any date column in which a day is above 12, "
    "written by the same program.",
)
EMPTY_ROW = Kind("holds nothing", "Nothing is lost: delete the empty rows, or leave them.")
TOTAL = Kind(
    "is a total of other rows",
    "Nothing is lost: the other rows count. Where somebody or something is really called so, write another id.",
)
MISSING = Kind("is missing", "Fill it in: a row cannot be used without it.")
MISSING_OWNER = Kind(
    "is missing",
    "Fill it in. Where a deal is nobody's, write Unassigned: it counts in the company's bookings, and for no rep.",
)
NO_STATUS = Kind(
    "is none of open, won, lost",
    "Write open, won or lost, or translate your CRM's words in an import mapping.",
)
OTHER_CURRENCY = Kind(
    "is money in a second currency",
    "Convert it to the currency of the other rows before the export, or keep these rows in a "
    "dataset of their own.",
)
TWO_CURRENCIES = Kind(
    "is written in one currency and said to be in another",
    "Correct the currency column, or the sign in the amount.",
)
MISSING_IF_WON = Kind(
    "is missing in a won deal", "Fill it in, or give the deal the status it really has."
)
ENDS_BEFORE_HIRE = Kind("is before hire_date", "Correct one of the two days.")
REPEATS = Kind(
    "repeats an earlier row", "Nothing is lost: the earlier row counts. Export each row once."
)
SAME_KEY = Kind(
    "has the same key as an earlier row, with other values",
    "The earlier row counts. Keep the right one in the file; where each is a part (of a product, of a rep's share), "
    "add them up, or give each a key of its own.",
)
OVERLAP = Kind(
    "has employment that overlaps another row of the rep",
    "Give each spell of employment its own hire_date and end_date.",
)
STRAY = Kind("is years after nearly all others", "Correct the year.")
BROKEN_LINE = Kind(
    "the line has more or fewer fields than there are headings",
    "Put quotation marks round a text that holds the separator, and export again.",
)


def out_of_years(first: int, last: int) -> Kind:
    """A date that nobody who sells today can mean."""
    return Kind(f"is outside {first}–{last}", "Correct the year, or leave the cell empty.")


def beyond(limit: float, *, below: bool, required: bool = False) -> Kind:
    """A number outside what its column can hold; without a required one the row is nothing."""
    return Kind(
        f"is {'below' if below else 'above'} {limit:g}",
        "Correct it." if required else "Correct it, or leave the cell empty.",
    )


def grouped(faults: Iterable[tuple[str, int, Fault]]) -> pd.DataFrame:
    """The faults by table, column and kind, most frequent first.

    Parameters
    ----------
    faults
        Table, number of the row, fault. A row with two faults is in two groups.

    Returns
    -------
    table, column, kind, rows (how many), examples (`row 3 '30/02/2026', …`), remedy.
    """
    counts: dict[tuple[str, str, Kind], int] = {}
    examples: dict[tuple[str, str, Kind], dict[str, int]] = {}
    for table, row, fault in faults:
        group = (table, fault.column, fault.kind)
        counts[group] = counts.get(group, 0) + 1
        told = examples.setdefault(group, {})
        # Three times the same cell shows less than three different ones.
        key = fault.cell or str(row)
        if len(told) < _SHOWN and key not in told:
            told[key] = row
    rows = [
        (
            table,
            column or "the whole line",
            kind.says,
            n,
            _examples(examples[table, column, kind]),
            kind.remedy,
        )
        for (table, column, kind), n in counts.items()
    ]
    frame = pd.DataFrame(rows, columns=["table", "column", "kind", "rows", "examples", "remedy"])
    return frame.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def _examples(told: dict[str, int]) -> str:
    return wording.listed(
        [f"row {row:,}" + (f" {key}" if key != str(row) else "") for key, row in told.items()]
    )
