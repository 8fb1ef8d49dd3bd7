"""Carry out the rules of one table on text frames; no row is lost without being counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.dataset import currency
from salesops_lib.dataset.importing.conditions import holds
from salesops_lib.dataset.importing.finding import Export, check_known, named
from salesops_lib.dataset.importing.joining import ids, joined, spaced
from salesops_lib.dataset.importing.months import Spread, months_of, parts_of, product, spread
from salesops_lib.dataset.importing.rules import MADE, ColumnRule, Drop, TableRule
from salesops_lib.dataset.schema import STATUS_ALIASES, STATUSES, TABLES, plain_name
from salesops_lib.errors import DataError


def shaped(
    rule: TableRule, source: Export, others: Sequence[Export | None]
) -> tuple[pd.DataFrame, dict[str, int], list[str]]:
    """The canonical table as text, reason → number of source rows left out, and what else the
    reader of the report should know.

    Parameters
    ----------
    source
        The file that the table is made of.
    others
        The file of each join, None where an optional one is not there.

    Raises
    ------
    DataError
        If a column that a rule names is not in its source, a join has several matches a row, or
        what should be a quarter, a day or an amount to split is none.
    """
    raw, notes = named(source, rule.own, rule.also, rule.lacking, rule.name)
    blank = _blank(raw)
    raw = raw.loc[~blank, _needed(rule, raw)]
    frame = _replaced(rule, source, raw)
    frame, left = _kept(rule, source, frame)
    if blank.any():
        left = {"all their cells are blank": int(blank.sum())} | left
    early = [one for one in rule.drop if set(one.when) <= set(frame.columns)]
    frame = _dropped(frame, early, left)
    for join, other in zip(rule.joins, others, strict=True):
        frame, said = joined(rule, source, frame, join, other)
        notes += said
    late = [one for one in rule.drop if one not in early]
    for drop in late:
        check_known(source, frame, drop.when, rule.name, rule.also)
    frame = _dropped(frame, late, left).reset_index(drop=True)
    by = None
    if rule.spread:
        check_known(source, frame, rule.spread.sources, rule.name, rule.also)
        frame, by, said = spread(frame, rule.spread)
        notes += said
    made = pd.DataFrame(index=frame.index)
    for one in rule.columns:
        made[one.name], said = _column(rule, source, one, frame, by)
        frame[MADE + one.name] = made[one.name]
        notes += said
    notes += _nameless(rule, made)
    code = _unmapped_currency(rule, raw, made)
    if "currency" in made and (made["currency"] == "").all():
        del made["currency"]
    own = [one for one in made.columns if TABLES[rule.name].column(one) is None]
    carried = [one for one in own if one != "currency"]
    if carried and rule.name != "markets":
        notes.append(f"{', '.join(carried)}: no canonical column, carried along")
    if code:
        made["currency"] = frame[code]
        notes.append(f"{code} carried along: amounts of two currencies are not added up")
    if rule.distinct:
        twice = int(made.duplicated().sum())
        if twice:
            left["the same row again"] = twice
        made = made.drop_duplicates()
    return made.reset_index(drop=True), left, notes


def _blank(raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of nothing but separators, as spreadsheets save empty lines."""
    blank = np.ones(len(raw), dtype=bool)
    for place in range(raw.shape[1]):
        blank &= (raw.iloc[:, place].str.strip() == "").to_numpy(dtype=bool)
        if not blank.any():
            break
    return blank


def _needed(rule: TableRule, raw: pd.DataFrame) -> list[str]:
    """The columns that a rule asks for, or that a join would bring a second time, and what says in which
    currency amounts are: of a million rows the others cost seconds."""
    brought = [join.given(one) for join in rule.joins for one in join.columns]
    code = currency.column_of(TABLES[rule.name], list(raw))
    return [one for one in raw.columns if one in {*rule.own, *brought, code}]


