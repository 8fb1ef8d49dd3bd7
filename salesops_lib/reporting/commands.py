"""The command line of the batch engine: `salesops run` and `salesops due`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesops_lib.errors import ParameterError, ReportError, SalesOpsError
from salesops_lib.reporting import console

if TYPE_CHECKING:
    from salesops_lib.reporting.packs import Packs
    from salesops_lib.reporting.request import Pool, Request, Result

_PACKS = Path("reports/packs.toml")

Jobs = Annotated[int, typer.Option(min=0, help="Reports at a time; 0: one a core.")]
Scheduler = Annotated[str, typer.Option(help="A Dask scheduler to run on, like tcp://host:8786.")]
PacksFile = Annotated[Path, typer.Option(help="The packs file.")]
Notebooks = Annotated[Path | None, typer.Option(help="Folder of the notebooks.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Only errors.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this package to the program."""
    app.command("run")(run)
    app.command("due")(due)


def run(
    pack: Annotated[str, typer.Argument(help="The pack's name in the packs file.")] = "default",
    period: Annotated[
        str, typer.Option(help="2026-W39, 2026-09, 2026-Q3, 2026, 2026-08-to-2026-10 or latest.")
    ] = "latest",
    data: Annotated[
        str, typer.Option(help="Folder, DuckDB file, env:NAME, keyring:SERVICE/USER or sample.")
    ] = "sample",
    out: Annotated[str, typer.Option(help="Folder (or fsspec URL) to publish in.")] = (
        "reports/published"
    ),
    jobs: Jobs = 0,
    scheduler: Scheduler = "",
    force: Annotated[bool, typer.Option("--force", help="Also what is up to date.")] = False,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="NAME=VALUE for the notebooks.")
    ] = None,
    packs: PacksFile = _PACKS,
    notebooks: Notebooks = None,
    quiet: Quiet = False,
) -> None:
    """Make the reports of a pack for a period, and publish them."""

    def work() -> int:
        _warm_up(scheduler)
        every = _load(packs)
        request = _request(
            every, pack, period, data=data, out=out, notebooks=notebooks, force=force
        )
        given = _given(parameter or [])
        return _make(every, [_with(request, given)], jobs=jobs, scheduler=scheduler, quiet=quiet)

    raise typer.Exit(_said(work))


def due(
    now: Annotated[str, typer.Option(help="The day to judge by, like 2026-10-05; today.")] = "",
    data: Annotated[str, typer.Option(help="Instead of what the packs file says.")] = "",
    out: Annotated[str, typer.Option(help="Instead of what the packs file says.")] = "",
    jobs: Jobs = 0,
    scheduler: Scheduler = "",
    packs: PacksFile = _PACKS,
    notebooks: Notebooks = None,
    quiet: Quiet = False,
) -> None:
    """Publish every pack that is due. What is published already is left alone: for cron and its like."""

    def work() -> int:
        from salesops_lib.reporting import schedule

        every = _load(packs)
        day = schedule.parse_now(now)
        place = out or every.out
        wanted = [
            (pack.name, span.name)
            for pack in every.packs.values()
            for span in schedule.due(pack, every, _mirror(place, pack.name), day)
        ]
        if not wanted:
            if not quiet:
                console.tell(f"Nothing is due on {day}.")
            return 0
        _warm_up(scheduler)
        requests = (
            _request(
                every,
                name,
                period,
                data=data or every.data,
                out=place,
                notebooks=notebooks,
                once=True,
            )
            for name, period in wanted
        )
        return _make(every, requests, jobs=jobs, scheduler=scheduler, quiet=quiet)

    raise typer.Exit(_said(work))


def _make(
    every: Packs, requests: Iterable[Request], *, jobs: int, scheduler: str, quiet: bool
) -> int:
    """Run requests one after the other in one pool; the exit code. One that was asked wrongly (a scope
    that the data no longer know) keeps no other pack from its readers."""
    from salesops_lib.reporting import notify, secrets
    from salesops_lib.reporting.interruption import Interrupted
    from salesops_lib.reporting.progress import Progress
    from salesops_lib.reporting.runner import run as run_pack

    pool = _pool(jobs, scheduler)
    code = 0
    try:
        for request in requests:
            try:
                result = run_pack(request, pool, Progress(quiet=quiet))
            except (SalesOpsError, Interrupted) as problem:
                _notify(every, [notify.failure(request.pack.title, request.period, str(problem))])
                if isinstance(problem, Interrupted):
                    raise
                console.tell(f"{request.pack.name} {request.period}: {problem}")
                code = max(code, 2 if isinstance(problem, ParameterError) else 1)
                continue
            except Exception as problem:
                # A fault of this program; to fail in silence would be a second one.
                hidden = secrets.hidden_by(request.data)
                why = hidden.scrub(f"{type(problem).__name__}: {problem}")
                _notify(every, [notify.failure(request.pack.title, request.period, why)])
                raise
            code = max(code, 0 if result.ok else 1)
            if not (quiet and result.ok):
                _summary(result)
            if result.made or result.failures:
                _notify(every, notify.messages(result, request.pack.title))
    finally:
        pool.close()
    return code


