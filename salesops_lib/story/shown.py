"""The outputs of notebook cells. Everything from the data is escaped here, once."""

from __future__ import annotations

import functools
import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from salesops_lib import wording
from salesops_lib.dataset.assumptions import whose
from salesops_lib.estimate import Estimate, Finding, Result, no_formulas
from salesops_lib.figures import style
from salesops_lib.mime import FINDINGS_MIME, UNANSWERED_MIME
from salesops_lib.story.opening import Run

# Past this size a drawing of thousands of marks is smaller, and faster to show, as pixels.
_LARGEST_SVG = 150_000
# A table of more columns is set smaller, so that the last one is on the page.
_MANY_COLUMNS = 9
# Names of people up to this length stay on one line: broken in two they make a list twice as long.
_SHORT_NAME = 22
# JupyterLab sets all cells to the right and breaks −$938K after its sign. Pages drop a style that stands
# in the body, and have their own.
_IN_LAB = (
    "<style>.jp-OutputArea .so-table :is(td,th):not(.so-num){text-align:left}"
    ".jp-OutputArea .so-table td:is(.so-num,.so-name){white-space:nowrap}"
    ".jp-OutputArea .so-table caption{text-align:left;white-space:nowrap}</style>"
)
Format = str | Callable[[Any], str] | list[str]


def headline(result: Result, *names: str) -> None:
    """The sentences of the named findings, the first one large. No names: all of them."""
    chosen = [result.finding(name) for name in names] or list(result.findings)
    lead, *rest = [one.sentence for one in chosen]
    body = f'<p class="so-lead">{html.escape(lead)}</p>'
    body += "".join(f'<p class="so-also">{html.escape(text)}</p>' for text in rest)
    _show("\n\n".join([lead, *rest]), body)


def figure(ax: Axes) -> None:
    """Show the figure of `ax` once, as SVG (PNG where that is smaller), with its alt text.

    Raises
    ------
    ValueError
        If the figure has no alt text or nothing drawn on it: an empty figure is a failure.
    """
    drawn = ax.figure
    assert isinstance(drawn, Figure)
    alt = style.alt_text(ax)
    if not alt:
        raise ValueError("a figure without alt text; end its function with style.finish")
    if not any(one.has_data() or one.texts for one in drawn.axes):
        raise ValueError(f"an empty figure: {alt}")
    with style.house():
        kind, payload = "image/svg+xml", _svg(drawn)
        if len(payload) > _LARGEST_SVG:
            buffer = io.BytesIO()
            drawn.savefig(buffer, format="png")
            kind, payload = "image/png", buffer.getvalue()
    plt.close(drawn)
    bundle: dict[str, Any] = {
        kind: payload.decode() if kind.endswith("xml") else payload,
        "text/plain": f"[figure: {alt}]",
    }
    display(bundle, raw=True, metadata={kind: {"alt": alt}})


