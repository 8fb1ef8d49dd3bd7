"""Pictures of ramp: the learning curve, survival until a milestone, cost month by month, and what a
training programme must save."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.ramp_time_cost import RampCost, RampTime, TrainingCase
from salesops_lib.figures import style

# Months after which a curve within this of the mature level is no longer news.
_FLAT = 0.99
_SHORTEST = 6
# More groups than this cannot be told apart by colour.
_MOST_GROUPS = len(style.CATEGORIES)
# Losses of later months are drawn as one bar.
_BARS = 6


def learning_curve(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """Expected month of a new hire as a share of a mature rep's, with what was observed."""
    ax = style.axes(ax)
    shown = _until_flat(ramp)
    curve = ramp.learning_curve[ramp.learning_curve["month"] <= shown]
    seen = ramp.observed[ramp.observed["month"] <= shown]
    sns.lineplot(
        x=curve["month"],
        y=curve["expected"],
        color=style.BLUE,
        linewidth=2.2,
        ax=ax,
        label="expected",
    )
    ax.fill_between(
        curve["month"], curve["low"], curve["high"], color=style.BLUE, alpha=0.18, linewidth=0
    )
    ax.errorbar(
        seen["month"],
        seen["share"],
        yerr=[seen["share"] - seen["low"], seen["high"] - seen["share"]],
        fmt="o",
        color=style.MUTED,
        markersize=4,
        linewidth=0.8,
        alpha=0.8,
        label="observed mean of the reps seen",
    )
    ax.axhline(ramp.target, color=style.INK, linewidth=0.8, linestyle=(0, (4, 3)))
    ax.text(
        shown + 0.35, ramp.target, f"{wording.percent(ramp.target)}", va="center", ha="left",
        fontsize=9,
    )  # fmt: skip
    _mark_target(ax, ramp, shown)
    style.percent_axis(ax)
    _month_axis(ax, 1, shown)
    ax.set_ylim(0, min(max(float(seen["high"].max()), 1.0) * 1.04, 2.0))
    ax.legend(loc="lower right")
    return style.finish(
        ax,
        title=_curve_title(ramp),
        alt=f"Expected month of a new rep as a share of a mature rep's, by month on the job. "
        f"{ramp.finding('time_to_productivity').sentence}",
        xlabel="month on the job",
        ylabel="share of a mature rep's month",
        grid="y",
    )


