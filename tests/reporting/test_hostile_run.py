"""A company in which every text is an attack, through the whole program: all inert."""

from __future__ import annotations

import base64
import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from salesops_lib.dataset.loading import examine
from salesops_lib.dataset.quality import write_quarantine
from salesops_lib.registry import ANALYSES
from tests.reporting.html.pages import INJECTIONS
from tests.reporting.planted import TEXTS, readable

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


def test_every_text_column_holds_attacks(hostile: Path) -> None:
    """So that what follows is about all of them, also when a column is added."""
    seen = set()
    for path in sorted((hostile / "data").glob("*.csv.gz")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in set(TEXTS) & set(frame):
            texts = set(frame[column].str.replace(r" \d+$| set aside$", "", regex=True)) - {""}
            assert texts <= set(INJECTIONS), (path.name, column)
            seen.add(column)
    assert seen == set(TEXTS)
    assert {"account_id", "deal_id", "activity", "competitor", "source", "stage", "kind"} <= seen


def test_everything_is_published_inside_its_folder(hostile: Path) -> None:
    assert {path.name for path in hostile.iterdir() if path.is_dir()} == {"data", "out"}
    period = hostile / "out" / "2026-Q3"
    assert {path.name for path in period.iterdir()} == {"hostile", "hostile_scopes"}
    assert [path.name for path in (period / "hostile").iterdir()] == ["company"]
    scopes = sorted(path.name for path in (period / "hostile_scopes").iterdir())
    assert len(scopes) == 2 and scopes[1] == "region=..%2F..%2Fetc%2Fpasswd"
    for folder, count in ((period / "hostile", len(ANALYSES)), (period / "hostile_scopes", 2)):
        for scope in folder.iterdir():
            assert len(list(scope.iterdir())) == count * 3 + 1
            record = json.loads((scope / "run.json").read_text(encoding="utf-8"))
            assert [one["status"] for one in record["notebooks"]] == ["published"] * count
    for path in hostile.rglob("*"):
        assert re.fullmatch(r"[\w.=%+ ~-]+", path.name), path.name


def test_no_active_markup(hostile: Path) -> None:
    pages = sorted(hostile.glob("out/**/*.html"))
    assert len(pages) == len(ANALYSES) + 2 * 2 + 1
    for path in pages:
        text = path.read_text(encoding="utf-8")
        found = Markup()
        found.feed(text)
        assert found.bad == [], path.name
        assert found.scripts == 1, path.name  # ours, allowed by its hash
        assert len(text.encode()) < 1.5e6
    # The attacks were there to be made harmless.
    text = (hostile / "out/2026-Q3/hostile/company/performance_curve.html").read_text()
    assert "&lt;script&gt;window.hacked" in text and "x" * 50 in text


def test_names_are_short_and_hide_nothing_anywhere(hostile: Path) -> None:
    """A name of 10,000 characters is cut, and no name turns round or hides what stands after it:
    in pages, figures, executed notebooks, findings and records alike."""
    files = [path for path in hostile.glob("out/2026-Q3/*/*/*") if path.is_file()]
    assert len(files) == len(ANALYSES) * 3 + 1 + 2 * (2 * 3 + 1)
    for path in [*files, hostile / "out" / "index.html"]:
        text = readable(path)
        assert "x" * 61 not in text, path.name
        assert not re.search("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\x00]", text), path.name


def test_figures_keep_their_size(hostile: Path) -> None:
    drawn = 0
    for path in hostile.glob("out/2026-Q3/*/*/*.html"):
        text = path.read_text(encoding="utf-8")
        for kind, body in re.findall(r"data:image/(svg\+xml|png);base64,([A-Za-z0-9+/=]+)", text):
            if kind == "png":
                continue
            width, height = (
                float(one)
                for one in re.search(
                    r'<svg [^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"|$',
                    base64.b64decode(body).decode().replace("\n", " "),
                ).groups()
            )
            assert width <= 600 and height <= 1200, (path.name, width, height)
            drawn += 1
    assert drawn >= 30


def test_nothing_exported_runs_in_a_spreadsheet(hostile: Path, tmp_path: Path) -> None:
    written = write_quarantine(examine(str(hostile / "data")), tmp_path)
    assert [path.name for path in written] == ["deals.csv"]
    with written[0].open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    cells = [cell for row in rows for cell in row]
    assert len(rows) == 1 + len(INJECTIONS)
    assert sum(cell.startswith(("'=", "'+", "'@", "'\t", "'\r")) for cell in cells) >= 5
    for cell in cells:
        runs = cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not runs or re.fullmatch(r"-?[\d.]+", cell), cell
