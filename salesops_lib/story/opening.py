"""The first call of every notebook: open the data as it stood at the period's end, for whom."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import Dataset, Period, Scope, load_dataset
from salesops_lib.dataset.scope import NAMES
from salesops_lib.dataset.small_groups import SMALLEST_GROUP, withheld
from salesops_lib.errors import ParameterError


@dataclass(frozen=True)
class Run:
    """One notebook run: the data it may see and what it may show.

    Attributes
    ----------
    dataset
        Everything known at the period's end, of the whole company.
    visible
        rep_ids whose rows may be shown.
    names
        `full` shows rep names; `pseudonym` a stable code instead.
    interactive
        Whether widgets are wanted.
    data
        Where the dataset came from, as it was named.
    """

    notebook: str
    dataset: Dataset
    period: Period
    scope: Scope
    names: str
    visible: tuple[str, ...]
    interactive: bool = False
    data: str = ""

    @property
    def currency(self) -> str:
        return self.dataset.currency

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader must know before trusting a number from these data, of this period."""
        dataset = self.dataset
        said = dataset.notices if self.sees_everybody else dataset.notices_without_people
        return (*self.period.notices(dataset.last_day), *said)

    @property
    def sees_everybody(self) -> bool:
        """Whether the reader may see the whole company by name."""
        return self.scope.kind == "company" and self.names == "full"

    @property
    def smallest_group(self) -> int:
        """How many people a group must have for its name or average to be shown."""
        return SMALLEST_GROUP

    @property
    def own(self) -> tuple[str, ...]:
        """rep_ids whose groups are shown whatever their size: those of a scope below the company;
        nobody's in a company-wide report."""
        return () if self.scope.kind == "company" else self.visible

    def shown(self, frame: pd.DataFrame, *, rep: str = "rep_id") -> pd.DataFrame:
        """The rows of `frame` about reps in scope, with the rep's label in place of the id."""
        inside = frame[frame[rep].isin(self.visible)]
        return inside.assign(**{rep: [self.label(one) for one in inside[rep]]})

    def groups(self, frame: pd.DataFrame, *, by: str, n: str) -> pd.DataFrame:
        """The rows of a table of groups that may be shown: `by` names the group (a column of the
        reps table), `n` the count of people. A scope below the company sees its own groups; groups
        under five people are left out of company-wide reports, and with them the next smallest
        where otherwise the total less the rows shown would tell about so few."""
        reps = self.dataset.reps()
        if self.scope.kind == "company":
            return frame[~frame[by].isin(withheld(frame.groupby(by)[n].max()))]
        mine = set(reps.loc[reps["rep_id"].isin(self.visible), by]) if by in reps else set()
        return frame[frame[by].isin(mine)]

    def label(self, rep_id: str) -> str:
        """How a report calls this rep; of several people with one name each by the id as well."""
        if self.names == "pseudonym":
            salt = self.dataset.salt
            return "Rep " + hashlib.sha256(f"{salt}:{rep_id}".encode()).hexdigest()[:6].upper()
        return self._full_names.get(rep_id) or wording.named(rep_id)

    @cached_property
    def _full_names(self) -> dict[str, str]:
        reps = self.dataset.reps()
        if "name" not in reps:
            return {}
        # Who came back has a row for each spell.
        named = reps.dropna(subset=["name"]).drop_duplicates("rep_id", keep="last")
        shared = named["name"].duplicated(keep=False)
        return {
            rep: f"{name} ({wording.named(rep)})" if twice else name
            for rep, name, twice in zip(named["rep_id"], named["name"], shared, strict=True)
        }


def begin(
    data: str,
    *,
    notebook: str,
    period: str | int = "latest",
    scope: str = "company",
    names: str = "full",
    interactive: bool = False,
) -> Run:
    """Open `data` as it stood at the end of `period`.

    Raises
    ------
    DataError
        If the data cannot be used, or hold nothing of the period.
    ParameterError
        If period, scope or names are none of the allowed values.
    """
    for parameter, given in (("data", data), ("scope", scope)):
        if not isinstance(given, str):
            raise ParameterError(f"{parameter} == {given!r}, must be text in quotes.")
    if names not in NAMES:
        raise ParameterError(f"names == {names!r}, must be one of {', '.join(NAMES)}.")
    whole = load_dataset(data)
    span = Period.parse(period, latest=whole.last_day)
    span.check_known(whole.first_day, whole.last_day)
    dataset = whole.as_of(span.end)
    audience = Scope.parse(scope)
    return Run(
        notebook=notebook,
        dataset=dataset,
        period=span,
        scope=audience,
        names=names,
        visible=tuple(_unique(audience.reps(dataset.reps()))),
        interactive=interactive is True or os.environ.get("SALESOPS_INTERACTIVE") == "1",
        data=data,
    )


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
