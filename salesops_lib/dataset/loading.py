"""Loading a dataset, and looking at one that may not load."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from salesops_lib.dataset.building import Built, build
from salesops_lib.dataset.damage import Unfinished
from salesops_lib.dataset.dataset import Dataset
from salesops_lib.dataset.folders import is_of_files, source_files
from salesops_lib.dataset.homes import expanded
from salesops_lib.dataset.prepared import (
    Store,
    cache_folder,
    keep_built,
    kept_built,
    source_key,
)
from salesops_lib.dataset.quality import QualityReport
from salesops_lib.dataset.reading import located, read_source
from salesops_lib.dataset.whole import Whole
from salesops_lib.errors import DataError

# Set by whoever calls `pin`, for the processes it starts: JSON, path as given → key of a prepared entry.
PINS = "SALESOPS_PREPARED"
# Seconds to wait before files that changed while they were read are read again.
_PAUSES = (1.0, 3.0, 10.0)


def load(path: str | os.PathLike[str]) -> Dataset:
    """See `salesops_lib.dataset.load_dataset`."""
    key = _pins().get(os.fspath(path))
    if key is not None:
        pinned_store = Store(cache_folder() / key)
        built = kept_built(pinned_store, lambda: _read(path))
        if built is not None:
            return Dataset(Whole(built, pinned_store))
    place = expanded(located(path))
    if not is_of_files(place):
        # A database may change without a sign: it is read each time, unless it is pinned.
        return Dataset(Whole(_read(path)))
    return Dataset(_of_files(place))


def pin(path: str | os.PathLike[str]) -> tuple[Dataset, dict[str, str]]:
    """Read the data once and keep them: one state for a whole pack of reports, and one query to a
    database instead of hundreds.

    Returns
    -------
    The data, and what must be in the environment of a process for its `load_dataset(path)` to take
    exactly these; nothing where this machine can keep nothing.

    Raises
    ------
    DataError
        If the data cannot be used.
    """
    dataset = load(path)
    store = dataset.whole.store
    if store is None:
        store = Store(cache_folder() / f"pin-{dataset.fingerprint[:36]}")
        # A copy of what a password protects is for its owner alone.
        with contextlib.suppress(OSError):
            store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_built(store, dataset.whole.built)
        if store.meta() is not None:
            dataset = Dataset(Whole(dataset.whole.built, store))
    if store.meta() is None:
        return dataset, {}  # nothing can be kept on this machine: every process reads for itself
    return dataset, {PINS: json.dumps({**_pins(), os.fspath(path): store.folder.name})}


def entries(environment: Mapping[str, str]) -> list[Path]:
    """Where this machine keeps, or would keep, the prepared tables that an environment made by
    `pin` names. One that is whole holds a file `meta.json`."""
    return [cache_folder() / key for key in json.loads(environment.get(PINS, "{}")).values()]


def examine(path: str | os.PathLike[str]) -> QualityReport:
    """The quality report, also of data that do not load: faults are in it, not raised.

    Raises
    ------
    DataError
        If there is nothing to read.
    """
    built = build(read_source(path))
    if built.quality.faults:
        return built.quality
    return dataclasses.replace(built.quality, notices=Dataset(Whole(built)).notices)


def _read(path: str | os.PathLike[str]) -> Built:
    built = build(read_source(path))
    if built.quality.faults:
        raise built.quality.faults[0]
    return built


def _written_since(place: Path, moment: float) -> bool:
    return max(path.stat().st_mtime for path in source_files(place)) > moment


def _of_files(place: Path) -> Whole:
    """All tables of a folder, or of a workbook, as they stood at one time: an export that writes them anew
    while they are read would leave old reps beside new deals."""
    for pause in (*_PAUSES, None):
        lately = time.time() - _PAUSES[0]
        key = source_key(place)
        store = Store(cache_folder() / key)
        try:
            found = kept_built(store, lambda: _read(place))
            if found is not None:
                return Whole(found, store)
            found = _read(place)
        except DataError as error:
            # A writer may rest for as long as the reading takes, with a file begun and not ended.
            begun = isinstance(error, Unfinished) and _written_since(place, lately)
            if source_key(place) == key and not (begun and pause == _PAUSES[0]):
                raise
        else:
            if source_key(place) == key:
                keep_built(store, found)
                return Whole(found, store)
        if pause is not None:
            time.sleep(pause)
    raise DataError(
        f"the files in {place} change while they are read"
        if place.is_dir()
        else f"{place} changes while it is read",
        remedy="Wait until the export has ended; let it write into another "
        f"{'folder' if place.is_dir() else 'file'} and rename that.",
    )


def _pins() -> dict[str, str]:
    try:
        return dict(json.loads(os.environ.get(PINS, "{}")))
    except ValueError:
        raise DataError(f"the environment variable {PINS} is not JSON") from None
