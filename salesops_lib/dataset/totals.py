"""Rows that add up the rows above them, as spreadsheets and grouped reports end with. Taken for a rep, a total's
quota is the company's once more."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from salesops_lib.dataset import faults, parsing
from salesops_lib.dataset.faults import Fault
from salesops_lib.dataset.schema import Table

# Words that name no person, deal or region. `Sum` and `Suma` are names of people, `Somme` is one of regions, and
# none of them is here.
_WORDS = (
    r"(grand |overall |sub[ -]?)?totals?",
    r"total (general|général|geral|generale)",
    r"(zwischen|end|gesamt)?summe",
    "gesamt",
    "insgesamt",
    "gesamtergebnis",
    "sous-total",
    "totale",
    "totaal",
    "eindtotaal",
    "subtotaal",
    "totalt",
    "razem",
    "итого",
    "合計",
    "总计",
)
# `Grand Total`, `Summe:`, `= Total (12 records)`.
_TOTAL = re.compile(rf"[\s=:*]*({'|'.join(_WORDS)})[\s:*]*(\(\d[\d.,]*( \w+)?\))?", re.IGNORECASE)


def of_rows(table: Table, frame: pd.DataFrame) -> Iterator[tuple[int, Fault]]:
    """Index and fault of the rows of the parsed `frame` that stand for a total where others stand for somebody or
    something: by what tells rows apart, or where nothing does by what no row may lack. A deal with an id of its own is
    one, whoever it is that owns it."""
    for name in table.key or table.required:
        column = table.column(name)
        if column is None or column.kind not in {"id", "text"}:
            continue
        words = {one: bool(_TOTAL.fullmatch(one)) for one in frame[name].dropna().unique()}
        for row, cell in frame.loc[frame[name].map(words).eq(True), name].items():
            yield int(str(row)), Fault(faults.TOTAL, parsing.shown(cell), column=name)
