"""Loading a dataset, and looking at one that may not load."""

from __future__ import annotations

import os

from salesops_lib.dataset.building import build
from salesops_lib.dataset.dataset import Dataset
from salesops_lib.dataset.quality import QualityReport
from salesops_lib.dataset.reading import read_source


def load(path: str | os.PathLike[str]) -> Dataset:
    """See `salesops_lib.dataset.load_dataset`."""
    built = build(read_source(path))
    if built.quality.faults:
        raise built.quality.faults[0]
    return Dataset(built)


def examine(path: str | os.PathLike[str]) -> QualityReport:
    """The quality report, also of data that do not load: faults are in it, not raised.

    Raises
    ------
    DataError
        If there is nothing to read.
    """
    return build(read_source(path)).quality
