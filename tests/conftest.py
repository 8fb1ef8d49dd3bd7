"""What several test modules share: where things are, and the data that only some machines have."""

from __future__ import annotations

import gc
import os
from pathlib import Path

# Before numpy loads: two test workers on two cores must not each start a pool of BLAS threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import matplotlib
import pytest

matplotlib.use("Agg")
# What pandas, scipy and the query layer hold is walked at every collection: seldom, as a report's kernel does.
gc.set_threshold(50_000, 20, 20)

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root."""
    return PROJECT


def _beside(project: Path, name: str) -> Path:
    folder = Path(os.environ.get("SALESOPS_SHARED", project.parent / "shared")) / name
    if not folder.is_dir():
        pytest.skip(f"{name} data is not on this machine (set SALESOPS_SHARED to its folder)")
    return folder


@pytest.fixture(scope="session")
def realdata(project: Path) -> Path:
    """Real data sets, never committed."""
    return _beside(project, "realdata")


@pytest.fixture(scope="session")
def reference_files(project: Path) -> Path:
    """Data files behind published reference values, never committed."""
    return _beside(project, "reference")
