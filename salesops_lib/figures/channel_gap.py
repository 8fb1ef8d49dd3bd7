"""Pictures of the channel gap: the reps behind it, what makes it, which practices carry it, how
much an unmeasured market factor could take away, and the funnel, mix and league behind it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import (
    ChannelComparison,
    ChannelGap,
    Funnel,
    GapClosing,
    words,
)
from salesops_lib.estimate import Estimate
from salesops_lib.figures import style

GROUP_COLOURS = {"market": style.PURPLE, "practice": style.GREEN, "unexplained": style.MUTED}
GROUP_LABELS = {"market": "Market", "practice": "Practice", "unexplained": "Unexplained"}
_GOLDEN = (math.sqrt(5) - 1) / 2
# Characters of a title that fit beside labels of this width, and of a label beside the axis.
_TITLE, _LABEL = 54, 18


def rep_means(
    gap: ChannelGap,
    *,
    only: Collection[object] = (),
    currency: str = "$",
    ax: Axes | None = None,
) -> Axes:
    """Every rep a dot, each channel's mean with its interval: is there a gap at all?

    Parameters
    ----------
    only
        The reps whose dots may be drawn; by default all. The means are those of all reps.
    """
    ax = style.axes(ax, height=3.2)
    dots = gap.reps[gap.reps.iloc[:, 0].isin(list(only))] if only else gap.reps
    table = gap.means.iloc[::-1].reset_index(drop=True)
    for place, row in table.iterrows():
        values = np.sort(dots.loc[dots["channel"] == row["channel"], "value"])
        # Spread by a fixed sequence: the same report twice is the same picture.
        offset = ((np.arange(len(values)) * _GOLDEN) % 1 - 0.5) * 0.36
        many = len(values) > 150
        colour = style.BLUE if row["channel"] == gap.a else style.ORANGE
        ax.plot(values, place + offset, "o", color=colour, ms=3 if many else 5.5,
                alpha=0.25 if many else 0.45, mec="none")  # fmt: skip
        ax.plot([row["low"], row["high"]], [place, place], color=style.INK, lw=2.4)
        ax.plot(row["value"], place, "D", color=style.INK, ms=7)
        ax.annotate(_amount(gap, row["value"], currency), (row["value"], place + 0.2), xytext=(0, 3),
                    textcoords="offset points", ha="center", fontweight="bold")  # fmt: skip
    labels = [f"{_wrapped(row.channel)}\n{wording.count(row.reps, 'rep')}"
              for row in table.itertuples()]  # fmt: skip
    ax.set_yticks(range(2), labels, color=style.INK)
    ax.set_ylim(-0.5, 1.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    _axis(ax, gap, currency)
    apart = gap.difference.excludes(0.0)
    level = _level(gap.confidence)
    a, b = gap.means.itertuples()
    whose = "your reps" if only else "reps"
    told = wording.opened(
        f"{gap.a} {words.verb(gap)} {wording.ratio(gap.ratio.value)} what {gap.b} does"
    )
    return style.finish(
        ax,
        title=_titled(told if apart else f"{told}, which may be luck"),
        alt=f"Mean of each rep, by channel: {gap.a} {_amount(gap, a.value, currency)} over "
        f"{wording.count(a.reps, 'rep')}, {gap.b} {_amount(gap, b.value, currency)} over "
        f"{wording.count(b.reps, 'rep')}; ratio {wording.estimate(gap.ratio)}.",
        xlabel=f"Means of {whose} (dots), of channels with {level} interval (diamonds), {_per(gap)}",
        grid="x",
    )


def waterfall(gap: ChannelGap, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """From the mean of channel b to that of a, step by step, each with its interval."""
    ax = style.axes(ax)
    parts = {"market": gap.market, "practice": gap.practice, "unexplained": gap.unexplained}
    parts = {name: part for name, part in parts.items() if not math.isnan(part.value)}
    a, b = (float(x) for x in gap.means["value"])
    bars = [(gap.b, 0.0, b, style.ORANGE)]
    at = b
    for place, (name, part) in enumerate(parts.items(), start=1):
        bars.append((GROUP_LABELS[name], at, part.value, GROUP_COLOURS[name]))
        ax.plot([place - 1.4, place + 0.4], [at, at], color=style.MUTED, lw=0.8)
        at += part.value
        ax.errorbar(place, at, yerr=[[part.value - part.low], [part.high - part.value]],
                    color=style.INK, lw=1.4, capsize=4)  # fmt: skip
    bars.append((gap.a, 0.0, a, style.BLUE))
    ax.plot([len(bars) - 2.4, len(bars) - 0.6], [at, at], color=style.MUTED, lw=0.8)
    for place, (_, start, size, colour) in enumerate(bars):
        ax.bar(place, size, bottom=start, color=colour, alpha=0.85, width=0.8)
    ends = _label_bars(ax, gap, bars, list(parts.values()), currency)
    ax.set_xticks(range(len(bars)), [_wrapped(label) for label, *_ in bars], color=style.INK)
    ax.tick_params(axis="x", length=0)
    # Bars from zero, unless the steps would then be too small to see: the axis says so.
    low, high = min(ends), max(ends)
    cut = low > 0.6 * high
    if cut:
        low -= 0.25 * (high - low)
        ax.set_ylim(low, high + 0.1 * (high - low))
    else:
        ax.set_ylim(min(0.0, low), high + 0.08 * (high - min(0.0, low)))
    _axis(ax, gap, currency, "y")
    told = "; ".join(
        f"{GROUP_LABELS[name].lower()} {wording.estimate(part, currency)}"
        for name, part in parts.items()
    )
    return style.finish(
        ax,
        title=_titled(_made_of(gap)),
        alt=f"From {gap.b}, {_amount(gap, b, currency)}, to {gap.a}, {_amount(gap, a, currency)} "
        f"{_per(gap)}: {told}.",
        ylabel=_outcome(gap) + (", axis cut" if cut else ""),
        grid="y",
    )


def practices(closing: GapClosing, gap: ChannelGap, *, ax: Axes | None = None) -> Axes:
    """What bringing each practice of b to the level of a is worth a year."""
    currency = closing.currency
    table = closing.practices.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.6 + 0.5 * max(len(table), 1))
    for place, row in table.iterrows():
        _interval(ax, int(place), row, style.GREEN, wording.money(row["value"], currency))
    ax.axvline(0, color=style.INK, lw=0.8)
    ax.set_yticks(range(len(table)), [wording.opened(x) for x in table["label"]], color=style.INK)
    ax.set_ylim(-0.6, max(len(table), 1) - 0.25)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        f"{row.label} {wording.money(row.value, currency)} "
        f"({wording.money(row.low, currency)} to {wording.money(row.high, currency)})"
        for row in closing.practices.itertuples()
    )
    top = closing.practices.iloc[0]
    sure = top["low"] > 0
    title = (
        f"{wording.opened(top['label'])} carries most of what training could close"
        if sure
        else "No single practice can be told to carry the gap"
        if len(table) > 1
        else "The one practice measured cannot be told to carry the gap"
    )
    return style.finish(
        ax,
        title=_titled(title),
        alt=f"What closing each difference in practice is worth a year to {gap.b}: {told}.",
        xlabel=f"Money a year if {gap.b} practised as {gap.a} does, {_level(gap.confidence)} interval",
        grid="x",
    )


def sensitivity(gap: ChannelGap, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """What is left of the correctable part under an unmeasured market factor of growing strength,
    with the measured factors' strength for scale."""
    ax = style.axes(ax, height=3.9)
    curve = gap.sensitivity
    factor = gap.rows_per_year if gap.scale == "money" else 1.0
    x = curve["strength"].to_numpy()
    low, value, high = (curve[name].to_numpy() * factor for name in ("low", "correctable", "high"))
    ax.fill_between(x, low, high, color=style.GREEN, alpha=0.18, lw=0)
    ax.plot(x, value, color=style.GREEN, lw=2)
    ax.axhline(0, color=style.INK, lw=0.8)
    needed = gap.robustness.value
    ax.plot(needed, 0, "o", color=style.INK, ms=7, zorder=5)
    ax.annotate(f"wiped out at {wording.percent(needed)}", (needed, 0), xytext=(8, 9),
                textcoords="offset points", fontweight="bold",
                bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
    bottom, top = float(low.min()), float(high.max())
    room = top - bottom
    shown = gap.measured.head(3)
    for step, row in enumerate(shown.itertuples()):
        y = bottom - room * (0.08 + 0.09 * step)
        ax.plot([row.strength, row.strength], [y, 0], color=style.PURPLE, lw=0.9, ls=":")
        ax.plot(row.strength, y, "D", color=style.PURPLE, ms=5)
        ax.annotate(row.label, (row.strength, y), xytext=(7, 0), textcoords="offset points",
                    va="center", fontsize=9, color=style.PURPLE)  # fmt: skip
    ax.set_ylim(bottom - room * (0.06 + 0.1 * len(shown)), top + 0.05 * room)
    ax.set_xlim(0, float(x.max()))
    style.percent_axis(ax, "x")
    if gap.scale == "money":
        style.money_axis(ax, "y", currency)
    strongest = ""
    if len(gap.measured):
        one = gap.measured.iloc[0]
        strongest = (
            f" The strongest measured factor, {one['label']}, accounts for "
            f"{wording.percent(float(one['strength']))}."
        )
    title = (
        f"A hidden market factor of {wording.percent(needed)} would explain the practice part away"
        if gap.correctable.excludes(0.0)
        else "The practice part may be nothing even without a hidden market factor"
    )
    return style.finish(
        ax,
        title=_titled(title),
        alt=f"Correctable money a year against the strength of an unmeasured market factor: "
        f"{wording.quantity(float(value[0]), 'money', currency)} without one, nothing at "
        f"{wording.percent(needed)}.{strongest}",
        xlabel="Share of the differences left, between channels and reps, that it accounts for",
        ylabel="Correctable, a year" if gap.scale == "money" else f"Correctable, a {gap.row}",
        grid="y",
    )


def funnel_steps(funnel: Funnel, *, ax: Axes | None = None) -> Axes:
    """What each step of the funnel adds to the gap, and its level in either channel."""
    currency = funnel.currency
    table = funnel.steps.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=3.4)
    for place, row in table.iterrows():
        colour = style.BLUE if row["value"] >= 0 else style.ORANGE
        _interval(ax, int(place), row, colour, wording.money(row["value"], currency))
    ax.axvline(0, color=style.INK, lw=0.8)
    labels = [f"{row.label}\n{wording.ratio(row.ratio)}" for row in table.itertuples()]
    ax.set_yticks(range(len(table)), labels, color=style.INK)
    ax.set_ylim(-0.6, len(table) - 0.25)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        f"{row.label.lower()} {wording.ratio(row.ratio)}, {wording.money(row.value, currency)}"
        for row in funnel.steps.itertuples()
    )
    return style.finish(
        ax,
        title=_titled(f"Where along the funnel {funnel.a} and {funnel.b} part"),
        alt=f"Each step of {funnel.a} over that of {funnel.b} and what it adds to the gap of "
        f"{wording.money(funnel.gap, currency)} a rep-month: {told}.",
        xlabel=f"Part of the gap, money a rep-month, {_level(funnel.confidence)} interval",
        grid="x",
    )


