"""Runs one pack: plan, make what is missing, publish scope by scope, say what failed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from salesops_lib.errors import ParameterError, ReportError, SalesOpsError
from salesops_lib.reporting import missing, planning, promises, publication, schedule, secrets
from salesops_lib.reporting.data_facts import DataFacts, Question, inspect_data
from salesops_lib.reporting.failures import is_full
from salesops_lib.reporting.index import write_index
from salesops_lib.reporting.interruption import Interrupted, orderly
from salesops_lib.reporting.jobs import Job, Outcome, execute
from salesops_lib.reporting.journal import Journal, now
from salesops_lib.reporting.places import safe, state
from salesops_lib.reporting.pool import Task
from salesops_lib.reporting.progress import Progress
from salesops_lib.reporting.request import Pool, Request, Result
from salesops_lib.reporting.scope_run import Context, ScopeRun, absolute

_DISK_FULL = "The disk is full, so the report could not be published."
_GONE = (
    "The data or the pack no longer name this part of the company. If its reports are not wanted any "
    "more, delete their folder."
)
# How long reading the data may take before it counts as stuck.
_READING = 1800.0
_INDEXING = 300.0


def run(request: Request, pool: Pool, progress: Progress | None = None) -> Result:
    """Run a pack.

    Raises
    ------
    ParameterError
        Before anything starts, for what the user asked wrongly.
    ReportError
        If no report at all can be made: data that cannot be read, an output folder that cannot be
        written, a signal.
    """
    secrets.check_data(request.data)
    with orderly():
        return _Run(request, pool, progress or Progress(quiet=True)).run()


class _Run:
    def __init__(self, request: Request, pool: Pool, progress: Progress) -> None:
        self.request, self.pool, self.progress = request, pool, progress
        self.pack, self.out = request.pack, request.out.absolute()
        self.hidden = secrets.hidden_by(request.data)
        self.scopes: list[ScopeRun] = []
        self.tasks: dict[int, tuple[Job, ScopeRun]] = {}
        self.journal = Journal(None)
        self.ballast = publication.Ballast(self.out)

    def run(self) -> Result:
        began = time.monotonic()
        notebooks, faults = self._notebooks()
        try:
            facts = self._facts()
        except (ReportError, Interrupted) as problem:
            self._open_journal()
            self.journal.write(
                "no data", period=self.request.period, data=self.request.data, reason=str(problem)
            )
            self._nothing_made(str(problem))
            raise
        period = facts.period
        wanted, gone = planning.scopes(self.pack.scopes, facts)
        if gone and not (self.request.once and wanted):
            raise ParameterError(next(iter(gone.values())))
        # On a schedule nobody is there to ask: the others are not kept from their readers where a
        # region was renamed, and what is wrong is said each time.
        self.result = Result(self.pack.name, period)
        self.result.failures += [(scope, "all reports", why) for scope, why in gone.items()]
        self.ballast.take()
        self._open_journal()
        try:
            with self._alone(period):
                # Looked at again under the lock: another run may have gone through meanwhile.
                if self.request.once and schedule.is_published(self.out, period, self.pack.name):
                    return self.result
                context = Context(
                    pack=self.pack,
                    period=period,
                    out=self.out,
                    data=absolute(self.request.data),
                    shown_data=self.request.data,
                    facts=facts,
                    notebooks=tuple(notebooks),
                    faults=faults,
                    force=self.request.force,
                    remote=self.request.remote.staging if self.request.remote else "",
                )
                self.scopes = [ScopeRun(context, scope) for scope in wanted]
                self._enter_missing()
                self._work()
        finally:
            self.ballast.drop()
            self.progress.close()
            self.result.seconds = time.monotonic() - began
            self.journal.write(
                "end", seconds=self.result.seconds, failures=len(self.result.failures)
            )
        return self.result

    def _open_journal(self) -> None:
        log = f"{now().replace(':', '')}-{self.pack.name}-{os.getpid()}.jsonl"
        self.journal = Journal(state(self.out) / "log" / log)

    def _notebooks(self) -> tuple[list[planning.Notebook], dict[str, str]]:
        fixed = {
            "data": absolute(self.request.data),
            "period": self.request.period,
            "scope": "company",
            "names": self.pack.names,
            "interactive": False,
            "fiscal_year_start": self.request.fiscal_year_start,
        }
        return planning.read_notebooks(self.pack, self.request.notebooks, self.request.given, fixed)

    def _facts(self) -> DataFacts:
        """Read the dataset once, in a worker; its prepared tables then serve every kernel."""
        request = self.request
        question = Question(
            absolute(request.data), request.period, request.fiscal_year_start, self.pool.elsewhere
        )
        for _ in range(1 + self.pack.retries):
            task = Task(inspect_data, question, seconds=_READING)
            self._call(task)
            # Where memory was short for a moment, there is another, as for a report.
            if not task.lost:
                break
        if task.error:
            raise ReportError(self.hidden.scrub(task.error))
        facts: DataFacts = task.value
        if facts.bundle:
            self.pool.share(facts.pins, facts.bundle)
        return replace(facts, bundle=b"")

    def _nothing_made(self, reason: str) -> None:
        """The data cannot be read: what is published for this is out of date, and where nothing is, readers
        must not wait for what was due without a word."""
        period = self.request.period
        if period == "latest":
            # Which period that is now only the data could say: it was this one.
            period = publication.last_quarter(self.out, self.pack.name)
        place = self.out / safe(period) / safe(self.pack.name)
        stale = [one for one in place.glob("*") if publication.mark_stale(one, reason)]
        for one in stale:
            self._upload(one / "run.json")
        noted = missing.note(self.out, self.pack, period, reason) if self.request.once else None
        if noted is not None:
            self._upload(noted)
        if stale or noted:
            self.result = Result(self.pack.name, period)
            self._finish()

    @contextlib.contextmanager
    def _alone(self, period: str) -> Iterator[None]:
        """One run at a time for a pack and period; the second finds the work done."""
        held = publication.lock(self.out, f"{period}--{self.pack.name}")
        try:
            held.acquire(timeout=0)
        except Timeout:
            self.progress.say("Another run is making the same reports; waiting for it to end.")
            held.acquire()
        try:
            yield
        finally:
            held.release()

    def _work(self) -> None:
        jobs = [(job, scope) for scope in self.scopes for job in scope.next_jobs()]
        later = sum(len(scope.waiting) for scope in self.scopes)
        total = len(jobs) + later
        ended = sum(len(s.current) + len(s.done) + len(s.failed) for s in self.scopes)
        self.journal.write(
            "start",
            pack=self.pack.name,
            period=self.result.period,
            data=self.request.data,
            reports=total,
            pool=self.pool.description,
        )
        if total:
            reports = "1 report" if total == 1 else f"{total} reports"
            self.progress.say(
                f"{self.pack.title}, {self.result.period}: {reports}, {self.pool.description}"
            )
        self.progress.begin(total, skipped=ended)
        for job, scope in jobs:
            self._submit(job, scope)
        try:
            self._publish_ended()
            while self.tasks:
                for task in self.pool.wait(0.5):
                    self._ended(task)
                self._publish_ended()
        except Interrupted as stop:
            self._stopped(str(stop))
            raise
        self._retire()
        self._finish()
        self._complete()

    def _submit(self, job: Job, scope: ScopeRun) -> None:
        scope.attempts[job.notebook] = scope.attempts.get(job.notebook, 0) + 1
        task = Task(execute, job, seconds=job.time_limit)
        task.on_start = lambda: self._started(job, scope)
        self.tasks[id(task)] = (job, scope)
        self.pool.submit(task)

    def _started(self, job: Job, scope: ScopeRun) -> None:
        self.progress.started(job.label)
        self.journal.write("job", report=job.label, attempt=scope.attempts[job.notebook])

    def _ended(self, task: Task) -> None:
        if id(task) not in self.tasks:
            return
        job, scope = self.tasks.pop(id(task))
        outcome = task.value
        if not isinstance(outcome, Outcome):
            outcome = Outcome(job.notebook, job.scope, reason=task.error, passing=task.lost)
        outcome.reason = self.hidden.scrub(outcome.reason)
        outcome.details = self.hidden.scrub(outcome.details)
        self.journal.write("outcome", report=job.label, **outcome.to_dict())
        again = outcome.passing and scope.attempts[job.notebook] <= self.pack.retries
        if outcome.status != "done" and again:
            self.progress.say(f"{job.label}: {outcome.reason} Trying again.")
            self._submit(job, scope)
            return
        scope.end(outcome)
        self.result.outcomes.append(outcome)
        self.progress.ended(job.label, outcome.reason if outcome.status != "done" else "")
        for following in list(scope.next_jobs()):
            self._submit(following, scope)

    def _publish_ended(self) -> None:
        for scope in self.scopes:
            if scope.ended and not scope.published:
                self._publish(scope)

    def _publish(self, scope: ScopeRun, **how: Any) -> None:
        try:
            record = scope.publish(**how)
        except OSError as problem:
            reason = _DISK_FULL if is_full(problem) else f"It could not be published: {problem}."
            self.ballast.drop()
            scope.give_up_new(reason)
            try:
                record = scope.publish()
            except OSError:
                self.progress.say(f"{scope.scope}: {reason} Nor could that be noted.", error=True)
                record = {}
            # Kept once more, or the next scope's reports would take the room of the index.
            with contextlib.suppress(ReportError):
                self.ballast.take()
        if record:
            self.result.records.append(record)
        self.result.made += len(scope.done)
        self.result.skipped += len(scope.current)
        self.result.failures += [(scope.scope, n, o.reason) for n, o in scope.failed.items()]
        self._upload(scope.target)
        if record and not how.get("keep_staged"):
            self._enter(scope, record)
        self.journal.write(
            "published", scope=scope.scope, made=sorted(scope.done), failed=sorted(scope.failed)
        )

    def _enter_missing(self) -> None:
        """Enter what an earlier run published and could not enter any more: it was killed, or the disk
        was full. The reports may be made anew in a moment, and what they promised would be gone."""
        before = [(one.target, one.before) for one in self.scopes if one.before is not None]
        try:
            promises.enter_missing(self.out, before, remote=self.request.remote)
        except (SalesOpsError, OSError) as problem:
            self.result.failures.append(("all", "ledger", str(problem)))

    def _enter(self, scope: ScopeRun, record: Mapping[str, Any]) -> None:
        """Enter the forecasts just published in the ledger; one that was changed is a failure."""
        try:
            done, remote = sorted(scope.done), self.request.remote
            promises.enter(self.out, scope.target, record, done, remote=remote)
        except (SalesOpsError, OSError) as problem:
            self.result.failures.append((scope.scope, "ledger", str(problem)))

    def _finish(self) -> None:
        """Make the index, in a worker: it has loaded what rendering needs."""
        task = Task(write_index, self.out, seconds=_INDEXING)
        self._call(task)
        if task.error:
            # There may be no worker any more, and no room on the disk but what was kept for this: what
            # is stale must be said all the same.
            self.ballast.drop()
            try:
                task.value = write_index(self.out)
            except Exception as problem:
                reason = f"The index could not be written: {problem or type(problem).__name__}."
                self.result.failures.append(("company", "index", reason))
                return
        self.result.index = task.value
        self._upload(task.value)
        if self.request.remote is not None:
            self.result.url = f"{self.request.remote.url}/index.html"

    def _complete(self) -> None:
        """Note for `salesops due` that this period is done with."""
        if self.result.ok:
            count = sum(len(record["notebooks"]) for record in self.result.records)
            marker = schedule.mark_published(self.out, self.result.period, self.pack.name, count)
            self._upload(marker)

    def _retire(self) -> None:
        """A region that was renamed since has old reports beside those of its new name, and they must
        not look as current."""
        made = {scope.target for scope in self.scopes}
        for place in (self.out / safe(self.result.period) / safe(self.pack.name)).glob("[!.]*"):
            before = publication.record(place)
            if place in made or before is None or before.get("status") == "failed":
                continue
            if publication.mark_stale(place, _GONE):
                self._upload(place / "run.json")

    def _upload(self, path: Path) -> None:
        remote = self.request.remote
        if remote is None or not path.exists():
            return
        try:
            remote.upload(path)
        except Exception as problem:
            reason = f"It could not be uploaded: {type(problem).__name__}: {problem}."
            self.result.failures.append(("company", path.name, self.hidden.scrub(reason)))

    def _call(self, task: Task) -> None:
        self.pool.submit(task)
        while not (task.error or task.value is not None):
            self.pool.wait(1.0)

    def _stopped(self, reason: str) -> None:
        """End the processes at once, then say which published reports are stale."""
        self.pool.abandon()
        self.journal.write("interrupted", reason=reason)
        for scope in self.scopes:
            if scope.published:
                continue
            scope.interrupt(reason)
            if scope.before is not None:
                self._publish(scope, keep_staged=True)
        self._finish()
