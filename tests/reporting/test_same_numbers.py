"""A headline is one number and one sentence: in the report, its notebook, the findings file, the
run's record, the index and the executive brief."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from salesops_lib import wording
from salesops_lib.mime import FINDINGS_MIME
from salesops_lib.registry import ANALYSES, Analysis
from salesops_lib.story.published import read_finding
from tests.reporting.planted import readable

MEASURED = [one for one in ANALYSES if one.name != "executive_brief"]


def findings(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    body = json.loads((folder / f"{name}.findings.json").read_text(encoding="utf-8"))
    return {one["name"]: one for one in body["findings"]}


def outputs(folder: Path, name: str) -> list[dict[str, Any]]:
    body = json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [out.get("data", {}) for cell in body["cells"] for out in cell.get("outputs", [])]


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda one: one.name)
def test_a_headline_is_the_same_everywhere(company: Path, analysis: Analysis) -> None:
    every = findings(company, analysis.name)
    headline = every[analysis.headline]
    sentence = headline["sentence"]

    assert f'<p class="so-lead">{sentence}</p>' in readable(company / f"{analysis.name}.html")
    index = readable(company.parents[2] / "index.html")
    assert sentence in index
    if headline["value"] is not None:
        # The figure beside it is the sentence's own, digit for digit.
        card = index.split(f"{analysis.question}</a>")[1].split("</article>")[0]
        (figure,) = re.findall(r"<b>(.+?)</b>", card)
        assert figure.removesuffix(" a year") in sentence
    assert sentence in readable(company / "executive_brief.html")
    record = json.loads((company / "run.json").read_text(encoding="utf-8"))
    [entry] = [one for one in record["notebooks"] if one["name"] == analysis.name]
    assert entry["headline"] == headline
    handed = [one[FINDINGS_MIME] for one in outputs(company, analysis.name) if FINDINGS_MIME in one]
    assert [one["findings"] for one in handed] == [list(every.values())]


@pytest.mark.parametrize("analysis", MEASURED, ids=lambda one: one.name)
def test_a_sentence_says_the_findings_own_number(company: Path, analysis: Analysis) -> None:
    """Money: the value lies within the rounding of an amount said, or is what is left of two."""
    said, every = 0, findings(company, analysis.name)
    for one in every.values():
        if not str(one["unit"]).startswith("money") or one["value"] is None:
            continue
        amounts = money_in(one["sentence"])
        within = [abs(abs(one["value"]) - size) <= half for size, half in amounts]
        # "For $150K it brings in $798K": the finding is the net.
        within += [
            abs(abs(one["value"]) - abs(size - less)) <= half + other
            for size, half in amounts
            for less, other in amounts
        ]
        assert any(within), (one["name"], one["value"], one["sentence"])
        said += 1
    # One whose answer is in days may have no money to say.
    in_money = str(every[analysis.headline]["unit"]).startswith("money")
    assert said > 0 or not (analysis.levers or in_money)


def money_in(sentence: str) -> list[tuple[float, float]]:
    """Each amount of a sentence and half of its last digit."""
    scale = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9}
    return [
        (float(digits.replace(",", "")) * scale[unit], 0.51 * scale[unit] / 10 ** len(decimals))
        for digits, decimals, unit in re.findall(r"\$([\d,]+(?:\.(\d+))?)([KMB]?)", sentence)
    ]


def test_the_brief_ranks_the_findings_of_the_others(company: Path) -> None:
    text = next(
        one["text/plain"]
        for one in outputs(company, "executive_brief")
        if "Worth a year" in "".join(one.get("text/plain", ""))
    )
    header, *rows = ("".join(text)).strip().splitlines()
    cells = [dict(zip(header.split("\t"), row.split("\t"), strict=True)) for row in rows]
    table = {row["Lever"]: row for row in cells}
    checked, beside, values = 0, 0, []
    shown_text = html.unescape((company / "executive_brief.html").read_text(encoding="utf-8"))
    for analysis in MEASURED:
        every = findings(company, analysis.name)
        for lever in analysis.levers:
            if (every.get(lever.finding) or {}).get("condition"):
                # Beside the ranking, in words, with the same number.
                worth = wording.estimate(read_finding(every[lever.finding]).estimate, "$")
                assert lever.label not in table and worth in shown_text, lever
                beside += 1
                continue
            if lever.label not in table:
                assert (every.get(lever.finding) or {}).get("value") is None, lever
                continue
            row, one = table[lever.label], every[lever.finding]
            shown = [row[name] for name in ("Worth a year", "90% interval from", "to")]
            size = read_finding(one).estimate.size
            own = [
                wording.money(float(one[key]), "$", like=size) for key in ("value", "low", "high")
            ]
            assert shown == own, lever
            # The report's own sentence writes the same amounts the same way.
            assert all(text in one["sentence"] for text in own), lever
            values.append(one["value"])
            checked += 1
    assert checked == len(table) >= 3 and beside >= 1
    best = findings(company, "executive_brief")["lever_to_push"]
    assert best["value"] is None or best["value"] in values
