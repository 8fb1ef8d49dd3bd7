"""A company in which every text is an attack, through the whole program: all inert."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ACTIVE = {"iframe", "object", "embed", "form", "link", "base", "math", "audio", "video"}


class Markup(HTMLParser):
    """What of a page is active: its scripts are counted, all else should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.bad = 0, []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.scripts += tag == "script"
        if tag in ACTIVE:
            self.bad.append((tag, attrs))
        for name, value in attrs:
            address = (value or "").strip().lower()
            remote = name in {"src", "href"} and address.startswith(("http", "//", "javascript:"))
            if name.startswith("on") or remote:
                self.bad.append((tag, name, value))


def test_everything_is_published_inside_its_folder(hostile: Path) -> None:
    assert {path.name for path in hostile.iterdir() if path.is_dir()} == {"data", "out"}
    pack = hostile / "out" / "2026-Q3" / "hostile"
    assert sorted(path.name for path in pack.iterdir()) == [
        "company",
        "region=..%2F..%2Fetc%2Fpasswd",
    ]
    for folder in pack.iterdir():
        assert len(list(folder.iterdir())) == 5 * 3 + 1
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert [one["status"] for one in record["notebooks"]] == ["published"] * 5


def test_no_active_markup(hostile: Path) -> None:
    pages = sorted(hostile.glob("out/**/*.html"))
    assert len(pages) == 11
    for path in pages:
        text = path.read_text(encoding="utf-8")
        found = Markup()
        found.feed(text)
        assert found.bad == [], path.name
        assert found.scripts == 1, path.name  # ours, allowed by its hash
        assert len(text.encode()) < 1.5e6
    # The attacks were there to be made harmless, and a name of any length is cut.
    text = (hostile / "out/2026-Q3/hostile/company/performance_curve.html").read_text()
    assert "&lt;script&gt;window.hacked" in text and "x" * 50 in text and "x" * 100 not in text
