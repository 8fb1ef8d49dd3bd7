"""Pictures of the deal desk: from list to what was paid, reps on the same deal, how many deals may be
lost, and what an approval sees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from salesops_lib import wording
from salesops_lib.analyses.deal_desk import ApprovalCase, DealDesk, HeldPrices, words
from salesops_lib.figures import style

# Rows of reps that can be read; of more, those who give most are drawn.
_MOST_NAMES, _ROW = 60, 0.19
_SURE = 0.95
# Thresholds below this part of the chosen one are not drawn, dots closer than this part unlabelled.
_NEAR, _APART = 0.7, 0.05
# Dots below this part of the axis have their label above them.
_LOW = 0.1
# Words over lines and bands.
_ON_PAPER = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.8}
_TOTAL = "Given away in all"


@style.drawn
def waterfall(desk: DealDesk, *, ax: Axes | None = None) -> Axes:
    """What is given away: each step of the discount as long as its money, with its interval, and all of
    it from zero. What list prices would bring is ten times as long, and stands in the title.
    """
    table = desk.waterfall
    names = [*(words.COMPONENTS[one] for one in table["component"]), _TOTAL]
    ax = style.axes(ax, height=1.7 + 0.42 * len(names))
    total = desk.discount_year
    level, ends = 0.0, [0.0, total.value]
    for place, row in enumerate(table.itertuples()):
        sure = row.component == "usual" or row.low > 0 or row.high < 0
        sign = "+" if place and row.value > 0 else ""
        text = sign + wording.money(row.value, desk.currency, like=total.size)
        limits = (level + row.low, level + row.high)
        ends += _step(
            ax, place, (level, row.value), limits, text, _colour(row), 0.85 if sure else 0.3
        )
        level += row.value
        ax.plot([level, level], [place, place + 0.72], color=style.MUTED, lw=0.7)
    last = len(names) - 1
    ends += _step(ax, last, (0.0, total.value), (total.low, total.high),
                  wording.money(total.value, desk.currency, like=total.size), style.MUTED, 0.85,
                  weight="bold")  # fmt: skip
    low, high = min(ends), max(ends)
    wide = style.extent(low, high)
    ax.axvline(0, color=style.MUTED, lw=0.8)
    ax.set_xlim(low - (0.04 * wide if low < 0 else 0), high + 0.18 * wide)
    ax.set_ylim(last + 0.6, -0.6)
    style.name_rows(ax, range(len(names)), names)
    style.money_axis(ax, "x", desk.currency)
    return style.finish(
        ax,
        title=_waterfall_title(desk),
        alt=_waterfall_told(desk),
        xlabel=f"Discount off list, money a year; lines are {wording.level(desk.confidence)} intervals, "
        "pale steps may be none",
        grid="x",
    )


def _step(
    ax: Axes,
    place: int,
    bar: tuple[float, float],
    limits: tuple[float, float],
    text: str,
    colour: str,
    alpha: float,
    weight: str = "normal",
) -> list[float]:
    """Draw one bar (from, length) with its limits and its text; where all of it ends."""
    start, length = bar
    known = [x for x in limits if math.isfinite(x)]
    ax.barh(place, length, left=start, color=colour, height=0.56, alpha=alpha)
    if known:
        ax.plot(known, [place, place], color=style.INK, lw=1.3, marker="|", ms=6)
    ends = [start, start + length, *known]
    ax.annotate(text, (max(ends), place), xytext=(6, 0), textcoords="offset points", va="center",
                fontsize=9, fontweight=weight, bbox=_ON_PAPER)  # fmt: skip
    return ends


def _waterfall_title(desk: DealDesk) -> str:
    text, away = f"Customers pay {words.fine(desk.realisation.value)} of list", desk.discount_year
    if desk.at_list:
        return f"{text}: nothing is given away"
    if math.isfinite(away.low) and not away.excludes(0.0):
        return f"{text}: whether anything is given away cannot be told"
    if away.value <= 0:
        return text
    given = wording.money(away.value, desk.currency, like=away.size)
    return f"{text}: {given} of {wording.money(desk.list_year, desk.currency)} a year given away"


def _waterfall_told(desk: DealDesk) -> str:
    money, size = desk.currency, desk.discount_year.size
    told = "; ".join(
        f"{words.COMPONENTS[row.component].lower()} {wording.money(row.value, money, like=size)}"
        for row in desk.waterfall.itertuples()
    )
    return (
        f"From {wording.money(desk.list_year, money)} a year at list prices to "
        f"{wording.money(desk.paid_year, money)} paid; discount a year: {told}."
    )


def _colour(row: Any) -> str:
    if row.component in {"usual", "rest"}:
        return style.MUTED
    return style.ORANGE if row.value > 0 else style.BLUE


@style.drawn
def reps(
    desk: DealDesk,
    shown: pd.DataFrame | None = None,
    *,
    rep: str = "rep_id",
    ax: Axes | None = None,
) -> Axes:
    """Reps' discount on the same deal: expected with its interval, and hollow what was seen.

    Parameters
    ----------
    shown
        Rows of `desk.reps` to draw, with names in place of ids (as `run.shown` gives them); all by
        default. Of more than can be read, those who give most are drawn.
    """
    every = desk.reps if shown is None else shown
    table = every.head(_MOST_NAMES).reset_index(drop=True)
    ax = style.axes(ax, height=max(2.6, 1.5 + _ROW * len(table)))
    places = np.arange(len(table))
    for mine, colour, label in _certain(table, desk.established):
        if mine.any():
            part = table[mine]
            ax.hlines(places[mine], part["low"], part["high"], color=colour, lw=2.2)
            ax.plot(part["discount"], places[mine], "o", color=colour, ms=5.5, label=label)
    ax.plot(table["observed"], places, "o", color=style.MUTED, ms=4.5, mfc="none", mew=1.0,
            label="As seen")  # fmt: skip
    ax.axvline(desk.average.value, color=style.INK, lw=1.0, ls="--", label="The average rep")
    ax.set_yticks(places, [str(one) for one in table[rep]], color=style.INK, fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(table) - 0.4, -0.6)
    style.percent_axis(ax, "x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    # Of all, not of those drawn.
    more = int((every["p_above"] >= _SURE).sum())
    few = f", the {len(table)} of {len(every):,} who give most" if len(table) < len(every) else ""
    if not desk.established:
        title = "Whether reps differ in what they give on the same deal cannot be told"
    elif more:
        give = f"{wording.count(more, 'rep')} clearly {'gives' if more == 1 else 'give'}"
        title = f"{give} more than average on the same deal"
        if few:
            title += f" ({len(table)} of {len(every):,} drawn)"
    else:
        title = "Reps differ on the same deal, but nobody here is clearly above average"
    first, last = table.iloc[0], table.iloc[-1]
    return style.finish(
        ax,
        title=title,
        alt=f"Discount of the same deal by rep{few}, from {words.fine(first['discount'])} "
        f"({wording.level(desk.confidence)} interval {words.fine(first['low'])} to "
        f"{words.fine(first['high'])}) down to {words.fine(last['discount'])}; the average "
        f"rep gives {words.fine(desk.average.value)}.",
        xlabel=f"Discount of the same deal, {wording.level(desk.confidence)} interval{few}",
        grid="x",
    )


def _certain(table: pd.DataFrame, established: bool) -> list[tuple[np.ndarray, str, str]]:
    """Who gives more or less than average, and of whom it cannot be told: of nobody, where reps
    are not known to differ at all."""
    if not established:
        return [(np.ones(len(table), bool), style.MUTED, "Cannot tell")]
    above = table["p_above"].to_numpy(float)
    high, low = above >= _SURE, above <= 1 - _SURE
    return [
        (high, style.ORANGE, "Gives more"),
        (low, style.BLUE, "Gives less"),
        (~high & ~low, style.MUTED, "Cannot tell"),
    ]


@style.drawn
def break_even(held: HeldPrices, desk: DealDesk, *, ax: Axes | None = None) -> Axes:
    """How many deals may be lost for a discount that much smaller, and how deals won go with
    discounts, where the data say."""
    ax = style.axes(ax)
    x, y = held.curve["points"].to_numpy() * 100, held.curve["break_even"].to_numpy() * 100
    ax.fill_between(x, 0, y, color=style.BLUE, alpha=0.12, lw=0)
    ax.plot(x, y, color=style.BLUE, lw=2)
    marks: list[Line2D | Patch] = [
        Line2D([], [], color=style.BLUE, lw=2, label="Break-even"),
        Patch(color=style.BLUE, alpha=0.12, label="Holding prices pays"),
    ]
    seen = desk.per_point
    told = "how deals won go with discounts is not known"
    if math.isfinite(seen.value):
        low, high = 100 * seen.low * x, 100 * seen.high * x
        ax.fill_between(x, low, high, color=style.AMBER, alpha=0.25, lw=0)
        ax.plot(x, 100 * seen.value * x, color=style.AMBER, lw=1.8, ls="--")
        marks.append(
            Line2D([], [], color=style.AMBER, lw=1.8, ls="--",
                   label="Seen beside discounts\n"
                   f"({wording.level(seen.confidence)} interval),\nnot cause and effect")
        )  # fmt: skip
        told = words.association(seen)
    ax.axhline(0, color=style.INK, lw=0.8)
    point = 100 * held.point_break_even.value
    ax.plot(1, point, "o", color=style.INK, ms=7)
    ax.annotate(f"1 point: {wording.number(point)} in 100", (1, point), xytext=(9, -10),
                textcoords="offset points", ha="left", fontweight="bold", fontsize=9,
                bbox=_ON_PAPER)  # fmt: skip
    ax.set_xlim(0, float(x[-1]))
    ax.set_ylim(
        bottom=min(0.0, max(float(ax.get_ylim()[0]), -float(y[-1]))), top=1.5 * float(y[-1])
    )
    ax.legend(handles=marks, loc="upper left")
    return style.finish(
        ax,
        title=words.curve_title(held),
        alt=f"Share of deals that may be lost against discount taken back: one point "
        f"{wording.number(point)} in 100, {wording.number(x[-1])} points {wording.number(y[-1])} in "
        f"100; beside it, {told}.",
        xlabel="Points of discount taken back",
        ylabel="Deals lost, in 100",
        grid="y",
    )


@style.drawn
def approval(case: ApprovalCase, *, ax: Axes | None = None) -> Axes:
    """What approvals would see against how many there are, threshold by threshold, and their cost."""
    ax = style.axes(ax)
    table, money = _near(case), case.currency
    x = table["approvals_month"].to_numpy(float)
    ax.fill_between(x, table["above_low"], table["above_high"], color=style.BLUE, alpha=0.2, lw=0)
    ax.plot(x, table["above_year"], "-o", color=style.BLUE, lw=1.8, ms=4)
    ax.plot(x, table["cost_year"], color=style.ORANGE, lw=1.8, ls="--")
    here = (case.approvals_month.value, case.above_year.value)
    said = here[0]
    top = 1.1 * max(float(table[["above_high", "above_year", "cost_year"]].max().max()), 1.0)
    for row in table[::-1].itertuples():
        far = abs(row.approvals_month - said) > _APART * float(x.max())
        if far and abs(row.threshold - case.threshold) > 1e-9:
            said = row.approvals_month
            # Under a dot near the bottom there is the axis.
            low = row.above_year < _LOW * top
            ax.annotate(wording.percent(row.threshold), (row.approvals_month, row.above_year),
                        xytext=(-2, 7) if low else (5, -11), ha="center" if low else "left",
                        textcoords="offset points", fontsize=8, color=style.MUTED)  # fmt: skip
    ax.plot(*here, "o", color=style.INK, ms=8)
    sees = wording.money(here[1], money, like=case.above_year.size)
    ax.annotate(f"Above {wording.percent(case.threshold)}: {sees}", here, xytext=(11, -14),
                textcoords="offset points", fontweight="bold", fontsize=9,
                bbox=_ON_PAPER)  # fmt: skip
    ax.set_xlim(0, max(float(x.max()) * 1.12, 1.0))
    ax.set_ylim(0, top)
    style.money_axis(ax, "y", money)
    each = wording.money(case.approval_cost, money)
    beyond = "Discount beyond the threshold"
    if table["above_low"].notna().any():
        beyond += f",\n{wording.level(case.confidence)} interval"
    marks = [
        Line2D([], [], color=style.BLUE, marker="o", ms=4, label=beyond),
        Line2D([], [], color=style.ORANGE, ls="--", label=f"Cost of approvals, {each} each"),
    ]  # fmt: skip
    ax.legend(handles=marks, loc="upper left")
    told = "; ".join(
        f"above {wording.percent(row.threshold)} {wording.number(row.approvals_month)} a month see "
        f"{wording.money(row.above_year, money)}"
        for row in table.itertuples()
    )
    return style.finish(
        ax,
        title=words.approval_title(case),
        alt=f"Discount beyond the threshold a year against approvals a month: {told}.",
        xlabel="Deals a month that need approval; numbers at the dots are thresholds",
        ylabel="Money a year",
        grid="y",
    )


def _near(case: ApprovalCase) -> pd.DataFrame:
    """Thresholds from a little below the chosen one up, while there is anything beyond them; the most
    approvals last. Far below, the money is that of the usual discount and hides the rest."""
    here = pd.DataFrame([{
        "threshold": case.threshold, "approvals_month": case.approvals_month.value,
        "cost_year": case.cost_year, "above_year": case.above_year.value,
        "above_low": case.above_year.low, "above_high": case.above_year.high,
    }])  # fmt: skip
    grid = case.grid[list(here.columns)]
    kept = grid[(grid["threshold"] >= _NEAR * case.threshold) & (grid["above_year"] > 0)]
    kept = kept[(kept["threshold"] - case.threshold).abs() > 1e-9]
    both = pd.concat([kept, here], ignore_index=True) if len(kept) else here
    # One rep's deals have no interval: nothing is drawn rather than a band without end.
    ends = both[["above_low", "above_high"]]
    both[["above_low", "above_high"]] = ends.where(np.isfinite(ends).all(axis=1), np.nan)
    return both.sort_values("threshold", ascending=False, ignore_index=True)
