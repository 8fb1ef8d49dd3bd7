"""Cells of the executive brief: the table of levers and the other reports' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.executive_brief import ExecutiveBrief
from salesops_lib.estimate import Finding
from salesops_lib.registry import Analysis
from salesops_lib.story.shown import table


def lever_table(brief: ExecutiveBrief, *, currency: str = "$") -> None:
    """The ranked levers in money, with interval, verdict, and what they overlap."""
    levers = brief.levers
    frame = pd.DataFrame(
        {
            "rank": levers["rank"],
            "lever": levers["lever"],
            "value": levers["value"].astype(float),
            "low": levers["low"].astype(float),
            "high": levers["high"].astype(float),
            "verdict": levers["verdict"],
            "overlaps": [wording.listed(names) or "nothing" for names in levers["overlaps"]],
        }
    )
    table(
        frame,
        {
            "rank": "Rank",
            "lever": "Lever",
            "value": "Worth a year",
            "low": "At least",
            "high": "At most",
            "verdict": "Verdict",
            "overlaps": "Same money as, in part",
        },
        formats={"rank": "count", **dict.fromkeys(("value", "low", "high"), "money")},
        currency=currency,
    )


def answers(findings: Mapping[str, Sequence[Finding]], *, analyses: Sequence[Analysis]) -> None:
    """Each report's question and the sentence that answers it."""
    rows = [
        {"question": one.question, "answer": found.sentence}
        for one in analyses
        for found in findings.get(one.name, ())
        if found.name == one.headline
    ]
    table(
        pd.DataFrame(rows, columns=["question", "answer"]),
        {"question": "Question", "answer": "Answer"},
    )
