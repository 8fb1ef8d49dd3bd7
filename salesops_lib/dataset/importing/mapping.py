"""The mapping file: read, checked, and turned into what `shaping` carries out.

[tables.deals]
source = "opportunities.csv"
optional = true                                    # no such file, no such table
replace.product = { GTXPro = "GTX Pro" }           # spelling, before anything else
keep.stage = ["Won", "Lost"]                       # other rows are left out, and counted
joins = [{ source = "products.csv", on = { product = "name" }, columns = ["list_price"] }]
distinct = true                                    # equal rows of the result once

[tables.deals.columns]
deal_id = "Id"                                     # a column of the source, or of a join
close_date = { from = "Closed", format = "%m/%d/%y" }
status = { from = "stage", values = { Won = "won", Lost = "lost" }, otherwise = "open" }
amount = { from = "value", where = { stage = ["Won"] } }   # blank elsewhere
list_amount = { product = ["quantity", "unit_price"] }     # multiplied exactly, as decimals
name = { join = ["First", "Last"] }                # with a space between
region = { first = ["Region", "Country"] }         # the first that is not blank
source = { constant = "CRM" }
rep_id = { from = "key", whole = true }            # 277.0 is 277
account_id = { row = "A" }                         # A1, A2, …: a number of its own for each row
month = { from = "quarter", quarter = true }       # one row a month of the quarter …
quota = { from = "quota", split = true }           # … and a third of it each, to the cent

[assumptions]                                      # becomes assumptions.toml
currency = "$"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesops_lib.dataset.assumptions import settle
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import SalesOpsError

SHIPPED = Path(__file__).parent / "mappings"
_LATER = ("salesforce", "hubspot", "dynamics")
_ORIGINS: dict[str, type] = {
    "from": str,
    "join": list,
    "first": list,
    "product": list,
    "row": str,
    "constant": str,
}
_COLUMN_WORDS: dict[str, type] = {
    **_ORIGINS,
    "values": dict,
    "otherwise": str,
    "format": str,
    "where": dict,
    "quarter": bool,
    "split": bool,
    "whole": bool,
}
_TABLE_WORDS: dict[str, type] = {
    "source": str,
    "columns": dict,
    "replace": dict,
    "keep": dict,
    "joins": list,
    "distinct": bool,
    "optional": bool,
}
_JOIN_WORDS: dict[str, type] = {"source": str, "on": dict, "columns": list}
_KINDS = {str: "a text", list: "a list", dict: "a table", bool: "true or false"}


@dataclass(frozen=True)
class ColumnRule:
    """How one canonical column is made; exactly one of the origins is given."""

    name: str
    origin: str
    source: Any
    values: MappingOf[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    format: str | None = None
    where: MappingOf[str, list[str]] = field(default_factory=dict)
    quarter: bool = False
    split: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Join:
    """Columns of another file, found by a key: `on` is our column → theirs."""

    source: str
    on: MappingOf[str, str]
    columns: list[str]


@dataclass(frozen=True)
class TableRule:
    """How one canonical table is made from one file."""

    name: str
    source: str
    columns: tuple[ColumnRule, ...]
    replace: MappingOf[str, MappingOf[str, str]]
    keep: MappingOf[str, list[str]]
    joins: tuple[Join, ...]
    distinct: bool
    optional: bool

    @property
    def quarterly(self) -> bool:
        return any(one.quarter for one in self.columns)


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file."""

    name: str
    tables: tuple[TableRule, ...]
    assumptions: MappingOf[str, Any]


def read_mapping(kind: str) -> Mapping:
    """The mapping named `kind`: the path of a .toml, or the name of a shipped one.

    Raises
    ------
    SalesOpsError
        If there is none, or it says something that cannot be carried out; the text names the
        table, the column and the word.
    """
    shipped = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if kind in _LATER:
        raise SalesOpsError(
            f"an importer for {kind} is not built yet. Write a mapping file: "
            "`salesops import --suggest SRC` proposes one, data/README.md explains it."
        )
    path = SHIPPED / f"{kind}.toml" if kind in shipped else Path(kind)
    if not path.is_file():
        raise SalesOpsError(
            f"there is no mapping {kind}. Give the path of a .toml file, or one of "
            f"{', '.join(shipped)}."
        )
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SalesOpsError(f"{path.name} is not a TOML file: {error}.") from error
    _check(body, {"tables": dict, "assumptions": dict}, path.name)
    tables = body.get("tables", {})
    if not tables:
        raise SalesOpsError(f"{path.name}: there is no [tables.NAME] section.")
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise SalesOpsError(
            f"{path.name}: there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}."
        )
    rules = tuple(_table(path.name, name, rule) for name, rule in tables.items())
    settle(body.get("assumptions"))  # one that could not be used later is refused now
    return Mapping(path.stem, rules, body.get("assumptions", {}))


