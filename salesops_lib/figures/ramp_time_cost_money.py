"""Pictures of what ramp costs and what a training programme must save."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import RampCost, TrainingCase
from salesops_lib.analyses.ramp_time_cost.money_words import COSTS_NOTHING, JUST_EVEN, hired
from salesops_lib.figures import style

Floats = NDArray[np.float64]

# How many times as high as the whole its interval is drawn.
_LONGEST = 4.0
# Months below which nobody tells one number from another.
_ALMOST_AT_ONCE = 0.1
# Losses of later months are drawn as one bar.
_BARS = 6


@style.drawn
def cost_waterfall(cost: RampCost, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """A year's hires: the contribution lost in each month on the job, adding up to the whole, with
    the pay during ramp beside it, not in it."""
    ax = style.axes(ax)
    steps = _waterfall_steps(cost)
    start = steps["from"].to_numpy(dtype=float)
    top = steps["to"].to_numpy(dtype=float)
    place = np.arange(len(steps), dtype=float)
    looks = {"loss": style.ORANGE, "total": style.BLUE, "beside": style.PAPER}
    pay = (steps["kind"] == "beside").to_numpy()
    place[pay] += 0.5
    bars = ax.bar(
        place, top - start, bottom=start, color=[looks[kind] for kind in steps["kind"]], width=0.72
    )
    for bar, beside in zip(bars, pay, strict=True):
        if beside:
            bar.set(edgecolor=style.MUTED, linestyle="--", linewidth=1.2)
    whole = len(steps) - 1 - int(pay.sum())
    top_drawn = _cost_texts(ax, cost, place, start, top, whole, currency)
    ax.set_xticks(place, steps["label"])
    style.money_axis(ax, "y", currency)
    ax.set_ylim(0, style.extent(0, max(top_drawn, 0)) * 1.18)
    year = cost.per_year
    said = cost.finding("ramp_cost_year")
    title = f"Ramp costs {wording.alone(year, currency)} in lost contribution"
    if cost.hires_per_year == 0:
        title = "Without hires, ramp costs nothing"
    elif year.low <= 0:
        title = "The data cannot tell whether ramp costs anything"
    return style.finish(
        ax,
        title=title,
        alt=f"Waterfall of the contribution that {hired(cost.hires_per_year)} a year "
        f"lose in each month on the job. {said.sentence}",
        ylabel="lost contribution of a year's hires",
        grid="y",
    )


def _cost_texts(
    ax: Axes,
    cost: RampCost,
    place: Floats,
    start: Floats,
    top: Floats,
    whole: int,
    currency: str,
) -> float:
    """Write each bar's money and draw the interval of the whole; how high all this reaches. An interval
    many times as long as the bars ends in an arrow, and its limit is written."""
    year, biggest = cost.per_year, float(top.max())
    known = math.isfinite(year.high) and math.isfinite(year.low)
    reach = min(year.high, _LONGEST * biggest) if known else biggest
    for i, (low, high) in enumerate(zip(start, top, strict=True)):
        if high - low < 0.005 * biggest:
            continue
        text, where, side = wording.money(high - low, currency), (place[i], high), "center"
        if i == whole and known:
            # At the end of the line, the value alone would be read as that end.
            text = "{}\n({} to {})".format(
                *wording.with_limits(year.value, year.low, year.high, currency)
            )
            where, side = (place[i] - 0.36, max(high, reach)), "left"
        ax.annotate(text, where, xytext=(0, 3), textcoords="offset points", ha=side, fontsize=9)
    if known:
        ax.vlines(place[whole], year.low, reach, color=style.INK, linewidth=1.4)
        if reach < year.high:
            ax.plot(place[whole], reach, "^", color=style.INK, ms=7)
    return max(biggest, reach)


@style.drawn
def break_even(case: TrainingCase, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """Net gain a year by months saved, with its interval, and where it pays for itself."""
    ax = style.axes(ax)
    curve = case.break_even_curve
    ax.axhline(0, color=style.INK, linewidth=0.9)
    ax.plot(curve["months_saved"], curve["net"], color=style.BLUE, linewidth=2.2)
    ax.fill_between(
        curve["months_saved"],
        curve["low"],
        curve["high"],
        color=style.BLUE,
        alpha=0.18,
        linewidth=0,
    )
    low, high = case.months_saved
    if high > low:
        ax.axvspan(low, high, color=style.AMBER, alpha=0.15, linewidth=0)
    middle = (low + high) / 2
    ax.axvline(middle, color=style.AMBER, linewidth=1.6)
    ax.annotate(
        "assumed", (middle, 1), xycoords=("data", "axes fraction"), xytext=(4, -12),
        textcoords="offset points", color=style.INK, fontsize=9,
    )  # fmt: skip
    at = case.break_even_months.value
    if at == 0:
        # Under the word at the line, and both above all that is drawn.
        ax.set_ylim(top=1.2 * ax.get_ylim()[1])
        free = case.programme_cost == 0
        ax.annotate(
            COSTS_NOTHING if free else "by the best guess, the channel gap alone pays", (0.02, 1), xycoords="axes fraction",
            xytext=(0, -28), textcoords="offset points", color=style.ORANGE,
            bbox={"facecolor": style.PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1},
        )  # fmt: skip
    elif math.isfinite(at):
        ax.plot([at], [0], "o", color=style.ORANGE, markersize=8, zorder=5)
        ax.annotate(
            f"breaks even at {wording.quantity(at, 'months')}",
            (at, 0),
            xytext=(8, -14),
            textcoords="offset points",
            color=style.ORANGE,
            bbox={"facecolor": style.PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1},
        )
    style.money_axis(ax, "y", currency)
    ax.set_xlim(float(curve["months_saved"].min()), float(curve["months_saved"].max()))
    unit = "of full production" if case.saved == "production" else "sooner at the target"
    return style.finish(
        ax,
        title=_case_title(case, currency),
        alt=f"Net gain a year of the training programme by months saved. "
        f"{case.finding('training_case').sentence} "
        f"{case.finding('break_even_months_saved').sentence}",
        # The sentence's interval is wider: nobody knows how many months are saved.
        xlabel=f"months {unit}, each hire; band: {wording.level(case.net.confidence)} interval were it so many",
        ylabel="net gain a year",
        grid="y",
    )


@style.drawn
def two_way(case: TrainingCase, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """Net gain a year by months saved and by the part of the channel gap that is closed."""
    table = case.sensitivity.pivot_table(index="gap_closed", columns="months_saved", values="net")
    net = table.to_numpy()
    ax = style.axes(ax, height=1.7 + 0.42 * len(table))
    most = style.extent(0, np.abs(net).max())
    ax.pcolormesh(net, cmap=_paying(), vmin=-most, vmax=most, edgecolors=style.PAPER, linewidth=1)
    for (i, j), value in np.ndenumerate(net):
        text = wording.money(float(value), currency, like=most)
        cell = ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=9)
        # Inside its cell: nothing for the layout to make room for.
        cell.set_in_layout(False)
    ax.set_yticks(np.arange(len(table)) + 0.5, [wording.percent(one) for one in table.index])
    ax.set_xticks(np.arange(net.shape[1]) + 0.5, [f"{one:g}" for one in table.columns])
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    unit = "of full production" if case.saved == "production" else "sooner at the target"
    return style.finish(
        ax,
        title=_two_way_title(table),
        alt=f"Net gain a year by months saved and part of the channel gap closed, from "
        f"{wording.money(float(net.min()), currency)} to "
        f"{wording.money(float(net.max()), currency)}. {_two_way_title(table)}.",
        xlabel=f"months {unit}, each hire; net gain a year by the best guesses",
        ylabel="channel gap closed",
    )


def _paying() -> LinearSegmentedColormap:
    """From a loss over nothing to a gain, light enough for dark numbers on it."""
    return LinearSegmentedColormap.from_list("paying", ["#eea987", style.PAPER, "#7fb8d8"])


def _two_way_title(table: pd.DataFrame) -> str:
    """What the table says at a glance. Its numbers have no intervals: the title of the picture before it
    may be that nobody can tell."""
    months, alone = table.columns.to_numpy(dtype=float), table.loc[table.index.min()].to_numpy()
    if (table.to_numpy() <= 0).all():
        return "By the best guesses, none of these combinations pays"
    if alone[0] > 0:
        return "By the best guesses, every one of these combinations pays"
    if alone[-1] > 0:
        first = int(np.argmax(alone > 0))
        at = np.interp(0.0, alone[first - 1 : first + 1], months[first - 1 : first + 1])
        pays = f"it pays from {wording.quantity(float(at), 'months')} on"
        if at < _ALMOST_AT_ONCE:
            pays = "almost any shortening pays"
        return f"By the best guesses, with no gap closed {pays}"
    return "By the best guesses, a shorter ramp alone does not pay: the gap must be closed too"


def _case_title(case: TrainingCase, currency: str) -> str:
    net = case.net
    if net.low > 0:
        return f"The programme pays: a net {wording.alone(net, currency)}"
    if net.high < 0:
        return f"The programme does not pay: a net {wording.alone(net, currency)}"
    if net.low == net.high:
        return f"The programme {JUST_EVEN[case.programme_cost > 0]}"
    if case.programme_cost == 0:
        return "Whether the programme brings in anything cannot be told"
    return "Whether the programme pays cannot be told"


def _waterfall_steps(cost: RampCost) -> pd.DataFrame:
    """label, kind, from, to: each month's loss on top of the last, the whole, and pay beside it."""
    losses = cost.waterfall["lost"].to_numpy(dtype=float) * cost.hires_per_year
    horizon = int(cost.waterfall["month"].max())
    parts = [(f"month\n{i + 1}", losses[i]) for i in range(min(_BARS, len(losses)))]
    if len(losses) > _BARS:
        parts.append((f"months\n{_BARS + 1}–{horizon}", losses[_BARS:].sum()))
    rows, level = [], 0.0
    for label, lost in parts:
        rows.append((label, "loss", level, level + lost))
        level += lost
    rows.append(("all\nramp", "total", 0.0, level))
    pay = cost.pay_during_ramp
    if pay is not None and math.isfinite(pay.value):
        rows.append(
            ("pay until ramped\n(not added)", "beside", 0.0, pay.value * cost.hires_per_year)
        )
    return pd.DataFrame(rows, columns=["label", "kind", "from", "to"])
