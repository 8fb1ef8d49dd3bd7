"""From cells to numbers: thousands, decimal commas, currency signs. A column's other cells decide
what a comma means, and where they do not, the cell is refused with the reason."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesops_lib.dataset import currency, faults
from salesops_lib.dataset.faults import Kind
from salesops_lib.dataset.parsing import NOTHING, Parsed, factorized, rows_of

_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
_THOUSANDS_COMMA = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")
_THOUSANDS_DOT = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$")
_THOUSANDS_SPACE = re.compile(r"^[+-]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d*)?$")
_DECIMAL_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_ONE_COMMA = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")
_ONE_DOT = re.compile(r"^[+-]?[1-9]\d{0,2}\.\d{3}$")
# Above it a float no longer holds a tenth, and no currency is that small.
_MOST = 1e15
_BY_PROGRAM = r"^-?[0-9]{1,15}(\.[0-9]{1,17})?$"


def as_number(column: pd.Series, *, semicolons: bool = False) -> Parsed:
    """Floats from plain, thousands-separated, decimal-comma and currency-signed cells.

    Parameters
    ----------
    semicolons
        The file was separated by semicolons, as spreadsheets do where the decimal mark is a comma:
        a lone `1.234` or `1,234` is then in doubt.
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        # A flag is no amount: true would have been one dollar.
        parsed = Parsed(pd.Series(np.nan, index=column.index))
        for flag in (True, False):
            parsed.refuse(np.flatnonzero((column == flag).fillna(False)), faults.NOT_A_NUMBER, flag)
        return parsed
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index)
        return _finite(Parsed(values))
    codes, uniques = factorized(column)
    plain = None if semicolons else _plainly(codes, uniques)
    if plain is not None:
        return _finite(Parsed(pd.Series(plain, index=column.index)))
    texts = [_number_text(value) for value in uniques]
    signs = [currency.sign_in(text) if isinstance(text, str) else None for text in texts]
    bare = [_without_currency(text) if isinstance(text, str) else text for text in texts]
    comma = _decimal_mark(bare, semicolons=semicolons)
    results = [_number(text, comma) for text in bare]
    lookup = np.array([*(value for value, _ in results), np.nan])
    parsed = Parsed(pd.Series(lookup[codes], index=column.index))
    where = rows_of(codes, [bool(why) or bool(signs[at]) for at, (_, why) in enumerate(results)])
    for at, rows in where.items():
        why = results[at][1]
        if why:
            parsed.refuse(rows, why, uniques[at])
        if signs[at]:
            parsed.currencies.update(dict.fromkeys(rows.tolist(), str(signs[at])))
    if comma is True and any(isinstance(text, str) and "," in text for text in bare):
        parsed.notes.append("decimal commas read")
    return _finite(parsed)


def _plainly(codes: np.ndarray, uniques: list[object]) -> np.ndarray | None:
    """The values where every cell is written as a program writes numbers; None where one is not.
    A million different amounts are read in a fraction of the time that looking at each takes."""
    try:
        cells = pa.array(uniques, type=pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if not pc.all(pc.match_substring_regex(cells, _BY_PROGRAM)).as_py():
        return None
    return np.append(pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False), np.nan)[codes]


def _finite(parsed: Parsed) -> Parsed:
    """Infinity is no amount, and one beyond `_MOST` would drown every other in a sum."""
    size = parsed.values.abs().to_numpy()
    parsed.refuse(np.flatnonzero(np.isinf(size)), faults.INFINITE, "∞")
    for at in np.flatnonzero((size > _MOST) & ~np.isinf(size)):
        parsed.refuse(np.array([at]), faults.TOO_LARGE, f"{parsed.values.iloc[at]:g}")
    parsed.values = parsed.values.mask(size > _MOST)
    return parsed


def _number_text(value: object) -> str | float | None:
    if isinstance(value, Decimal | int | float | np.number) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    return None if text.lower() in NOTHING else text


def _without_currency(text: str) -> str:
    bare = currency.without_sign(text).strip().replace("−", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1].strip()
    if bare.endswith("-") and len(bare) > 1:
        bare = "-" + bare[:-1]
    return re.sub(r"^([+-])\s+", r"\1", bare)


def _decimal_mark(texts: list[str | float | None], *, semicolons: bool) -> bool | None:
    """True: the comma is the decimal mark; False: the dot is; None: the column does not say."""
    strings = [text for text in texts if isinstance(text, str)]
    says_comma = any(
        (_DECIMAL_COMMA.match(t) and not _ONE_COMMA.match(t))
        or (_THOUSANDS_DOT.match(t) and ("," in t or t.count(".") > 1))
        for t in strings
    )
    says_dot = any(
        (_PLAIN.match(t) and "." in t and not _ONE_DOT.match(t))
        or (_THOUSANDS_COMMA.match(t) and ("." in t or t.count(",") > 1))
        for t in strings
    )
    if says_comma != says_dot:
        return says_comma
    if says_comma and says_dot:
        return None
    return None if semicolons else False


def _number(text: str | float | None, comma: bool | None) -> tuple[float, Kind | None]:
    """The value, and why there is none."""
    if text is None:
        return np.nan, None
    if isinstance(text, float):
        return text, None
    if comma is None and (_ONE_COMMA.match(text) or _ONE_DOT.match(text)):
        return np.nan, faults.THOUSANDS_OR_DECIMALS
    if _THOUSANDS_SPACE.match(text):
        return float(re.sub(r"[ \u00a0\u202f'’]", "", text).replace(",", ".")), None
    if comma is not False:
        if _THOUSANDS_DOT.match(text) and (comma or "," in text or text.count(".") > 1):
            return float(text.replace(".", "").replace(",", ".")), None
        if _DECIMAL_COMMA.match(text) and (comma or not _THOUSANDS_COMMA.match(text)):
            return float(text.replace(",", ".")), None
    if comma is not True and _THOUSANDS_COMMA.match(text):
        return float(text.replace(",", "")), None
    if _PLAIN.match(text):
        return float(text), None
    return np.nan, faults.NOT_A_NUMBER
