"""Reports of a company in which every text is an attack, opened in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reporting.conftest import hostile, warm  # noqa: F401

pytestmark = pytest.mark.browser
# In one round trip a page: asked for one by one, each click would be a message to the browser and back.
PRESSED = """all => all.map(one => one.dispatchEvent(
    new MouseEvent("click", {bubbles: true, cancelable: true, composed: true})
)).length"""


def test_attacks_do_nothing(visit, hostile: Path) -> None:  # noqa: F811
    pages = sorted(hostile.glob("out/**/*.html"))
    assert pages
    for path in pages:
        one = visit(path.read_text(encoding="utf-8"))
        pressed = one.page.eval_on_selector_all("button, summary", PRESSED)
        assert pressed or path.name == "index.html", path.name
        assert one.hacked() is None, path.name
        assert (one.requests, one.console, one.dialogs) == ([], [], []), path.name
