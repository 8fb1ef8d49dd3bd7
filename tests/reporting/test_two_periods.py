"""Two quarters of the sample, published one after the other: what the second says of the first."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from salesops_lib.registry import ANALYSES, Analysis
from salesops_lib.reporting.changes import change_sentences

each = pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)


def findings(published: Path, period: str, name: str) -> dict[str, dict]:
    file = published / period / "default" / "company" / f"{name}.findings.json"
    return {one["name"]: one for one in json.loads(file.read_text(encoding="utf-8"))["findings"]}


@each
def test_the_answer_says_what_changed_and_whether_that_is_noise(
    published: Path, analysis: Analysis
) -> None:
    page = (published / "2026-Q3/default/company" / f"{analysis.name}.html").read_text()
    answer = re.search(r'<section class="answer".*?</section>', page, re.S).group()
    said = [html.unescape(one) for one in re.findall(r"<li>(.*?)</li>", answer)]
    then, now = (findings(published, one, analysis.name) for one in ("2026-Q2", "2026-Q3"))
    previous = {"period": "2026-Q2", "findings": list(then.values())}
    assert said == change_sentences(list(now.values()), previous, first=analysis.headline)
    assert said[0].startswith("The answer") and "2026-Q2" in said[0]
    verdict = ("noise.", "noise would move it.", "not compared.", "a year.")
    assert said[0].endswith(verdict)
    # By hand, from the two intervals as published (MOVER: each limit's distances add in squares).
    one, other = then[analysis.headline], now[analysis.headline]
    if None in (one["low"], other["low"]) or one.get("subject") != other.get("subject"):
        return
    moved = other["value"] - one["value"]
    down = ((other["value"] - other["low"]) ** 2 + (one["high"] - one["value"]) ** 2) ** 0.5
    up = ((other["high"] - other["value"]) ** 2 + (one["value"] - one["low"]) ** 2) ** 0.5
    real = moved - down > 0 or moved + up < 0
    assert said[0].endswith("more than noise.") == real


@each
def test_the_first_report_has_nothing_to_compare(published: Path, analysis: Analysis) -> None:
    page = (published / "2026-Q2/default/company" / f"{analysis.name}.html").read_text()
    assert "Since the last report" not in page


def test_the_index_draws_the_course_beside_the_newer_figure(published: Path) -> None:
    page = (published / "index.html").read_text(encoding="utf-8")
    newer, older = page.split("<h2>2026-Q2 · Whole company")
    assert newer.count('class="spark"') == len(ANALYSES)
    assert older.count('class="spark"') == 0
    assert newer.count("<b>") == older.count("<b>") == len(ANALYSES)