def _svg(drawn: Figure) -> bytes:
    """The figure laid out and drawn once: `savefig` draws all of it a first time for its layout."""
    engine = drawn.get_layout_engine()
    if engine is not None:
        engine.execute(drawn)
        drawn.set_layout_engine("none")
    # What is drawn as pixels inside the SVG.
    drawn.set_dpi(plt.rcParams["savefig.dpi"])
    buffer = io.BytesIO()
    FigureCanvasSVG(drawn).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def table(
    frame: pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    *,
    formats: Mapping[str, Format] | None = None,
    apart: Sequence[str] = (),
    caption: str = "",
    currency: str = "$",
    most: int | None = None,
    ends: bool = False,
) -> None:
    """A table that sorts and can be copied.

    Parameters
    ----------
    columns
        Column → heading, in the order to show; by default all, under their own names.
    formats
        Column → one of `estimate.UNITS`, a function of the value, or the ready texts, one a row.
        Others are shown as text.
    apart
        Columns in one unit, whose numbers in a row are written as the limits of an interval are: on
        the scale of the largest, with as many digits as tell the least from the most.
    most, ends
        Rows shown of a longer frame: the first, or with `ends` half of them from either end. The
        caption then says of how many, and where the others are.

    A frame without rows is said to be empty, not drawn as a table without a body.
    """
    if frame.empty:
        _show("Nothing to list.", '<p class="so-empty">Nothing to list.</p>')
        return
    frame, formats, caption = _cut(frame, formats or {}, caption, most, ends)
    headings = dict(
        columns or {name: wording.opened(name.replace("_", " ")) for name in frame.columns}
    )
    says = {name: _formatter(formats.get(name), currency) for name in headings}
    says |= _told_apart(frame, apart, formats, currency)
    numeric = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in headings}
    marks = {name: _mark(frame[name], numeric[name]) for name in headings}
    head = "".join(
        f'<th scope="col"{" class=so-num" if numeric[name] else ""}>{html.escape(label)}</th>'
        for name, label in headings.items()
    )
    rows, lines = [], ["\t".join(headings.values())]
    for at, record in enumerate(frame[list(headings)].itertuples(index=False, name=None)):
        cells, texts = [], []
        for name, value in zip(headings, record, strict=True):
            ready = says[name]
            text = ready[at] if isinstance(ready, list) else ready(value)
            texts.append(text)
            key = f' data-value="{float(value)!r}"' if numeric[name] and pd.notna(value) else ""
            cells.append(f"<td{marks[name]}{key}>{html.escape(text)}</td>")
        rows.append("<tr>" + "".join(cells) + "</tr>")
        lines.append("\t".join(texts))
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    kind = "so-table so-wide" if len(headings) > _MANY_COLUMNS else "so-table"
    body = (
        f'<table class="{kind}">{_IN_LAB}{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    _show("\n".join(([caption] if caption else []) + lines), body)


def _cut(
    frame: pd.DataFrame,
    formats: Mapping[str, Format],
    caption: str,
    most: int | None,
    ends: bool,
) -> tuple[pd.DataFrame, Mapping[str, Format], str]:
    """The rows to show, their ready texts, and the caption that says what is not shown: nobody reads
    thousands of rows, and who thinks of them as all there are is misled."""
    if most is None or len(frame) <= most:
        return frame, formats, caption
    first = most - most // 2 if ends else most
    at = [*range(first), *range(len(frame) - (most - first), len(frame))]
    which = f"first {first} and the last {most - first}" if ends else f"first {most}"
    said = f"The {which} of {len(frame):,}; the notebook beside this page computes all of them."
    kept = {
        name: [how[i] for i in at] if isinstance(how, list) else how
        for name, how in formats.items()
    }
    return frame.iloc[at], kept, f"{caption} {said}".strip()


def _mark(column: pd.Series, numeric: bool) -> str:
    """The class of a column's cells: numbers to the right, short names on one line."""
    if numeric:
        return " class=so-num"
    return " class=so-name" if column.astype(str).str.len().max() <= _SHORT_NAME else ""


def cannot_answer(question: str, *, because: str, remedy: str = "", figures: int = 0) -> None:
    """Say in plain words what the data cannot answer; `figures` is how many it stands for."""
    text = f"{question}: cannot be answered, because {because}."
    if remedy:
        text += f" {remedy}"
    body = f'<p class="so-unanswered">{html.escape(text)}</p>'
    display(
        {
            "text/plain": text,
            "text/html": no_formulas(body),
            UNANSWERED_MIME: {"question": question, "because": because, "figures": figures},
        },
        raw=True,
    )


def notices(items: Sequence[str]) -> None:
    """Things a reader must know before trusting a number; nothing is shown where there are none."""
    if not items:
        return
    body = "".join(f"<li>{html.escape(text)}</li>" for text in items)
    _show("\n".join(f"- {text}" for text in items), f'<ul class="so-notices">{body}</ul>')


def without_controls(run: Run) -> None:
    """Say where the controls are, in a notebook opened without them; its cell is not in a report."""
    if run.interactive:
        return
    text = (
        "Controls to try other values stand here under make lab, or with interactive = True above."
    )
    _show(text, f'<p class="so-quiet"><small>{html.escape(text)}</small></p>')


def assumptions(run: Run, *names: str) -> None:
    """The assumptions that the money leans on, with value, unit and source."""
    chosen = [run.dataset.assumptions[name] for name in names]
    frame = pd.DataFrame(
        {
            "assumption": [one.label for one in chosen],
            "value": [one.text(run.currency) for one in chosen],
            "source": [one.source for one in chosen],
        }
    )
    table(frame)
    notices(whose(chosen))


def data_quality(run: Run) -> None:
    """What was read, what was set aside and why. How many rows are used is what is left of them: a
    third column of millions would push the notes off a phone. Examples of rows, which hold ids and
    amounts, are for who may see the whole company by name."""
    quality = run.dataset.quality
    table(
        quality.tables,
        {
            "table": "Table",
            "rows_read": "Rows read",
            "rows_quarantined": "Set aside",
            "notes": "Notes",
        },
        formats={
            **dict.fromkeys(("rows_read", "rows_quarantined"), "count"),
            "notes": lambda notes: str(notes).replace("\n", "; "),
        },
    )
    if len(quality.set_aside):
        headings = {"table": "Table", "column": "Column", "kind": "What is wrong", "rows": "Rows"}
        if run.sees_everybody:
            headings["examples"] = "Examples"
        table(
            quality.set_aside,
            {**headings, "remedy": "Remedy"},
            formats={"rows": "count"},
            caption="Why rows were set aside. A row with two faults is counted with both; "
            "salesops check writes every row with its reasons into a file.",
        )
    notices(run.notices)


def findings(*results: Result) -> None:
    """End the story: show the findings to the reader and hand them to the report.

    Raises
    ------
    ValueError
        If two findings have one name: the next report could not tell them apart.
    """
    every: list[Finding] = [one for result in results for one in result.findings]
    names = [one.name for one in every]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"findings named twice: {', '.join(twice)}")
    text = "\n".join(f"{one.name}: {one.sentence}" for one in every)
    body = "".join(f"<li>{html.escape(one.sentence)}</li>" for one in every)
    display(
        {
            "text/plain": text,
            "text/html": no_formulas(f'<ul class="so-findings">{body}</ul>'),
            FINDINGS_MIME: {"findings": [one.to_dict() for one in every]},
        },
        raw=True,
    )


