"""The canonical sales tables: read, parsed, set aside with a reason or accepted, validated."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from salesops_lib.dataset.period import Period
from salesops_lib.dataset.scope import Scope

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset
    from salesops_lib.dataset.quality import QualityReport

__all__ = ["Dataset", "Period", "QualityReport", "Scope", "load_dataset"]


def load_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Load the canonical tables.

    Parameters
    ----------
    path
        A folder of Parquet or CSV files (`.gz` too), a DuckDB file, a database URL, `env:NAME` or
        `keyring:SERVICE/USER` holding such a URL, or `sample` for the bundled company.

    Raises
    ------
    DataError
        If nothing is there or a table cannot be used.
    """
    from salesops_lib.dataset.loading import load

    return load(path)


def __getattr__(name: str) -> Any:
    # DuckDB and Ibis are loaded with the first dataset, not with the first import.
    if name == "Dataset":
        from salesops_lib.dataset.dataset import Dataset

        return Dataset
    if name == "QualityReport":
        from salesops_lib.dataset.quality import QualityReport

        return QualityReport
    raise AttributeError(f"module 'salesops_lib.dataset' has no attribute {name!r}")
