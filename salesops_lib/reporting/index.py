"""The index of all that is published, and of what was due and could not be made."""

from __future__ import annotations

from pathlib import Path

from salesops_lib.reporting import missing, publication


def write_index(out: Path) -> Path:
    """Make `index.html` anew, one run after the other."""
    # Rendering pages is half a second of imports, which `salesops --help` does not wait for.
    from salesops_lib.reporting.html import render_index

    path = out / "index.html"
    with publication.lock(out, "index", timeout=60):
        found = list(publication.folders(out))
        runs = [{**body, "path": place} for place, body in found if body is not None]
        unread = [place for place, body in found if body is None]
        lacking = missing.noted(out, runs)
        publication.write_whole(path, render_index(runs, missing=lacking, unread=unread))
    return path