def _formatter(how: Format | None, currency: str) -> Callable[[Any], str] | list[str]:
    if callable(how) or isinstance(how, list):
        return how
    if how is None:
        return _as_text
    unit = how

    def say(value: Any) -> str:
        if isinstance(value, Estimate):
            return wording.estimate(value, currency)
        return "–" if pd.isna(value) else wording.quantity(float(value), unit, currency)

    return say


def _told_apart(
    frame: pd.DataFrame, names: Sequence[str], formats: Mapping[str, Format], currency: str
) -> dict[str, list[str]]:
    """Ready texts, one a row, of columns whose numbers are to be told apart."""

    def say(name: str, like: float, value: Any, more: int) -> str:
        if pd.isna(value):
            return "–"
        return wording.quantity(float(value), str(formats[name]), currency, like=like, more=more)

    texts: dict[str, list[str]] = {name: [] for name in names}
    for record in frame[list(names)].itertuples(index=False, name=None):
        known = [float(one) for one in record if pd.notna(one)]
        like = max((abs(one) for one in known if math.isfinite(one)), default=0.0)
        more = 0
        if known:
            told = functools.partial(say, names[0], like)
            more = wording.told_apart(min(known), max(known), told)
        for name, value in zip(names, record, strict=True):
            texts[name].append(say(name, like, value, more))
    return texts


def _as_text(value: Any) -> str:
    if isinstance(value, Estimate):
        return wording.estimate(value)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return "–" if pd.isna(value) else wording.number(value)
    return "–" if value is None or value is pd.NA else str(value)


def _show(text: str, body: str) -> None:
    display({"text/plain": text, "text/html": no_formulas(body)}, raw=True)
