"""Hand-worked pages and bad input: what a report and an index hold, without a browser."""

from __future__ import annotations

import html
import math
import re

import nbformat
import pytest

from salesops_lib.mime import UNANSWERED_MIME
from salesops_lib.registry import LEADING
from salesops_lib.reporting.html import render_index, render_report
from salesops_lib.reporting.html.marks import interval_strip, sparkline
from salesops_lib.reporting.html.report import scope_label
from tests.reporting.html import pages


def report(**changes: object) -> str:
    options = {
        "title": "Who is really better?",
        "period": "2026-Q3",
        "scope": "company",
        "findings": pages.FINDINGS,
        "provenance": {"data as of": "2026-09-30", "parameters": {"seed": 0}},
        "previous": None,
        "headline": "moving_the_middle",
        **changes,
    }
    return render_report(pages.notebook(), **options)


def text(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))


def test_the_answer_comes_before_the_evidence() -> None:
    page = report()
    places = [
        page.index(mark) for mark in ("<h1>", 'class="answer"', 'class="evidence"', "<details")
    ]
    assert places == sorted(places)
    assert (
        page.count("half-way to the core&#39;s top") + page.count("half-way to the core's top") == 2
    )


def test_the_policy_allows_nothing_from_outside() -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', report())
    policy = html.unescape(policy)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_style_attribute_and_no_outside_address() -> None:
    page = report()
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)


def test_figures_are_images_with_alt_text() -> None:
    images = re.findall(r"<img [^>]+>", report())
    assert len(images) == 2
    assert all('src="data:image/' in one for one in images)
    assert 'alt="Two teams, 1 and 3"' in images[0]
    assert 'alt="A &#34;line&#34; to &lt;3&gt;"' in images[1]


def test_a_page_has_no_fence_against_formulas() -> None:
    """`story` puts one round its words for JupyterLab."""
    page = report()
    assert (
        "mathjax" not in page
        and "<section" not in page.split('class="answer"')[1].split("so-lead")[0]
    )
    assert '<p class="so-lead">' in page


def test_code_is_folded_and_warnings_stay_in_the_notebook() -> None:
    page = report()
    assert "story.headline(curve)" in page.split("<details")[1]
    assert "story.headline(curve)" not in page.split("<details")[0]
    assert "a warning" not in page


def test_a_heading_over_nothing_is_left_out() -> None:
    body = report().split('class="evidence"')[1].split("<details")[0]
    assert "What if" not in body
    assert "For the record" not in body
    assert "golden" not in body
    assert "As text" in body
    assert "Who is above whom" in body


def test_a_section_of_which_nothing_was_shown_is_left_out() -> None:
    """Its words would explain a picture that is not there."""
    shown = nbformat.v4.new_output("display_data", {"text/html": "<p>a number</p>"})
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    notebook = nbformat.v4.new_notebook(cells=[
        text("# Why?"),
        text("## Whose?\n\nFull dots are reps."), code("if a: show(a)"), text("More of it."), code("b"),
        text("## How much?\n\nIn money."), code("if c: show(c)"), code("d", outputs=[shown]),
        text("## A word\n\nAnd no code."),
    ])  # fmt: skip
    page = render_report(
        notebook, title="Why?", period="2026", scope="company", findings=[], provenance={},
        previous=None,
    )  # fmt: skip
    body = page.split('class="evidence"')[1].split("<details")[0]
    assert [one for one in ("Whose?", "Full dots", "More of it") if one in body] == []
    there = ("How much?", "In money", "a number", "A word", "And no code")
    assert [one for one in there if one not in body] == []


def test_the_notebook_is_not_changed() -> None:
    notebook = pages.notebook()
    before = str(notebook)
    render_report(
        notebook,
        title="t",
        period="2026",
        scope="company",
        findings=pages.FINDINGS,
        provenance={},
        previous=None,
    )
    assert str(notebook) == before


def test_a_report_without_findings_still_renders() -> None:
    assert "Who is really better?" in report(findings=[], headline=None)


def test_a_report_is_small() -> None:
    assert len(report().encode()) < 1_500_000


@pytest.mark.parametrize(
    ("scope", "label"),
    [
        ("company", "Whole company"),
        ("region=North", "Region North"),
        ("manager=M07", "Team of M07"),
        ("region=a=b", "Region a=b"),
    ],
)
def test_scope_labels(scope: str, label: str) -> None:
    assert scope_label(scope) == label


