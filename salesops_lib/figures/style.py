"""The one palette and figure style. Every figure module draws with these and nothing else."""

from __future__ import annotations

import contextlib
import functools
import html
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, ParamSpec

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from salesops_lib import wording

P = ParamSpec("P")

# Okabe & Ito (2008): distinguishable with every common colour vision deficiency.
INK = "#1a1a1a"
MUTED = "#6b6b6b"
FAINT = "#d9d9d9"
PAPER = "#ffffff"
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
AMBER = "#E69F00"
CATEGORIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER)
# Words in these would be too pale on paper (less than 4.5 to 1): darker, of the same hue.
_INKS = {
    ORANGE: "#A84A00",
    GREEN: "#007A59",
    PURPLE: "#9B4F79",
    SKY: "#0072B2",
    AMBER: "#8A5F00",
}

WIDTH = 7.4
HEIGHT = 4.2
# Characters. Names come from a CRM where anyone types; longer text leaves no room for the drawing.
_LONGEST_LABEL, _LONGEST_TITLE, _LONGEST_WORD = 32, 200, 70
# Points of paper left and right of a drawing and between the axes, their ticks and names; names measured.
_EDGES, _MEASURED = 22, 6

_RC = {
    # By name: what is only a kind of font would be looked up in the caller's style when it is drawn.
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "figure.dpi": 110,
    "savefig.dpi": 160,
    # Two amounts in dollars are not a formula, and a name is none either.
    "text.parse_math": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "salesops",
}


@contextlib.contextmanager
def house() -> Iterator[None]:
    """The style, for what is drawn or saved within; the caller's own stands again after."""
    with plt.rc_context():
        sns.set_theme(style="ticks", palette=list(CATEGORIES), rc=_RC)
        yield


