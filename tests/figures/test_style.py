"""External references: the palette is legible and safe for colour-blind readers."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from salesops_lib.figures import style

# Machado, Oliveira & Fernandes (2009), A physiologically-based model for simulation of color vision
# deficiency, IEEE TVCG 15(6), table at severity 1.0, acting on linear RGB.
MACHADO = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": np.eye(3).tolist(),
}


def linear(colour: str) -> np.ndarray:
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ) @ np.clip(rgb, 0, 1)
    f = np.cbrt(xyz / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    a, b = (float(np.array([0.2126, 0.7152, 0.0722]) @ linear(c)) for c in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("colour", [style.INK, style.MUTED])
def test_text_is_legible(colour: str) -> None:
    assert contrast(colour, style.PAPER) >= 4.5


@pytest.mark.parametrize("colour", [style.BLUE, style.ORANGE, style.GREEN])
def test_the_main_marks_stand_out(colour: str) -> None:
    """WCAG asks 3:1 of graphics."""
    assert contrast(colour, style.PAPER) >= 3.0


@pytest.mark.parametrize("vision", MACHADO)
def test_categories_differ_for_every_eye(vision: str) -> None:
    """A difference of 10 in CIELAB is seen at a glance; 2.3 is just noticeable."""
    seen = [lab(np.array(MACHADO[vision]) @ linear(c)) for c in style.CATEGORIES]
    closest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert closest >= 10, closest


def test_finish_labels_and_describes() -> None:
    ax = style.axes()
    ax.plot([0, 1], [0, 1e6])
    style.money_axis(ax, "y", "€")
    assert style.finish(ax, title="It grows", alt="From 0 to 1.", ylabel="Bookings") is ax
    assert style.alt_text(ax) == "From 0 to 1."
    assert ax.get_title(loc="left") == "It grows"
    ax.figure.canvas.draw()
    assert "€1.0M" in [t.get_text() for t in ax.get_yticklabels()]
    plt.close(ax.figure)


def test_given_axes_are_used() -> None:
    _, ax = plt.subplots()
    assert style.axes(ax) is ax
    plt.close(ax.figure)


def test_every_figure_is_drawn_in_the_house_style(project: Path) -> None:
    """Marks, legend and ticks take it when they are made, which is after `style.axes`."""
    for path in sorted((project / "salesops_lib/figures").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "style.axes(" in ast.unparse(node):
                assert [ast.unparse(one) for one in node.decorator_list] == ["style.drawn"], (
                    f"{path.name}: {node.name}"
                )


def test_a_figure_looks_the_same_in_any_session() -> None:
    """Saved after the style is switched off again, in a session with a style of its own."""

    @style.drawn
    def line(*, ax: Axes | None = None) -> Axes:
        ax = style.axes(ax)
        ax.plot([0, 1], [0, 1e6], label="a")
        ax.legend()
        style.money_axis(ax, "y")
        return style.finish(ax, title="Up", alt="A line.", xlabel="x", ylabel="y")

    plain = style.svg(line())
    with plt.rc_context({"font.size": 30, "xtick.color": "red", "axes.facecolor": "black"}):
        assert style.svg(line()) == plain
        own, ax = plt.subplots()
        assert line(ax=ax) is ax and ax.get_facecolor() == (0, 0, 0, 1)
        plt.close(own)


def test_names_of_any_length_leave_room_for_the_drawing() -> None:
    ax = style.axes()
    ax.barh([0, 1], [1, 2], label="y" * 500)
    ax.set_yticks([0, 1], ["x" * 10_000, "Ann\n6 reps"])
    ax.legend()
    style.finish(ax, title="t" * 10_000, alt="Two bars.")
    ax.figure.canvas.draw()
    assert [len(one.get_text()) for one in ax.get_yticklabels()] == [32, 10]
    assert len(ax.get_legend().get_texts()[0].get_text()) == 32
    assert max(map(len, ax.get_title(loc="left").splitlines())) == 70
    assert ax.get_position().width > 0.5


@pytest.mark.parametrize("beside", ["Ann", "Bartholomew Featherstonehaugh III"])
@pytest.mark.parametrize("length", range(20, 200, 12))
def test_a_title_ends_inside_the_figure(beside: str, length: int) -> None:
    """Letters were counted, whatever stood beside the axes: "$0.92M of $7.6M a year given awa"."""
    ax = style.axes()
    ax.barh([0], [1])
    style.name_rows(ax, [0], [beside])
    said = ("Customers PAY 87.9% of list: $0.92M of $7.6M " * 5)[:length].strip()
    style.finish(ax, title=said, alt="A bar.")
    ax.figure.canvas.draw()
    assert ax._left_title.get_window_extent().x1 <= ax.figure.bbox.x1  # type: ignore[attr-defined]
    assert ax.get_title(loc="left").replace("\n", " ") == said
    plt.close(ax.figure)


def test_measuring_leaves_the_figure_to_what_shows_it() -> None:
    """A canvas of its own would take it from the session's window or widget."""
    figure, ax = plt.subplots()
    canvas = figure.canvas
    style.finish(ax, title="Who is really better " * 6, alt="x")
    assert figure.canvas is canvas and canvas.manager is not None
    plt.close(figure)


