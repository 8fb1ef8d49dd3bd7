"""Excel workbooks: the cells of each sheet as the texts that a program would write into a CSV file. What
a cell shows beside its number counts too: its format alone may say that an amount is in euros."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from salesops_lib.dataset import currency
from salesops_lib.dataset.damage import Unfinished
from salesops_lib.errors import DataError

ENDINGS = (".xlsx", ".xlsm")
# What nothing here reads, and a spreadsheet saves as something that is read.
OTHER_ENDINGS = (".xls", ".xlsb", ".ods")
# Of a number format: [$-407] is a language and no money, _( and *x leave room, \ writes what follows.
_NO_MONEY = re.compile(r"\[\$-[^\]]*\]|\[\$|[_*].|\\|[\"\]]")
_BOOK, _STRICT = "xl/workbook.xml", b"http://purl.oclc.org/ooxml/"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_PENDING = re.compile(rb"<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad\s*=\s*[\"'](?:1|true)[\"']")
# A number that is written with zeros before it is an id: 007, and not 7.
_ZEROS = re.compile(r"0{2,}")
_HALF_A_SECOND = datetime.timedelta(milliseconds=500)
# A spreadsheet keeps fifteen digits; what a float has behind them nobody wrote.
_DIGITS = 15


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds something: its name, and its lines from the first one that is not blank, all of the
    same length, each with its number in the sheet; and the cells whose formulas nobody has worked out."""

    name: str
    lines: list[tuple[int, list[str]]]
    not_worked_out: list[str]


def is_workbook(name: str) -> bool:
    """Whether a file of this name is a workbook."""
    return name.lower().endswith(ENDINGS)


def is_open_beside(name: str) -> bool:
    """Whether a file of this name is what lies beside a workbook that a program has open."""
    return name.startswith("~$")


def read_sheets(path: Path) -> list[Sheet]:
    """The sheets of a workbook that can be seen and are not blank, in its order. Hidden rows are read.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Of styles and drop-down lists that are not kept; a date out of range is #VALUE!, and set aside.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                if not book.worksheets:
                    raise ValueError("it holds no sheet of cells")
                seen = [one for one in book.worksheets if one.sheet_state == "visible"]
                bare = _not_worked_out(path, seen)
                sheets = [Sheet(one.title, _lines(one), bare.get(one.title, [])) for one in seen]
            finally:
                book.close()
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    except (
        OSError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        RuntimeError,
    ) as error:
        first = str(error).strip().split("\n")[0] or type(error).__name__
        raise DataError(
            f"{path.name} cannot be read as a workbook: {first[:200]}",
            remedy="Save its sheets as CSV.",
        ) from None
    filled = [one for one in sheets if one.lines]
    if not filled and _is_strict(path):
        raise DataError(
            f"{path.name} is saved as Strict Open XML, which nothing here reads",
            remedy="Save it as a plain Excel workbook (.xlsx).",
        )
    return filled


def sheet_names(path: Path) -> dict[str, bool]:
    """The names of a workbook's sheets in its order, and whether each can be seen; no cell is read for it.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            book = ElementTree.fromstring(parts.read(_BOOK))
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    except (OSError, LookupError, ValueError, SyntaxError, RuntimeError):
        return {one.name: True for one in read_sheets(path)}  # or that it cannot be read is raised
    return {
        one.get("name", ""): one.get("state", "visible") == "visible"
        for one in book.iter()
        if one.tag.rpartition("}")[2] == "sheet"
    }


def _is_strict(path: Path) -> bool:
    """Whether a workbook is of the kind whose names are another standard's: its cells are found by none."""
    with zipfile.ZipFile(path) as parts:
        return _BOOK in parts.namelist() and _STRICT in parts.read(_BOOK)


def _not_worked_out(path: Path, sheets: list[Any]) -> dict[str, list[str]]:
    """Sheet → its cells with a formula whose result was never saved. Programs that write workbooks leave it
    blank, or put a nought for it and ask whoever opens it to work everything out."""
    import openpyxl

    if not _has_formulas(path):
        return {}
    pending = _is_pending(path)
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return {one.title: _bare(one, book[one.title], pending) for one in sheets}
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    """Whether any sheet holds one: most exports do not, and are read once."""
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(parts.read(name)) for name in sheets)


