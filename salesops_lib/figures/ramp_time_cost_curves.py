"""Pictures of ramp itself: the learning curve, groups side by side, survival until a milestone, what
early leavers change."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import RampTime
from salesops_lib.analyses.ramp_time_cost.comparison_words import group_noun
from salesops_lib.figures import style

# Months after which a curve within this of the mature level is no longer news.
_FLAT = 0.99
_SHORTEST = 6
# More groups than this cannot be told apart by colour.
_MOST_GROUPS = len(style.CATEGORIES)
# Curves that coincide stay visible: the later one is dashed.
_DASHES = ("-", "--", ":", "-.")


@style.drawn
def learning_curve(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """Expected month of a new hire as a share of a mature rep's, with what was observed."""
    ax = style.axes(ax)
    shown = _until_flat(ramp)
    curve = ramp.learning_curve[ramp.learning_curve["month"] <= shown]
    seen = ramp.observed[ramp.observed["month"] <= shown]
    ax.plot(curve["month"], curve["expected"], color=style.BLUE, linewidth=2.2, label="Expected")
    ax.fill_between(
        curve["month"], curve["low"], curve["high"], color=style.BLUE, alpha=0.18, linewidth=0
    )
    ax.vlines(seen["month"], seen["low"], seen["high"], color=style.MUTED, linewidth=0.8, alpha=0.8)
    ax.plot(
        seen["month"],
        seen["share"],
        "o",
        color=style.MUTED,
        markersize=4,
        label=f"Seen on average, {wording.level(ramp.confidence)} interval",
    )
    ax.axhline(ramp.target, color=style.INK, linewidth=0.8, linestyle=(0, (4, 3)))
    # Beside the axes: within them the first months' lines or the interval of the answer go through it.
    ax.annotate(
        "ramped", (1, ramp.target), xycoords=("axes fraction", "data"), xytext=(4, 0),
        textcoords="offset points", va="center", ha="left", fontsize=9, color=style.MUTED,
    )  # fmt: skip
    _mark_target(ax, ramp, shown)
    style.percent_axis(ax)
    _month_axis(ax, 1, shown)
    ax.set_ylim(0, min(max(float(seen["high"].max()), 1.0) * 1.04, 2.0))
    _legend_below(ax)
    return style.finish(
        ax,
        title=_curve_title(ramp),
        alt=f"Expected month of a new rep as a share of a mature rep's, by month on the job. "
        f"{ramp.finding('time_to_productivity').sentence}",
        xlabel="month on the job",
        ylabel="share of a mature rep's month",
        grid="y",
    )


