"""Tiny notebooks that keep the contract of the real ones, and commands run as real processes.

Importing pandas and its like costs seconds, so all processes of these tests are forks of one warm
server: also those that play the command line. What only a process started from nothing can show is
tested with one (`test_reporting_whole_program`).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from salesops_lib.reporting.kernels.choice import can_fork
from salesops_lib.reporting.kernels.processes import Forked, start_server
from salesops_lib.reporting.pool import LocalPool

_NUMBERS = itertools.count()
PARAMETERS = """data = "sample"
period = "latest"
scope = "company"
names = "full"
seed = 0
interactive = False
"""
FIGURE = """from salesops_lib import story
from salesops_lib.figures import style
ax = style.axes()
ax.plot([0, 1, 2], [1, 3, 2])
story.figure(style.finish(ax, title="A line", alt="A line that rises to 3 and falls to 2."))
"""
FINDINGS = """from IPython.display import display
from salesops_lib.mime import FINDINGS_MIME
finding = {"name": "answer", "value": 2.0, "low": 1.0, "high": 3.0, "confidence": 0.9,
           "unit": "count", "n": 5, "sentence": "The answer is 2 (1 to 3)."}
display({FINDINGS_MIME: {"findings": [finding]}, "text/plain": "answer"}, raw=True)
"""


def notebook(
    *cells: str,
    title: str = "What is the answer?",
    parameters: str = PARAMETERS,
    findings: tuple[str, ...] = ("answer",),
    figures: int = 0,
) -> str:
    """A notebook's JSON: title, parameters, `cells`, findings."""
    head = nbformat.v4.new_code_cell(parameters)
    head.metadata["tags"] = ["parameters"]
    body = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(f"# {title}"),
            head,
            *(nbformat.v4.new_code_cell(cell) for cell in cells),
            nbformat.v4.new_code_cell(FINDINGS),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "salesops": {"findings": list(findings), "figures": figures},
        },
    )
    return str(nbformat.writes(body))


@dataclass
class Bench:
    """A folder with notebooks, a packs file, a small dataset, and a place to publish."""

    root: Path
    pack: dict[str, Any] = field(default_factory=dict)
    sections: str = ""
    good: dict[str, bytes] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def company(self) -> Path:
        return self.out / "2026-Q3" / "default" / "company"

    def add(self, name: str, source: str) -> None:
        (self.root / "notebooks" / f"{name}.ipynb").write_text(source)
        self.pack.setdefault("notebooks", [])
        if name not in self.pack["notebooks"]:
            self.pack["notebooks"].append(name)

    def packs(self) -> Path:
        lines = ["[packs.default]", 'title = "Test"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in self.pack.items()]
        path = self.root / "packs.toml"
        path.write_text("\n".join(lines) + f"\n{self.sections}")
        return path

    def arguments(self, *more: str, command: str = "run") -> list[str]:
        base = [command, *(["default", "--period", "2026-Q3"] if command == "run" else [])]
        return [
            *base,
            *("--data", str(self.root / "data")),
            *("--out", str(self.out)),
            *("--packs", str(self.packs())),
            *("--notebooks", str(self.root / "notebooks")),
            *more,
        ]

    def start(self, *more: str, command: str = "run", **env: str) -> Running:
        return Running(self.arguments(*more, command=command), self.root, env)

    def run(self, *more: str, command: str = "run", **env: str) -> Running:
        running = self.start(*more, command=command, **env)
        running.wait()
        return running

    def record(self, folder: Path | None = None) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(((folder or self.company) / "run.json").read_text())
        return body

    def entry(self, name: str) -> dict[str, Any]:
        return next(one for one in self.record()["notebooks"] if one["name"] == name)

    def partial_files(self) -> list[Path]:
        """Anything published that is no whole report: there must be none."""
        bad = []
        for path in self.out.glob("*/**/*"):
            if ".salesops" in path.parts or path.is_dir():
                continue
            text = path.read_text()
            whole = text.rstrip().endswith("</html>") if path.suffix == ".html" else _is_json(text)
            if not whole or path.name.startswith("."):
                bad.append(path)
        return bad


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class Running:
    """The command line in a process of its own."""

    def __init__(self, arguments: list[str], folder: Path, env: dict[str, str]) -> None:
        number = next(_NUMBERS)
        self.stderr_file = folder / f"stderr-{number}"
        self.stdout_file = folder / f"stdout-{number}"
        self.process = Forked(
            _command, arguments, str(self.stdout_file), str(self.stderr_file), env
        )
        self.code: int | None = None

    def wait(self, seconds: float = 120.0) -> int:
        self.code = self.process.join(seconds)
        assert self.code is not None, f"still running: {self.stderr}"
        self.process.close()
        return self.code

    @property
    def stderr(self) -> str:
        return self.stderr_file.read_text()

    @property
    def stdout(self) -> str:
        return self.stdout_file.read_text()


def forks() -> list[psutil.Process]:
    """Every living process that hangs under the warm server."""
    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    found = psutil.Process(server._forkserver_pid).children(recursive=True)
    return [one for one in found if _lives(one)]


def running(command: str) -> list[psutil.Process]:
    """Every living process whose command line holds `command`, wherever it hangs."""
    found = []
    for process in psutil.process_iter():
        try:
            if command in " ".join(process.cmdline()) and _lives(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def eventually(true: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether `true()` becomes so in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())


def _command(arguments: list[str], stdout: str, stderr: str, env: dict[str, str]) -> None:
    for path, stream in ((stdout, 1), (stderr, 2)):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(fd, stream)
        os.close(fd)
    os.environ.update(env)
    # As a shell starts it; the server that this is a fork of ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["salesops", *arguments]
    from salesops_lib.cli import main

    main()


@pytest.fixture(scope="session")
def warm() -> Iterator[None]:
    """The warm server that all processes here come from."""
    if not can_fork():
        pytest.skip("kernels cannot be forked on this machine")
    start_server()
    yield
    LocalPool(1).close()


@pytest.fixture
def bench(tmp_path: Path, warm: None) -> Bench:
    return prepare(tmp_path)


def prepare(folder: Path) -> Bench:
    """A bench in `folder`."""
    (folder / "notebooks").mkdir()
    write_data(folder / "data")
    return Bench(folder)


def write_data(folder: Path) -> None:
    """Three reps in two regions under two managers, and a few deals."""
    folder.mkdir()
    (folder / "reps.csv").write_text(
        "rep_id,name,team,region,channel,manager_id,hire_date\n"
        "R1,Ann,T1,North,Direct,M1,2024-01-01\n"
        "R2,Bob,T1,North,Direct,M1,2024-02-01\n"
        "R3,Cid,T2,South,Direct,M2,2024-03-01\n"
    )
    (folder / "deals.csv").write_text(
        "deal_id,rep_id,status,amount,created_date,close_date\n"
        "D1,R1,won,1000,2026-01-05,2026-02-01\n"
        "D2,R2,won,2000,2026-03-05,2026-05-01\n"
        "D3,R3,lost,1500,2026-06-05,2026-09-30\n"
    )


@pytest.fixture
def make_notebook() -> Callable[..., str]:
    return notebook


# Session fixtures, shared so that the project's notebooks run once for all who look at them.
from tests.reporting.planted import (  # noqa: E402, F401
    company,
    folders,
    hostile,
    published,
    reps,
    two_channels,
)
