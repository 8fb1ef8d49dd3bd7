"""What every analysis returns: a number with its uncertainty, and the sentence that says it."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

UNITS = (
    "money",
    "money/month",
    "money/year",
    "ratio",
    "share",
    "probability",
    "months",
    "days",
    "hours",
    "count",
    "index",
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval.

    Attributes
    ----------
    value, low, high
        Point and limits, unrounded, in `unit`; NaN where the data cannot say, infinite limits
        where an interval is open.
    confidence
        Nominal coverage of [low, high], between 0 and 1 (0.9 is a 90% interval).
    unit
        One of `UNITS`; `share` and `probability` run from 0 to 1.
    n
        The number of independent units behind it (reps, not rep-months, where reps are sampled).
    method
        How the interval was got, in a few words.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    confidence: float = 0.90
    unit: str = "money"
    n: int = 0
    method: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit == {self.unit!r}, must be one of {', '.join(UNITS)}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence == {self.confidence}, must be between 0 and 1")

    # NaN is no number that differs from another, but what the data cannot say: as a dataclass compares fields, it
    # hangs on the version of Python whether two of them are alike.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Estimate):
            return NotImplemented
        return self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def _told(self) -> tuple[object, ...]:
        every = (getattr(self, one.name) for one in dataclasses.fields(self))
        return tuple(None if isinstance(one, float) and math.isnan(one) else one for one in every)

    @property
    def size(self) -> float:
        """The largest of value and limits in absolute terms: all three are written in its unit; 0
        where none is finite."""
        known = (abs(x) for x in (self.value, self.low, self.high) if math.isfinite(x))
        return max(known, default=0.0)

    def excludes(self, null: float) -> bool:
        """Whether the interval lies wholly on one side of `null`."""
        return self.low > null or self.high < null

    def scaled(self, factor: float, unit: str | None = None) -> Estimate:
        """The same estimate times a known constant (monthly to yearly money, say)."""
        low, high = sorted((self.low * factor, self.high * factor))
        return dataclasses.replace(
            self, value=self.value * factor, low=low, high=high, unit=unit or self.unit
        )

    def to_dict(self) -> dict[str, Any]:
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a report says: a machine name, the estimate, and the sentence.

    `subject` is what the number is about where the next report's may be about something else (the
    two channels compared, the best lever): numbers about different things are never compared.
    `condition` is what the number supposes and nobody can count on, such as "stars can be hired": a
    lever with one is a what-if, which the brief shows beside its ranking.
    """

    name: str
    estimate: Estimate
    sentence: str
    subject: str = ""
    condition: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Flat: name, value, low, high, confidence, unit, n, sentence, and subject and condition where
        there is one."""
        body = self.estimate.to_dict()
        body.pop("method")
        beside = {"subject": self.subject, "condition": self.condition}
        told = {name: text for name, text in beside.items() if text}
        return {"name": self.name, **body, "sentence": self.sentence, **told}


class Result:
    """Base of the frozen result of each analysis: dataclass fields plus `.to_dict()`, `.to_frame()` and
    a short account of itself at the prompt.

    Subclasses are frozen dataclasses with a `findings` tuple. Two results are equal where all they
    hold is, frames cell by cell.
    """

    findings: tuple[Finding, ...]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # A dataclass writes these itself, unless its class has them: hundreds of lines of arrays, and
        # "the truth value of a DataFrame is ambiguous".
        for name in ("__repr__", "__eq__"):
            if name not in cls.__dict__:
                setattr(cls, name, getattr(Result, name))

    def __repr__(self) -> str:
        lines = [type(self).__name__, *(f"- {one.name}: {one.sentence}" for one in self.findings)]
        lines += [f"Notice: {text}" for text in getattr(self, "notices", ())]
        return "\n".join([*lines, *self._frames()])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">{html.escape(one.name)}</td>'
            f'<td style="text-align:left">{html.escape(one.sentence)}</td></tr>'
            for one in self.findings
        )
        rest = [*(f"Notice: {text}" for text in getattr(self, "notices", ())), *self._frames()]
        below = "".join(f"<p>{html.escape(text)}</p>" for text in rest)
        return no_formulas(f"<strong>{type(self).__name__}</strong><table>{rows}</table>{below}")

    def _frames(self) -> list[str]:
        known = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        tables = [
            f".{name} ({len(one):,} rows, {one.shape[1]} columns)"
            for name, one in known.items()
            if isinstance(one, pd.DataFrame) and len(one)
        ]
        return [f"Tables: {', '.join(tables)}"] if tables else []

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(
            _same(getattr(self, f.name), getattr(other, f.name))
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
            if f.compare
        )

    def finding(self, name: str) -> Finding:
        for one in self.findings:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.findings)
        raise KeyError(f"no finding {name!r}; there are: {known}")

    def to_frame(self) -> pd.DataFrame:
        """The findings as a table, one a row: name, value, low, high, confidence, unit, n, method,
        sentence, subject, condition. Numbers are as computed: NaN where the data cannot say, infinite limits
        where an interval is open."""
        numbers = [f.name for f in dataclasses.fields(Estimate)]
        texts = ["sentence", "subject", "condition"]
        rows = [
            [
                one.name,
                *(getattr(one.estimate, name) for name in numbers),
                *(getattr(one, name) for name in texts),
            ]
            for one in self.findings
        ]
        return pd.DataFrame(rows, columns=["name", *numbers, *texts])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: frames become lists of records, NaN and infinities become None."""
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Unanswered(Result):
    """In the place of a result that could not be had: the answer says why."""

    findings: tuple[Finding, ...] = ()


def no_formulas(body: str) -> str:
    """`body` of HTML in which JupyterLab takes what stands between two dollar signs for no formula. A
    page of a report, which has none, drops the tag."""
    return f'<section class="mathjax_ignore tex2jax_ignore">{body}</section>'


def _same(a: Any, b: Any) -> bool:
    """Whether two fields hold the same; what is missing in both is."""
    if isinstance(a, pd.DataFrame | pd.Series | pd.Index):
        return bool(type(a) is type(b) and a.equals(b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _same(np.asarray(a).tolist(), np.asarray(b).tolist())
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(_same, a, b))
    if dataclasses.is_dataclass(a) and type(a) is type(b) and not isinstance(a, type | Result):
        return all(_same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return bool(a is b or a == b or (a != a and b != b))


def plain(value: Any) -> Any:
    """`value` as JSON scalars, lists and dicts."""
    if isinstance(value, Estimate | Finding | Result):
        return value.to_dict()
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict(orient="records")]
    if isinstance(value, pd.Series | np.ndarray | tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return str(value)
