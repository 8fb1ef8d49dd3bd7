"""Pictures of one gap: the reps behind it, what makes it, which practices carry it, and how much an
unmeasured market factor could take away."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import ChannelGap, GapClosing, companion_words, words
from salesops_lib.analyses.channel_gap.labels import label
from salesops_lib.estimate import Estimate
from salesops_lib.figures import channel_gap_marks as marks
from salesops_lib.figures import style

GROUP_COLOURS = {"market": style.PURPLE, "practice": style.GREEN, "unexplained": style.MUTED}
GROUP_LABELS = {"market": "Market", "practice": "Practice", "unexplained": "Unexplained"}
# Thickness of a level, as a share of all that is drawn.
_LEVEL = 0.03
_GOLDEN = (math.sqrt(5) - 1) / 2


@style.drawn
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
        ax.annotate(marks.amount(gap, row["value"], currency), (row["value"], place + 0.2), xytext=(0, 3),
                    textcoords="offset points", ha="center", fontweight="bold")  # fmt: skip
    labels = [f"{style.halved(row.channel)}\n{wording.count(row.reps, 'rep')}"
              for row in table.itertuples()]  # fmt: skip
    style.name_rows(ax, range(2), labels)
    ax.set_ylim(-0.5, 1.55)
    marks.axis(ax, gap, currency)
    apart = gap.difference.excludes(0.0)
    level = wording.level(gap.confidence)
    a, b = gap.means.itertuples()
    whose = "your reps" if only else "reps"
    told = wording.opened(
        f"{gap.a} {words.verb(gap)} {wording.ratio(gap.ratio.value)} what {gap.b} does"
    )
    return style.finish(
        ax,
        title=told if apart else f"{told}, which may be luck",
        alt=f"Mean of each rep, by channel: {gap.a} {marks.amount(gap, a.value, currency)} over "
        f"{wording.count(a.reps, 'rep')}, {gap.b} {marks.amount(gap, b.value, currency)} over "
        f"{wording.count(b.reps, 'rep')}; ratio {wording.estimate(gap.ratio)}.",
        xlabel=f"Means of {whose} (dots), of channels with {level} interval (diamonds), {marks.per(gap)}",
        grid="x",
    )


@style.drawn
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
    ends = _label_bars(ax, gap, bars, list(parts.values()), currency)
    ax.set_xticks(range(len(bars)), [style.halved(label) for label, *_ in bars], color=style.INK)
    ax.tick_params(axis="x", length=0)
    # Bars from zero, unless the steps would then be too small to see: the axis says so, and the ends
    # are levels, because the length of a bar that is cut would say nothing of their ratio.
    low, high = min(ends), max(ends)
    cut = low > 0.6 * high
    for place, (_, start, size, colour) in enumerate(bars):
        level = cut and place in (0, len(bars) - 1)
        begin = start + size - _LEVEL * (high - low) if level else start
        ax.bar(place, start + size - begin, bottom=begin, color=colour, alpha=0.85, width=0.8)
    if cut:
        low -= 0.25 * (high - low)
        ax.set_ylim(low, high + 0.1 * (high - low))
    else:
        bottom = min(0.0, low)
        ax.set_ylim(bottom, high + 0.08 * style.extent(bottom, high))
    marks.axis(ax, gap, currency, "y")
    told = "; ".join(
        f"{GROUP_LABELS[name].lower()} {wording.estimate(part, currency)}"
        for name, part in parts.items()
    )
    return style.finish(
        ax,
        title=_made_of(gap),
        alt=f"From {gap.b}, {marks.amount(gap, b, currency)}, to {gap.a}, {marks.amount(gap, a, currency)} "
        f"{marks.per(gap)}: {told}.",
        ylabel=marks.outcome(gap) + (", axis cut" if cut else ""),
        grid="y",
    )


@style.drawn
def practices(closing: GapClosing, gap: ChannelGap, *, ax: Axes | None = None) -> Axes:
    """What bringing each practice of b to the level of a is worth a year."""
    currency = closing.currency
    told_of = closing.practices.assign(low=lambda t: t["told_low"], high=lambda t: t["told_high"])
    table = told_of.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.6 + 0.5 * max(len(table), 1))
    for place, row in table.iterrows():
        marks.interval(ax, int(place), row, style.GREEN, marks.limits(row, currency)[0])
    ax.axvline(0, color=style.INK, lw=0.8)
    style.name_rows(ax, range(len(table)), [wording.opened(x) for x in table["label"]])
    ax.set_ylim(-0.6, max(len(table), 1) - 0.25)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        "{} {} ({} to {})".format(row["label"], *marks.limits(row, currency))
        for _, row in told_of.iterrows()
    )
    return style.finish(
        ax,
        title=companion_words.practices_title(closing),
        alt=f"What closing each difference in practice is worth a year to {gap.b}: {told}.",
        xlabel=f"{label(gap.outcome)} a year if {gap.b} practised as {gap.a} does, {wording.level(gap.confidence)} interval"
        + ("\nthat holds for all at once" if len(table) > 1 else ""),
        grid="x",
    )


@style.drawn
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
        ax.plot(row.strength, y, "D", color=style.PURPLE, ms=5, clip_on=False)
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
        title=title,
        alt=f"Correctable money a year against the strength of an unmeasured market factor: "
        f"{wording.quantity(float(value[0]), 'money', currency)} without one, nothing at "
        f"{wording.percent(needed)}.{strongest}",
        xlabel="Share of the differences left, between channels and reps, that it accounts for",
        ylabel=f"Correctable {label(gap.outcome)} a year"
        if gap.scale == "money"
        else f"Correctable, a {gap.row}",
        grid="y",
    )


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
            text = marks.amount(gap, size, currency, signed=True, like=part.size)
            heights += [bottom]
        else:
            text = marks.amount(gap, size, currency)
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
