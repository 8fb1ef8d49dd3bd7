"""A published folder that somebody edited, or that an older version wrote, is passed over: the index of
all others is made and says so, and so is the next report."""

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
    index = (bench.out / "index.html").read_text()
    assert "2026-Q3/default/company/one.html" in index
    # What readers miss is said, and what was made good is not.
    assert "2026-Q2/default/company: not listed below, as its run.json is damaged." in index
    assert "2026-Q3/default/company: not" not in index


def test_a_record_cut_in_half_is_said_until_it_is_made_anew(
    bench: Bench, make_notebook: Make
) -> None:
    """As a full disk or an interrupted copy leaves it: its reports were absent without a word."""
    bench.add("one", make_notebook("1"))
    assert bench.run("--period", "2026-Q2").code == 0
    file = bench.out / "2026-Q2" / "default" / "company" / "run.json"
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    assert bench.run().code == 0
    said = "2026-Q2/default/company: not listed below"
    index = (bench.out / "index.html").read_text()
    assert index.count(said) == 1 and "Its files are still there" in index
    assert bench.run("--period", "2026-Q2").code == 0
    index = (bench.out / "index.html").read_text()
    assert said not in index and "2026-Q2/default/company/one.html" in index


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
