"""What only a program started from nothing can show."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from salesops_lib.reporting import contract
from tests.reporting.conftest import Bench, eventually, running

Make = Callable[..., str]
SALESOPS = [sys.executable, "-m", "salesops_lib.cli"]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more}


def started(bench: Bench, *options: str) -> subprocess.Popen[str]:
    """A run that goes on; what it says on stderr can be read at its end."""
    return subprocess.Popen(
        [*SALESOPS, *bench.arguments(*options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def test_interrupted_program_leaves_nothing_behind(bench: Bench, make_notebook: Make) -> None:
    """SIGTERM to a real run: exit 1 in seconds, and neither server nor worker nor kernel nor what
    the notebook started is left, nor a temporary file of theirs."""
    # Not in the folder of the test, whose name is too long for sockets.
    note, temporary = bench.root / "waits", Path(tempfile.mkdtemp(prefix="t-"))
    bench.add(
        "one",
        make_notebook(
            "import subprocess; p = subprocess.Popen(['sleep', '86321'])",
            f"import time; open({str(note)!r}, 'w').close(); time.sleep(300)",
        ),
    )
    program = subprocess.Popen(
        [*SALESOPS, *bench.arguments()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(temporary)),
    )
    assert eventually(note.exists, 90)
    family = psutil.Process(program.pid).children(recursive=True)
    assert list(temporary.iterdir()) != []
    assert len(family) >= 4  # the server, a worker, the kernel, its child
    program.send_signal(signal.SIGTERM)
    began = time.monotonic()
    _, stderr = program.communicate(timeout=60)
    assert program.returncode == 1, stderr
    assert "interrupted by SIGTERM" in stderr and "Traceback" not in stderr
    assert time.monotonic() - began < 30
    assert eventually(lambda: not [one for one in family if one.is_running()], 10), family
    assert not running("sleep 86321")
    assert not bench.company.exists()
    temporary.rmdir()  # which takes an empty folder only


@pytest.mark.parametrize("wait", [1.0, 2.0])
def test_ctrl_c_early_says_one_line(bench: Bench, make_notebook: Make, wait: float) -> None:
    """Ctrl-C reaches all processes of a terminal, also those that still import."""
    bench.add("one", make_notebook("import time; time.sleep(60)"))
    program = subprocess.Popen(
        [*SALESOPS, *bench.arguments()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
        # A suite in the background of a shell is deaf to Ctrl-C, and so would be what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(wait)
    os.killpg(program.pid, signal.SIGINT)
    _, stderr = program.communicate(timeout=60)
    assert program.returncode == 1, stderr
    assert "Traceback" not in stderr and len(stderr.splitlines()) <= 3, stderr


def test_a_long_tmpdir_is_no_hindrance(bench: Bench, make_notebook: Make) -> None:
    """The path of a Unix socket is 107 characters at most; a TMPDIR may take more than that."""
    deep = bench.root / ("deep" * 30)
    deep.mkdir()
    bench.add("one", make_notebook("1"))
    done = subprocess.run(
        [*SALESOPS, *bench.arguments()],
        env=environment(TMPDIR=str(deep)),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert bench.entry("one")["kernel"] == "forked"
    assert not list(deep.iterdir())


def test_killed_program_takes_its_processes_along(bench: Bench, make_notebook: Make) -> None:
    note = bench.root / "waits"
    bench.add(
        "one", make_notebook(f"import time; open({str(note)!r}, 'w').close(); time.sleep(300)")
    )
    program = subprocess.Popen(
        [*SALESOPS, *bench.arguments("--quiet")], env=environment(), stderr=subprocess.DEVNULL
    )
    assert eventually(note.exists, 90)
    family = psutil.Process(program.pid).children(recursive=True)
    program.kill()
    program.wait()
    assert eventually(lambda: not [one for one in family if one.is_running()], 20), family


def test_ordinary_kernels_where_forking_is_not_available(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    done = subprocess.run(
        [*SALESOPS, *bench.arguments("--jobs", "1")],
        env=environment(SALESOPS_KERNELS="ordinary"),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "kernels ordinary (forking is not available)" in done.stderr
    assert bench.entry("one")["kernel"] == "ordinary"


def test_help_is_quick() -> None:
    """Half a second, measured in processor time: the machine may be busy."""
    before = os.times()
    done = subprocess.run([*SALESOPS, "run", "--help"], capture_output=True, text=True, timeout=60)
    after = os.times()
    assert done.returncode == 0 and "--scheduler" in done.stdout
    assert after.children_user - before.children_user < 0.5


OPERATOR = """import json, sys
import papermill as pm
source, target, engine = sys.argv[1:4]
pm.execute_notebook(
    source,
    target,
    parameters=json.loads(sys.argv[4]),
    progress_bar=False,
    report_mode=True,
    log_output=True,
    kernel_name=None,
    language=None,
    engine_name=engine or None,
)
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["", "salesops"])
def test_airflows_papermill_operator_runs_a_notebook_unchanged(
    tmp_path: Path, project: Path, engine: str
) -> None:
    """Airflow is not installed here. This is the call, argument for argument, that the operator's
    `execute` makes (apache-airflow-providers-papermill, no `kernel_conn_id` given), in a process
    that starts elsewhere, on a notebook of this project as it is."""
    source, target = project / "notebooks" / "performance_curve.ipynb", tmp_path / "out.ipynb"
    before = source.read_bytes()
    sample = project / "data" / "sample"
    region = _first_region((sample / "reps.csv.gz").read_bytes())
    values = {"data": str(sample), "period": "2026-Q2", "scope": f"region={region}"}
    elsewhere = tmp_path / "airflow"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", OPERATOR, source, target, engine, json.dumps(values)],
        cwd=elsewhere,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert source.read_bytes() == before and not list(elsewhere.iterdir())
    notebook = nbformat.read(target, 4)
    assert notebook.metadata.papermill.parameters == values
    contract.check(notebook)
    assert len(contract.findings(notebook)) >= 3
    assert region in target.read_text(encoding="utf-8")


