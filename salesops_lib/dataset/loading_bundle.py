"""Prepared tables on their way to another machine: packed where the data were read, unpacked where
a notebook is to take exactly these."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from salesops_lib.dataset import atomic
from salesops_lib.dataset.loading import entries


def packed(environment: Mapping[str, str]) -> bytes:
    """Everything kept in the entries that an environment made by `loading.pin` names."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for entry in entries(environment):
            for path in sorted(entry.rglob("*")):
                # What begins with a dot is still being written.
                if path.is_file() and not path.name.startswith("."):
                    archive.add(path, f"{entry.name}/{path.relative_to(entry).as_posix()}")
    return sink.getvalue()


def unpack(environment: Mapping[str, str], bundle: bytes) -> None:
    """Keep on this machine what `packed` holds, unless it is here already.

    Raises
    ------
    OSError
        If the cache folder cannot be written.
    """
    missing = [one for one in entries(environment) if not (one / "meta.json").is_file()]
    if not missing:
        return
    with atomic.folder(missing[0]) as fresh:
        with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
            archive.extractall(fresh, filter="data")
        for entry in missing:
            _move_in(fresh / entry.name, entry)


def _move_in(fresh: Path, entry: Path) -> None:
    """Put an entry in place, its meta file last: before that there is none for others."""
    entry.mkdir(mode=0o700, exist_ok=True)
    for path in sorted(fresh.rglob("*"), key=lambda one: one.name == "meta.json"):
        target = entry / path.relative_to(fresh)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
