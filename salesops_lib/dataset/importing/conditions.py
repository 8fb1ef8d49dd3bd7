"""In which rows a condition of a mapping holds."""

from __future__ import annotations

import re

import pandas as pd

from salesops_lib.dataset.importing.rules import When

# How programs write yes and no; a spreadsheet in another language its own words.
_YES = {"true", "t", "yes", "y", "1", "1.0", "wahr", "vrai", "verdadero", "vero"}
_NO = {"false", "f", "no", "n", "0", "0.0", "falsch", "faux", "falso"}


def holds(frame: pd.DataFrame, when: When) -> pd.Series:
    """Row by row, whether every column of `when` says what it should."""
    rows = pd.Series(True, index=frame.index)
    for column, wanted in when.items():
        # Each cell that differs is looked at once: most columns asked about hold few.
        codes, different = pd.factorize(frame[column])
        cells = pd.Series(different, dtype=object).str.strip().str.casefold()
        if isinstance(wanted, bool):
            says = cells.isin(_YES if wanted else _NO)
        else:
            says = _among(cells, [one.strip().casefold() for one in wanted])
        rows &= says.to_numpy(dtype=bool)[codes]
    return rows


def _among(cells: pd.Series, wanted: list[str]) -> pd.Series:
    rows = cells.isin([one for one in wanted if "*" not in one])
    for one in wanted:
        if one == "*":
            rows |= cells != ""
        elif "*" in one:
            form = ".*".join(re.escape(part) for part in one.split("*"))
            rows |= cells.str.fullmatch(form, flags=re.DOTALL)
    return rows
