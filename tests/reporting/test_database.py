"""A pack from a real database with a real password: read once, and the password in no file."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from salesops_lib.dataset.simulation import simulate_company
from tests.postgres import Postgres, postgres
from tests.reporting.conftest import Bench

Make = Callable[..., str]
# Every kind of character that URL, JSON, HTML or Python writes in its own way.
PASSWORD = "hunter2/&<p@ss>'\"w\\rd é"
# Prints what it connects with in every way, and looks at all files there are while it runs.
LEAKY = """import os, json, pathlib
from IPython.display import HTML, display
from html import escape
from salesops_lib.dataset.reading import located
address = located(NAME)
print(address)
print([address], json.dumps(address))
display(HTML(f"<b>{escape(address)}</b>"), {"address": address})
from urllib.parse import unquote, urlsplit
word = unquote(urlsplit(address).password)
print(word, [word], json.dumps(word))
display(HTML(f"<i>{escape(word)}</i>"))
root = pathlib.Path(ROOT)
held = [p for p in root.rglob("*") if p.is_file() and word[:7].encode() in p.read_bytes()]
assert not held, held
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """A company of 24 reps, as the user `ann` may read it."""
    with postgres() as server:
        server.fill(simulate_company(reps=24, months=24, seed=5).tables)
        server.address = server.user("ann", PASSWORD)  # type: ignore[attr-defined]
        yield server


def forms() -> set[str]:
    """How the password could stand in a file."""
    once = {PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), html.escape(PASSWORD), "hunter2"}
    return once | {json.dumps(one)[1:-1] for one in once}


def files_with_password(root: Path) -> list[Path]:
    words = [one.encode() for one in forms()]
    every = [path for path in root.rglob("*") if path.is_file()]
    assert any(path.suffix == ".arrow" for path in every), "the prepared tables were not looked at"
    assert any(path.suffix == ".jsonl" for path in every), "nor the log"
    return [path for path in every if any(word in path.read_bytes() for word in words)]


def program(bench: Bench, data: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`salesops run` with everything it may write to inside the bench's folder."""
    (bench.root / "tmp").mkdir(exist_ok=True)
    places = {"HOME": "home", "XDG_CACHE_HOME": "cache", "TMPDIR": "tmp"}
    inside = {name: str(bench.root / folder) for name, folder in places.items()}
    rest = {k: v for k, v in os.environ.items() if k not in ("SALESOPS_CACHE", "SALESOPS_PREPARED")}
    return subprocess.run(
        [sys.executable, "-m", "salesops_lib.cli", *bench.arguments("--data", data)],
        env={**rest, "PYTHONDONTWRITEBYTECODE": "1", **inside, **env},
        capture_output=True,
        text=True,
        timeout=280,
        cwd=Path(__file__).resolve().parents[2],
    )


@pytest.mark.parametrize(
    ("data", "variable", "scopes"),
    [
        ("env:SALES_DB", "SALES_DB", ["company", "manager=M01"]),
        # Where the address is kept makes no difference between scopes.
        ("keyring:sales/ann", "TEST_RING", ["company"]),
    ],
)
def test_a_pack_from_a_database_with_a_password(
    bench: Bench,
    database: Postgres,
    project: Path,
    make_notebook: Make,
    data: str,
    variable: str,
    scopes: list[str],
) -> None:
    """Two of the notebooks are out to give the password away, one of them by failing."""
    address: str = database.address  # type: ignore[attr-defined]
    real = (project / "notebooks" / "performance_curve.ipynb").read_text(encoding="utf-8")
    bench.add("performance_curve", real)
    cell = LEAKY.replace("ROOT", repr(str(bench.root))).replace("NAME", repr(data))
    bench.add("leaky", make_notebook(cell))
    angry = f"from salesops_lib.dataset.reading import located\nraise OSError(located({data!r}))"
    bench.add("angry", make_notebook(angry))
    bench.pack.update(retries=0, scopes=scopes)
    before = database.log.count("connection authorized: user=ann")

    done = program(
        bench, data, PYTHON_KEYRING_BACKEND="tests.reporting.ring.Ring", **{variable: address}
    )

    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    for scope in scopes:
        record = bench.record(bench.company.parent / scope)
        status = {one["name"]: one["status"] for one in record["notebooks"]}
        assert status == {
            "performance_curve": "published",
            "leaky": "published",
            "angry": "failed",
        }, done.stderr
        assert record["data"] == data
        assert "***" in next(o["reason"] for o in record["notebooks"] if o["name"] == "angry")
    # The notebooks did print it, and what stands there instead says so.
    assert (bench.company / "leaky.ipynb").read_text().count("***") >= 7
    assert (bench.company / "leaky.html").read_text().count("***") >= 7
    # Three notebooks a scope, each loading the data: the server was asked once.
    assert database.log.count("connection authorized: user=ann") == before + 1
    assert files_with_password(bench.root) == []
    assert not any(word in done.stderr + done.stdout for word in forms())
    assert not list((bench.root / "tmp").iterdir())


def test_the_prepared_tables_of_a_database_are_for_their_owner_alone(
    database: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from salesops_lib.dataset.loading import entries, pin

    monkeypatch.setenv("SALESOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SALES_DB", database.address)  # type: ignore[attr-defined]
    (entry,) = entries(pin("env:SALES_DB")[1])
    assert entry.stat().st_mode & 0o077 == 0


def test_a_wrong_password_is_said_without_the_right_one(
    bench: Bench, database: Postgres, make_notebook: Make
) -> None:
    bench.add("one", make_notebook("1"))
    address: str = database.address  # type: ignore[attr-defined]
    wrong = address.replace("hunter2", "hunter3")
    done = bench.run("--data", "env:SALES_DB", SALES_DB=wrong)
    assert done.code == 1 and "password authentication failed" in done.stderr, done.stderr
    assert "hunter3" not in done.stderr and "Traceback" not in done.stderr
    assert not [p for p in bench.root.rglob("*") if p.is_file() and b"hunter" in p.read_bytes()]
