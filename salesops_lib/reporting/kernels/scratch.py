"""Where a run keeps sockets and passing files: one folder, that the next run clears away if this one is killed.

Who owns a folder is told by a lock on a file in it, which the system lets go of when the process ends, however
that happens. A process number would not tell: containers that share a folder number theirs alike.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path

# Where kernels are not forked nothing here is locked, but the folders for sockets are asked for.
if sys.platform != "win32":
    import fcntl

_PREFIX, _UNFINISHED, _LOCK = "so-", ".so-", "lock"
# Of the path of a folder, for the path of a Unix socket in it may have no more than about 100 characters.
_LONGEST = 60
# Of a folder in one of ours, see `sockets_folder`.
_LONGEST_INSIDE = 84


@dataclass(frozen=True)
class _Own:
    path: str
    process: int
    lock: int | None


_own: _Own | None = None


def short_folder(longest: int = _LONGEST) -> str:
    """Where sockets may lie: a TMPDIR deep in somebody's home takes most of the path."""
    usual = tempfile.gettempdir()
    return usual if len(usual) < longest or sys.platform == "win32" else "/tmp"


def sockets_folder() -> str:
    """Where a kernel's sockets may lie: in the worker's own folder, which is one of ours."""
    return short_folder(_LONGEST_INSIDE)


def run_folder() -> str:
    """The folder of this process; made, and those of dead processes cleared away, when first asked for."""
    global _own
    if _own is None or _own.process != os.getpid():
        where = short_folder()
        clear_dead(where)
        _own = _made(where)
        util.Finalize(None, drop_run_folder, exitpriority=-100)
    return _own.path


def drop_run_folder() -> None:
    """Remove the folder of this process, if it has one."""
    global _own
    mine, _own = _own, None
    if mine is None or mine.process != os.getpid():
        return
    shutil.rmtree(mine.path, ignore_errors=True)
    if mine.lock is not None:
        os.close(mine.lock)


def clear_dead(where: str) -> None:
    """Remove the folders in `where` that processes of this user left as they were killed."""
    with suppress(OSError):
        for one in os.scandir(where):
            if one.name.startswith(_PREFIX) and _is_dead(Path(one.path)):
                shutil.rmtree(one.path, ignore_errors=True)


def _made(where: str) -> _Own:
    # Under its name only once it is locked: another run may be looking for dead ones.
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=where))
    lock = _locked(unfinished / _LOCK, os.O_CREAT)
    if lock is None:
        # A file system without locks: nobody can tell, so nobody clears it away.
        (unfinished / _LOCK).unlink(missing_ok=True)
    path = unfinished.with_name(unfinished.name.lstrip("."))
    unfinished.rename(path)
    return _Own(str(path), os.getpid(), lock)


def _locked(file: Path, how: int = 0) -> int | None:
    """The file, opened and locked; None where that is not to be had."""
    if sys.platform == "win32":
        return None
    opened = os.open(file, os.O_RDWR | os.O_NOFOLLOW | how, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def _is_dead(folder: Path) -> bool:
    """Whether it is a folder of this user whose owner has ended; not where that cannot be told."""
    if sys.platform == "win32":
        return False
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        lock = _locked(folder / _LOCK)
    except OSError:
        return False
    if lock is None:
        return False
    os.close(lock)
    return True
