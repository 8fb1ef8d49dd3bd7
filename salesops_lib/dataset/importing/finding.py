"""Which columns of a file of the export a mapping means: the name as it is written there, else the
only one that differs in case, spaces, underscores and other signs alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from salesops_lib.dataset.importing.rules import Lacking
from salesops_lib.errors import DataError

_SHOWN = 40  # columns of a file that an error lists


@dataclass(frozen=True)
class Export:
    """A file of the export, or a sheet: its name, its cells as text (blanks empty), and whether it was separated
    by semicolons, where a lone 1.234 may be a thousand."""

    file: str
    frame: pd.DataFrame
    semicolons: bool = False


def loose(text: str) -> str:
    """The name without case and signs: `Close Date`, `close_date` and `CloseDate` are one."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


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
