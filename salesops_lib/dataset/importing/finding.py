"""Which file of the export, and which of its columns, a mapping means: the name as it is written
there, else the only one that differs in case, spaces, underscores and other signs alone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from salesops_lib.dataset import workbooks
from salesops_lib.dataset.importing.rules import Lacking
from salesops_lib.dataset.reading import ended
from salesops_lib.errors import DataError

_SHOWN = 40  # columns of a file that an error lists


@dataclass(frozen=True)
class Export:
    """A file of the export: its name, its cells as text (blanks empty), and whether it was separated
    by semicolons, where a lone 1.234 may be a thousand."""

    file: str
    frame: pd.DataFrame
    semicolons: bool = False


def loose(text: str) -> str:
    """The name without case and signs: `Close Date`, `close_date` and `CloseDate` are one."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def expected(names: Sequence[str]) -> str:
    """The file to name where none of them is there."""
    return names[0] if ended(names[0])[1] else f"{names[0]}.csv"


def tables_in(src: Path) -> list[Path]:
    """The files of a folder that are tables, in order of name."""
    return sorted(
        one
        for one in src.iterdir()
        if one.is_file() and ended(one.name)[1] and not workbooks.is_open_beside(one.name)
    )


def found_file(src: Path, wanted: Iterable[str], table: str) -> str | None:
    """The file of the folder that is meant by one of the names; None where there is none. What was saved
    from a workbook is meant, and not the workbook.

    Raises
    ------
    DataError
        If several are meant: one of them would be lost.
    """
    files = sorted(
        one.name
        for one in src.iterdir()
        if one.is_file() and not workbooks.is_open_beside(one.name)
    )
    found: dict[str, None] = {}
    for name in wanted:
        if name in files:
            found[name] = None
            continue
        found.update(dict.fromkeys(one for one in files if _means(name, one)))
    hits = [one for one in found if not workbooks.is_workbook(one)] or list(found)
    if len(hits) > 1:
        raise DataError(
            f"{' and '.join(hits)} may each be the source of table {table}",
            remedy="Keep one of them in the folder; if each holds some of the rows, put all of these "
            "into one file.",
        )
    return next(iter(hits), None)


def _means(name: str, file: str) -> bool:
    stem, ending = ended(name)
    theirs, other = ended(file)
    if not other or (ending and ending not in {other, other.removesuffix(".gz")}):
        return False
    return _alike(stem, theirs)


def means_sheet(names: Iterable[str], sheet: str) -> bool:
    """Whether a sheet of a workbook is called as one of the files is."""
    return any(_alike(ended(name)[0], sheet) for name in names)


def _alike(wanted: str, name: str) -> bool:
    form = ".*".join(re.escape(loose(part)) for part in wanted.split("*"))
    return bool(loose(wanted)) and re.fullmatch(form, loose(name)) is not None


def named(
    export: Export,
    wanted: Iterable[str],
    also: Mapping[str, list[str]],
    lacking: Mapping[str, Lacking],
    table: str,
) -> tuple[pd.DataFrame, list[str]]:
    """The export's frame with its columns named as the mapping writes them, those of `lacking` that
    are not there made; and what is lost without them.

    Raises
    ------
    DataError
        If two columns may be meant.
    """
    wanted = list(dict.fromkeys(wanted))
    frame = export.frame
    headings = [str(one) for one in frame.columns]
    free = [one for one in headings if one not in wanted]
    renamed: dict[str, str] = {}
    for name in wanted:
        if name in headings:
            continue
        for candidate in (name, *also.get(name, ())):
            same = [one for one in free if one == candidate and one not in renamed]
            same = same or [
                one
                for one in free
                if loose(one) == loose(candidate) and loose(one) and one not in renamed
            ]
            if len(same) > 1:
                raise DataError(
                    f"{' and '.join(same)} of {export.file} (table {table}) may each be it",
                    column=name,
                    remedy="Rename or remove one.",
                )
            if same:
                renamed[same[0]] = name
                break
    frame = frame.rename(columns=renamed)
    said = []
    absent = {one: how for one, how in lacking.items() if one not in frame.columns}
    for name, how in absent.items():
        if how.lost:
            said.append(f"{export.file} has no {name}: {how.lost}")
    blanks = {name: pd.Series(how.put, index=frame.index) for name, how in absent.items()}
    return frame.assign(**blanks) if blanks else frame, said


def check_known(
    export: Export,
    frame: pd.DataFrame,
    names: Iterable[str],
    table: str,
    also: Mapping[str, list[str]],
) -> None:
    """Raises DataError if the frame, made of the export, lacks one of the columns."""
    for name in names:
        if name in frame.columns:
            continue
        have = [str(one) for one in export.frame.columns]
        near = difflib.get_close_matches(str(name), have, n=3)
        others = f", nor under {', '.join(also[name])}" if also.get(name) else ""
        more = f" and {len(have) - _SHOWN} more" if len(have) > _SHOWN else ""
        if len(have) == 1:
            more = ". If the headings stand further down, take out the lines above them"
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise DataError(
            f"is not in {export.file} (table {table}){others}",
            column=str(name),
            remedy=f"{hint}It has {', '.join(have[:_SHOWN])}{more}. "
            "Export it with that column, or rename the one that holds it.",
        )