def test_the_index_opens_with_what_the_brief_says() -> None:
    one = run("2026-Q3")
    first = one["notebooks"][0]
    one["notebooks"] = [first, {**first, "name": LEADING, "title": "Which lever?"}]
    page = render_index([one])
    assert page.index("Which lever?") < page.index(first["title"])


def test_the_index_says_when_in_which_clock() -> None:
    """The reports said UTC, the index nothing: a reader an ocean away took it for the local time."""
    page = text(render_index([{**run("2026-Q3"), "finished": "2026-10-01T06:00:11+00:00"}]))
    assert "finished 2026-10-01 06:00 UTC" in page


def test_a_share_said_in_a_hundred_has_the_digits_of_its_sentence() -> None:
    """0.95 in 100 stood beside 0.9%."""
    said = "Holding these prices pays unless more than 0.95 in 100 of 96 deals a year are lost."
    one = {**pages.FINDINGS[0], "value": 0.00949, "low": 0.0, "high": 0.026, "unit": "share"}
    page = report(findings=[{**one, "sentence": said}], headline=None)
    assert ">0.95%</td>" in page.split('id="numbers"')[1]


def test_a_strip_needs_a_finite_interval() -> None:
    assert interval_strip({**pages.FINDINGS[0], "high": None}) == ""


def test_a_strip_keeps_its_marks_inside() -> None:
    strip = interval_strip(pages.FINDINGS[0])
    places = [float(x) for x in re.findall(r'(?:x|x1|x2|cx)="([\d.]+)"', strip)]
    assert all(0 <= x <= 560 for x in places)


def test_sparklines_skip_what_is_not_known() -> None:
    course = [{"value": one} for one in (1.0, None, math.nan, 3.0)]
    line = sparkline(course, "course")
    places = re.search(r'polyline points="([^"]+)"', line).group(1).split()
    # The first and the last of four places, bottom and top of a drawing 112 by 30.
    assert places == ["4.0,26.0", "108.0,4.0"]
    assert sparkline(course[:3], "course") == ""


def test_a_sparkline_lies_in_the_band_of_its_intervals() -> None:
    """A rise from 4 to 6 fills the drawing where the intervals are narrow, and hardly shows where
    they are not: 2 of the 20 that the band spans."""
    narrow = [{"value": 4.0, "low": 3.9, "high": 4.1}, {"value": 6.0, "low": 5.9, "high": 6.1}]
    wide = [{"value": 4.0, "low": -5.0, "high": 13.0}, {"value": 6.0, "low": -3.0, "high": 15.0}]

    def rise(course: list[dict[str, float]]) -> float:
        line = re.search(r'polyline points="([^"]+)"', sparkline(course, "")).group(1)
        first, last = (float(one.split(",")[1]) for one in line.split())
        return first - last

    assert rise(narrow) == pytest.approx(22 * 2 / 2.2, abs=0.11)
    assert rise(wide) == pytest.approx(22 * 2 / 20, abs=0.11)
    band = re.search(r'class="band" points="([^"]+)"', sparkline(wide, "")).group(1).split()
    assert len(band) == 4
    # An open end has no band, only the line.
    opened = [{**one, "high": math.inf} for one in wide]
    assert rise(opened) == pytest.approx(22, abs=0.11)


def run(period: str, scope: str = "company", status: str = "published", value: float = 1.0):
    return {
        "period": period,
        "pack": "default",
        "scope": scope,
        "path": f"{period}/default/{scope}",
        "finished": "2026-10-01T06:00:11",
        "notebooks": [
            {
                "name": "forecast",
                "title": "What will be booked?",
                "status": status,
                "reason": "The kernel was killed." if status != "published" else "",
                "headline": {**pages.FINDINGS[0], "value": value},
            }
        ],
    }


def test_the_index_is_newest_first_and_company_first() -> None:
    page = render_index(
        [run("2026-Q1"), run("2026-Q3", "region=N"), run("2026-Q3"), run("2025-Q4")]
    )
    labels = re.findall(r"<h2>([^<]+)</h2>", page)
    assert labels == [
        "2026-Q3 · Whole company",
        "2026-Q3 · Region N",
        "2026-Q1 · Whole company",
        "2025-Q4 · Whole company",
    ]


