"""Good reports that are about to go wrong, and what must hold after they did."""

from __future__ import annotations

import shutil

import pytest

from tests.reporting.conftest import Bench, Running, eventually, forks, notebook, prepare


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Bench:
    """Two good reports."""
    bench = prepare(tmp_path_factory.mktemp("published"))
    bench.add("one", notebook("1"))
    bench.add("two", notebook("2"))
    assert bench.run().code == 0
    return bench


@pytest.fixture
def good(bench: Bench, published: Bench) -> Bench:
    """A bench with good reports published, about to go wrong."""
    shutil.copytree(published.out, bench.out)
    for path in (published.root / "notebooks").iterdir():
        bench.add(path.stem, path.read_text())
    bench.good = {
        path.name: path.read_bytes() for path in bench.company.iterdir() if path.name != "run.json"
    }
    return bench


def check_stale(bench: Bench, done: Running, reason: str, name: str = "two") -> None:
    """`name` failed for `reason`: exit 1, reason said everywhere, last good report kept as it was."""
    assert done.code == 1, done.stderr
    assert reason in done.stderr and "Traceback" not in done.stderr, done.stderr
    entry = bench.entry(name)
    assert entry["status"] == "stale" and reason in entry["reason"], entry
    for kind in (".html", ".ipynb", ".findings.json"):
        assert (bench.company / f"{name}{kind}").read_bytes() == bench.good[f"{name}{kind}"]
    index = (bench.out / "index.html").read_text()
    assert "out of date" in index or "stale" in index
    check_clean(bench)


def check_clean(bench: Bench) -> None:
    assert not bench.partial_files()
    assert eventually(lambda: not forks()), forks()
