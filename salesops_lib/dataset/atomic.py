"""Files and folders that appear whole or not at all, whatever stops the writing: a full disk, a
signal, a mistake in the middle."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


@contextlib.contextmanager
def file(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """The open file that takes the place of `path` once the block is left without an error; the
    folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.parent / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        with fresh.open(mode, **options) as out:
            yield out
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


@contextlib.contextmanager
def folder(dest: Path) -> Iterator[Path]:
    """A new folder beside `dest`, to be filled and put in its place by the caller; what is left of
    it goes when the block is left."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".part-", dir=dest.parent))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)