def _is_pending(path: Path) -> bool:
    """Whether the workbook asks whoever opens it to work everything out. The reading library takes each for one
    that does, where nothing is said of it, as a spreadsheet writes it."""
    with zipfile.ZipFile(path) as parts:
        return _BOOK in parts.namelist() and bool(_PENDING.search(parts.read(_BOOK)))


def _bare(values: Any, formulas: Any, pending: bool) -> list[str]:
    for one in (values, formulas):
        one.reset_dimensions()
    both = [
        (formula.coordinate, value)
        for row in zip(values.iter_rows(), formulas.iter_rows(), strict=True)
        for value, formula in zip(*row, strict=True)
        if formula.data_type == "f"
    ]
    # A formula that gives a text without a letter is worked out: its cell is one of texts.
    blank = [at for at, value in both if value.value is None and value.data_type == "n"]
    if pending and all(value.value in (None, 0) for _, value in both):
        return [at for at, _ in both]
    return blank


def _unreadable(path: Path, error: Exception) -> DataError:
    data = path.read_bytes()
    if data.startswith(b"PK") or not data.strip(b"\0"):
        return Unfinished(
            f"{path.name} is damaged: {error}, as of an unfinished copy",
            remedy="Copy or export it again.",
        )
    return DataError(
        f"{path.name} is no workbook of this kind: it has a password, or is an older format or a web page "
        "under this name",
        remedy="Open it and save its sheets as CSV.",
    )


def _lines(sheet: Any) -> list[tuple[int, list[str]]]:
    # Several exporters write that a sheet ends at its first cell.
    sheet.reset_dimensions()
    lines = [
        (number, cells)
        for number, cells in enumerate(map(_texts, sheet.iter_rows()), 1)
        if any(cells)
    ]
    width = max((len(cells) for _, cells in lines), default=0)
    return [(number, cells + [""] * (width - len(cells))) for number, cells in lines]


def _texts(cells: Iterator[Any]) -> list[str]:
    return [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        shown = cell.number_format or ""
        sign = _sign(shown)
        if _ZEROS.fullmatch(shown):
            return _digits(value).zfill(len(shown))
        return f"{sign} {_digits(value)}" if sign else _digits(value)
    return _moment(value)


def _digits(value: float) -> str:
    if float(value).is_integer() and abs(value) < 10**_DIGITS:
        return str(int(value))
    return f"{value:.{_DIGITS}g}"


def _moment(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        exact = (value + _HALF_A_SECOND).replace(microsecond=0)
        if exact.time() == datetime.time():
            return exact.date().isoformat()
        return exact.isoformat()
    if isinstance(value, datetime.timedelta):
        return _digits(value / datetime.timedelta(hours=1))  # [h]:mm, as hours are written
    return str(value)


@cache
def _sign(number_format: str) -> str:
    """The currency that a number format shows, none where there is none. Negative amounts, written
    after a semicolon, are in the same."""
    shown = _NO_MONEY.sub("", number_format.partition(";")[0])
    return currency.sign_in(shown) or ""


def only(sheets: list[Sheet], name: str, remedy: str) -> Sheet:
    """The only sheet of the workbook of this name.

    Raises
    ------
    DataError
        If there is none, or several, with the `remedy`.
    """
    if not sheets:
        raise DataError(f"{name} is empty", remedy="Export it again, with its headings.")
    if len(sheets) > 1:
        raise not_told(name, sheets, remedy)
    return sheets[0]


def hidden(sheet: str, name: str) -> DataError:
    """That a sheet of the workbook is hidden, and so not read."""
    return DataError(
        f"sheet {sheet} of {name} is hidden, and hidden sheets are not read",
        remedy="Show it in a spreadsheet, and save the workbook.",
    )


def listed(names: list[str]) -> str:
    """The names of sheets, which may have a comma inside."""
    return ("; " if any("," in one for one in names) else ", ").join(names)


def not_told(name: str, sheets: list[Sheet], remedy: str) -> DataError:
    """Which sheet of the workbook is meant cannot be told, and the `remedy`."""
    return DataError(
        f"{name} has {len(sheets)} sheets ({listed([one.name for one in sheets])}), and which one is meant cannot be told",
        remedy=remedy,
    )
