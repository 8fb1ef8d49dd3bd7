"""From a pack, a period and a dataset to the jobs that must run: everything is checked here, before
anything starts."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import salesops_lib
from salesops_lib.errors import ParameterError
from salesops_lib.reporting import contract, parameters
from salesops_lib.reporting.data_facts import DataFacts
from salesops_lib.reporting.packs import EACH, Pack

# A notebook with this parameter reads the findings of the others, so it runs after them.
FINDINGS_DIR = "findings_dir"
# Parameters that the run itself sets, and where to say them.
_SET_BY_RUN = {
    "data": "Give --data, or data in [settings]",
    "period": "Give --period",
    "scope": "Give the pack's scopes",
    "interactive": "A report holds no widgets; make lab opens the notebooks with them",
    FINDINGS_DIR: "Leave it out: it holds the findings of this run",
}


@dataclass(frozen=True)
class Notebook:
    """A notebook of the pack, read and checked."""

    name: str
    source: str
    title: str
    takes: Mapping[str, parameters.Parameter]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> bool:
        return FINDINGS_DIR in self.takes


def read_notebooks(
    pack: Pack, folder: Path, given: Mapping[str, str], fixed: Mapping[str, Any]
) -> tuple[list[Notebook], dict[str, str]]:
    """The notebooks of a pack with the values of their parameters, and those that cannot be read.

    Parameters
    ----------
    given
        Values typed by the user, for every notebook that takes them.
    fixed
        Values that the run decides (data, period, scope, …), for every notebook that takes them.

    Returns
    -------
    notebooks, faults
        `faults` maps a notebook that is corrupt to the reason; the others still run.

    Raises
    ------
    ParameterError
        For a parameter that no notebook takes, or that a notebook does not take as given.
    """
    found: list[Notebook] = []
    faults: dict[str, str] = {}
    shared_anywhere: set[str] = set()
    for name in pack.notebooks:
        path = contract.find(name, folder)
        try:
            source = path.read_text(encoding="utf-8")
            cells = contract.glance(source, name)
            takes = parameters.declared(cells, name)
        except (OSError, UnicodeDecodeError, salesops_lib.errors.ReportError) as problem:
            faults[name] = str(problem)
            continue
        shared, own = pack.parameters_for(name)
        _leave_to_run((*given, *shared, *own), name)
        typed = parameters.from_text(given, takes)
        loose = {**fixed, **shared, **typed}
        values = {**{k: v for k, v in loose.items() if k in takes}, **own}
        parameters.check(values, takes, name)
        shared_anywhere |= {k for k in loose if k in takes}
        found.append(Notebook(name, source, contract.title(cells, name), takes, values))
    common = {k for k, v in pack.parameters.items() if not isinstance(v, Mapping)} | set(given)
    for name in sorted(common - shared_anywhere):
        if found:
            every = {k: p for one in found for k, p in one.takes.items()}
            parameters.check({name: None}, every, f"of pack {pack.name}")
    stray = {k for k, v in pack.parameters.items() if isinstance(v, Mapping)} - set(pack.notebooks)
    if stray:
        raise ParameterError(
            f"[packs.{pack.name}.parameters]: '{sorted(stray)[0]}' is no notebook of this pack."
        )
    return found, faults


def _leave_to_run(names: Iterable[str], notebook: str) -> None:
    """Reports for one period must not lie in the folder of another, nor go without a word."""
    for name in names:
        if name in _SET_BY_RUN:
            raise ParameterError(
                f"notebook {notebook}: '{name}' is set by the run. {_SET_BY_RUN[name]}."
            )


def scopes(wanted: Iterable[str], facts: DataFacts) -> tuple[list[str], dict[str, str]]:
    """Each scope of the pack, `each region` and `each manager` spelled out.

    Returns
    -------
    found, gone
        `gone` maps a scope that is not in the data to the reason.
    """
    there = {"region": facts.regions, "manager": facts.managers}
    found: list[str] = []
    gone: dict[str, str] = {}
    for text in wanted:
        kind, _, value = text.partition("=")
        if text in EACH:
            kind = EACH[text]
            if not there[kind]:
                gone[text] = f"scope '{text}': the reps table names no {kind}."
            found += [f"{kind}={value}" for value in there[kind]]
        elif kind in there and value not in there[kind]:
            near = ", ".join(there[kind][:5]) + (" …" if len(there[kind]) > 5 else "")
            gone[text] = f"scope {text}: no such {kind} in the data; there are {near or 'none'}."
        else:
            found.append(text)
    return list(dict.fromkeys(found)), gone


def key(
    notebook: Notebook, values: Mapping[str, Any], facts: DataFacts, others: Iterable[str] = ()
) -> str:
    """Hash of everything that decides a report: a report with the same key need not be made again."""
    deciding = {k: v for k, v in values.items() if k not in ("data", FINDINGS_DIR)}
    body = [notebook.source, deciding, facts.fingerprint, code_hash(), list(others)]
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]


@cache
def code_hash() -> str:
    """Hash of the library's own files: whatever changes a report changes this."""
    root = Path(salesops_lib.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".j2", ".css", ".js", ".toml", ".json"} and path.is_file():
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def commit() -> str:
    """The git commit that the library is at, with `+changes` where files differ from it; empty
    where it is not a git checkout."""
    root = Path(salesops_lib.__file__).parent
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{head}+changes" if changed else head


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """What made the report."""
    return {
        "library_version": salesops_lib.__version__,
        "commit": commit(),
        "code": code_hash(),
        "python": platform.python_version(),
    }
