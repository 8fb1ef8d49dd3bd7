"""Folders moved into place whole, and what is found there again."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from salesops_lib.reporting import publication
from salesops_lib.reporting.jobs import Outcome


def outcome(staging: publication.Staging, name: str, text: str, key: str = "k") -> Outcome:
    """A finished job whose files lie where a worker leaves them."""
    folder = staging.folder / f".new-{name}-{text}"
    folder.mkdir(parents=True)
    files = tuple(f"{name}{kind}" for kind in publication.KINDS)
    for file in files:
        (folder / file).write_text(text)
    return Outcome(name, "company", status="done", folder=str(folder), files=files, key=key)


def record(*entries: dict[str, object]) -> dict[str, object]:
    return {"period": "2026-Q3", "pack": "p", "scope": "company", "notebooks": list(entries)}


def publish(out: Path, **texts: str | None) -> Path:
    staging = publication.Staging(out, "2026-Q3", "p", "company")
    finished = {}
    entries = []
    for name, text in texts.items():
        entries.append(
            {"name": name, "status": "published" if text else "failed", "finished": text}
        )
        if text:
            one = outcome(staging, name, text)
            staging.collect(one)
            finished[name] = one
    publication.publish(out, record(*entries), finished, staging)
    staging.clear()
    return out / "2026-Q3" / "p" / "company"


def test_a_failed_notebook_keeps_its_last_good_report(tmp_path: Path) -> None:
    place = publish(tmp_path, one="old", two="old")
    publish(tmp_path, one="new", two=None)
    assert (place / "one.html").read_text() == "new"
    assert (place / "two.html").read_text() == "old"
    two = publication.entry(publication.record(place), "two")
    assert two is not None and two["status"] == "stale" and two["last_good"] == "old"
    # And again: what was stale stays so, with the day it was good.
    publish(tmp_path, one="new", two=None)
    two = publication.entry(publication.record(place), "two")
    assert two is not None and two["status"] == "stale" and two["last_good"] == "old"
    assert sorted(path.name for path in place.parent.iterdir()) == ["company"]


def test_a_notebook_no_longer_in_the_pack_goes(tmp_path: Path) -> None:
    place = publish(tmp_path, one="old", two="old")
    publish(tmp_path, one="new")
    assert not (place / "two.html").exists()


def test_readers_never_see_a_mixture(tmp_path: Path) -> None:
    """A reader who opens the folder at any moment finds all of one run."""
    place = publish(tmp_path, one="0", two="0")
    mixed: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            fd = os.open(place, os.O_RDONLY)
            try:
                texts = []
                for name in ("one.html", "two.html"):
                    file = os.open(name, os.O_RDONLY, dir_fd=fd)
                    texts.append(os.read(file, 100))
                    os.close(file)
                if len(set(texts)) != 1:
                    mixed.append(texts)
            except FileNotFoundError:
                pass  # opened the old folder while it was being cleared away: nothing, not half
            finally:
                os.close(fd)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 60):
        publish(tmp_path, one=str(number), two=str(number))
    stop.set()
    reader.join()
    assert not mixed


def test_without_the_exchange_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "_exchange", lambda *_: False)
    place = publish(tmp_path, one="old")
    publish(tmp_path, one="new")
    assert (place / "one.html").read_text() == "new"
    assert [path.name for path in place.parent.iterdir()] == ["company"]


def killed(step: Callable[[], object]) -> None:
    """Do `step` in a process of its own that is killed in it."""
    child = os.fork()
    if child == 0:
        step()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_what_a_killed_run_left_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with the new folder built and not yet in place."""
    place = publish(tmp_path, one="old")
    with monkeypatch.context() as patch:
        patch.setattr(publication, "_swap", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        killed(lambda: publish(tmp_path, one="new"))
    assert len(list(place.parent.glob(".build-*"))) == 1
    assert (place / "one.html").read_text() == "old"
    publish(tmp_path, one="newer")
    assert [path.name for path in place.parent.iterdir()] == ["company"]


def test_a_report_that_had_made_way_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two moves that do for the exchange where a file system has none. The next run
    fails, and the last good report is there."""
    place = publish(tmp_path, one="old")

    def rename(self: Path, target: Path) -> None:
        if self.name.startswith(".build-"):
            os.kill(os.getpid(), signal.SIGKILL)
        os.replace(self, target)  # noqa: PTH105 -- Path.rename is this very function

    with monkeypatch.context() as patch:
        patch.setattr(publication, "_exchange", lambda *_: False)
        patch.setattr(Path, "rename", rename)
        killed(lambda: publish(tmp_path, one="new"))
    assert not place.exists()
    publish(tmp_path, one=None)
    assert (place / "one.html").read_text() == "old"
    assert [path.name for path in place.parent.iterdir()] == ["company"]


def test_half_written_files_go_after_an_hour(tmp_path: Path) -> None:
    """Of a run that was killed; who is still writing is left alone."""
    left, written = tmp_path / ".index.html.0a1b2c3d", tmp_path / ".index.html.11111111"
    for path in (left, written):
        path.write_text("<html>")
    os.utime(left, (0, 0))
    publication.write_whole(tmp_path / "index.html", "all")
    assert sorted(path.name for path in tmp_path.iterdir()) == [written.name, "index.html"]


def test_staged_reports_are_found_again_by_their_key(tmp_path: Path) -> None:
    staging = publication.Staging(tmp_path, "2026-Q3", "p", "company")
    staging.collect(outcome(staging, "one", "text", key="abc"))
    again = publication.Staging(tmp_path, "2026-Q3", "p", "company")
    found = again.finished("one", "abc")
    assert found is not None and found.files[0] == "one.html"
    assert again.finished("one", "other") is None
    assert again.finished("two", "abc") is None
    (staging.folder / "one.ipynb").unlink()
    assert again.finished("one", "abc") is None


def test_broken_records_count_as_none(tmp_path: Path) -> None:
    place = publish(tmp_path, one="old")
    for body in ("", "[1]", "{"):
        (place / "run.json").write_text(body)
        assert publication.record(place) is None
        assert list(publication.runs(tmp_path)) == []


def test_previous_findings_are_of_the_last_period_of_the_same_kind(tmp_path: Path) -> None:
    for period in ("2025-Q4", "2026-Q1", "2026-08", "2026-Q3"):
        place = tmp_path / period / "p" / "company"
        place.mkdir(parents=True)
        (place / "one.findings.json").write_text(json.dumps({"period": period}))
    found = publication.previous_findings(tmp_path, "2026-Q3", "p", "company", "one")
    assert found == {"period": "2026-Q1"}
    assert publication.previous_findings(tmp_path, "2025-Q4", "p", "company", "one") is None
    assert publication.previous_findings(tmp_path, "2026-Q3", "p", "region=X", "one") is None


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-Q3", None),  # a month's report is no quarter's
        ("2026-09", "2026-08"),
        ("2026-W40", "2026-W39"),
        ("2027", "2025-02-to-2026-01"),
        ("2026-05-to-2026-07", "2026-02-to-2026-04"),
        ("2026-Q4", "2026-02-to-2026-04"),  # a company that changed its fiscal year
    ],
)
def test_previous_findings_are_of_a_period_as_long(
    tmp_path: Path, period: str, before: str | None
) -> None:
    names = ["2026-08", "2026-07", "2026-W39", "2026-W02", "2025-02-to-2026-01"]
    if period != "2026-Q3":
        names.append("2026-02-to-2026-04")
    for name in names:
        place = tmp_path / name / "p" / "company"
        place.mkdir(parents=True)
        (place / "one.findings.json").write_text(json.dumps({"period": name}))
    found = publication.previous_findings(tmp_path, period, "p", "company", "one")
    assert found == ({"period": before} if before else None)


def test_a_lock_is_free_once_its_holder_is_gone(tmp_path: Path) -> None:
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        publication.lock(tmp_path, "x").acquire()
        os.write(done, b"x")
        os.kill(os.getpid(), 9)
    os.read(ready, 1)
    os.waitpid(child, 0)
    with publication.lock(tmp_path, "x", timeout=5):
        pass


def test_the_last_quarter_is_the_one_that_ends_last(tmp_path: Path) -> None:
    """Of the calendar or fiscal; months, weeks and years are none."""
    names = ["2026-Q1", "2025-11-to-2026-01", "2026-02-to-2026-04", "2026-05", "2026", "2026-W40"]
    for name in [*names, "2026-01-to-2026-12"]:
        (tmp_path / name / "p").mkdir(parents=True)
    assert publication.last_quarter(tmp_path, "p") == "2026-02-to-2026-04"
    assert publication.last_quarter(tmp_path, "other") == ""
