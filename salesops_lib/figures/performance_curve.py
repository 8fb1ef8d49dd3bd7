"""Pictures of the performance curve: the shape, the reps with their intervals, one half against the
other, the levers and the practices that go with skill."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses.performance_curve import (
    LeverTable,
    PerformanceCurve,
    Practices,
    lever_words,
    shape_words,
)
from salesops_lib.figures import style
from salesops_lib.figures.performance_curve_ranking import caterpillar
from salesops_lib.figures.performance_curve_values import (
    TIER_COLOURS,
    TIER_LABELS,
    amount,
    period,
    value_axis,
)

__all__ = ["caterpillar", "halves", "levers", "practices", "shape"]

_PAYS_MOST = {
    "moving_the_middle": "Moving the middle pays most",
    "star_deal": "One more star deal pays most",
    "replacement": "Replacing under-performers pays most",
}
_FAMILY_COLOURS = {"normal": style.INK, "other": style.PURPLE}

_DENSITIES: dict[str, Callable[..., NDArray[np.float64]]] = {
    "normal": lambda x, p: stats.norm.pdf(x, p[0], p[1]),
    "lognormal": lambda x, p: stats.lognorm.pdf(x, p[1], scale=np.exp(p[0])),
    "gamma": lambda x, p: stats.gamma.pdf(x, p[0], scale=p[1]),
    "weibull": lambda x, p: stats.weibull_min.pdf(x, p[0], scale=p[1]),
    "exponential": lambda x, p: stats.expon.pdf(x, scale=p[0]),
    "pareto": lambda x, p: stats.pareto.pdf(x, p[1], scale=p[0]),
}


@style.drawn
def shape(curve: PerformanceCurve, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """Reps by observed mean, coloured by tier, with the bell curve and the best other family."""
    ax = style.axes(ax, height=3.8)
    values = curve.reps["adjusted"].to_numpy()
    edges = _edges(values)
    groups = [(t, values[(curve.reps["tier"] == t).to_numpy()]) for t in TIER_COLOURS]
    ax.hist(
        [one for _, one in groups],
        bins=edges.tolist(),
        stacked=True,
        color=[TIER_COLOURS[t] for t, _ in groups],
        label=[f"{TIER_LABELS[t]} ({len(one):,})" for t, one in groups],
        alpha=0.75,
        edgecolor=style.PAPER,
        linewidth=0.6,
    )
    _draw_families(ax, curve, edges, len(values))
    counts = np.histogram(values, edges)[0]
    if counts[-(len(counts) // 3 + 1) :].max() > 0.6 * counts.max():
        # Tall bars on the right: room for the legend above them.
        ax.set_ylim(top=1.45 * ax.get_ylim()[1])
    ax.legend(loc="upper right")
    # Reps come whole.
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    value_axis(ax, "x", values, currency)
    titles = {
        "normal": "Results per rep follow a bell curve",
        "skewed": "Results per rep are skewed, not a bell curve",
        "heavy-tailed": "Results per rep are heavy-tailed",
        "undetermined": "No standard shape fits the spread of reps"
        if shape_words.no_shape(curve.families)
        else "Bell curve or skewed: these data cannot tell",
    }
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    other = _other_family(curve)
    best = f" Drawn beside the bell curve: {other['label'].iloc[0]}." if len(other) else ""
    return style.finish(
        ax,
        title=titles[curve.verdict],
        alt=f"Histogram of {wording.count(len(values), 'rep')} by observed mean a "
        f"{period(curve)}: one in ten below {amount(low, values, currency)}, the middle at "
        f"{amount(middle, values, currency)}, one in ten above "
        f"{amount(high, values, currency)}. Verdict: {curve.verdict}.{best}",
        xlabel=f"Observed mean a {period(curve)}, at comparable conditions",
        ylabel="Reps",
        grid="y",
    )


@style.drawn
def halves(curve: PerformanceCurve, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """First half against second: how much of a lead stays."""
    ax = style.axes(ax, height=4.0)
    table = curve.halves
    first, second = table["first"].to_numpy(), table["second"].to_numpy()
    star = (table["tier"] == "star").to_numpy()
    many = len(table) > 200
    for mask, colour, name in (
        (~star, style.BLUE, "Others"),
        (star, style.GREEN, "Top of the first half"),
    ):
        ax.plot(first[mask], second[mask], "o", ms=3 if many else 5.5, color=colour,
                alpha=0.35 if many else 0.75, mec="none", label=name)  # fmt: skip
    ends = np.array([first.min(), first.max()])
    kept = curve.finding("regression_to_the_mean").estimate
    if first.mean() > 0:  # else nobody had a lead
        away = ends / first.mean()
        stayed, line = second.mean() * away, second.mean() * (1 + kept.value * (away - 1))
        ax.plot(ends, stayed, color=style.MUTED, lw=1, ls="--", label="If every lead stayed")
        ax.plot(
            ends, line, color=style.INK, lw=1.8, label=f"As it was: {_share(kept.value)} stayed"
        )
    legend = ax.legend(loc="upper left" if many else "best", frameon=True, framealpha=0.85,
                       edgecolor="none", markerscale=2 if many else 1)  # fmt: skip
    for mark in legend.legend_handles:
        if mark is not None:
            # One faint dot is hardly seen; thousands of them are.
            mark.set_alpha(max(mark.get_alpha() or 1.0, 0.75))
    value_axis(ax, "x", first, currency)
    value_axis(ax, "y", second, currency)
    unsure = kept.low <= 0 <= kept.high
    return style.finish(
        ax,
        title="Whether a lead lasts, these data cannot tell"
        if unsure
        else f"{_share(kept.value)} of a lead in one half was left in the next"
        if kept.high < 1
        else "Leads of one half were still there in the next",
        alt=f"Scatter of {wording.count(len(table), 'rep')}: mean of the first half against mean of "
        f"the second. Of the distance from the average, {wording.estimate(kept)} was left.",
        xlabel=f"Mean a {period(curve)}, first half",
        ylabel="Second half",
        grid="y",
    )


@style.drawn
def levers(table: LeverTable, *, ax: Axes | None = None) -> Axes:
    """What each lever is worth a year after its cost, with interval and chance of being best; a
    what-if (stars can be hired) is drawn hollow."""
    rows = table.levers.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.5 + 0.62 * len(rows))
    known = rows["p_best_own"].dropna()
    best = int(known.idxmax()) if len(known) else -1
    ends = rows[["net_low", "net", "net_high"]].to_numpy(dtype=float)
    ends = ends[np.isfinite(ends)]
    left, right = min(0.0, ends.min()), max(0.0, ends.max())
    for place, row in rows.iterrows():
        what_if = row["lever"] in lever_words.WHAT_IFS
        colour = style.GREEN if place == best else style.MUTED if what_if else style.BLUE
        # A centred text over a dot near an edge would run into the lever's name, or out.
        place_of_text = (row["net"] - left) / style.extent(left, right)
        if math.isfinite(row["net_low"]):
            ax.plot([row["net_low"], row["net_high"]], [place, place], color=colour, lw=5,
                    alpha=0.35, solid_capstyle="butt")  # fmt: skip
        ax.plot(row["net"], place, "o", color=colour, ms=8, mew=1.6,
                mfc=style.PAPER if what_if else colour)  # fmt: skip
        ax.annotate(
            f"{_net(row, table.currency)[0]} · {_chance(row)}",
            (row["net"], place), xytext=(0, 9), textcoords="offset points",
            ha="left" if place_of_text < 0.2 else "right" if place_of_text > 0.8 else "center",
            fontsize=9, bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    ax.axvline(0, color=style.MUTED, lw=1)
    style.name_rows(ax, range(len(rows)), [style.halved(label) for label in rows["label"]])
    ax.set_ylim(-0.6, len(rows) - 0.25)
    ax.margins(x=0.12)
    style.money_axis(ax, "x", table.currency)
    level = wording.level(table.confidence)
    told = "; ".join(
        "{} {} ({} interval {} to {}, {})".format(
            row["label"], amounts[0], level, *amounts[1:], _chance(row)
        )
        for _, row in table.levers.iterrows()
        for amounts in [_net(row, table.currency)]
    )
    top = rows.iloc[best if len(known) else rows["net"].argmax()]
    first = _PAYS_MOST.get(top["lever"], "")
    if lever_words.may_not_pay(top):
        first = first.replace("pays most", "is ahead, but may not pay")
    title = (
        first + (", if it costs nothing" if lever_words.condition(top) else "")
        if top["p_best_own"] >= lever_words.SETTLED and top["net"] > 0
        else "Which lever pays most is not settled"
        if top["net"] > 0
        else "No lever is expected to pay back its cost"
    )
    return style.finish(
        ax,
        title=title,
        alt=f"Net value a year of each lever: {told}.",
        xlabel=f"Money a year after cost, with {level} interval",
        grid="x",
    )


def _net(row: pd.Series, currency: str) -> tuple[str, str, str]:
    return wording.with_limits(row["net"], row["net_low"], row["net_high"], currency)


def _chance(row: Mapping[Hashable, Any] | pd.Series) -> str:
    if math.isnan(row["p_best"]):
        return "chance of being best not known"
    if math.isnan(row["p_best_own"]):
        return f"what-if, then {wording.probability(row['p_best'])} likely the best"
    return f"{wording.probability(row['p_best_own'])} likely the best"


@style.drawn
def practices(found: Practices, *, ax: Axes | None = None) -> Axes:
    """How much more reps sell who are one standard deviation higher in a practice."""
    rows = found.table.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.4 + 0.38 * len(rows))
    for place, row in rows.iterrows():
        colour = style.GREEN if row["separates"] else style.MUTED
        ax.plot([row["told_low"], row["told_high"]], [place, place], color=colour, lw=2.2)
        ax.plot(row["slope"], place, "o", color=colour, ms=7)
    ax.axvline(0, color=style.MUTED, lw=1)
    style.name_rows(ax, range(len(rows)), rows["label"].tolist())
    ax.set_ylim(-0.6, len(rows) - 0.4)
    style.percent_axis(ax, "x")
    apart = int(found.table["separates"].sum())
    level = wording.level(found.confidence)
    told = "; ".join(
        f"{row.label} {_share(row.slope)} ({_share(row.told_low)} to {_share(row.told_high)})"
        for row in found.table.itertuples()
    )
    return style.finish(
        ax,
        title=f"{apart} of {wording.count(len(rows), 'practice')} "
        f"{'goes' if apart == 1 else 'go'} with selling {_more_or_less(found)}"
        if apart
        else "No practice goes with selling more beyond chance",
        alt=f"Difference in sales for one standard deviation of each practice: {told}. "
        f"{apart} of {len(rows)} separate (green).",
        xlabel=f"More sales for one standard deviation more,\n{level} interval"
        + (" widened for the picking\n" if len(rows) > 1 else "\n")
        + f"Green: more than chance would show among {wording.count(len(rows), 'practice')}",
        grid="x",
    )


def _more_or_less(found: Practices) -> str:
    """Which way those that separate go."""
    slopes = found.table.loc[found.table["separates"], "slope"]
    return "more" if (slopes > 0).all() else "less" if (slopes < 0).all() else "more or less"


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = np.histogram_bin_edges(values, bins="fd")
    count = int(np.clip(len(edges) - 1, 6, 40))
    # The largest few would otherwise squeeze everybody into three bars.
    top = min(values.max(), np.quantile(values, 0.5) + 8 * stats.iqr(values))
    edges = np.linspace(values.min(), top, count + 1)
    if values.max() > top:
        edges = np.append(edges, values.max())
    return edges


def _draw_families(ax: Axes, curve: PerformanceCurve, edges: NDArray[np.float64], n: int) -> None:
    fits = curve.families.dropna(subset=["aicc"])
    if fits.empty:
        return
    x = np.linspace(edges[0], edges[-1], 300)
    width = edges[1] - edges[0]
    drawn = fits[fits["family"] == "normal"]
    others = _other_family(curve)
    for row in [*others.itertuples(), *drawn.itertuples()]:
        normal = row.family == "normal"
        ax.plot(x, n * width * _DENSITIES[row.family](x, row.params),
                color=_FAMILY_COLOURS["normal" if normal else "other"],
                lw=1.6, ls="--" if normal else "-", label=row.label)  # fmt: skip


def _other_family(curve: PerformanceCurve) -> pd.DataFrame:
    """The family to draw beside the bell curve (one row, or none). A power law starts at the last
    rep, which flatters its likelihood among a few dozen: it is drawn where the verdict is one."""
    fits = curve.families.dropna(subset=["aicc"]).sort_values("aicc")
    shape = "heavy-tailed" if curve.verdict == "heavy-tailed" else "skewed"
    return fits[fits["family"].isin(_DENSITIES) & (fits["shape"] == shape)].head(1)


def _share(value: float) -> str:
    return wording.percent(value)