def _table(file: str, name: str, rule: Any) -> TableRule:
    place = f"{file}, table {name}"
    _check(rule, _TABLE_WORDS, place)
    if "source" not in rule or not rule.get("columns"):
        raise SalesOpsError(f"{place}: 'source' and [tables.{name}.columns] are needed.")
    _check_names(place, name, rule["columns"])
    made = TableRule(
        name,
        rule["source"],
        tuple(_column(place, column, how) for column, how in rule["columns"].items()),
        {
            column: _texts(words, f"{place}, replace.{column}")
            for column, words in rule.get("replace", {}).items()
        },
        _lists(rule.get("keep", {}), f"{place}, keep"),
        tuple(_join(f"{place}, joins", one) for one in rule.get("joins", [])),
        rule.get("distinct", False),
        rule.get("optional", False),
    )
    if any(one.split for one in made.columns) and not made.quarterly:
        # A third of each amount on a single row would lose the other two.
        raise SalesOpsError(
            f"{place}: 'split' divides a quarter into its months, but no column has quarter = true."
        )
    if made.quarterly and made.distinct:
        raise SalesOpsError(f"{place}: 'distinct' and 'quarter' cannot both be used.")
    return made


def _check_names(place: str, name: str, columns: MappingOf[str, Any]) -> None:
    """Columns of the user's own are carried along; a slip of the pen is not."""
    table = TABLES[name]
    free = [one for one in table.names if one not in columns]
    for column in columns:
        near = difflib.get_close_matches(column, free, n=2, cutoff=0.8)
        if column not in table.names and near:
            raise SalesOpsError(
                f"{place}: there is no column {column}. Did you mean {' or '.join(near)}?"
            )
    missing = [one for one in table.required if one not in columns]
    if missing:
        raise SalesOpsError(f"{place}: {', '.join(missing)} cannot be left out.")


def _column(place: str, name: str, how: Any) -> ColumnRule:
    place = f"{place}, column {name}"
    words: dict[str, Any] = {"from": how} if isinstance(how, str) else how
    _check(words, _COLUMN_WORDS, place)
    origins = [one for one in _ORIGINS if one in words]
    if len(origins) != 1:
        raise SalesOpsError(f"{place}: give one of {', '.join(_ORIGINS)}.")
    origin = origins[0]
    source = words[origin]
    if isinstance(source, list) and not (source and _all_texts(source)):
        raise SalesOpsError(f"{place}: {origin} must be a list of columns.")
    rest = {word: value for word, value in words.items() if word != origin}
    if "values" in rest:
        _texts(rest["values"], f"{place}, values")
    if "where" in rest:
        _lists(rest["where"], f"{place}, where")
    return ColumnRule(name, origin, source, **rest)


def _join(place: str, given: Any) -> Join:
    _check(given, _JOIN_WORDS, place)
    lacking = [word for word in _JOIN_WORDS if not given.get(word)]
    if lacking:
        raise SalesOpsError(f"{place}: {lacking[0]} is needed.")
    if not _all_texts(given["columns"]):
        raise SalesOpsError(f"{place}: columns must be a list of columns.")
    return Join(given["source"], _texts(given["on"], f"{place}, on"), given["columns"])


def _check(body: Any, allowed: MappingOf[str, type], place: str) -> None:
    """Every word is known and of its kind."""
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
        if not isinstance(value, allowed[word]):
            raise SalesOpsError(f"{place}: {word} is {value!r}, not {_KINDS[allowed[word]]}.")


def _texts(given: Any, place: str) -> dict[str, str]:
    if not isinstance(given, dict) or not _all_texts(list(given.values())):
        raise SalesOpsError(f"{place}: {given!r} does not give a text for each text.")
    return given


def _lists(given: MappingOf[str, Any], place: str) -> MappingOf[str, list[str]]:
    for column, values in given.items():
        if not _all_texts(values):
            raise SalesOpsError(f"{place}.{column}: {values!r} is not a list of texts.")
    return given


def _all_texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(one, str) for one in given)
