"""Where things lie under the output folder, with names from the data made safe for a path."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

# Room in a path for what a file system adds; most allow 255 bytes a name.
_LONGEST = 120
_KEPT = set("=-_. ")


def safe(text: str) -> str:
    """`text` as the name of one folder: no separators, no control or invisible characters, not too
    long, and different for different texts."""
    normal = unicodedata.normalize("NFC", text)
    name = "".join(
        one if (one.isalnum() or one in _KEPT) else "".join(f"%{b:02X}" for b in one.encode())
        for one in normal
    )
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if name.endswith((".", " ")):
        name = f"{name[:-1]}%{ord(name[-1]):02X}"
    if len(name.encode()) > _LONGEST:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        name = name.encode()[: _LONGEST - 20].decode(errors="ignore").rstrip("%. ") + f"~{digest}"
    # No other text gives a lone percent sign.
    return name or "%"


def folder(out: Path, period: str, pack: str, scope: str) -> Path:
    """The published folder of one scope."""
    return out / safe(period) / safe(pack) / safe(scope)


def state(out: Path) -> Path:
    """What a run keeps for itself: locks, logs, staged results. Nothing in it is a report."""
    return out / ".salesops"


def staging(out: Path, period: str, pack: str, scope: str) -> Path:
    """Where finished reports of one scope wait until all of it is there."""
    return state(out) / "staging" / safe(period) / safe(pack) / safe(scope)
