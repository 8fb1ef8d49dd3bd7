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


STARTING = """
import os, signal
from multiprocessing import forkserver
from salesops_lib.reporting.interruption import Interrupted, orderly
from salesops_lib.reporting.kernels import processes

start = forkserver.ensure_running

def start_and_press_ctrl_c():
    start()
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)

forkserver.ensure_running = start_and_press_ctrl_c
try:
    with orderly():
        processes.start_server()
        print("lost", flush=True)
except Interrupted as stop:
    print(stop, flush=True)
forkserver.ensure_running = start
server = forkserver._forkserver._forkserver_pid
child = processes.Forked(os._exit, 7)
print(child.join(60), server == forkserver._forkserver._forkserver_pid)
processes.stop_server()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_ctrl_c_while_the_warm_server_starts_ends_the_run_and_not_the_server() -> None:
    """It reaches all processes of a terminal, in the instant in which the server is started too."""
    done = subprocess.run(
        [sys.executable, "-c", STARTING],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert done.stdout == "The run was interrupted by SIGINT.\n7 True\n", done.stderr
