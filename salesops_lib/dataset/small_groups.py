"""Groups of so few people that what is said of them points at a person."""

from __future__ import annotations

import pandas as pd

# Below this many people a group's average says something about a person.
SMALLEST_GROUP = 5


def withheld(people: pd.Series) -> set[object]:
    """Groups that may not be shown beside their total, from the people in each: those too small,
    and so many of the next smallest that what is left out is two groups or more and itself large
    enough (complementary suppression; Willenborg & de Waal 2001, Elements of Statistical Disclosure
    Control).

    >>> sorted(withheld(pd.Series({"a": 20, "b": 9, "c": 6, "d": 3})))
    ['c', 'd']
    """
    ordered = people.sort_values(kind="stable")
    out = int((ordered < SMALLEST_GROUP).sum())
    if out:
        while out < len(ordered) and (out == 1 or ordered.iloc[:out].sum() < SMALLEST_GROUP):
            out += 1
    return set(ordered.index[:out])
