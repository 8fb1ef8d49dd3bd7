"""A keyring for tests, open to every process of a run: its one entry is in the environment."""

from __future__ import annotations

import os

import keyring.backend


class Ring(keyring.backend.KeyringBackend):
    """Named by PYTHON_KEYRING_BACKEND."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return os.environ.get("TEST_RING") if (service, username) == ("sales", "ann") else None

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...
