"""`salesops ledger`: the published forecasts, whether they are unchanged, and how they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from salesops_lib.errors import SalesOpsError

if TYPE_CHECKING:
    import pandas as pd

    from salesops_lib.reporting.ledger import Ledger

Out = Annotated[str, typer.Option(help="The folder (or fsspec URL) reports are published in.")]
_PUBLISHED = "reports/published"


def register(app: typer.Typer) -> None:
    """Add the commands about the ledger."""
    ledger = typer.Typer(help=list_.__doc__, invoke_without_command=True)
    ledger.callback()(list_)
    ledger.command("verify")(verify)
    ledger.command("score")(score)
    app.add_typer(ledger, name="ledger")


def list_(context: typer.Context, out: Out = _PUBLISHED) -> None:
    """List every published forecast; `verify` and `score` check them."""
    context.obj = out
    if context.invoked_subcommand is not None:
        return
    entries = _ledger(out)[0].entries()
    if not entries:
        typer.echo(f"No forecast has been published in {out} yet.")
        return
    from salesops_lib import wording

    for entry in entries:
        where = f"{entry['period']} {entry['pack']} {entry['scope']}"
        typer.echo(f"{entry['number']}  {entry['recorded_at']}  {where}")
        for one in entry["findings"]:
            typer.echo(f"     {one['sentence']}")
    shown = wording.count(len(entries), "entry", "entries")
    typer.echo(f"{shown}; last hash {entries[-1]['hash']}")


def verify(context: typer.Context, out: Annotated[str | None, typer.Option()] = None) -> None:
    """Check that no forecast was changed since. None may be changed, removed or inserted, and every
    published one must be entered; exit code 1 if not."""
    from salesops_lib import wording
    from salesops_lib.reporting.promises import not_entered

    place = out or context.obj
    ledger, gone = _ledger(place)
    if not ledger.path.parent.is_dir():
        # A misspelt folder would be all as written for ever.
        typer.echo(f"salesops: there is nothing at {place}. Check the path.", err=True)
        raise typer.Exit(1)
    problems = ledger.verify()
    if gone:
        lost = wording.count(gone, "entry", "entries")
        problems.append(f"{lost} missing at {place}; the copy here is whole")
    left_out = [] if problems else not_entered(ledger.path.parent)
    if left_out:
        problems.append(
            f"{wording.count(len(left_out), 'published report')} with forecasts not entered, the first: "
            f"{left_out[0]}. Restore the ledger, or, where a run was killed, run it again"
        )
    for problem in problems:
        typer.echo(f"salesops: {ledger.path.name}: {problem}", err=True)
    if problems:
        raise typer.Exit(1)
    shown = wording.count(len(ledger.entries()), "entry", "entries")
    typer.echo(f"{shown}, all as written.")


def score(
    context: typer.Context,
    data: Annotated[str, typer.Option(help="Folder, DuckDB file, env:NAME, … or sample.")],
    out: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Hold every forecast whose period is over against what came."""
    from salesops_lib.analyses.forecast import ledger as scoring
    from salesops_lib.dataset import load_dataset

    ledger, _ = _ledger(out or context.obj)
    problems = ledger.verify()
    if problems:
        typer.echo(f"salesops: {ledger.path.name}: {problems[0]}", err=True)
        raise typer.Exit(1)
    dataset = load_dataset(data)
    table = scoring.score(ledger.entries(), dataset)
    for line in _lines(table, dataset.currency):
        typer.echo(line)
    if ((table["node"] != "company") & (table["state"] == "scored")).any():
        typer.echo(_whose_deals(bool(dataset.reps()["rep_id"].duplicated().any())))


def _whose_deals(moves_known: bool) -> str:
    """By which part of the company a deal counts where a part's forecast was scored."""
    if moves_known:
        return (
            "Deals count for the part of the company that their rep was in when the forecast was made, "
            "by the rows of the reps table."
        )
    return (
        "The reps table has one row a rep: deals of people who moved since count for the part that "
        "they are in now. A row for each stay, with hire_date and end_date, puts that right."
    )


def _lines(table: pd.DataFrame, currency: str) -> list[str]:
    """One line a forecast, and how many intervals held."""
    from salesops_lib import wording
    from salesops_lib.analyses.forecast.hierarchy import names_of

    if table.empty:
        return ["No forecast has been published yet."]
    lines = []
    for row in table.itertuples():
        # The path of a part of the company: a slash in a name of it is written another way there.
        node = "/".join(names_of(row.node))
        head = f"{row.made}  {node}  {row.start:%Y-%m-%d} to {row.end:%Y-%m-%d}"
        said = wording.money(row.forecast, currency)
        if row.state != "scored":
            lines.append(f"{head}: said {said}; {row.state}")
            continue
        came = wording.money(row.actual, currency)
        off = wording.percent(row.error, signed=True)
        held = {True: "inside", False: "OUTSIDE"}.get(row.inside, "without")
        lines.append(f"{head}: said {said}, came {came} ({off}), {held} its interval")
    judged = table[table["inside"].notna()]
    if len(judged):
        promise = wording.percent(float(judged["confidence"].mean()))
        held_count = int(judged["inside"].astype(bool).sum())
        lines.append(f"{held_count} of {len(judged)} intervals held; {promise} was promised.")
    return lines


def _ledger(out: str) -> tuple[Ledger, int]:
    """The ledger of a folder or URL, and how many of its entries are missing at the URL."""
    from salesops_lib.dataset.homes import expanded
    from salesops_lib.reporting import remote
    from salesops_lib.reporting.ledger import Ledger

    try:
        if not remote.is_remote(out):
            return Ledger(expanded(out)), 0
        place = remote.Remote(out)
        ledger = Ledger(place.mirror, place)
        return ledger, ledger.fetch()
    except SalesOpsError as problem:
        typer.echo(f"salesops: {problem}", err=True)
        raise typer.Exit(1) from None
