"""Figures of the performance curve: readable at 20 and at 2,000 reps, numbers in the alt text."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from salesops_lib.analyses.performance_curve import (
    LeverTable,
    PerformanceCurve,
    Practices,
    moving_the_middle,
    performance_curve,
    separating_practices,
    shape_words,
)
from salesops_lib.figures import performance_curve as figures
from salesops_lib.figures import style
from tests.analyses.curve_frames import rep_months

SIZES = (20, 2_000)
Company = tuple[PerformanceCurve, LeverTable, Practices]


@pytest.fixture(scope="module", params=SIZES)
def company(request: pytest.FixtureRequest) -> Company:
    rng = np.random.default_rng(1)
    n = request.param
    skill = 1e5 * np.exp(0.25 * rng.standard_normal(n))
    frame = rep_months(skill, 12, rng, zeros=0.05)
    frame["win_rate"] = np.repeat(np.log(skill), 12) + rng.normal(size=len(frame))
    frame["discount"] = rng.normal(size=len(frame))
    curve = performance_curve(frame, samples=99)
    return (
        curve,
        moving_the_middle(curve, gap_closed=0.2, star_deal_value=3e4, replacement=3e4),
        separating_practices(
            curve,
            frame,
            columns=["win_rate", "discount"],
            labels={"win_rate": "Days from first contact to close"},
        ),
    )


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


DRAWINGS: dict[str, Callable[..., Axes]] = {
    "shape": lambda c, ax=None: figures.shape(c[0], ax=ax),
    "caterpillar": lambda c, ax=None: figures.caterpillar(c[0], ax=ax),
    "halves": lambda c, ax=None: figures.halves(c[0], ax=ax),
    "levers": lambda c, ax=None: figures.levers(c[1], ax=ax),
    "practices": lambda c, ax=None: figures.practices(c[2], ax=ax),
}


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_message_alt_text_and_axes(name: str, company: Company) -> None:
    _, given = plt.subplots()
    assert DRAWINGS[name](company, ax=given) is given
    ax = DRAWINGS[name](company)
    assert ax.get_title(loc="left")
    alt = style.alt_text(ax)
    assert any(letter.isdigit() for letter in alt)
    assert "nan" not in alt.lower()
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_no_text_leaves_the_picture_or_covers_another_label(name: str, company: Company) -> None:
    ax = DRAWINGS[name](company)
    figure = ax.figure
    figure.canvas.draw()
    box = figure.bbox
    labels = [t for t in (*ax.get_xticklabels(), *ax.get_yticklabels()) if t.get_text()]
    for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label):  # type: ignore[attr-defined]
        if text.get_text():
            extent = text.get_window_extent()
            assert extent.x0 >= box.x0 - 1, text.get_text()
            assert extent.x1 <= box.x1 + 1, text.get_text()
            assert extent.y1 <= box.y1 + 1, text.get_text()
    rows = sorted(
        (t.get_window_extent() for t in labels if t in ax.get_yticklabels()), key=lambda b: b.y0
    )
    for below, above in itertools.pairwise(rows):
        assert above.y0 >= below.y1 - 3


def test_few_reps_are_named_and_many_are_a_curve(company: Company) -> None:
    curve = company[0]
    names = [t.get_text() for t in figures.caterpillar(curve).get_yticklabels()]
    named = set(curve.reps["rep_id"]) <= set(names)
    assert named == (len(curve.reps) == 20)


def test_only_what_is_shown_is_drawn(company: Company) -> None:
    curve = company[0]
    shown = curve.reps.head(5).assign(rep_id=[f"Rep {x}" for x in "ABCDE"])
    ax = figures.caterpillar(curve, shown)
    names = {t.get_text() for t in ax.get_yticklabels()}
    assert names == {f"Rep {x}" for x in "ABCDE"}
    assert not any(str(one) in style.alt_text(ax) for one in curve.reps["rep_id"])


def test_the_title_of_the_shape_says_what_its_sentence_says(company: Company) -> None:
    """Where every shape is rejected nobody may read that the data cannot tell between two of them."""
    curve = company[0]
    for p, title in ((0.001, "No standard shape fits"), (0.5, "Bell curve or skewed: these data")):
        families = curve.families.assign(gof_p=p)
        said = shape_words.shape("undetermined", len(curve.reps), families)
        drawn = figures.shape(replace(curve, verdict="undetermined", families=families))
        assert title in drawn.get_title(loc="left")
        assert ("None of seven" in said) == (p < 0.05)


def test_the_picture_of_practices_says_what_its_lines_and_colours_are(company: Company) -> None:
    """Lines of each practice by itself stood beside sentences that allow for the picking."""
    found = company[2]
    label = figures.practices(found).get_xlabel()
    assert "90% interval widened for the picking" in label.replace("\n", " ")
    drawn = {tuple(one.get_xdata()) for one in figures.practices(found).lines}
    assert set(found.table[["told_low", "told_high"]].itertuples(index=False, name=None)) <= drawn
    for one in found.findings[1:]:
        assert (one.estimate.low, one.estimate.high) in drawn
    assert label.endswith("more than chance would show among 2 practices")
    for slopes, way in (
        ((0.2, 0.1), "more"),
        ((-0.2, -0.1), "less"),
        ((0.2, -0.1), "more or less"),
    ):
        table = found.table.assign(slope=slopes, separates=True)
        title = figures.practices(replace(found, table=table)).get_title(loc="left")
        assert title == f"2 of 2 practices go with selling {way}"


def test_intervals_are_drawn_where_they_are(company: Company) -> None:
    """The bars of the lever figure end at the limits of the table."""
    table = company[1]
    ax = figures.levers(table)
    ends = {tuple(np.round(line.get_xdata(), 3)) for line in ax.lines if len(line.get_xdata()) == 2}
    for row in table.levers.itertuples():
        assert (round(row.net_low, 3), round(row.net_high, 3)) in ends


def test_without_intervals_it_still_draws() -> None:
    rng = np.random.default_rng(2)
    curve = performance_curve(rep_months(rng.lognormal(11, 0.3, 20), 1, rng), samples=20)
    for ax in (
        figures.shape(curve),
        figures.caterpillar(curve),
        figures.levers(moving_the_middle(curve)),
    ):
        assert "nan" not in style.alt_text(ax).lower()
        ax.figure.canvas.draw()


def test_one_rep_far_above_does_not_flatten_the_rest() -> None:
    rng = np.random.default_rng(3)
    frame = rep_months(rng.lognormal(11, 0.3, 300), 12, rng)
    frame.loc[frame["rep_id"] == "R0000", "bookings"] *= 60
    curve = performance_curve(frame, samples=20, draws=400)
    assert isinstance(frame, pd.DataFrame)
    heights = sorted(p.get_height() for p in figures.shape(curve).patches)
    assert sum(height > 0 for height in heights) >= 8


@pytest.mark.parametrize("count", [4, 20, 47])
@pytest.mark.parametrize("name", ["Li", "Bartholomew Featherstonehaugh of the North"])
def test_names_title_and_label_have_room(company: Company, count: int, name: str) -> None:
    """The ranking's margins are measured, not laid out: nothing may leave the figure."""
    curve = company[0]
    rows = curve.reps.sort_values("rank").head(count)
    shown = rows.assign(rep_id=[f"{place} {name}" for place in range(len(rows))])
    ax = figures.caterpillar(curve, shown)
    figure = ax.figure
    figure.canvas.draw()
    inside = figure.bbox.expanded(1.001, 1.001)
    box = ax.get_tightbbox()
    assert box is not None
    assert box.x0 >= inside.x0 and box.y0 >= inside.y0
    assert box.x1 <= inside.x1 and box.y1 <= inside.y1
    # No more than a finger of empty paper on the left either.
    assert box.x0 < 0.05 * figure.bbox.width