def effects(
    mix: pd.DataFrame, *, a: str, b: str, currency: str = "$", ax: Axes | None = None
) -> Axes:
    """Price, volume and mix: the fair split, with the range of the two orders behind it."""
    totals = mix.groupby("effect", sort=False)[["volume_first", "price_first", "shapley"]].sum()
    ax = style.axes(ax, height=2.8)
    for place, (_, row) in enumerate(totals.iloc[::-1].iterrows()):
        colour = style.BLUE if row["shapley"] >= 0 else style.ORANGE
        ax.barh(place, row["shapley"], color=colour, alpha=0.85, height=0.55)
        ax.plot([row["volume_first"], row["price_first"]], [place, place], color=style.INK, lw=1.4,
                marker="|", ms=9)  # fmt: skip
        ax.annotate(wording.money(row["shapley"], currency), (row["shapley"] / 2, place), xytext=(0, 16),
                    textcoords="offset points", ha="center", fontsize=9)  # fmt: skip
    ax.axvline(0, color=style.INK, lw=0.8)
    ax.set_yticks(
        range(len(totals)), [wording.opened(x) for x in totals.index[::-1]], color=style.INK
    )
    ax.set_ylim(-0.5, len(totals) - 0.2)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        f"{name} {wording.money(row['shapley'], currency)}" for name, row in totals.iterrows()
    )
    biggest = str(totals["shapley"].abs().idxmax())
    return style.finish(
        ax,
        title=f"{wording.opened(biggest)} makes most of the difference in revenue",
        alt=f"Revenue of {a} minus {b}, split: {told}.",
        xlabel=f"{a} minus {b}; the lines span the two orders of switching",
        grid="x",
    )


