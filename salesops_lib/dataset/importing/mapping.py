"""The mapping file: read, checked, and turned into what `shaping` carries out.

[tables.deals]
source = "opportunities.csv"                       # or several names, of which one is there:
# source = ["Opportunity", "sf_*opportunity"]      # with any ending of a table, * for any text
sheet = "Deals"                                    # of a source that is a workbook with several
optional = true                                    # no such file, no such table; or what is lost
replace.product = { GTXPro = "GTX Pro" }           # spelling, before anything else
keep.stage = ["Won", "Lost"]                       # other rows are left out, and counted
drop = [{ when = { IsDeleted = true }, because = "deleted in the CRM" }]   # so are these
joins = [{ source = "products.csv", on = { product = "name" }, columns = ["list_price"] }]
distinct = true                                    # equal rows of the result once
also.Id = ["Opportunity ID"]                       # other names that the column Id may have
lacking = ["IsWon"]                                # columns that may be absent: then blank; or
# lacking = { HireDate = "no ramp", OwnerId = { put = "nobody", lost = "one rep" } }

[tables.deals.columns]
deal_id = "Id"                                     # a column of the source, or of a join
close_date = { from = "Closed", format = "%m/%d/%y" }
status = { from = "stage", values = { Won = "won", Lost = "lost" }, otherwise = "open" }
stage = { from = "stage", cases = [{ when = { IsWon = true }, is = "Won" }] }   # first that holds
amount = { from = "value", where = { stage = ["Won"] } }   # blank elsewhere
expected_close_date = { from = "Closed", where = { "made.status" = ["open"] } }   # made above
list_amount = { product = ["quantity", "unit_price"] }     # multiplied exactly, as decimals
name = { join = ["First", "Last"] }                # with a space between
region = { first = ["Region", "Country"] }         # the first that is not blank
source = { constant = "CRM" }
rep_id = { from = "key", whole = true }            # 277.0 is 277
account_id = { row = "A" }                         # A1, A2, …: a number of its own for each row
month = { from = "quarter", quarter = true }       # one row a month of the quarter …
# month = { from = "start", until = "end" }        # … or of the period from start to end …
quota = { from = "quota", split = true }           # … and an equal part of it each, to the cent

[assumptions]                                      # becomes assumptions.toml
currency = "$"

`ids = ["[0-9]{5}", "-[0-9]"]`, above the tables, says how an id is written and what may stand behind it:
where the export has both, that is cut off, so that its files find each other.

Files and columns are found whatever the case, spaces and underscores: `Close Date` is `CloseDate`. A
condition (`when`) holds where every column in it does: true and false as programs write them (TRUE, 1,
yes), or one of the texts, whatever the case, where * stands for any text and "*" alone for any cell that
is not blank. Where no case holds, the cell stays as it is; of a status, the report says which cells the
door will not know, and what `remedy = "…"` of the column says about them.

`on = { owner = ["First", "Last"] }` finds a key that the other file has in several columns, with a space
between. A join may also say: `sheet`, `as = "owner"` (its columns are then called owner.Name), `optional`
(no such file: its columns are blank), `also`, `lacking` and `drop` for the other file, `sparse = true` (most
rows have no match, which is not worth saying), `several = true` (a key with several matches is left blank).
`notes = ["…"]` of a table are sentences for the reader of every report.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Any

from salesops_lib.dataset.assumptions import settle
from salesops_lib.dataset.importing.checking import (
    Kinds,
    all_texts,
    cases,
    check,
    drops,
    id_form,
    keys,
    lacking,
    lists,
    names,
    sheet,
    texts,
    used,
)
from salesops_lib.dataset.importing.rules import MADE, ColumnRule, Join, Mapping, TableRule
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import SalesOpsError

SHIPPED = Path(__file__).parent / "mappings"
# Of those, the programs that companies keep their deals in; the others are worked examples.
CRMS = ("salesforce", "hubspot", "dynamics")
_ORIGINS: dict[str, Kinds] = {
    "from": str,
    "join": list,
    "first": list,
    "product": list,
    "row": str,
    "constant": str,
}
_COLUMN_WORDS: dict[str, Kinds] = {
    **_ORIGINS,
    "values": dict,
    "otherwise": str,
    "cases": list,
    "remedy": str,
    "format": str,
    "where": dict,
    "quarter": bool,
    "until": str,
    "split": bool,
    "whole": bool,
}
_TABLE_WORDS: dict[str, Kinds] = {
    "source": (str, list),
    "sheet": str,
    "columns": dict,
    "replace": dict,
    "keep": dict,
    "drop": list,
    "joins": list,
    "distinct": bool,
    "optional": (bool, str),
    "also": dict,
    "lacking": (list, dict),
    "notes": list,
}
_JOIN_WORDS: dict[str, Kinds] = {
    "source": (str, list),
    "sheet": str,
    "on": dict,
    "columns": list,
    "as": str,
    "optional": (bool, str),
    "also": dict,
    "lacking": (list, dict),
    "drop": list,
    "sparse": bool,
    "several": bool,
}


def read_mapping(kind: str) -> Mapping:
    """The mapping named `kind`: the path of a .toml, or the name of a shipped one.

    Raises
    ------
    SalesOpsError
        If there is none, or it says something that cannot be carried out; the text names the
        table, the column and the word.
    """
    examples = sorted({path.stem for path in SHIPPED.glob("*.toml")} - set(CRMS))
    shipped = [*CRMS, *examples]
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
    check(body, {"ids": list, "tables": dict, "assumptions": dict}, path.name)
    ids = id_form(body.get("ids"), path.name)
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
    return Mapping(path.stem, rules, body.get("assumptions", {}), ids)


def _table(file: str, name: str, rule: Any) -> TableRule:
    place = f"{file}, table {name}"
    check(rule, _TABLE_WORDS, place)
    if "source" not in rule or not rule.get("columns"):
        raise SalesOpsError(f"{place}: 'source' and [tables.{name}.columns] are needed.")
    _check_names(place, name, rule["columns"])
    made = TableRule(
        name,
        names(rule["source"], place),
        tuple(_column(place, column, how) for column, how in rule["columns"].items()),
        {
            column: texts(words, f"{place}, replace.{column}")
            for column, words in rule.get("replace", {}).items()
        },
        lists(rule.get("keep", {}), f"{place}, keep"),
        tuple(_join(f"{place}, joins", one) for one in rule.get("joins", [])),
        rule.get("distinct", False),
        rule.get("optional", False),
        lists(rule.get("also", {}), f"{place}, also"),
        lacking(rule.get("lacking", []), place),
        drops(rule.get("drop", []), place),
        tuple(rule.get("notes", [])),
        sheet(rule, place),
    )
    _check_table(place, made)
    return made


def _check_table(place: str, made: TableRule) -> None:
    """Raises SalesOpsError if the rules of the table do not go together."""
    used(made.also, "also", made.own, place)
    used(made.lacking, "lacking", made.own, place)
    if not all_texts(list(made.notes)):
        raise SalesOpsError(f"{place}: notes is {list(made.notes)!r}, not a list of texts.")
    before: list[str] = []
    for one in made.columns:
        asked = [*one.where, *(column for case in one.cases for column in case.when)]
        for column in asked:
            if column.startswith(MADE) and column.removeprefix(MADE) not in before:
                raise SalesOpsError(
                    f"{place}, column {one.name}: {column} is no column made above it."
                )
        before.append(one.name)
    if sum(one.quarter or one.until is not None for one in made.columns) > 1:
        raise SalesOpsError(f"{place}: only one column can have 'quarter' or 'until'.")
    if any(one.split for one in made.columns) and not made.spread:
        # A third of each amount on a single row would lose the other two.
        raise SalesOpsError(
            f"{place}: 'split' divides a period into its months, but no column has quarter = true "
            "or until."
        )
    if made.spread and made.distinct:
        word = "quarter" if made.spread.quarter else "until"
        raise SalesOpsError(f"{place}: 'distinct' and '{word}' cannot both be used.")


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
    check(words, _COLUMN_WORDS, place)
    origins = [one for one in _ORIGINS if one in words]
    if len(origins) != 1:
        raise SalesOpsError(f"{place}: give one of {', '.join(_ORIGINS)}.")
    origin = origins[0]
    source = words[origin]
    if isinstance(source, list) and not (source and all_texts(source)):
        raise SalesOpsError(f"{place}: {origin} must be a list of columns.")
    rest = {word: value for word, value in words.items() if word != origin}
    if "values" in rest:
        texts(rest["values"], f"{place}, values")
    if "where" in rest:
        lists(rest["where"], f"{place}, where")
    if "cases" in rest:
        rest["cases"] = cases(rest["cases"], place)
    if rest.get("until") and (origin != "from" or rest.get("quarter")):
        raise SalesOpsError(f"{place}: 'until' goes with 'from', and not with 'quarter'.")
    if rest.get("remedy") and not rest.get("cases"):
        raise SalesOpsError(f"{place}: 'remedy' is for cells that no case knows; give cases.")
    return ColumnRule(name, origin, source, **rest)


def _join(place: str, given: Any) -> Join:
    check(given, _JOIN_WORDS, place)
    needed = ("source", "on", "columns")
    absent = [word for word in needed if not given.get(word)]
    if absent:
        raise SalesOpsError(f"{place}: {absent[0]} is needed.")
    if not all_texts(given["columns"]):
        raise SalesOpsError(f"{place}: columns must be a list of columns.")
    prefix = f"{given['as']}." if given.get("as") else ""
    if prefix == MADE:
        raise SalesOpsError(f"{place}: 'made' is the table itself; take another name.")
    made = Join(
        names(given["source"], place),
        keys(given["on"], f"{place}, on"),
        given["columns"],
        prefix,
        lists(given.get("also", {}), f"{place}, also"),
        lacking(given.get("lacking", []), place),
        drops(given.get("drop", []), place),
        given.get("optional", False),
        given.get("sparse", False),
        given.get("several", False),
        sheet(given, place),
    )
    used(made.also, "also", made.theirs, place)
    used(made.lacking, "lacking", made.theirs, place)
    return made