def test_a_lever_is_written_as_its_sentence_writes_it(company: Company) -> None:
    """The picture said $698K, the sentence below it $0.7M (−$0.75M to $2.4M)."""
    table = company[1]
    wide = table.levers.assign(net=664e3, net_low=-748e3, net_high=2.4e6)
    ax = figures.levers(replace(table, levers=wide))
    assert all(one.get_text().startswith("$0.66M · ") for one in ax.texts)
    assert "$0.66M (90% interval −$0.75M to $2.4M" in style.alt_text(ax)


def test_what_a_legend_names_can_be_seen_in_it(company: Company) -> None:
    """Of two thousand reps each dot is faint, and one alone in the legend was not to be seen."""
    legend = figures.halves(company[0]).get_legend()
    dots = [one for one in legend.legend_handles if one.get_marker() == "o"]
    assert len(dots) == 2
    assert all(one.get_alpha() >= 0.75 and one.get_markersize() >= 5.5 for one in dots)


def test_a_lever_that_may_not_pay_is_not_said_to_pay_most() -> None:
    skill = 1e5 * np.exp(0.25 * np.random.default_rng(2).standard_normal(20))
    curve = performance_curve(rep_months(skill, 12, np.random.default_rng(3)), samples=0)
    table = moving_the_middle(curve, gap_closed=0.2, cost_per_rep=1.0)
    middle = table.levers[table.levers["lever"] == "moving_the_middle"]
    levers = middle.assign(p_best_own=0.99, net=1e5, net_low=1.0)
    ax = figures.levers(replace(table, levers=levers))
    assert "Moving the middle pays most" in ax.get_title(loc="left").replace("\n", " ")
    ax = figures.levers(replace(table, levers=levers.assign(net_low=-1.0)))
    assert "Moving the middle is ahead, but may not pay" in ax.get_title(loc="left").replace(
        "\n", " "
    )