def league(found: ChannelComparison, *, ax: Axes | None = None, most: int = 20) -> Axes:
    """Every channel's mean as observed, and drawn towards the rest by what chance deserves."""
    table = found.league.head(most).iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.6 + 0.42 * len(table))
    for place, row in table.iterrows():
        ax.plot(row["observed"], place, "o", mfc="none", mec=style.MUTED, ms=7)
        ax.plot([row["shrunk_low"], row["shrunk_high"]], [place, place], color=style.BLUE, lw=6,
                alpha=0.3, solid_capstyle="butt")  # fmt: skip
        ax.plot(row["shrunk"], place, "o", color=style.BLUE, ms=7)
    labels = [
        f"{_wrapped(row.channel)} ({wording.count(row.reps, 'rep')})" for row in table.itertuples()
    ]
    ax.set_yticks(range(len(table)), labels, color=style.INK)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.money_axis(ax, "x", found.currency)
    told = "; ".join(
        f"{row.channel} {wording.money(row.shrunk, found.currency)}"
        for row in found.league.head(most).itertuples()
    )
    more = f" (best {most} of {len(found.league)})" if len(found.league) > most else ""
    return style.finish(
        ax,
        title="How the channels stand when luck is taken out" + more,
        alt=f"Shrunken mean of each channel, best first: {told}.",
        xlabel=f"A rep-month: observed (rings), shrunken with {_level(found.confidence)} interval (dots)",
        grid="x",
    )


