"""A first mapping for an export, by the names its columns have."""

from __future__ import annotations

import json
from pathlib import Path

from salesops_lib.dataset.reading import read_file
from salesops_lib.dataset.schema import TABLES, Table, canonical, table_named
from salesops_lib.errors import SalesOpsError


def suggest_mapping(src: Path | str) -> str:
    """The text of a mapping file for the export in `src`: each table from the file that has most of
    its columns. What is not recognised stands in comments, to be filled in by hand.

    Raises
    ------
    SalesOpsError
        If `src` is no folder, or no file in it resembles a table.
    """
    src = Path(src)
    if not src.is_dir():
        raise SalesOpsError(f"{src} is not a folder. Give the folder that holds the export.")
    files = {
        path.name: [str(one) for one in read_file(path).frame.columns]
        for path in sorted(src.iterdir())
        if path.name.lower().endswith((".csv", ".csv.gz", ".parquet"))
    }
    parts = []
    for table in TABLES.values():
        found = {name: canonical(table, headings) for name, headings in files.items()}
        best = max(found, key=lambda name: _likeness(table, name, found[name]), default=None)
        if best is None or len(found[best]) < 2:
            continue
        names = {column: heading for heading, column in found[best].items()}
        lines = [
            f"[tables.{table.name}]",
            f"source = {json.dumps(best, ensure_ascii=False)}",
            f"[tables.{table.name}.columns]",
        ]
        lines += [
            f"{one.name} = {json.dumps(names[one.name], ensure_ascii=False)}"
            if one.name in names
            else f'# {one.name} = ""   # {"needed: " if one.required else ""}{one.meaning}'
            for one in table.columns
        ]
        unused = [" ".join(one.split()) for one in files[best] if one not in found[best]]
        lines.append(f"# not used: {', '.join(unused) or 'none'}")
        lacking = [one for one in table.required if one not in names]
        if lacking:
            # A table that cannot be used yet is proposed, but not switched on.
            lines = [line if line.startswith("#") else f"# {line}" for line in lines]
            lines.insert(0, f"# Fill in {', '.join(lacking)} and take the # away, or leave it out:")
        parts.append("\n".join(lines))
    if not parts:
        raise SalesOpsError(
            f"no file in {src} resembles a table; data/README.md lists the columns."
        )
    return "# A proposal. Check every line, then: salesops import THIS.toml SRC DEST\n\n" + (
        "\n\n".join(parts)
    )


def _likeness(table: Table, file: str, found: dict[str, str]) -> tuple[bool, int, int]:
    """A file named like the table first, then by columns it cannot be used without, then by all."""
    named = table_named(file.partition(".")[0]) is table
    return named, sum(one in table.required for one in found.values()), len(found)