def test_the_index_is_newest_first_whatever_the_length_of_the_periods() -> None:
    """By the day on which they end; of those that end together the longest first."""
    ordered = [
        "2026-11-to-2027-01",
        "2027-01",
        "2027-W02",
        "2026-W53",
        "2026",
        "2026-Q4",
        "2026-12",
    ]
    ordered += ["2026-W40", "2026-09"]
    page = render_index([run(name) for name in sorted(ordered)])
    labels = [label.split(" ")[0] for label in re.findall(r"<h2>([^<]+)</h2>", page)]
    assert labels == ordered


def test_a_course_is_of_periods_as_long() -> None:
    """A pack run for a month between its quarters: a month's figure is no point of theirs."""
    values = {"2026-Q1": 1e6, "2026-Q2": 2e6, "2026-06": 0.3e6, "2026-Q3": 3e6}
    page = render_index([run(name, value=value) for name, value in values.items()])
    labels = re.findall(r'class="spark"[^>]+aria-label="([^"]+)"', page)
    assert [re.findall(r"over (\d) periods", one)[0] for one in labels] == ["3", "2"]
    assert not any("2026-06" in one for one in labels)


def test_the_index_grows_no_faster_than_what_is_published() -> None:
    """Three years of weeks: a course is of the last half year, up to the card's own week."""
    weeks = [f"{year}-W{week:02d}" for year in (2024, 2025, 2026) for week in range(1, 53)]
    page = render_index([run(name, value=1e6) for name in weeks])
    labels = re.findall(r'class="spark"[^>]+aria-label="([^"]+)"', page)
    assert "over 26 periods" in labels[0] and labels[0].endswith("in 2026-W52")
    assert "in 2026-W27, " in labels[0] and "in 2026-W02, " in labels[-1]
    half = render_index([run(name, value=1e6) for name in weeks[:78]])
    assert len(page) < 2.3 * len(half)


def test_every_report_is_listed_and_the_answers_of_the_newest_are_shown() -> None:
    weeks = [f"{year}-W{week:02d}" for year in (2024, 2025, 2026) for week in range(1, 53)]
    scopes = ("company", "region=N")
    others = [run("2024-Q1"), run("2025-02", status="failed")]
    page = render_index([run(name, scope) for name in weeks for scope in scopes] + others)
    hrefs = re.findall(r'href="([^"#]+)"', page)
    assert len(hrefs) == len(set(hrefs)) == 2 * len(weeks) + 1
    cards, earlier = page.split("<h2>Earlier</h2>")
    # A quarter of long ago is the newest of its kind.
    assert cards.count("<article") == 2 * 26 + 2 and "2024-Q1" in cards
    assert re.findall(r"<summary>(\d+)", earlier) == ["2026", "2025", "2024"]
    for year in re.split("<summary>", earlier)[1:]:
        assert set(re.findall(r"<h3>(\d+)", year)) == {year[:4]}
    assert "<article" not in earlier and "spark" not in earlier
    # One of them costs a fifth of what is told of a new one.
    assert len(earlier) / (2 * 130) < 0.2 * len(cards) / (2 * 26)


def test_the_index_says_what_failed_and_links_what_stands() -> None:
    page = render_index([run("2026-Q3", status="failed"), run("2026-Q2", status="stale")])
    assert "failed: The kernel was killed." in text(page)
    assert "is out of date: The kernel was killed." in text(page)
    hrefs = re.findall(r'href="([^"#]+)"', page)
    assert hrefs == ["2026-Q2/default/company/forecast.html"]


def test_a_path_with_odd_signs_is_quoted() -> None:
    page = render_index([run("2026-Q3", scope='region=a"b c#d?e')])
    (href,) = re.findall(r'href="([^"#][^"]*forecast.html)"', page)
    assert not set('"# ?') & set(href)


def test_the_index_shows_the_figure_in_the_runs_own_money() -> None:
    """In the unit of its interval, as the sentence has it."""
    before, now = run("2026-Q2", value=0.9e6), run("2026-Q3", value=1.9e6)
    page = render_index([{**one, "currency": "€"} for one in (before, now)])
    assert re.findall(r"<b>([^<]+)</b>", page) == ["€1.9M a year", "€0.90M a year"]
    (label,) = re.findall(r'class="spark"[^>]+aria-label="([^"]+)"', page)
    assert label == (
        "The headline figure over 2 periods, with its interval: €0.90M a year in 2026-Q2, "
        "€1.9M a year in 2026-Q3"
    )


