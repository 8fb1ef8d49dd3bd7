"""From bytes to text, as exporters and spreadsheets write it."""

from __future__ import annotations

from salesops_lib import wording
from salesops_lib.errors import DataError

_ZIP = b"PK\x03\x04"


def decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file, and what the reader of the quality report should know of it: UTF-8 (with
    or without a mark), UTF-16 or UTF-32, else Windows-1252.

    Raises
    ------
    DataError
        If it is no text, or a web page, a workbook or an answer in JSON.
    """
    wide = _wide(data)
    try:
        text = data.decode(wide or "utf-8-sig")
        _check_markup(name, text)
        return text, []
    except UnicodeDecodeError as error:
        if wide:
            raise DataError(
                f"{name} is damaged or cut off: {error.reason} at byte {error.start:,}",
                remedy="Export it again.",
            ) from None
    if data.startswith(_ZIP):
        raise DataError(
            f"{name} is a workbook or an archive, not a text file",
            remedy="Open it in the spreadsheet and save each sheet as CSV in UTF-8.",
        )
    if b"\x00" in data[:4096]:
        raise DataError(f"{name} is not a text file", remedy="Export it as CSV in UTF-8.")
    text = data.decode("cp1252", errors="replace")
    _check_markup(name, text)
    lost = text.count("\ufffd")
    more = f"; {wording.count(lost, 'character')} could not be read and stand as \ufffd"
    return text, ["read as Windows-1252, because it is not UTF-8" + (more if lost else "")]


def _wide(data: bytes) -> str | None:
    """The encoding of a file of two or four bytes a character, by its mark or, without one, by
    where the empty bytes of plain letters lie."""
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        return "utf-32"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[:1000]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.8 * len(head[1::2]) and not even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 * len(head[::2]) and not odd else None


def _check_markup(name: str, text: str) -> None:
    """What a download hands over in place of a table: the page to log in, or an answer in JSON."""
    kind = {"<": "a web page or XML", "{": "JSON", "[": "JSON"}.get(text.lstrip()[:1])
    if kind:
        raise DataError(f"{name} is {kind}, not a table", remedy="Export it as CSV in UTF-8.")
