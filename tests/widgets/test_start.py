"""In every notebook the controls start at the report's own answer, whatever its seed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import ipywidgets as widgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from salesops_lib import story
from tests.notebooks.test_notebooks import code, read


@pytest.fixture(autouse=True)
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def _html(box: widgets.Widget) -> Iterator[str]:
    if isinstance(box, widgets.HTML):
        yield box.value
    for child in getattr(box, "children", ()):
        yield from _html(child)


@pytest.mark.parametrize(
    "name", ["channel_gap", "deal_desk", "performance_curve", "ramp_time_cost", "selling_time"]
)
def test_the_controls_start_at_the_reports_answer(name: str) -> None:
    displayed: list[widgets.Widget] = []
    space = {"display": displayed.append}
    with capture_output() as captured:
        first, *cells = [cell.source for cell in code(read(name))]
        for source in (first, "interactive, seed = True, 1", *cells):
            exec(source, space)
    (found,) = [d for d in (o.data.get(story.FINDINGS_MIME) for o in captured.outputs) if d]
    told = {one["sentence"] for one in found["findings"]}
    said = [
        html.unescape(text)
        for part in _html(*displayed)
        for text in re.findall(r"<p[^>]*>(.*?)</p>", part)
    ]
    assert len(said) >= 3
    assert set(said) <= told
