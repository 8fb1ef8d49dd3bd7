"""The canonical tables of one company, as every analysis sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from salesops_lib import wording
from salesops_lib.dataset import hires, pay, rep_months
from salesops_lib.dataset.assumptions import ActivityKind, Assumption
from salesops_lib.dataset.backend import Backend
from salesops_lib.dataset.building import build, raw_tables
from salesops_lib.dataset.period import day_of
from salesops_lib.dataset.quality import QualityReport
from salesops_lib.dataset.reading import Source
from salesops_lib.dataset.records import Records
from salesops_lib.dataset.salt import stable_salt
from salesops_lib.dataset.schema import TABLES, plain_name
from salesops_lib.dataset.sellers import who_is_nobody, who_never_sells
from salesops_lib.dataset.whole import Whole
from salesops_lib.errors import DataError


class Dataset:
    """A company's sales tables, validated. Every frame handed out is a fresh copy.

    Made by `load_dataset` or `Dataset.from_frames`.
    """

    def __init__(self, whole: Whole, *, known: pd.Timestamp | None = None) -> None:
        self.whole = whole
        self._built = whole.built
        self._known = known
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def from_frames(
        cls,
        tables: Mapping[str, pd.DataFrame],
        *,
        assumptions: Mapping[str, Any] | None = None,
        activities: Mapping[str, Any] | None = None,
    ) -> Dataset:
        """A dataset from raw tables in memory, through the same door as files.

        Parameters
        ----------
        tables
            Canonical table name → frame, cells typed or text.
        assumptions, activities
            What assumptions.toml and activities.toml would hold.

        Raises
        ------
        DataError
            If a table cannot be used.
        """
        built = build(Source(raw_tables(tables), assumptions, activities))
        if built.quality.faults:
            raise built.quality.faults[0]
        return cls(Whole(built))

    # -- tables -----------------------------------------------------------------------------

    def reps(self) -> pd.DataFrame:
        """One row a rep and spell of employment (a rep who came back has two)."""
        return self._frame("reps").copy()

    def deals(self) -> pd.DataFrame:
        """One row a deal."""
        return self._frame("deals").copy()

    def quotas(self) -> pd.DataFrame:
        """One row a rep and month."""
        return self._frame("quotas").copy()

    def quotas_ahead(self) -> pd.DataFrame:
        """Quotas of the months after the last day, which are set in advance: for the question
        whether they will be reached, and for nothing about the past."""
        quotas = self._built.frames["quotas"]
        return quotas[quotas["month"] > self.last_day].reset_index(drop=True)

    def stage_changes(self) -> pd.DataFrame:
        """One row a change of a deal's stage, amount or expected close."""
        return self._frame("stage_changes").copy()

    def activities(self) -> pd.DataFrame:
        """One row a rep, week (its Monday) and activity."""
        return self._frame("activities").copy()

    def channels(self) -> pd.DataFrame:
        """One row a channel."""
        return self._frame("channels").copy()

    def markets(self) -> pd.DataFrame:
        """One row a region and month."""
        return self._frame("markets").copy()

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there and each of the columns holds at least one value.

        Raises
        ------
        DataError
            If there is no such table in the schema.
        """
        frame = self._frame(_known_table(table))
        if frame.empty:
            return False
        return all(name in frame and bool(frame[name].notna().any()) for name in columns)

    def table(self, name: str) -> Any:
        """The lazy Ibis table, to go on in the database with.

        Raises
        ------
        DataError
            If there is no such table in the schema.
        """
        return self._backend.table(_known_table(name))

    # -- derived ----------------------------------------------------------------------------

    def rep_months(self, trailing: int | None = None) -> pd.DataFrame:
        """One row a rep and month of employment within the records; bookings 0 where there were
        none, practices NaN where they are undefined. Who never sells has no rows: see `sellers`.

        Parameters
        ----------
        trailing
            Keep the last so many complete months.
        """
        frame = self._rep_months
        if trailing is None:
            return frame.copy()
        last = self.last_complete_month
        if last is None:
            return frame.iloc[:0].copy()
        first = last - pd.DateOffset(months=trailing - 1)
        return frame[frame["month"].between(first, last)].reset_index(drop=True)

    def pipeline_on(self, date: Any) -> pd.DataFrame:
        """The deals open at the end of that day, exactly as they were known then: amount and stage
        of that day, missing where nothing tells them. One row a deal, with the columns of
        `pipeline.COLUMNS`, ages in days. See `pipeline.deals_as_of`.

        Raises
        ------
        DataError
            If it is not a date.
        """
        then = self.as_of(date)
        day, reps = then._known or self.last_day, then._frame("reps")
        return then._kept("pipeline", lambda: self.whole.pipeline_on(day, reps))

    def as_of(self, date: Any) -> Dataset:
        """The dataset as it was known at the end of that day: later rows are gone, deals closed later
        are open again.

        Raises
        ------
        DataError
            If it is not a date.
        """
        day = day_of(date)
        if self._known is not None and day >= self._known:
            return self
        return Dataset(self.whole, known=day)

    # -- facts ------------------------------------------------------------------------------

    @property
    def assumptions(self) -> Mapping[str, Assumption]:
        """Name → value, unit and source, as in assumptions.toml; a documented default where it is silent,
        but hires are counted where reps have hire dates, and a rep costs what the reps table says."""
        chosen = dict(self._built.settled.assumptions)
        chosen["hires_per_year"] = self._hires
        if chosen["annual_cost"].is_default:
            chosen["annual_cost"] = pay.of_reps(chosen["annual_cost"], self._sellers, self.last_day)
        return chosen

    @property
    def activity_kinds(self) -> Mapping[str, ActivityKind]:
        """Activity → whether it is selling and whose work it is, as in activities.toml."""
        return dict(self._built.kinds)

    @property
    def quality(self) -> QualityReport:
        """What was read, what was set aside and why; the same for every past day."""
        return self._built.quality

    @property
    def currency(self) -> str:
        """The sign that sentences write before money."""
        return self._built.currency

    @property
    def first_day(self) -> pd.Timestamp:
        """The first dated event; NaT where nothing is dated."""
        return self._records.first_day

    @property
    def last_day(self) -> pd.Timestamp:
        """The day that the records reach; NaT where nothing is dated. See `records.Records`."""
        return self._records.last_day

    @property
    def partial_month(self) -> pd.Timestamp | None:
        """The current month where the records do not reach its end, else None."""
        return self._records.partial_month

    @property
    def last_complete_month(self) -> pd.Timestamp | None:
        """Its first day; None where nothing is dated."""
        if pd.isna(self.last_day):
            return None
        month = self.last_day.to_period("M").to_timestamp()
        return month if self.partial_month is None else month - pd.DateOffset(months=1)

    @property
    def market_columns(self) -> tuple[str, ...]:
        """Columns of `rep_months()` that hold facts of the region's market."""
        return tuple(_market_name(one) for one in self._built.market_columns)

    @property
    def practice_columns(self) -> tuple[str, ...]:
        """Columns of `rep_months()` that hold what reps do, where at least one value is known."""
        frame = self._rep_months
        return tuple(one for one in rep_months.PRACTICES if frame[one].notna().any())

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the accepted content, as known."""
        digest = hashlib.sha256()
        for name in TABLES:
            frame = self._frame(name)
            digest.update(f"{name}:{','.join(map(str, frame.columns))}".encode())
            if len(frame):
                digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        for assumption in sorted(self.assumptions.items()):
            digest.update(repr(assumption).encode())
        for kind in sorted(self.activity_kinds.items()):
            digest.update(repr(kind).encode())
        return digest.hexdigest()

    @cached_property
    def salt(self) -> str:
        """The secret behind pseudonyms, the same from report to report. See `salt.stable_salt`."""
        return stable_salt()

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What a reader must know before trusting a number."""
        return self._said("notices", people=True)

    @cached_property
    def notices_without_people(self) -> tuple[str, ...]:
        """The same for who may not see everybody by name: without examples of reps' ids."""
        return self._said("notices_without_people", people=False)

    def _said(self, name: str, *, people: bool) -> tuple[str, ...]:
        from salesops_lib.dataset.notices import notices_of

        kept = self._kept(
            name, lambda: pd.DataFrame({"text": notices_of(self, people=people)}, dtype=object)
        )
        said = dict.fromkeys([*self.quality.notices, *kept["text"]])
        return tuple(wording.opened(text) for text in said)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(self._frame(name)):,}" for name in self._built.present)
        return f"<Dataset to {self.last_day:%Y-%m-%d}: {sizes}>"

    # -- inside -----------------------------------------------------------------------------

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.whole.frame(name, self._known)
        return self._frames[name]

    def _kept(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        return self.whole.kept(name, self._known, make)

    @cached_property
    def _records(self) -> Records:
        return self.whole.records if self._known is None else self.whole.records_at(self._known)

    @cached_property
    def _hires(self) -> Assumption:
        stated = self._built.settled.assumptions["hires_per_year"]
        if not stated.is_default:
            return stated  # who sells need not be told
        seen = self._employed.groupby("rep_id")["month"].min()
        return hires.counted(stated, self._sellers, self.first_day, self.last_day, seen)

    @property
    def _sellers(self) -> pd.DataFrame:
        reps = self._frame("reps")
        return reps[~reps["rep_id"].isin(self._no_reps)]

    @cached_property
    def _backend(self) -> Backend:
        """The tables as known, in a database."""
        database = Backend()
        for name in TABLES:
            database.put(name, self._frame(name))
        return database

    @cached_property
    def _employed(self) -> pd.DataFrame:
        """Months of everybody among the reps, also of who does not sell or is nobody."""
        return self._kept("rep_months", self._make_rep_months)

    @cached_property
    def _nobody(self) -> tuple[str, ...]:
        return who_is_nobody(self._frame("reps"))

    @cached_property
    def _not_selling(self) -> tuple[str, ...]:
        months = self._employed
        return who_never_sells(months[~months["rep_id"].isin(self._nobody)])

    @property
    def _no_reps(self) -> tuple[str, ...]:
        """Who stands among the reps and is compared with none."""
        return (*self._nobody, *self._not_selling)

    @cached_property
    def _rep_months(self) -> pd.DataFrame:
        if not self._no_reps:
            return self._employed
        sells = ~self._employed["rep_id"].isin(self._no_reps)
        return self._employed[sells].reset_index(drop=True)

    def _make_rep_months(self) -> pd.DataFrame:
        window = self._records.window
        if window is None:
            blank = pd.DataFrame(columns=[*rep_months.COLUMNS, *self.market_columns])
            return rep_months.typed(blank)
        database = Backend()
        for name in ("reps", "deals", "quotas", "activities"):
            database.put(name, self._frame(name)[list(TABLES[name].names)])
        facts = {one: _market_name(one) for one in self._built.market_columns}
        database.put("markets", self._frame("markets").rename(columns=facts))
        database.put("months", window.months)
        database.put("weeks", window.weeks)
        database.put("kinds", self._kinds_frame())
        rows = database.ask(
            rep_months.rep_months,
            *("reps", "deals", "quotas", "activities", "markets", "months", "weeks", "kinds"),
        )
        return rep_months.typed(rows)

    def _kinds_frame(self) -> pd.DataFrame:
        """activity as written → selling; unknown names are not selling."""
        plain = {plain_name(name): kind for name, kind in self._built.kinds.items()}
        written = pd.unique(self._frame("activities")["activity"].dropna())
        selling = [bool(k.selling) if (k := plain.get(plain_name(n))) else False for n in written]
        return pd.DataFrame(
            {
                "activity": pd.Series(written, dtype=object),
                "selling": pd.Series(selling, dtype=bool),
            }
        )


def _market_name(name: str) -> str:
    """Market columns never hide a column of rep_months."""
    return f"market_{name}" if name in rep_months.COLUMNS else name


def _known_table(name: str) -> str:
    if name not in TABLES:
        raise DataError(f"there is no table '{name}'", remedy=f"There are {', '.join(TABLES)}.")
    return name
