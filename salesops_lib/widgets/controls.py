"""Controls that several widgets have."""

from __future__ import annotations

import ipywidgets as widgets

WIDE = {"description_width": "9em"}


def slider(
    name: str, value: float, low: float, high: float, step: float, readout: str
) -> widgets.FloatSlider:
    """A slider that redraws once it is let go.

    Parameters
    ----------
    readout
        How its number is written: `.0%`, `.1f`.
    """
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=name, readout_format=readout,
        continuous_update=False, style=WIDE,
    )  # fmt: skip
