"""Many runs at once: no port to collide on, no process left, every report whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reporting.conftest import Bench, eventually, forks, prepare

Make = Callable[..., str]
# No kernel goes on before all fifty are up.
ALL_THERE = """import pathlib, time
there = pathlib.Path({folder!r})
(there / "{number}").touch()
until = time.monotonic() + 120
while len(list(there.iterdir())) < 50 and time.monotonic() < until:
    time.sleep(1)
assert len(list(there.iterdir())) == 50
"""


@pytest.mark.slow
def test_fifty_runs_at_once(tmp_path: Path, warm: None, make_notebook: Make) -> None:
    """Fifty runs of one report each, half of them into the same output folder."""
    there = tmp_path / "there"
    there.mkdir()
    benches: list[Bench] = []
    for number in range(50):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        bench = prepare(folder)
        bench.add("one", make_notebook(ALL_THERE.format(folder=str(there), number=number)))
        benches.append(bench)
    shared = tmp_path / "shared"
    started = []
    for number, bench in enumerate(benches):
        week = f"2026-W{number // 2 + 3:02d}"  # weeks of which the data hold something
        more = ("--out", str(shared), "--period", week) if number % 2 else ()
        started.append(bench.start("--jobs", "1", *more))
    codes = [one.wait(240) for one in started]
    assert codes == [0] * 50, [one.stderr for one in started if one.code]
    assert not any("Trying again" in one.stderr for one in started)
    assert len(list(shared.glob("*/default/company/one.html"))) == 25
    index = (shared / "index.html").read_text()
    assert index.count("company/one.html") == 25
    for number, bench in enumerate(benches):
        assert number % 2 or not bench.partial_files()
    assert eventually(lambda: not forks()), forks()


def test_two_runs_of_the_same_do_the_work_once(bench: Bench, make_notebook: Make) -> None:
    log = bench.root / "log"
    bench.add(
        "one", make_notebook(f"import time; open({str(log)!r}, 'a').write('x'); time.sleep(1)")
    )
    started = [bench.start(), bench.start()]
    assert [one.wait() for one in started] == [0, 0]
    assert log.read_text() == "x"
    assert sorted("1 made" in one.stderr for one in started) == [False, True]
