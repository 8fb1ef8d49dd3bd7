"""The secret behind pseudonyms: the same rep keeps the same code from report to report, and nobody
can recompute it from the list of reps."""

from __future__ import annotations

import os
import secrets

from salesops_lib.dataset.homes import config_home


def stable_salt() -> str:
    """SALESOPS_SALT, else the secret kept in the user's configuration folder (made at first use),
    else, where neither can be had, a constant: codes are then stable but not secret."""
    given = os.environ.get("SALESOPS_SALT")
    if given:
        return given
    path = config_home() / "salesops" / "salt"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"salt.{os.getpid()}.{secrets.token_hex(4)}")
            fresh.write_text(secrets.token_hex(16))
            fresh.chmod(0o600)
            try:
                os.link(fresh, path)  # fails where another process was first: its salt holds
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip() or "salesops"
    except OSError:
        return "salesops"