def _interval(ax: Axes, place: int, row: pd.Series, colour: str, text: str) -> None:
    ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=6, alpha=0.3,
            solid_capstyle="butt")  # fmt: skip
    ax.plot(row["value"], place, "o", color=colour, ms=8)
    ax.annotate(text, (row["value"], place), xytext=(0, 9), textcoords="offset points", ha="center",
                fontsize=9, bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip


def _label_bars(
    ax: Axes,
    gap: ChannelGap,
    bars: list[tuple[str, float, float, str]],
    parts: list[Estimate],
    currency: str,
) -> list[float]:
    """Write each bar's size above all that is drawn in its place; the heights in use."""
    heights = []
    for place, (_, start, size, _colour) in enumerate(bars):
        top, bottom = max(start, start + size), min(start, start + size)
        if 0 < place < len(bars) - 1:
            part = parts[place - 1]
            top, bottom = max(top, start + part.high), min(bottom, start + part.low)
            text = _amount(gap, size, currency, signed=True)
            heights += [bottom]
        else:
            text = _amount(gap, size, currency)
        heights += [top]
        ax.annotate(text, (place, top), xytext=(0, 4), textcoords="offset points", ha="center",
                    fontweight="bold")  # fmt: skip
    return heights


def _made_of(gap: ChannelGap) -> str:
    """The message: which parts can be told to make the difference, and whether most is open."""
    lead = math.copysign(1.0, gap.difference.value)
    parts = {"market": gap.market, "practice": gap.practice}
    told = [
        name
        for name, part in parts.items()
        if not math.isnan(part.value) and part.excludes(0.0) and part.value * lead > 0
    ]
    if all(math.isnan(part.value) for part in parts.values()):
        return "Nothing that was measured explains the difference"
    if not told:
        return "What makes the difference cannot be told for sure"
    verb = "is" if len(told) == 1 else "are"
    text = f"{wording.opened(wording.listed(told))} {verb} behind the difference"
    if abs(gap.unexplained.value) > abs(gap.difference.value) / 2:
        return f"{text}, but most of it is unexplained"
    return text


def _amount(gap: ChannelGap, value: float, currency: str, *, signed: bool = False) -> str:
    plus = "+" if signed and value > 0 else ""
    if gap.scale == "money":
        return plus + wording.money(value, currency)
    if gap.scale == "share":
        return plus + wording.percent(value)
    return plus + wording.number(value)


def _axis(ax: Axes, gap: ChannelGap, currency: str, which: str = "x") -> None:
    if gap.scale == "money":
        style.money_axis(ax, which, currency)
    elif gap.scale == "share":
        style.percent_axis(ax, which)
    else:
        axis = ax.xaxis if which == "x" else ax.yaxis
        axis.set_major_formatter(FuncFormatter(lambda value, _: wording.number(value)))


def _outcome(gap: ChannelGap) -> str:
    name = wording.opened(gap.outcome.replace("_", " "))
    return f"{name} {_per(gap)}" if gap.scale != "log" else f"Log of {gap.outcome} {_per(gap)}"


def _per(gap: ChannelGap) -> str:
    return "a rep-month" if gap.row == "rep-month" else f"a {gap.row}"


def _level(confidence: float) -> str:
    return f"{confidence * 100:.3g}%"


def _titled(text: str) -> str:
    return textwrap.fill(text, _TITLE)


def _wrapped(label: str, width: int = _LABEL) -> str:
    if len(label) <= width or " " not in label:
        return label
    middle = min(
        (i for i, c in enumerate(label) if c == " "), key=lambda i: abs(i - len(label) / 2)
    )
    return label[:middle] + "\n" + label[middle + 1 :]
