"""Cells of the executive brief: the table of levers and the other reports' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from salesops_lib import wording
from salesops_lib.analyses.executive_brief import ExecutiveBrief
from salesops_lib.analyses.executive_brief.words import leans_on, worth
from salesops_lib.estimate import Finding
from salesops_lib.registry import Analysis
from salesops_lib.story.opening import Run
from salesops_lib.story.shown import notices, table


def lever_table(brief: ExecutiveBrief, *, currency: str = "$") -> None:
    """The levers in money, best first, with interval and verdict; and what each is, in the words of its
    report, with those that count partly the same money: beside the amounts their names would push
    the verdicts off a phone. Nothing where none is ranked: why not has been said."""
    levers = brief.levers
    if levers.empty:
        return
    texts = [worth(row, currency) for _, row in levers.iterrows()]
    level = wording.level(levers["confidence"].iloc[0])
    frame = pd.DataFrame(
        {
            "lever": levers["lever"],
            "value": levers["value"].astype(float),
            "low": levers["low"].astype(float),
            "high": levers["high"].astype(float),
            "verdict": levers["verdict"],
        }
    )
    table(
        frame,
        {
            "lever": "Lever",
            "value": "Worth a year",
            "low": f"{level} interval from",
            "high": "to",
            "verdict": "Verdict",
        },
        formats={
            name: [text[at] for text in texts] for at, name in enumerate(("value", "low", "high"))
        },
        currency=currency,
    )
    shared = [wording.listed(names) or "nothing" for names in levers["overlaps"]]
    table(
        levers.assign(overlaps=shared),
        {
            "lever": "Lever",
            "says": "What it is, in the words of its report",
            "overlaps": "Same money as, in part",
        },
    )


def leaning(run: Run, brief: ExecutiveBrief) -> None:
    """Which assumptions behind the amounts are not the company's own; nothing where all are."""
    notices(leans_on([run.dataset.assumptions[name] for name in brief.assumptions], run.currency))


def answers(
    findings: Mapping[str, Sequence[Finding]],
    *,
    analyses: Sequence[Analysis],
    beside: ExecutiveBrief | None = None,
) -> None:
    """Each report's question and the sentence that answers it, but for those that the tables of
    `beside` say already: of levers, and of those that are not ranked."""
    said = set() if beside is None else set(beside.levers["finding"])
    told = set() if beside is None else set(beside.not_ranked["reason"])
    rows = [
        {"question": one.question, "answer": found.sentence}
        for one in analyses
        for found in findings.get(one.name, ())
        if found.name == one.headline and found.name not in said and found.sentence not in told
    ]
    table(
        pd.DataFrame(rows, columns=["question", "answer"]),
        {"question": "Question", "answer": "Answer"},
    )
