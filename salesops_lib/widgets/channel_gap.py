"""Choose two channels and how they are weighed, and see the gap taken apart."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from salesops_lib.analyses.channel_gap import channel_gap, closing_gap
from salesops_lib.errors import SalesOpsError
from salesops_lib.figures import channel_gap as figures

REFERENCES: dict[str, str | float] = {
    "both channels together": "pooled",
    "channel a": "a",
    "channel b": "b",
    "halfway between the two": 0.5,
}


def explore_channel_gap(
    data: pd.DataFrame,
    *,
    outcome: str = "bookings",
    channel: str = "channel",
    a: str,
    b: str,
    market: Sequence[str] = (),
    practice: Sequence[str] = (),
    cluster: str = "rep_id",
    gross_margin: float = 0.7,
    currency: str = "$",
) -> widgets.Widget:
    """Lists of channels, practices and weights, and a slider of how much training closes; they
    redraw the waterfall and its sentences from the functions that the report uses."""
    names = sorted(str(one) for one in data[channel].dropna().unique())
    first = widgets.Dropdown(options=names, value=a, description="Channel a")
    second = widgets.Dropdown(options=names, value=b, description="Channel b")
    weighed = widgets.Dropdown(options=list(REFERENCES), description="Weighed by")
    chosen = widgets.SelectMultiple(
        options=list(practice), value=list(practice), description="Practices", rows=5
    )
    closed = widgets.FloatSlider(
        value=0.5, min=0.0, max=1.0, step=0.05, description="Closed", readout_format=".0%"
    )
    said, drawn = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        try:
            gap = channel_gap(
                data, outcome=outcome, channel=channel, a=first.value, b=second.value,
                market=market, practice=list(chosen.value), cluster=cluster,
                reference=REFERENCES[weighed.value], currency=currency, permutations=199,
            )  # fmt: skip
        except SalesOpsError as fault:
            said.value, drawn.value = html.escape(str(fault)), ""
            return
        closing = closing_gap(
            gap, gap_closed=closed.value, gross_margin=gross_margin, currency=currency
        )
        sentences = [
            gap.finding("gap_ratio").sentence,
            gap.finding("correctable_money_year").sentence,
            closing.finding("training_limit_year").sentence,
        ]
        said.value = "".join(f"<p>{html.escape(text)}</p>" for text in sentences)
        drawn.value = _svg(figures.waterfall(gap, currency=currency))

    for one in (first, second, weighed, chosen, closed):
        one.observe(redraw, names="value")
    redraw()
    controls = widgets.VBox(
        [widgets.HBox([first, second]), widgets.HBox([weighed, closed]), chosen]
    )
    return widgets.VBox([controls, said, drawn])


def _svg(ax: Axes) -> str:
    """The figure of `ax` as SVG text; the figure is closed."""
    buffer = io.StringIO()
    ax.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})  # type: ignore[union-attr]
    plt.close(ax.figure)  # type: ignore[arg-type]
    text = buffer.getvalue()
    return text[text.index("<svg") :]
