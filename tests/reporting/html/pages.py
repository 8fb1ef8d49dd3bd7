"""A notebook as a run leaves it, with everything a report has to show, and hostile text in it."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib.pyplot as plt
import nbformat.v4 as v4
from nbformat import NotebookNode

from salesops_lib.mime import FINDINGS_MIME

# Each would set window.hacked, open a dialogue or call home if it were not inert.
INJECTIONS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=2>",
    "<svg onload=window.hacked=3>",
    '"><script>window.hacked=4</script>',
    "'-alert(5)-'",
    "javascript:window.hacked=6",
    "<a href='javascript:window.hacked=7'>click</a>",
    "<iframe src='https://example.invalid/'></iframe>",
    "<style>body{background:url(https://example.invalid/x)}</style>",
    "{{ 7*7 }}{% raw %}",
    "</textarea><script>window.hacked=8</script>",
    "<math><mtext></p><style><img src=x onerror=window.hacked=9></style>",
    "‮esrever‬ ​zero​width",
    "x" * 10_000,
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r-2+3",
    "a\\b:c*d?e|CON%2e%2e%2f.html",
    "--><script>window.hacked=10</script><!--",
    "&lt;img src=x onerror=window.hacked=11&gt;",
    "\u202e000,1$ \u2066\u200b$\\frac{1}{0}$",
)

FINDINGS: list[dict[str, Any]] = [
    {
        "name": "moving_the_middle",
        "value": 1.9e6,
        "low": 0.6e6,
        "high": 3.4e6,
        "confidence": 0.9,
        "unit": "money/year",
        "n": 60,
        "sentence": "Moving the middle half-way to the core's top is worth $1.9M a year "
        "(90% interval $0.60M to $3.4M).",
    },
    {
        "name": "reliability",
        "value": 0.34,
        "low": 0.21,
        "high": 0.47,
        "confidence": 0.9,
        "unit": "share",
        "n": 60,
        "sentence": "About 34% of the spread between reps repeats.",
    },
]


def png() -> str:
    figure, ax = plt.subplots(figsize=(6, 3))
    ax.plot([0, 1, 2], [1, 3, 2])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def svg() -> str:
    figure, ax = plt.subplots(figsize=(6, 3))
    ax.bar(["Team A", "Team B"], [1, 3])
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    plt.close(figure)
    return buffer.getvalue()


def shown(bundle: dict[str, Any], **metadata: Any) -> NotebookNode:
    return v4.new_output("display_data", bundle, metadata=metadata)


def table(names: tuple[str, ...]) -> str:
    """As a careless notebook would write it: nothing escaped."""
    rows = "".join(
        f'<tr><td>{name}</td><td class="so-num" data-value="{i}">{i}</td></tr>'
        for i, name in enumerate(names)
    )
    return (
        '<table class="so-table"><thead><tr><th scope="col">rep</th>'
        f'<th scope="col" class="so-num">rank</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def notebook(names: tuple[str, ...] = ("Ann Lee", "Bo Chen", "Cem Kaya")) -> NotebookNode:
    lead = FINDINGS[0]["sentence"]
    cells = [
        v4.new_markdown_cell("# Who is really better?\n\nThe trailing twelve months."),
        v4.new_code_cell('data = "sample"\nperiod = "latest"'),
        v4.new_code_cell(
            "story.headline(curve)",
            outputs=[
                shown(
                    {
                        "text/html": '<section class="mathjax_ignore tex2jax_ignore">'
                        f'<p class="so-lead">{lead}</p><p class="so-also">And more.</p></section>',
                        "text/plain": lead,
                    }
                )
            ],
        ),
        v4.new_markdown_cell("## Who is above whom\n\nOnly differences that repeat count."),
        v4.new_code_cell(
            "story.figure(ax)",
            outputs=[
                shown({"image/svg+xml": svg()}, **{"image/svg+xml": {"alt": "Two teams, 1 and 3"}}),
                shown({"image/png": png()}, **{"image/png": {"alt": 'A "line" to <3>'}}),
            ],
        ),
        v4.new_code_cell("story.table(reps)", outputs=[shown({"text/html": table(names)})]),
        v4.new_markdown_cell("## What if"),
        v4.new_code_cell("if run.interactive:\n    display(explore(curve))"),
        v4.new_markdown_cell("## For the record", metadata={"tags": ["not-in-report"]}),
        v4.new_code_cell(
            "print('golden')",
            metadata={"tags": ["not-in-report"]},
            outputs=[v4.new_output("stream", name="stdout", text="golden")],
        ),
        v4.new_markdown_cell("## As text"),
        v4.new_code_cell(
            "print(reps)",
            outputs=[
                v4.new_output("stream", name="stdout", text="\n".join(names)),
                v4.new_output("stream", name="stderr", text="a warning"),
            ],
        ),
        v4.new_code_cell(
            "story.findings(curve)",
            outputs=[
                shown({FINDINGS_MIME: {"findings": FINDINGS}, "text/html": "<ul><li>x</li></ul>"})
            ],
        ),
    ]
    return v4.new_notebook(cells=cells)
