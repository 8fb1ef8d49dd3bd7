"""Reports of a company in which every text is an attack, opened in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reporting.conftest import hostile, warm  # noqa: F401

pytestmark = pytest.mark.browser


def test_attacks_do_nothing(visit, hostile: Path) -> None:  # noqa: F811
    for path in sorted(hostile.glob("out/**/*.html")):
        one = visit(path.read_text(encoding="utf-8"))
        for element in one.page.query_selector_all("button, summary"):
            element.dispatch_event("click")
        assert one.hacked() is None, path.name
        assert (one.requests, one.console, one.dialogs) == ([], [], []), path.name
