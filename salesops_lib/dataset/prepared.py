"""Prepared tables: what was read, parsed and derived once is kept as Arrow files, so that hundreds
of notebook runs map them into memory instead of reading the data again.

An entry belongs to the content of the source files and to the code that reads them. Files are
written beside and moved into place, each ends with the hash of its content, and an entry that is
damaged, or a folder that cannot be written, costs a recomputation and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from salesops_lib.dataset import atomic, backend
from salesops_lib.dataset.assumptions import ActivityKind, Assumption, Settled
from salesops_lib.dataset.building import Built
from salesops_lib.dataset.folders import source_files
from salesops_lib.dataset.homes import cache_home
from salesops_lib.dataset.quality import QualityReport
from salesops_lib.dataset.schema import TABLES

_DIGEST = hashlib.sha256().digest_size
# The least recently used entries go when all of them together are larger.
_LIMIT = int(os.environ.get("SALESOPS_CACHE_MB", "2000")) * 1_000_000


def cache_folder() -> Path:
    """SALESOPS_CACHE, else the user's cache folder."""
    own = os.environ.get("SALESOPS_CACHE")
    if own:
        return Path(own)
    return cache_home() / "salesops"


def source_key(place: Path) -> str:
    """Hash of the files that a dataset of files is read from, and of the code that reads them."""
    digest = hashlib.sha256(_code_hash().encode())
    for path in source_files(place):
        digest.update(f"\0{path.name}\0".encode())
        # That one cannot be opened is said by who reads it.
        with contextlib.suppress(OSError), path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:40]


@cache
def _code_hash() -> str:
    digest = hashlib.sha256(f"pandas {pd.__version__}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Store:
    """One folder of prepared frames."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def frame(self, name: str) -> pd.DataFrame | None:
        """The kept frame, or None where there is none or it is damaged."""
        path = self.folder / f"{name}.arrow"
        try:
            with pa.memory_map(str(path)) as mapped:
                stored = mapped.read_buffer()
                body = stored.slice(0, stored.size - _DIGEST)
                digest = stored.slice(stored.size - _DIGEST).to_pybytes()
                if hashlib.sha256(body).digest() != digest:
                    raise pa.ArrowInvalid("damaged")
                table = pa.ipc.open_file(pa.BufferReader(body)).read_all()
                return backend.like_parsed(table.to_pandas())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, pa.ArrowException):
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def keep(self, name: str, frame: pd.DataFrame) -> None:
        """Keep the frame; where that cannot be done it is simply computed again next time."""
        sink = pa.BufferOutputStream()
        table = backend.arrow(frame)
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        body = sink.getvalue()
        self._write(f"{name}.arrow", [body, hashlib.sha256(body).digest()])

    def meta(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads((self.folder / "meta.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def keep_meta(self, content: Mapping[str, Any]) -> None:
        self._write("meta.json", [json.dumps(content, ensure_ascii=False).encode()])

    def _write(self, name: str, parts: list[Any]) -> None:
        with contextlib.suppress(OSError), atomic.file(self.folder / name, "wb") as out:
            for part in parts:
                out.write(part)

    def kept(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The kept frame, made and kept where there is none."""
        found = self.frame(name)
        if found is None:
            found = make()
            self.keep(name, found)
        return found

    def at(self, day: pd.Timestamp) -> Store:
        """The frames as of a past day."""
        return Store(self.folder / f"as-of-{day:%Y-%m-%d}")


class KeptFrames(Mapping[str, pd.DataFrame]):
    """The accepted tables, each mapped when first asked for."""

    def __init__(self, store: Store, again: Callable[[], Built]) -> None:
        self._store = store
        self._again = again
        self._frames: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            found = self._store.frame(name)
            if found is None:  # damaged, or cleared away meanwhile
                self._frames.update(self._again().frames)
            else:
                self._frames[name] = found
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def kept_built(store: Store, again: Callable[[], Built]) -> Built | None:
    """What a dataset is made of, from the store; None where it holds nothing usable."""
    meta = store.meta()
    tables, set_aside = store.frame("quality"), store.frame("set-aside")
    if meta is None or tables is None or set_aside is None:
        return None
    try:
        quarantine = {}
        for name in meta["quarantined"]:
            rows = store.frame(f"quarantine-{name}")
            if rows is None:
                return None
            quarantine[name] = rows
        through = meta["data_through"]
        settled = Settled(
            {name: Assumption(**one) for name, one in meta["assumptions"].items()},
            meta["settled_currency"],
            pd.Timestamp(through) if through else None,
            tuple(meta["settled_notices"]),
        )
        kinds = {name: ActivityKind(*one) for name, one in meta["kinds"].items()}
        notices = tuple(meta["notices"])
        with contextlib.suppress(OSError):
            os.utime(store.folder)
        return Built(
            KeptFrames(store, again),
            tuple(meta["present"]),
            settled,
            kinds,
            QualityReport(tables, (), quarantine, notices, set_aside),
            tuple(meta["market_columns"]),
            meta["currency"],
            tuple(meta["unlisted"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def keep_built(store: Store, built: Built) -> None:
    """Keep what a dataset is made of. The meta file comes last: without it there is no entry."""
    _make_room(store.folder)
    for name in TABLES:
        store.keep(name, built.frames[name])
    store.keep("quality", built.quality.tables)
    store.keep("set-aside", built.quality.set_aside)
    for name, rows in built.quality.quarantine.items():
        texts = {
            column: cells if column == "row" else cells.astype(object).map(_text).astype(object)
            for column, cells in rows.items()
        }
        store.keep(f"quarantine-{name}", pd.DataFrame(texts, index=rows.index))
    through = built.settled.data_through
    store.keep_meta(
        {
            "present": list(built.present),
            "quarantined": list(built.quality.quarantine),
            "assumptions": {n: asdict(one) for n, one in built.settled.assumptions.items()},
            "settled_currency": built.settled.currency,
            "settled_notices": list(built.settled.notices),
            "data_through": None if through is None else through.isoformat(),
            "kinds": {name: list(one) for name, one in built.kinds.items()},
            "notices": list(built.quality.notices),
            "unlisted": list(built.unlisted),
            "market_columns": list(built.market_columns),
            "currency": built.currency,
        }
    )


def _text(cell: Any) -> str | None:
    return None if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell else str(cell)


def _make_room(entry: Path) -> None:
    """Remove the entries that were not used for longest, down to the limit."""
    with contextlib.suppress(OSError):
        entries = [one for one in entry.parent.iterdir() if one.is_dir() and one != entry]
        sized = [
            (one.stat().st_mtime, sum(f.stat().st_size for f in one.rglob("*") if f.is_file()), one)
            for one in entries
        ]
        total = sum(size for _, size, _ in sized)
        for _, size, one in sorted(sized):
            if total <= _LIMIT:
                break
            shutil.rmtree(one, ignore_errors=True)
            total -= size
