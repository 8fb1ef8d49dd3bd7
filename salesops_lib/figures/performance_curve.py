"""Pictures of the performance curve: the shape, the reps with their intervals, one half against the
other, the levers and the practices that go with skill."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray
from scipy import stats

from salesops_lib import wording
from salesops_lib.analyses.performance_curve import LeverTable, PerformanceCurve, Practices
from salesops_lib.figures import style

TIER_COLOURS = {"star": style.GREEN, "core": style.BLUE, "laggard": style.ORANGE}
TIER_LABELS = {"star": "Stars", "core": "Core", "laggard": "Under-performers"}
# Names are readable for so many rows; past that the ranking is drawn as a curve.
_MOST_NAMES = 60
_ROW = 0.175
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
    _value_axis(ax, "x", values, currency)
    titles = {
        "normal": "Results per rep follow a bell curve",
        "skewed": "Results per rep are skewed, not a bell curve",
        "heavy-tailed": "Results per rep are heavy-tailed",
        "undetermined": "Bell curve or skewed: these data cannot tell",
    }
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    other = _other_family(curve)
    best = f" Drawn beside the bell curve: {other['label'].iloc[0]}." if len(other) else ""
    return style.finish(
        ax,
        title=titles[curve.verdict],
        alt=f"Histogram of {wording.count(len(values), 'rep')} by observed mean a "
        f"{_period(curve)}: one in ten below {_amount(low, values, currency)}, the middle at "
        f"{_amount(middle, values, currency)}, one in ten above "
        f"{_amount(high, values, currency)}. Verdict: {curve.verdict}.{best}",
        xlabel=f"Observed mean a {_period(curve)}, at comparable conditions",
        ylabel="Reps",
        grid="y",
    )


def caterpillar(
    curve: PerformanceCurve,
    shown: pd.DataFrame | None = None,
    *,
    currency: str = "$",
    ax: Axes | None = None,
) -> Axes:
    """Reps from best to last: what they are expected to sell (with interval) and what was seen.

    Parameters
    ----------
    shown
        Rows of `curve.reps` to draw, with names in place of ids (as `run.shown` gives them); all
        by default.
    """
    table = (curve.reps if shown is None else shown).sort_values("rank").reset_index(drop=True)
    named = len(table) <= _MOST_NAMES
    ax = style.axes(ax, height=max(2.6, 1.3 + _ROW * len(table)) if named else 4.2)
    places = np.arange(len(table))
    if named:
        _rows(ax, table, places, curve.rep_column)
        _value_axis(ax, "x", table["observed"].to_numpy(), currency)
    else:
        _curve(ax, table, places, f"{curve.confidence * 100:.3g}% interval")
        _value_axis(ax, "y", table["observed"].to_numpy(), currency)
    _legend(ax, named)
    stars = table[table["tier"] == "star"]
    level = f"{curve.confidence * 100:.3g}%"
    label = f"Expected value a {_period(curve)} with {level} interval; crosses are what was seen"
    wide = float((table["rank_high"] - table["rank_low"]).median()) + 1
    first, last = table.iloc[0], table.iloc[-1]
    return style.finish(
        ax,
        title=_ranking_title(len(curve.reps), wide),
        alt=f"{wording.count(len(table), 'rep')} ranked by expected value a {_period(curve)}, from "
        f"{_amount(first['shrunk'], table['observed'], currency)} "
        f"({level} interval {_amount(first['shrunk_low'], table['observed'], currency)} to "
        f"{_amount(first['shrunk_high'], table['observed'], currency)}) down to "
        f"{_amount(last['shrunk'], table['observed'], currency)}; observed means run from "
        f"{_amount(table['observed'].max(), table['observed'], currency)} to "
        f"{_amount(table['observed'].min(), table['observed'], currency)}. "
        f"Stars as seen: {len(stars)}; half of all rank intervals span "
        f"{wide:,.0f} places or more.",
        xlabel=label if named else "Rank",
        ylabel="" if named else f"Expected value a {_period(curve)}",
        grid="x" if named else "y",
    )


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
    scale = second.mean() / first.mean()
    kept = curve.finding("regression_to_the_mean").estimate
    line = second.mean() * (1 + kept.value * (ends / first.mean() - 1))
    ax.plot(ends, ends * scale, color=style.MUTED, lw=1, ls="--", label="If every lead stayed")
    ax.plot(ends, line, color=style.INK, lw=1.8, label=f"As it was: {_share(kept.value)} stayed")
    ax.legend(loc="upper left" if many else "best", frameon=True, framealpha=0.85, edgecolor="none")
    _value_axis(ax, "x", first, currency)
    _value_axis(ax, "y", second, currency)
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
        xlabel=f"Mean a {_period(curve)}, first half",
        ylabel="Second half",
        grid="y",
    )


def levers(table: LeverTable, *, ax: Axes | None = None) -> Axes:
    """What each lever is worth a year after its cost, with interval and chance of being best; a
    what-if (stars can be hired) is drawn hollow."""
    rows = table.levers.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.5 + 0.62 * len(rows))
    best = int(rows["p_best_own"].idxmax())
    ends = rows[["net_low", "net", "net_high"]].to_numpy(dtype=float)
    ends = ends[np.isfinite(ends)]
    left, right = min(0.0, ends.min()), max(0.0, ends.max())
    for place, row in rows.iterrows():
        what_if = math.isnan(row["p_best_own"])
        colour = style.GREEN if place == best else style.MUTED if what_if else style.BLUE
        # A centred text over a dot near an edge would run into the lever's name, or out.
        place_of_text = (row["net"] - left) / ((right - left) or 1.0)
        if math.isfinite(row["net_low"]):
            ax.plot([row["net_low"], row["net_high"]], [place, place], color=colour, lw=5,
                    alpha=0.35, solid_capstyle="butt")  # fmt: skip
        ax.plot(row["net"], place, "o", color=colour, ms=8, mew=1.6,
                mfc=style.PAPER if what_if else colour)  # fmt: skip
        ax.annotate(
            f"{wording.money(row['net'], table.currency)} · {_chance(row)}",
            (row["net"], place), xytext=(0, 9), textcoords="offset points",
            ha="left" if place_of_text < 0.2 else "right" if place_of_text > 0.8 else "center",
            fontsize=9, bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    ax.axvline(0, color=style.MUTED, lw=1)
    ax.set_yticks(range(len(rows)), [_wrapped(label) for label in rows["label"]], color=style.INK)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.6, len(rows) - 0.25)
    ax.margins(x=0.12)
    style.money_axis(ax, "x", table.currency)
    told = "; ".join(
        f"{row.label} {wording.money(row.net, table.currency)} (90% interval "
        f"{wording.money(row.net_low, table.currency)} to "
        f"{wording.money(row.net_high, table.currency)}, {_chance(row._asdict())})"
        for row in table.levers.itertuples()
    ).replace("90%", f"{table.confidence * 100:.3g}%")
    top = rows.iloc[best]
    title = (
        _PAYS_MOST[top["lever"]]
        if top["p_best_own"] >= 0.8 and top["net"] > 0
        else "Which lever pays most is not settled"
        if top["net"] > 0
        else "No lever is expected to pay back its cost"
    )
    return style.finish(
        ax,
        title=title,
        alt=f"Net value a year of each lever: {told}.",
        xlabel=f"Money a year after cost, with {table.confidence * 100:.3g}% interval",
        grid="x",
    )


def _chance(row: Mapping[Hashable, Any] | pd.Series) -> str:
    if math.isnan(row["p_best_own"]):
        return f"what-if, then best with {wording.percent(row['p_best'])}"
    return f"best with {wording.percent(row['p_best_own'])}"


def practices(found: Practices, *, ax: Axes | None = None) -> Axes:
    """How much more reps sell who are one standard deviation higher in a practice."""
    rows = found.table.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.4 + 0.38 * len(rows))
    for place, row in rows.iterrows():
        colour = style.GREEN if row["separates"] else style.MUTED
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=2.2)
        ax.plot(row["slope"], place, "o", color=colour, ms=7)
    ax.axvline(0, color=style.MUTED, lw=1)
    ax.set_yticks(range(len(rows)), rows["label"].tolist(), color=style.INK)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    # Ticks a quarter or half percent apart, where so little separates reps.
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.3g}%"))
    apart = int(found.table["separates"].sum())
    level = f"{found.confidence * 100:.3g}%"
    told = "; ".join(
        f"{row.label} {_share(row.slope)} ({_share(row.low)} to {_share(row.high)})"
        for row in found.table.itertuples()
    )
    return style.finish(
        ax,
        title=f"{apart} of {wording.count(len(rows), 'practice')} "
        f"{'goes' if apart == 1 else 'go'} with selling more"
        if apart
        else "No practice goes with selling more beyond chance",
        alt=f"Difference in sales for one standard deviation of each practice: {told}. "
        f"{apart} of {len(rows)} separate (green).",
        xlabel=f"More sales for one standard deviation more, {level} interval (green: clear)",
        grid="x",
    )


def _rows(ax: Axes, table: pd.DataFrame, places: NDArray[np.int64], rep: str) -> None:
    for tier, colour in TIER_COLOURS.items():
        mine = (table["tier"] == tier).to_numpy()
        if not mine.any():
            continue
        part = table[mine]
        ax.hlines(places[mine], part["shrunk_low"], part["shrunk_high"], color=colour, lw=2.2)
        ax.plot(part["shrunk"], places[mine], "o", color=colour, ms=5.5,
                label=TIER_LABELS[tier])  # fmt: skip
    ax.plot(table["observed"], places, "x", color=style.MUTED, ms=5, mew=1.2, label="As seen")
    ax.set_yticks(places, [str(one) for one in table[rep]], color=style.INK, fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.02)
    ax.set_ylim(len(table) - 0.4, -0.6)


def _curve(ax: Axes, table: pd.DataFrame, places: NDArray[np.int64], interval: str) -> None:
    rank = places + 1
    size = float(np.clip(900 / len(table), 1.0, 4.0))
    ax.plot(rank, table["observed"], "x", color=style.MUTED, ms=size + 0.5, mew=0.7,
            alpha=0.6, label="As seen", zorder=1)  # fmt: skip
    ax.fill_between(rank, table["shrunk_low"], table["shrunk_high"], color=style.SKY, alpha=0.45,
                    lw=0, label=interval, zorder=2)  # fmt: skip
    for tier, colour in TIER_COLOURS.items():
        mine = (table["tier"] == tier).to_numpy()
        ax.plot(rank[mine], table["shrunk"][mine], "o", color=colour, ms=size, mec="none",
                label=TIER_LABELS[tier], zorder=3)  # fmt: skip
    # One rep far above all others would flatten everybody else: the axis holds the intervals and
    # nearly all of what was seen.
    seen = table["observed"].to_numpy()
    top = max(float(table["shrunk_high"].max()), float(np.quantile(seen, 0.995)))
    bottom = min(float(table["shrunk_low"].min()), float(np.quantile(seen, 0.005)))
    ax.set_ylim(min(bottom, 0) if bottom < 0 else 0, top * 1.05)
    ax.set_xlim(0, len(table) + 1)


def _legend(ax: Axes, named: bool) -> None:
    legend = ax.legend(loc="lower right" if named else "upper right")
    for mark in legend.legend_handles:
        if isinstance(mark, Line2D):
            mark.set_markersize(5.5)


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


def _ranking_title(n: int, wide: float) -> str:
    if not math.isfinite(wide):
        return "Reps as observed: luck cannot be told from skill here"
    return f"A typical rank is only known within {wide:,.0f} of {n:,} places"


def _value_axis(ax: Axes, which: str, values: NDArray[np.float64], currency: str) -> None:
    """Money, unless the values are shares or the like, as attainment."""
    if _is_money(values):
        style.money_axis(ax, which, currency)


def _is_money(values: object) -> bool:
    return float(np.nanmedian(np.abs(np.asarray(values, dtype=float)))) >= 20


def _amount(value: float, values: object, currency: str) -> str:
    return wording.money(value, currency) if _is_money(values) else wording.number(value)


def _share(value: float) -> str:
    return wording.percent(value)


def _period(curve: PerformanceCurve) -> str:
    return {12.0: "month", 4.0: "quarter", 1.0: "year", 2.0: "half-year"}.get(
        curve.periods_per_year, "week" if curve.periods_per_year > 50 else "period"
    )


def _wrapped(label: str) -> str:
    words, lines = label.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
