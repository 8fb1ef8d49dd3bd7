"""Findings that other notebooks of the same run handed on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salesops_lib.dataset import load_dataset
from salesops_lib.errors import ReportError
from salesops_lib.estimate import Estimate, Finding
from salesops_lib.story.opening import Run


def published_findings(folder: str, run: Run | None = None) -> dict[str, tuple[Finding, ...]]:
    """Notebook name → its findings, from the `*.findings.json` files of a run's folder.

    Without a folder, an interactive `run` looks at `reports/published` here or in a folder above,
    for the last published reports of its period and scope from its very data; others would answer
    for another company. Where there are none the mapping is empty: nothing has been published yet.

    Raises
    ------
    ReportError
        If a findings file cannot be read.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    own = ""
    if not folder and run is not None and run.interactive:
        # What the notebook itself said last time is no answer of another.
        folder, own = _last_published(run), run.notebook
    if not folder:
        return found
    for path in sorted(Path(folder).glob("*.findings.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            found[str(body["notebook"])] = tuple(read_finding(one) for one in body["findings"])
        except (ValueError, KeyError, TypeError) as error:
            raise ReportError(
                f"{path.name} is not a findings file ({error}). Run that report again."
            ) from error
    found.pop(own, None)
    return found


def _last_published(run: Run) -> str:
    """The newest folder of published findings about the same data, period and scope, or nothing."""
    here = Path.cwd()
    out = next(
        (p for one in (here, *here.parents) if (p := one / "reports/published").is_dir()), None
    )
    if out is None:
        return ""
    files = sorted(out.glob("*/*/*/*.findings.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    wanted = (run.period.name, str(run.scope), load_dataset(run.data).fingerprint)
    for path in files:
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            about = (body["period"], body["scope"], body["provenance"]["data fingerprint"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if about == wanted:
            return str(path.parent)
    return ""


def read_finding(body: dict[str, Any]) -> Finding:
    """A finding from its JSON form: a missing value is NaN, a missing limit beside a known one is
    an open end."""
    nan, inf = float("nan"), float("inf")
    bounded = body.get("low") is not None or body.get("high") is not None

    def number(key: str, missing: float) -> float:
        return missing if body.get(key) is None else float(body[key])

    estimate = Estimate(
        value=number("value", nan),
        low=number("low", -inf if bounded else nan),
        high=number("high", inf if bounded else nan),
        confidence=number("confidence", 0.9),
        unit=str(body.get("unit") or "index"),
        n=int(body.get("n") or 0),
    )
    subject, condition = (str(body.get(key) or "") for key in ("subject", "condition"))
    return Finding(str(body["name"]), estimate, str(body["sentence"]), subject, condition)
