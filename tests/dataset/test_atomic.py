"""Nothing half-written: real full disks (a limit on the size of files) and real killed processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from salesops_lib.dataset import atomic

BAD = "deal_id,rep_id,status,amount,close_date\n" + "".join(
    f"{i},r,won,about {i},2026-01-30\n" for i in range(4000)
)


def limited(*arguments: str, most: int) -> subprocess.CompletedProcess[str]:
    """`salesops` where no file may grow beyond `most` bytes, as on a disk that is full."""
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        f"sys.argv = ['salesops', *{arguments!r}]\n"
        "from salesops_lib.cli import main\n"
        "main()\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_quarantine_that_does_not_fit_leaves_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(BAD + "ok,r,won,5,2026-01-30\n")
    old = tmp_path / "quarantine" / "deals.csv"
    old.parent.mkdir()
    old.write_text("the last one")
    done = limited("check", str(tmp_path), most=50_000)
    assert done.returncode == 1
    assert "4,001 rows read, 1 used, 4,000 set aside" in done.stdout
    assert "cannot be written into" in done.stderr and "--quarantine" in done.stderr
    assert "Traceback" not in done.stderr
    assert old.read_text() == "the last one"
    assert [one.name for one in old.parent.iterdir()] == ["deals.csv"]


def test_a_company_that_does_not_fit_is_not_there_at_all(tmp_path: Path) -> None:
    done = limited("simulate", str(tmp_path / "c"), "--reps", "12", "--months", "12", most=20_000)
    assert done.returncode == 1
    assert done.stderr.startswith("salesops: ") and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_killed_simulation_leaves_no_dataset(tmp_path: Path) -> None:
    """Killed once its first file is there: the folder asked for is not."""
    dest = tmp_path / "company"
    code = "import sys; from salesops_lib.cli import main; main()"
    arguments = ["simulate", str(dest), "--reps", "40"]
    running = subprocess.Popen([sys.executable, "-c", code, *arguments])
    try:
        until = time.monotonic() + 120
        while not list(tmp_path.glob(".part-*/*")):
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
    finally:
        running.wait()
    assert running.returncode == -signal.SIGKILL
    assert not dest.exists()


def test_a_file_is_replaced_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.txt"
    with atomic.file(path, encoding="utf-8") as out:
        out.write("first")
    with pytest.raises(ZeroDivisionError), atomic.file(path) as out:
        out.write("half")
        raise ZeroDivisionError
    assert path.read_text() == "first"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_put_in_place_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic.folder(tmp_path / "a" / "b") as staged:
        (staged / "x").write_text("half")
        raise ZeroDivisionError
    assert list((tmp_path / "a").iterdir()) == []
