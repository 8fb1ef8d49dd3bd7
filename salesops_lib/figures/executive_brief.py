"""The picture of the executive brief: every lever's annual money with its interval."""

from __future__ import annotations

from matplotlib.axes import Axes

from salesops_lib import wording
from salesops_lib.analyses.executive_brief import ExecutiveBrief
from salesops_lib.analyses.executive_brief.words import ranking_title, worth
from salesops_lib.figures import style

_COLOURS = {"pays": style.BLUE, "cannot tell": style.MUTED, "does not pay": style.ORANGE}


@style.drawn
def lever_ranking(brief: ExecutiveBrief, *, currency: str = "$", ax: Axes | None = None) -> Axes:
    """One line a lever, best on top: the dot is the value, the line its interval.

    Levers whose interval lies above zero are blue, those we cannot tell are grey.
    """
    levers = brief.levers.iloc[::-1].reset_index(drop=True)
    ax = style.axes(ax, height=1.3 + 0.62 * max(len(levers), 1))
    for place, row in levers.iterrows():
        colour = _COLOURS[row["verdict"]]
        ax.plot(
            [row["low"], row["high"]],
            [place, place],
            color=colour,
            lw=6,
            alpha=0.35,
            solid_capstyle="butt",
        )
        ax.plot(row["value"], place, "o", color=colour, ms=9)
        text, _, _ = worth(row, currency)
        note = "" if row["verdict"] == "pays" else f" ({row['verdict']})"
        ax.annotate(
            text + note,
            (row["value"], place),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=colour,
            bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1},
        )
    ax.axvline(0, color=style.INK, lw=0.8)
    style.name_rows(ax, range(len(levers)), levers["lever"])
    ax.set_ylim(-0.6, max(len(levers), 1) - 0.3)
    style.money_axis(ax, "x", currency)
    level = wording.level(levers["confidence"].iloc[0]) if len(levers) else "90%"
    told = "; ".join(
        f"{row['lever']} {worth(row, currency)[0]}, {row['verdict']}"
        for _, row in brief.levers.iterrows()
    )
    return style.finish(
        ax,
        title=ranking_title(brief.levers),
        alt=f"Annual money of each lever with its {level} interval, best first: {told}.",
        xlabel=f"Annual money, with {level} interval",
        grid="x",
    )
