"""One executed notebook as one offline page: answer first, then evidence, code folded at the end."""

from __future__ import annotations

import base64
import copy
import functools
import math
import re
from dataclasses import dataclass
from typing import Any

import nh3
from markupsafe import Markup, escape
from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from salesops_lib import wording
from salesops_lib.mime import FINDINGS_MIME, UNANSWERED_MIME
from salesops_lib.registry import ANALYSES
from salesops_lib.reporting.changes import change_sentences
from salesops_lib.reporting.html import page
from salesops_lib.reporting.html.marks import interval_strip
from salesops_lib.story.published import read_finding

# What a cell's HTML may hold. Anything else (scripts, styles, event handlers, links) is taken out.
_TAGS = {
    *("p", "ul", "ol", "li", "b", "strong", "i", "em", "span", "div", "br", "code", "pre", "small"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h2", "h3", "h4"),
}
_ATTRIBUTES = {
    "*": {"class"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"data-value", "colspan", "rowspan"},
}


def render_report(
    notebook: NotebookNode,
    *,
    title: str,
    period: str,
    scope: str,
    findings: list[dict[str, Any]],
    provenance: dict[str, Any],
    previous: dict[str, Any] | None,
    headline: str | None = None,
    currency: str = "$",
    name: str = "",
) -> str:
    """The page as text.

    Parameters
    ----------
    notebook
        As executed; not changed.
    title
        The question.
    period, scope
        As `2026-Q3` and `company`, `region=X` or `manager=ID`.
    findings
        As in the findings file.
    provenance
        Label → value, shown in this order at the end of the page.
    previous
        The findings file of the report before this one (same notebook and scope), or None.
    headline
        Name of the finding that answers the question; by default the first.
    name
        Of the notebook, by which is known whose numbers it gives in a report for a part of the company.
    """
    told = _story(notebook)
    answer = next((f for f in findings if f["name"] == headline), findings[0] if findings else None)
    body, _ = _exporter().from_notebook_node(told.evidence)
    return page.rendered(
        "report.html.j2",
        title=title,
        period=period,
        scope=scope_label(scope),
        whose=_whose(scope) if findings and of_the_company(name, scope) else "",
        standfirst=told.standfirst,
        lead=told.lead or (_lead(answer["sentence"]) if answer else Markup("")),
        strip=interval_strip(answer, currency) if answer else "",
        changes=change_sentences(findings, previous, currency, first=headline),
        body=Markup(body),
        findings=[_finding_row(one, currency) for one in findings],
        code=_code_cells(notebook),
        provenance=[(_label(k), spoken(v)) for k, v in provenance.items() if v or v == 0],
    )


@dataclass(frozen=True)
class _Story:
    """The notebook's cells, with the title's text and the answer lifted out to the top."""

    evidence: NotebookNode
    standfirst: Markup
    lead: Markup


def _story(notebook: NotebookNode) -> _Story:
    evidence = copy.deepcopy(notebook)
    standfirst = lead = Markup("")
    if evidence.cells and re.match(r"\s*# ", evidence.cells[0].source):
        rest = re.sub(r"\A\s*# .*\n?", "", evidence.cells.pop(0).source)
        standfirst = Markup(_clean(markdown2html(rest))) if rest.strip() else standfirst
    evidence.cells = _for_readers(evidence.cells)
    # Where nothing could be answered, that is the answer.
    answered = any("so-lead" in _joined(one.get("text/html", "")) for one in _bundles(evidence))
    for cell in evidence.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if FINDINGS_MIME in data or output.output_type == "error":
                continue
            if output.output_type == "stream" and output.name == "stderr":
                continue  # warnings stay in the executed notebook, for the statistician
            shown = _joined(data.get("text/html", ""))
            if not lead and ("so-lead" in shown if answered else UNANSWERED_MIME in data):
                lead = Markup(_clean(shown))
                continue
            _inline(output)
            kept.append(output)
        cell.outputs = kept
    return _Story(evidence, standfirst, lead)


def _bundles(notebook: NotebookNode) -> list[dict[str, Any]]:
    """What the cells show, by MIME type."""
    return [out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", [])]


def _for_readers(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Without cells tagged `not-in-report`, and without the sections of which no cell showed anything:
    controls that nobody was there to turn, or words about a picture that is not there, where the
    question could not be answered, which is said at the top."""
    sections: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if "not-in-report" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown" and cell.source.lstrip().startswith("## "):
            sections.append([])
        sections[-1].append(cell)
    kept: list[NotebookNode] = []
    for at, section in enumerate(sections):
        code = [one for one in section if one.cell_type == "code"]
        if at == 0 or not code or any(one.get("outputs") for one in code):
            kept += [one for one in section if one.cell_type != "code" or one.get("outputs")]
    return kept


def _inline(output: NotebookNode) -> None:
    """Images become <img> data, HTML loses whatever could act; both end up as text/html."""
    data = output.get("data")
    if not data:
        return
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            raw = _joined(data[kind])
            payload = base64.b64encode(raw.encode()).decode() if kind.endswith("xml") else raw
            alt = output.metadata.get(kind, {}).get("alt", "")
            output.data = NotebookNode(
                {
                    "text/html": f'<figure><img src="data:{kind};base64,{"".join(payload.split())}" '
                    f'alt="{escape(alt)}"></figure>'
                }
            )
            return
    if "text/html" in data:
        output.data = NotebookNode({"text/html": _clean(_joined(data["text/html"]))})
    else:
        output.data = NotebookNode({"text/plain": _joined(data.get("text/plain", ""))})


def _clean(text: str) -> str:
    return nh3.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set())


class _Cells(HTMLExporter):
    """nbconvert's HTML without its last step, which parses the whole page again to add alt texts
    that ours already have, and costs as much as all the rest."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


@functools.cache
def _exporter() -> _Cells:
    return _Cells(
        template_name="cells",
        extra_template_basedirs=[str(page.TEMPLATES)],
        embed_images=False,
        exclude_input=True,
        exclude_anchor_links=True,
        # `_story` has done all they would do; each would have the whole notebook checked again.
        default_preprocessors=[],
    )


def _code_cells(notebook: NotebookNode) -> list[str]:
    return [c.source for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def _finding_row(finding: dict[str, Any], currency: str) -> dict[str, str]:
    estimate = read_finding(finding).estimate
    value, more = wording.alone(estimate, currency), None
    if value not in finding["sentence"]:
        # A sentence may say a digit more than is usual, where a tenth tells, and a share as so many in
        # a hundred.
        finer = wording.alone(estimate, currency, more=1)
        bare = f" {finer.removesuffix('%')} "
        said = finer in finding["sentence"] or bare in finding["sentence"]
        value, more = (finer, 1) if said else (value, None)
    # A bare number that its sentence does not say has no meaning that a reader could know.
    if math.isnan(estimate.low) and not math.isnan(estimate.value):
        value = value if value in finding["sentence"] else ""
    return {
        "sentence": finding["sentence"],
        "value": value,
        # What was counted has no interval.
        "interval": ""
        if estimate.low == estimate.high or math.isnan(estimate.low)
        else wording.interval(estimate, currency, more=more),
        "n": f"{estimate.n:,}" if estimate.n else "",
    }


def scope_label(scope: str) -> str:
    """`company` → `Whole company`, `region=North` → `Region North`, `manager=M07` → `Team of M07`."""
    kind, _, value = scope.partition("=")
    value = wording.named(value)
    return {"company": "Whole company", "region": f"Region {value}", "manager": f"Team of {value}"}[
        kind
    ]


def of_the_company(name: str, scope: str) -> bool:
    """Whether a report for a part of the company, of the notebook `name`, gives the whole company's
    numbers; of a notebook that is none of ours it is not known."""
    known = {one.name: not one.follows_scope for one in ANALYSES}
    return scope != "company" and known.get(name, False)


def _whose(scope: str) -> str:
    """Under a region's name the company's money would be read as that region's."""
    part = wording.within(scope_label(scope))
    article = "the " if scope.startswith("manager=") else ""
    return f"Numbers are the whole company's; the people shown are those of {article}{part}."


def _lead(sentence: str) -> Markup:
    return Markup('<p class="so-lead">{}</p>').format(sentence)


def _label(name: str) -> str:
    return {"code": "code fingerprint"}.get(name, name.replace("_", " "))


def spoken(value: Any) -> str:
    """A fact about a run as a reader takes it in."""
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    text = str(value)
    # A moment is read to the minute.
    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?(?:\+00:00|Z)", text)
    return f"{moment[1]} {moment[2]} UTC" if moment else text


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
