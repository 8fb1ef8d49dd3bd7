"""The ledger: every published forecast, kept in a file that cannot be changed unseen.

One JSON object a line, only ever appended. Each line holds the hash of the line before and its own,
so a changed, removed or inserted line breaks the chain; a second file holds the length and the last
hash, so that lines cut off at the end are missed too. Whoever rewrites both files from the first
line on can still forge it: to rule that out, keep the last hash somewhere else (`salesops ledger`
prints it).

Where reports are published to a remote place, the ledger lies there, and each machine that publishes
keeps a copy: entries that are gone or changed there are seen against it. Locks hold on one machine
only, so publish to one place from one machine at a time.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from salesops_lib.errors import DataError, ReportError
from salesops_lib.reporting import publication
from salesops_lib.reporting.journal import now

if TYPE_CHECKING:
    from salesops_lib.reporting.remote import Remote

NAME = "ledger.jsonl"
_START = "0" * 64
_PATIENCE = 60.0
# What tells one report from another.
ABOUT = ("period", "pack", "scope", "notebook")


class Ledger:
    """The ledger of one output folder.

    Parameters
    ----------
    out
        The folder.
    remote
        The output location whose mirror `out` is, if it is one.

    Attributes
    ----------
    path
        The file of entries; its head lies beside it.
    """

    def __init__(self, out: Path | str, remote: Remote | None = None) -> None:
        self.path = Path(out) / NAME
        self._remote = remote
        self._head = self.path.with_suffix(".head.json")
        self._lock = FileLock(str(self.path.with_suffix(".lock")), timeout=_PATIENCE)

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first.

        Raises
        ------
        DataError
            If a line cannot be read.
        """
        found = []
        for number, line in enumerate(self._lines(), start=1):
            body = _parsed(line)
            if body is None or not _whole_entry(body):
                raise DataError(
                    f"{self.path.name}, line {number}: not an entry",
                    remedy="See 'salesops ledger verify'.",
                )
            found.append(body)
        return found

    def record(self, body: Mapping[str, Any]) -> bool:
        """Append an entry, unless the last one about the same report says the same.

        Safe with several writers, in one process or many.

        Parameters
        ----------
        body
            `period`, `pack`, `scope`, `notebook`, `data_fingerprint`, `findings`.

        Returns
        -------
        bool
            Whether it was appended.

        Raises
        ------
        DataError
            If the ledger does not verify: nothing is added to a broken chain.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self.fetch()
            broken = self._problems()
            if broken:
                raise DataError(
                    f"{self.path.name} was changed: {broken[0]}",
                    remedy="Restore it from a backup; until then no forecast is added.",
                )
            before = [one for one in map(_parsed, self._lines()) if one is not None]
            if _said_already(before, body):
                self._send()
                return False
            entry = {
                "number": len(before) + 1,
                "recorded_at": now(),
                **json.loads(json.dumps(dict(body))),
                "previous": before[-1]["hash"] if before else _START,
            }
            entry["hash"] = _hash(entry)
            self._mend()
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            head = {"entries": entry["number"], "hash": entry["hash"]}
            publication.write_whole(self._head, json.dumps(head))
            self._send()
        return True

    def fetch(self) -> int:
        """Bring this machine's copy up to what stands at the remote place, if there is one.

        Returns
        -------
        int
            Entries of this copy that the remote place lacks: an upload failed, or they were taken
            away there. The next `record` sends them.

        Raises
        ------
        DataError
            If entries that this machine knows were changed there.
        ReportError
            If the place cannot be read.
        """
        if self._remote is None:
            return 0
        there = _whole_lines(self._remote.read(self.path) or b"")
        here = _whole_lines(self.path.read_bytes() if self.path.exists() else b"")
        if here.startswith(there):
            return here.count(b"\n") - there.count(b"\n")
        if not there.startswith(here):
            raise DataError(
                f"{NAME} at {self._remote.url} is not the one that this machine knows: an entry was "
                "changed there",
                remedy=f"Compare it with the copy in {self.path.parent}; until one of them is put "
                "right, no forecast is added.",
            )
        publication.write_whole(self.path, there.decode("utf-8"))
        head = self._remote.read(self._head)
        if head is not None:
            publication.write_whole(self._head, head.decode("utf-8", errors="replace"))
        return 0

    def _send(self) -> None:
        """Put what is missing at the remote place there: entries first, as on this machine."""
        if self._remote is None or not self.path.exists():
            return
        for file in (self.path, self._head):
            if self._remote.read(file) != file.read_bytes():
                try:
                    self._remote.upload(file)
                except Exception as problem:
                    raise ReportError(
                        f"{file.name} could not be uploaded to {self._remote.url}: {problem}."
                    ) from None

    def verify(self) -> list[str]:
        """What is wrong with the ledger; empty where every entry is as it was written."""
        if not self.path.parent.is_dir():
            return []
        try:
            self._lock.acquire()
        except PermissionError:
            # Who may only read can check it, too: entries stand there before the head knows of them.
            return self._problems()
        except OSError as problem:
            if problem.errno == errno.EROFS:
                return self._problems()
            raise
        try:
            return self._problems()
        finally:
            self._lock.release()

    def _problems(self) -> list[str]:
        found, previous, count = [], _START, 0
        for count, line in enumerate(self._lines(), start=1):
            body = _parsed(line)
            if body is None:
                found.append(f"line {count} cannot be read")
                previous = ""
                continue
            if _hash(body) != body["hash"]:
                found.append(f"entry {count} was changed after it was written")
            elif body.get("previous") != previous and previous:
                found.append(f"an entry before entry {count} was changed, removed or inserted")
            elif body.get("number") != count:
                found.append(f"entry {count} has the number {body.get('number')}")
            previous = body["hash"]
        return found + self._short_of_head(count, previous)

    def _short_of_head(self, count: int, last: str) -> list[str]:
        """Entries cut off at the end, or an end that the head does not know.

        One entry more than the head says is no fault: the machine stopped between the two writes.
        """
        from salesops_lib import wording

        try:
            head = json.loads(self._head.read_text(encoding="utf-8"))
            expected, known = int(head["entries"]), str(head["hash"])
        except FileNotFoundError:
            return ["the head file is missing"] if count > 1 else []
        except (OSError, ValueError, KeyError, TypeError):
            return ["the head file cannot be read"]
        if count < expected:
            lost = wording.count(expected - count, "entry", "entries")
            return [f"{lost} missing at the end"]
        if count == expected and known != last:
            return ["the last entry is not the one that was written"]
        if count > expected + 1:
            extra = wording.count(count - expected, "entry", "entries")
            return [f"{extra} at the end unknown to the head file"]
        return []

    def _lines(self) -> Iterator[str]:
        try:
            # A byte that is no text, as a failing disk leaves it, is a changed entry like any other.
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return iter(())
        # What does not end in a line break is a write that was interrupted: never acknowledged.
        return iter(text.split("\n")[:-1])

    def _mend(self) -> None:
        """Take off an unfinished last line before the next is appended."""
        if not self.path.exists():
            return
        with self.path.open("rb+") as file:
            body = file.read()
            if body and not body.endswith(b"\n"):
                file.truncate(body.rfind(b"\n") + 1)


def about(body: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which report an entry, or the body of one, is about."""
    return tuple(body.get(key) for key in ABOUT)


def _said_already(before: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> bool:
    same = [one for one in before if about(one) == about(body)]
    return bool(same) and is_same(same[-1], body)


def is_same(entry: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether an entry says of the same report, made of the same data, what `body` says."""
    return all(
        entry.get(key) == json.loads(json.dumps(body.get(key)))
        for key in (*ABOUT, "findings", "data_fingerprint")
    )


def _whole_lines(body: bytes) -> bytes:
    """Without an unfinished last line: a write that was interrupted, never acknowledged."""
    return body[: body.rfind(b"\n") + 1]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        body = json.loads(line)
    except ValueError:
        return None
    return body if isinstance(body, dict) and "hash" in body else None


def _whole_entry(body: Mapping[str, Any]) -> bool:
    """Whether it has what is read of an entry: one that was changed may lack anything."""
    findings = body.get("findings")
    return (
        all(key in body for key in (*ABOUT, "number", "recorded_at"))
        and isinstance(findings, list)
        and all(isinstance(one, dict) and "sentence" in one for one in findings)
    )


def _hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 of the entry without its own hash, keys in order, so that only content counts."""
    body = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