def test_a_question_that_was_not_answered_is_said_in_the_index() -> None:
    silent = run("2026-Q3")
    silent["notebooks"][0]["headline"] = None
    page = render_index([silent])
    assert "The data cannot answer this; the report says why." in page
    assert 'class="course"' not in page


def test_where_nothing_could_be_answered_that_is_the_answer() -> None:
    notebook = pages.notebook()
    text = "How long: cannot be answered, because there are no hire dates."
    told = {"text/html": f'<p class="so-unanswered">{text}</p>', UNANSWERED_MIME: {"figures": 2}}
    notebook.cells[2].outputs = [pages.shown(told)]
    options = {"title": "t", "period": "2026", "scope": "company", "provenance": {}}
    page = render_report(notebook, findings=[], previous=None, **options)
    assert text in page.split('class="evidence"')[0] and page.count(text) == 1
    # Beside an answer, a part that is not known stays in its place.
    notebook = pages.notebook()
    notebook.cells.insert(2, pages.v4.new_code_cell("story.x()", outputs=[pages.shown(told)]))
    page = render_report(notebook, findings=pages.FINDINGS, previous=None, **options)
    assert text in page.split('class="evidence"')[1] and page.count(text) == 1


def test_provenance_says_nothing_it_does_not_know() -> None:
    page = report(provenance={"commit": "", "seed": 0, "made at": "2026-10-01T06:00:11+00:00"})
    found = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    assert found == [("seed", "0"), ("made at", "2026-10-01 06:00 UTC")]


def test_what_was_counted_has_no_interval() -> None:
    counted = {**pages.FINDINGS[0], "unit": "count", "value": 3.0, "low": 3.0, "high": 3.0}
    (row,) = re.findall(r"<tr><td>.+</tr>", report(findings=[counted]).split("numbers")[-1])
    assert "interval 3" not in row and ">3<" in row


def test_a_bare_number_that_its_sentence_does_not_say_is_not_listed() -> None:
    """ "None of seven shapes fits" stood beside 100%, the weight of one of them."""
    bare = {"name": "shape", "value": 1.0, "low": None, "high": None, "confidence": 0.9, "n": 9}
    for sentence, listed in (("No shape fits.", ""), ("A chance of 100%.", "100%")):
        page = report(findings=[{**bare, "unit": "share", "sentence": sentence}])
        (row,) = re.findall(r"<tr><td>.+</tr>", page.split("numbers")[-1])
        assert f'<td class="so-num">{listed}</td><td></td>' in row


def test_the_numbers_at_the_end_read_as_in_their_sentences() -> None:
    """450,000 is $0.45M in a sentence that says up to $1.2M, so not $450K in the list below."""
    wide = {**pages.FINDINGS[0], "value": 450_000.0, "low": 0.1e6, "high": 1.2e6}
    (row,) = re.findall(r"<tr><td>.+</tr>", report(findings=[wide]).split("numbers")[-1])
    assert "$0.45M a year" in row


def test_a_share_at_the_end_has_the_digits_of_its_sentence() -> None:
    """A sentence that says 88.5% stood beside 88%."""
    one = {**pages.FINDINGS[1], "value": 0.885, "low": 0.879, "high": 0.890}
    one["sentence"] = "Customers pay 88.5% (90% interval 87.9% to 89.0%) of list."
    (row,) = re.findall(r"<tr><td>.+</tr>", report(findings=[one]).split("numbers")[-1])
    assert ">88.5%<" in row and ">90% interval 87.9% to 89.0%<" in row


def test_an_empty_index_says_what_to_do() -> None:
    assert "salesops run default" in render_index([])


def test_a_figure_that_may_be_nothing_does_not_shout() -> None:
    one = run("2026-Q3")
    assert 'class="course unsure"' not in render_index([one])
    for low in (-1e6, 0.0):
        one["notebooks"][0]["headline"]["low"] = low
        assert 'class="course unsure"' in render_index([one])
