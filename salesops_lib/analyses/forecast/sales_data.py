"""What the forecast reads of a dataset: its tables, in one order whatever order their rows came in.

Draws are handed to deals one after another and sums of money end in a last digit, so a table that
comes back from a database in another order would be forecast otherwise. Rows are put in order here
once, before anything is read from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from salesops_lib.analyses.forecast.snapshots import Floats, stamps


class SalesData(Protocol):
    """What the forecast needs of a dataset; `salesops_lib.Dataset` has it."""

    @property
    def last_day(self) -> Any: ...
    @property
    def currency(self) -> str: ...
    def reps(self) -> pd.DataFrame: ...
    def deals(self) -> pd.DataFrame: ...
    def quotas(self) -> pd.DataFrame: ...
    def stage_changes(self) -> pd.DataFrame: ...
    def as_of(self, date: Any) -> SalesData: ...


@dataclass(frozen=True)
class Ordered:
    """A dataset whose tables are in order: of deals, reps and quotas by id and date, of stage changes
    by deal, time and, within one time, by the stage that deals reach later."""

    dataset: SalesData

    @classmethod
    def of(cls, dataset: SalesData) -> Ordered:
        return dataset if isinstance(dataset, cls) else cls(dataset)

    @property
    def last_day(self) -> Any:
        return self.dataset.last_day

    @property
    def currency(self) -> str:
        return self.dataset.currency

    def reps(self) -> pd.DataFrame:
        return self._reps.copy()

    def deals(self) -> pd.DataFrame:
        return self._deals.copy()

    def quotas(self) -> pd.DataFrame:
        return in_order(self.dataset.quotas(), ["rep_id", "month"])

    def quotas_ahead(self) -> pd.DataFrame:
        """Those of the months after the last day, none where the dataset tells of none."""
        ahead = getattr(self.dataset, "quotas_ahead", None)
        return self.quotas().iloc[:0] if ahead is None else in_order(ahead(), ["rep_id", "month"])

    def stage_changes(self) -> pd.DataFrame:
        return changes_in_order(self.dataset.stage_changes())

    def as_of(self, date: Any) -> Ordered:
        return Ordered(self.dataset.as_of(date))

    @cached_property
    def _deals(self) -> pd.DataFrame:
        return in_order(self.dataset.deals(), ["deal_id"])

    @cached_property
    def _reps(self) -> pd.DataFrame:
        return in_order(self.dataset.reps(), ["rep_id", "hire_date", "end_date"])


def in_order(table: pd.DataFrame, first: list[str]) -> pd.DataFrame:
    """The rows by the columns `first`, then by all others, so that only rows that are the same in
    everything are left as they came."""
    names = [one for one in first if one in table]
    if not names or not table.duplicated(names).any():
        return _sorted(table, names)
    return _sorted(table, [*names, *sorted(set(table.columns) - set(names))])


def changes_in_order(changes: pd.DataFrame) -> pd.DataFrame:
    """Stage changes by deal and time; of one day without hours, by the stage that deals reach later.

    Exports list changes oldest first or newest first, and a database in no order, so the place of a
    row does not tell which of two came last. Where deals usually are on their way does.
    """
    if not len(changes) or not {"deal_id", "changed_at", "stage"} <= set(changes.columns):
        return changes
    names = ["deal_id", "changed_at"]
    if not changes.duplicated(names).any():
        return _sorted(changes, names)
    reached = pd.Series(_reached(changes), index=changes.index)
    rest = sorted(set(changes.columns) - {*names, "stage"})
    return _sorted(changes.assign(_reached=reached), [*names, "_reached", "stage", *rest]).drop(
        columns="_reached"
    )


def _reached(changes: pd.DataFrame) -> Floats:
    """How many changes a deal usually has behind it when it enters the stage of each row."""
    when = stamps(changes["changed_at"])
    place = when.groupby(changes["deal_id"]).rank(method="min")
    # Whole numbers, whose sums are the same in any order.
    stage = changes["stage"].astype(str)
    return place.groupby(stage).transform("mean").to_numpy(dtype=np.float64)


def _sorted(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Rows by these columns; what holds more than one kind of value, by its text."""
    keys = {}
    for at, name in enumerate(names):
        column = table[name]
        text = name.endswith("_id") or not pd.api.types.is_any_real_numeric_dtype(column)
        text = text and not pd.api.types.is_datetime64_any_dtype(column)
        keys[at] = column.astype(str).where(column.notna()) if text else column
    order = pd.DataFrame(keys, index=table.index).reset_index(drop=True)
    if names:
        order = order.sort_values(list(keys), kind="stable", na_position="first")
    return table.iloc[order.index.to_numpy()].reset_index(drop=True)
