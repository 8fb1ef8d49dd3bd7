"""Pictures beside the gap: the funnel, price, volume and mix, and every channel in a row."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.channel_gap import ChannelComparison, Funnel
from salesops_lib.figures import channel_gap_marks as marks
from salesops_lib.figures import style

# Sums that differ by rounding alone; the share from which a part makes the difference; and of what works towards
# it, the share from which what works against it is worth a word.
_NOTHING, _HALF, _COUNTS = 1e-9, 0.5, 0.1


@style.drawn
def funnel_steps(funnel: Funnel, *, ax: Axes | None = None) -> Axes:
    """What each step of the funnel adds to the gap, and its level in either channel."""
    currency = funnel.currency
    table = funnel.steps.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=3.4)
    for place, row in table.iterrows():
        colour = style.BLUE if row["value"] >= 0 else style.ORANGE
        marks.interval(ax, int(place), row, colour, marks.limits(row, currency)[0])
    ax.axvline(0, color=style.INK, lw=0.8)
    labels = [f"{row.label}\n{wording.ratio(row.ratio)}" for row in table.itertuples()]
    style.name_rows(ax, range(len(table)), labels)
    ax.set_ylim(-0.6, len(table) - 0.25)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        f"{row['label'].lower()} {wording.ratio(row['ratio'])}, {marks.limits(row, currency)[0]}"
        for _, row in funnel.steps.iterrows()
    )
    return style.finish(
        ax,
        title=f"Where along the funnel {funnel.a} and {funnel.b} part",
        alt=f"Each step of {funnel.a} over that of {funnel.b} and what it adds to the gap of "
        f"{wording.money(funnel.gap, currency)} a rep-month: {told}.",
        xlabel=f"Part of the gap, money a rep-month, {wording.level(funnel.confidence)} interval",
        grid="x",
    )


@style.drawn
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
    style.name_rows(ax, range(len(totals)), [wording.opened(x) for x in totals.index[::-1]])
    ax.set_ylim(-0.5, len(totals) - 0.2)
    style.money_axis(ax, "x", currency)
    told = "; ".join(
        f"{name} {wording.money(row['shapley'], currency)}" for name, row in totals.iterrows()
    )
    return style.finish(
        ax,
        title=_split_title(totals["shapley"]),
        alt=f"Revenue of {a} minus {b}, split: {told}.",
        xlabel=f"{a} minus {b}; the lines span the two orders of switching",
        grid="x",
    )


def _split_title(parts: pd.Series) -> str:
    """Which part makes the difference; parts may also work against it, or share it."""
    whole = float(parts.sum())
    towards = parts[parts * whole > 0].sort_values(ascending=whole < 0)
    if towards.empty or abs(whole) <= _NOTHING * float(parts.abs().sum()):
        return "There is no difference in revenue to split"
    against = parts[parts * whole < 0].sort_values(ascending=whole > 0)
    first = wording.opened(str(towards.index[0]))
    if towards.iloc[0] / towards.sum() <= _HALF:
        names = wording.listed([str(one) for one in towards.index])
        return f"{wording.opened(names)} share the difference in revenue"
    if abs(against.sum()) > _COUNTS * abs(towards.sum()):
        names = wording.listed([str(one) for one in against.index])
        works = "works" if len(against) == 1 else "work"
        return f"{first} makes the difference in revenue; {names} {works} against it"
    return f"{first} makes most of the difference in revenue"


@style.drawn
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
        f"{style.halved(row.channel)} ({wording.count(row.reps, 'rep')})"
        for row in table.itertuples()
    ]
    style.name_rows(ax, range(len(table)), labels)
    ax.set_ylim(-0.6, len(table) - 0.4)
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
        xlabel=f"A rep-month: observed (rings), shrunken with {wording.level(found.confidence)} interval (dots)",
        grid="x",
    )
