"""Choose the hours moved, how much of them is sold, what they cost elsewhere, and how much published
experience counts; see what it brings."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from matplotlib.axes import Axes

from salesops_lib.analyses.selling_time import FreedHours, SellingTime, freed_hours
from salesops_lib.errors import SalesOpsError
from salesops_lib.figures import selling_time as figures
from salesops_lib.figures import style
from salesops_lib.widgets.controls import WIDE, paragraphs, slider

_VIEWS: dict[str, Callable[[SellingTime, FreedHours], Axes]] = {
    "What it brings": lambda _, freed: figures.freed_curve(freed),
    "The week": lambda times, _: figures.week(times),
    "Response": lambda times, _: figures.elasticity(times),
}


def explore_selling_time(
    times: SellingTime,
    *,
    hours_freed_week: float = 3.0,
    sold_share: float = 0.5,
    gross_margin: float = 0.7,
    sales_ops_hour_cost: float = 45.0,
    working_hours_week: float = 40.0,
    working_weeks_year: float = 46.0,
    rng: int = 0,
    currency: str = "$",
) -> widgets.Widget:
    """Sliders for hours moved, the part that is sold and the cost of an hour elsewhere; figure and
    sentences come from the functions that the report uses, at the report's own seed."""
    most = max(times.movable_hours_week.value, hours_freed_week, 1.0)
    hours = slider("Hours moved a week", min(hours_freed_week, most), 0.5, most, 0.5, ".1f")
    sold = slider("Part that is sold", sold_share, 0.05, 1.0, 0.05, ".0%")
    cost = slider(
        "Cost of an hour", sales_ops_hour_cost, 0.0, max(200.0, 2 * sales_ops_hour_cost), 5.0, ".0f"
    )
    view = widgets.ToggleButtons(options=list(_VIEWS), description="Picture", style=WIDE)
    said, drawn = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        try:
            freed = freed_hours(
                times, hours_freed_week=hours.value, sold_share=sold.value,
                gross_margin=gross_margin, sales_ops_hour_cost=cost.value,
                working_hours_week=working_hours_week, working_weeks_year=working_weeks_year,
                rng=rng, currency=currency,
            )  # fmt: skip
        except SalesOpsError as fault:
            said.value, drawn.value = paragraphs([str(fault)]), ""
            return
        said.value = paragraphs(one.sentence for one in freed.findings)
        drawn.value = style.svg(_VIEWS[view.value](times, freed))

    for one in (hours, sold, cost, view):
        one.observe(redraw, names="value")
    redraw()
    controls = widgets.VBox([widgets.HBox([hours, sold]), widgets.HBox([cost, view])])
    return widgets.VBox([controls, said, drawn])
