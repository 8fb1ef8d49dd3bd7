"""Rows that meet nobody in another table: ids, regions or channels that are written otherwise there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset.small_groups import withheld

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset

_NAMED = 3
_BETWEEN_DIGITS = re.compile(r"[\W_]+")
_SIGNS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


def of_joins(dataset: Dataset, *, people: bool = True) -> list[str]:
    """Sentences about quotas and hours of reps that nobody knows, and about regions and channels of reps of which
    the tables about them know nothing; with `people` some reps are named by their ids."""
    frames = dataset.whole.built.frames
    # Deals' owners are among the reps, listed or not.
    reps = frames["reps"]
    return [
        *_strangers(frames["quotas"]["rep_id"], reps, "quota", people=people),
        *_strangers(frames["activities"]["rep_id"], reps, "row of activities", people=people),
        *_unknown(reps, frames["markets"]["region"], "region", "markets"),
        *_unknown(reps, frames["channels"]["channel"], "channel", "channels"),
    ]


def _strangers(rep_id: pd.Series, reps: pd.DataFrame, noun: str, *, people: bool) -> list[str]:
    strange = rep_id[~rep_id.isin(reps["rep_id"])]
    if strange.empty:
        return []
    whose = strange.unique()
    rows = wording.count(len(rep_id), noun, noun.replace(" ", "s ", 1) if " " in noun else None)
    named = f" ({some_of(whose)})" if people else ""
    alike = like_whom(whose, reps) if people else ""
    return [
        f"of {rows}, {len(strange):,} {'is' if len(strange) == 1 else 'are'} of {wording.count(len(whose), 'rep')} "
        f"that neither the reps table nor a deal knows{named}, and not used.{alike} Write one rep_id for each "
        "person, in all tables."
    ]


def _unknown(reps: pd.DataFrame, told: pd.Series, noun: str, table: str) -> list[str]:
    """Where reps are in, of which a table that there is says nothing; those of a few people are not named."""
    people = reps.groupby(noun)["rep_id"].nunique()
    missing = [one for one in reps[noun].dropna().unique() if one not in set(told)]
    if told.empty or not missing:
        return []
    few = withheld(people)
    named = [one for one in missing if one not in few]
    has = "has" if len(missing) == 1 else "have"
    some = f" ({some_of(named, among=len(missing))})" if named else ""
    return [
        f"of {wording.count(len(people), noun)} of the reps, {len(missing):,} {has} no row in {table}{some}: nothing "
        f"of that table is known of {'it' if len(missing) == 1 else 'them'}.{_alike(named, told)} Write each {noun} "
        "alike in both tables."
    ]


def some_of(names: Iterable[object], *, among: int = 0) -> str:
    """The first of them, as a sentence names them; `among` so many in all, where not all may be named."""
    every = [str(one) for one in names]
    shown = every[:_NAMED]
    return wording.listed(shown) + (" and more" if max(len(every), among) > len(shown) else "")


def like_whom(missing: Iterable[object], reps: pd.DataFrame) -> str:
    """One of these ids that a rep has otherwise written: in other letters, with the words in another order
    (Lee, Ann), or as the name of a rep whose id is another."""
    missing = list(missing)
    written = _alike(missing, reps["rep_id"])
    if written:
        return written
    named = reps.dropna(subset=["name"]).drop_duplicates(["rep_id", "name"])
    known = pd.concat([
        pd.DataFrame({"words": reps["rep_id"].map(_words), "rep_id": reps["rep_id"]}),
        pd.DataFrame({"words": named["name"].map(_words), "rep_id": named["rep_id"]}),
    ]).drop_duplicates()  # fmt: skip
    # Of two who share a name nobody knows which.
    known = known[~known["words"].duplicated(keep=False)]
    ids = dict(zip(known["words"], known["rep_id"], strict=True))
    found = next(((one, ids[_words(one)]) for one in missing if _words(one) in ids), None)
    return f" “{found[0]}” may be “{found[1]}” there, by the name." if found else ""


def _words(name: object) -> tuple[str, ...]:
    """The words of a name, in no order, without capitals, accents and signs."""
    plain = unicodedata.normalize("NFKD", str(name)).casefold()
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return tuple(sorted(re.findall(r"\w+", plain)))


def _alike(missing: Iterable[object], known: pd.Series) -> str:
    """One pair that differs in capitals, blanks or zeros before a number only."""
    plain = {_plain(one): one for one in known.dropna().unique()}
    found = next(((one, plain[_plain(one)]) for one in missing if _plain(one) in plain), None)
    return f" “{found[0]}” is “{found[1]}” there." if found else ""


def _plain(name: object) -> str:
    """Without capitals, blanks and signs; but between digits a sign tells one from another: 1-12 is not 11-2."""
    text = _SIGNS.sub("", str(name).casefold())
    return _BETWEEN_DIGITS.sub("-", text).lstrip("0") or text
