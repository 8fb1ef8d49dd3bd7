"""Where in an export a table stands: a file, or a sheet of a workbook that has several, each of which counts as a
file does. It is found by the name as it is written there, else by one that differs in case and signs alone."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from salesops_lib import wording
from salesops_lib.dataset import workbooks
from salesops_lib.dataset.importing import archives
from salesops_lib.dataset.importing.finding import loose
from salesops_lib.dataset.importing.rules import Join, TableRule
from salesops_lib.dataset.reading import (
    RawTable,
    ended,
    is_archive,
    is_companion,
    read_file,
    read_sheet,
)
from salesops_lib.dataset.schema import table_named
from salesops_lib.errors import DataError, SalesOpsError

_AGAIN = "Export it again, with its headings."


@dataclass(frozen=True)
class Place:
    """A table of the export.

    Attributes
    ----------
    file, sheet
        The file's name, and that of the sheet where it is a workbook with several.
    read
        Reads it, or raises DataError.
    number
        Which of the sheets it is, from 1 on, where another looks the same but for spaces; else 0.
    """

    file: str
    sheet: str
    read: Callable[[], RawTable]
    number: int = 0

    @property
    def name(self) -> str:
        """What it is called in reports and errors."""
        return _sheet_of(self.sheet, self.file, self.number) if self.sheet else self.file

    @property
    def stem(self) -> str:
        """The name that says what it holds: the sheet's, else the file's without its ending."""
        return self.sheet or self.file.partition(".")[0]


def expected(part: TableRule | Join) -> str:
    """The file or sheet to name where none that is meant is there."""
    first = part.source[0]
    if part.sheet:
        return _sheet_of(part.sheet, first if ended(first)[1] else f"{first}.xlsx")
    return first if ended(first)[1] else f"{first}.csv"


def _sheet_of(sheet: str, file: str, number: int = 0) -> str:
    which = f" (number {number})" if number else ""
    return f"sheet {' '.join(sheet.split())}{which} of {file}"


class Places:
    """The tables of an export, a folder, one workbook or one archive. Each workbook is read once, and only where a
    table may be in it; archives count as what is in them.

    Raises
    ------
    SalesOpsError
        If it is none of them.
    DataError
        If an archive cannot be unpacked, or holds a file that is there as another, too.

    Attributes
    ----------
    faults
        Workbooks that could not be read when a table was looked for in their sheets: name → why.
    """

    def __init__(self, src: Path) -> None:
        one_file = workbooks.is_workbook(src.name) or is_archive(src.name)
        if not (src.is_dir() or (src.is_file() and one_file)):
            raise SalesOpsError(
                f"{src} is not a folder, nor an .xlsx workbook or .zip archive. Give the folder that holds the export."
            )
        self.src = src
        self._one_book = workbooks.is_workbook(src.name) and src.is_file()
        files = src.iterdir() if src.is_dir() else [src]
        self.files = {
            one.name: one for one in sorted(files) if one.is_file() and not is_companion(one.name)
        }
        self._unpack()
        self.faults: dict[str, DataError] = {}
        self._sheets: dict[str, list[workbooks.Sheet]] = {}
        self._names: dict[str, dict[str, bool]] = {}

    def _unpack(self) -> None:
        """Put what is in archives in their place."""
        packed = {name: one for name, one in self.files.items() if is_archive(name)}
        if not packed:
            return
        others = {name: one for name, one in self.files.items() if name not in packed}
        room = Path(tempfile.mkdtemp(prefix="salesops-unpacked-"))
        weakref.finalize(self, shutil.rmtree, room, ignore_errors=True)
        found = archives.unpacked(packed.values(), others, room)
        self.files = dict(sorted({**others, **found}.items()))

    def all(self) -> list[Place]:
        """All tables, in order of the files' names and of the sheets in a workbook, sheets behind all files: what
        was saved from a sheet comes before it.

        Raises
        ------
        DataError
            If a workbook cannot be read.
        """
        found = [place for file in self.files if ended(file)[1] for place in self._of_file(file)]
        return sorted(found, key=lambda one: bool(one.sheet))

    def beside(self, read: set[str]) -> list[str]:
        """The names of the tables that are not among those read; of a workbook from which nothing was, its own."""
        names = []
        for file in self.files:
            if not ended(file)[1]:
                continue
            sheets = [one.name for one in self._of_file(file)] if file in self._sheets else []
            used = read & {file, *sheets}
            names += [one for one in sheets if one not in read] if used else [file]
        return [one for one in names if one not in read]

    def found(self, part: TableRule | Join, table: str) -> Place | None:
        """The place that is meant by the rule; None where there is none. What was saved from a workbook is meant,
        and not the workbook.

        Raises
        ------
        DataError
            If several are meant, of which one would be lost, or a workbook that is meant cannot be read.
        """
        files = self._named(part.source)
        plain = [one for one in files if not workbooks.is_workbook(one)]
        if part.sheet:
            books = [one for one in files if one not in plain]
            file = _only(books, table)
            return self._sheet(file, part.sheet, table) if file else None
        if plain:
            file = _only(plain, table)
            return Place(file, "", partial(read_file, self.files[file]))
        places = {
            one.name: one
            for file in self.files
            if workbooks.is_workbook(file)
            for one in self._in_book(file, part.source, table, named=file in files)
        }
        name = _only(list(places), table)
        return places[name] if name else None

    def absent(self, part: TableRule | Join, table: str) -> DataError:
        """That the place which a rule cannot do without is not there, and what is."""
        books = [one for one in self._named(part.source) if workbooks.is_workbook(one)]
        if part.sheet and books:
            sheets = [one.name for one in self._of(books[0])]
            likely = _likely(sheets, part.sheet, table)
            return DataError(
                f"{books[0]} has no sheet {part.sheet}, the source of table {table}",
                remedy=f"There are {workbooks.listed(sheets)}. "
                f"Write one of them, as in sheet = {_quoted(likely)}."
                if sheets
                else "No sheet of it that can be seen holds anything.",
            )
        unseen = self.unseen(part)
        if self._one_book and (why := [*unseen, *self.faults.values()]):
            return why[0]
        old = [one for one in self.files if one.lower().endswith(workbooks.OTHER_ENDINGS)]
        first, *others = part.source
        first = _sheet_of(part.sheet, first) if part.sheet else first
        nor = f", nor one named {' or '.join(others)}" if others else ""
        return DataError(
            f"{first}, the source of table {table}, is not in {self.src}{nor}",
            remedy=f"There are {', '.join(self._there()) or 'no files'}."
            + (f" Save {old[0]} as .xlsx." if old else "")
            + "".join(f" {wording.opened(str(fault))}" for fault in unseen)
            + "".join(f" {fault}" for fault in self.faults.values()),
        )

    def unseen(self, part: TableRule | Join) -> list[DataError]:
        """Why sheets that are called as the rule's files are, and of which none is read, are not: nobody sees them,
        they are blank, or they stand alone in a workbook that goes by its own name."""
        found = []
        for file in filter(workbooks.is_workbook, () if part.sheet else self.files):
            with contextlib.suppress(DataError):
                called = {
                    name: seen
                    for name, seen in self._names_in(file).items()
                    if _fits(name, part.source, named=False)
                }
                filled = {one.name for one in self._of(file)} if called else set()
                found += [_why(name, file, seen, name in filled) for name, seen in called.items()]
        return found

    def hidden(self) -> list[DataError]:
        """That sheets which are called as tables are hidden."""
        found = []
        for file in filter(workbooks.is_workbook, self.files):
            with contextlib.suppress(DataError):
                names = self._names_in(file).items()
                found += [(file, one) for one, visible in names if not visible]
        return [workbooks.hidden(one, file) for file, one in found if table_named(one)]

    def _there(self) -> list[str]:
        """The files, workbooks with several sheets with their names."""
        names = []
        for file in self.files:
            seen: list[str] = []
            if workbooks.is_workbook(file):
                with contextlib.suppress(DataError):
                    seen = [one for one, visible in self._names_in(file).items() if visible]
            # A folder's workbook with one sheet goes by its own name.
            if len(seen) > 1:
                file += f" (sheets {workbooks.listed(seen)})"
            elif seen and self._one_book:
                file += f" (sheet {seen[0]})"
            names.append(file)
        return names

    def _named(self, wanted: Sequence[str]) -> list[str]:
        """The files that are meant by one of the names."""
        found: dict[str, None] = {}
        for name in wanted:
            same = [name] if name in self.files else [f for f in self.files if _means(name, f)]
            found.update(dict.fromkeys(same))
        return list(found)

    def _in_book(self, file: str, wanted: Sequence[str], table: str, *, named: bool) -> list[Place]:
        """The sheets of a workbook that are called as one of the files is. One that is itself `named` so is meant
        as a whole where it has no such sheet; in others a name with a file's ending means none."""
        fits = partial(_fits, wanted=wanted, named=named)
        if named:
            sheets = self._of(file)
            if len(sheets) < 2:
                return self._of_file(file)
            fitting = [self._place(file, one) for one in sheets if fits(one.name)]
            return fitting or [Place(file, "", partial(_not_told, file, sheets, wanted, table))]
        if file in self.faults or all(ended(one)[1] for one in wanted):
            return []
        try:
            seen = [one for one, visible in self._names_in(file).items() if visible]
            sheets = self._of(file) if any(map(fits, seen)) else []
        except DataError as fault:
            self.faults[file] = fault
            return []
        # Of a folder, a workbook of one sheet goes by its own name.
        if len(sheets) == 1 and not self._one_book:
            return []
        return [self._place(file, one) for one in sheets if fits(one.name)]

    def _sheet(self, file: str, wanted: str, table: str) -> Place | None:
        """The sheet of a workbook that is meant by a name; None where there is none, seen or not.

        Raises
        ------
        DataError
            If it is hidden or blank, or several are meant.
        """
        sheets = {one.name: one for one in self._of(file)}
        names = self._names_in(file)
        same = [one for one in names if one == wanted]
        same = same or [one for one in names if loose(one) == loose(wanted) != ""]
        shown = [one for one in same if names[one]] or same
        name = _only([_sheet_of(one, file) for one in shown], table) and shown[0]
        if not name:
            return None
        if name in sheets:
            return self._place(file, sheets[name])
        if names[name]:
            raise DataError(
                f"{_sheet_of(name, file)}, the source of table {table}, is empty",
                remedy=_AGAIN,
            )
        raise workbooks.hidden(name, file)

    def _of_file(self, file: str) -> list[Place]:
        """What of a file is a table: itself, or each sheet of a workbook with several."""
        if not workbooks.is_workbook(file):
            return [Place(file, "", partial(read_file, self.files[file]))]
        sheets = self._of(file)
        if not sheets:
            return [Place(file, "", partial(_empty, file))]
        return [self._place(file, one) for one in sheets]

    def _place(self, file: str, sheet: workbooks.Sheet) -> Place:
        alone = len(self._of(file)) == 1
        if alone:
            return Place(file, "", partial(read_sheet, sheet, file))
        shown = [" ".join(one.name.split()) for one in self._of(file)]
        like = shown.count(" ".join(sheet.name.split())) > 1
        number = list(self._names_in(file)).index(sheet.name) + 1 if like else 0
        origin = _sheet_of(sheet.name, file, number)
        return Place(file, sheet.name, partial(read_sheet, sheet, origin), number)

    def _of(self, file: str) -> list[workbooks.Sheet]:
        if file not in self._sheets:
            self._sheets[file] = workbooks.read_sheets(self.files[file])
        return self._sheets[file]

    def _names_in(self, file: str) -> dict[str, bool]:
        if file not in self._names:
            self._names[file] = workbooks.sheet_names(self.files[file])
        return self._names[file]


