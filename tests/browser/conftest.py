"""A real Chromium, the one the machine has; without one these tests skip and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

# The shell without windows first: the same engine, and pages open in a third of the time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, PROGRAMS) if path), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install the chromium package to run this test")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@dataclass
class Visit:
    """A page opened from disk, and everything it tried to do."""

    page: Page
    session: CDPSession
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def hacked(self) -> Any:
        return self.page.evaluate("window.hacked ?? null")

    def busy(self) -> float:
        """Processor seconds of the page's main thread since it was opened.

        What a reader waits for on a quiet machine; a busy one does not lengthen it.
        """
        told = self.session.send("Performance.getMetrics")["metrics"]
        return float({one["name"]: one["value"] for one in told}["TaskDuration"])


@pytest.fixture
def visit(browser: Browser, tmp_path: Path):
    """Open a page by its path on disk (HTML given as text is written there first), and watch."""
    opened = []

    def open_page(
        html: str | Path, *, width: int = 1280, height: int = 900, dark: bool = False
    ) -> Visit:
        path = html if isinstance(html, Path) else tmp_path / f"page{len(opened)}.html"
        if not isinstance(html, Path):
            path.write_text(html, encoding="utf-8")
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        one = Visit(page, session)
        own = path.as_uri()
        page.on(
            "request",
            lambda r: one.requests.append(r.url) if not r.url.startswith((own, "data:")) else None,
        )
        page.on("console", lambda m: one.console.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: one.console.append(f"pageerror: {e}"))
        page.on("dialog", lambda d: (one.dialogs.append(d.message), d.dismiss()))
        page.goto(own)
        page.wait_for_load_state("load")
        opened.append(page)
        return one

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Where to leave pictures for a person to look at, if SALESOPS_SCREENSHOTS names a folder."""
    folder = os.environ.get("SALESOPS_SCREENSHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
