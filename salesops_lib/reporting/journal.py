"""The structured log of a run: one JSON object a line, beside the published reports."""

from __future__ import annotations

import datetime
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from salesops_lib.reporting.secrets import scrub


def now() -> str:
    """This moment in UTC, ISO, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


class Journal:
    """Appends events to a file; a log that cannot be written must not stop the run."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is not None:
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, event: str, **facts: Any) -> None:
        if self.path is None:
            return
        line = json.dumps({"at": now(), "pid": os.getpid(), "event": event, **facts}, default=str)
        with suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(scrub(line) + "\n")
