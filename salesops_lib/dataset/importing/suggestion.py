"""A first mapping for an export, by the names its columns have."""

from __future__ import annotations

from pathlib import Path

from salesops_lib.dataset.reading import read_file
from salesops_lib.dataset.schema import TABLES, canonical
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
        best = max(found, key=lambda name: len(found[name]), default=None)
        if best is None or len(found[best]) < 2:
            continue
        names = {column: heading for heading, column in found[best].items()}
        lines = [f"[tables.{table.name}]", f'source = "{best}"', f"[tables.{table.name}.columns]"]
        lines += [
            f'{one.name} = "{names[one.name]}"'
            if one.name in names
            else f'# {one.name} = ""   # {"needed: " if one.required else ""}{one.meaning}'
            for one in table.columns
        ]
        unused = [one for one in files[best] if one not in found[best]]
        lines.append(f"# not used: {', '.join(unused) or 'none'}")
        parts.append("\n".join(lines))
    if not parts:
        raise SalesOpsError(
            f"no file in {src} resembles a table; data/README.md lists the columns."
        )
    return "# A proposal. Check every line, then: salesops import THIS.toml SRC DEST\n\n" + (
        "\n\n".join(parts)
    )
