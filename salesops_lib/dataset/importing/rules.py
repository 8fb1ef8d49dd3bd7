"""What a mapping file says, once read and checked: one frozen rule a table, a column and a join."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Any

# Column → the texts it may hold, or whether it says yes or no.
When = MappingOf[str, list[str] | bool]
# The prefix of columns that the table itself has made so far.
MADE = "made."


@dataclass(frozen=True)
class Case:
    """The rows in which `when` holds get a text, or what another column holds."""

    when: When
    says: str = ""
    source: str | None = None


@dataclass(frozen=True)
class Drop:
    """The rows in which `when` holds are left out, and counted with the reason."""

    when: When
    because: str


@dataclass(frozen=True)
class Lacking:
    """What is done where a source has no such column: `put` stands in every row, and `lost` (where
    it is not empty) says what that costs."""

    put: str = ""
    lost: str = ""


@dataclass(frozen=True)
class ColumnRule:
    """How one canonical column is made; exactly one of the origins is given."""

    name: str
    origin: str
    source: Any
    values: MappingOf[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    cases: tuple[Case, ...] = ()
    remedy: str = ""
    format: str | None = None
    where: MappingOf[str, list[str]] = field(default_factory=dict)
    quarter: bool = False
    until: str | None = None
    split: bool = False
    whole: bool = False

    @property
    def sources(self) -> list[str]:
        """The columns that it is made of, in the order of the mapping."""
        own = [] if self.origin in {"constant", "row"} else self.source
        own = [own] if isinstance(own, str) else list(own)
        for case in self.cases:
            own += [*case.when, *([case.source] if case.source else [])]
        return [*own, *self.where, *([self.until] if self.until else [])]


@dataclass(frozen=True)
class Join:
    """Columns of another file, found by a key: `on` is our column → theirs, or several of theirs that
    make it with a space between."""

    source: tuple[str, ...]
    on: MappingOf[str, list[str]]
    columns: list[str]
    prefix: str = ""
    also: MappingOf[str, list[str]] = field(default_factory=dict)
    lacking: MappingOf[str, Lacking] = field(default_factory=dict)
    drop: tuple[Drop, ...] = ()
    optional: bool | str = False
    sparse: bool = False
    several: bool = False
    sheet: str = ""

    def given(self, column: str) -> str:
        """The name that a column of the other file has in the table's rules."""
        return f"{self.prefix}{column}"

    @property
    def theirs(self) -> list[str]:
        """The columns of the other file that are needed."""
        keys = [column for parts in self.on.values() for column in parts]
        return [*keys, *self.columns, *(c for one in self.drop for c in one.when)]


@dataclass(frozen=True)
class TableRule:
    """How one canonical table is made from one file, the first of `source` that is there, or from the `sheet`
    of it, a workbook. Of an id that is written like `ids` only the part in brackets counts; where that is
    empty, all of it."""

    name: str
    source: tuple[str, ...]
    columns: tuple[ColumnRule, ...]
    replace: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    keep: MappingOf[str, list[str]] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()
    distinct: bool = False
    optional: bool | str = False
    also: MappingOf[str, list[str]] = field(default_factory=dict)
    lacking: MappingOf[str, Lacking] = field(default_factory=dict)
    drop: tuple[Drop, ...] = ()
    notes: tuple[str, ...] = ()
    sheet: str = ""
    ids: str = ""

    @property
    def spread(self) -> ColumnRule | None:
        """The column whose row may stand for several months, if there is one."""
        return next((one for one in self.columns if one.quarter or one.until), None)

    @property
    def own(self) -> list[str]:
        """The columns that the source itself must hold: neither made nor brought by a join."""
        brought = {join.given(one) for join in self.joins for one in join.columns}
        named = dict.fromkeys(self._named())
        return [one for one in named if one not in brought and not one.startswith(MADE)]

    def _named(self) -> Iterator[str]:
        yield from self.replace
        yield from self.keep
        for join in self.joins:
            yield from join.on
        for drop in self.drop:
            yield from drop.when
        for column in self.columns:
            yield from column.sources


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file; `ids` is how an id is written, and what may stand behind it."""

    name: str
    tables: tuple[TableRule, ...]
    assumptions: MappingOf[str, Any]
    ids: tuple[str, str] | None = None
