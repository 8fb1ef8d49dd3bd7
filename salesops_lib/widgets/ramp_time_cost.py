"""What if ramp were shorter, hires fewer, or the programme dearer."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np

from salesops_lib.analyses.ramp_time_cost import RampTime, ramp_cost, training_case
from salesops_lib.analyses.ramp_time_cost.training import TIME
from salesops_lib.estimate import Estimate, Result
from salesops_lib.figures import ramp_time_cost as figures
from salesops_lib.widgets.controls import paragraphs, slider
from salesops_lib.widgets.controls import picture as picture_of


def explore_ramp_time_cost(
    ramp: RampTime,
    gap: Result | Estimate | None = None,
    *,
    contribution_per_month: float | Estimate,
    hires_per_year: float,
    programme_cost: float,
    months_saved: float | Sequence[float] = 2.0,
    gap_closed: float = 0.5,
    gap_margin: float = 1.0,
    rng: int = 0,
    currency: str = "$",
) -> widgets.Widget:
    """Sliders for months saved, part of the gap closed, hires and programme cost; the training
    case's sentences and the break-even picture follow.

    Parameters
    ----------
    months_saved
        A number, or (least, most) as in `training_case`: the slider then moves the middle, and the
        limits keep their distance from it in percent.
    rng
        The report's seed, so that the controls start at its answer and the picture keeps still.
    """
    ends: tuple[float, ...] = (
        tuple(months_saved)
        if isinstance(months_saved, Sequence | np.ndarray)
        else (months_saved, months_saved)
    )
    middle = sum(ends) / 2
    most = max(12.0, 2 * middle)
    controls = {
        "months_saved": slider("Months sooner", middle, 0, most, 0.25, ".3g"),
        "gap_closed": slider("Gap closed", gap_closed, 0, 1, 0.05, ".0%"),
        "hires_per_year": slider(
            "Hires a year", hires_per_year, 0, max(2 * hires_per_year, 20), 0.1, ",.1f"
        ),
        "programme_cost": slider(
            "Programme cost", programme_cost, 0, max(4 * programme_cost, 1.0), 5000, ",.0f"
        ),
    }
    said, picture = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        chosen = {name: float(one.value) for name, one in controls.items()}
        cost = ramp_cost(
            ramp,
            hires_per_year=chosen["hires_per_year"],
            contribution_per_month=contribution_per_month,
            currency=currency,
        )
        case = training_case(
            cost,
            gap,
            months_saved=tuple(
                chosen["months_saved"] * (one / middle if middle else 1) for one in ends
            ),
            gap_closed=chosen["gap_closed"],
            gap_margin=gap_margin,
            programme_cost=chosen["programme_cost"],
            saved=TIME,
            currency=currency,
            rng=rng,
        )
        sentences = [cost.finding("ramp_cost_year").sentence]
        sentences += [case.finding(name).sentence for name in ("training_case", "payback_months")]
        # More months than ramp takes cannot be saved, and a slider offers them.
        said.value = paragraphs([*sentences, *case.notices])
        picture.value = picture_of(figures.break_even(case, currency=currency))

    for one in controls.values():
        one.observe(redraw, names="value")
    redraw()
    return widgets.VBox([widgets.VBox(list(controls.values())), said, picture])
