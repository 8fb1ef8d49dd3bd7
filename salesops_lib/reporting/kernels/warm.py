"""Imported once by the server that kernels and report workers are forked from.

Nothing here may start a thread or open a connection: neither survives a fork.
"""

from __future__ import annotations

import gc
import importlib
import os
from contextlib import suppress

# Small matrices on few cores: pools of BLAS threads in every kernel only fight each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The debugger is in every kernel but nobody attaches to a batch run: keep its advice to itself.
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

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
    "statsmodels.api",
    "lifelines",
    "statsforecast",
    "hierarchicalforecast",
    "ipywidgets",
    "pyarrow.parquet",
    "duckdb",
    "ibis",
    "pandera.pandas",
    "great_tables",
    "papermill",
    "nbclient",
    "nbconvert.exporters.html",
    "salesops_lib.dataset",
    "salesops_lib.story",
    "salesops_lib.figures.style",
    "salesops_lib.reporting.jobs",
    "salesops_lib.reporting.engine",
    "salesops_lib.reporting.html",
)


def load() -> None:
    """Import what notebooks and reports use; what is missing or broken is left to them to say."""
    for name in MODULES:
        with suppress(Exception):
            importlib.import_module(name)


load()
# Objects that exist now are never collected again: a collection in a fork would touch, and so
# copy, every page of them.
gc.collect()
gc.freeze()