def drawn(draw: Callable[P, Axes]) -> Callable[P, Axes]:
    """What decorates every figure function: marks, legend and ticks take the style when they are made.
    On axes of the caller's it is the caller's style that is drawn in."""

    @functools.wraps(draw)
    def within(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with house() if kwargs.get("ax") is None else contextlib.nullcontext():
            return draw(*args, **kwargs)

    return within


def axes(ax: Axes | None = None, *, width: float = WIDTH, height: float = HEIGHT) -> Axes:
    """`ax`, or the axes of a new figure in the house style, `width` by `height` inches."""
    if ax is not None:
        return ax
    with house():
        _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def finish(
    ax: Axes,
    *,
    title: str,
    alt: str,
    xlabel: str = "",
    ylabel: str = "",
    grid: str | None = None,
) -> Axes:
    """Title (the message, not the variable names), labels, light grid, and alt text.

    Parameters
    ----------
    alt
        One or two sentences that state what the figure shows, numbers included, for readers who
        cannot see it.
    grid
        `x`, `y` or None.
    """
    ax.set_xlabel(wording.opened(xlabel))
    ax.set_ylabel(wording.opened(ylabel))
    if grid:
        ax.grid(axis=grid, color=FAINT, linewidth=0.6)  # type: ignore[arg-type]
        ax.set_axisbelow(True)
    _shorten_labels(ax)
    # Last: what stands beside the axes takes from the width that a title has.
    _entitle(ax, title)
    return describe(ax, alt)


def extent(low: float, high: float) -> float:
    """How far an axis goes from `low` to `high`: 1 where that is nowhere, for an axis of no width can
    neither be drawn nor divided."""
    return float(high - low) or 1.0


def name_rows(ax: Axes, places: Sequence[float] | NDArray[Any], labels: Iterable[str]) -> None:
    """Names beside the rows of a figure: they are read as words, not measured on an axis."""
    ax.set_yticks(places, list(labels), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _entitle(ax: Axes, title: str) -> None:
    """The title, on as many lines as end inside the figure, each about as long as the others: how many
    letters that is hangs on the names beside the axes, so it is measured."""
    text = ax.set_title("", loc="left", pad=10)
    renderer = ruler(_figure(ax))
    font, most = text.get_fontproperties(), _room(ax, renderer)

    def width(said: str) -> float:
        return float(renderer.get_text_width_height_descent(said, font, False)[0])

    lines: list[str] = []
    for one in wording.short(title, _LONGEST_TITLE).split("\n"):
        if width(one) <= most:
            lines.append(one)
            continue
        # Nothing but a word as long as a line is cut inside. Each word is measured once: that is what
        # takes time.
        words = [(part, width(part)) for word in one.split() for part in wrap(word, _LONGEST_WORD)]
        lines += _balanced(words, width("a b") - width("ab"), most)
    text.set_text("\n".join(lines))


def ruler(figure: Figure) -> RendererAgg:
    """What measures text as the figure will show it. A canvas would do so too, but a new one takes the
    figure from the window or widget that shows it."""
    return RendererAgg(1, 1, figure.dpi)


def names_width(ax: Axes, renderer: RendererAgg) -> float:
    """How wide the names beside the axes are, in pixels. Dozens need not all be measured: the widest is
    among those of most letters."""
    names = sorted(ax.get_yticklabels(), key=lambda one: len(one.get_text()))[-_MEASURED:]
    return max(
        (one.get_window_extent(renderer).width for one in names if one.get_text()), default=0.0
    )


def _room(ax: Axes, renderer: RendererAgg) -> float:
    """How wide a title may be: from where the axes begin to the end of the figure, but for axes among
    others, which have their own width."""
    figure = _figure(ax)
    if len(figure.axes) > 1:
        return float(ax.bbox.width)
    taken = names_width(ax, renderer) + _EDGES * figure.dpi / 72
    if ax.get_ylabel():
        taken += ax.yaxis.label.get_window_extent(renderer).width
    return float(figure.bbox.width - taken)


def _balanced(words: list[tuple[str, float]], blank: float, most: float) -> list[str]:
    """Words, each with its width, on as few lines as `most` allows, the longest as short as that many
    lines can be: one word alone on the last line reads like a mistake."""
    lines = _broken(words, blank, most)
    short, long = most / len(lines), most
    while long - short > 1:
        middle = (short + long) / 2
        tried = _broken(words, blank, middle)
        if len(tried) == len(lines):
            lines, long = tried, middle
        else:
            short = middle
    return lines


def _broken(words: list[tuple[str, float]], blank: float, most: float) -> list[str]:
    lines, end = [words[0][0]], words[0][1]
    for word, width in words[1:]:
        end += blank + width
        if end > most:
            lines.append(word)
            end = width
        else:
            lines[-1] += f" {word}"
    return lines


def halved(label: str, most: int = 18) -> str:
    """A label of more letters than `most` on two lines, broken at the blank nearest its middle."""
    blanks = [at for at, letter in enumerate(label) if letter == " "]
    if len(label) <= most or not blanks:
        return label
    middle = min(blanks, key=lambda at: abs(at - len(label) / 2))
    return f"{label[:middle]}\n{label[middle + 1 :]}"


def _shorten_labels(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        if isinstance(axis.get_major_locator(), FixedLocator):
            before = [one.get_text() for one in axis.get_ticklabels()]
            after = ["\n".join(_shortened(one)) for one in before]
            if after != before:
                axis.set_ticklabels(after)
    legend = ax.get_legend()
    for text in legend.get_texts() if legend else ():
        text.set_text("\n".join(_shortened(text.get_text())))


def _shortened(label: str) -> list[str]:
    return [wording.short(line, _LONGEST_LABEL) for line in label.split("\n")]


def describe(ax: Axes, alt: str) -> Axes:
    """Attach alt text to the figure of `ax`, and make its words dark enough to read. On axes of the
    caller's, which have not this style, two amounts in dollars are no formula either."""
    for text in ax.findobj(Text):
        text.set_parse_math(False)
        ink = _INKS.get(str(text.get_color()))
        if ink:
            text.set_color(ink)
    _figure(ax).set_label(alt)
    return ax


def alt_text(ax: Axes) -> str:
    """The alt text `describe` attached; empty where none was."""
    return str(_figure(ax).get_label() or "")


def money_axis(ax: Axes, which: str = "x", currency: str = "$") -> None:
    """Ticks as $0, $200K, $400K; one where all there is to tell is $0."""
    _format(ax, which, lambda value: wording.money(value, currency))
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(_Amounts(lambda value: wording.money(value, currency)))


def percent_axis(ax: Axes, which: str = "y") -> None:
    """Ticks of shares as 0%, 25%, and 12.5% where that is where they stand."""
    # The minus of every amount beside it; a hyphen is half as wide.
    _format(ax, which, lambda value: f"{round(value * 100, 6):g}%".replace("-", "−"))


def _format(ax: Axes, which: str, say: Callable[[float], str]) -> None:
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: say(value)))
    axis.set_major_locator(MaxNLocator(6))


class _Amounts(MaxNLocator):
    """Ticks at round amounts. Where all would say the same, as around a line that lies at nothing, the
    one that it is true of."""

    def __init__(self, say: Callable[[float], str]) -> None:
        super().__init__(6)
        self._say = say

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        ticks = [float(one) for one in super().tick_values(vmin, vmax)]
        # Only below a coin do two ticks read alike.
        alike = len({self._say(one) for one in ticks}) < len(ticks) and max(map(abs, ticks)) < 1
        return [min(ticks, key=abs)] if alike else ticks


def _figure(ax: Axes) -> Figure:
    figure = ax.figure
    return figure if isinstance(figure, Figure) else figure.figure


def svg(ax: Axes) -> str:
    """The figure of `ax` as SVG text, with its alt text; the figure is closed."""
    buffer = io.StringIO()
    with house():
        ax.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})  # type: ignore[union-attr]
    plt.close(ax.figure)  # type: ignore[arg-type]
    text = buffer.getvalue()
    alt = html.escape(alt_text(ax), quote=True)
    return f'<svg role="img" aria-label="{alt}"{text[text.index("<svg") + len("<svg") :]}'