@style.drawn
def cohorts(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """Learning curves of groups (years of hire, channels), each with its band."""
    ax = style.axes(ax)
    curves = ramp.group_curves
    y = "expected" if "expected" in curves else "not_yet_ramped"
    table = ramp.groups.dropna(subset=["median_months"])
    names = _shown_groups(table)
    shown = _until_flat(ramp) if ramp.pace is not None else ramp.horizon
    step: Literal["post"] | None = None if y == "expected" else "post"
    for i, name in enumerate(names):
        colour = style.CATEGORIES[i]
        one = curves[(curves["group"] == name) & (curves["month"] <= shown)]
        reps = int(table.loc[table["group"] == name, "reps"].iloc[0])
        ax.plot(
            one["month"],
            one[y],
            color=colour,
            linewidth=2,
            linestyle=_DASHES[i % len(_DASHES)],
            drawstyle="default" if step is None else "steps-post",
            label=f"{name} ({wording.count(reps, 'rep')})",
        )
        ax.fill_between(
            one["month"],
            one["low"],
            one["high"],
            facecolor=to_rgba(colour, 0.1),
            edgecolor=to_rgba(colour, 0.6),
            linewidth=0.7,
            step=step,
        )
    if not names:
        ax.text(
            0.5, 0.5, "No group has enough reps seen from the start", ha="center",
            transform=ax.transAxes, color=style.MUTED,
        )  # fmt: skip
    else:
        _legend_below(ax)
    style.percent_axis(ax)
    _month_axis(ax, 1 if y == "expected" else 0, shown)
    ax.set_ylim(0, 1.05)
    said = "; ".join(
        f"{row.group}: {_months(row.median_months, row.median_low, row.median_high)}"
        for row in table[table["group"].isin(names)].itertuples()
    )
    return style.finish(
        ax,
        title=_groups_title(ramp, len(names)),
        alt=f"Ramp by group, months to the target with limits. {said or 'No group to show'}.",
        xlabel="month on the job",
        ylabel="share of a mature rep's month" if y == "expected" else "reps not there yet",
        grid="y",
    )


@style.drawn
def ramp_survival(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """Share of reps not there yet, with limits and the number still followed under each month."""
    ax = style.axes(ax)
    curve = ramp.curve
    month = curve["month"].to_numpy(dtype=float)
    ax.step(month, curve["not_yet_ramped"], where="post", color=style.BLUE, linewidth=2.2)
    ax.fill_between(
        month, curve["low"], curve["high"], step="post", color=style.BLUE, alpha=0.18, linewidth=0
    )
    ax.axhline(0.5, color=style.INK, linewidth=0.8, linestyle=(0, (4, 3)))
    half = ramp.median_months.value
    if math.isfinite(half) and half <= month.max():
        ax.plot([half], [0.5], "o", color=style.ORANGE, markersize=7, zorder=5)
        late = half > 0.6 * month.max()
        ax.annotate(
            f"half of those who stay are there by month {half:g}",
            (half, 0.5),
            xytext=(-8, -16) if late else (8, 8),
            textcoords="offset points",
            ha="right" if late else "left",
            color=style.ORANGE,
        )
    style.percent_axis(ax)
    ax.set_ylim(0, 1.05)
    step = max(1, math.ceil(len(month) / 13))
    at = month[::step]
    ax.set_xticks(at, [f"{m:.0f}\n{n}" for m, n in zip(at, curve["at_risk"][::step], strict=True)])
    ax.set_xlim(month.min(), max(month.max(), 1))
    return style.finish(
        ax,
        title=_survival_title(ramp),
        alt=f"Share of reps who stay and have not reached {ramp.milestone}, by month on the job. "
        f"{ramp.finding('time_to_productivity').sentence} "
        f"{wording.count(int(curve['at_risk'].iloc[0]), 'rep')} followed from the start.",
        xlabel="month on the job; below it, reps still followed and not there yet",
        ylabel="reps who stay and are not there yet",
        grid="y",
    )


@style.drawn
def leavers(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """How the answer moves with what is believed about reps who left early."""
    ax = style.axes(ax, height=1.4 + 0.5 * len(ramp.leavers))
    table = ramp.leavers.iloc[::-1].reset_index(drop=True)
    place = np.arange(len(table))
    far = _farthest(table)
    high = table["median_high"].clip(upper=far)
    value = table["median_months"].clip(upper=far)
    ax.hlines(place, table["median_low"], high, color=style.BLUE, linewidth=3, alpha=0.4)
    ax.plot(value, place, "o", color=style.BLUE, markersize=7)
    for i in place[np.isinf(table["median_high"])]:
        ax.annotate(
            "", (far * 1.04, i), (far, i), arrowprops={"arrowstyle": "->", "color": style.BLUE}
        )
    ax.set_yticks(place, table["label"])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(0, far * 1.06)
    said = "; ".join(
        f"{row.label}: {_months(row.median_months, row.median_low, row.median_high)}"
        for row in ramp.leavers.itertuples()
    )
    return style.finish(
        ax,
        title=_leavers_title(ramp.leavers),
        alt=f"Months to the target under each belief about early leavers. {said}.",
        xlabel="months to the target",
        grid="x",
    )


def _leavers_title(table: pd.DataFrame) -> str:
    """How far the answers under all beliefs lie apart."""
    count = int(table["leavers"].iloc[0])
    if not count:
        return "Nobody left early, so leaving does not move the answer"
    believed = f"is believed of {wording.count(count, 'early leaver')}"
    least, most = float(table["median_months"].min()), float(table["median_months"].max())
    said = [wording.quantity(one, "months") for one in (least, most) if math.isfinite(one)]
    if len(said) == 2 and said[0] == said[1]:
        return f"Whatever {believed}, the answer stays {said[0]}"
    if len(said) == 2:
        return f"What {believed} moves the answer: {wording.number(least)} to {said[1]}"
    if said:
        return f"What {believed} moves the answer: {said[0]}, or longer than seen"
    return f"Whatever {believed}, the answer is longer than seen"


def _until_flat(ramp: RampTime) -> int:
    """Months to draw: until the curve is flat, and at least half a year."""
    curve = ramp.learning_curve
    flat = curve.loc[curve["low"] >= _FLAT, "month"]
    last = int(flat.iloc[0]) + 2 if len(flat) else int(curve["month"].max())
    return max(min(last, int(curve["month"].max())), _SHORTEST)


def _mark_target(ax: Axes, ramp: RampTime, shown: int) -> None:
    months = ramp.median_months
    if not 0 < months.value <= shown:
        return
    ends = [max(months.low, 0.0), min(months.high, shown)]
    ax.plot(ends, [ramp.target] * 2, color=style.ORANGE, linewidth=4, alpha=0.5)
    ax.plot([months.value], [ramp.target], "o", color=style.ORANGE, markersize=8, zorder=5)


def _curve_title(ramp: RampTime) -> str:
    months, level = ramp.median_months, wording.percent(ramp.target)
    if months.high <= 2:
        return "New reps need no ramp"
    if months.low <= 0:
        return "The data cannot tell whether new reps ramp"
    if not math.isfinite(months.value):
        return "New reps are still climbing where the data ends"
    return f"A new rep sells at {level} of a mature rep's month after {wording.quantity(months.value, 'months')}"


def _survival_title(ramp: RampTime) -> str:
    months = ramp.median_months.value
    if not math.isfinite(months):
        return "Fewer than half of the reps got there"
    if months > ramp.horizon:
        return f"Fewer than half of the reps who stay get there within {ramp.horizon} months"
    return f"Half of the reps who stay get there within {months:g} months"


def _groups_title(ramp: RampTime, n: int) -> str:
    if not ramp.grouped_by:
        return "New reps were not asked for by group"
    one, many = group_noun(ramp.grouped_by)
    if n < 2:
        return f"Too few reps of each {one} to compare"
    if math.isnan(ramp.group_p) or ramp.group_p >= 1 - ramp.confidence:
        return f"Whether {many} ramp at different speeds cannot be told"
    return f"{many[:1].upper()}{many[1:]} ramp at different speeds"


def _shown_groups(table: pd.DataFrame) -> list[str]:
    """Names to draw: the largest groups, in their own order."""
    largest = table.sort_values("reps", ascending=False, kind="stable")["group"][:_MOST_GROUPS]
    return [name for name in table["group"] if name in set(largest)]


def _farthest(table: pd.DataFrame) -> float:
    """Where the axis ends: the largest finite limit, or a little past the largest value."""
    every = np.concatenate(
        [
            table[name].to_numpy(dtype=float)
            for name in ("median_high", "median_months", "median_low")
        ]
    )
    finite = every[np.isfinite(every)]
    return float(finite.max()) * 1.05 if len(finite) and finite.max() > 0 else 1.0


def _month_axis(ax: Axes, first: int, last: int) -> None:
    step = max(1, math.ceil((last - first) / 9))
    ax.set_xticks(range(first, last + 1, step))
    ax.set_xlim(first - 0.3 if first else 0, last + 0.3)


def _legend_below(ax: Axes) -> None:
    """Under the drawing, where it covers nothing."""
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.15),
        ncols=4,
        borderaxespad=0.0,
        handlelength=1.8,
        columnspacing=1.4,
    )


def _months(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "longer than seen"
    upper = "no upper limit" if math.isinf(high) else wording.quantity(high, "months")
    return f"{wording.quantity(value, 'months')} ({wording.number(low)} to {upper})"
