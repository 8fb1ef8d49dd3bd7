"""A password reaches notebooks by name only, and no produced file holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from salesops_lib.errors import ParameterError
from salesops_lib.reporting import secrets
from tests.reporting.conftest import Bench, notebook

Make = Callable[..., str]
WORD = "hunter2pass"


def grep(folder: Path, *words: str) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
    ]


def test_data_by_environment_variable(bench: Bench, make_notebook: Make) -> None:
    """Even a notebook that prints what it connects to does not put it into a file."""
    real = bench.root / f"data-{WORD}"
    (bench.root / "data").rename(real)
    bench.add(
        "one",
        make_notebook(
            "from salesops_lib.dataset import load_dataset\nlen(load_dataset(data).reps())",
            "import os; os.environ['MY_DATA']",
        ),
    )
    done = bench.run("--data", "env:MY_DATA", MY_DATA=str(real))
    assert done.code == 0, done.stderr
    assert not grep(bench.out, WORD) and WORD not in done.stderr + done.stdout
    assert bench.record()["data"] == "env:MY_DATA"
    assert "env:MY_DATA" in (bench.company / "one.ipynb").read_text()


def test_failing_connection_does_not_quote_the_password(bench: Bench, make_notebook: Make) -> None:
    address = f"postgresql://me:{WORD}@127.0.0.1:1/sales"
    bench.add("one", make_notebook("1"))
    done = bench.run("--data", "env:MY_DATA", MY_DATA=address)
    assert done.code == 1 and "Traceback" not in done.stderr
    assert WORD not in done.stderr and not grep(bench.root, WORD)


def test_an_address_without_a_password_is_named_as_it_was_given(bench: Bench) -> None:
    """`*** cannot be opened` left whoever reads the log to guess what."""
    bench.add("one", notebook("1"))
    address = "postgresql://me@127.0.0.1:1/sales"
    done = bench.run("--data", "env:MY_DATA", MY_DATA=address)
    assert done.code == 1 and "env:MY_DATA cannot be opened" in done.stderr
    assert address not in done.stderr and "***" not in done.stderr


def test_failing_notebook_does_not_quote_the_password(bench: Bench, make_notebook: Make) -> None:
    real = bench.root / f"data-{WORD}"
    (bench.root / "data").rename(real)
    bench.add(
        "one", make_notebook("import os; raise OSError(f\"cannot reach {os.environ['MY_DATA']}\")")
    )
    bench.pack["retries"] = 0
    done = bench.run("--data", "env:MY_DATA", MY_DATA=str(real))
    assert done.code == 1 and "cannot reach env:MY_DATA" in done.stderr
    assert not grep(bench.out, WORD) and WORD not in done.stderr


@pytest.mark.parametrize(
    "address",
    ["postgresql://me:pw@host/db", "snowflake://u:p%40ss@acc/db", "mysql+pymysql://u:p@h:3306/d"],
)
def test_address_with_password_is_refused(address: str) -> None:
    with pytest.raises(ParameterError, match="holds a password"):
        secrets.check_data(address)


@pytest.mark.parametrize("address", ["data/sample", "postgresql://me@host/db", "env:X", "C:/data"])
def test_address_without_password_is_taken(address: str) -> None:
    secrets.check_data(address)


def test_scrub() -> None:
    text = "could not connect to postgresql://me:pw@host/db with pw"
    assert secrets.scrub(text) == "could not connect to postgresql://me:***@host/db with pw"
    assert secrets.scrub("token p@ss and p%40ss", "p%40ss") == "token *** and ***"
