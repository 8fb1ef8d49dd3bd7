"""Pictures of past forecasts: what came of them, and whether their intervals held."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.forecast import BookingsForecast, accuracy
from salesops_lib.figures import style


@style.drawn
def bookings_record(
    result: BookingsForecast, *, node: str | None = None, ax: Axes | None = None
) -> Axes:
    """What was forecast for each past three months before they began, and what came.

    Raises
    ------
    ValueError
        If the history is too short for a backtest.
    """
    node = node or result.focus
    table = result.past(node)
    if table.empty:
        raise ValueError("no past origin could be tested")
    ax = style.axes(ax)
    low, high = result.limits
    _marks_of_the_past(ax, table, result)
    most = float(table[["y", "forecast", high, "seasonal_naive"]].max().max())
    ax.set_ylim(0, style.extent(0, most) * 1.2)
    shown = table["end"].iloc[:: -(-len(table) // 8)]
    ax.set_xticks(shown, _month_names(shown))
    style.money_axis(ax, "y", result.currency)
    if not most:
        ax.set_yticks([0])
    ax.legend(loc="lower left", ncols=2)
    held, off = _held(table, low, high), _off(table)
    return style.finish(
        ax,
        title=f"{held}; {off}",
        alt=(
            f"For {len(table)} past origins: the three months after as forecast from what was known "
            f"then, with the interval, and what came. {held}; {off}."
        ),
        xlabel="end of the three months",
        ylabel="bookings in three months",
        grid="y",
    )


def _marks_of_the_past(ax: Axes, table: pd.DataFrame, result: BookingsForecast) -> None:
    """The interval given before, the forecast in it, what came, and what came a year earlier."""
    low, high = result.limits
    when, known = table["end"], table[low].notna()
    if known.any():
        ax.vlines(
            when[known],
            table.loc[known, low],
            table.loc[known, high],
            color=style.BLUE,
            alpha=0.3,
            lw=7,
            label=f"{wording.level(result.confidence)} interval, given before",
        )
    ax.plot(when, table["forecast"], "_", color=style.BLUE, ms=13, mew=2.2, label="Forecast")
    colours = np.where(accuracy.inside(table, low, high) | ~known, style.INK, style.ORANGE)
    came = "Came (orange: outside)" if known.any() else "Came"
    ax.scatter(when, table["y"], c=list(colours), s=34, zorder=3, label=came)
    naive = table["seasonal_naive"]
    if naive.notna().any():
        ax.plot(when, naive, "x", color=style.MUTED, ms=6, label="Same months last year")


def _held(table: pd.DataFrame, low: str, high: str) -> str:
    """How many past outcomes lay inside the interval given before."""
    known = table[low].notna()
    if not known.any():
        return "No past interval to check"
    inside = int(accuracy.inside(table, low, high)[known].sum())
    return f"{inside} of {int(known.sum())} past outcomes inside the interval"


def _off(table: pd.DataFrame) -> str:
    """How far past forecasts were off; of months without bookings there is no share to be off by."""
    came = table[table["y"] != 0]
    if came.empty:
        return "nothing was booked in any of them"
    off = float((np.abs(came["forecast"] - came["y"]) / np.abs(came["y"])).mean())
    return f"off by {wording.percent(off)} on average"


def _month_names(days: pd.Series) -> list[str]:
    """`Oct`, the year below the first one and each January."""
    years = days.dt.year
    fresh = years != years.shift()
    return [
        f"{day:%b}\n{day:%Y}" if new else f"{day:%b}" for day, new in zip(days, fresh, strict=True)
    ]


@style.drawn
def bookings_coverage(result: BookingsForecast, *, ax: Axes | None = None) -> Axes:
    """Share of past outcomes inside the interval given before, by level, beside the promise.

    Raises
    ------
    ValueError
        If no past interval could be checked.
    """
    low, high = result.limits
    table = result.backtest[result.backtest["level"].isin(result.levels)]
    table = table.dropna(subset=[low, "y"])
    if table.empty:
        raise ValueError("no past origin whose interval could be checked")
    inside = accuracy.inside(table, low, high)
    grouped = inside.groupby(table["level"], sort=False)
    share, n = grouped.mean(), grouped.size()
    # Three-month windows of neighbouring months overlap: a third of them are separate.
    separate = np.maximum(n / 3, 1)
    error = 1.645 * np.sqrt(np.maximum(share * (1 - share), 0.25 / (separate + 2)) / separate)
    ax = style.axes(ax, height=1.6 + 0.55 * len(share))
    place = np.arange(len(share))[::-1]
    ax.axvline(result.confidence, color=style.ORANGE, lw=1.4)
    ax.annotate(
        f"promised {wording.level(result.confidence)}",
        (result.confidence, len(share) - 0.45),
        xytext=(-6, 0),
        textcoords="offset points",
        color=style.ORANGE,
        ha="right",
        va="center",
        fontsize=9,
    )
    ends = np.maximum(share - error, 0), np.minimum(share + error, 1)
    ax.hlines(place, *ends, color=style.BLUE, lw=6, alpha=0.35)
    ax.plot(share, place, "o", color=style.BLUE, ms=8)
    labels = [f"{result.level_label(str(k))} ({int(v):,})" for k, v in n.items()]
    style.name_rows(ax, place, labels)
    ax.set_ylim(-0.6, len(share) - 0.1)
    ax.set_xlim(0, 1.02)
    style.percent_axis(ax, "x")
    told = "; ".join(
        f"{label}: {wording.percent(v)}" for label, v in zip(labels, share, strict=True)
    )
    return style.finish(
        ax,
        title=_kept(result, share, error),
        alt=(
            f"Coverage of the {wording.level(result.confidence)} interval of the coming quarter over past "
            f"origins, by level (number of outcomes): {told}. Bars are 90% intervals that allow "
            "for overlapping windows."
        ),
        xlabel="share inside, with 90% interval (number of past outcomes in brackets)",
        grid="x",
    )


def _kept(result: BookingsForecast, share: pd.Series, error: pd.Series) -> str:
    """Whether past intervals held what they promised, as far as so many outcomes can tell."""
    promised = wording.level(result.confidence)
    fewer = [result.level_label(str(one)) for one in share.index[share + error < result.confidence]]
    if fewer:
        return f"Fewer past outcomes fell inside than the {promised} promised, by {wording.listed(fewer)}"
    if (share - error > result.confidence).any():
        return f"Past intervals held the {promised} promised, or more"
    return f"Past intervals held the {promised} promised, as far as can be told"
