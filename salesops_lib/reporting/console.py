"""What a command says, where whoever listened may be gone: a pager that was left, a terminal that hung
up, a log file on a full disk. Reports are made for their readers, who are others, so that costs the lines
and nothing else."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def tell(text: str) -> None:
    """A line for whoever watches."""
    _line(text, sys.stderr)


def answer(text: str) -> None:
    """A line that the next program reads."""
    _line(text, sys.stdout)


def turn_off(stream: TextIO) -> None:
    """What is said there from now on goes nowhere, also what Python still holds back for its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def open_missing() -> None:
    """Give this process the three streams that whoever started it has closed: the next file that is
    opened would take the number of one of them, and be written to as if it were that. So it would in the
    processes that this one starts, so these have them too."""
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, so this one.
            os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _line(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except OSError:
        turn_off(stream)
