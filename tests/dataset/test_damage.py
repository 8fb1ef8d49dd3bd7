"""A dataset of which one table is still being written, or was copied in part."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from salesops_lib.dataset.reading import read_text
from salesops_lib.errors import DataError

HEAD = "deal_id,rep_id,status,amount,close_date\n"
ROWS = "".join(f"D{n},R{n % 3},won,100,2026-0{n % 9 + 1}-15\n" for n in range(40))


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "salesops_lib.cli", "check", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_file_that_ends_in_the_midst_of_a_line_is_refused() -> None:
    """Each line but the last is whole: the rows that are missing could not be seen in any other way."""
    for end in ("D40,R1", "D40,R1,won,", "D40,R1,won,1"):
        with pytest.raises(DataError, match="ends in the midst of a line") as caught:
            read_text((HEAD + ROWS + end).encode(), "deals.csv")
        assert "rows 41" in str(caught.value) or "row 41" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ROWS.rstrip("\n"),  # whole, without a last line break
        HEAD + ROWS + "D40,R1,won\n",  # a row that is too short, and the file goes on
        HEAD + ROWS + "Copyright 2026",  # what a program writes below the rows
        HEAD + "D1,R1,open",  # written by hand
        HEAD + ROWS + "D40,R1\nD41,R1",  # whoever writes leaves cells out
    ],
)
def test_other_ends_of_a_file_are_read(text: str) -> None:
    raw = read_text(text.encode(), "deals.csv")
    assert len(raw.frame) + len(raw.broken) == text.strip().count("\n")


def test_deals_cut_off_beside_a_whole_history(tmp_path: Path) -> None:
    """A packed file tells by itself that it is not whole. The history of deals begins months before the
    first quota, which was told of a table that is not there."""
    (tmp_path / "deals.csv.gz").write_bytes(gzip.compress((HEAD + ROWS).encode())[:60])
    (tmp_path / "stage_changes.csv").write_text("deal_id,changed_at,stage\nD1,2025-01-05,Lead\n")
    (tmp_path / "quotas.csv").write_text("rep_id,month,quota\nR1,2026-01,100\n")
    done = check(tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "deals.csv.gz cannot be read" in done.stderr


def test_a_reader_who_leaves_early_is_no_fault_of_the_quarantine(tmp_path: Path) -> None:
    """`salesops check DATA | head -1`"""
    (tmp_path / "deals.csv").write_text(HEAD + ROWS + "D40,R1,won,x,2026-01-30\n" * 2)
    command = f"{sys.executable} -m salesops_lib.cli check {tmp_path} | true"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=120)
    assert "quarantine" not in done.stderr and "Traceback" not in done.stderr, done.stderr
