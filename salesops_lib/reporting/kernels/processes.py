"""Processes forked from one warm server, and what ends with what.

The server is the standard library's forkserver with our preload module. Children differ from
`multiprocessing.Process` in three ways: they never re-import the main module of whoever started
them, they lead a process group of their own (so that everything a notebook starts can be ended
with it), and they end when the process that asked for them ends, however that happened.
"""

from __future__ import annotations

import io
import os
import select
import signal
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, popen_forkserver, process, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import reduction, set_spawning_popen  # type: ignore[attr-defined]
from typing import Any

import psutil

from salesops_lib.errors import ReportError
from salesops_lib.reporting.kernels.limits import check_limits
from salesops_lib.reporting.kernels.scratch import run_folder

PRELOAD = "salesops_lib.reporting.kernels.warm"
_ATTEMPTS = 3
# Seconds in which the server is to end by itself.
_PATIENCE = 5.0


def start_server() -> None:
    """Start the warm server if it does not run; the imports go on in the background.

    A child of the server uses the server that it comes from.

    Raises
    ------
    ReportError
        If nothing could be made within the limits of this shell.
    """
    server: Any = forkserver._forkserver
    if server._forkserver_pid is None and server._forkserver_address is not None:
        return
    check_limits()
    forkserver.set_forkserver_preload([PRELOAD])
    # The server's socket would lie in a folder that nobody knows whose it is, under TMPDIR whatever its length.
    process.current_process()._config["tempdir"] = run_folder()  # type: ignore[attr-defined]
    # It shields itself, and would let Ctrl-C through in the midst of what follows.
    resource_tracker.ensure_running()
    with _interrupts_held_back():
        forkserver.ensure_running()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal. What is started here inherits that it waits,
    until `warm` ignores it, for the run that watches over it decides what ends; here it comes in
    afterwards, where ignoring it would lose it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Forked(popen_forkserver.Popen):
    """A child process forked from the warm server.

    Parameters
    ----------
    target
        What runs in the child, importable by name. Its module must import nothing heavy: the
        server has done that already.
    args
        Its arguments; pipe connections may be among them.
    name
        Shown in process listings of the program.
    """

    # How many this process has asked for.
    count = 0

    def __init__(self, target: Callable[..., Any], *args: Any, name: str = "forked") -> None:
        self.thread = threading.get_ident()
        for attempt in range(_ATTEMPTS):
            start_server()
            try:
                super().__init__(_Body(target, args, name))  # type: ignore[arg-type]
            except (EOFError, OSError) as problem:
                # The server was killed in the midst of it, as a machine out of memory does: the next
                # attempt starts another.
                if attempt == _ATTEMPTS - 1:
                    why = str(problem) or "the process it was to come from has ended"
                    raise ReportError(f"No process could be started: {why}.") from None
                # Its pipes are closed a moment before it counts as ended.
                time.sleep(0.1)
            else:
                break
        Forked.count += 1
        _living.add(self)

    def _launch(self, process_obj: Any) -> None:
        # As the standard library's, without the preparation data that would run the main module
        # of this process again in the child.
        buffer = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump({}, buffer)
            reduction.dump(process_obj, buffer)
        finally:
            set_spawning_popen(None)
        fds: list[int] = self._fds  # type: ignore[attr-defined]
        self.sentinel, feed = _ask_server(fds)
        # Held open for as long as this process lives: its end tells the child that we are gone.
        self._alive = os.dup(feed)
        try:
            with os.fdopen(feed, "wb") as pipe:
                pipe.write(buffer.getbuffer())
            self.pid = forkserver.read_signed(self.sentinel)
        except BaseException:
            # Also where a signal ends the wait: a child that was not here yet ends as it comes.
            self.close()
            raise

    def join(self, timeout: float | None = None) -> int | None:
        """Wait for the end; the exit code (negative: a signal), or None if it still runs."""
        if self.returncode is None and not wait([self.sentinel], timeout):
            return None
        return self.poll()

    def signal_group(self, number: int) -> None:
        """Send a signal to the child and everything it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
            return
        # In the instant before the child leads its own group only the process itself is there.
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def close(self) -> None:
        """Let go of the pipes; a child that still runs ends."""
        for fd in (self._alive, self.sentinel):
            with suppress(OSError):
                os.close(fd)


_living: weakref.WeakSet[Forked] = weakref.WeakSet()


def end_those_of(thread: int) -> None:
    """Kill the children that a thread of this process has started."""
    for one in list(_living):
        if one.thread == thread and one.poll() is None:
            one.signal_group(signal.SIGKILL)


def _ask_server(fds: list[int]) -> tuple[int, int]:
    """Have the server fork; the pipe on which it reports and the pipe that feeds the child.

    As `forkserver.connect_to_new_process`, which in a process that is itself a child of the server
    would start a second server, and import everything again.
    """
    server: Any = forkserver._forkserver
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server._forkserver_address)
        report, child_report = os.pipe()
        child_feed, feed = os.pipe()
        tracker = resource_tracker.getfd()
        passed = [child_feed, child_report, server._forkserver_alive_fd, tracker, *fds]
        try:
            reduction.sendfds(client, passed)
        except OSError:
            os.close(report)
            os.close(feed)
            raise
        finally:
            os.close(child_feed)
            os.close(child_report)
    return report, feed


def stop_server() -> None:
    """End the warm server. It goes by itself once its last child has gone, so its end is the
    proof that none is left; after `_PATIENCE` all are killed. One that was never asked for
    a child may still be importing, and is killed at once."""
    server: Any = forkserver._forkserver
    pid, alive = server._forkserver_pid, server._forkserver_alive_fd
    if pid is None:
        return
    process.current_process()._config.pop("tempdir", None)  # type: ignore[attr-defined]
    os.close(alive)
    server._forkserver_pid = server._forkserver_alive_fd = server._forkserver_address = None
    until = time.monotonic() + (_PATIENCE if Forked.count else 0.0)
    while time.monotonic() < until:
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
                continue
        return
    _kill_family(pid)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _kill_family(pid: int) -> None:
    """Kill a process and all that hangs under it, the youngest first."""
    with suppress(psutil.Error):
        top = psutil.Process(pid)
        for one in [*top.children(recursive=True)[::-1], top]:
            with suppress(psutil.Error):
                one.kill()


class _Body:
    """What the child unpickles and runs."""

    def __init__(self, target: Callable[..., Any], args: tuple[Any, ...], name: str) -> None:
        self.target, self.args, self.name = target, args, name

    def _bootstrap(self, parent_sentinel: int) -> int:
        os.setsid()
        _end_with_parent(parent_sentinel)
        # A child may start children of its own, which the standard library forbids to daemons.
        current = process.current_process()
        current._name = self.name  # type: ignore[attr-defined]
        _reseed()
        try:
            self.target(*self.args)
        except SystemExit as stop:
            return stop.code if isinstance(stop.code, int) else 0
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
        return 0


def _end_with_parent(sentinel: int) -> None:
    """End this process group, and those of our own children, as soon as the process that asked for
    us, or the server, is gone.

    Not by a signal that the system sends at the parent's death: that would end this process alone,
    and leave what a notebook has started.
    """
    watched = [sentinel]
    with suppress(OSError):  # a system or container without this call: the first has to do
        watched.append(os.pidfd_open(os.getppid()))

    def watch() -> None:
        select.select(watched, [], [])
        for one in list(_living):
            # Here and not only in the child: it may be in C code that lets no thread run.
            one.signal_group(signal.SIGKILL)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _reseed() -> None:
    """Forks share numpy's global state; separate kernels would not."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
