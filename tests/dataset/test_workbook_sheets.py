"""A dataset in one workbook: its sheets are what files of a folder are, also while it is being written."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from salesops_lib.dataset import load_dataset, loading
from salesops_lib.errors import DataError
from tests.dataset.test_import_sheets import changed
from tests.dataset.test_sources import agree
from tests.dataset.test_workbooks import DEALS, book


def test_a_workbook_begun_and_not_ended_is_looked_at_again(tmp_path: Path, own_cache: Path) -> None:
    """By its own path as in a folder; what is there in the end is kept by its content, as a folder is."""
    path = book(tmp_path / "company.xlsx", deals=DEALS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    later = threading.Timer(0.4, lambda: path.write_bytes(whole))
    later.start()
    try:
        dataset = load_dataset(path)
    finally:
        later.join()
    assert dataset.deals()["amount"].tolist() == [100, 200]
    assert list(own_cache.glob("*/meta.json"))
    agree(load_dataset(path), dataset)
    assert load_dataset(path).fingerprint == load_dataset(tmp_path).fingerprint
    book(path, deals=DEALS[:2])
    assert load_dataset(path).deals()["amount"].tolist() == [100]
    # Of one that nobody has written to for a while it is said at once.
    path.write_bytes(whole[: len(whole) // 2])
    os.utime(path, (time.time() - 60,) * 2)
    with pytest.raises(DataError, match=r"company\.xlsx is damaged"):
        load_dataset(path)


def test_a_workbook_that_is_written_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one after each reading of it, in a moment that the test chooses: an end is never seen."""
    path = book(tmp_path / "company.xlsx", deals=DEALS)
    read = loading._read

    def and_written(place: Any) -> Any:
        try:
            return read(place)
        finally:
            book(path, deals=[*DEALS, [path.stat().st_mtime_ns, "A", "won", 1, DEALS[1][4]]])

    monkeypatch.setattr(loading, "_read", and_written)
    monkeypatch.setattr(loading, "_PAUSES", (0.01, 0.01))
    with pytest.raises(DataError, match=r"company\.xlsx changes while it is read.*another file"):
        load_dataset(path)


@pytest.mark.parametrize("names", [("REPS", "Opportunities"), ("Sales Reps", "deals")])
def test_sheets_go_by_any_name_that_a_file_of_the_table_may_have(
    names: tuple[str, str], tmp_path: Path
) -> None:
    reps = [["rep_id", "region"], ["A", "East"]]
    path = book(tmp_path / "company.xlsx", **dict(zip(names, (reps, DEALS), strict=True)))
    dataset = load_dataset(path)
    assert dataset.reps()["region"].tolist() == ["East"]
    assert dataset.deals()["amount"].tolist() == [100, 200]


def test_a_hidden_sheet_that_is_called_as_a_table_is_said(tmp_path: Path) -> None:
    """Deals that somebody hid would be missed by nobody; a program's own lists are no tables."""

    def hide(name: str) -> Any:
        return lambda made: setattr(made[name], "sheet_state", "hidden")

    path = book(tmp_path / "company.xlsx", deals=DEALS, Reps=[["rep_id"], ["A"]], Lists=[["x"]])
    changed(changed(path, hide("Reps")), hide("Lists"))
    dataset = load_dataset(path)
    said = "Not read: sheet Reps of company.xlsx is hidden, and hidden sheets are not read. Show it"
    assert any(said in one for one in dataset.notices)
    assert not any("Lists" in one for one in dataset.notices)
    path = book(path, deals=DEALS, Plan=DEALS)
    changed(path, hide("deals"))
    for place in (path, tmp_path):
        with pytest.raises(DataError, match=r"sheet deals of company\.xlsx is hidden"):
            load_dataset(place)