def cohorts(ramp: RampTime, *, ax: Axes | None = None) -> Axes:
    """Learning curves of groups (years of hire, channels), each with its band."""
    ax = style.axes(ax)
    curves = ramp.group_curves
    y = "expected" if "expected" in curves else "not_yet_ramped"
    table = ramp.groups.dropna(subset=["median_months"])
    names = _shown_groups(table)
    shown = _until_flat(ramp) if ramp.pace is not None else ramp.horizon
    for colour, name in zip(style.CATEGORIES, names, strict=False):
        one = curves[(curves["group"] == name) & (curves["month"] <= shown)]
        reps = int(table.loc[table["group"] == name, "reps"].iloc[0])
        label = f"{name} ({wording.count(reps, 'rep')})"
        if y == "expected":
            ax.plot(one["month"], one[y], color=colour, linewidth=2, label=label)
        else:
            ax.step(one["month"], one[y], where="post", color=colour, linewidth=2, label=label)
        ax.fill_between(
            one["month"],
            one["low"],
            one["high"],
            color=colour,
            alpha=0.12,
            linewidth=0,
            step=None if y == "expected" else "post",
        )
    if not names:
        ax.text(
            0.5, 0.5, "No group has enough reps seen from the start", ha="center",
            transform=ax.transAxes, color=style.MUTED,
        )  # fmt: skip
    else:
        ax.legend(loc="lower right" if y == "expected" else "upper right")
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
            f"half are there by month {half:g}",
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
        alt=f"Share of reps that have not reached {ramp.milestone}, by month on the job. "
        f"{ramp.finding('time_to_productivity').sentence} "
        f"{wording.count(int(curve['at_risk'].iloc[0]), 'rep')} followed from the start.",
        xlabel="month on the job; below it, reps still followed and not there yet",
        ylabel="reps not there yet",
        grid="y",
    )


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
    count = int(ramp.leavers["leavers"].iloc[0])
    title = (
        f"What is believed of {wording.count(count, 'early leaver')} moves the answer"
        if count
        else "Nobody left early, so leaving does not move the answer"
    )
    return style.finish(
        ax,
        title=title,
        alt=f"Months to the target under each belief about early leavers. {said}.",
        xlabel="months to the target",
        grid="x",
    )


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
    year = cost.per_year
    whole = len(steps) - 1 - int(pay.sum())
    biggest = float(top.max())
    for i, (low, high) in enumerate(zip(start, top, strict=True)):
        if high - low < 0.005 * biggest:
            continue
        above = max(high, year.high) if i == whole and math.isfinite(year.high) else high
        ax.annotate(
            wording.money(high - low, currency),
            (place[i], above),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    if math.isfinite(year.high) and math.isfinite(year.low):
        ax.vlines(place[whole], year.low, year.high, color=style.INK, linewidth=1.4)
        biggest = max(biggest, year.high)
    ax.set_xticks(place, steps["label"])
    style.money_axis(ax, "y", currency)
    ax.set_ylim(0, biggest * 1.12 if biggest > 0 else 1.0)
    said = cost.finding("ramp_cost_year")
    value = wording.quantity(year.value, year.unit, currency)
    title = f"Ramp costs {value} in lost contribution"
    if year.low <= 0:
        title = "The data cannot tell whether ramp costs anything"
    return style.finish(
        ax,
        title=title,
        alt=f"Waterfall of the contribution that {wording.number(cost.hires_per_year)} hires a year "
        f"lose in each month on the job. {said.sentence}",
        ylabel="lost contribution of a year's hires",
        grid="y",
    )


def break_even(case: TrainingCase, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """Net gain a year by months saved, with its interval, and where it pays for itself."""
    ax = style.axes(ax)
    curve = case.break_even_curve
    ax.axhline(0, color=style.INK, linewidth=0.9)
    sns.lineplot(x=curve["months_saved"], y=curve["net"], color=style.BLUE, linewidth=2.2, ax=ax)
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
        ax.text(
            0.02,
            0.04,
            "by the best guess, the channel gap alone pays",
            transform=ax.transAxes,
            color=style.ORANGE,
        )
    elif math.isfinite(at):
        ax.plot([at], [0], "o", color=style.ORANGE, markersize=8, zorder=5)
        ax.annotate(
            f"breaks even at {wording.quantity(at, 'months')}",
            (at, 0),
            xytext=(8, -14),
            textcoords="offset points",
            color=style.ORANGE,
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
        xlabel=f"months {unit}, each hire",
        ylabel="net gain a year",
        grid="y",
    )


def two_way(case: TrainingCase, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """Net gain a year by months saved and by the part of the channel gap that is closed."""
    table = case.sensitivity.pivot_table(index="gap_closed", columns="months_saved", values="net")
    table = table.sort_index(ascending=False)
    ax = style.axes(ax, height=1.6 + 0.5 * len(table))
    most = float(np.abs(table.to_numpy()).max()) or 1.0
    texts = table.map(lambda value: wording.money(value, currency, like=most))
    sns.heatmap(
        table,
        annot=texts,
        fmt="",
        cmap=sns.diverging_palette(30, 245, s=85, l=62, as_cmap=True),
        center=0,
        vmin=-most,
        vmax=most,
        cbar=False,
        linewidths=1,
        linecolor=style.PAPER,
        annot_kws={"fontsize": 9, "color": style.INK},
        ax=ax,
    )
    ax.set_yticklabels([wording.percent(one) for one in table.index], rotation=0)
    ax.set_xticklabels([_short(one) for one in table.columns], rotation=0)
    paying = float((case.sensitivity["net"] > 0).mean())
    unit = "of full production" if case.saved == "production" else "sooner at the target"
    return style.finish(
        ax,
        title=f"The programme pays in {wording.percent(paying)} of these combinations",
        alt=f"Net gain a year by months saved and part of the channel gap closed, from "
        f"{wording.money(float(case.sensitivity['net'].min()), currency)} to "
        f"{wording.money(float(case.sensitivity['net'].max()), currency)}.",
        xlabel=f"months {unit}, each hire",
        ylabel="gap closed",
    )


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
    return f"Half of the reps get there within {months:g} months"


def _groups_title(ramp: RampTime, n: int) -> str:
    if n < 2:
        return "Too few reps in each group to compare"
    if math.isnan(ramp.group_p):
        return "Ramp by group"
    if ramp.group_p < 1 - ramp.confidence:
        return "The groups ramp at different speeds"
    return "No difference between the groups can be told"


def _case_title(case: TrainingCase, currency: str) -> str:
    net = case.net
    if net.low > 0:
        return f"The programme pays: a net {wording.quantity(net.value, net.unit, currency)}"
    if net.high < 0:
        return (
            f"The programme does not pay: a net {wording.quantity(net.value, net.unit, currency)}"
        )
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
    step = max(1, math.ceil((last - first) / 12))
    ax.set_xticks(range(first, last + 1, step))
    ax.set_xlim(first - 0.3 if first else 0, last + 0.3)


def _months(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "longer than seen"
    upper = "no upper limit" if math.isinf(high) else wording.quantity(high, "months")
    return f"{wording.quantity(value, 'months')} ({wording.number(low)} to {upper})"


def _short(months: float) -> str:
    return f"{months:g}" if months == round(months, 2) else f"{months:.2f}"
