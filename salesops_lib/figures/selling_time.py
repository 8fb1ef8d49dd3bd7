"""Pictures of selling time: the week, the response of bookings to hours, and what freeing hours is
worth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from salesops_lib import wording
from salesops_lib.analyses.selling_time import FreedHours, SellingTime, words
from salesops_lib.estimate import Estimate
from salesops_lib.figures import style

_COLOURS = (style.BLUE, style.ORANGE, style.AMBER, style.GREEN, style.MUTED)
OWNERS = {
    name: (colour, label)
    for (name, label), colour in zip(words.OWNERS.items(), _COLOURS, strict=True)
}
_UNKNOWN = (style.FAINT, "Not known")
_REST = "Everything else"
# Elasticities beyond these are drawn as arrows: they say no more than "very large".
_FURTHEST = (-1.25, 2.25)


@style.drawn
def week(times: SellingTime, *, most: int = 14, ax: Axes | None = None) -> Axes:
    """Hours a rep and week by activity, coloured by whose work it is.

    Parameters
    ----------
    most
        Activities drawn; the smallest of more are added up without an interval.
    """
    table = _folded(times.activities, most)
    ax = style.axes(ax, height=1.9 + 0.34 * len(table))
    rows = table.iloc[::-1].reset_index(drop=True)
    for place, row in rows.iterrows():
        colour, _ = OWNERS.get(row["owner"], _UNKNOWN)
        ax.barh(place, row["hours"], color=colour, height=0.66, alpha=0.9)
        if np.isfinite(row["high"]) and row["high"] > row["low"]:
            ax.plot([row["low"], row["high"]], [place, place], color=style.INK, lw=1.6,
                    marker="|", ms=7)  # fmt: skip
        right = row["high"] if np.isfinite(row["high"]) else row["hours"]
        text = f"{wording.number(row['hours'])} h{', selling' if row['selling'] else ''}"
        ax.annotate(text, (right, place), xytext=(6, 0), textcoords="offset points", va="center",
                    fontsize=9)  # fmt: skip
    style.name_rows(ax, range(len(rows)), list(rows["activity"]))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ends = rows["high"].where(np.isfinite(rows["high"]), rows["hours"])
    ax.set_xlim(0, float(ends.max()) * 1.18)
    seen = [one for one in OWNERS if one in set(rows["owner"])]
    marks = [Patch(color=OWNERS[one][0], label=OWNERS[one][1]) for one in seen]
    if set(rows["owner"]) - set(OWNERS):
        marks.append(Patch(color=_UNKNOWN[0], label=_UNKNOWN[1]))
    ax.legend(handles=marks, title="Whose work", loc="lower right")
    told = "; ".join(
        f"{row.activity} {wording.number(row.hours)} ({words.OWNERS.get(row.owner, row.owner)})"
        for row in table.itertuples()
    )
    selling, every = times.selling_hours_week.value, times.hours_week.value
    movable = times.movable_hours_week.value
    title = f"Reps sell {wording.number(selling)} of {wording.number(every)} hours a week"
    if movable > 0:
        title += f"; {wording.number(movable)} are somebody else's work"
    return style.finish(
        ax,
        title=title,
        alt=f"Hours a rep and week by activity: {told}.",
        xlabel=f"Hours a rep and week; lines are {wording.level(times.confidence)} intervals",
        grid="x",
    )


def _folded(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """The largest activities, the others as one row."""
    if len(table) <= most:
        return table
    rest = table.iloc[most - 1 :]
    row = {
        "activity": f"{_REST} ({len(rest)})", "owner": "", "selling": bool(rest["selling"].all()),
        "hours": rest["hours"].sum(), "low": np.nan, "high": np.nan,
    }  # fmt: skip
    return pd.concat([table.head(most - 1), pd.DataFrame([row])], ignore_index=True)


@style.drawn
def elasticity(times: SellingTime, *, ax: Axes | None = None) -> Axes:
    """Published experience, the data alone, both, and the trap of comparing reps with each other."""
    rows: list[tuple[str, Estimate, str]] = [
        ("Published experience", times.prior, style.MUTED),
        ("Your data alone", times.data_elasticity, style.SKY),
        ("Both together", times.elasticity, style.BLUE),
        ("Trap: one rep against another", times.pooled_elasticity, style.ORANGE),
    ]
    rows = [one for one in rows if np.isfinite(one[1].value)][::-1]
    ax = style.axes(ax, height=1.5 + 0.6 * len(rows))
    low, high = _span([one for _, one, _ in rows])
    for place, (name, value, colour) in enumerate(rows):
        _interval(ax, place, value, colour, (low, high), hollow=name.startswith("Trap"))
    ax.axvline(0, color=style.INK, lw=0.8)
    style.name_rows(ax, range(len(rows)), [name for name, _, _ in rows])
    ax.set_ylim(-0.6, len(rows) - 0.3)
    ax.set_xlim(low, high)
    told = "; ".join(f"{name} {wording.estimate(value)}" for name, value, _ in rows[::-1])
    return style.finish(
        ax,
        title=words.elasticity_title(times),
        alt=f"Elasticity of bookings with respect to selling hours: {told}.",
        xlabel=f"Percent more bookings for one percent more selling hours, {wording.level(times.confidence)}"
        " interval",
        grid="x",
    )


def _span(values: list[Estimate]) -> tuple[float, float]:
    """The axis: all limits with some air, as far as they say anything."""
    ends = [x for one in values for x in (one.low, one.high, one.value)]
    low = max(min(x for x in ends if x > -np.inf), _FURTHEST[0])
    high = min(max(x for x in ends if x < np.inf), _FURTHEST[1])
    air = 0.08 * (high - low)
    return min(low - air, -air), high + air


def _interval(
    ax: Axes, place: int, value: Estimate, colour: str, span: tuple[float, float], *, hollow: bool
) -> None:
    inside = [max(value.low, span[0]), min(value.high, span[1])]
    ax.plot(inside, [place, place], color=colour, lw=6, alpha=0.3, solid_capstyle="butt")
    off = 0.015 * (span[1] - span[0])  # clear of the rows' names
    for end, limit, mark in ((value.low, span[0] + off, "<"), (value.high, span[1] - off, ">")):
        if (end < span[0]) if mark == "<" else (end > span[1]):
            ax.plot(limit, place, mark, color=colour, ms=8)
    at = min(max(value.value, span[0]), span[1])
    side = "center"
    if at == value.value:
        ax.plot(at, place, "o", color=colour, ms=8, mfc=style.PAPER if hollow else colour)
    else:
        # A dot at the axis' end would be a value that it is not: the arrow and the number say it.
        side = "left" if at == span[0] else "right"
    ax.annotate(wording.number(value.value), (at, place), xytext=(0, 9), textcoords="offset points",
                ha=side, fontsize=9,
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip


@style.drawn
def freed_curve(freed: FreedHours, *, ax: Axes | None = None) -> Axes:
    """Margin a year against hours freed, with its band, and what the hours cost where they go."""
    ax = style.axes(ax)
    table, money = freed.curve, freed.currency
    ax.fill_between(table["hours"], table["low"], table["high"], color=style.BLUE, alpha=0.2, lw=0)
    ax.plot(table["hours"], table["gain"], color=style.BLUE, lw=2)
    ax.plot(table["hours"], table["cost"], color=style.ORANGE, lw=2, ls="--")
    gain = freed.gain_year
    ax.plot([freed.hours] * 2, [gain.low, gain.high], color=style.INK, lw=1.4)
    ax.plot(freed.hours, gain.value, "o", color=style.INK, ms=7)
    label = wording.money(gain.value, money, like=gain.size)
    hours = f"{freed.hours:.0f}" if freed.hours == int(freed.hours) else wording.number(freed.hours)
    # Beside an answer that is net of it.
    text = f"{hours} {'hour' if hours == '1' else 'hours'}: {label}\nbefore their cost"
    right = freed.hours > 0.6 * table["hours"].max()
    ax.annotate(text, (freed.hours, gain.high), xytext=(-6 if right else 6, 6),
                textcoords="offset points", ha="right" if right else "left", fontsize=9,
                fontweight="bold",
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.75})  # fmt: skip
    ax.axhline(0, color=style.INK, lw=0.8)
    ax.set_xlim(0, float(table["hours"].max()))
    style.money_axis(ax, "y", money)
    level = wording.level(freed.confidence)
    marks = [
        Line2D([], [], color=style.BLUE, lw=2, label=f"Margin, with {level} interval"),
        Line2D([], [], color=style.ORANGE, lw=2, ls="--", label="Cost of those hours elsewhere"),
    ]
    ax.legend(handles=marks, loc="upper left")
    ends = table.iloc[-1]
    return style.finish(
        ax,
        title=words.curve_title(freed),
        alt=f"Margin a year against hours freed a rep and week: {hours} hours bring "
        f"{wording.estimate(gain, money)} and cost {wording.money(freed.cost_year, money)}; "
        f"{wording.number(ends['hours'])} hours bring {wording.money(ends['gain'], money)}.",
        xlabel="Hours freed, a rep and week",
        ylabel="Money a year",
        grid="y",
    )


@style.drawn
def shares(
    table: pd.DataFrame,
    *,
    by: str,
    p: float = math.nan,
    confidence: float = 0.90,
    most: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """Share of selling time of each group, largest first.

    Parameters
    ----------
    table
        group, reps, share, low, high: the rows of `SellingShares.table` that may be shown.
    by
        What the groups are.
    p
        `p_holm` of these groups in `SellingShares.tests`; NaN where it could not be tested.
    """
    ax = style.axes(ax, height=1.5 + 0.45 * min(len(table), most))
    rows = table.head(most).iloc[::-1].reset_index(drop=True)
    for place, row in rows.iterrows():
        ax.plot([row["low"], row["high"]], [place, place], color=style.BLUE, lw=6, alpha=0.3,
                solid_capstyle="butt")  # fmt: skip
        ax.plot(row["share"], place, "o", color=style.BLUE, ms=8)
        ax.annotate(wording.percent(row["share"]), (row["share"], place), xytext=(0, 9),
                    textcoords="offset points", ha="center", fontsize=9)  # fmt: skip
    labels = [f"{row.group} ({wording.count(row.reps, 'rep')})" for row in rows.itertuples()]
    style.name_rows(ax, range(len(rows)), labels)
    ax.set_ylim(-0.6, len(rows) - 0.2)
    style.percent_axis(ax, "x")
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    cut = "" if ax.get_xlim()[0] <= 0 else "; axis cut"
    told = "; ".join(f"{row.group} {wording.percent(row.share)}" for row in rows[::-1].itertuples())
    return style.finish(
        ax,
        title=words.shares_title(by, p, confidence),
        alt=f"Share of time spent selling: {told}.",
        xlabel=f"Share of time spent selling, {wording.level(confidence)} interval{cut}",
        grid="x",
    )