def _kept(
    rule: TableRule, source: Export, frame: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that `keep` names, and how many others there were, by the reason."""
    left: dict[str, int] = {}
    for column, values in rule.keep.items():
        check_known(source, frame, [column], rule.name, rule.also)
        inside = frame[column].isin(values)
        if forms := [one for one in values if "*" in one]:
            inside |= holds(frame, {column: forms})
        if not inside.all():
            named = "blank" if tuple(values) == ("*",) else f"none of {', '.join(values)}"
            reason = f"{column} is {named}"
            if not inside.any() and len(frame):
                reason += f"; it holds {_some(frame[column])}"
            left[reason] = int((~inside).sum())
        frame = frame[inside]
    return frame, left


def _dropped(frame: pd.DataFrame, drops: Sequence[Drop], left: dict[str, int]) -> pd.DataFrame:
    """The rows in which no condition holds; the others are counted into `left`."""
    for drop in drops:
        out = holds(frame, drop.when)
        if out.any():
            left[drop.because] = left.get(drop.because, 0) + int(out.sum())
        frame = frame[~out]
    return frame


def _some(cells: pd.Series) -> str:
    """The most frequent cells, for who looks for the right word."""
    found = cells.where(cells != "", "blanks").value_counts().index
    return ", ".join(map(str, found[:5])) + (" …" if len(found) > 5 else "")


def _nameless(rule: TableRule, made: pd.DataFrame) -> list[str]:
    """Rows without an id that the table cannot be used without: deals that nobody owns, say."""
    needed = [one.name for one in TABLES[rule.name].columns if one.required and one.kind == "id"]
    counts = {name: int((made[name] == "").sum()) for name in needed}
    grouped = (
        ". In a grouped report only the first row of a group has it, and its totals are no rows: export "
        "the report's details only"
    )
    return [
        f"{wording.count(n, 'row')} without {name}: passed on as found, and set aside by "
        f"`salesops check`{grouped if n > len(made) / 2 else ''}"
        for name, n in counts.items()
        if n
    ]


def _unmapped_currency(rule: TableRule, raw: pd.DataFrame, made: pd.DataFrame) -> str | None:
    """The source's column that says in which currency the amounts are, where the mapping forgot it:
    without it the door could not tell dollars from yen."""
    table = TABLES[rule.name]
    money = any(one.kind == "number" and one.name in made for one in table.columns)
    if not money or currency.column_of(table, list(made)):
        return None
    return currency.column_of(table, list(raw))


def _replaced(rule: TableRule, source: Export, raw: pd.DataFrame) -> pd.DataFrame:
    check_known(source, raw, rule.replace, rule.name, rule.also)
    return raw.assign(
        **{column: raw[column].replace(dict(words)) for column, words in rule.replace.items()}
    ).reset_index(drop=True)


def _column(
    rule: TableRule, source: Export, one: ColumnRule, frame: pd.DataFrame, by: Spread | None
) -> tuple[pd.Series, list[str]]:
    """One canonical column, and what to say of it."""
    check_known(source, frame, one.sources, rule.name, rule.also)
    made = _origin(one, frame)
    if one.values or one.otherwise is not None:
        same = made if one.otherwise is None else pd.Series(one.otherwise, index=made.index)
        made = made.map(dict(one.values)).fillna(same)
    notes = []
    if one.cases:
        made, told = _by_cases(one, frame, made)
        notes = _untold(rule, one, made[~told])
    if one.whole:
        # Identifiers that a spreadsheet took for numbers: 277.0 is 277.
        made = made.str.replace(r"\.0+$", "", regex=True)
    if one.format:
        made = _dates(rule, one, made)
    if by and (one.quarter or one.until):
        made = months_of(one, made, by)
    if by and one.split:
        made = parts_of(one, made, by, semicolons=source.semicolons)
    for column, values in one.where.items():
        made = made.where(frame[column].isin(values), "")
    canonical = TABLES[rule.name].column(one.name)
    if canonical is not None and canonical.kind == "id":
        made = ids(rule, made)
    return made, notes


def _origin(one: ColumnRule, frame: pd.DataFrame) -> pd.Series:
    if one.origin == "constant":
        return pd.Series(str(one.source), index=frame.index, dtype=object)
    if one.origin == "row":
        return pd.Series(
            [f"{one.source}{i + 1}" for i in range(len(frame))], index=frame.index, dtype=object
        )
    if one.origin == "from":
        return frame[one.source]
    parts = frame[list(one.source)]
    if one.origin == "join":
        return spaced(parts)
    if one.origin == "product":
        rows = parts.itertuples(index=False, name=None)
        return pd.Series([product(row) for row in rows], index=frame.index, dtype=object)
    made = parts.iloc[:, 0]
    for name in one.source[1:]:
        made = made.where(made != "", parts[name])
    return made


def _by_cases(one: ColumnRule, frame: pd.DataFrame, made: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The column after its cases, and which rows one of them settled."""
    told = pd.Series(False, index=frame.index)
    for case in one.cases:
        here = ~told & holds(frame, case.when)
        made = made.mask(here, case.says if case.source is None else frame[case.source])
        told |= here
    return made, told


def _untold(rule: TableRule, one: ColumnRule, cells: pd.Series) -> list[str]:
    """Cells of a status that no case settled and that the door will not know either."""
    column = TABLES[rule.name].column(one.name)
    if column is None or column.kind != "status" or one.otherwise is not None:
        return []
    plain = cells.map(plain_name)
    strange = cells[~plain.isin({*STATUSES, *STATUS_ALIASES})]
    if strange.empty:
        return []
    source = one.source if isinstance(one.source, str) else ", ".join(one.source)
    rows = wording.count(len(strange), "row")
    shown = "blank" if (strange == "").all() else _some(strange)
    return [
        f"nothing tells the {one.name} of {rows}, whose {source} is {shown}: passed on as found, "
        f"and set aside by `salesops check`. {one.remedy}".strip()
    ]


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