def _notify(every: Packs, messages: list[Any]) -> None:
    from salesops_lib.reporting import notify

    for trouble in notify.send(messages, every.notify):
        console.tell(trouble)


def _pool(jobs: int, scheduler: str) -> Pool:
    if scheduler:
        from salesops_lib.reporting.cluster import DaskPool

        return DaskPool(scheduler)
    from salesops_lib.reporting.pool import LocalPool

    return LocalPool(jobs or _cores())


def _cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _request(
    every: Packs,
    pack: str,
    period: str,
    *,
    data: str,
    out: str,
    notebooks: Path | None,
    force: bool = False,
    once: bool = False,
) -> Request:
    from salesops_lib.dataset.homes import expanded
    from salesops_lib.reporting import remote
    from salesops_lib.reporting.request import Request

    if not out.strip():
        # A variable of a script that nobody has set; reports would go wherever it was started.
        raise ParameterError("--out is empty, must be a folder.")
    elsewhere = remote.Remote(out) if remote.is_remote(out) else None
    if elsewhere is not None:
        elsewhere.fetch(pack)
    return Request(
        pack=every.pack(pack),
        period=period,
        data=data,
        out=elsewhere.mirror if elsewhere else expanded(out),
        notebooks=notebooks or _beside(expanded(every.notebooks)),
        remote=elsewhere,
        force=force,
        once=once,
        fiscal_year_start=every.fiscal_year_start,
    )


def _mirror(out: str, pack: str) -> Path:
    """The folder in which to look for what is published already."""
    from salesops_lib.dataset.homes import expanded
    from salesops_lib.reporting import remote

    if not remote.is_remote(out):
        return expanded(out)
    elsewhere = remote.Remote(out)
    elsewhere.fetch(pack)
    return elsewhere.mirror


def _with(request: Request, given: dict[str, str]) -> Request:
    from dataclasses import replace

    return replace(request, given=given)


def _load(path: Path) -> Packs:
    from salesops_lib.reporting.packs import load

    return load(_beside(path))


def _warm_up(scheduler: str) -> None:
    """Begin the imports that every kernel needs, on another core, while we plan."""
    from salesops_lib.reporting.kernels.choice import can_fork

    if not scheduler and can_fork():
        from salesops_lib.reporting.kernels.processes import start_server

        # What keeps it from starting is said when the first worker is asked for, to the readers too.
        with suppress(ReportError):
            start_server()


def _summary(result: Result) -> None:
    counts = f"{result.made} made, {result.skipped} up to date"
    failed = f", {len(result.failures)} FAILED" if result.failures else ""
    console.tell(f"{result.period} {result.pack}: {counts}{failed} in {result.seconds:.1f} s")
    for scope, notebook, reason in result.failures:
        console.tell(f"  {notebook} for {scope}: {reason}")
    if result.where:
        console.answer(result.where)


def _given(texts: list[str]) -> dict[str, str]:
    pairs = {text: text.partition("=") for text in texts}
    for text, (name, equals, _) in pairs.items():
        if not name or not equals:
            raise ParameterError(f"--parameter {text!r}, must be NAME=VALUE.")
    return {name: value for name, _, value in pairs.values()}


def _beside(path: Path) -> Path:
    """`path` from here, or from the project that this library is installed from."""
    if path.is_absolute() or path.exists():
        return path
    project = Path(__file__).resolve().parents[2]
    return project / path if (project / path).exists() else path


def _said(work: Callable[[], int]) -> int:
    """Do `work`; a mistake of the user's is a sentence on stderr and an exit code."""
    from salesops_lib.reporting.interruption import Interrupted, orderly

    try:
        with orderly():
            return work()
    except ParameterError as problem:
        console.tell(f"salesops: {problem}")
        return 2
    except (SalesOpsError, Interrupted) as problem:
        console.tell(f"salesops: {problem}")
        return 1
    finally:
        from salesops_lib.reporting.kernels.choice import can_fork

        if can_fork():
            from salesops_lib.reporting.kernels.processes import stop_server
            from salesops_lib.reporting.kernels.scratch import drop_run_folder

            stop_server()
            drop_run_folder()
