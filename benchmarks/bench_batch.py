"""The batch engine against what one would use instead: a loop of `papermill` and
`jupyter nbconvert --no-input` over the same notebooks and parameters, measured in one run.

Rows of the result:

- `pack`: wall time of 24 reports (4 notebooks, 6 scopes) on two cores, against the loop.
- `overhead a report`: processor time of every process of the run, its start included, less what
  the notebooks' cells took, a report; the bar is 0.5 s. The loop's is the same difference.
- `memory of one more worker`: what a third and fourth worker, each with a kernel in the middle of a
  notebook, add to the proportional set size of all processes together (MB); the bar is 150.

Run it on a machine with two cores and nothing else to do. The pack uses both and the loop one at a
time, so whatever else runs takes from the pack first, and its ratio falls; the overhead is processor
time, which suffers less. The table kept in `results/` is of all 24 reports by both,
on a quiet machine of two cores: 9.8x, 0.34 s a report, 120 MB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ("performance_curve", "channel_gap", "ramp_time_cost", "forecast")
PERIOD = "2026-Q3"
REPORTS = 24


def run(reports: int = REPORTS, loop: int | None = None, data: Path | None = None) -> pd.DataFrame:
    """Measure.

    Parameters
    ----------
    reports
        How many, a multiple of the notebooks.
    loop
        How many of them the loop makes; the rest is extrapolated. By default all.
    data
        A dataset; by default `data/sample`.
    """
    data = data or PROJECT / "data" / "sample"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        scopes = _scopes(data, reports // len(_notebooks()))
        ours, our_cpu, cells = _ours(place, data, scopes)
        plain, plain_cpu = _loop(place, data, scopes, loop or reports)
        extra = _memory(place, data)
    made = len(scopes) * len(_notebooks())
    rows = [
        (f"pack of {made} reports, 2 cores", ours, "papermill + nbconvert --no-input", plain),
        (
            "overhead a report over its own compute (processor time)",
            (our_cpu - cells) / made,
            "papermill + nbconvert --no-input",
            (plain_cpu - cells) / made,
        ),
        ("memory of one more worker (MB)", extra, "bar", 150.0),
    ]
    frame = pd.DataFrame(rows, columns=["what", "ours_seconds", "theirs", "theirs_seconds"])
    frame["ratio"] = frame["theirs_seconds"] / frame["ours_seconds"]
    return frame


def _notebooks() -> list[str]:
    return [name for name in NOTEBOOKS if (PROJECT / "notebooks" / f"{name}.ipynb").exists()]


def _scopes(data: Path, wanted: int) -> list[str]:
    from salesops_lib import load_dataset

    managers = sorted(load_dataset(str(data)).reps()["manager_id"].dropna().unique())
    return ["company", *(f"manager={one}" for one in managers)][:wanted]


def _ours(place: Path, data: Path, scopes: list[str]) -> tuple[float, float, float]:
    """Seconds of `salesops run` from nothing, its processor seconds, and those inside cells."""
    packs = place / "packs.toml"
    packs.write_text(
        f"[packs.bench]\nnotebooks = {json.dumps(_notebooks())}\nscopes = {json.dumps(scopes)}\n"
    )
    command = [sys.executable, "-m", "salesops_lib.cli", "run", "bench", "--packs", str(packs)]
    command += ["--period", PERIOD, "--data", str(data), "--out", str(place / "out")]
    command += ["--jobs", "2", "--notebooks", str(PROJECT / "notebooks"), "--quiet"]
    began, cpu = time.perf_counter(), _cpu()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took, cpu = time.perf_counter() - began, _cpu() - cpu
    records = [json.loads(p.read_text()) for p in place.glob("out/*/*/*/run.json")]
    cells = sum(one["seconds"]["cells_cpu"] for r in records for one in r["notebooks"])
    return took, cpu, cells


def _cpu() -> float:
    """Processor seconds of all processes that have ended under this one."""
    used = os.times()
    return used.children_user + used.children_system


def _loop(place: Path, data: Path, scopes: list[str], reports: int) -> tuple[float, float]:
    """Seconds and processor seconds of the loop for all reports."""
    jobs = [(name, scope) for scope in scopes for name in _notebooks()]
    began, cpu = time.perf_counter(), _cpu()
    for number, (name, scope) in enumerate(jobs[:reports]):
        target = place / f"{number}.ipynb"
        source = PROJECT / "notebooks" / f"{name}.ipynb"
        values = {"data": str(data), "period": PERIOD, "scope": scope}
        given = [part for key, value in values.items() for part in ("-p", key, value)]
        papermill = ["papermill", str(source), str(target), *given, "--no-progress-bar"]
        convert = ["nbconvert", "--to", "html", "--no-input", str(target)]
        for command in (papermill, ["jupyter", *convert]):
            subprocess.run(
                [str(Path(sys.executable).parent / command[0]), *command[1:]],
                check=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    share = len(jobs) / min(reports, len(jobs))
    return (time.perf_counter() - began) * share, (_cpu() - cpu) * share


def _memory(place: Path, data: Path) -> float:
    """MB that one more worker and its kernel add, near the end of a notebook."""
    from salesops_lib.reporting.jobs import Job, execute
    from salesops_lib.reporting.pool import LocalPool, Task

    name = _notebooks()[0]
    notebook = json.loads((PROJECT / "notebooks" / f"{name}.ipynb").read_text())
    there = place / "there"
    there.mkdir()
    wait = f"import os, time; open({str(there)!r} + f'/{{os.getpid()}}', 'w'); time.sleep(600)"
    notebook["cells"].append(
        {"cell_type": "code", "metadata": {}, "source": wait, "outputs": [], "id": "wait"}
        | {"execution_count": None}
    )
    job = Job(
        name,
        json.dumps(notebook),
        {"data": str(data), "period": PERIOD},
        "",
        PERIOD,
        "company",
        str(place),
    )
    sizes: dict[int, float] = {}
    pool = LocalPool(4)
    try:
        for number in range(1, 5):
            pool.submit(Task(execute, job))
            until = time.monotonic() + 120
            while len(list(there.iterdir())) < number and time.monotonic() < until:
                pool.wait(0.1)
            sizes[number] = _set_size()
    finally:
        pool.close()
    return (sizes[4] - sizes[2]) / 2


def _set_size() -> float:
    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    top = psutil.Process(server._forkserver_pid)
    return sum(one.memory_full_info().pss for one in [top, *top.children(recursive=True)]) / 1e6


if __name__ == "__main__":
    print(run().to_string())
