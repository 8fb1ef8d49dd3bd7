"""What published reports promise: their forecasts, and which of them the ledger does not hold yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesops_lib.reporting import publication
from salesops_lib.reporting.ledger import ABOUT, Ledger, about, is_same

if TYPE_CHECKING:
    from salesops_lib.reporting.remote import Remote


def enter(
    out: Path,
    folder: Path,
    run: Mapping[str, Any],
    notebooks: Sequence[str],
    *,
    remote: Remote | None = None,
) -> int:
    """Record the forecasts of freshly published reports: every finding with a `target`.

    Parameters
    ----------
    folder
        Where the reports of this scope lie.
    run
        Their run record.
    notebooks
        Names of the notebooks just published.
    remote
        The output location whose mirror `out` is, if it is one.

    Returns
    -------
    int
        Entries appended.
    """
    return sum(Ledger(out, remote).record(body) for body in _promises(folder, run, notebooks))


def enter_missing(
    out: Path,
    published: Sequence[tuple[Path, Mapping[str, Any]]],
    *,
    remote: Remote | None = None,
) -> int:
    """Record the forecasts of published reports of which the ledger has no word.

    Parameters
    ----------
    published
        Folders of published scopes, with their run records.
    remote
        As for `enter`.

    Returns
    -------
    int
        Entries appended.
    """
    ledger = Ledger(out, remote)
    promised = _all_promises(published)
    if not promised:
        return 0
    ledger.fetch()
    return sum(ledger.record(body) for body in _missing(promised, ledger.entries()))


def not_entered(out: Path) -> list[str]:
    """The published reports, as `2026-Q3 default company forecast`, whose forecasts the ledger does not
    hold: it was taken away as a whole, or a run was killed before it had entered them."""
    published = [(out / run["path"], run) for run in publication.runs(out)]
    missing = _missing(_all_promises(published), Ledger(out).entries())
    return [" ".join(str(body[key]) for key in ABOUT) for body in missing]


def _all_promises(published: Sequence[tuple[Path, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    return [
        body
        for folder, run in published
        for body in _promises(folder, run, [str(one["name"]) for one in run.get("notebooks", [])])
    ]


def _missing(
    promised: Sequence[dict[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for entry in entries:
        known.setdefault(about(entry), []).append(entry)
    return [
        body
        for body in promised
        if not any(is_same(entry, body) for entry in known.get(about(body), []))
    ]


def _promises(
    folder: Path, run: Mapping[str, Any], notebooks: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """What the reports in a folder forecast, as the ledger enters it."""
    for name in notebooks:
        try:
            text = (folder / f"{name}.findings.json").read_text(encoding="utf-8")
            record = json.loads(text)
            promised = [one for one in record["findings"] if one.get("target")]
            # A report kept from before was made of other data than the run.
            of_data = record.get("provenance", {}).get("data fingerprint")
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # it failed and there was no report before, or its file was broken since
        if promised:
            yield {
                "period": run["period"],
                "pack": run["pack"],
                "scope": run["scope"],
                "notebook": name,
                "data_fingerprint": of_data or run.get("data_fingerprint", ""),
                "findings": promised,
            }
