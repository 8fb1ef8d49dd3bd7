"""The reports of one scope in one run: which must be made, how they ended, and their publication."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesops_lib.reporting import planning, publication
from salesops_lib.reporting.data_facts import DataFacts
from salesops_lib.reporting.failures import is_full
from salesops_lib.reporting.jobs import Job, Outcome
from salesops_lib.reporting.journal import now
from salesops_lib.reporting.packs import Pack
from salesops_lib.reporting.places import folder


@dataclass(frozen=True)
class Context:
    """What all scopes of a run share."""

    pack: Pack
    period: str
    out: Path
    data: str
    shown_data: str
    facts: DataFacts
    notebooks: tuple[planning.Notebook, ...]
    faults: Mapping[str, str]
    force: bool
    remote: str = ""


class ScopeRun:
    """Plans and follows the reports of one scope; the runner only moves jobs in and outcomes back.

    A notebook is in one place at any time: `waiting` (its turn has not come), `open` (given to the
    pool), or ended: in `current` (up to date since an earlier run), `done` or `failed`.
    """

    def __init__(self, context: Context, scope: str) -> None:
        self.context, self.scope = context, scope
        self.target = folder(context.out, context.period, context.pack.name, scope)
        self.staging = publication.Staging(context.out, context.period, context.pack.name, scope)
        self.before = publication.record(self.target)
        self.started, self._began = now(), time.monotonic()
        self.waiting = list(context.notebooks)
        self.open: set[str] = set()
        self.current: set[str] = set()
        self.done: dict[str, Outcome] = {}
        self.failed = {
            name: Outcome(name, scope, reason=reason) for name, reason in context.faults.items()
        }
        self.keys: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.published = False

    @property
    def ended(self) -> bool:
        return not self.waiting and not self.open

    def next_jobs(self) -> Iterator[Job]:
        """Jobs whose turn has come; notebooks that are up to date end here without one."""
        first = [one for one in self.waiting if not one.last]
        turn = first or ([] if self.open else list(self.waiting))
        for notebook in turn:
            self.waiting.remove(notebook)
            job = self._job(notebook)
            self.keys[notebook.name] = job.key
            if self._is_current(notebook.name, job.key):
                self.current.add(notebook.name)
                continue
            staged = None if self.context.force else self.staging.finished(notebook.name, job.key)
            if staged is not None:
                self.done[notebook.name] = staged
                continue
            self.open.add(notebook.name)
            yield job
        if turn and not self.open and self.waiting:
            yield from self.next_jobs()

    def end(self, outcome: Outcome) -> None:
        """Take the outcome of a job that will not be tried again."""
        name = outcome.notebook
        self.open.discard(name)
        if outcome.status == "done":
            try:
                self.staging.collect(outcome)
                self.done[name] = outcome
                return
            except OSError as problem:
                outcome.reason = "The disk is full." if is_full(problem) else str(problem)
        self.failed[name] = outcome

    def interrupt(self, reason: str) -> None:
        """Give up what has not ended. What has is kept for the next run."""
        for name in [*self.open, *(one.name for one in self.waiting)]:
            self.failed[name] = Outcome(name, self.scope, reason=reason)
        self.waiting.clear()
        self.open.clear()

    def publish(self, *, keep_staged: bool = False) -> dict[str, Any]:
        """Move the scope into place; the run record as published.

        Parameters
        ----------
        keep_staged
            After an interruption: nothing new is published, only said what is stale.
        """
        self.published = True
        if not self.done and not self.failed and self.before is not None:
            self.staging.clear()
            return self.before
        finished = {} if keep_staged else self.done
        record = self._record(finished)
        record = publication.publish(self.context.out, record, finished, self.staging)
        if not keep_staged:
            self.staging.clear()
        return record

    def give_up_new(self, reason: str) -> None:
        """Nothing new can be published (the disk is full): all that was made counts as failed."""
        for name, outcome in self.done.items():
            self.failed[name] = Outcome(name, self.scope, reason=reason, title=outcome.title)
        self.done.clear()
        self.staging.clear()

    def _is_current(self, name: str, key: str) -> bool:
        entry = publication.entry(self.before, name)
        return (
            not self.context.force
            and entry is not None
            and entry.get("status") == "published"
            and entry.get("key") == key
            and publication.has_report(self.target, name)
        )

    def _job(self, notebook: planning.Notebook) -> Job:
        context = self.context
        fitted = {"scope": self.scope, "period": context.period}
        values = {
            **notebook.values,
            **{name: value for name, value in fitted.items() if name in notebook.takes},
        }
        others: list[str] = []
        if notebook.last:
            others = [f"{name}:{self.keys[name]}" for name in sorted(self._answered())]
        key = planning.key(notebook, values, context.facts, others)
        shown = {**values}
        if "data" in shown:
            shown["data"] = context.shown_data
        return Job(
            notebook=notebook.name,
            source=notebook.source,
            parameters=values,
            pack=context.pack.name,
            period=context.period,
            scope=self.scope,
            place=context.remote or str(self.staging.folder),
            key=key,
            shown=shown,
            provenance=self._provenance(shown),
            previous=publication.previous_findings(
                context.out, context.period, context.pack.name, self.scope, notebook.name
            ),
            findings=self._findings() if notebook.last else None,
            pins=context.facts.pins,
            time_limit=context.pack.time_limit,
            memory=context.pack.memory_limit,
            currency=context.facts.currency,
        )

    def _answered(self) -> set[str]:
        return {*self.done, *self.current}

    def _findings(self) -> dict[str, str]:
        """The findings files of this run's other notebooks; those of stale reports are left out."""
        files = {}
        for name in sorted(self._answered()):
            source = self.staging.folder if name in self.done else self.target
            file = source / f"{name}.findings.json"
            files[file.name] = file.read_text(encoding="utf-8")
        return files

    def _provenance(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        facts = self.context.facts
        return {
            "data": self.context.shown_data,
            "data as of": facts.last_day,
            "data fingerprint": facts.fingerprint,
            **planning.versions(),
            "made at": now(),
            "parameters": dict(shown),
        }

    def _record(self, finished: Mapping[str, Outcome]) -> dict[str, Any]:
        context = self.context
        entries = []
        for name in context.pack.notebooks:
            if name in finished:
                entries.append(self._entry(finished[name], "published"))
            elif name in self.failed:
                entries.append(self._entry(self.failed[name], "failed"))
            elif name in self.current or name in self.done:
                kept = publication.entry(self.before, name)
                if kept is not None:
                    entries.append({**kept})
        return {
            "pack": context.pack.name,
            "title": context.pack.title,
            "period": context.period,
            "scope": self.scope,
            "status": "failed" if self.failed else "published",
            "started": self.started,
            "finished": now(),
            "duration_seconds": round(time.monotonic() - self._began, 3),
            "data": context.shown_data,
            "data_fingerprint": context.facts.fingerprint,
            "data_as_of": context.facts.last_day,
            "currency": context.facts.currency,
            **planning.versions(),
            "peak_memory_mb": max((e.get("peak_memory_mb", 0) for e in entries), default=0),
            "notebooks": entries,
        }

    def _entry(self, outcome: Outcome, status: str) -> dict[str, Any]:
        context = self.context
        titles = {one.name: one.title for one in context.notebooks}
        values = {one.name: one.values for one in context.notebooks}.get(outcome.notebook, {})
        shown = {k: v for k, v in values.items() if k not in ("data", planning.FINDINGS_DIR)}
        shown.update(
            {k: v for k, v in {"scope": self.scope, "period": context.period}.items() if k in shown}
        )
        if "data" in values:
            shown["data"] = context.shown_data
        return {
            "name": outcome.notebook,
            "title": outcome.title or titles.get(outcome.notebook, ""),
            "status": status,
            "reason": outcome.reason if status != "published" else "",
            "headline": outcome.headline,
            "parameters": shown,
            "key": outcome.key,
            "finished": now(),
            "attempts": self.attempts.get(outcome.notebook, 1),
            "seconds": {name: round(value, 3) for name, value in outcome.seconds.items()},
            "peak_memory_mb": round(outcome.peak_memory / 1e6, 1),
            "own_memory_mb": round((outcome.own_memory + outcome.worker_memory) / 1e6, 1),
            "kernel": "forked" if outcome.warm else "ordinary",
            "data_fingerprint": context.facts.fingerprint,
        }


def absolute(data: str) -> str:
    """A path made independent of the working directory; names and addresses stay."""
    looks_like_path = "://" not in data and not data.startswith(("env:", "keyring:"))
    if looks_like_path and data != "sample" and Path(data).exists():
        return str(Path(data).absolute())
    return data