def _first_region(body: bytes) -> str:
    rows = csv.DictReader(io.StringIO(gzip.decompress(body).decode()))
    return next(row["region"] for row in rows if row["region"])


@pytest.mark.slow
def test_any_jupyter_client_can_use_the_provisioner(tmp_path: Path) -> None:
    """Named in the environment, it serves plain nbclient over TCP, figures inline as ever."""
    body = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])")],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    path = tmp_path / "plain.ipynb"
    nbformat.write(body, path)
    code = (
        "import sys, nbformat, nbclient\n"
        "if __name__ != '__main__': raise SystemExit('the main module ran again')\n"
        "nb = nbformat.read(sys.argv[1], 4)\n"
        "nbclient.execute(nb)\n"
        "print([kind for out in nb.cells[0].outputs for kind in out.data])\n"
    )
    script = tmp_path / "main.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, script, path],
        env=environment(JUPYTER_DEFAULT_PROVISIONER_NAME="salesops-forked", MPLBACKEND="Agg"),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0 and "image/png" in done.stdout, done.stderr


def test_killed_server_takes_all_along(bench: Bench, make_notebook: Make) -> None:
    """The process that everything is a fork of dies: the run says so, and nothing is left."""
    note = bench.root / "waits"
    bench.pack["retries"] = 0
    bench.add(
        "one",
        make_notebook(
            "import subprocess; p = subprocess.Popen(['sleep', '86323'])",
            f"import time; open({str(note)!r}, 'w').close(); time.sleep(300)",
        ),
    )
    program = started(bench, "--jobs", "1")
    assert eventually(note.exists, 90)
    family = psutil.Process(program.pid).children(recursive=True)
    server = next(one for one in family if "forkserver" in " ".join(one.cmdline()))
    server.kill()
    _, stderr = program.communicate(timeout=90)
    assert program.returncode == 1 and "The worker process died." in stderr, stderr
    assert eventually(lambda: not [one for one in family if one.is_running()], 20), family
    assert not running("sleep 86323")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_before_it_has_forked_is_started_anew(
    bench: Bench, make_notebook: Make, number: int
) -> None:
    """A machine short of memory ends it in the midst of its imports; "Aborted!" was all that was said."""
    bench.add("one", make_notebook("1"))
    program = started(bench)
    assert eventually(lambda: _server_of(program.pid), 60)
    # Asked for a worker by now, and not half through with its imports.
    time.sleep(0.7)
    _server_of(program.pid)[0].send_signal(number)
    _, stderr = program.communicate(timeout=90)
    assert program.returncode == 0, stderr
    assert bench.entry("one")["status"] == "published"


def test_a_signal_while_the_server_imports_is_obeyed_at_once(
    bench: Bench, make_notebook: Make
) -> None:
    """It has no child yet that would have to be waited for."""
    bench.add("one", make_notebook("1"))
    program = started(bench)
    assert eventually(lambda: _server_of(program.pid), 60)
    time.sleep(0.7)
    family = psutil.Process(program.pid).children(recursive=True)
    began = time.monotonic()
    program.send_signal(signal.SIGTERM)
    _, stderr = program.communicate(timeout=60)
    assert program.returncode == 1 and "interrupted by SIGTERM" in stderr
    assert time.monotonic() - began < 4.0
    assert eventually(lambda: not [one for one in family if one.is_running()], 10), family


def test_a_worker_that_is_killed_while_it_reads_the_data_is_replaced(
    bench: Bench, make_notebook: Make
) -> None:
    """As a report is tried again whose kernel was killed."""
    bench.add("one", make_notebook("1"))
    program = started(bench)
    assert eventually(lambda: _server_of(program.pid), 60)
    (server,) = _server_of(program.pid)
    # The one that was seen: on a busy machine another look may come after its end.
    seen: list[psutil.Process] = []

    def has_child() -> bool:
        seen.extend(server.children())
        return bool(seen)

    assert eventually(has_child, 60)
    seen[0].kill()
    _, stderr = program.communicate(timeout=90)
    assert program.returncode == 0, stderr
    assert bench.entry("one")["status"] == "published" and bench.entry("one")["attempts"] == 1


def _server_of(pid: int) -> list[psutil.Process]:
    try:
        family = psutil.Process(pid).children(recursive=True)
        return [one for one in family if "forkserver" in " ".join(one.cmdline())]
    except psutil.Error:
        return []
