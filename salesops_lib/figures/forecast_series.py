"""Pictures of a series forecast: the fan ahead, past origins against what came, coverage by step."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter
from matplotlib.ticker import MaxNLocator
from scipy.stats import binomtest

from salesops_lib import wording
from salesops_lib.analyses.forecast import Forecast, accuracy, series_words
from salesops_lib.figures import style

_SEASONS_BACK = 3


@style.drawn
def fan_chart(
    result: Forecast,
    series: str | None = None,
    *,
    name: str = "",
    currency: str = "$",
    ax: Axes | None = None,
) -> Axes:
    """One series' past and its forecast with every level that its history supports.

    Parameters
    ----------
    series
        A unique_id, by default the first.
    name
        What a reader calls it; its id by default.
    """
    ax = style.axes(ax)
    series, past, ahead = _one(result, series)
    low, high, held = _widest(result, ahead)
    for depth, level in enumerate(sorted(result.levels, reverse=True)):
        tag = f"{level:g}"
        if ahead[f"lo-{tag}"].notna().any():
            ax.fill_between(
                ahead["ds"],
                ahead[f"lo-{tag}"],
                ahead[f"hi-{tag}"],
                color=style.BLUE,
                alpha=0.14 + 0.1 * depth,
                lw=0,
                label=f"{tag}%",
            )
    ax.plot(past["ds"], past["y"], color=style.INK, lw=1.6, label="Actual")
    gap = past[~past["observed"].to_numpy()]
    if len(gap):
        ax.plot(
            gap["ds"], gap["y"], "o", mfc=style.PAPER, mec=style.MUTED, ms=4, label="Gap, filled"
        )
    ax.plot(ahead["ds"], ahead["mean"], color=style.BLUE, lw=2, label="Forecast")
    ax.axvline(past["ds"].iloc[-1], color=style.MUTED, lw=0.8, ls=":")
    _axes(ax, past["ds"], currency)
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), ax.get_ylim()[1] * 1.12)
    ax.legend(loc="upper left", ncols=5, columnspacing=1.2, handlelength=1.4)
    last = ahead.iloc[-1]
    end = _when(last["ds"])
    said = f"{wording.money(last['mean'], currency)} in {end}"
    if held:
        said += (
            f" ({held} {wording.money(last[low], currency, like=last[high])} to "
            f"{wording.money(last[high], currency, like=last[high])})"
        )
    else:
        said += ", no interval yet"
    called = name or series
    return style.finish(
        ax,
        title=f"{wording.opened(called)}: {said}",
        alt=f"History of {called} to {_when(past['ds'].iloc[-1])} and its forecast: {said}.",
        grid="y",
    )


@style.drawn
def backtest_chart(
    result: Forecast,
    series: str | None = None,
    *,
    name: str = "",
    currency: str = "$",
    ax: Axes | None = None,
) -> Axes:
    """What was forecast at each past origin against what came.

    Raises
    ------
    ValueError
        If the history is too short for a backtest.
    """
    series, past, _ = _one(result, series)
    table = result.backtest[result.backtest["unique_id"] == series]
    if table.empty:
        raise ValueError("no past origin could be tested")
    ax = style.axes(ax)
    ax.plot(past["ds"], past["y"], color=style.INK, lw=1.8, label="Actual", zorder=3)
    origins = sorted(table["cutoff"].unique())
    for at, origin in enumerate(origins):
        one = table[table["cutoff"] == origin]
        start = past[past["ds"] == origin]
        when = pd.concat([start["ds"], one["ds"]])
        level = pd.concat([start["y"], one["mean"]])
        ax.plot(
            when,
            level,
            color=style.BLUE,
            lw=1.2,
            alpha=0.45 + 0.5 * at / max(len(origins) - 1, 1),
            label="Forecast from each origin" if at == 0 else None,
        )
    naive = table.groupby("ds")["seasonal_naive"].first()
    other = _repeated(result)
    ax.plot(naive.index, naive, color=style.AMBER, lw=1.2, ls="--", label=other)
    _axes(ax, past["ds"], currency)
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top + 0.14 * (top - bottom))
    ax.legend(loc="upper left", ncols=3)
    error = _wrong(table["mean"] - table["y"], table["y"], currency)
    rival = _wrong(table["seasonal_naive"] - table["y"], table["y"], currency)
    called = name or series
    return style.finish(
        ax,
        title=f"{wording.opened(called)}: wrong by {error}, {other} by {rival}",
        alt=(
            f"Forecasts of {called} from {wording.count(len(origins), 'past origin')} against what "
            f"came: wrong by {error}, {other} by {rival}; of the actuals where these are not nothing."
        ),
        grid="y",
    )


def _wrong(error: pd.Series, actual: pd.Series, currency: str) -> str:
    """How large the errors were of what came; where nothing came, how large they were on average."""
    size = float(actual.abs().sum())
    if size > 0:
        return wording.percent(float(error.abs().sum()) / size)
    return wording.money(float(error.abs().mean()), currency)


def _repeated(result: Forecast) -> str:
    """What the dashed line is: a season is a year for months, quarters and weeks only."""
    season = result.season_length
    per_year = result.panel is None or result.panel.calendar.is_year(season)
    return series_words.repeated(season, per_year, young=False)


@style.drawn
def coverage_chart(result: Forecast, *, ax: Axes | None = None) -> Axes:
    """Share of outcomes inside each interval, by steps ahead, over all series of the backtest.

    Raises
    ------
    ValueError
        If no interval could be tested.
    """
    ax = style.axes(ax)
    said: list[str] = []
    seen = 0
    colours = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)
    for level, colour in zip(result.levels, colours, strict=False):
        tag = f"{level:g}"
        table = result.backtest.dropna(subset=[f"lo-{tag}"])
        if table.empty:
            continue
        inside = accuracy.inside(table, f"lo-{tag}", f"hi-{tag}")
        by_step = inside.groupby(table["step"]).agg(["sum", "size"])
        share = by_step["sum"] / by_step["size"]
        bounds = [
            binomtest(int(hits), int(n)).proportion_ci(0.9, "wilson")
            for hits, n in by_step.to_numpy()
        ]
        nudge = 0.12 * (len(said) - (len(result.levels) - 1) / 2)
        when = share.index.to_numpy() + nudge
        ends = [b.low for b in bounds], [b.high for b in bounds]
        ax.vlines(when, *ends, color=colour, alpha=0.4, lw=3)
        ax.plot(when, share, "o", color=colour, ms=5)
        _promised(ax, level / 100, f"{tag}% promised", colour)
        said.append(f"promised {tag}%, held {wording.percent(float(inside.mean()))}")
        seen = max(seen, len(table))
    if not said:
        raise ValueError("no interval could be tested on the past")
    style.percent_axis(ax, "y")
    ax.set_ylim(min(0.5, ax.get_ylim()[0]), 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return style.finish(
        ax,
        title="; ".join(said).capitalize(),
        alt=(
            f"Share of {wording.count(seen, 'past outcome')} inside the intervals given before, by "
            f"steps ahead: {'; '.join(said)}. Bars are 90% intervals as if outcomes were "
            "independent, so they are somewhat too short."
        ),
        xlabel="steps ahead (bars: 90% interval of the share)",
        ylabel="outcomes inside",
        grid="y",
    )


def _promised(ax: Axes, level: float, text: str, colour: str) -> None:
    """A line across at the share that intervals should hold, named beside the axes."""
    ax.axhline(level, color=colour, lw=1, ls="--")
    ax.annotate(text, (1.0, level), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", color=colour, fontsize=9,
                annotation_clip=False)  # fmt: skip


def _one(result: Forecast, series: str | None) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    series = series or str(result.forecast["unique_id"].iloc[0])
    past = result.history[result.history["unique_id"] == series]
    ahead = result.forecast[result.forecast["unique_id"] == series]
    if ahead.empty:
        raise ValueError(f"no series {series!r} in the forecast")
    back = max(_SEASONS_BACK * result.season_length, 2 * result.horizon, 12)
    return series, past.tail(back), ahead


def _widest(result: Forecast, ahead: pd.DataFrame) -> tuple[str, str, str]:
    """Columns and name of the highest level whose last limit is known; no name where none is."""
    for level in sorted(result.levels, reverse=True):
        if np.isfinite(ahead[f"lo-{level:g}"].iloc[-1]):
            return f"lo-{level:g}", f"hi-{level:g}", f"{level:g}% interval"
    return "", "", ""


def _axes(ax: Axes, dates: pd.Series, currency: str) -> None:
    if pd.api.types.is_datetime64_any_dtype(dates):
        ax.xaxis.set_major_formatter(ConciseDateFormatter(ax.xaxis.get_major_locator()))
    style.money_axis(ax, "y", currency)


def _when(date: object) -> str:
    return f"{date:%b %Y}" if isinstance(date, pd.Timestamp) else f"period {date}"
