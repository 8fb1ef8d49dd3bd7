"""A published folder that somebody edited, or that an older version wrote, is passed over: the index of
all others is made, and so is the next report."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.reporting.conftest import Bench

Make = Callable[..., str]
ABOUT = {"period": "2026-Q2", "pack": "default", "scope": "company"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"notebooks": 5, **ABOUT},
        {"notebooks": [5], **ABOUT},
        {"notebooks": [{"headline": None}], **ABOUT},
        {"notebooks": [{"name": "one", "headline": {"value": "much"}}], **ABOUT},
        {"notebooks": [], **ABOUT, "period": 2026},
    ],
)
def test_a_record_that_is_not_whole(bench: Bench, make_notebook: Make, body: object) -> None:
    bench.add("one", make_notebook("1"))
    elsewhere = bench.out / "2026-Q2" / "default" / "company"
    for place in (elsewhere, bench.company):
        place.mkdir(parents=True)
        (place / "run.json").write_text(json.dumps(body))
    done = bench.run()
    assert done.code == 0, done.stderr
    assert bench.entry("one")["status"] == "published"
    assert "2026-Q3/default/company/one.html" in (bench.out / "index.html").read_text()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"findings": None},
        {"findings": [5]},
        {"findings": [{"name": "answer", "value": "much", "sentence": "Much."}]},
    ],
)
def test_findings_of_the_report_before_that_are_not_whole(
    bench: Bench, make_notebook: Make, body: object
) -> None:
    """They cannot be compared with, which is no reason to make no report."""
    bench.add("one", make_notebook("1"))
    before = bench.out / "2026-Q2" / "default" / "company"
    before.mkdir(parents=True)
    (before / "one.findings.json").write_text(json.dumps(body))
    done = bench.run()
    assert done.code == 0, done.stderr
    assert bench.entry("one")["status"] == "published"
