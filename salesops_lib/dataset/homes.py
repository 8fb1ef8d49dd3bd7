"""Where the user's own files lie: what is kept to be quicker, and the secret behind pseudonyms."""

from __future__ import annotations

import os
from pathlib import Path

from salesops_lib.errors import DataError


def cache_home() -> Path:
    """XDG_CACHE_HOME, else .cache in the user's folder."""
    return _given("XDG_CACHE_HOME") or _home() / ".cache"


def config_home() -> Path:
    """XDG_CONFIG_HOME, else .config in the user's folder."""
    return _given("XDG_CONFIG_HOME") or _home() / ".config"


def _given(variable: str) -> Path | None:
    """The folder that a variable names; the standard has an empty or relative one ignored."""
    folder = Path(os.environ.get(variable, ""))
    return folder if folder.is_absolute() else None


def _home() -> Path:
    try:
        home = Path.home()
    except RuntimeError:
        # A container's user by number alone, without HOME: nothing can be kept there.
        home = Path("/nonexistent")
    return home if home.is_absolute() else Path("/nonexistent")


def expanded(place: str | os.PathLike[str]) -> Path:
    """A path with the user's folder in the place of `~`, which no shell has put into a settings file.

    Raises
    ------
    DataError
        If there is no such user.
    """
    try:
        return Path(place).expanduser()
    except RuntimeError:
        raise DataError(
            f"{os.fspath(place)}: there is no user of that name", remedy="Write the whole path."
        ) from None
