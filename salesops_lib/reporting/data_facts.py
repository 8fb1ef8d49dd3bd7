"""What planning a run needs to know of the dataset, found out in a worker."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from salesops_lib.errors import ReportError, SalesOpsError


@dataclass(frozen=True)
class DataFacts:
    """What planning a run needs to know of the dataset; `period` in its canonical form."""

    period: str
    fingerprint: str
    last_day: str
    regions: tuple[str, ...]
    managers: tuple[str, ...]
    currency: str = "$"
    notices: tuple[str, ...] = ()


def inspect_data(question: tuple[str, str]) -> DataFacts:
    """Read the dataset once, which also leaves its prepared tables for every notebook to map.

    Parameters
    ----------
    question
        The data and the period, which may be `latest`.

    Raises
    ------
    ReportError
        If it cannot be used, with the reason in plain words.
    """
    data, period = question
    try:
        from salesops_lib.dataset import Period, load_dataset

        dataset = load_dataset(data)
        span = Period.parse(period, latest=dataset.last_day)
        _prepare(dataset, span)
        reps = dataset.reps()
        return DataFacts(
            period=span.name,
            fingerprint=str(dataset.fingerprint),
            last_day=dataset.last_day.date().isoformat(),
            regions=_values(reps, "region"),
            managers=_values(reps, "manager_id"),
            currency=dataset.currency,
            notices=tuple(dataset.notices),
        )
    except SalesOpsError as problem:
        raise ReportError(str(problem)) from None
    except Exception as problem:
        raise ReportError(f"The data cannot be used: {type(problem).__name__}: {problem}") from None


def _prepare(dataset: Any, span: Any) -> None:
    """Derive, once for all kernels, what most notebooks ask for. One that cannot be derived is for
    the notebook that asks for it to say."""
    seen = dataset.as_of(span.end)
    with contextlib.suppress(Exception):
        seen.rep_months()
        seen.rep_months(trailing=12)


def _values(frame: Any, column: str) -> tuple[str, ...]:
    if column not in frame:
        return ()
    return tuple(sorted(str(one) for one in frame[column].dropna().unique()))
