"""Run a mapping: read the export, shape every table, write the dataset whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesops_lib import wording
from salesops_lib.dataset import atomic, parsing
from salesops_lib.dataset.homes import expanded
from salesops_lib.dataset.importing.finding import Export
from salesops_lib.dataset.importing.mapping import read_mapping
from salesops_lib.dataset.importing.places import Places, expected
from salesops_lib.dataset.importing.rules import Join, Mapping, TableRule
from salesops_lib.dataset.importing.shaping import shaped
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import SalesOpsError


@dataclass(frozen=True)
class ImportReport:
    """What an import read and wrote.

    Attributes
    ----------
    mapping, dest
        The mapping's name, and the folder written.
    tables
        One row a canonical table: table, source, rows_read, rows_left_out, rows_written; a row
        that was split by quarter is written three times.
    left_out
        One row a table and reason: table, reason, rows.
    notes
        What else to know, by table: rows without a match in a join, columns of the user's own,
        what the export lacks and what is lost by that.
    unused
        Files of the export, and sheets of a workbook with several, that were not read.
    """

    mapping: str
    dest: Path
    tables: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The report as plain lines."""
        said = [
            f"{one.table}: {one.rows_read:,} rows of {one.source} read, "
            f"{one.rows_written:,} written, {one.rows_left_out:,} left out"
            for one in self.tables.itertuples(index=False)
        ]
        said += [
            f"  - {one.table}: {one.rows:,} left out, because {one.reason}"
            for one in self.left_out.itertuples(index=False)
        ]
        said += [f"  - {note}" for note in self.notes]
        if self.unused:
            said.append(f"  - not used: {', '.join(self.unused)}")
        return [*said, f"{self.dest}: ready; `salesops check {self.dest}` shows its quality"]


def import_dataset(
    mapping: str | Path | Mapping, src: Path | str, dest: Path | str, *, force: bool = False
) -> ImportReport:
    """Turn the export in `src` into a dataset in `dest`.

    Parameters
    ----------
    mapping
        A mapping file, the name of a shipped one, or a mapping already read.
    src
        Folder of CSV (`.gz` too), Excel (.xlsx) or Parquet files, or one workbook; of a workbook with
        several sheets each counts as a file. A .zip archive, alone or in the folder, counts as what is in it.
    dest
        A folder that is empty or not there yet; it appears whole or not at all.
    force
        Replace the dataset in `dest`. Its assumptions.toml and activities.toml are kept: somebody
        may have filled them in. A folder that holds anything but a dataset is never replaced.

    Raises
    ------
    SalesOpsError
        If the mapping or a file is not there, or dest holds something.
    DataError
        If a column that the mapping names is not in its source.
    """
    rules = mapping if isinstance(mapping, Mapping) else read_mapping(str(mapping))
    src, dest = expanded(src), expanded(dest)
    places = Places(src)
    _check_free(dest, force)
    with atomic.folder(dest) as staged:
        report = _import(rules, places, staged, dest)
        staged.chmod(0o755)
        _put(staged, dest)
    return report


_KEPT = ("assumptions.toml", "activities.toml")


def _check_free(dest: Path, force: bool) -> None:
    """Raises SalesOpsError if `dest` holds what must not be replaced."""
    if not dest.exists():
        return
    if not dest.is_dir():
        raise SalesOpsError(f"{dest} is a file. Give a new folder.")
    if not force and any(dest.iterdir()):
        raise SalesOpsError(f"{dest} is not empty. Give a new folder, or --force to replace it.")
    strange = sorted(one.name for one in dest.iterdir() if not _of_a_dataset(one))
    if strange:
        raise SalesOpsError(
            f"{dest} holds {strange[0]}, which is no part of a dataset, so it is not replaced. "
            "Give a new folder."
        )


def _of_a_dataset(path: Path) -> bool:
    if path.name in {*_KEPT, "truth.json", "quarantine"}:
        return True
    stem, _, ending = path.name.partition(".")
    return stem in TABLES and ending in {"csv", "csv.gz", "parquet"}


def _put(staged: Path, dest: Path) -> None:
    """Move the finished folder into place; what was there goes only when the new one is."""
    if not dest.exists():
        staged.replace(dest)
        return
    for name in _KEPT:
        if (dest / name).is_file():
            shutil.copy2(dest / name, staged / name)
    old = Path(tempfile.mkdtemp(prefix=".replaced-", dir=dest.parent))
    dest.replace(old / dest.name)
    staged.replace(dest)
    shutil.rmtree(old, ignore_errors=True)


