"""Zip archives, as CRMs send their exports: unpacked beside nothing of the user's, each file under its own name."""

from __future__ import annotations

import filecmp
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from salesops_lib.dataset import workbooks
from salesops_lib.dataset.reading import ended, is_companion
from salesops_lib.errors import DataError

# Of the disk's free room so much is left.
_SPARE = 1 << 28
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, NotImplementedError)


def unpacked(archives: Iterable[Path], beside: dict[str, Path], into: Path) -> dict[str, Path]:
    """The files that may be tables in the archives, unpacked `into` a folder of ours: name → where it is now.
    Folders within an archive are no part of a name, and archives within are not opened.

    Parameters
    ----------
    beside
        Name → path of the files that lie beside the archives. One that was unpacked there already is left out.

    Raises
    ------
    DataError
        If an archive is damaged, protected by a password or larger than the disk has room for, or a name stands for
        two files that differ.
    """
    found: dict[str, Path] = {}
    origin: dict[str, str] = {}
    for at, archive in enumerate(archives):
        for name, path in _unpacked(archive, into / str(at)).items():
            there = found.get(name) or beside.get(name)
            if there is None:
                found[name], origin[name] = path, archive.name
            elif not filecmp.cmp(there, path, shallow=False):
                where = f"that of {origin[name]}" if name in found else "the one beside it"
                raise DataError(
                    f"{name} of {archive.name} is another than {where}", remedy="Keep one of them."
                )
    return found


def _unpacked(archive: Path, into: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    into.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as parts:
            members = [one for one in parts.infolist() if _is_table(one)]
            _check_room(archive, sum(one.file_size for one in members), into)
            for one in members:
                name = PurePosixPath(one.filename.replace("\\", "/")).name
                if name in found:
                    raise DataError(
                        f"{archive.name} holds {name} in two folders",
                        remedy="Unpack it, and put one of them into a folder with the others.",
                    )
                if one.flag_bits & _ENCRYPTED:
                    raise DataError(
                        f"{archive.name} is protected by a password", remedy="Unpack it first."
                    )
                found[name] = into / name
                with parts.open(one) as source, found[name].open("wb") as target:
                    shutil.copyfileobj(source, target)
    except _BROKEN as error:
        raise DataError(
            f"{archive.name} is damaged, or not all of it is there ({error})",
            remedy="Download it again, or unpack it first.",
        ) from error
    return found


def _is_table(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename.replace("\\", "/")).name
    ours = bool(ended(name)[1]) or name.lower().endswith(workbooks.OTHER_ENDINGS)
    return ours and not member.is_dir() and not is_companion(name)


def _check_room(archive: Path, size: int, into: Path) -> None:
    free = shutil.disk_usage(into).free
    if size > free - _SPARE:
        raise DataError(
            f"{archive.name} is {size / 1e9:,.1f} GB when unpacked, and the disk has {free / 1e9:,.1f} GB free",
            remedy="Make room, or unpack what is needed of it elsewhere.",
        )
