"""The same jobs on a real Dask scheduler with two worker processes, one of which is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.reporting.conftest import Bench, eventually, running

Make = Callable[..., str]


class Cluster:
    """`dask scheduler` and `dask worker` as anybody would start them."""

    def __init__(self, folder: Path, *workers: str) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self._start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        assert eventually(lambda: file.exists() and "tcp://" in file.read_text(), 60)
        self.address = json.loads(file.read_text())["address"]
        for name in workers:
            self._start(
                "worker",
                self.address,
                "--nthreads",
                "1",
                "--no-dashboard",
                "--no-nanny",
                "--host",
                "127.0.0.1",
                "--name",
                name,
                "--local-directory",
                str(folder / name),
            )

    def _start(self, *words: str) -> None:
        with (self.folder / f"{words[0]}-{len(self.processes)}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd=self.folder,
                    # As on a machine of its own, each keeps its own prepared tables.
                    env={
                        **os.environ,
                        "SALESOPS_CACHE": str(self.folder / f"cache-{len(self.processes)}"),
                    },
                )
            )

    def kernels(self, number: int) -> list[psutil.Process]:
        return psutil.Process(self.processes[number].pid).children(recursive=True)

    def kill(self) -> None:
        """Workers that have lost their scheduler would wait for what they are at."""
        for process in self.processes:
            process.kill()
            process.wait()

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Iterator[Cluster]:
    one = Cluster(tmp_path_factory.mktemp("cluster"), "first", "second")
    yield one
    one.close()


GONE = """import os, pathlib, time
from contextlib import suppress
from salesops_lib.dataset import load_dataset
with suppress(OSError):
    pathlib.Path(data).rename(data + "-gone")
time.sleep(1)
print(len(load_dataset(data).reps()), "reps from", os.environ["SALESOPS_CACHE"], NUMBER)
"""


@pytest.mark.slow
def test_the_data_are_read_once_and_sent_to_every_worker(
    cluster: Cluster, bench: Bench, make_notebook: Make
) -> None:
    """The first notebook takes the data away; all have them, on both workers."""
    for number in range(4):
        bench.add(f"n{number}", make_notebook(GONE.replace("NUMBER", str(number))))
    done = bench.run("--scheduler", cluster.address)
    assert done.code == 0, done.stderr
    assert not (bench.root / "data").exists()
    texts = [path.read_text() for path in bench.company.glob("*.ipynb")]
    caches = {re.search(r"3 reps from (\S+) \d", text).group(1) for text in texts}  # type: ignore[union-attr]
    assert len(caches) == 2 and all(Path(one).name.startswith("cache-") for one in caches)


@pytest.mark.slow
def test_losing_a_worker_loses_no_report(
    cluster: Cluster, bench: Bench, make_notebook: Make
) -> None:
    for number in range(6):
        bench.add(f"n{number}", make_notebook(f"import time; time.sleep(1.5); {number}"))
    # The output location may be any that fsspec knows.
    url = f"file://{bench.root}/elsewhere"
    started = bench.start("--scheduler", cluster.address, "--out", url)
    # A kernel of the first worker is at work: kill the worker under it.
    assert eventually(lambda: any(_is_kernel(one) for one in cluster.kernels(1)), 90), (
        started.stderr
    )
    orphans = cluster.kernels(1)
    os.kill(cluster.processes[1].pid, signal.SIGKILL)
    cluster.processes[1].wait()

    assert started.wait(180) == 0, started.stderr
    assert "6 reports, on 2 Dask workers" in started.stderr
    folder = bench.root / "elsewhere" / "2026-Q3" / "default" / "company"
    assert len(list(folder.glob("*.html"))) == 6
    assert [one["status"] for one in bench.record(folder)["notebooks"]] == ["published"] * 6
    assert {one["kernel"] for one in bench.record(folder)["notebooks"]} == {"forked"}
    assert not list((bench.root / "elsewhere" / ".salesops").glob("staging/*"))
    assert started.stdout.strip() == f"{url}/index.html"
    assert eventually(
        lambda: (
            not [
                one for one in orphans if one.is_running() and one.status() != psutil.STATUS_ZOMBIE
            ]
        )
    ), orphans

    again = bench.run("--scheduler", cluster.address, "--out", url)
    assert "0 made, 6 up to date" in again.stderr


@pytest.mark.slow
def test_an_interrupted_run_ends_its_kernels_on_the_cluster(
    cluster: Cluster, bench: Bench, make_notebook: Make
) -> None:
    bench.add("one", make_notebook("import subprocess; subprocess.run(['sleep', '86331'])"))
    started = bench.start("--scheduler", cluster.address)
    assert eventually(lambda: running("sleep 86331"), 60), started.stderr
    os.kill(started.process.pid, signal.SIGTERM)
    assert started.wait(60) == 1 and "interrupted by SIGTERM" in started.stderr
    assert eventually(lambda: not running("sleep 86331"), 30)


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_run(bench: Bench, make_notebook: Make) -> None:
    """It waited without end, and whoever came after it waited for its lock."""
    bench.add("one", make_notebook("1"))
    one = Cluster(bench.root, "only")
    try:
        assert bench.run("--scheduler", one.address).code == 0
        bench.add("one", make_notebook("import subprocess; subprocess.run(['sleep', '86332'])"))
        started = bench.start("--scheduler", one.address)
        assert eventually(lambda: running("sleep 86332"), 60), started.stderr
        os.kill(one.processes[0].pid, signal.SIGKILL)
        assert started.wait(90) == 1, started.stderr
    finally:
        one.kill()
    assert f"The Dask scheduler at {one.address} is gone." in started.stderr
    assert "Traceback" not in started.stderr
    assert bench.entry("one")["status"] == "stale"
    assert "is out of date: The Dask scheduler" in (bench.out / "index.html").read_text()


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return len(process.parents()) > 1 and process.pid == os.getpgid(process.pid)
    except (psutil.Error, OSError):
        return False


def test_no_scheduler_there(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    done = bench.run("--scheduler", "tcp://127.0.0.1:1")
    assert done.code == 1 and "No Dask scheduler" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_none(bench: Bench, make_notebook: Make) -> None:
    bench.add("one", make_notebook("1"))
    for address in ("host", "tcp://host", "tpc://host:8786"):
        done = bench.run("--scheduler", address)
        assert done.code == 2 and "must be like tcp://host:8786" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
