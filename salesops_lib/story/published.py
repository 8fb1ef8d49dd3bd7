"""Findings that other notebooks of the same run handed on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salesops_lib.errors import ReportError
from salesops_lib.estimate import Estimate, Finding


def published_findings(folder: str) -> dict[str, tuple[Finding, ...]]:
    """Notebook name → its findings, from the `*.findings.json` files of a run's folder.

    An empty or missing folder gives an empty mapping: nothing has been published yet.

    Raises
    ------
    ReportError
        If a findings file cannot be read.
    """
    found: dict[str, tuple[Finding, ...]] = {}
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
    return found


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
    return Finding(str(body["name"]), estimate, str(body["sentence"]))
