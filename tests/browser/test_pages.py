"""Real faults and hostile text in a real browser: reports and index ask for nothing, run nothing
that is not ours, and can be read by everyone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from salesops_lib.reporting.html import render_index, render_report
from tests.reporting.html import pages

pytestmark = pytest.mark.browser
TITLE = "Who is really better, and what is moving the middle worth?"


def report(names: tuple[str, ...] = ("Ann Lee", "Bo Chen", "Cem Kaya"), **changes: object) -> str:
    options = {
        "title": TITLE,
        "period": "2026-Q3",
        "scope": "company",
        "findings": pages.FINDINGS,
        "provenance": {"data as of": "2026-09-30", "fingerprint": "ab12"},
        "previous": {"period": "2026-Q2", "findings": pages.FINDINGS},
        "headline": "moving_the_middle",
        **changes,
    }
    return render_report(pages.notebook(names), **options)


def hostile_report() -> str:
    findings = [
        {**pages.FINDINGS[0], "name": f"f{i}", "sentence": text}
        for i, text in enumerate(pages.INJECTIONS)
    ]
    return report(
        pages.INJECTIONS,
        title=pages.INJECTIONS[0],
        scope=f"region={pages.INJECTIONS[1]}",
        period=pages.INJECTIONS[2],
        findings=findings,
        provenance={text: text for text in pages.INJECTIONS},
        previous={"period": pages.INJECTIONS[0], "findings": findings},
    )


def index(*texts: str) -> str:
    return render_index([run for text in texts or (None,) for run in runs(text)])


def runs(text: str | None) -> list[dict[str, object]]:
    return [
        {
            "period": period,
            "pack": text or "default",
            "scope": f"region={text}" if text else "company",
            "path": text or f"{period}/default/company",
            "finished": "2026-10-01T06:00:00",
            "notebooks": [
                {
                    "name": text or "performance_curve",
                    "title": text or TITLE,
                    "status": status,
                    "reason": text or "The kernel was killed.",
                    "headline": {**pages.FINDINGS[0], "sentence": text or "Worth it.", "value": v},
                }
            ],
        }
        for period, status, v in (
            ("2026-Q3", "stale", 3.0),
            ("2026-Q2", "failed", 1.0),
            ("2026-Q1", "published", 2.0),
        )
    ]


@pytest.mark.parametrize("make", [report, index], ids=["report", "index"])
def test_a_page_asks_for_nothing_and_has_no_complaint(visit, make) -> None:
    one = visit(make())
    one.page.mouse.wheel(0, 5000)
    assert one.requests == []
    assert one.console == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("make", [report, index], ids=["report", "index"])
def test_everyone_can_read_it(visit, make, dark: bool) -> None:
    one = visit(make(), dark=dark)
    found = Axe().run(one.page)
    assert found.violations_count == 0, found.generate_report()


def test_a_wide_table_of_one_row_is_reached_by_keyboard(visit) -> None:
    """It has no sort buttons to stop at, yet on a phone it must be scrolled."""
    page = report(("a" * 30 + "b" * 30,)).replace("<td>", "<td>" + "wide&nbsp;" * 40)
    found = Axe().run(visit(page, width=390).page)
    assert found.violations_count == 0, found.generate_report()


def test_hostile_text_is_inert_in_the_report(visit) -> None:
    one = visit(hostile_report())
    for element in one.page.query_selector_all("button, summary, a"):
        element.dispatch_event("click")
    assert one.hacked() is None
    assert one.dialogs == []
    assert one.requests == []
    # A blocked attempt would be a violation on the console: there must be nothing to block.
    assert one.console == []


def test_hostile_text_is_inert_in_the_index(visit) -> None:
    one = visit(index(*pages.INJECTIONS))
    assert one.page.locator(".card").count() == 3 * len(pages.INJECTIONS)
    for text in pages.INJECTIONS:
        one.page.fill("#search", text[:50])
    assert one.hacked() is None
    assert (one.dialogs, one.requests, one.console) == ([], [], [])
    hrefs = one.page.eval_on_selector_all(".card a", "all => all.map(a => a.protocol)")
    assert set(hrefs) == {"file:"}


def test_a_policy_stops_what_an_escape_would_miss(visit) -> None:
    """The second wall, tried alone: an injected script does not run even in the page's markup."""
    page = report().replace("</main>", "<script>window.hacked=1</script></main>")
    one = visit(page)
    assert one.hacked() is None
    assert any("Content Security Policy" in text for text in one.console)


def test_tables_sort_by_keyboard_and_by_value(visit) -> None:
    one = visit(report(("Bo", "Ann", "Cem")))
    button = one.page.locator(".evidence table.so-table th button").first
    button.focus()
    one.page.keyboard.press("Enter")
    cells = one.page.locator(".evidence table.so-table tbody td:first-child")
    assert cells.all_text_contents() == ["Ann", "Bo", "Cem"]
    one.page.keyboard.press("Enter")
    assert cells.all_text_contents() == ["Cem", "Bo", "Ann"]
    assert button.locator("..").get_attribute("aria-sort") == "descending"


def test_the_index_is_searchable(visit) -> None:
    one = visit(index())
    one.page.fill("#search", "2026-q1")
    assert one.page.locator(".card:visible").count() == 1
    one.page.fill("#search", "no such thing")
    assert one.page.locator(".card:visible").count() == 0


def test_what_is_searched_among_earlier_reports_is_shown(visit) -> None:
    """They lie folded away by year until something is looked for."""
    (any_week, *_) = runs(None)
    weeks = [{**any_week, "period": f"2025-W{week:02d}"} for week in range(1, 53)]
    one = visit(render_index(weeks))
    earlier = one.page.locator(".year li:visible")
    assert earlier.count() == 0 and one.page.locator(".card:visible").count() == 26
    one.page.fill("#search", "2025-w03")
    assert earlier.count() == 1
    assert one.page.locator(".card:visible").count() == 0
    one.page.fill("#search", "2025-w50")
    assert earlier.count() == 0 and not one.page.locator(".year").is_visible()
    one.page.fill("#search", "")
    assert one.page.locator(".year summary").is_visible() and earlier.count() == 0
    assert one.console == []


def test_interactive_within_a_second_from_disk(visit) -> None:
    one = visit(report(tuple(f"Rep {i}" for i in range(2_000))))
    one.page.locator(".evidence th button").first.click()
    assert 0.0 < one.busy() < 1.0


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_runs_off_the_side(visit, width: int) -> None:
    for html in (report(), index(), hostile_report()):
        one = visit(html, width=width)
        overflow = one.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0


def test_print_is_clean(visit, tmp_path) -> None:
    one = visit(report())
    one.page.emulate_media(media="print")
    assert one.page.locator(".copy:visible").count() == 0
    assert one.page.locator("details.code:visible").count() == 0
    # A page began with the last line of what explains the picture on it.
    broken = "all => all.map(one => getComputedStyle(one).breakInside)"
    assert set(one.page.eval_on_selector_all(".prose", broken)) == {"avoid"}
    one.page.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_without_scripts_the_report_is_whole(browser, tmp_path) -> None:
    path = tmp_path / "plain.html"
    path.write_text(report(), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("figure img").count() == 2
    assert "worth $1.9M a year" in page.locator(".answer").inner_text()
    context.close()
