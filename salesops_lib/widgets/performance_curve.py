"""Choose the months, the channel and how far the middle is moved, and see who stands where and what
the levers bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from salesops_lib.analyses.columns import check_columns, time_labels
from salesops_lib.analyses.performance_curve import (
    LeverTable,
    PerformanceCurve,
    Replacement,
    moving_the_middle,
    performance_curve,
    selling_reps,
)
from salesops_lib.errors import DataError, SalesOpsError
from salesops_lib.figures import performance_curve as figures
from salesops_lib.figures import style
from salesops_lib.widgets.controls import paragraphs, slider

WINDOW = 12
_ALL = "all channels"
_NOBODY = "Nobody of this part of the company is among the reps of these months and this channel."


def explore_performance_curve(
    data: pd.DataFrame,
    *,
    rep: str = "rep_id",
    period: str = "month",
    value: str = "bookings",
    channel: str | None = "channel",
    covariates: Sequence[str] = (),
    exposure: str | None = None,
    deals: str | None = None,
    leaves: str | None = None,
    gap_closed: float = 0.2,
    gross_margin: float = 1.0,
    cost_per_rep: float = 0.0,
    star_deal_value: Sequence[float] | float | None = None,
    star_deals_year: float = 1.0,
    star_deal_cost: float = 0.0,
    replacement: Replacement | Mapping[str, Any] | None = None,
    shown: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    rng: int = 0,
    currency: str = "$",
) -> widgets.Widget:
    """Lists of periods, channels and pictures, and a slider for the share of the gap that the
    middle closes; figure and sentences come from the functions that the report uses.

    Parameters
    ----------
    data
        All history, one row a rep and period; twelve periods up to the chosen one are analysed,
        of reps who manage nobody then, as in the report.
    channel
        Column of channels; None where there is none.
    shown
        What cuts and names the reps for the reader (`run.shown`).
    rng
        The report's seed, so that the controls start at its answer.
    """
    check_columns(data, [rep, period, value], "a performance curve")
    missing = data[period].isna()
    if missing.any():
        raise DataError(
            "missing", column=period, rows=data.index[missing], remedy="Every row needs one."
        )
    # In order of time: by the alphabet, April 2026 comes before January 2025.
    moments = time_labels(data[period], period)
    times = list(moments.unique().sort_values())
    called = dict(zip(moments, data[period], strict=True))
    ends = [one for place, one in enumerate(times) if place + 1 >= min(WINDOW, len(times))]
    when = widgets.Dropdown(
        options=[(_label(called[one]), one) for one in reversed(ends)], description="Up to"
    )
    known = sorted(map(str, data[channel].dropna().unique())) if channel in data else []
    where = widgets.Dropdown(options=[_ALL, *known], description="Channel", disabled=not known)
    closed = slider("Gap closed", gap_closed, 0.0, 1.0, 0.05, ".0%")
    view = widgets.ToggleButtons(options=["Levers", "Reps", "Shape"], description="Picture")
    said, drawn = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        try:
            curve = performance_curve(
                _window(data, rep, moments.isin(_year(times, when.value)), channel, where.value),
                rep=rep, period=period, value=value, covariates=covariates, exposure=exposure,
                deals=deals, leaves=leaves, rng=rng, currency=currency,
            )  # fmt: skip
            table = moving_the_middle(
                curve, gap_closed=float(closed.value), gross_margin=gross_margin,
                cost_per_rep=cost_per_rep, star_deal_value=star_deal_value,
                star_deals_year=star_deals_year, star_deal_cost=star_deal_cost,
                replacement=replacement, rng=rng, currency=currency,
            )  # fmt: skip
        except SalesOpsError as fault:
            said.value, drawn.value = paragraphs([str(fault)]), ""
            return
        said.value = paragraphs(_sentences(curve, table))
        ax = _picture(str(view.value), curve, table, shown, currency)
        drawn.value = style.svg(ax) if ax is not None else paragraphs([_NOBODY])

    for one in (when, where, closed, view):
        one.observe(redraw, names="value")
    redraw()
    controls = widgets.VBox([widgets.HBox([when, where]), widgets.HBox([closed, view])])
    return widgets.VBox([controls, said, drawn])


def _year(times: list[Any], end: Any) -> list[Any]:
    """The twelve periods up to one, or those that there are."""
    last = times.index(end)
    return times[max(last - WINDOW + 1, 0) : last + 1]


def _window(
    data: pd.DataFrame, rep: str, inside: NDArray[np.bool_], channel: str | None, chosen: str
) -> pd.DataFrame:
    kept, _ = selling_reps(data[inside], rep=rep)
    if channel is None or chosen == _ALL:
        return kept
    return kept[kept[channel].astype(str) == chosen]


def _sentences(curve: PerformanceCurve, table: LeverTable) -> tuple[str, ...]:
    return (
        table.finding("moving_the_middle").sentence,
        table.finding("best_lever").sentence,
        curve.finding("reliability").sentence,
    )


def _picture(
    view: str,
    curve: PerformanceCurve,
    table: LeverTable,
    shown: Callable[[pd.DataFrame], pd.DataFrame] | None,
    currency: str,
) -> Axes | None:
    if view == "Shape":
        return figures.shape(curve, currency=currency)
    if view == "Reps":
        reps = curve.reps if shown is None else shown(curve.reps)
        return figures.caterpillar(curve, reps, currency=currency) if len(reps) else None
    return figures.levers(table)


def _label(time: Any) -> str:
    return f"{time:%B %Y}" if isinstance(time, pd.Timestamp) else str(time)
