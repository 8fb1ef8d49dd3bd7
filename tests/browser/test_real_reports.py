"""The reports of the sample and their index, as published, in a real browser: at a desk and on
a phone, in light and dark, and on paper."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from salesops_lib.registry import ANALYSES
from tests.reporting.conftest import published, warm  # noqa: F401

pytestmark = pytest.mark.browser
NAMES = [*(one.name for one in ANALYSES), "index"]
each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def page_of(published: Path):  # noqa: F811
    def path(name: str) -> Path:
        folder = published if name == "index" else published / "2026-Q3" / "default" / "company"
        return folder / f"{name}.html"

    return path


@each
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["desk", "phone"])
def test_a_real_report_is_quiet_and_can_be_read_by_everyone(
    visit, page_of, screenshots, name: str, width: int, dark: bool
) -> None:
    path = page_of(name)
    assert path.stat().st_size < 1_500_000
    one = visit(path, width=width, dark=dark)
    if screenshots:
        one.page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
    one.page.mouse.wheel(0, 50_000)
    found = Axe().run(one.page)
    assert found.violations_count == 0, found.generate_report()
    overflow = one.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0
    # A blocked attempt would be a violation of the policy on the console.
    assert (one.requests, one.console, one.dialogs) == ([], [], [])
    blank = "all => all.filter(i => !(i.complete && i.naturalWidth && i.alt.length > 40)).length"
    assert one.page.eval_on_selector_all("figure img", blank) == 0
    assert one.page.locator("figure img").count() == path.read_text().count("<figure>")


@pytest.mark.parametrize("name", NAMES[:-1])
def test_nothing_is_cut_off_at_a_figures_edge(visit, page_of, name: str) -> None:
    """A title or label that is too long ends in dark ink at the very edge of the drawing."""
    figures = visit(page_of(name)).page.query_selector_all("figure img")
    for element in figures:
        picture = Image.open(io.BytesIO(element.screenshot())).convert("L")
        ink = np.asarray(picture)[2:-2, 2:-2]  # without the seam to the page
        edges = {"left": ink[:, 0], "right": ink[:, -1], "top": ink[0], "bottom": ink[-1]}
        cut = [side for side, line in edges.items() if (line < 120).any()]
        assert cut == [], (cut, element.get_attribute("alt"))
    assert figures


@each
def test_a_real_report_is_interactive_within_a_second(visit, page_of, name: str) -> None:
    one = visit(page_of(name))
    if name == "index":
        one.page.fill("#search", "2026-q2")
        assert one.page.locator(".card:visible").count() == len(ANALYSES)
    else:
        one.page.locator(".evidence th button").first.click()
        assert one.page.locator("th[aria-sort=ascending]").count() == 1
    assert 0.0 < one.busy() < 1.0


def test_a_figure_is_enlarged_on_a_phone_and_only_there(visit, page_of) -> None:
    path = page_of("executive_brief")
    assert visit(path).page.locator(".enlarge:visible").count() == 0
    page = visit(path, width=390).page
    image = page.locator("figure img").first
    fitted = image.bounding_box()["width"]
    page.locator(".enlarge").first.click()
    assert image.bounding_box()["width"] > 1.7 * fitted
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator(".enlarge").first.click()
    assert image.bounding_box()["width"] == fitted


def test_the_ranked_levers_and_their_verdicts_fit_a_phone(visit, page_of) -> None:
    """What the brief is opened for: the verdicts lay off the side, beside rows that were tall for names
    that nobody saw."""
    page = visit(page_of("executive_brief"), width=390).page
    ranked = page.locator(".scroll", has=page.locator("th", has_text="Verdict"))
    assert ranked.count() == 1
    assert ranked.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    told = page.locator(".scroll", has=page.locator("th", has_text="Same money as"))
    assert told.count() == 1
    assert told.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


def test_errors_in_percent_are_seen_before_scores_on_a_phone(visit, page_of) -> None:
    """Scaled errors filled the screen; how far off in percent, too high or too low and whether inside the
    interval lay beyond its edge."""
    page = visit(page_of("forecast"), width=390).page
    table = page.locator("table", has=page.locator("th", has_text="RMSSE"))
    heads = [one.strip() for one in table.locator("thead th").all_inner_texts()]
    assert heads[3:] == ["sMAPE", "Bias", "Inside the interval", "MASE", "RMSSE", "CRPS"]


def test_what_every_report_ends_with_fits_a_phone(visit, page_of) -> None:
    """The list of findings leaves no empty column beside its sentences, and nobody must push data
    quality aside to read its notes."""
    page = visit(page_of("ramp_time_cost"), width=390).page
    sentence, list_of = (
        page.locator(one).first.bounding_box()["width"]
        for one in (".findings td:first-child", ".findings")
    )
    assert sentence > 0.6 * list_of
    quality = page.locator(".scroll", has=page.locator("th", has_text="Rows read"))
    # A pixel is rounding.
    assert quality.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    # Nor where a company of two thousand has its millions of rows.
    quality.evaluate(
        "e => e.querySelectorAll('td.so-num').forEach(one => {"
        "if (one.textContent !== '0') one.textContent = '1,617,299'})"
    )
    assert quality.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


@each
def test_a_real_report_prints_clean(visit, page_of, tmp_path: Path, name: str) -> None:
    """Nothing to press, no code, and nothing wider than the paper, on A4 and on Letter."""
    one = visit(page_of(name), width=794)
    one.page.emulate_media(media="print")
    # A table's head is a row of buttons that on paper are nothing but their text.
    furniture = "button:not(th button), input, details, label"
    assert one.page.locator(f":is({furniture}):visible").count() == 0
    shown = "all => all.map(b => getComputedStyle(b).display)"
    assert set(one.page.eval_on_selector_all("th button", shown)) <= {"contents"}
    for element in one.page.query_selector_all("figure img, table"):
        assert element.bounding_box()["width"] <= 794
    page = one.page.locator("main").evaluate("m => getComputedStyle(m).color")
    assert page == "rgb(0, 0, 0)"
    for paper, size in (("A4", "595 x 842"), ("Letter", "612 x 792")):
        file = tmp_path / f"{paper}.pdf"
        one.page.pdf(path=file, format=paper, prefer_css_page_size=True)
        if shutil.which("pdfinfo"):
            told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True)
            assert re.sub(r"\.\d+", "", told.stdout).count(size), told.stdout


def test_a_long_table_repeats_its_head_on_every_page(visit, page_of, tmp_path: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine; install poppler-utils to run this test")
    one = visit(page_of("performance_curve"))
    rows = one.page.locator(".evidence table").nth(1).locator("tbody tr").count()
    assert rows > 40  # more than a page holds
    file = tmp_path / "page.pdf"
    one.page.pdf(path=file, format="A4")
    told = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True
    )
    pages = told.stdout.split("\f")
    heads = [at for at, text in enumerate(pages) if "Rank" in text and "Expected" in text]
    assert len(heads) >= 2 and heads == list(range(heads[0], heads[0] + len(heads)))


def test_a_real_report_with_no_scripts_is_whole(browser, page_of) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_of("channel_gap").as_uri())
    assert page.locator("figure img").count() >= 3
    assert page.locator("button").count() == 0
    assert page.locator(".answer .so-lead").inner_text()
    context.close()


def test_a_long_answer_opens_with_its_first_sentence(visit, page_of) -> None:
    """Seven lines in large letters, sixteen on a phone, before a director knew what to push. The file's
    own text, and what is copied from the page, stay the finding's sentence."""
    path = page_of("executive_brief")
    (said,) = re.findall(r'<p class="so-lead">(.*?)</p>', path.read_text(encoding="utf-8"))
    lead = visit(path).page.locator(".answer .so-lead")
    assert lead.evaluate("e => e.textContent") == html.unescape(said)
    first = lead.evaluate("e => e.firstChild.data")
    assert first.endswith(". ") and len(first) < 0.6 * len(said)
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert lead.locator(".rest").evaluate(size) < 0.85 * lead.evaluate(size)


def test_a_sign_stays_on_the_line_of_its_amount(visit, page_of) -> None:
    """Held together by the page, not in the file, whose sentence stays the finding's own."""
    one = visit(page_of("channel_gap"), width=390)
    before = "e => e.textContent.match(/−\\$[\\d.]+[KM]?/g) || []"
    amounts = one.page.locator(".answer p.so-lead").evaluate(before)
    assert amounts
    boxes = one.page.eval_on_selector_all(
        ".answer p.so-lead .amount", "all => all.map(e => e.getClientRects().length)"
    )
    assert boxes == [1] * len(amounts)
