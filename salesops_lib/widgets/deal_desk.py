"""Choose the threshold of approval and what one costs, how much of the excess discount is taken back
and at what margin; see what it takes and what it brings."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.deal_desk import (
    ApprovalCase,
    DealDesk,
    HeldPrices,
    approval_case,
    hold_prices,
)
from salesops_lib.errors import NotEnoughData
from salesops_lib.figures import deal_desk as figures
from salesops_lib.figures import style
from salesops_lib.widgets.controls import WIDE, paragraphs, slider

_VIEWS: dict[str, Callable[[DealDesk, HeldPrices | None, ApprovalCase], Axes]] = {
    "Approval": lambda desk, held, case: figures.approval(case),
    "Break-even": lambda desk, held, case: (
        figures.break_even(held, desk) if held else figures.waterfall(desk)
    ),
    "From list to paid": lambda desk, held, case: figures.waterfall(desk),
}


def explore_deal_desk(
    desk: DealDesk,
    *,
    threshold: float = 0.20,
    approval_cost: float = 40.0,
    excess_closed: float = 0.5,
    gross_margin: float = 0.7,
    currency: str = "$",
) -> widgets.Widget:
    """Sliders for threshold, cost of an approval, part of the excess taken back and margin; figure and
    sentences come from the functions that the report uses."""
    limit = slider("Approval above", threshold, 0.0, max(0.6, threshold), 0.01, ".0%")
    cost = slider("Cost of one", approval_cost, 0.0, max(400.0, 2 * approval_cost), 5.0, ".0f")
    part = slider("Excess taken back", excess_closed, 0.05, 1.0, 0.05, ".0%")
    margin = slider("Gross margin", gross_margin, 0.05, 1.0, 0.01, ".0%")
    view = widgets.ToggleButtons(options=list(_VIEWS), description="Picture", style=WIDE)
    said, drawn = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        case = approval_case(
            desk, threshold=limit.value, approval_cost=cost.value, currency=currency
        )
        told = [one.sentence for one in case.findings]
        held: HeldPrices | None = None
        try:
            held = hold_prices(
                desk, excess_closed=part.value, gross_margin=margin.value, currency=currency
            )
            told += [one.sentence for one in held.findings]
        except NotEnoughData as missing:
            told.append(f"{wording.opened(missing.problem)}.")
        said.value = paragraphs(told)
        drawn.value = style.svg(_VIEWS[view.value](desk, held, case))

    for one in (limit, cost, part, margin, view):
        one.observe(redraw, names="value")
    redraw()
    controls = widgets.VBox([
        widgets.HBox([limit, cost]), widgets.HBox([part, margin]), widgets.HBox([view]),
    ])  # fmt: skip
    return widgets.VBox([controls, said, drawn])
