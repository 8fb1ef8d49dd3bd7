"""From finished jobs to published folders: staged, then moved into place whole.

A reader sees the old folder or the new one, never a mixture and never half a file. A notebook that
failed publishes nothing: its last good report moves along into the new folder, and run.json and
the index say that it is stale.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from salesops_lib.dataset import atomic
from salesops_lib.dataset.period_names import Span, read
from salesops_lib.errors import ReportError
from salesops_lib.reporting import places, remote
from salesops_lib.reporting.failures import is_full
from salesops_lib.reporting.jobs import Outcome
from salesops_lib.reporting.records import is_findings, is_record

KINDS = (".html", ".ipynb", ".findings.json")
_BALLAST = 512 * 1024
# Seconds after which a half-written file, and a ballast, count as left by a run that was killed.
_LEFT, _LONGEST = 3600.0, 7 * 86400.0


def record(place: Path) -> dict[str, Any] | None:
    """The run.json of a published folder, or None where there is none that is whole."""
    try:
        body = json.loads((place / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return body if is_record(body) else None


def entry(body: Mapping[str, Any] | None, notebook: str) -> dict[str, Any] | None:
    """The notebook's entry in a run record."""
    every = (body or {}).get("notebooks", [])
    return next((one for one in every if one.get("name") == notebook), None)


def has_report(place: Path, notebook: str) -> bool:
    """Whether a whole report of this notebook is published there."""
    return all((place / f"{notebook}{kind}").is_file() for kind in KINDS)


