"""Reps from best to last, with their intervals: by name, or as a curve where there are many."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.analyses.performance_curve import PerformanceCurve
from salesops_lib.figures import style
from salesops_lib.figures.performance_curve_values import (
    TIER_COLOURS,
    TIER_LABELS,
    amount,
    period,
    value_axis,
)

# Names are readable for so many rows; past that the ranking is drawn as a curve.
_MOST_NAMES = 60
_ROW = 0.175
# Points beside the names, right of the axis, under it (its ticks) and over it (the title's distance).
_GAP, _RIGHT, _UNDER, _OVER = 10, 18, 24, 16
# Rows beside the legend, and the part of the width that it leaves them.
_BESIDE, _FREE = 7, 0.74
# Points a line of the title takes.
_TITLE_LINE = 14.5


@style.drawn
def caterpillar(
    curve: PerformanceCurve,
    shown: pd.DataFrame | None = None,
    *,
    currency: str = "$",
    ax: Axes | None = None,
) -> Axes:
    """Reps from best to last: what they are expected to sell (with interval) and what was seen.

    Parameters
    ----------
    shown
        Rows of `curve.reps` to draw, with names in place of ids (as `run.shown` gives them); all
        by default.
    """
    table = (curve.reps if shown is None else shown).sort_values("rank").reset_index(drop=True)
    named = len(table) <= _MOST_NAMES
    own = ax is None
    ax = style.axes(ax, height=max(2.6, 1.3 + _ROW * len(table)) if named else 4.2)
    places = np.arange(len(table))
    if named:
        _rows(ax, table, places, curve.rep_column)
        value_axis(ax, "x", table["observed"].to_numpy(), currency)
    else:
        _curve(ax, table, places, f"{wording.level(curve.confidence)} interval")
        value_axis(ax, "y", table["observed"].to_numpy(), currency)
    _legend(ax, named)
    stars = table[table["tier"] == "star"]
    level = wording.level(curve.confidence)
    label = f"Expected value a {period(curve)} with {level} interval; crosses are what was seen"
    wide = float((table["rank_high"] - table["rank_low"]).median()) + 1
    first, last = table.iloc[0], table.iloc[-1]
    ax = style.finish(
        ax,
        title=_ranking_title(len(curve.reps), wide),
        alt=f"{wording.count(len(table), 'rep')} ranked by expected value a {period(curve)}, from "
        f"{amount(first['shrunk'], table['observed'], currency)} "
        f"({level} interval {amount(first['shrunk_low'], table['observed'], currency)} to "
        f"{amount(first['shrunk_high'], table['observed'], currency)}) down to "
        f"{amount(last['shrunk'], table['observed'], currency)}; observed means run from "
        f"{amount(table['observed'].max(), table['observed'], currency)} to "
        f"{amount(table['observed'].min(), table['observed'], currency)}. "
        f"Stars as seen: {len(stars)}; half of all rank intervals span "
        f"{wide:,.0f} places or more.",
        xlabel=label if named else "Rank",
        ylabel="" if named else f"Expected value a {period(curve)}",
        grid="x" if named else "y",
    )
    if own and named:
        _margins(ax)
    return ax


def _rows(ax: Axes, table: pd.DataFrame, places: NDArray[np.int64], rep: str) -> None:
    for tier, colour in TIER_COLOURS.items():
        mine = (table["tier"] == tier).to_numpy()
        if not mine.any():
            continue
        part = table[mine]
        ax.hlines(places[mine], part["shrunk_low"], part["shrunk_high"], color=colour, lw=2.2)
        ax.plot(part["shrunk"], places[mine], "o", color=colour, ms=5.5,
                label=TIER_LABELS[tier])  # fmt: skip
    ax.plot(table["observed"], places, "x", color=style.MUTED, ms=5, mew=1.2, label="As seen")
    ax.set_yticks(places, [str(one) for one in table[rep]], color=style.INK, fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.02)
    ax.set_ylim(len(table) - 0.4, -0.6)
    _room_for_legend(ax, table)


def _room_for_legend(ax: Axes, table: pd.DataFrame) -> None:
    """The axis goes on to the right where the last reps would lie under the legend: among few they
    reach as far as the first."""
    last = table.tail(_BESIDE)
    reach = float(last[["shrunk_high", "observed"]].max().max())
    left, right = ax.get_xlim()
    ax.set_xlim(left, max(right, left + (reach - left) / _FREE))


def _margins(ax: Axes) -> None:
    """Room for title, names and the label under the axis, from their own sizes: a layout engine
    would measure dozens of names over and over, a third of the time this figure takes."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    renderer = style.ruler(figure)
    below = ax.xaxis.label.get_window_extent(renderer)
    width, height = figure.bbox.size
    point = figure.dpi / 72
    left = style.names_width(ax, renderer) + _GAP * point
    # Centred under the axes, a long label may be wider than they are.
    left = max(left, below.width - width + 2 * _RIGHT * point)
    lines = ax.get_title(loc="left").count("\n") + 1
    bottom = below.height + _UNDER * point
    top = (lines * _TITLE_LINE + _OVER) * point
    figure.set_layout_engine("none")
    ax.set_position(
        (
            left / width,
            bottom / height,
            1 - (left + _RIGHT * point) / width,
            1 - (bottom + top) / height,
        )
    )


def _curve(ax: Axes, table: pd.DataFrame, places: NDArray[np.int64], interval: str) -> None:
    rank = places + 1
    size = float(np.clip(900 / len(table), 1.0, 4.0))
    ax.plot(rank, table["observed"], "x", color=style.MUTED, ms=size + 0.5, mew=0.7,
            alpha=0.6, label="As seen", zorder=1)  # fmt: skip
    ax.fill_between(rank, table["shrunk_low"], table["shrunk_high"], color=style.SKY, alpha=0.45,
                    lw=0, label=interval, zorder=2)  # fmt: skip
    for tier, colour in TIER_COLOURS.items():
        mine = (table["tier"] == tier).to_numpy()
        ax.plot(rank[mine], table["shrunk"][mine], "o", color=colour, ms=size, mec="none",
                label=TIER_LABELS[tier], zorder=3)  # fmt: skip
    # One rep far above all others would flatten everybody else: the axis holds the intervals and
    # nearly all of what was seen.
    seen = table["observed"].to_numpy()
    top = max(float(table["shrunk_high"].max()), float(np.quantile(seen, 0.995)))
    bottom = min(float(table["shrunk_low"].min()), float(np.quantile(seen, 0.005)))
    ax.set_ylim(min(bottom, 0) if bottom < 0 else 0, top * 1.05)
    ax.set_xlim(0, len(table) + 1)


def _legend(ax: Axes, named: bool) -> None:
    legend = ax.legend(loc="lower right" if named else "upper right")
    for mark in legend.legend_handles:
        if isinstance(mark, Line2D):
            mark.set_markersize(5.5)


def _ranking_title(n: int, wide: float) -> str:
    if not math.isfinite(wide):
        return "Reps as observed: luck cannot be told from skill here"
    return f"A typical rank is only known within {wording.about(wide, of=n)} of {n:,} places"
