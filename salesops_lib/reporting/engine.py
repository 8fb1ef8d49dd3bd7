"""A papermill engine for batch runs: warm kernels, one time limit for the whole notebook.

Registered as `salesops` in the group `papermill.engine`, so `papermill --engine salesops` and any
tool that wraps papermill can use it too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.engines import Engine, NotebookExecutionManager

from salesops_lib.errors import ReportError
from salesops_lib.reporting.kernels.batch import BatchManager


class TimeLimitExceeded(ReportError):
    """The notebook ran longer than it may."""


class KernelLost(ReportError):
    """The kernel ended before the notebook did."""


class _Expired(Exception):
    """The time limit has passed."""


@dataclass
class Observed:
    """What a run cost: seconds to start the kernel and in cells, processor seconds in cells, and
    memory in bytes.

    `peak_memory` is the kernel's largest resident set, pages shared with other processes
    included; `own_memory` counts each shared page in proportion (PSS), 0 where unknown.
    """

    start_seconds: float = 0.0
    cell_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    own_memory: int = 0
    warm: bool = False


class BatchEngine(Engine):
    """Executes in a kernel of its own, which is gone when this returns, however it returns."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        time_limit: float | None = None,
        memory: int = 0,
        kernel_cwd: str | None = None,
        environment: Mapping[str, str] | None = None,
        observed: Observed | None = None,
        start_timeout: int = 60,
        **_: Any,
    ) -> None:
        """Run the cells; a failing cell is marked for papermill to raise.

        Parameters
        ----------
        time_limit
            Seconds for the whole notebook, kernel start included.
        memory
            Bytes the kernel may allocate beyond what it starts with; 0 for no limit.
        kernel_cwd
            Where the kernel runs.
        environment
            Variables that the kernel gets besides those of this process.
        observed
            Filled with what the run cost.

        Raises
        ------
        TimeLimitExceeded, KernelLost
        """
        manager = BatchManager(kernel_name=kernel_name, memory=memory)
        client = _Client(
            nb_man,
            manager,
            observed or Observed(),
            startup_timeout=start_timeout,
            resources={"metadata": {"path": kernel_cwd or str(Path.cwd())}},
        )
        try:
            asyncio.run(_limited(client, time_limit, _environment(environment or {})))
        except CellExecutionError:
            pass  # recorded in the notebook by the hook; papermill raises it
        except _Expired:
            raise TimeLimitExceeded(f"It ran longer than {time_limit:g} seconds.") from None
        except TimeoutError as problem:
            raise KernelLost(f"The kernel stopped answering: {problem}") from None
        except (DeadKernelError, RuntimeError) as problem:
            raise _lost(manager, problem) from None
        finally:
            manager.remove_folder()


async def _limited(client: _Client, seconds: float | None, env: dict[str, str]) -> None:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await client.async_execute(cleanup_kc=True, env=env)
    except (DeadKernelError, TimeoutError):
        # nbclient takes any cancellation, also that of the time limit, for the kernel's death.
        if limit.expired():
            raise _Expired from None
        raise


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a batch kernel gets: no widgets, and no matplotlib backend that swallows figures."""
    unwanted = {"SALESOPS_INTERACTIVE", "MPLBACKEND"}
    return {**{k: v for k, v in os.environ.items() if k not in unwanted}, **more}


def _lost(manager: BatchManager, problem: Exception) -> ReportError:
    code = getattr(manager, "exit_code", None)
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    hint = " The machine may have run out of memory." if code == -9 else ""
    words = manager.last_words()
    said = f" It last wrote: {words.splitlines()[-1]}" if words else ""
    if "died" not in str(problem):
        return KernelLost(f"The kernel did not start: {problem}.{said}")
    return KernelLost(f"The kernel ended unexpectedly ({how}).{hint}{said}")


class _Client(NotebookClient):
    """Tells papermill's execution manager what happens to each cell."""

    def __init__(
        self,
        nb_man: NotebookExecutionManager,
        km: BatchManager,
        observed: Observed,
        **options: Any,
    ) -> None:
        super().__init__(
            nb_man.nb,
            km=km,
            timeout=None,
            raise_on_iopub_timeout=True,
            iopub_timeout=30,
            shutdown_kernel="immediate",
            store_widget_state=False,
            record_timing=False,
            # Everything that matters is in the messages; history would only cost a database.
            extra_arguments=["--HistoryManager.enabled=False"],
            **options,
        )
        self.ipython_hist_file = ""
        self.nb_man, self.observed = nb_man, observed
        self._began = time.monotonic()
        self.on_notebook_start = self._started
        self.on_cell_start = self._cell_started
        self.on_cell_executed = self._cell_executed
        self.on_cell_error = self._cell_failed

    def _started(self, **_: Any) -> None:
        self.observed.start_seconds = time.monotonic() - self._began
        self.observed.cpu_seconds = -_cpu_seconds(getattr(self.km, "pid", None))
        self.observed.warm = bool(getattr(self.km.provisioner, "forked", None))  # type: ignore[union-attr]

    def _cell_started(self, cell: Any, cell_index: int) -> None:
        self._cell_began = time.monotonic()
        self.nb_man.cell_start(cell, cell_index)

    def _cell_executed(self, cell: Any, cell_index: int, **_: Any) -> None:
        self.observed.cell_seconds += time.monotonic() - self._cell_began
        self.nb_man.cell_complete(cell, cell_index)

    def _cell_failed(self, cell: Any, cell_index: int, **_: Any) -> None:
        self.nb_man.cell_exception(cell, cell_index)

    async def _async_poll_kernel_alive(self) -> None:
        # The stock client looks once a second; a dead kernel is noticed here in a tenth.
        while True:
            await asyncio.sleep(0.1)
            assert self.km is not None
            if await self.km.is_alive():  # type: ignore[misc]
                continue
            if self.task_poll_for_reply is not None:
                self.task_poll_for_reply.cancel()
            return

    async def _async_cleanup_kernel(self) -> None:
        manager = self.km
        if isinstance(manager, BatchManager):
            manager.note_end()
            _weigh(manager.pid, self.observed)
            self.observed.cpu_seconds += _cpu_seconds(manager.pid)
        await super()._async_cleanup_kernel()


def _weigh(pid: int | None, observed: Observed) -> None:
    """Read the kernel's memory while it is still there (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        observed.peak_memory = _kib(status, "VmHWM:")
        observed.own_memory = _kib(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss:")
    except OSError:
        return


def _cpu_seconds(pid: int | None) -> float:
    """Processor time that a process has used (Linux); 0 where unknown."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def _kib(text: str, label: str) -> int:
    for line in text.splitlines():
        if line.startswith(label):
            return int(line.split()[1]) * 1024
    return 0
