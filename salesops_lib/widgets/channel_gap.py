"""Choose two channels, the practices and how they are weighed, and see the gap taken apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as widgets
import pandas as pd
from matplotlib.axes import Axes

from salesops_lib.analyses.channel_gap import (
    ChannelGap,
    GapClosing,
    channel_gap,
    closing_gap,
    lead,
)
from salesops_lib.analyses.channel_gap.labels import label
from salesops_lib.analyses.channel_gap.rows import check_groups
from salesops_lib.analyses.columns import check_columns
from salesops_lib.analyses.options import names_of
from salesops_lib.errors import SalesOpsError
from salesops_lib.figures import channel_gap as figures
from salesops_lib.figures import style
from salesops_lib.widgets.controls import paragraphs

REFERENCES: dict[str, str | float] = {
    "both together": "pooled",
    "the first alone": "a",
    "the second alone": "b",
    "halfway between": 0.5,
}
_WIDE = {"description_width": "6.5em"}


def explore_channel_gap(
    data: pd.DataFrame,
    *,
    outcome: str = "bookings",
    channel: str = "channel",
    a: object,
    b: object,
    market: str | Sequence[str] = (),
    practice: str | Sequence[str] = (),
    cluster: str = "rep_id",
    gap_closed: float = 0.5,
    gross_margin: float = 0.7,
    only: Sequence[object] = (),
    among: int = 1,
    rng: int = 0,
    currency: str = "$",
) -> widgets.Widget:
    """Lists of channels, practices, weights and pictures, and a slider of how much training closes;
    figure and sentences come from the functions that the report uses.

    Parameters
    ----------
    gap_closed, gross_margin
        Where the slider starts, and what is earned on bookings (see `closing_gap`).
    only
        The reps whose dots may be drawn (`run.own`); by default all.
    rng
        The report's seed, so that the controls start at its answer.
    among
        From how many pairs one is looked for (see `channel_gap`).
    """
    check_columns(data, [channel], "a comparison of channels")
    check_groups(data, channel, a, b)
    practice = names_of(practice)
    # Under their names, and as they are: 0 and False are channels, too, and not those called "0" and "False".
    known = sorted(data[channel].dropna().unique().tolist(), key=str)
    names = [(str(one), one) for one in known]
    first = widgets.Dropdown(options=names, value=a, description="Compare", style=_WIDE)
    second = widgets.Dropdown(options=names, value=b, description="with", style=_WIDE)
    weighed = widgets.Dropdown(options=list(REFERENCES), description="Weighed by", style=_WIDE)
    closed = widgets.FloatSlider(
        value=gap_closed, min=0.0, max=1.0, step=0.05, description="Gap closed",
        readout_format=".0%", continuous_update=False, style=_WIDE,
    )  # fmt: skip
    chosen = [
        widgets.Checkbox(value=True, description=label(one), indent=False, layout={"width": "auto"})
        for one in practice
    ]
    view = widgets.ToggleButtons(options=list(_VIEWS), description="Picture", style=_WIDE)
    said, drawn = widgets.HTML(), widgets.HTML()
    kept: dict[tuple[object, ...], ChannelGap] = {}

    def gap_now() -> ChannelGap:
        named = [one for one, box in zip(practice, chosen, strict=True) if box.value]
        key = (first.value, second.value, weighed.value, *named)
        if key not in kept:
            kept[key] = channel_gap(
                data, outcome=outcome, channel=channel, a=first.value, b=second.value,
                market=market, practice=named, cluster=cluster,
                reference=REFERENCES[weighed.value], currency=currency, permutations=199,
                among=among, rng=rng,
            )  # fmt: skip
        return kept[key]

    def redraw(_: object = None) -> None:
        if first.value == second.value:
            said.value, drawn.value = paragraphs(["Choose two different channels."]), ""
            return
        try:
            gap = gap_now()
        except SalesOpsError as fault:
            said.value, drawn.value = paragraphs([str(fault)]), ""
            return
        closing = closing_gap(
            gap, gap_closed=closed.value, gross_margin=gross_margin, currency=currency
        )
        sentences = [gap.finding(name).sentence for name in reversed(lead(gap))]
        sentences.append(closing.finding("training_limit_year").sentence)
        said.value = paragraphs(sentences)
        ax = _VIEWS[view.value](gap, closing, only)
        drawn.value = style.svg(ax) if ax is not None else paragraphs([_NOTHING])

    for one in (first, second, weighed, closed, view, *chosen):
        one.observe(redraw, names="value")
    redraw()
    boxes = widgets.HBox(
        [widgets.Label("Practices", layout={"width": "6.5em"}), *chosen],
        layout={"flex_flow": "row wrap"},
    )
    controls = widgets.VBox(
        [widgets.HBox([first, second]), widgets.HBox([weighed, closed]), boxes, view]
    )
    return widgets.VBox([controls, said, drawn])


_NOTHING = "No practice that differs between reps is chosen, so there is nothing to draw here."


def _reps(gap: ChannelGap, closing: GapClosing, only: Sequence[object]) -> Axes | None:
    return figures.rep_means(gap, only=only, currency=closing.currency)


def _parts(gap: ChannelGap, closing: GapClosing, _: Sequence[object]) -> Axes | None:
    return figures.waterfall(gap, currency=closing.currency)


def _practices(gap: ChannelGap, closing: GapClosing, _: Sequence[object]) -> Axes | None:
    return figures.practices(closing, gap) if len(closing.practices) else None


def _hidden(gap: ChannelGap, closing: GapClosing, _: Sequence[object]) -> Axes | None:
    return figures.sensitivity(gap, currency=closing.currency) if len(gap.sensitivity) else None


_VIEWS: dict[str, Callable[[ChannelGap, GapClosing, Sequence[object]], Axes | None]] = {
    "What makes it": _parts,
    "Reps": _reps,
    "Practices": _practices,
    "Missed factor": _hidden,
}
