"""Whether what lies in a published folder is what a run wrote there. People copy folders, edit them, and
bring files of an older version along: one that is not whole must not keep all others from their readers."""

from __future__ import annotations

from typing import Any


def is_record(body: Any) -> bool:
    """Whether it is a run.json, with all that is read of one."""
    return (
        isinstance(body, dict)
        and all(isinstance(body.get(key), str) for key in ("period", "pack", "scope"))
        and _texts_or_none(body, "title", "status", "finished", "currency")
        and isinstance(body.get("notebooks"), list)
        and all(_is_entry(one) for one in body["notebooks"])
    )


def is_findings(body: Any) -> bool:
    """Whether it is the findings file of a report."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("findings", []), list)
        and all(_is_finding(one) for one in body.get("findings", []))
    )


def _is_entry(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and _texts_or_none(one, "title", "status", "reason", "finished", "last_good")
        and (not one.get("headline") or _is_finding(one["headline"]))
    )


def _is_finding(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and all(isinstance(one.get(key), str) for key in ("name", "sentence"))
        and all(_is_number(one.get(key)) for key in ("value", "low", "high", "confidence", "n"))
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _texts_or_none(body: dict[str, Any], *keys: str) -> bool:
    return all(body.get(key) is None or isinstance(body[key], str) for key in keys)