class Staging:
    """Finished reports of one scope, kept until the whole scope can be published; they survive a
    run that is interrupted, so that the next one need not make them again."""

    def __init__(self, out: Path, period: str, pack: str, scope: str) -> None:
        self.folder = places.staging(out, period, pack, scope)
        _tidy(places.folder(out, period, pack, scope).parent)
        # What a killed worker left half-written; the caller holds the lock of this pack and period.
        for leftover in self.folder.glob(".new-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def collect(self, outcome: Outcome) -> None:
        """Take the files of a finished job; the note that says so is written last."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if "://" in outcome.folder:
            source = remote.collect(outcome.folder, self.folder)
        else:
            source = Path(outcome.folder)
        self._note(outcome.notebook).unlink(missing_ok=True)
        for name in outcome.files:
            (source / name).replace(self.folder / name)
        source.rmdir()
        write_whole(self._note(outcome.notebook), json.dumps(outcome.to_dict()))

    def finished(self, notebook: str, key: str) -> Outcome | None:
        """The outcome of a job that an interrupted run had finished with the same key."""
        try:
            body = json.loads(self._note(notebook).read_text(encoding="utf-8"))
            outcome = Outcome.from_dict(body)
        except (OSError, ValueError, TypeError):
            return None
        whole = outcome.key == key and all((self.folder / f).is_file() for f in outcome.files)
        return outcome if whole else None

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, notebook: str) -> Path:
        return self.folder / f".done-{notebook}.json"


def publish(
    out: Path, run: dict[str, Any], finished: Mapping[str, Outcome], staging: Staging
) -> dict[str, Any]:
    """Put one scope in place and return its run record.

    Parameters
    ----------
    run
        The record but for the reports kept from before: `period`, `pack`, `scope`, `notebooks`.
    finished
        Outcomes by notebook whose files lie in `staging`.

    Raises
    ------
    OSError
        If the disk is full; what was published before is untouched then.
    """
    target = places.folder(out, run["period"], run["pack"], run["scope"])
    before = record(target)
    build = target.parent / f".build-{uuid.uuid4().hex[:12]}"
    build.mkdir(parents=True)
    try:
        for one in run["notebooks"]:
            name = one["name"]
            if name in finished:
                for file in finished[name].files:
                    _link(staging.folder / file, build / file)
            elif has_report(target, name):
                for kind in KINDS:
                    _link(target / f"{name}{kind}", build / f"{name}{kind}")
                _mark_kept(one, entry(before, name))
        write_whole(build / "run.json", json.dumps(run, indent=1, ensure_ascii=False))
        _swap(build, target)
    finally:
        shutil.rmtree(build, ignore_errors=True)
    return run


def _tidy(pack: Path) -> None:
    """Clear away what a killed run left among the scopes of a pack. One killed in the instant in which an
    old folder had made way and the new one was not there yet left no report: the old one comes back."""
    for aside in pack.glob(".old-*"):
        body = record(aside)
        place = pack / places.safe(str((body or {}).get("scope")))
        if body is None or place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(place)
    for build in pack.glob(".build-*"):
        shutil.rmtree(build, ignore_errors=True)


def mark_stale(place: Path, reason: str) -> bool:
    """Note in a published folder that its reports could not be brought up to date; whether there
    was anything to note."""
    body = record(place)
    if body is None:
        return False
    for one in body.get("notebooks", []):
        if one.get("status") == "published":
            one.update(status="stale", reason=reason, last_good=one.get("finished"))
        else:
            one["reason"] = reason
    body["status"] = "failed"
    try:
        write_whole(place / "run.json", json.dumps(body, indent=1, ensure_ascii=False))
    except OSError:
        return False
    return True


def _mark_kept(now: dict[str, Any], then: Mapping[str, Any] | None) -> None:
    """An entry without a new report: still published if it was up to date, stale if it failed."""
    if now["status"] == "failed":
        now["status"] = "stale"
    then = then or {}
    for key in ("headline", "title"):
        now[key] = now.get(key) or then.get(key)
    now["last_good"] = then.get("last_good") or then.get("finished")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds all of it or what was there before."""
    _clear(path.parent, f".{path.name}.*", _LEFT)
    with atomic.file(path, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        # A full disk may only be noticed when the data reaches it.
        os.fsync(file.fileno())


def _clear(folder: Path, pattern: str, seconds: float) -> None:
    """Take away files that were last written so long ago."""
    before = time.time() - seconds
    with suppress(OSError):
        for path in folder.glob(pattern):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    """A second name for the same file where the file system has that, else a copy."""
    try:
        os.link(source, target)
    except OSError as problem:
        if is_full(problem):
            raise
        shutil.copy2(source, target)


def _swap(build: Path, target: Path) -> None:
    """Put `build` at `target` in one step; what was there ends up at `build`."""
    if not target.exists():
        build.rename(target)
        return
    if _exchange(build, target):
        return
    # No such call here: a reader may for an instant find nothing, but never half.
    aside = target.parent / f".old-{uuid.uuid4().hex[:12]}"
    target.rename(aside)
    try:
        build.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """renameat2(RENAME_EXCHANGE) of Linux; False where it is not there."""
    if sys.platform != "linux":
        return False
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2
    return call(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0


def lock(out: Path, name: str, timeout: float = -1) -> FileLock:
    """A lock that the operating system frees when its holder ends, however that happens."""
    folder = places.state(out) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{places.safe(name)}.lock", timeout=timeout)


def folders(out: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Every folder that holds a run record, relative to the output folder with forward slashes, and the record;
    None where it is not whole."""
    for file in sorted(out.glob("*/*/*/run.json")):
        folder = file.parent.relative_to(out)
        if not any(part.startswith(".") for part in folder.parts):
            yield folder.as_posix(), record(file.parent)


def runs(out: Path) -> Iterator[dict[str, Any]]:
    """Every published run record, with `path` as in `folders`."""
    return ({**body, "path": path} for path, body in folders(out) if body is not None)


def last_quarter(out: Path, pack: str) -> str:
    """The last quarter, of the calendar or fiscal, that the pack is published for; empty where there is
    none."""
    spans = _spans(one.parent.name for one in out.glob(f"[!.]*/{places.safe(pack)}"))
    last = max((span for span in spans if span.months == 3), default=None)
    return last.name if last else ""


def _spans(names: Iterable[str]) -> Iterator[Span]:
    """The periods among the names of folders."""
    return (span for span in map(read, names) if span is not None)


def previous_findings(out: Path, period: str, pack: str, scope: str, notebook: str) -> Any:
    """The findings file of the last earlier period of the same length, or None."""
    span = read(period)
    if span is None:
        return None
    spans = _spans(one.name for one in out.glob("[!.]*"))
    earlier = [one for one in spans if one.months == span.months and one.end < span.end]
    for before in sorted(earlier, reverse=True):
        file = places.folder(out, before.name, pack, scope) / f"{notebook}.findings.json"
        try:
            body = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if is_findings(body):
            return body
    return None


class Ballast:
    """Space set aside at the start and given up when the disk is full, so that even then it can be
    said in run.json and the index that reports are stale."""

    def __init__(self, out: Path) -> None:
        self.path = places.state(out) / f"ballast-{os.getpid()}"

    def take(self) -> None:
        """Raises ReportError where not even this much is free."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _clear(self.path.parent, "ballast-*", _LONGEST)
            with self.path.open("wb") as file:
                file.write(b"\0" * _BALLAST)
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            self.drop()
            if is_full(problem):
                raise ReportError(
                    f"The disk is full: nothing can be written to {self.path.parent.parent}."
                ) from None
            raise ReportError(
                f"Cannot write to the output folder: {problem.strerror}: {problem.filename}."
            ) from None

    def drop(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