class _Files:
    """The files and sheets of an export, each read once."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.exports: dict[str, Export] = {}
        self.broken: dict[str, dict[str, int]] = {}
        self.notes: list[str] = []

    def of(self, table: str, part: TableRule | Join) -> Export | None:
        """The file or sheet that the rule takes, None where an optional one is not there.

        Raises
        ------
        DataError
            If it must be there and is not, cannot be read, or is two.
        """
        place = self.places.found(part, table)
        if place is None:
            if part.optional is not False:
                lines = [f"not read: {fault}" for fault in self.places.unseen(part)]
                self.notes += [one for one in lines if one not in self.notes]
                return None
            raise self.places.absent(part, table)
        name = place.name
        if name not in self.exports:
            raw = place.read()
            reasons = pd.Series([why for _, _, why in raw.broken], dtype=object).value_counts()
            self.broken[name] = {str(why): int(n) for why, n in reasons.items()}
            for number, line, _ in raw.broken[:1]:
                self.notes.append(
                    f"{name}: the first line that is no row is {number:,}, {parsing.shown(line)}"
                )
            self.exports[name] = Export(name, raw.frame.fillna("").astype(str), raw.semicolons)
        return self.exports[name]

    def all_of(self, rule: TableRule) -> tuple[Export | None, list[Export | None]]:
        """The file of the table, and those of its joins, which without it are not needed."""
        source = self.of(rule.name, rule)
        return source, [self.of(rule.name, one) for one in rule.joins] if source else []

    def id_form(self, ids: tuple[str, str] | None) -> tuple[str, list[str]]:
        """What ids are cut to, and that they are, where the files have them with and without what
        may stand behind them; else nothing."""
        if ids is None:
            return "", []
        plain, behind = ids
        shown: dict[str, str] = {}
        for export in self.exports.values():
            for column in export.frame:
                cells = pa.array(export.frame[column], pa.string())
                for form in {plain, plain + behind} - set(shown):
                    hits = cells.filter(pc.match_substring_regex(cells, f"^(?:{form})$"))
                    shown |= {form: str(hits[0])} if len(hits) else {}
        if len(shown) < 2:
            return "", []
        said = f"ids are written in two ways, such as {shown[plain]} and {shown[plain + behind]}"
        return f"({plain}){behind}", [
            f"{said}: the longer are cut, so that the files find each other"
        ]


def _import(rules: Mapping, places: Places, staged: Path, dest: Path) -> ImportReport:
    files = _Files(places)
    tables, left_out = [], []
    found = [(rule, *files.all_of(rule)) for rule in rules.tables]
    form, notes = files.id_form(rules.ids)
    notes += [*files.notes, *(f"not read: {fault}" for fault in places.faults.values())]
    for rule, source, others in found:
        if source is None:
            lost = (
                f": {rule.optional}"
                if isinstance(rule.optional, str)
                else ", so there is no such table"
            )
            notes.append(f"{rule.name}: {expected(rule)} is not there{lost}")
            continue
        made, left, said = shaped(replace(rule, ids=form), source, others)
        notes += [f"{rule.name}: {note}" for note in (*said, *rule.notes)]
        broken = files.broken[source.file]
        left = {**broken, **left}
        # Separated as the source is: the door doubts a lone 1.234 between semicolons, and only there.
        separator = ";" if source.semicolons else ","
        made.to_csv(staged / f"{rule.name}.csv", index=False, sep=separator)
        tables.append(
            {
                "table": rule.name,
                "source": source.file,
                "rows_read": len(source.frame) + sum(broken.values()),
                "rows_left_out": sum(left.values()),
                "rows_written": len(made),
            }
        )
        left_out += [{"table": rule.name, "reason": why, "rows": n} for why, n in left.items()]
    sources = {one["source"] for one in tables}
    notes += [
        f"{wording.count(n, 'line')} of {file} not used, because {why}"
        for file, broken in files.broken.items()
        if file not in sources
        for why, n in broken.items()
    ]
    if rules.assumptions:
        text = "".join(f"{name} = {_toml(value)}\n" for name, value in rules.assumptions.items())
        (staged / "assumptions.toml").write_text(text, encoding="utf-8")
    return ImportReport(
        rules.name,
        dest,
        pd.DataFrame(
            tables, columns=["table", "source", "rows_read", "rows_left_out", "rows_written"]
        ),
        pd.DataFrame(left_out, columns=["table", "reason", "rows"]),
        tuple(notes),
        tuple(places.beside(set(files.exports))),
    )


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    # A text of JSON is one of TOML, escapes included.
    return json.dumps(str(value), ensure_ascii=False)
