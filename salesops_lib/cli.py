"""The command line. Each package offers its commands in a `commands.py` that is light to import
(what is heavy is imported inside the functions); one line here registers them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from salesops_lib.dataset import commands as dataset_commands
from salesops_lib.errors import SalesOpsError
from salesops_lib.reporting import commands as reporting_commands
from salesops_lib.reporting import console, ledger_commands
from salesops_lib.reporting.interruption import Interrupted, orderly

app = typer.Typer(
    name="salesops",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
dataset_commands.register(app)
reporting_commands.register(app)
ledger_commands.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from salesops_lib import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def salesops(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Right numbers from your own sales data, with honest intervals."""


def main() -> None:
    """Run `salesops`: exit code 0 all good, 1 the work failed (why is on stderr), 2 bad usage."""
    console.open_missing()
    _give_home()
    try:
        # From here on, and not only once a command has begun: Ctrl-C may come while it is read.
        with orderly():
            app()
    except (SalesOpsError, Interrupted) as error:
        _fail(str(error))
    except OSError as error:
        # A full disk or a folder that may not be written is no fault of the program.
        where = f" ({error.filename})" if error.filename else ""
        _fail(f"{error.strerror or error}{where}.")


def _give_home() -> None:
    """Kernels end at once where no folder of the user is known: a container's user by number alone has
    none, nor some service. The root is what a container's runtime gives such a user."""
    if not Path(os.environ.get("HOME", "")).is_absolute():
        os.environ.pop("HOME", None)
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/"


def _fail(why: str) -> None:
    console.tell(f"salesops: {why}")
    sys.exit(1)


if __name__ == "__main__":
    main()
