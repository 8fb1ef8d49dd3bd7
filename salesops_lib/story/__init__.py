"""What a notebook's cells show: the opening, the headline, figures, tables, assumptions, data
quality and the findings that travel on. Every notebook tells its story with these calls only.

    run = story.begin(data, notebook="performance_curve", period=period, scope=scope, names=names)
    story.headline(curve, "moving_the_middle")
    story.figure(figures.caterpillar(curve))
    story.table(frame, columns={...})
    story.cannot_answer("How fast new reps ramp", because="the reps table has no hire dates")
    story.assumptions(run, "gross_margin")
    story.data_quality(run)
    story.without_controls(run)
    story.findings(curve, levers)
"""

from salesops_lib.mime import FINDINGS_MIME, UNANSWERED_MIME
from salesops_lib.story.brief import answers, leaning, lever_table
from salesops_lib.story.opening import Run, begin
from salesops_lib.story.published import published_findings, read_finding
from salesops_lib.story.shown import (
    assumptions,
    cannot_answer,
    data_quality,
    figure,
    findings,
    headline,
    notices,
    table,
    without_controls,
)

__all__ = [
    "FINDINGS_MIME",
    "UNANSWERED_MIME",
    "Run",
    "answers",
    "assumptions",
    "begin",
    "cannot_answer",
    "data_quality",
    "figure",
    "findings",
    "headline",
    "leaning",
    "lever_table",
    "notices",
    "published_findings",
    "read_finding",
    "table",
    "without_controls",
]
