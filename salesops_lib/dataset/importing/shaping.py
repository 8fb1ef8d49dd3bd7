"""Carry out the rules of one table on text frames; no row is lost without being counted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from math import prod

import pandas as pd

from salesops_lib.dataset import currency
from salesops_lib.dataset.importing.mapping import ColumnRule, Join, TableRule
from salesops_lib.dataset.schema import TABLES
from salesops_lib.errors import DataError


def shaped(
    rule: TableRule, raw: pd.DataFrame, others: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, int], list[str]]:
    """The canonical table as text, reason → number of source rows left out, and what else the
    reader of the report should know.

    Parameters
    ----------
    raw
        The source, every cell text, blanks empty.
    others
        File → frame of the joined sources.

    Raises
    ------
    DataError
        If a column that a rule names is not in its source, a join has several matches a row, or
        what should be a quarter or an amount to split is none.
    """
    frame = _replaced(rule, raw)
    left: dict[str, int] = {}
    notes = []
    for column, values in rule.keep.items():
        _known(rule, frame, [column])
        inside = frame[column].isin(values)
        if not inside.all():
            reason = f"{column} is none of {', '.join(values)}"
            if not inside.any() and len(frame):
                reason += f"; it holds {_some(frame[column])}"
            left[reason] = int((~inside).sum())
        frame = frame[inside]
    for join in rule.joins:
        frame, said = _joined(rule, frame, join, others[join.source])
        notes += said
    if rule.quarterly:
        frame = frame.loc[frame.index.repeat(3)].reset_index(drop=True)
        notes.append("each row is a quarter, written as its three months")
    made = pd.DataFrame(
        {one.name: _column(rule, one, frame) for one in rule.columns}, index=frame.index
    )
    own = [one for one in made.columns if TABLES[rule.name].column(one) is None]
    if own and rule.name != "markets":
        notes.append(f"{', '.join(own)}: no canonical column, carried along")
    code = _unmapped_currency(rule, raw, made)
    if code:
        made["currency"] = frame[code]
        notes.append(f"{code} carried along: amounts of two currencies are not added up")
    if rule.distinct:
        twice = int(made.duplicated().sum())
        if twice:
            left["the same row again"] = twice
        made = made.drop_duplicates()
    return made.reset_index(drop=True), left, notes


def _some(cells: pd.Series) -> str:
    """The most frequent cells, for who looks for the right word."""
    found = cells.where(cells != "", "blanks").value_counts().index
    return ", ".join(map(str, found[:5])) + (" …" if len(found) > 5 else "")


def _unmapped_currency(rule: TableRule, raw: pd.DataFrame, made: pd.DataFrame) -> str | None:
    """The source's column that says in which currency the amounts are, where the mapping forgot it:
    without it the door could not tell dollars from yen."""
    table = TABLES[rule.name]
    money = any(one.kind == "number" and one.name in made for one in table.columns)
    if not money or currency.column_of(table, list(made)):
        return None
    return currency.column_of(table, list(raw))


def _replaced(rule: TableRule, raw: pd.DataFrame) -> pd.DataFrame:
    _known(rule, raw, rule.replace)
    return raw.assign(
        **{column: raw[column].replace(dict(words)) for column, words in rule.replace.items()}
    ).reset_index(drop=True)


def _joined(
    rule: TableRule, frame: pd.DataFrame, join: Join, other: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """The frame with the columns of the match, blank where there is none; and how many had none."""
    keys, theirs = list(join.on), list(join.on.values())
    _known(rule, frame, keys)
    _known(rule, other, [*theirs, *join.columns], join.source)
    taken = [one for one in join.columns if one in frame]
    if taken:
        raise DataError(
            f"is in {rule.source} and in {join.source} (table {rule.name}), so it is ambiguous",
            column=taken[0],
            remedy="Take it out of the join's columns, or rename it in one of the files.",
        )
    right = pd.DataFrame(
        {
            **dict(zip(keys, (other[one] for one in theirs), strict=True)),
            **{one: other[one] for one in join.columns},
        }
    ).drop_duplicates()
    repeated = right[right.duplicated(keys)]
    if len(repeated):
        raise DataError(
            f"{join.source} has several rows for one key, so a join would double rows",
            column=", ".join(theirs),
            rows=repeated[keys[0]],
            remedy="Keep one row a key.",
        )
    merged = frame.merge(right, on=keys, how="left", indicator="which side", validate="m:1")
    lost = merged.loc[merged["which side"] == "left_only", keys]
    merged = merged.drop(columns="which side").fillna("")
    blank = (lost == "").any(axis=1)
    notes = []
    if blank.any():
        notes.append(f"{int(blank.sum()):,} rows are blank in {', '.join(keys)}")
    if (~blank).any():
        which = lost[~blank].agg(" / ".join, axis=1).drop_duplicates()
        shown = ", ".join(which.head(3)) + (" …" if len(which) > 3 else "")
        notes.append(f"{int((~blank).sum()):,} rows have no match in {join.source}: {shown}")
    return merged, notes


def _column(rule: TableRule, one: ColumnRule, frame: pd.DataFrame) -> pd.Series:
    if one.origin == "constant":
        made = pd.Series(str(one.source), index=frame.index)
    elif one.origin == "row":
        made = pd.Series([f"{one.source}{i + 1}" for i in range(len(frame))], index=frame.index)
    else:
        names = [one.source] if one.origin == "from" else list(one.source)
        _known(rule, frame, names)
        parts = frame[names]
        if one.origin == "join":
            made = parts.agg(" ".join, axis=1).str.split().str.join(" ")
        elif one.origin == "product":
            made = _products(parts)
        else:
            made = parts.iloc[:, 0]
            for name in names[1:]:
                made = made.where(made != "", parts[name])
    if one.values or one.otherwise is not None:
        same = made if one.otherwise is None else pd.Series(one.otherwise, index=made.index)
        made = made.map(dict(one.values)).fillna(same)
    if one.whole:
        # Identifiers that a spreadsheet took for numbers: 277.0 is 277.
        made = made.str.replace(r"\.0+$", "", regex=True)
    if one.format:
        made = _dates(rule, one, made)
    if one.quarter:
        made = _months(one, made)
    if one.split:
        made = _thirds(one, made)
    for column, values in one.where.items():
        _known(rule, frame, [column])
        made = made.where(frame[column].isin(values), "")
    return made


def _dates(rule: TableRule, one: ColumnRule, texts: pd.Series) -> pd.Series:
    """ISO days, or moments where the column holds some (those with an offset, %z, in UTC). What
    does not parse stays as it is, for the door to set aside with its reason; unless it does parse
    with day and month the other way round, for then every cell of the column is in doubt."""
    form = str(one.format)
    turned = re.sub("%[dm]", lambda one: "%m" if one[0] == "%d" else "%d", form)
    if not {"%d", "%m"} <= set(re.findall("%[dm]", form)):
        turned = form
    try:
        days, other = (
            pd.to_datetime(texts, format=way, errors="coerce", utc="%z" in way)
            for way in (form, turned)
        )
    except ValueError as error:
        raise DataError(
            f"the format {one.format!r} cannot be used: {error}",
            column=one.name,
            remedy="Write it as in %m/%d/%Y.",
        ) from None
    wrong = texts[days.isna() & other.notna()]
    if len(wrong):
        raise DataError(
            f"the format {one.format!r} does not fit every cell, {turned!r} fits where it does not",
            column=one.name,
            rows=wrong,
            remedy="Give the right one of the two, or correct these cells.",
        )
    column = TABLES[rule.name].column(one.name)
    moment = column is not None and column.kind == "timestamp"
    iso = days.dt.strftime("%Y-%m-%dT%H:%M:%S" if moment else "%Y-%m-%d")
    return iso.where(days.notna(), texts)


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


def _decimal(text: str) -> Decimal | None:
    """The number that a text is, exactly; thousands may stand apart by comma."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _thirds(one: ColumnRule, texts: pd.Series) -> pd.Series:
    """A third of each amount, the cents that do not divide going to the last month; a blank stays
    blank, for the door to set aside."""
    made = []
    for place, text in enumerate(texts):
        if text == "":
            made.append("")
            continue
        whole = _decimal(text)
        if whole is None:
            raise DataError(
                "is not a number", column=str(one.source), rows=[text], remedy="Write 1234.50."
            )
        third = (whole / 3).quantize(Decimal("0.01"))
        made.append(str(whole - 2 * third if place % 3 == 2 else third))
    return pd.Series(made, index=texts.index, dtype=object)


def _products(parts: pd.DataFrame) -> pd.Series:
    """The exact product of each row; blank where a factor is. What is no number stays visible, for
    the door to set aside."""
    made = []
    for row in parts.itertuples(index=False, name=None):
        numbers = [_decimal(text) for text in row]
        if "" in row:
            made.append("")
        elif None in numbers:
            made.append(" × ".join(row))
        else:
            made.append(format(prod(n for n in numbers if n is not None), "f"))
    return pd.Series(made, index=parts.index, dtype=object)


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
