"""Worker processes on this machine: forked from the warm server, replaced when they die.

A pool has the same verbs for one machine and for a Dask cluster (`cluster`): `submit(task)`,
`wait(seconds)` → finished tasks, `abandon()`, `close()`; `elsewhere` says whether its workers may
be on other machines, which then get the prepared tables by `share`.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from salesops_lib.errors import ReportError
from salesops_lib.reporting.kernels.choice import can_fork

if sys.platform == "linux":
    from salesops_lib.reporting.kernels.processes import (
        Forked,
        start_server,
        stop_server,
    )
    from salesops_lib.reporting.kernels.scratch import drop_run_folder, run_folder

# A worker ends its own notebooks at their limit; one that does not is itself stuck.
GRACE = 30.0


@dataclass
class Task:
    """A call to make in a worker, and after `wait` how it ended.

    Attributes
    ----------
    function, argument
        Both picklable; the function importable by name.
    seconds
        The limit after which the worker counts as stuck (None: no limit).
    value, error
        What came back: exactly one of them is set. `lost` says that the worker died, which is an
        error that may pass.
    """

    function: Callable[[Any], Any]
    argument: Any
    seconds: float | None = None
    value: Any = None
    error: str = ""
    lost: bool = False
    on_start: Callable[[], None] | None = None


class _Worker:
    def __init__(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        self.pipe: Connection = ours
        self.task: Task | None = None
        self.deadline: float | None = None
        env, cwd = dict(os.environ), str(Path.cwd())
        self.process: Any
        self.forked = can_fork()
        # A worker that is killed cannot clear away what it keeps for its kernel, findings of other
        # reports among it: so all of that lies in one place.
        self.scratch = tempfile.mkdtemp(prefix="so-", dir=run_folder() if self.forked else None)
        given = (theirs, env, cwd, self.scratch)
        try:
            if self.forked:
                self.process = Forked(serve, *given, name="report worker")
            else:
                self.process = multiprocessing.get_context("spawn").Process(
                    target=serve, args=given
                )
                self.process.start()
        except BaseException:
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        theirs.close()

    def give(self, task: Task) -> None:
        self.task = task
        self.deadline = time.monotonic() + task.seconds + GRACE if task.seconds else None
        self.pipe.send((task.function, task.argument))
        if task.on_start is not None:
            task.on_start()

    def finished(self) -> Task | None:
        """The task, if it ended: answered, died or stuck."""
        task = self.task
        if task is None:
            return None
        try:
            if self.pipe.poll():
                task.value, task.error = self.pipe.recv()
                self.task = None
                return task
        except (EOFError, OSError):
            task.error, task.lost = "The worker process died.", True
        if self.deadline is not None and time.monotonic() > self.deadline:
            task.error = f"It ran longer than {task.seconds:g} seconds and did not stop."
        if not task.error:
            return None
        self.task = None
        self.end()
        return task

    def end(self) -> None:
        """Kill the worker; its kernel ends with it."""
        if self.forked:
            self.process.signal_group(signal.SIGKILL)
            self.process.join(timeout=5)
            self.process.close()
        else:
            self.process.kill()
            self.process.join(5)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.pipe.close()
        self.dead = True

    dead = False


class LocalPool:
    """Up to `jobs` workers on this machine."""

    elsewhere = False

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._waiting: deque[Task] = deque()
        self._workers: list[_Worker] = []
        if can_fork():
            # What keeps it from starting is said when the first worker is asked for.
            with suppress(ReportError):
                start_server()

    @property
    def description(self) -> str:
        kind = "forked from a warm process" if can_fork() else "ordinary (forking is not available)"
        return f"{self.jobs} at a time, kernels {kind}"

    def share(self, pins: Mapping[str, str], bundle: bytes) -> None:
        """Nothing to do: workers here map what the first of them has kept."""

    def submit(self, task: Task) -> None:
        self._waiting.append(task)
        self._feed()

    def wait(self, seconds: float) -> list[Task]:
        """Tasks that have ended, waiting up to `seconds` for the first."""
        self._feed()
        busy = [one for one in self._workers if one.task is not None]
        if not busy:
            return []
        until = min([seconds, *(one.deadline - time.monotonic() for one in busy if one.deadline)])
        wait([one.pipe for one in busy], timeout=max(until, 0.0))
        ended = [task for one in busy if (task := one.finished()) is not None]
        self._workers = [one for one in self._workers if not one.dead]
        self._feed()
        return ended

    def _feed(self) -> None:
        while self._waiting:
            free = next((one for one in self._workers if one.task is None), None)
            if free is None:
                if len(self._workers) >= self.jobs:
                    return
                free = _Worker()
                self._workers.append(free)
            task = self._waiting.popleft()
            try:
                free.give(task)
            except (BrokenPipeError, OSError):
                # It died while idle: that is no fault of this task.
                free.end()
                self._workers.remove(free)
                self._waiting.appendleft(task)

    def abandon(self) -> None:
        """Give up every task, at once; the pool can be used again."""
        self._waiting.clear()
        for one in self._workers:
            one.end()
        self._workers.clear()

    def close(self) -> None:
        """End every worker and the warm server; returns when no process of ours is left."""
        self.abandon()
        if can_fork():
            stop_server()
            drop_run_folder()

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(pipe: Connection, env: dict[str, str], cwd: str, scratch: str) -> None:
    """A worker's life: take a call, make it, send back the value or what went wrong.

    Its own temporary files go into `scratch`; those of the notebooks go where `env` says.
    """
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    tempfile.tempdir = scratch
    # Ctrl-C is for the run that watches over us; SIGTERM ends us at once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            function, argument = pipe.recv()
            answer = (function(argument), "")
        except EOFError:
            sys.exit(0)
        except Exception as problem:
            answer = (None, str(problem) or type(problem).__name__)
        pipe.send(answer)
