"""What planning a run needs to know of the dataset, found out in a worker."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesops_lib.errors import ReportError, SalesOpsError


@dataclass(frozen=True)
class Question:
    """What to look at.

    Attributes
    ----------
    data
        The dataset, as the user named it.
    period, fiscal_year_start
        The period, which may be `latest`, and the month in which years begin.
    elsewhere
        Whether workers on other machines will need the prepared tables.
    """

    data: str
    period: str
    fiscal_year_start: int
    elsewhere: bool


@dataclass(frozen=True)
class DataFacts:
    """What planning a run needs to know of the dataset.

    Attributes
    ----------
    period
        In its canonical form.
    pins
        Environment variables with which a kernel takes the data exactly as they were read here,
        instead of reading them again (`dataset.loading.pin`).
    bundle
        The prepared tables themselves, for workers on other machines; empty where not asked for.
    """

    period: str
    fingerprint: str
    last_day: str
    regions: tuple[str, ...]
    managers: tuple[str, ...]
    currency: str = "$"
    pins: Mapping[str, str] = field(default_factory=dict)
    bundle: bytes = field(default=b"", repr=False)


def inspect_data(question: Question) -> DataFacts:
    """Read the dataset once for the whole run: its prepared tables are left for every notebook to
    map, and a database is not asked again.

    Raises
    ------
    ReportError
        If it cannot be used, with the reason in plain words.
    """
    try:
        from salesops_lib.dataset import Period
        from salesops_lib.dataset.loading import pin
        from salesops_lib.dataset.loading_bundle import packed

        dataset, pins = pin(question.data)
        if dataset.quality.unanswerable:
            raise dataset.quality.unanswerable
        span = Period.parse(
            question.period,
            latest=dataset.last_day,
            fiscal_year_start=question.fiscal_year_start,
        )
        span.check_known(dataset.first_day, dataset.last_day)
        _prepare(dataset, span)
        reps = dataset.reps()
        return DataFacts(
            period=span.name,
            fingerprint=str(dataset.fingerprint),
            last_day=dataset.last_day.date().isoformat(),
            regions=_values(reps, "region"),
            managers=_values(reps, "manager_id"),
            currency=dataset.currency,
            pins=pins,
            bundle=packed(pins) if question.elsewhere else b"",
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
