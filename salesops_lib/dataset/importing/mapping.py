"""The mapping file: read, checked, and turned into what `shaping` carries out.

[tables.deals]
source = "opportunities.csv"
replace.product = { GTXPro = "GTX Pro" }           # spelling, before anything else
keep.stage = ["Won", "Lost"]                       # other rows are left out, and counted
joins = [{ source = "products.csv", on = { product = "product" }, columns = ["price"] }]
distinct = true                                    # equal rows of the result once

[tables.deals.columns]
deal_id = "Id"                                     # a column of the source
close_date = { from = "Closed", format = "%m/%d/%y" }
status = { from = "stage", values = { Won = "won", Lost = "lost" }, otherwise = "open" }
amount = { from = "value", where = { stage = ["Won"] } }   # blank elsewhere
name = { join = ["First", "Last"] }                # with a space between
region = { first = ["Region", "Country"] }         # the first that is not blank
source = { constant = "CRM" }
month = { from = "quarter", quarter = true }       # one row a month of the quarter …
quota = { from = "quota", split = true }           # … and a third of it each, to the cent

[assumptions]                                      # becomes assumptions.toml
currency = "$"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import SalesOpsError

SHIPPED = Path(__file__).parent / "mappings"
_LATER = ("salesforce", "hubspot", "dynamics")
_TABLE_WORDS = {"source", "columns", "replace", "keep", "joins", "distinct"}
_COLUMN_WORDS = {
    *("from", "join", "first", "constant"),
    *("values", "otherwise", "format", "where", "quarter", "split", "whole"),
}
_ORIGINS = ("from", "join", "first", "constant")


@dataclass(frozen=True)
class ColumnRule:
    """How one canonical column is made; exactly one of the four origins is given."""

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
class TableRule:
    """How one canonical table is made from one file."""

    name: str
    source: str
    columns: tuple[ColumnRule, ...]
    replace: MappingOf[str, MappingOf[str, str]]
    keep: MappingOf[str, list[str]]
    joins: tuple[MappingOf[str, Any], ...]
    distinct: bool

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
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SalesOpsError(f"{path.name} is not a TOML file: {error}.") from error
    _only(body, {"tables", "assumptions"}, path.name)
    tables = body.get("tables", {})
    if not tables:
        raise SalesOpsError(f"{path.name}: there is no [tables.NAME] section.")
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise SalesOpsError(
            f"{path.name}: there is no table {', '.join(unknown)}; there are {', '.join(TABLES)}."
        )
    rules = tuple(_table(path.name, name, rule) for name, rule in tables.items())
    return Mapping(path.stem, rules, body.get("assumptions", {}))


def _table(file: str, name: str, rule: dict[str, Any]) -> TableRule:
    place = f"{file}, table {name}"
    _only(rule, _TABLE_WORDS, place)
    if "source" not in rule or not rule.get("columns"):
        raise SalesOpsError(f"{place}: 'source' and [tables.{name}.columns] are needed.")
    made = _rule(place, name, rule)
    if any(one.split for one in made.columns) and not made.quarterly:
        # A third of each amount on a single row would lose the other two.
        raise SalesOpsError(
            f"{place}: 'split' divides a quarter into its months, but no column has quarter = true."
        )
    return made


def _rule(place: str, name: str, rule: dict[str, Any]) -> TableRule:
    return TableRule(
        name,
        rule["source"],
        tuple(_column(place, column, how) for column, how in rule["columns"].items()),
        rule.get("replace", {}),
        rule.get("keep", {}),
        tuple(rule.get("joins", ())),
        bool(rule.get("distinct", False)),
    )


def _column(place: str, name: str, how: Any) -> ColumnRule:
    words = {"from": how} if isinstance(how, str) else dict(how)
    _only(words, _COLUMN_WORDS, f"{place}, column {name}")
    origins = [one for one in _ORIGINS if one in words]
    if len(origins) != 1:
        raise SalesOpsError(f"{place}, column {name}: give one of {', '.join(_ORIGINS)}.")
    source = words.pop(origins[0])
    return ColumnRule(name, origins[0], source, **words)


def _only(body: MappingOf[str, Any], allowed: set[str], place: str) -> None:
    unknown = sorted(set(body) - allowed)
    if unknown:
        raise SalesOpsError(
            f"{place}: unknown {', '.join(unknown)}; allowed are {', '.join(sorted(allowed))}."
        )
