"""Pictures of the bookings forecast: fan, waterfall and quotas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter

from salesops_lib import wording
from salesops_lib.analyses.forecast import BookingsForecast, words
from salesops_lib.analyses.forecast.hierarchy import names_of
from salesops_lib.analyses.forecast.tables import ALL_ELSE
from salesops_lib.figures import style

_MOST_ROWS = 30
_MONTHS_BACK = 30


@style.drawn
def bookings_fan(
    result: BookingsForecast, *, node: str | None = None, name: str = "", ax: Axes | None = None
) -> Axes:
    """Monthly bookings of one node, then the months ahead with 80% and asked intervals.

    Parameters
    ----------
    node
        A unique_id of the forecast, by default its focus.
    name
        What a reader calls the node; its own name by default.
    """
    ax = style.axes(ax)
    node = node or result.focus
    past = result.history[result.history["unique_id"] == node].tail(_MONTHS_BACK)
    ahead = result.forecast[result.forecast["unique_id"] == node]
    low, high = result.limits
    ax.plot(past["ds"], past["y"], color=style.INK, lw=1.6, label="Booked")
    joined = pd.concat(
        [past.tail(1).rename(columns={"y": "mean"})[["ds", "mean"]], ahead[["ds", "mean"]]]
    )
    _bands(ax, ahead, result)
    ax.plot(joined["ds"], joined["mean"], color=style.BLUE, lw=2, label="Forecast")
    ax.axvline(result.as_of, color=style.MUTED, lw=0.8, ls=":")
    top = max(past["y"].max(), ahead[["mean", "hi-80", high]].max().max())
    ax.set_ylim(min(0.0, float(past["y"].min())), float(top) * 1.15)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(ax.xaxis.get_major_locator()))
    style.money_axis(ax, "y", result.currency)
    # On paper: the line where the forecast begins may lie under it.
    ax.legend(loc="upper left", ncols=3, frameon=True, framealpha=1, edgecolor="none")
    total = _coming(result, node)
    called = name or names_of(node)[-1]
    said = _range(total, low, high, result.currency)
    return style.finish(
        ax,
        title=f"{called[:1].upper()}{called[1:]}, {total['period']}: {said}",
        alt=(
            f"Monthly bookings of {called} to {result.as_of.date().isoformat()} and the forecast "
            f"of the months after. {total['period']}: {said}. Limits of months do not add up to "
            "those of the quarter."
        ),
        ylabel="bookings a month",
        grid="y",
    )


def _bands(ax: Axes, ahead: pd.DataFrame, result: BookingsForecast) -> None:
    """The asked and the 80% intervals of the months ahead, where they are known."""
    low, high = result.limits
    asked, inner = ahead[low].notna().any(), ahead["lo-80"].notna().any() and low != "lo-80"
    level = wording.level(result.confidence)
    labels = {
        low: f"80% and {level} monthly intervals" if inner else f"{level} interval of each month",
        "lo-80": None if asked else "80% interval of each month",
    }
    for there, start, end, alpha in (
        (asked, low, high, 0.16), (inner, "lo-80", "hi-80", 0.22),
    ):  # fmt: skip
        if there:
            ax.fill_between(ahead["ds"], ahead[start], ahead[end], color=style.BLUE, alpha=alpha,
                            lw=0, label=labels[start])  # fmt: skip


def _coming(result: BookingsForecast, node: str) -> pd.Series:
    table = result.totals
    mine = (table["unique_id"] == node) & (table["period"] == result.quarter)
    return table[mine].iloc[0]


def _range(row: pd.Series, low: str, high: str, currency: str) -> str:
    money = wording.money(row["mean"], currency)
    level = ""
    if np.isnan(row[low]):
        low, high, level = "lo-80", "hi-80", "80% interval "
    if np.isnan(row[low]):
        return f"{money}, cannot tell how far off"
    like = max(row["mean"], row[high])
    return (
        f"{money} ({level}{wording.money(row[low], currency, like=like)} to "
        f"{wording.money(row[high], currency, like=like)})"
    )


@style.drawn
def pipeline_waterfall(result: BookingsForecast, *, ax: Axes | None = None) -> Axes:
    """From the open pipeline to the forecast of the coming quarter.

    Raises
    ------
    ValueError
        If the data hold no open deals.
    """
    table = result.waterfall
    if table.empty:
        raise ValueError("no open deals: there is no waterfall to draw")
    ax = style.axes(ax, height=1.2 + 0.45 * len(table))
    place = np.arange(len(table))[::-1]
    end = _running(table)
    start = np.where(table["kind"] == "total", 0.0, end - table["value"])
    colours = np.where(
        table["kind"] == "total",
        style.BLUE,
        np.where(table["value"] > 0, style.GREEN, style.ORANGE),
    )
    colours = np.where(table["step"] == "Still open after it", style.FAINT, colours)
    ax.barh(place, end - start, left=start, color=list(colours), height=0.62)
    for k in range(len(table) - 1):
        ax.plot([end[k]] * 2, [place[k] - 0.31, place[k + 1] + 0.31], color=style.MUTED, lw=0.8)
    known, size = _limits(result), float(table["value"].abs().max())
    edges = np.maximum(start, end)
    for k, (at, step) in enumerate(zip(place, table["step"], strict=True)):
        if step in known:
            ax.plot(known[step], [at, at], color=style.INK, lw=1.4, marker="|", ms=7)
            edges[k] = max(edges[k], known[step][1])
    for at, edge, one in zip(place, edges, table.itertuples(), strict=True):
        sign = "+" if one.kind == "change" and one.value > 0 else ""
        text = sign + wording.money(one.value, result.currency, like=size)
        ax.annotate(
            text, (edge, at), xytext=(5, 0), textcoords="offset points", va="center", fontsize=9
        )
    style.name_rows(ax, place, table["step"])
    ax.set_xlim(0, style.extent(0, edges.max()) * 1.13)
    style.money_axis(ax, "x", result.currency)
    told = "; ".join(
        f"{one.step} {wording.money(one.value, result.currency, like=size)}"
        for one in table.itertuples()
    )
    return style.finish(
        ax,
        title=_from_pipeline(table, result.quarter),
        alt=f"Waterfall from the open pipeline to the forecast of {result.quarter}: {told}.",
        xlabel="expected money"
        + (f"; lines are {wording.level(result.confidence)} intervals" if known else ""),
        grid="x",
    )


def _from_pipeline(table: pd.DataFrame, quarter: str) -> str:
    if (table["step"] == ALL_ELSE).any():
        return f"The forecast of {quarter} rests on past bookings"
    won = table.loc[table["step"] == "Won from today's pipeline", "value"].iloc[0]
    there = table["value"].iloc[0]
    if not there > 0:
        return f"There is no open pipeline that {quarter} could be booked from"
    share = wording.percent(won / there)
    return f"{share} of today's pipeline should be won in {quarter}"


def _limits(result: BookingsForecast) -> dict[str, tuple[float, float]]:
    """Step of the waterfall → its interval, where it is known."""
    names = {
        "Won from today's pipeline": "pipeline_expected",
        "Forecast": "bookings_next_quarter",
    }
    found = {
        step: result.finding(name).estimate for step, name in names.items() if result.present(name)
    }
    return {
        step: (one.low, one.high)
        for step, one in found.items()
        if np.isfinite(one.low) and np.isfinite(one.high)
    }


def _running(table: pd.DataFrame) -> np.ndarray:
    """Where each bar ends: a total at its own value, a change after what stood before."""
    ends, level = [], 0.0
    for kind, value in zip(table["kind"], table["value"], strict=True):
        level = value if kind == "total" else level + value
        ends.append(level)
    return np.array(ends)


@style.drawn
def quota_chances(
    whole: pd.DataFrame,
    parts: pd.DataFrame | None = None,
    *,
    withheld: int = 0,
    what: str = "part",
    ax: Axes | None = None,
) -> Axes:
    """Probability of reaching quota: one line a team, under the whole the least likely first.

    Parameters
    ----------
    whole, parts
        Rows of `BookingsForecast.quota` of one period: of the whole, and of its teams, of which
        past 30 the least likely 30 are drawn. A `label` column replaces the names.
    withheld
        Parts that are judged and left out, because of few people or because the rest would tell
        about few, which is said.
    what
        What a reader calls a part: `region`.

    Raises
    ------
    ValueError
        If no row has a probability.
    """
    teams = (whole.iloc[:0] if parts is None else parts).dropna(subset=["probability"])
    teams = teams.sort_values("probability", ascending=True)
    top = whole.dropna(subset=["probability"])
    rows = (teams.head(_MOST_ROWS).iloc[::-1], top)
    shown = pd.concat([one for one in rows if len(one)] or [top])
    if shown.empty:
        raise ValueError("no quota whose chance could be judged")
    label = shown["label"] if "label" in shown else shown["unique_id"].map(names_of).str[-1]
    names = [wording.opened(one) for one in label.astype(str)]
    ax = style.axes(ax, height=1.6 + 0.3 * len(shown))
    place = np.arange(len(shown))
    colours = _likely_colours(shown)
    ax.hlines(place, shown["probability_low"], shown["probability_high"], color=colours, lw=6,
              alpha=0.35)  # fmt: skip
    ax.scatter(shown["probability"], place, c=colours, s=48, zorder=3)
    ax.axvline(0.5, color=style.MUTED, lw=0.8, ls=":")
    style.name_rows(ax, place, names)
    ax.set_ylim(-0.7, len(shown) - 0.3)
    ax.set_xlim(0, 1)
    style.percent_axis(ax, "x")
    period = str(shown["period"].iloc[0])
    cut = f" ({_MOST_ROWS} least likely of {len(teams)} shown)" if len(teams) > _MOST_ROWS else ""
    chances = [wording.probability(one) for one in shown["probability"]]
    told = "; ".join(f"{name} {p}" for name, p in zip(names[::-1], chances[::-1], strict=True))
    small = f"{words.parts(withheld, what)} {words.UNTOLD}"
    said = f". {small}" if withheld else ""
    return style.finish(
        ax,
        title=_verdict(teams if len(teams) else top, period, what if len(teams) else "") + cut,
        alt=f"Chance of reaching the quota of {period}: {told}{said}.",
        xlabel="chance of reaching quota; bar: as the middle of the forecast may itself be off"
        + (f"\n{small}" if withheld else ""),
        grid="x",
    )


def _likely_colours(table: pd.DataFrame) -> list[str]:
    """Out of reach, likely, unlikely, or it cannot be told."""
    likely, unlikely = table["probability_low"] > 0.5, table["probability_high"] < 0.5
    told = np.where(likely, style.GREEN, np.where(unlikely, style.AMBER, style.MUTED))
    return [str(one) for one in np.where(table["out_of_reach"], style.ORANGE, told)]


def _verdict(table: pd.DataFrame, period: str, what: str) -> str:
    likely = int((table["probability_low"] > 0.5).sum())
    unlikely = int((table["probability_high"] < 0.5).sum())
    lost = int(table["out_of_reach"].sum())
    undecided = len(table) - likely - unlikely
    if not what:
        no = "out of reach" if lost else "unlikely"
        said = "likely" if likely else no if unlikely else "uncertain"
        return f"Quota of {period}: {said}"
    among = f" ({lost} out of reach)" if lost else ""
    return (
        f"Quota of {period}, {words.parts(len(table), what)}: {likely} likely, {unlikely} unlikely{among}, "
        f"{undecided} uncertain"
    )
