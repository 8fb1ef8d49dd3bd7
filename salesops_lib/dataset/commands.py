"""`salesops check`, `salesops simulate` and `salesops import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from salesops_lib.dataset.quality import QualityReport


def register(app: typer.Typer) -> None:
    """Add the commands about datasets."""
    app.command("import")(import_)
    app.command("check")(check)
    app.command("simulate")(simulate)


def check(
    path: Annotated[
        str,
        typer.Argument(help="Folder, DuckDB file, database URL, env:NAME, keyring:… or 'sample'."),
    ],
    quarantine: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the rows set aside; by default PATH/quarantine, or ./quarantine "
            "where PATH is no folder."
        ),
    ] = None,
) -> None:
    """Print the data quality report. Exit code 1 if a table cannot be used, or no deal is left."""
    from salesops_lib.dataset.loading import examine
    from salesops_lib.dataset.quality import write_quarantine

    report = examine(path)
    show(report)
    folder = quarantine or (
        Path(path) / "quarantine" if Path(path).is_dir() else Path("quarantine")
    )
    unwritten, files = "", []
    try:
        files = write_quarantine(report, folder)
    except OSError as error:
        unwritten = (
            f"the rows set aside cannot be written into {folder}: {error.strerror or error}. "
            "Name another folder with --quarantine."
        )
    for written in files:
        typer.echo(f"written: {written}")
    stops = report.faults or tuple(one for one in [report.unanswerable] if one)
    for fault in stops:
        typer.echo(f"salesops: cannot be used: {fault}", err=True)
    if unwritten:
        typer.echo(f"salesops: {unwritten}", err=True)
    if stops or unwritten:
        raise typer.Exit(1)


def show(report: QualityReport) -> None:
    """The report as a table on a terminal, as plain lines elsewhere."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        for line in report.lines():
            typer.echo(line)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Data quality", title_justify="left", show_lines=True)
    table.add_column("table")
    for heading in ("read", "used", "set aside"):
        table.add_column(heading, justify="right")
    table.add_column("notes", overflow="fold")
    for one in report.tables.itertuples(index=False):
        aside = Text(f"{one.rows_quarantined:,}", style="bold red" if one.rows_quarantined else "")
        table.add_row(
            one.table, f"{one.rows_read:,}", f"{one.rows_accepted:,}", aside, Text(str(one.notes))
        )
    console.print(table)
    if len(report.set_aside):
        console.print(_set_aside(report))
    for text in report.notices:
        console.print(Text(f"• {text}"))


def _set_aside(report: QualityReport) -> Any:
    """Why rows were set aside, as a table on a terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Set aside", title_justify="left", show_lines=True)
    for heading in ("table", "column", "what is wrong"):
        table.add_column(heading, overflow="fold")
    table.add_column("rows", justify="right")
    for heading in ("examples", "remedy"):
        table.add_column(heading, overflow="fold")
    for one in report.set_aside.itertuples(index=False):
        texts = (one.table, one.column, one.kind, f"{one.rows:,}", one.examples, one.remedy)
        table.add_row(*(Text(text) for text in texts))
    return table


def simulate(
    dest: Annotated[Path, typer.Argument(help="Folder to write the company into.")],
    reps: Annotated[int, typer.Option(min=1, help="How many reps at the end.")] = 60,
    months: Annotated[int, typer.Option(min=3, max=240, help="How many months of records.")] = 36,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same company.")] = 0,
) -> None:
    """Write a company with known truth: its tables, and truth.json."""
    from salesops_lib.dataset.simulation import simulate_company

    company = simulate_company(reps=reps, months=months, seed=seed)
    company.write(dest)
    typer.echo(f"{dest}: " + ", ".join(f"{k} {len(v):,}" for k, v in company.tables.items()))


def import_(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="KIND SRC DEST",
            help="KIND is salesforce, hubspot, dynamics or a mapping .toml; SRC the export, a "
            "folder, a .zip or an .xlsx workbook; DEST the folder for the canonical tables. With --suggest: SRC alone.",
        ),
    ],
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Print a proposed mapping for SRC.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the dataset in DEST, keeping its settings.")
    ] = False,
) -> None:
    """Turn a CRM export into canonical tables."""
    if len(places) != (1 if suggest else 3):
        wanted = "--suggest SRC" if suggest else "KIND SRC DEST"
        raise typer.BadParameter(f"give {wanted}, not {len(places)} arguments")
    from salesops_lib.dataset import importing

    if suggest:
        typer.echo(importing.suggest_mapping(Path(places[0])))
        return
    kind, src, dest = places
    report = importing.import_dataset(kind, Path(src), Path(dest), force=force)
    for line in report.lines():
        typer.echo(line)
