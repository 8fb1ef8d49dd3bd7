"""Explore the forecast: any part of the company, and what more pipeline would change."""

from __future__ import annotations

import ipywidgets as widgets

from salesops_lib.analyses.forecast import BookingsForecast
from salesops_lib.analyses.forecast.hierarchy import names_of
from salesops_lib.analyses.forecast.what_if import with_pipeline
from salesops_lib.figures import forecast_bookings as figures
from salesops_lib.figures.forecast_what_if import pipeline_what_if
from salesops_lib.widgets.controls import paragraphs
from salesops_lib.widgets.controls import picture as picture_of


def explore_forecast(forecast: BookingsForecast) -> widgets.Widget:
    """A list of the company's parts and a slider for the size of the open pipeline.

    Figures and sentence are redrawn from the same result that the report shows: the coming quarter
    with that pipeline beside the quota, and the months ahead as they are.
    """
    inside = forecast.nodes["unique_id"] == forecast.focus
    inside |= forecast.nodes["unique_id"].str.startswith(f"{forecast.focus}/")
    kept = forecast.nodes[inside & forecast.nodes["level"].isin(forecast.levels)]
    node = widgets.Dropdown(
        options=[(_name(one), one) for one in kept["unique_id"]],
        value=forecast.focus,
        description="Part",
    )
    factor = widgets.FloatSlider(
        value=1.0,
        min=0.5,
        max=2.0,
        step=0.05,
        description="Pipeline",
        readout_format=".2f",
        continuous_update=False,
        disabled=forecast.ahead is None or not forecast.ahead.has_pipeline,
    )
    picture = widgets.HTML()
    changed = widgets.HTML()
    said = widgets.HTML()

    def scale(_: object = None) -> None:
        many = float(factor.value)
        said.value = paragraphs([with_pipeline(forecast, node.value, many).sentence])
        changed.value = picture_of(pipeline_what_if(forecast, node=node.value, factor=many))

    def choose(_: object = None) -> None:
        picture.value = picture_of(figures.bookings_fan(forecast, node=node.value))
        scale()

    node.observe(choose, names="value")
    factor.observe(scale, names="value")
    choose()
    return widgets.VBox([widgets.HBox([node, factor]), said, changed, picture])


def _name(path: str) -> str:
    """`Company`, `West › T01`."""
    return " › ".join(names_of(path)[1:]) or "Company"
