"""The same jobs on a Dask cluster that somebody already runs.

Its workers need this library, the data under the same name (a path on a shared disk, or a database
named by environment variable), and the output location. The data are read by one of them, once; all
others, those that join later too, are sent the prepared tables. Each worker process keeps a warm server of
its own, so kernels are forked there as they are here. A worker that is lost loses no report: Dask
gives its jobs to another, and what it gives up on counts as a fault that may pass.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from salesops_lib.errors import ParameterError, ReportError
from salesops_lib.reporting.pool import Task

# Seconds in which a scheduler has to answer, and one that is gone to come back.
_PATIENCE = 10


class DaskPool:
    """Workers behind a Dask scheduler."""

    elsewhere = True

    def __init__(self, address: str) -> None:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port

        self.address = address
        try:
            get_address_host_port(address)
        except ValueError as problem:
            raise ParameterError(
                f"--scheduler == {address!r}, must be like tcp://host:8786: {problem}."
            ) from None
        try:
            self.client: Any = Client(address, timeout=f"{_PATIENCE}s", set_as_default=False)
            self.client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError) as problem:
            raise ReportError(
                f"No Dask scheduler with a worker answers at {address}: {problem or 'timeout'}."
            ) from None
        self._tasks: dict[Any, Task] = {}
        self._refused: list[Task] = []
        self._plugins: list[str] = []

    @property
    def description(self) -> str:
        workers = len(self.client.scheduler_info(n_workers=-1)["workers"])
        return f"on {workers} Dask workers at {self.address}"

    def share(self, pins: Mapping[str, str], bundle: bytes) -> None:
        """Send the prepared tables to every worker, those that join later included."""
        from distributed import WorkerPlugin

        from salesops_lib.dataset.loading_bundle import unpack

        class Tables(WorkerPlugin):
            name = f"salesops-{uuid.uuid4().hex}"

            def setup(self, worker: Any) -> None:
                # A worker that cannot keep them reads the data itself.
                with contextlib.suppress(OSError):
                    unpack(pins, bundle)

        self.client.register_plugin(Tables())
        self._plugins.append(Tables.name)

    def submit(self, task: Task) -> None:
        from distributed.client import ClosedClientError

        try:
            future = self.client.submit(_call, task.function, task.argument, pure=False, retries=0)
        except ClosedClientError:
            self._refused.append(task)
        else:
            self._tasks[future] = task
        if task.on_start is not None:
            task.on_start()

    def wait(self, seconds: float) -> list[Task]:
        """Tasks that have ended, waiting up to `seconds` for the first."""
        until = time.monotonic() + seconds
        while self._tasks or self._refused:
            if self._refused or self.client.status == "closed":
                return self._lose_all()
            ended = [future for future in self._tasks if future.done()]
            if ended:
                return [self._take(future) for future in ended]
            if time.monotonic() >= until:
                break
            time.sleep(0.02)
        return []

    def _take(self, future: Any) -> Task:
        task = self._tasks.pop(future)
        if future.status == "finished":
            task.value, task.error = future.result()
        else:
            # Dask gives up on a job whose workers died three times, or whose result got lost.
            task.error, task.lost = f"Its Dask worker was lost ({future.status}).", True
        future.release()
        return task

    def _lose_all(self) -> list[Task]:
        """The scheduler is gone, and what was given to it would be waited for without end. To try again
        there is of no use."""
        ended = [*self._refused, *self._tasks.values()]
        self._refused.clear()
        self._tasks.clear()
        for task in ended:
            task.error = f"The Dask scheduler at {self.address} is gone."
        return ended

    def abandon(self) -> None:
        """Give up every task; the kernels of those that run are ended by their workers."""
        for future in self._tasks:
            future.cancel()
        self._refused.clear()
        self._tasks.clear()

    def close(self) -> None:
        self.abandon()
        for name in self._plugins:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                self.client.unregister_worker_plugin(name)
        self.client.close()


def _call(function: Callable[[Any], Any], argument: Any) -> tuple[Any, str]:
    """In the worker: the value, or what went wrong in words."""
    from salesops_lib.reporting.kernels.choice import can_fork

    if can_fork():
        from salesops_lib.reporting.kernels.processes import start_server

        start_server()
    ended = threading.Event()
    threading.Thread(
        target=_end_with_task, args=(ended, threading.get_ident(), *_current()), daemon=True
    ).start()
    try:
        return function(argument), ""
    except Exception as problem:
        return None, str(problem) or type(problem).__name__
    finally:
        ended.set()


def _current() -> tuple[Any, str]:
    """This worker and the key of the task that it is at."""
    from distributed import get_worker

    worker = get_worker()
    return worker, str(worker.get_current_task())


def _end_with_task(ended: threading.Event, thread: int, worker: Any, key: str) -> None:
    """Dask forgets a cancelled task but lets it run on: end its kernel, and so the task."""
    from salesops_lib.reporting.kernels.choice import can_fork

    while not ended.wait(1.0):
        task = worker.state.tasks.get(key)
        if task is not None and task.state == "executing":
            continue
        if can_fork():
            from salesops_lib.reporting.kernels.processes import end_those_of

            end_those_of(thread)
        return
