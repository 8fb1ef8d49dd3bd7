"""The command line of the batch engine: `salesops run` and `salesops due`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from salesops_lib.errors import ParameterError, SalesOpsError

PACKS = Path("reports/packs.toml")


def register(app: typer.Typer) -> None:
    """Add the commands of this package to the program."""
    app.command("run")(run)


def run(
    pack: Annotated[str, typer.Argument(help="The pack's name in the packs file.")] = "default",
    period: Annotated[
        str, typer.Option(help="2026-09, 2026-Q3, 2026, 2026-W39 or latest.")
    ] = "latest",
    data: Annotated[
        str, typer.Option(help="Folder, DuckDB file, env:NAME, keyring:SERVICE/USER or sample.")
    ] = "sample",
    out: Annotated[str, typer.Option(help="Folder (or fsspec URL) to publish in.")] = (
        "reports/published"
    ),
    jobs: Annotated[int, typer.Option(min=0, help="Reports at a time; 0: one a core.")] = 0,
    scheduler: Annotated[
        str, typer.Option(help="A Dask scheduler to run on, like tcp://host:8786.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Also what is up to date.")] = False,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="NAME=VALUE for the notebooks.")
    ] = None,
    packs: Annotated[Path, typer.Option(help="The packs file.")] = PACKS,
    notebooks: Annotated[Path | None, typer.Option(help="Folder of the notebooks.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only errors.")] = False,
) -> None:
    """Make the reports of a pack for a period, and publish them."""

    def work() -> int:
        warm_up()
        from salesops_lib.reporting.packs import load
        from salesops_lib.reporting.runner import Request

        every = load(_beside(packs))
        request = Request(
            pack=every.pack(pack),
            period=period,
            data=data,
            out=Path(out),
            notebooks=notebooks or _beside(Path(every.notebooks)),
            given=_given(parameter or []),
            force=force,
        )
        return make([request], jobs=jobs, scheduler=scheduler, quiet=quiet)

    raise typer.Exit(_said(work))


def warm_up() -> None:
    """Begin the imports that every kernel needs, on another core, while we plan."""
    from salesops_lib.reporting.kernels.processes import can_fork, start_server

    if can_fork():
        start_server()


def make(requests: list[Any], *, jobs: int, scheduler: str, quiet: bool) -> int:
    """Run requests one after the other in one pool; the exit code."""
    from salesops_lib.reporting.pool import LocalPool
    from salesops_lib.reporting.progress import Progress
    from salesops_lib.reporting.runner import run as run_pack

    pool = LocalPool(jobs or os.cpu_count() or 1)
    failed = False
    try:
        for request in requests:
            result = run_pack(request, pool, Progress(quiet=quiet))
            failed = failed or not result.ok
            _summary(result)
    finally:
        pool.close()
    return 1 if failed else 0


def _summary(result: Any) -> None:
    made = f"{result.made} made, {result.skipped} up to date"
    failed = f", {len(result.failures)} FAILED" if result.failures else ""
    print(
        f"{result.period} {result.pack}: {made}{failed} in {result.seconds:.1f} s", file=sys.stderr
    )
    for scope, notebook, reason in result.failures:
        print(f"  {notebook} for {scope}: {reason}", file=sys.stderr)
    if result.index is not None:
        print(result.index)


def _given(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    bad = next(
        (text for text, (name, eq, _) in zip(texts, pairs, strict=True) if not (name and eq)), None
    )
    if bad is not None:
        raise ParameterError(f"--parameter {bad!r}, must be NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _beside(path: Path) -> Path:
    """`path` from here, or from the project that this library is installed from."""
    if path.is_absolute() or path.exists():
        return path
    project = Path(__file__).resolve().parents[2]
    return project / path if (project / path).exists() else path


def _said(work: Any) -> int:
    """Run `work`; a mistake of the user's is a sentence on stderr and an exit code."""
    try:
        return int(work())
    except ParameterError as problem:
        print(f"salesops: {problem}", file=sys.stderr)
        return 2
    except SalesOpsError as problem:
        print(f"salesops: {problem}", file=sys.stderr)
        return 1
    finally:
        from salesops_lib.reporting.pool import stop_server

        stop_server()
