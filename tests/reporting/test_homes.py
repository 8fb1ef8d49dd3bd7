"""Users whose folder is elsewhere, cannot be written, or is not known at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesops_lib.dataset.homes import cache_home
from salesops_lib.reporting.remote import Remote
from tests.reporting.conftest import Bench, Running, notebook, prepare


def test_an_empty_or_relative_cache_variable_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror in the folder of the moment was not found again by what is uploaded from it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_home() == tmp_path / ".cache"
        assert Remote("file:///x").mirror.parent == tmp_path / ".cache" / "salesops"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert cache_home() == Path("/var/cache")


def test_a_tilde_in_the_packs_file(bench: Bench) -> None:
    """No shell puts the user's folder there: it became a folder of the name ~."""
    bench.add("one", notebook("1"))
    bench.pack["every"] = "month"
    bench.sections = f'[settings]\ndata = "{bench.root}/data"\nout = "~/reports"\n'
    due = ["due", "--now", "2026-10-05", "--packs", str(bench.packs())]
    due += ["--notebooks", str(bench.root / "notebooks")]
    done = Running(due, bench.root, {"HOME": str(bench.root)})
    assert done.wait() == 0, done.stderr
    assert (bench.root / "reports" / "2026-09" / "default" / "company" / "one.html").is_file()
    assert not Path("~").exists()


@pytest.mark.parametrize("command", [["check"], ["run", "--data"], ["ledger", "--out"]])
def test_a_user_that_is_none(tmp_path: Path, command: list[str], warm: None) -> None:
    done = Running([*command, "~nobody-of-this-name/data"], tmp_path, {})
    assert done.wait() == 1 and "Traceback" not in done.stderr, done.stderr
    assert "there is no user of that name" in done.stderr


@pytest.fixture
def open_to_all(warm: None) -> Iterator[Path]:
    """A folder that every user may look into; those of tests are for their owner."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(
    shutil.which("setpriv") is None or os.geteuid() != 0, reason="becoming another user is for root"
)
def test_a_user_by_number_alone_without_a_folder(open_to_all: Path) -> None:
    """As containers run; it may read all here, and write only where the reports go."""
    bench = prepare(open_to_all)
    bench.add("one", notebook("1"))
    bench.out.mkdir()
    bench.out.chmod(0o777)
    right = "+dac_read_search"
    becoming = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    becoming += ["--inh-caps", right, "--ambient-caps", right]
    done = subprocess.run(
        [*becoming, sys.executable, "-m", "salesops_lib.cli", *bench.arguments()],
        env={"PATH": os.environ["PATH"]},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (bench.company / "one.html").is_file()
    # Another user reads the ledger's folder only, and checks it all the same.
    (bench.out / "ledger.jsonl").touch()
    bench.out.chmod(0o755)
    checking = [sys.executable, "-m", "salesops_lib.cli", "ledger", "--out", str(bench.out)]
    checked = subprocess.run(
        [*becoming, *checking, "verify"], cwd="/", capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0 and "all as written" in checked.stdout, checked.stderr