def test_no_word_of_a_title_stands_alone_on_its_last_line() -> None:
    """“Move the middle” is worth most of those that / pay."""
    ax = style.axes()
    style.name_rows(ax, [0, 1], ["Move work off the sales team", "Shorten ramp"])
    said = "“Move the middle” is worth most of those that can be told to pay"
    style.finish(ax, title=said, alt="None.")
    lines = ax.get_title(loc="left").split("\n")
    assert len(lines) == 2
    assert min(map(len, lines)) > 0.6 * max(map(len, lines))


def test_a_label_is_broken_near_its_middle() -> None:
    """ "One more deal from each / star"."""
    assert style.halved("One more deal from each star") == "One more deal\nfrom each star"
    assert style.halved("Move the middle") == "Move the middle"
    assert style.halved("Donaudampfschifffahrt") == "Donaudampfschifffahrt"


def test_an_axis_has_width_where_there_is_nothing_to_draw() -> None:
    assert style.extent(-2.0, 3.0) == 5.0
    assert style.extent(0, np.float64(0)) == 1.0
    assert style.extent(7.0, 7.0) == 1.0


def test_a_title_over_one_of_several_axes_keeps_to_it() -> None:
    own, both = plt.subplots(1, 2, figsize=(9, 3))
    said = "Fewer than half of the reps who stay get there within a year"
    style.finish(both[0], title=said, alt="None.")
    own.canvas.draw()
    assert both[0]._left_title.get_window_extent().x1 < both[1].bbox.x0
    plt.close(own)


def test_two_amounts_in_dollars_are_no_formula() -> None:
    ax = style.finish(style.axes(), title="From $1.9M to $3.4M, and a name: $x^{", alt="Nothing.")
    ax.figure.canvas.draw()
    assert not ax.title.get_parse_math()


def test_two_amounts_in_dollars_are_no_formula_on_axes_of_the_callers() -> None:
    """$14M ($13M to $16M) came out in italics without blanks where a figure was drawn into one's own."""
    with plt.rc_context({"text.parse_math": True}):
        own, ax = plt.subplots()
        ax.plot([0, 1], label="$1 to $2")
        ax.annotate("from $3 to $4", (0, 0))
        ax.legend()
        style.finish(ax, title="$14M ($13M to $16M)", alt="Up.", xlabel="$5 to $6")
        own.canvas.draw()
    read = [one for one in own.findobj(Text) if one.get_text().count("$") > 1]
    assert len(read) == 4
    assert not any(one.get_parse_math() for one in read)
    plt.close(own)


def test_axes_read_alike_in_every_picture() -> None:
    """Half of them said "bookings a month", the others "Reps"; shares below zero had a hyphen, money
    beside them a minus."""
    ax = style.axes()
    ax.plot([-0.2, 0.3], [0, 1])
    style.percent_axis(ax, "x")
    style.finish(ax, title="Up", alt="A line.", xlabel="share of all", ylabel="month on the job")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Share of all", "Month on the job")
    ax.figure.canvas.draw()
    assert "−20%" in [one.get_text() for one in ax.get_xticklabels()]


def test_words_in_a_colour_can_be_read() -> None:
    """Orange and purple words had 3.9 and 3.1 to 1 on white; 4.5 is what small print needs."""

    def light(colour: str) -> float:
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    ax = style.axes()
    ax.plot([0, 1], [0, 1])
    for at, colour in enumerate((*style.CATEGORIES, style.INK, style.MUTED)):
        ax.annotate("word", (0, at), color=colour)
    style.finish(ax, title="t", alt="Words.", xlabel="x", ylabel="y")
    for text in ax.findobj(Text):
        assert 1.05 / (light(text.get_color()) + 0.05) >= 4.5, text.get_color()
