"""Publishing to anything fsspec can write (`s3://…`, `gs://…`, `sftp://…`).

A run works on a mirror on this machine; what it needs to know of earlier runs is fetched first, and
each scope is uploaded once it is whole, its run.json last. An object store has no way to swap a
folder in one step: a reader may for a moment see a new report beside the old run.json, but never
half a file. Locks are kept on this machine only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from salesops_lib.dataset.homes import cache_home
from salesops_lib.errors import ReportError
from salesops_lib.reporting import places


def is_remote(out: str) -> bool:
    return "://" in out


class Remote:
    """An output location and its mirror.

    Attributes
    ----------
    mirror
        The folder to work on.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url.rstrip("/")
        try:
            self.system, self.root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as problem:
            raise ReportError(f"Cannot publish to {self.url}: {problem}.") from None
        self.root = str(self.root).rstrip("/")
        self.mirror = cache_home() / "salesops" / hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def staging(self) -> str:
        """Where workers on other machines leave their results."""
        return f"{self.url}/.salesops/staging"

    def fetch(self, pack: str) -> None:
        """Bring the mirror up to date: all of this pack, and of others what the index shows.

        Raises
        ------
        ReportError
            If the place cannot be read, or the mirror not be written.
        """
        try:
            self.mirror.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ReportError(
                f"Publishing to {self.url} needs a folder to work in, and {self.mirror} cannot be "
                f"made: {problem.strerror}. Set XDG_CACHE_HOME to one that can be written."
            ) from None
        try:
            listing = self.system.find(self.root) if self.system.exists(self.root) else []
        except Exception as problem:
            raise ReportError(f"Cannot read {self.url}: {problem}.") from None
        kept = {self._local(file) for file in listing}
        for old in self.mirror.glob("*/*/*/*"):
            if old.is_file() and old not in kept:
                old.unlink()
        for file in listing:
            parts = file[len(self.root) :].strip("/").split("/")
            state = parts[:2] in ([".salesops", "complete"], [".salesops", "missing"])
            mine = len(parts) == 4 and parts[1] == places.safe(pack)
            if state or mine or (len(parts) == 4 and parts[3] == "run.json"):
                local = self._local(file)
                local.parent.mkdir(parents=True, exist_ok=True)
                self.system.get_file(file, str(local))

    def upload(self, path: Path) -> None:
        """Send one file, or a published folder with its run.json last."""
        files = (
            sorted(path.iterdir(), key=lambda f: f.name == "run.json") if path.is_dir() else [path]
        )
        for file in files:
            target = self._there(file)
            self.system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
            self.system.pipe_file(target, file.read_bytes())

    def read(self, path: Path) -> bytes | None:
        """What stands at the output location for a file of the mirror; None where nothing does.

        Raises
        ------
        ReportError
            If that cannot be known.
        """
        try:
            return bytes(self.system.cat_file(self._there(path)))
        except FileNotFoundError:
            return None
        except Exception as problem:
            raise ReportError(f"Cannot read {self.url}: {problem}.") from None

    def _there(self, path: Path) -> str:
        return f"{self.root}/{path.relative_to(self.mirror).as_posix()}"

    def _local(self, file: Any) -> Path:
        return self.mirror / str(file)[len(self.root) :].strip("/")


def collect(folder: str, place: Path) -> Path:
    """Fetch what a worker on another machine left at `folder`; the local folder that holds it."""
    import fsspec

    system, root = fsspec.core.url_to_fs(folder)
    local = place / root.rsplit("/", 1)[-1]
    local.mkdir(parents=True)
    for file in system.ls(root, detail=False):
        (local / str(file).rsplit("/", 1)[-1]).write_bytes(system.cat_file(file))
    system.rm(root, recursive=True)
    return local
