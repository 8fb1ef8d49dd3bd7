"""What is wrong with a file of text as a whole: damaged, cut off, a title above the headings. Rows read
from it would be wrong in ways that no row shows."""

from __future__ import annotations

import pandas as pd

from salesops_lib.errors import DataError

# Fewer rows than an export has.
_BY_HAND = 20


class Unfinished(DataError):
    """A file looks as one does whose writing, or copying, has not come to its end."""


def check_damage(
    name: str, text: str, frame: pd.DataFrame, rows: pd.Series, broken: list[tuple[int, str, str]]
) -> None:
    """Characters of code zero stand where a copy was cut off or written over: what else of the file
    is wrong nobody knows.

    Raises
    ------
    DataError
        If there are any.
    """
    if "\x00" not in text:
        return
    lost = [number for number, line, _ in broken if "\x00" in line]
    where = None
    for column in frame:
        bad = frame[column].str.contains("\x00", regex=False)
        if bad.any():
            where = where or str(column)
            lost += rows[bad.to_numpy()].tolist()
    raise Unfinished(
        f"{name} is damaged: it holds characters of code zero, as an unfinished copy does",
        column=where,
        rows=sorted(set(lost)),
        remedy="Copy or export it again.",
    )


def check_end(
    name: str, headings: int, rows: int, separator: str, broken: list[tuple[int, str, str]]
) -> None:
    """A file that ends within its last line, the only one that is too short, was still being written, or
    its copy was cut off: how many rows are missing nobody knows. What programs write below the rows is no
    row begun, and a file written by hand may lack a cell.

    Raises
    ------
    DataError
        If it does.
    """
    if rows < _BY_HAND or len(broken) != 1 or broken[0][0] != rows + 1:
        return
    if 1 < len(broken[0][1].split(separator)) < headings:
        raise Unfinished(
            f"{name} ends in the midst of a line, as an unfinished copy does",
            rows=[rows + 1],
            remedy="Copy or export it again.",
        )


def check_title(
    name: str, headings: list[str], rows: int, broken: list[tuple[int, str, str]]
) -> None:
    """A report's title above the headings is taken for them, and every row for a broken line.

    Raises
    ------
    DataError
        If that is what it looks like.
    """
    if len(headings) > 1 or len(broken) <= rows:
        return
    raise titled_above(name, headings[0], len(broken), len(broken) + rows)


def titled_above(name: str, title: str, longer: int, lines: int) -> DataError:
    """The first line of a table, of one cell, is the title of its rows."""
    return DataError(
        f"the first line of {name} does not name the columns: it is '{title[:60]}', and "
        f"{longer:,} of {lines:,} lines below have more fields",
        remedy="Take out the lines above the headings, or export the rows without a title.",
    )


def check_quotes(name: str, text: str, frame: pd.DataFrame) -> None:
    """A quotation mark that is never closed swallows the lines after it into one cell.

    Raises
    ------
    DataError
        If one has.
    """
    if text.count('"') % 2 == 0:
        return
    for column in frame:
        swallowed = frame[column].str.contains("\n", regex=False)
        if swallowed.any():
            raise DataError(
                f"{name} cannot be read: a quotation mark is not closed",
                column=str(column),
                rows=(frame.index[swallowed] + 1).tolist(),
                remedy="Close it, or double it where it is part of the text.",
            )
