"""A signal ends the run whatever the run is in the midst of."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import time
from salesops_lib.reporting.interruption import Interrupted, orderly
try:
    with orderly():
        print("ready", flush=True)
        try:
            time.sleep(30)
        except Exception:
            pass
        time.sleep(30)
except Interrupted as stop:
    print(stop)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_code_that_goes_on_after_any_error_does_not_after_a_signal(number: int) -> None:
    """An import that tries one thing and then another, a table that is read as far as it can be."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert program.stdout is not None and program.stdout.readline() == "ready\n"
    program.send_signal(number)
    said, _ = program.communicate(timeout=20)
    assert said == f"The run was interrupted by {signal.Signals(number).name}.\n"
