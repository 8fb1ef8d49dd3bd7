"""Every word of a mapping file is known, of its kind, and says something that can be carried out. What is
not is raised as a SalesOpsError by each function here, with its `place` in the file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as MappingOf
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesops_lib.dataset import workbooks
from salesops_lib.dataset.importing.rules import Case, Drop, Lacking, When
from salesops_lib.dataset.reading import ended
from salesops_lib.errors import SalesOpsError

Kinds = type | tuple[type, ...]
_KINDS: dict[type, str] = {
    str: "a text",
    list: "a list",
    dict: "a table",
    bool: "true or false",
}


def check(body: Any, allowed: MappingOf[str, Kinds], place: str) -> None:
    """Raises SalesOpsError unless every word is known and of its kind."""
    if not isinstance(body, dict):
        raise SalesOpsError(f"{place}: {body!r} is not a table, {{ word = value }}.")
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        near = difflib.get_close_matches(unknown[0], sorted(allowed), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SalesOpsError(
            f"{place}: unknown {', '.join(unknown)}; allowed are {', '.join(sorted(allowed))}.{hint}"
        )
    for word, value in body.items():
        wanted = allowed[word]
        kinds: tuple[type, ...] = wanted if isinstance(wanted, tuple) else (wanted,)
        if not isinstance(value, kinds):
            shown = " or ".join(_KINDS[one] for one in kinds)
            raise SalesOpsError(f"{place}: {word} is {value!r}, not {shown}.")


def texts(given: Any, place: str) -> dict[str, str]:
    """A text for each text."""
    if not isinstance(given, dict) or not all_texts(list(given.values())):
        raise SalesOpsError(f"{place}: {given!r} does not give a text for each text.")
    return given


def lists(given: MappingOf[str, Any], place: str) -> MappingOf[str, list[str]]:
    """A list of texts for each text."""
    for column, values in given.items():
        if not all_texts(values):
            raise SalesOpsError(f"{place}.{column}: {values!r} is not a list of texts.")
    return given


def keys(given: MappingOf[str, Any], place: str) -> dict[str, list[str]]:
    """What a join goes by: for each column of ours one of theirs, or several."""
    return dict(
        lists({one: [how] if isinstance(how, str) else how for one, how in given.items()}, place)
    )


def id_form(given: Any, place: str) -> tuple[str, str] | None:
    """How an id is written, and what may stand behind it."""
    if given is None:
        return None
    if not all_texts(given) or len(given) != 2:
        raise SalesOpsError(
            f"{place}: ids is {given!r}, not how an id is written and what may follow."
        )
    for form in given:
        try:
            pc.match_substring_regex(pa.array([""]), form)
        except pa.ArrowInvalid as error:
            raise SalesOpsError(f"{place}: ids cannot be used: {form!r}: {error}.") from None
    return given[0], given[1]


def all_texts(given: Any) -> bool:
    """Whether it is a list of texts."""
    return isinstance(given, list) and all(isinstance(one, str) for one in given)


def names(given: Any, place: str) -> tuple[str, ...]:
    """One file name or several."""
    found = [given] if isinstance(given, str) else given
    if not found or not all_texts(found) or not all(found):
        raise SalesOpsError(f"{place}: source is {given!r}, not a file name or a list of them.")
    return tuple(found)


def sheet(given: MappingOf[str, Any], place: str) -> str:
    """The sheet of the source, a workbook; none where nothing is said of it."""
    if "sheet" not in given:
        return ""
    # With its spaces: a workbook may have a sheet "Deals" and another "Deals ".
    name = str(given["sheet"])
    if not name.strip():
        raise SalesOpsError(f"{place}: sheet is {given['sheet']!r}, not the name of a sheet.")
    for file in names(given["source"], place):
        if ended(file)[1] and not workbooks.is_workbook(file):
            raise SalesOpsError(
                f"{place}: sheet is {name!r}, but {file} is no workbook; sheets are in files with the ending "
                f"{' or '.join(workbooks.ENDINGS)}."
            )
    return name


def when(given: Any, place: str) -> When:
    """A condition: column → texts, or true or false."""
    if not isinstance(given, dict) or not given:
        raise SalesOpsError(f"{place}: when is {given!r}, not {{ COLUMN = [texts] or true }}.")
    for column, wanted in given.items():
        if not isinstance(wanted, bool) and not (wanted and all_texts(wanted)):
            raise SalesOpsError(
                f"{place}, when.{column}: {wanted!r} is neither a list of texts nor true or false."
            )
    return given


def cases(given: list[Any], place: str) -> tuple[Case, ...]:
    """The cases of a column, in their order."""
    made = []
    for one in given:
        check(one, {"when": dict, "is": str, "from": str}, f"{place}, cases")
        if ("is" in one) == ("from" in one):
            raise SalesOpsError(f"{place}, cases: give one of is, from in {one!r}.")
        made.append(
            Case(when(one.get("when"), f"{place}, cases"), one.get("is", ""), one.get("from"))
        )
    return tuple(made)


def drops(given: list[Any], place: str) -> tuple[Drop, ...]:
    """What is left out, with the reason."""
    made = []
    for one in given:
        check(one, {"when": dict, "because": str}, f"{place}, drop")
        if not one.get("because"):
            raise SalesOpsError(f"{place}, drop: because is needed: the report gives it as reason.")
        made.append(Drop(when(one.get("when"), f"{place}, drop"), one["because"]))
    return tuple(made)


def lacking(given: Any, place: str) -> dict[str, Lacking]:
    """Column → what is done where it is not there: a list of columns, or a table that says for
    each true, what is lost, or { put = "text for every row", lost = "what is lost" }."""
    if all_texts(given):
        given = dict.fromkeys(given, True)
    if not isinstance(given, dict):
        raise SalesOpsError(f"{place}: lacking is {given!r}, not a list of columns or a table.")
    made = {}
    for column, how in given.items():
        if how is True:
            made[column] = Lacking()
        elif isinstance(how, str):
            made[column] = Lacking(lost=how)
        else:
            check(how, {"put": str, "lost": str}, f"{place}, lacking.{column}")
            made[column] = Lacking(how.get("put", ""), how.get("lost", ""))
    return made


def used(given: MappingOf[str, Any], word: str, known: list[str], place: str) -> None:
    """Raises SalesOpsError if `word` is said of a column that no rule names."""
    for column in given:
        if column not in known:
            near = difflib.get_close_matches(column, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SalesOpsError(f"{place}, {word}: no rule names the column {column}.{hint}")
