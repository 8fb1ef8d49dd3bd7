"""Compare two levers side by side."""

from __future__ import annotations

import ipywidgets as widgets

from salesops_lib.analyses.executive_brief import ExecutiveBrief
from salesops_lib.analyses.executive_brief.words import comparison
from salesops_lib.widgets.controls import paragraphs


def explore_executive_brief(brief: ExecutiveBrief, *, currency: str = "$") -> widgets.Widget:
    """Two lists of levers and the sentence that says whether they can be told apart."""
    names = brief.levers["lever"].tolist()
    if len(names) < 2:
        return widgets.HTML(paragraphs(["Two levers with a number are needed to compare."]))
    rows = brief.levers.set_index("lever", drop=False)
    wide = {"width": "26em"}
    first = widgets.Dropdown(options=names, value=names[0], description="Lever", layout=wide)
    second = widgets.Dropdown(options=names, value=names[1], description="against", layout=wide)
    said = widgets.HTML()

    def redraw(_: object = None) -> None:
        if first.value == second.value:
            said.value = paragraphs(["Choose two different levers."])
            return
        said.value = paragraphs(
            [comparison(rows.loc[first.value], rows.loc[second.value], currency)]
        )

    for one in (first, second):
        one.observe(redraw, names="value")
    redraw()
    return widgets.VBox([widgets.HBox([first, second]), said])
