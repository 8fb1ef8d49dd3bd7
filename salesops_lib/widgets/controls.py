"""Controls that several widgets have."""

from __future__ import annotations

import html
import io
from base64 import b64encode
from collections.abc import Iterable

import ipywidgets as widgets
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from salesops_lib import wording
from salesops_lib.figures import style

# Wide enough for the longest label: a browser cuts what does not fit.
WIDE = {"description_width": "11em"}
_SLIDER = {"width": "27em"}


def paragraphs(sentences: Iterable[str]) -> str:
    """Sentences below one another, as a reader can follow them on a wide screen; escaped here."""
    return "".join(
        f'<p style="line-height:1.4;margin:0.3em 0;max-width:46em">{html.escape(wording.opened(text))}</p>'
        for text in sentences
    )


def slider(
    name: str, value: float, low: float, high: float, step: float, readout: str
) -> widgets.FloatSlider:
    """A slider that redraws once it is let go; it starts at the nearest it can to `value`.

    Parameters
    ----------
    readout
        How its number is written: `.0%`, `.1f`.
    """
    return widgets.FloatSlider(
        value=min(max(value, low), high), min=low, max=high, step=step, description=name, readout_format=readout,
        continuous_update=False, style=WIDE, layout=_SLIDER,
    )  # fmt: skip


def picture(ax: Axes) -> str:
    """The figure of `ax` as an image with its alt text, drawn finer than shown and never wider than
    the notebook; the figure is closed."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    buffer = io.BytesIO()
    with style.house():
        figure.savefig(buffer, format="png")
    alt = html.escape(style.alt_text(ax), quote=True)
    plt.close(figure)
    body = b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="{alt}" style="width:{figure.get_figwidth():g}in;max-width:100%;height:auto" '
        f'src="data:image/png;base64,{body}">'
    )
