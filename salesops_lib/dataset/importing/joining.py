"""Columns of another file, found by a key; a join never doubles or loses a row."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesops_lib import wording
from salesops_lib.dataset.importing.conditions import holds
from salesops_lib.dataset.importing.finding import Export, check_known, named
from salesops_lib.dataset.importing.places import expected
from salesops_lib.dataset.importing.rules import Join, TableRule
from salesops_lib.errors import DataError


def joined(
    rule: TableRule, source: Export, frame: pd.DataFrame, join: Join, other: Export | None
) -> tuple[pd.DataFrame, list[str]]:
    """The frame with the columns of the match, blank where there is none; and how many had none.

    Parameters
    ----------
    source
        The file that the frame is made of.
    other
        The joined file; None where an optional one is not there.

    Raises
    ------
    DataError
        If a column is not there or on both sides, or a key has several matches.
    """
    keys, brought = list(join.on), [join.given(one) for one in join.columns]
    check_known(source, frame, keys, rule.name, rule.also)
    taken = [one for one in brought if one in frame]
    if taken:
        raise DataError(
            f"is in {source.file} and in {other.file if other else expected(join)} "
            f"(table {rule.name}), so it is ambiguous",
            column=taken[0],
            remedy="Take it out of the join's columns, or rename it in one of the files.",
        )
    if other is None:
        lost = join.optional if isinstance(join.optional, str) else ""
        keyless = (frame[keys] == "").all().any()  # what that costs is said of the key
        why = [f"{expected(join)} is not there: {lost}"] if lost and not keyless else []
        return frame.assign(**dict.fromkeys(brought, "")), why
    frame = frame.assign(**{key: ids(rule, frame[key]) for key in keys})
    right, notes = _right(rule, frame, join, other)
    merged = frame.merge(right, on=keys, how="left", indicator="which side", validate="m:1")
    lost = merged.loc[merged["which side"] == "left_only", keys]
    merged = merged.drop(columns="which side").fillna("")
    if not join.sparse:
        notes += _unmatched(frame, lost, keys, other.file)
    return merged, notes


def _right(
    rule: TableRule, ours: pd.DataFrame, join: Join, other: Export
) -> tuple[pd.DataFrame, list[str]]:
    """One row a key: our keys, and the columns under the names that the rules use."""
    frame, notes = named(other, join.theirs, join.also, join.lacking, rule.name)
    check_known(other, frame, join.theirs, rule.name, join.also)
    for drop in join.drop:
        frame = frame[~holds(frame, drop.when)]
    keys = list(join.on)
    right = pd.DataFrame(
        {
            **{key: ids(rule, spaced(frame[parts])) for key, parts in join.on.items()},
            **{join.given(one): frame[one] for one in join.columns},
        }
    ).drop_duplicates()
    right = right[(right[keys] != "").all(axis=1)]  # a blank is nobody's key
    repeated = right[right.duplicated(keys)]
    if len(repeated) and join.several:
        alone = right[~right.duplicated(keys, keep=False)]
        which = repeated[keys].drop_duplicates().merge(ours[keys].drop_duplicates(), on=keys)
        if len(which):
            notes.append(
                f"{len(which):,} in {other.file} with several matches are left blank: {_some(which)}"
            )
        return alone, notes
    if len(repeated):
        raise DataError(
            f"{other.file} has several rows for one key, so a join would double rows",
            column=", ".join(column for parts in join.on.values() for column in parts),
            rows=repeated[keys[0]],
            remedy="Keep one row a key.",
        )
    return right, notes


def spaced(parts: pd.DataFrame) -> pd.Series:
    """The cells of a row as one text, with a space between those that are not blank."""
    if len(parts.columns) == 1:
        return parts.iloc[:, 0]
    rows = parts.itertuples(index=False, name=None)
    words = [" ".join(" ".join(row).split()) for row in rows]
    return pd.Series(words, index=parts.index, dtype=object)


def ids(rule: TableRule, cells: pd.Series) -> pd.Series:
    """The cells, without what stands behind ids where the export has them in both ways."""
    if not rule.ids or cells.empty:
        return cells
    short = pc.replace_substring_regex(pa.array(cells, pa.string()), f"^(?:{rule.ids})$", r"\1")
    return pd.Series(short.to_pandas().to_numpy(dtype=object), index=cells.index)


def _unmatched(frame: pd.DataFrame, lost: pd.DataFrame, keys: list[str], file: str) -> list[str]:
    """How many rows found nothing, unless their key was nowhere in the source."""
    if (frame[keys] == "").all().any():
        return []
    blank = (lost == "").any(axis=1)
    notes = []
    if blank.any():
        notes.append(f"{_rows(blank, 'is', 'are')} blank in {', '.join(keys)}")
    if (~blank).any():
        notes.append(
            f"{_rows(~blank, 'has', 'have')} no match in {file}: "
            f"{_some(lost[~blank].drop_duplicates())}"
        )
    return notes


def _rows(which: pd.Series, one: str, many: str) -> str:
    rows = int(which.sum())
    return f"{wording.count(rows, 'row')} {one if rows == 1 else many}"


def _some(keys: pd.DataFrame) -> str:
    which = keys.agg(" / ".join, axis=1)
    shown = list(which.head(3))
    apart = "; " if any(", " in one for one in shown) else ", "
    return apart.join(shown) + (" …" if len(which) > 3 else "")
