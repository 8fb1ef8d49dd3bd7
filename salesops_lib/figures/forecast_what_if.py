"""Picture of the what-if: the coming quarter with more, or less, open pipeline."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.forecast import BookingsForecast
from salesops_lib.analyses.forecast.hierarchy import names_of
from salesops_lib.analyses.forecast.what_if import with_pipeline
from salesops_lib.figures import style


@style.drawn
def pipeline_what_if(
    result: BookingsForecast,
    *,
    node: str | None = None,
    factor: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """The coming quarter of a node as it is, and with `factor` times its open pipeline.

    A line marks the quota, where there is one.
    """
    node = node or result.focus
    asked = {"as it is": 1.0}
    if factor != 1:
        asked[f"{wording.ratio(factor)} the pipeline"] = factor
    found = {name: with_pipeline(result, node, one).estimate for name, one in asked.items()}
    ax = style.axes(ax, height=1.5 + 0.45 * len(found))
    place = np.arange(len(found))[::-1]
    colours = [style.BLUE, style.GREEN][: len(found)]
    for at, one, colour in zip(place, found.values(), colours, strict=True):
        ax.hlines(at, one.low, one.high, color=colour, lw=7, alpha=0.35)
        ax.plot(one.value, at, "o", color=colour, ms=9)
    quota = _quota(result, node)
    ends = [x for one in found.values() for x in (one.value, one.low, one.high)]
    if np.isfinite(quota):
        ax.axvline(quota, color=style.ORANGE, lw=1.4)
        ax.annotate(
            f"quota {wording.money(quota, result.currency)}",
            (quota, len(found) - 0.5),
            xytext=(5, 0),
            textcoords="offset points",
            color=style.ORANGE,
            va="center",
            fontsize=9,
        )
        ends.append(quota)
    style.name_rows(ax, place, list(found))
    ax.set_ylim(-0.6, len(found) - 0.2)
    top = float(np.nanmax(ends))
    ax.set_xlim(0, style.extent(0, max(top, 0)) * 1.15)
    style.money_axis(ax, "x", result.currency)
    told = "; ".join(
        f"{name}: {wording.estimate(one, result.currency)}" for name, one in found.items()
    )
    said = f"; quota {wording.money(quota, result.currency)}" if np.isfinite(quota) else ""
    called = names_of(node)[-1]
    name, last = list(found.items())[-1]
    how = f"with {name}" if factor != 1 else name
    return style.finish(
        ax,
        title=f"{called[:1].upper()}{called[1:]}, {result.quarter}: "
        f"{wording.money(last.value, result.currency)} {how}",
        alt=f"Bookings of {called} in {result.quarter}, {told}{said}.",
        xlabel=f"bookings in {result.quarter}, with {wording.level(result.confidence)} interval",
        grid="x",
    )


def _quota(result: BookingsForecast, node: str) -> float:
    table = result.quota
    mine = (table["unique_id"] == node) & (table["period"] == result.quarter)
    return float(table.loc[mine, "quota"].iloc[0]) if mine.any() else float("nan")
