"""Imported once by the server that kernels and report workers are forked from.

Nothing here may start a thread or open a connection: neither survives a fork.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import os
import pkgutil
import signal
from collections.abc import Iterator
from contextlib import suppress

# Small matrices on few cores: pools of BLAS threads in every kernel only fight each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The debugger is in every kernel but nobody attaches to a batch run: keep its advice to itself.
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
# A thread that Arrow's allocator starts at import and that no fork would have.
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")

# What our own notebooks use: whatever else a notebook imports, it imports itself.
MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "debugpy",
    "IPython.core.completer",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "pandas",
    "seaborn",
    "scipy.stats",
    "scipy.optimize",
    "pingouin",
    "ipywidgets",
    "pyarrow.parquet",
    "duckdb",
    "ibis",
    "pandera.pandas",
    "great_tables",
    "papermill",
    "nbclient",
    "nbconvert.exporters.html",
    "pyarrow.pandas_compat",
    "pycparser.c_parser",
    "cffi.api",
    "zmq.utils.garbage",
    "salesops_lib.dataset",
    "salesops_lib.story",
    "salesops_lib.reporting.jobs",
    "salesops_lib.reporting.data_facts",
    "salesops_lib.reporting.contract",
    "salesops_lib.reporting.publication",
    "pandas.core.methods.to_dict",
    "salesops_lib.reporting.engine",
    "salesops_lib.reporting.html",
)


# Of our own, everything in these: a new analysis needs no line here.
_PACKAGES = ("statistics", "analyses", "figures", "dataset", "story")
_NOT = (".commands", ".simulation")


def _give_back_memory() -> None:
    """Have the allocator return large arrays to the system when they are freed (in every fork):
    kept for later, as is its habit, they count for each of many processes."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        megabyte = 1 << 20
        for option, value in ((-3, megabyte), (-1, megabyte), (-8, 2)):
            library.mallopt(option, value)  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX


def load() -> None:
    """Import what notebooks and reports use; what is missing or broken is left to them to say."""
    for name in (*MODULES, *_own()):
        with suppress(Exception):
            importlib.import_module(name)
    with suppress(Exception):
        _rehearse()


def _own() -> Iterator[str]:
    for package in _PACKAGES:
        name = f"salesops_lib.{package}"
        paths = getattr(importlib.import_module(name), "__path__", [])
        for found in pkgutil.walk_packages(paths, f"{name}.", onerror=lambda _: None):
            if not any(part in found.name for part in _NOT):
                yield found.name


def _rehearse() -> None:
    """Draw and render once what every report draws and renders: fonts are looked up, templates
    compiled, and all forks inherit that."""
    import io

    import matplotlib.pyplot as plt
    import nbformat
    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    from salesops_lib.figures import style
    from salesops_lib.reporting import planning
    from salesops_lib.reporting.html import render_index, render_report

    # Kept as a singleton: looking through every installed package once is enough.
    KernelProvisionerFactory.instance()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    render_report(
        notebook,
        title="Rehearsal",
        period="2026-Q3",
        scope="company",
        findings=[],
        provenance={},
        previous=None,
    )
    render_index([])
    # Remembered: of the code that is loaded here, not of what the files hold later.
    planning.code_hash()
    axes = style.axes()
    axes.plot([0, 1], [0, 1], label="a")
    axes.legend()
    style.finish(axes, title="Rehearsal 0123456789", alt="A line.", xlabel="x", ylabel="y")
    for kind in ("svg", "png"):
        plt.savefig(io.BytesIO(), format=kind)
    plt.close("all")


# Held back since the server was started (`processes`).
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
_give_back_memory()
# Imports make objects to keep: collecting between them finds nothing and takes half a second.
gc.disable()
load()
gc.enable()
# The server ends when its last child has gone; taking down every module first would only delay
# whoever waits for that. Children leave by os._exit themselves.
atexit.register(os._exit, 0)
# Objects that exist now are never collected again: a collection in a fork would touch, and so
# copy, every page of them. (Collecting once before would take longer than all it frees is worth.)
gc.freeze()
