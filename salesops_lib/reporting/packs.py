"""What is published, when and for whom: `reports/packs.toml`, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesops_lib.dataset.scope import NAMES, Scope
from salesops_lib.errors import ParameterError

EVERY = ("week", "month", "quarter", "year")
EACH = {"each region": "region", "each manager": "manager"}
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*(MB|GB)$", re.IGNORECASE)
_PACK_KEYS = {
    "title",
    "notebooks",
    "scopes",
    "every",
    "delay_days",
    "names",
    "parameters",
    "time_limit",
    "memory_limit",
    "retries",
}
_SETTING_KEYS = {"fiscal_year_start", "data", "out", "notebooks", "catch_up"}
_NOTIFY_KEYS = {"audience", "maintainers"}


@dataclass(frozen=True)
class Pack:
    """Notebooks that are published together.

    Attributes
    ----------
    notebooks
        In the order to run; one that takes `findings_dir` runs after all others.
    scopes
        `company`, `region=X`, `manager=ID`, `each region`, `each manager`.
    every
        week, month, quarter or year; None: only when asked for.
    delay_days
        Days after the period's end before it is due (books close late).
    parameters
        For every notebook that takes them; `[packs.NAME.parameters.NOTEBOOK]` for one.
    time_limit
        Seconds a notebook may run.
    memory_limit
        Bytes a kernel may allocate; 0 for no limit.
    retries
        How often a fault that may pass is tried again.
    """

    name: str
    title: str
    notebooks: tuple[str, ...]
    scopes: tuple[str, ...] = ("company",)
    every: str | None = None
    delay_days: int = 0
    names: str = "full"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    time_limit: float = 600.0
    memory_limit: int = 0
    retries: int = 2

    def parameters_for(self, notebook: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Those shared by all notebooks, and those of this one alone."""
        shared = {k: v for k, v in self.parameters.items() if not isinstance(v, Mapping)}
        own = self.parameters.get(notebook, {})
        return shared, dict(own) if isinstance(own, Mapping) else {}


@dataclass(frozen=True)
class Packs:
    """The whole file: settings, packs by name, and where notifications go."""

    packs: Mapping[str, Pack]
    fiscal_year_start: int = 1
    data: str = "sample"
    out: str = "reports/published"
    notebooks: str = "notebooks"
    catch_up: int = 4
    notify: Mapping[str, str] = field(default_factory=dict)

    def pack(self, name: str) -> Pack:
        """The pack called `name`; ParameterError names those there are."""
        if name not in self.packs:
            raise ParameterError(f"no pack '{name}'; there are: {', '.join(sorted(self.packs))}.")
        return self.packs[name]


def load(path: Path) -> Packs:
    """Read a packs file.

    Raises
    ------
    ParameterError
        Naming the pack and the key at fault; unknown keys are errors, so a misspelt one cannot
        be ignored.
    """
    try:
        # Some editors begin a file with a mark that TOML does not know.
        body = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ParameterError(f"{path}: {problem.strerror or problem}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ParameterError(f"{path} is not valid TOML: {problem}.") from None
    _known(body, {"settings", "packs", "notify"}, str(path))
    settings = body.get("settings", {})
    _settings(settings)
    every = body.get("packs", {})
    if not isinstance(every, Mapping) or not every:
        raise ParameterError(f"{path} names no packs; add a section [packs.NAME].")
    packs = {name: _pack(name, one) for name, one in every.items()}
    return Packs(packs=packs, notify=_notify(body.get("notify", {})), **settings)


def _settings(body: Any) -> None:
    _known(body, _SETTING_KEYS, "[settings]")
    start = body.get("fiscal_year_start", 1)
    if not _whole(start) or not 1 <= start <= 12:
        raise ParameterError(
            f"[settings] fiscal_year_start == {start!r}, must be a month, 1 to 12."
        )
    for key in ("data", "out", "notebooks"):
        if key in body:
            _text(body[key], f"[settings] {key}")
    _count(body, "catch_up", "[settings]")


def _pack(name: str, body: Any) -> Pack:
    where = f"[packs.{name}]"
    if not _NAME.match(name):
        raise ParameterError(f"{where}: a pack's name is small letters, digits, - and _.")
    _known(body, _PACK_KEYS, where)
    notebooks = _texts(body.get("notebooks", []), f"{where} notebooks")
    scopes = _texts(body.get("scopes", ["company"]), f"{where} scopes")
    for scope in scopes:
        if scope not in EACH:
            _scope(scope, where)
    every = body.get("every")
    if every is not None and every not in EVERY:
        raise ParameterError(f"{where} every == {every!r}, must be one of {', '.join(EVERY)}.")
    for key in ("delay_days", "retries"):
        _count(body, key, where)
    _text(body.get("title", name), f"{where} title")
    if body.get("names", "full") not in NAMES:
        raise ParameterError(f"{where} names == {body['names']!r}, must be {' or '.join(NAMES)}.")
    if not isinstance(body.get("parameters", {}), Mapping):
        raise ParameterError(f"{where} parameters must be a section, [packs.{name}.parameters].")
    limit = body.get("time_limit", 600)
    if not isinstance(limit, int | float) or isinstance(limit, bool) or not limit > 0:
        raise ParameterError(f"{where} time_limit == {limit!r}, must be seconds above 0.")
    rest = {k: body[k] for k in ("delay_days", "names", "parameters", "retries") if k in body}
    return Pack(
        name=name,
        title=body.get("title", name),
        notebooks=notebooks,
        scopes=scopes,
        every=every,
        time_limit=float(limit),
        memory_limit=size(body["memory_limit"], where) if "memory_limit" in body else 0,
        **rest,
    )


def size(text: Any, where: str) -> int:
    """`"2 GB"` as bytes."""
    found = _SIZE.match(str(text).strip())
    if not found:
        raise ParameterError(f"{where} memory_limit == {text!r}, must be like '500 MB' or '2 GB'.")
    return int(
        float(found.group(1)) * {"MB": 1_000_000, "GB": 1_000_000_000}[found.group(2).upper()]
    )


def _notify(body: Any) -> dict[str, str]:
    """Only where the addresses are kept: an Apprise address holds a password."""
    _known(body, _NOTIFY_KEYS, "[notify]")
    for key, value in body.items():
        if not isinstance(value, str) or not value.startswith(("env:", "keyring:")):
            raise ParameterError(
                f"[notify] {key}: an address may hold a password, so it does not belong into a file; "
                "write 'env:VARIABLE' or 'keyring:SERVICE/USER'."
            )
    return dict(body)


def _scope(text: str, where: str) -> None:
    try:
        Scope.parse(text)
    except ParameterError as problem:
        raise ParameterError(f"{where}: {problem} Or {' or '.join(map(repr, EACH))}.") from None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _count(body: Mapping[str, Any], key: str, where: str) -> None:
    if not _whole(body.get(key, 0)) or body.get(key, 0) < 0:
        raise ParameterError(f"{where} {key} == {body[key]!r}, must be a whole number from 0.")


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ParameterError(f"{where} == {value!r}, must be a text.")


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ParameterError(f"{where}: must be a list of texts, at least one.")
    if len(set(value)) < len(value):
        raise ParameterError(f"{where}: something is listed twice.")
    return tuple(value)


def _known(body: Any, keys: set[str], where: str) -> None:
    if not isinstance(body, Mapping):
        raise ParameterError(f"{where} must be a section.")
    unknown = sorted(set(body) - keys)
    if unknown:
        raise ParameterError(
            f"{where}: unknown key '{unknown[0]}'; known are {', '.join(sorted(keys))}."
        )
