"""One report: a notebook with its parameters, executed, checked, rendered and written to a folder.

`execute` is the unit of work that a local worker, or a Dask worker on another machine, runs. It
takes and returns plain data, never raises for what a notebook does, and leaves no process behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from salesops_lib.reporting import failures, secrets


@dataclass(frozen=True)
class Job:
    """A report to be made.

    Attributes
    ----------
    notebook, source
        The notebook's name and its JSON text.
    parameters
        Checked, complete as far as they differ from the notebook's defaults.
    pack, period, scope
        What it is for; scope as `company`, `region=X`, `manager=ID`.
    place
        Folder (path or fsspec URL) that gets the results, in a subfolder of their own.
    key
        Hash of everything that decides the result.
    shown
        The parameters as the reader may see them.
    provenance
        What goes under the report: label → value.
    previous
        The findings file of the report before this one, or None.
    findings
        For a notebook that reads those of others: file name → text. It gets them in a folder on
        the machine where it runs, named by its parameter `findings_dir`.
    pins
        Environment variables with which the kernel takes the data as the run has read them.
    time_limit, memory
        Seconds for the whole notebook (None: no limit); bytes its kernel may allocate (0: no limit).
    """

    notebook: str
    source: str
    parameters: dict[str, Any]
    pack: str
    period: str
    scope: str
    place: str
    key: str = ""
    shown: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    previous: dict[str, Any] | None = None
    findings: dict[str, str] | None = None
    pins: Mapping[str, str] = field(default_factory=dict)
    time_limit: float | None = None
    memory: int = 0
    currency: str = "$"

    @property
    def label(self) -> str:
        return f"{self.notebook} for {self.scope}"


@dataclass
class Outcome:
    """How a job ended.

    Attributes
    ----------
    status
        `done` or `failed`.
    reason
        Why it failed, in words for the reader; details for the log.
    passing
        Whether the fault may pass by itself, so that a retry makes sense.
    folder
        Where the files are (done only), named by `files`.
    seconds
        start (kernel), cells, cells_cpu (processor time), render, total.
    peak_memory, own_memory
        Of the kernel, bytes; see `engine.Observed`. `worker_memory`: of the process around it.
    """

    notebook: str
    scope: str
    status: str = "failed"
    reason: str = ""
    details: str = ""
    passing: bool = False
    title: str = ""
    folder: str = ""
    files: tuple[str, ...] = ()
    headline: dict[str, Any] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory: int = 0
    own_memory: int = 0
    worker_memory: int = 0
    warm: bool = False
    host: str = ""
    key: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Outcome:
        return cls(**{**body, "files": tuple(body.get("files", ()))})


def execute(job: Job) -> Outcome:
    """Make the report; every fault of the notebook, its data or this machine is in the outcome."""
    from salesops_lib.reporting import contract

    began = time.monotonic()
    outcome = Outcome(job.notebook, job.scope, host=socket.gethostname(), key=job.key)
    try:
        notebook = contract.read(job.source, job.notebook)
        outcome.title = contract.title(notebook.cells, job.notebook)
        executed = _run(job, notebook, outcome)
        contract.check(executed)
        _deliver(job, executed, outcome)
        outcome.status = "done"
    except Exception as problem:
        failures.explain(outcome, problem)
    hidden = secrets.hidden_by(str(job.parameters.get("data", "")))
    outcome.reason = hidden.scrub(outcome.reason)
    outcome.details = hidden.scrub(outcome.details)
    outcome.seconds["total"] = time.monotonic() - began
    outcome.worker_memory = _own_memory()
    return outcome


def _run(job: Job, notebook: Any, outcome: Outcome) -> Any:
    from salesops_lib.reporting.engine import Observed

    observed = Observed()
    values = dict(job.parameters)
    with contextlib.ExitStack() as stack:
        if job.findings is not None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="so-findings-"))
            values["findings_dir"] = folder
            for name, text in job.findings.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            executed = _papermill(job, notebook, values, observed)
        finally:
            outcome.seconds.update(
                start=observed.start_seconds,
                cells=observed.cell_seconds,
                cells_cpu=max(observed.cpu_seconds, 0.0),
            )
            outcome.peak_memory, outcome.own_memory = observed.peak_memory, observed.own_memory
            outcome.warm = observed.warm
    # Paths of this machine are nobody's business.
    for cell in executed.cells:
        if "injected-parameters" in cell.metadata.get("tags", []) and "findings_dir" in values:
            cell.source = cell.source.replace(str(values["findings_dir"]), "findings")
    executed.metadata.papermill.update(
        input_path=f"{job.notebook}.ipynb",
        output_path=f"{job.notebook}.ipynb",
        parameters=job.shown,
    )
    return executed


def _papermill(job: Job, notebook: Any, values: dict[str, Any], observed: Any) -> Any:
    """`papermill.execute_notebook` in its parts, but for the writing: that formats the whole
    notebook once more, which takes longer than all the rest."""
    from papermill.engines import papermill_engines
    from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from salesops_lib.reporting.engine import BatchEngine

    papermill_engines.register("salesops", BatchEngine)
    node = parameterize_notebook(
        load_notebook_node(notebook),
        values,
        kernel_name="python3",
        language="python",
        engine_name="salesops",
    )
    node = papermill_engines.execute_notebook_with_engine(
        "salesops",
        prepare_notebook_metadata(node, job.notebook, job.notebook),
        kernel_name="python3",
        progress_bar=False,
        autosave_cell_every=0,
        time_limit=job.time_limit,
        memory=job.memory,
        environment=job.pins,
        observed=observed,
    )
    raise_for_execution_errors(node, None)
    return node


def _deliver(job: Job, executed: Any, outcome: Outcome) -> None:
    """Write the three files of a report."""
    from salesops_lib import registry
    from salesops_lib.reporting import contract
    from salesops_lib.reporting.html import render_report

    began = time.monotonic()
    found = contract.findings(executed)
    wanted = {one.name: one.headline for one in registry.ANALYSES}.get(job.notebook)
    named = [one for one in found if one.get("name") == wanted]
    outcome.headline = next(iter([*named, *found]), None)
    page = render_report(
        executed,
        title=outcome.title,
        period=job.period,
        scope=job.scope,
        findings=found,
        provenance=job.provenance,
        previous=job.previous,
        headline=outcome.headline["name"] if outcome.headline else None,
        currency=job.currency,
        name=job.notebook,
    )
    record = {
        "notebook": job.notebook,
        "period": job.period,
        "scope": job.scope,
        "findings": found,
        "provenance": job.provenance,
    }
    files = {
        f"{job.notebook}.html": page,
        # Not nbformat.writes: splitting and indenting drawings takes longer than drawing them.
        f"{job.notebook}.ipynb": json.dumps(executed, ensure_ascii=False),
        f"{job.notebook}.findings.json": json.dumps(record, indent=1, ensure_ascii=False),
    }
    outcome.seconds["render"] = time.monotonic() - began
    hidden = secrets.hidden_by(str(job.parameters.get("data", "")))
    files = {name: hidden.scrub(text) for name, text in files.items()}
    outcome.folder = _write(job.place, files)
    outcome.files = tuple(files)


def _write(place: str, files: Mapping[str, str]) -> str:
    """Put the files into a new folder under `place`; its address."""
    folder = f"{place.rstrip('/')}/.new-{uuid.uuid4().hex}"
    if "://" in place:
        import fsspec

        system, root = fsspec.core.url_to_fs(folder)
        system.makedirs(root, exist_ok=True)
        for name, text in files.items():
            system.pipe_file(f"{root}/{name}", text.encode())
        return folder
    local = Path(folder)
    local.mkdir(parents=True)
    try:
        for name, text in files.items():
            with (local / name).open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                # A full disk may only be noticed when the data reaches it.
                os.fsync(file.fileno())
    except OSError:
        # What was written of it would keep the others from being published.
        shutil.rmtree(local, ignore_errors=True)
        raise
    return folder


def _own_memory() -> int:
    """Proportional set size of this process in bytes (Linux), 0 where unknown."""
    try:
        with Path("/proc/self/smaps_rollup").open() as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
