"""Limits of the shell that a run is started from."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.reporting.conftest import Bench
from tests.reporting.test_whole_program import SALESOPS, environment


def limited(bench: Bench, limit: str) -> subprocess.CompletedProcess[str]:
    """The program under a limit that its own processes cannot lift."""
    return subprocess.run(
        ["bash", "-c", f'ulimit {limit} && exec "$@"', "bash", *SALESOPS, *bench.arguments()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(),
    )


@pytest.mark.parametrize(
    ("limit", "problem", "remedy"),
    [
        ("-n 64", "may have only 64 files open here", "'ulimit -n 1024'"),
        ("-v 600000", "may take only 0.6 GB of address space here", "'ulimit -v unlimited'"),
    ],
)
def test_a_limit_that_allows_no_report_is_said_once_with_its_remedy(
    bench: Bench, make_notebook: Callable[..., str], limit: str, problem: str, remedy: str
) -> None:
    """They ended in the path of a socket, or in tracebacks of the warm server."""
    bench.add("one", make_notebook())
    done = limited(bench, limit)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert problem in done.stderr and remedy in done.stderr


@pytest.mark.parametrize("limit", ["-S -n 64", "-n 128", "-v 2097152"])
def test_a_limit_that_can_be_lifted_or_just_lets_a_report_be_made_stops_none(
    bench: Bench, make_notebook: Callable[..., str], limit: str
) -> None:
    bench.add("one", make_notebook())
    done = limited(bench, limit)
    assert done.returncode == 0, done.stderr
    assert (bench.company / "one.html").exists()
