"""What a run is asked for, what it runs on, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from salesops_lib.reporting.jobs import Outcome
from salesops_lib.reporting.packs import Pack
from salesops_lib.reporting.pool import Task
from salesops_lib.reporting.remote import Remote


class Pool(Protocol):
    """Where jobs run: `pool.LocalPool` or `cluster.DaskPool`; what each verb does is said in `pool`."""

    elsewhere: bool

    @property
    def description(self) -> str: ...
    def share(self, pins: Mapping[str, str], bundle: bytes) -> None: ...
    def submit(self, task: Task) -> None: ...
    def wait(self, seconds: float) -> list[Task]: ...
    def abandon(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Request:
    """What to run.

    Attributes
    ----------
    period
        A period, or `latest` for the last quarter complete in the data.
    fiscal_year_start
        The month in which years begin, and with them the quarters that `latest` means.
    given
        Parameters typed by the user, as text.
    out
        Where to publish; the mirror of `remote` where that is given.
    force
        Make every report again, also those that are up to date.
    once
        The period is due: make nothing where a whole run of this pack and period has gone through
        before, and have the index say where nothing can be made.
    """

    pack: Pack
    period: str
    data: str
    out: Path
    notebooks: Path
    remote: Remote | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    once: bool = False
    fiscal_year_start: int = 1


@dataclass
class Result:
    """How a run ended: one record a scope, as in run.json, and what was done.

    `failures` lists (scope, notebook, reason).
    """

    pack: str
    period: str
    records: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    made: int = 0
    skipped: int = 0
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    index: Path | None = None
    url: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def where(self) -> str:
        """The address of the index, for people."""
        return self.url or (str(self.index) if self.index else "")