def _only(names: list[str], table: str) -> str:
    """The only name, none where there is none."""
    if len(names) > 1:
        where = "sheets" if all(one.startswith("sheet ") for one in names) else "folder"
        remedy = (
            "Name the one that is meant in the mapping, or hide the others"
            if where == "sheets"
            else "Keep one of them in the folder"
        )
        raise DataError(
            f"{' and '.join(names)} may each be the source of table {table}",
            remedy=f"{remedy}; if each holds some of the rows, put all of these into one "
            f"{'sheet' if where == 'sheets' else 'file'}.",
        )
    return names[0] if names else ""


def _not_told(
    file: str, sheets: list[workbooks.Sheet], wanted: Sequence[str], table: str
) -> RawTable:
    """Raises DataError: of several sheets none is called as the table's file is."""
    names = [one.name for one in sheets]
    stem = ended(wanted[0])[0].replace("*", "")
    raise workbooks.not_told(
        file,
        sheets,
        f"Name it beside the source in the mapping, as in sheet = {_quoted(_likely(names, stem, table))}; "
        f"or call the sheet {stem}, or keep one and hide the others.",
    )


def _empty(file: str) -> RawTable:
    raise DataError(f"{file} is empty", remedy=_AGAIN)


def _why(sheet: str, file: str, seen: bool, filled: bool) -> DataError:
    """Why a sheet that is called as a table's file is not read."""
    if not seen:
        return workbooks.hidden(sheet, file)
    if not filled:
        return DataError(f"{_sheet_of(sheet, file)} is empty", remedy=_AGAIN)
    return DataError(
        f"{_sheet_of(sheet, file)} stands alone in it, and such a workbook goes by its own name",
        remedy=f"Call the file {' '.join(sheet.split())}.xlsx, or write source = {_quoted(file)} in a mapping.",
    )


def _likely(sheets: list[str], wanted: str, table: str) -> str:
    """The sheet that is probably meant: one of the table's name, else one whose name holds what is wanted."""
    own = [one for one in sheets if (named := table_named(one)) and named.name == table]
    near = [one for one in sheets if loose(wanted) and loose(wanted) in loose(one)]
    return next(iter([*near, *own, *sheets]), "")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _means(name: str, file: str) -> bool:
    stem, ending = ended(name)
    theirs, other = ended(file)
    if not other or (ending and ending not in {other, other.removesuffix(".gz")}):
        return False
    return _alike(stem, theirs)


def _fits(sheet: str, wanted: Sequence[str], *, named: bool) -> bool:
    """Whether a sheet is called as one of the files `wanted` is: in a workbook that is not itself `named` so, only
    as one without an ending."""
    stems = [ended(one)[0] for one in wanted if named or not ended(one)[1]]
    return any(_alike(stem, sheet) for stem in stems)


def _alike(wanted: str, name: str) -> bool:
    form = ".*".join(re.escape(loose(part)) for part in wanted.split("*"))
    return bool(loose(wanted)) and re.fullmatch(form, loose(name)) is not None
