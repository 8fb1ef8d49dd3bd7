"""Why a report could not be made, in words for its reader, and whether trying again may help."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from salesops_lib.errors import SalesOpsError

if TYPE_CHECKING:
    from salesops_lib.reporting.jobs import Outcome

# Errors that may pass by themselves, by the name they have in a notebook's traceback.
_PASSING = {
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "ConnectionAbortedError",
    "BrokenPipeError",
    "TimeoutError",
    "OperationalError",
    "InterfaceError",
    "BlockingIOError",
    "InterruptedError",
}
# Errors whose text was written for the user, so its class name would only be noise.
_PLAIN = {"DataError", "NotEnoughData", "ParameterError", "ReportError", "SalesOpsError"}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def explain(outcome: Outcome, problem: Exception) -> None:
    """Fill the reason and whether a retry may help."""
    from papermill.exceptions import PapermillExecutionError

    from salesops_lib.reporting.engine import KernelLost

    outcome.details = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, PapermillExecutionError):
        name, text = problem.ename, _ANSI.sub("", str(problem.evalue)).strip()
        outcome.details = _ANSI.sub("", "\n".join(problem.traceback or []))
        if name == "MemoryError" or "ArrowMemoryError" in name:
            outcome.reason = f"It ran out of memory{f': {text}' if text else ''}".rstrip(".") + "."
        elif _says_full(text):
            outcome.reason = "The disk is full."
        elif name in _PLAIN:
            outcome.reason = text
        else:
            outcome.reason = f"{name}: {text}" if text else name
        outcome.passing = name in _PASSING
    elif isinstance(problem, OSError) and is_full(problem):
        outcome.reason = "The disk is full, so the report could not be written."
    elif isinstance(problem, MemoryError):
        outcome.reason = "This machine ran out of memory."
    elif isinstance(problem, SalesOpsError):
        outcome.reason = str(problem)
        outcome.passing = isinstance(problem, KernelLost)
    else:
        outcome.reason = f"{type(problem).__name__}: {problem}"
        outcome.passing = isinstance(problem, OSError)


def is_full(problem: OSError) -> bool:
    """Whether an error says that nothing more can be written: the disk, the quota or the largest
    file allowed is used up."""
    return problem.errno in _FULL


def _says_full(text: str) -> bool:
    return any(os.strerror(number) in text for number in _FULL)
