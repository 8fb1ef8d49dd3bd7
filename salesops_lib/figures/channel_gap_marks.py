"""What the pictures of the channel gap share: how they write amounts, labels and intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import ChannelGap
from salesops_lib.figures import style


def interval(ax: Axes, place: int, row: pd.Series, colour: str, text: str) -> None:
    """A row of the frame as a bar of its interval, its value a dot with `text` above."""
    ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=6, alpha=0.3,
            solid_capstyle="butt")  # fmt: skip
    ax.plot(row["value"], place, "o", color=colour, ms=8)
    ax.annotate(text, (row["value"], place), xytext=(0, 9), textcoords="offset points", ha="center",
                fontsize=9, bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip


def limits(row: pd.Series, currency: str) -> tuple[str, str, str]:
    """Value and limits of a row in money, as its sentence writes them."""
    return wording.with_limits(row["value"], row["low"], row["high"], currency)


def amount(
    gap: ChannelGap,
    value: float,
    currency: str,
    *,
    signed: bool = False,
    like: float | None = None,
) -> str:
    """A value in the unit of the outcome; money on the scale of `like`, as its interval is."""
    plus = "+" if signed and value > 0 else ""
    if gap.scale == "money":
        return plus + wording.money(value, currency, like=like)
    if gap.scale == "share":
        return plus + wording.percent(value)
    return plus + _log(value)


def axis(ax: Axes, gap: ChannelGap, currency: str, which: str = "x") -> None:
    """The axis of the outcome, in its unit."""
    if gap.scale == "money":
        style.money_axis(ax, which, currency)
    elif gap.scale == "share":
        style.percent_axis(ax, which)
    else:
        axis = ax.xaxis if which == "x" else ax.yaxis
        axis.set_major_formatter(FuncFormatter(lambda value, _: _log(value)))


def _log(value: float) -> str:
    """Two decimals: logarithms of two channels that differ by a tenth are 11.51 and 11.41."""
    return wording.number(value, more=2 if abs(value) >= 10 else int(abs(value) >= 1))


def outcome(gap: ChannelGap) -> str:
    """The outcome and what it is counted by."""
    name = wording.opened(gap.outcome.replace("_", " "))
    return f"{name} {per(gap)}" if gap.scale != "log" else f"Log of {gap.outcome} {per(gap)}"


def per(gap: ChannelGap) -> str:
    """What one row of the comparison is."""
    return "a rep-month" if gap.row == "rep-month" else f"a {gap.row}"
