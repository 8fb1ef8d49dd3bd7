"""All that was read of one company, and what of it was known on a day of its past."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import pandas as pd

from salesops_lib.dataset import pipeline, rep_months
from salesops_lib.dataset.backend import Backend
from salesops_lib.dataset.building import Built
from salesops_lib.dataset.prepared import Store
from salesops_lib.dataset.records import Records, records_of
from salesops_lib.dataset.schema import TABLES

# Dated rows of each table: a row after the day is not known that day.
_DATED = {
    "quotas": "month",
    "stage_changes": "changed_at",
    "activities": "week",
    "markets": "month",
}


class Whole:
    """All that was read, shared by a dataset and its views of past days.

    Attributes
    ----------
    store
        Where derived tables are kept between runs; without one they are computed each time.
    """

    def __init__(self, built: Built, store: Store | None = None) -> None:
        self.built = built
        self.store = store

    def frame(self, name: str, known: pd.Timestamp | None) -> pd.DataFrame:
        """A canonical table: all of it, or what was known at the end of the day `known`."""
        if known is None:
            return self.built.frames[name]
        return self.kept(name, known, lambda: self._as_known(name, known))

    def _as_known(self, name: str, day: pd.Timestamp) -> pd.DataFrame:
        frame = self.built.frames[name]
        if name in _DATED:
            after = frame[_DATED[name]] >= day + pd.Timedelta(days=1)
            return frame[~after].reset_index(drop=True)
        if name == "deals":
            return self.deals_as_of(day)
        if name == "reps":
            return self._reps_as_known(frame, day)
        return frame

    def _reps_as_known(self, frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
        """Without those hired later, or first heard of later; those who left later still there."""
        deals = self.built.frames["deals"]
        first = deals[["created_date", "close_date"]].min(axis=1).groupby(deals["rep_id"]).min()
        heard = frame["rep_id"].map(first)
        since = frame["hire_date"].fillna(heard)
        ended = frame["end_date"].mask((frame["end_date"] > day) | rep_months.moving(frame, day))
        return frame.assign(end_date=ended)[~(since > day)].reset_index(drop=True)

    @cached_property
    def records(self) -> Records:
        return self.records_at(None)

    def records_at(self, known: pd.Timestamp | None) -> Records:
        """The days that the records cover, as known."""

        def find() -> pd.DataFrame:
            through = self.built.settled.data_through
            return records_of(self.built.frames, through=through, known=known).frame()

        return Records.of_frame(self.kept("records", known, find))

    def kept(
        self, name: str, known: pd.Timestamp | None, make: Callable[[], pd.DataFrame]
    ) -> pd.DataFrame:
        """The frame from the store, made and kept where it is not there."""
        if self.store is None:
            return make()
        return (self.store if known is None else self.store.at(known)).kept(name, make)

    @cached_property
    def backend(self) -> Backend:
        """Deals and their changes, in a database."""
        database = Backend()
        database.put("deals", self.built.frames["deals"][list(TABLES["deals"].names)])
        changes = self.built.frames["stage_changes"][list(TABLES["stage_changes"].names)]
        database.put("changes", pipeline.in_order(changes))
        return database

    def deals_as_of(self, day: pd.Timestamp) -> pd.DataFrame:
        """The deals as they stood that day, in the order they were read."""
        self._ask_for(day)
        known = self.backend.ask(pipeline.deals_as_of, "deals", "changes", "asked")
        read = self.built.frames["deals"]
        order = pd.Series(range(len(read)), index=read["deal_id"])
        places = order.loc[known["deal_id"]].to_numpy()
        out = read.iloc[places].reset_index(drop=True)  # with the columns of the user's own
        for name in TABLES["deals"].names:
            out[name] = known[name]
        return out.iloc[places.argsort()].reset_index(drop=True)

    def pipeline_on(self, day: pd.Timestamp, reps: pd.DataFrame) -> pd.DataFrame:
        """The deals open that day."""
        self._ask_for(day)
        self.backend.put("reps", reps[list(TABLES["reps"].names)])
        return self.backend.ask(pipeline.pipeline, "deals", "changes", "reps", "asked")

    def _ask_for(self, day: pd.Timestamp) -> None:
        self.backend.put("asked", pipeline.asked(day, current=bool(day >= self.records.last_day)))
