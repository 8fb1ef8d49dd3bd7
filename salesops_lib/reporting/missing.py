"""Periods that were due and could not be made, for the index to say: nothing else that is published
shows that a report is missing."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from salesops_lib.dataset.period_names import read
from salesops_lib.reporting import places
from salesops_lib.reporting.journal import now
from salesops_lib.reporting.packs import Pack
from salesops_lib.reporting.publication import write_whole

# Tried again day by day, a note is as young as the last try; an older one is of a period that is not
# made up any more.
_SAID = datetime.timedelta(days=31)


def note(out: Path, pack: Pack, period: str, reason: str) -> Path | None:
    """Keep why no report of a period was made; the file that says so, None where none can be written."""
    name = f"{places.safe(period)}--{places.safe(pack.name)}.json"
    path = places.state(out) / "missing" / name
    body = {
        "period": period,
        "pack": pack.name,
        "title": pack.title,
        "reason": reason,
        "at": now(),
    }
    try:
        write_whole(path, json.dumps(body, ensure_ascii=False))
    except OSError:
        return None
    return path


def noted(out: Path, runs: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What is missing still: `period`, `pack`, `title`, `reason` and `at` of each, the newest period first.

    Parameters
    ----------
    runs
        The records of all that is published: what has come since is not missing any more.
    """
    published = {(run.get("period"), run.get("pack")) for run in runs}
    since = (datetime.datetime.fromisoformat(now()) - _SAID).isoformat()
    found = []
    for path in (places.state(out) / "missing").glob("*.json"):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            about = (body["period"], body["pack"])
            if about not in published and str(body["at"]) > since:
                found.append({key: str(value) for key, value in body.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # half of a copy, or another's file
    return sorted(found, key=_newest_first, reverse=True)


def _newest_first(body: Mapping[str, str]) -> tuple[datetime.date, str]:
    span = read(body["period"])
    return (span.end if span else datetime.date.min, body["pack"])
