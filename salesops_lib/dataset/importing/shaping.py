"""Carry out the rules of one table on text frames; no row is lost without being counted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from salesops_lib.dataset.importing.mapping import ColumnRule, TableRule
from salesops_lib.errors import DataError


def shaped(
    rule: TableRule, raw: pd.DataFrame, others: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The canonical table as text, and reason → number of source rows left out.

    Parameters
    ----------
    raw
        The source, every cell text, blanks empty.
    others
        File → frame of the joined sources.

    Raises
    ------
    DataError
        If a column that a rule names is not in its source, or a join has several matches a row.
    """
    frame = _replaced(rule, raw)
    left: dict[str, int] = {}
    for column, values in rule.keep.items():
        _known(rule, frame, [column])
        inside = frame[column].isin(values)
        if not inside.all():
            left[f"{column} is none of {', '.join(values)}"] = int((~inside).sum())
        frame = frame[inside]
    for join in rule.joins:
        frame = _joined(rule, frame, join["source"], others[join["source"]], join)
    if rule.quarterly:
        frame = frame.loc[frame.index.repeat(3)].reset_index(drop=True)
    made = pd.DataFrame(
        {one.name: _column(rule, one, frame) for one in rule.columns}, index=frame.index
    )
    if rule.distinct:
        twice = int(made.duplicated().sum())
        if twice:
            left["the same row again"] = twice
        made = made.drop_duplicates()
    return made.reset_index(drop=True), left


def _replaced(rule: TableRule, raw: pd.DataFrame) -> pd.DataFrame:
    _known(rule, raw, rule.replace)
    return raw.assign(
        **{column: raw[column].replace(dict(words)) for column, words in rule.replace.items()}
    ).reset_index(drop=True)


def _joined(
    rule: TableRule, frame: pd.DataFrame, file: str, other: pd.DataFrame, join: Mapping[str, Any]
) -> pd.DataFrame:
    on: dict[str, str] = join["on"]
    columns: list[str] = join["columns"]
    _known(rule, frame, on)
    _known(rule, other, [*on.values(), *columns], file)
    right = other[[*on.values(), *columns]].drop_duplicates()
    repeated = right[right.duplicated(list(on.values()))]
    if len(repeated):
        raise DataError(
            f"{file} has several rows for one key, so a join would double rows",
            column=", ".join(on.values()),
            rows=repeated[next(iter(on.values()))],
            remedy="Keep one row a key.",
        )
    keys = {v: k for k, v in on.items()}
    merged = frame.merge(right.rename(columns=keys), on=list(on), how="left")
    return merged.fillna("")


def _column(rule: TableRule, one: ColumnRule, frame: pd.DataFrame) -> pd.Series:
    if one.origin == "constant":
        made = pd.Series(str(one.source), index=frame.index)
    else:
        names = [one.source] if one.origin == "from" else list(one.source)
        _known(rule, frame, names)
        parts = frame[names]
        if one.origin == "join":
            made = parts.agg(" ".join, axis=1).str.split().str.join(" ")
        else:
            made = parts.mask(parts == "").bfill(axis=1).iloc[:, 0].fillna("")
    if one.values or one.otherwise is not None:
        same = made if one.otherwise is None else pd.Series(one.otherwise, index=made.index)
        made = made.map(dict(one.values)).fillna(same)
    if one.whole:
        # Identifiers that a spreadsheet took for numbers: 277.0 is 277.
        made = made.str.replace(r"\.0+$", "", regex=True)
    if one.format:
        made = _dates(one, made)
    if one.quarter:
        made = _months(one, made)
    if one.split:
        made = _thirds(one, made)
    for column, values in one.where.items():
        _known(rule, frame, [column])
        made = made.where(frame[column].isin(values), "")
    return made


def _dates(one: ColumnRule, texts: pd.Series) -> pd.Series:
    """ISO days; what does not parse stays as it is, for the door to set aside with its reason."""
    days = pd.to_datetime(texts, format=one.format, errors="coerce")
    return days.dt.strftime("%Y-%m-%d").where(days.notna(), texts)


def _months(one: ColumnRule, texts: pd.Series) -> pd.Series:
    """First, second and third month of each quarter, for rows that stand three times."""
    plain = texts.str.replace("-", "", regex=False).str.upper()
    wrong = texts[~plain.str.fullmatch(r"\d{4}Q[1-4]")]
    if len(wrong):
        raise DataError(
            "is not a quarter", column=str(one.source), rows=wrong, remedy="Write it as 2026Q3."
        )
    first = plain.str[-1].astype(int) * 3 - 2
    month = first + pd.Series(range(len(texts)), index=texts.index) % 3
    return plain.str[:4] + "-" + month.astype(str).str.zfill(2) + "-01"


def _thirds(one: ColumnRule, texts: pd.Series) -> pd.Series:
    """A third of each amount, the cents that do not divide going to the last month."""
    made = []
    for place, text in enumerate(texts):
        try:
            whole = Decimal(text)
        except InvalidOperation as error:
            raise DataError(
                "is not a number", column=str(one.source), rows=[text], remedy="Correct the export."
            ) from error
        third = (whole / 3).quantize(Decimal("0.01"))
        made.append(str(whole - 2 * third if place % 3 == 2 else third))
    return pd.Series(made, index=texts.index)


def _known(
    rule: TableRule, frame: pd.DataFrame, names: Iterable[str], file: str | None = None
) -> None:
    for name in names:
        if name not in frame.columns:
            near = difflib.get_close_matches(str(name), [str(c) for c in frame.columns], n=3)
            hint = (
                f"Did you mean {' or '.join(near)}?"
                if near
                else (f"It has {', '.join(map(str, frame.columns))}.")
            )
            raise DataError(
                f"is not in {file or rule.source} (table {rule.name})",
                column=str(name),
                remedy=hint,
            )
