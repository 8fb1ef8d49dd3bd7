"""The kernel process: an IPython kernel in a fork of the warm server. Imports nothing heavy."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, ClassVar

_INLINE = "module://matplotlib_inline.backend_inline"


def run(
    argv: list[str], env: dict[str, str], cwd: str | None, log: str, memory: int, batch: bool
) -> None:
    """Become the kernel that `argv` describes, until it is shut down or killed.

    Parameters
    ----------
    argv
        Arguments for ipykernel (`-f connection.json` and more).
    env, cwd
        Replace those of the server, which knows nothing of this run.
    log
        A file for what native code writes as it crashes; empty for none.
    memory
        Bytes this kernel may allocate beyond what it starts with; 0 for no limit.
    batch
        Nobody will attach a debugger.
    """
    os.environ.clear()
    os.environ.update(env)
    # With Agg every figure would silently vanish from the notebook.
    if os.environ.get("MPLBACKEND", "agg").lower() == "agg":
        os.environ["MPLBACKEND"] = _INLINE
    os.environ.pop("JPY_PARENT_PID", None)  # our parent is the server: its watch would misfire
    if cwd:
        os.chdir(cwd)
    if log:
        _redirect(log)
    _first_to_go()
    _interruptible()
    sys.argv = ["ipykernel_launcher", *argv]
    if sys.path[:1] != [""]:
        sys.path.insert(0, "")

    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    with _no_debugger() if batch else nullcontext():
        app.initialize(argv)
    # Short lives make little garbage in cycles: look for it more rarely.
    gc.set_threshold(50_000, 20, 20)
    if memory:
        _limit_memory(memory)
    _inline_figures(app)
    app.start()


@contextmanager
def _no_debugger() -> Iterator[None]:
    """While a kernel is made it looks up the file of every loaded module, for its debugger to step
    over. In a fork of a process with 3,000 modules that copies 25 MB of memory, so for a batch
    kernel there are none."""
    import ipykernel.ipkernel

    module: Any = ipykernel.ipkernel

    class NoModules:
        modules: ClassVar[dict[str, Any]] = {}

        def __getattr__(self, name: str) -> Any:
            return getattr(sys, name)

    module.sys = NoModules()
    try:
        yield
    finally:
        module.sys = sys


def _redirect(log: str) -> None:
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(fd, stream)
    os.close(fd)


def _first_to_go() -> None:
    """When the machine runs out of memory a notebook dies, not the run that watches over it."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def _limit_memory(extra: int) -> None:
    """Limit what can be allocated from here on, so that too much is a MemoryError in the notebook.

    Of private data (RLIMIT_DATA), not of address space: threads and allocators reserve address
    space that they never use.
    """
    import resource

    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            limit = int(line.split()[1]) * 1024 + extra
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _interruptible() -> None:
    import signal

    # The server ignores SIGINT; a kernel must be interruptible.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _inline_figures(app: Any) -> None:
    """The server imported matplotlib before a kernel was there: hook them up as a plain one is."""
    if "matplotlib" not in sys.modules or os.environ["MPLBACKEND"] != _INLINE:
        return
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    activate_matplotlib(_INLINE)
    configure_inline_support(app.shell, _INLINE)
