"""Exports as CRMs send them: in a .zip archive, alone or beside other files."""

from __future__ import annotations

import gc
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest

from salesops_lib.dataset import load_dataset
from salesops_lib.dataset.importing import archives, import_dataset, suggest_mapping
from salesops_lib.errors import DataError, SalesOpsError

DEALS = "all-deals.csv"
HEAD = "Deal ID,Deal owner,Deal Stage,Amount,Close Date,Create Date\n"
ROWS = HEAD + "".join(
    f"{k},Ann,{'Closed Won' if k % 2 else 'Closed Lost'},{k},2026-03-0{k},2026-01-05\n"
    for k in range(1, 7)
)
QUOTAS = "rep_id,month,quota\nAnn,2026-03-01,9\n"


def packed(folder: Path, name: str = "export.zip", **files: str) -> Path:
    """An archive of files, whose names are given with __ for a folder and _csv for the ending."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as parts:
        for one, text in files.items():
            parts.writestr(one.replace("__", "/").replace("_csv", ".csv").replace("_d", "-d"), text)
    return folder / name


def imported(src: Path, tmp_path: Path) -> list[float]:
    import_dataset("hubspot", src, tmp_path / "out")
    return load_dataset(tmp_path / "out").deals()["amount"].tolist()


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where archives are unpacked, which must be empty afterwards."""
    room = tmp_path / "scratch"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    return room


@pytest.mark.parametrize("alone", [True, False])
def test_an_archive_counts_as_what_is_in_it(alone: bool, tmp_path: Path, scratch: Path) -> None:
    """Given itself or its folder; files of a Mac's and folders in it are no part of a name."""
    files = {"all_deals_csv": ROWS, "hubspot__quotas_csv": QUOTAS, "__MACOSX__._all_deals_csv": "x"}
    archive = packed(tmp_path / "src", **files)
    src = archive if alone else archive.parent
    assert imported(src, tmp_path) == [1, 2, 3, 4, 5, 6]
    assert load_dataset(tmp_path / "out").quotas()["quota"].tolist() == [9.0]
    assert [one.name for one in archive.parent.iterdir()] == ["export.zip"]
    gc.collect()
    assert not list(scratch.iterdir())


def test_what_was_unpacked_beside_it_is_one_file(tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", all_deals_csv=ROWS)
    (archive.parent / DEALS).write_text(ROWS, encoding="utf-8")
    assert imported(archive.parent, tmp_path) == [1, 2, 3, 4, 5, 6]
    (archive.parent / DEALS).write_text(ROWS.replace(",6,", ",7,"), encoding="utf-8")
    with pytest.raises(DataError, match=r"all-deals\.csv of export\.zip is another than the one beside it"):  # fmt: skip
        import_dataset("hubspot", archive.parent, tmp_path / "again")


def test_two_archives_of_one_file(tmp_path: Path) -> None:
    """Sent twice, it is one; sent again a week later, nobody knows which is meant."""
    first = packed(tmp_path / "src", "a.zip", all_deals_csv=ROWS)
    packed(first.parent, "b.zip", all_deals_csv=ROWS)
    assert imported(first.parent, tmp_path) == [1, 2, 3, 4, 5, 6]
    packed(first.parent, "b.zip", all_deals_csv=ROWS.replace(",6,", ",7,"))
    with pytest.raises(DataError, match=r"all-deals\.csv of b\.zip is another than that of a\.zip"):
        import_dataset("hubspot", first.parent, tmp_path / "again")


def test_one_name_in_two_folders_of_an_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", one__all_deals_csv=ROWS, two__all_deals_csv=ROWS)
    with pytest.raises(DataError, match=r"export\.zip holds all-deals\.csv in two folders"):
        import_dataset("hubspot", archive, tmp_path / "out")


def test_names_that_lead_out_of_the_folder_do_not(tmp_path: Path, scratch: Path) -> None:
    archive = packed(tmp_path / "src", **{"..__..__all_deals_csv": ROWS})
    assert imported(archive, tmp_path) == [1, 2, 3, 4, 5, 6]
    assert not (tmp_path / DEALS).exists() and not (scratch / DEALS).exists()


@pytest.mark.parametrize("keep", [0, 30, 200])
def test_half_of_an_archive(keep: int, tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", all_deals_csv=ROWS * 20)
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"export\.zip is damaged, or not all of it is there .* Download it again"):  # fmt: skip
        import_dataset("hubspot", archive.parent, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    """The first bit of the flags says it, in the directory at the end and before the file."""
    archive = packed(tmp_path / "src", all_deals_csv=ROWS)
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(
        DataError, match=r"export\.zip is protected by a password.* Unpack it first"
    ):
        import_dataset("hubspot", archive, tmp_path / "out")


def test_an_archive_larger_than_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that says of itself that it is a petabyte, as those do that are made to fill disks."""
    archive = packed(tmp_path / "src", all_deals_csv=ROWS)
    real = zipfile.ZipFile.infolist

    def swollen(self: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        members = real(self)
        members[0].file_size = 10**15
        return members

    monkeypatch.setattr(zipfile.ZipFile, "infolist", swollen)
    with pytest.raises(DataError, match=r"export\.zip is 1,000,000\.0 GB when unpacked, and the disk has"):  # fmt: skip
        archives.unpacked([archive], {}, tmp_path / "room")


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
def test_a_quarter_of_a_gigabyte_is_left_on_the_disk(
    spare: int, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = packed(tmp_path / "src", all_deals_csv=ROWS)
    room = shutil.disk_usage(tmp_path)._replace(free=len(ROWS) + (1 << 28) + spare)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    if fits:
        assert list(archives.unpacked([archive], {}, tmp_path / "room")) == [DEALS]
    else:
        with pytest.raises(DataError, match=r"is 0\.0 GB when unpacked, and the disk has 0\.3 GB free"):  # fmt: skip
            archives.unpacked([archive], {}, tmp_path / "room")


def test_a_mapping_is_proposed_from_an_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", all_deals_csv=ROWS)
    assert f'source = "{DEALS}"' in suggest_mapping(archive)


def test_nothing_of_use_in_an_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", readme="hello")
    with pytest.raises(SalesOpsError, match="is a table"):
        suggest_mapping(archive)


def test_a_dataset_is_no_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path / "src", deals_csv=ROWS)
    with pytest.raises(DataError, match=r"holds no table.* Unpack export\.zip"):
        load_dataset(archive.parent)
