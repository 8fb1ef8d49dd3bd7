"""Every figure draws what the result holds, with words for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes

from salesops_lib import deal_desk, hold_prices, wording
from salesops_lib.analyses.deal_desk import approval_case
from salesops_lib.figures import deal_desk as figures
from salesops_lib.figures import style
from tests.analyses.desk_frames import by_hand, company


@pytest.fixture(scope="module")
def desk():
    return deal_desk(company())


def every(desk) -> dict[str, Callable[[Axes | None], Axes]]:
    return {
        "waterfall": lambda ax: figures.waterfall(desk, ax=ax),
        "reps": lambda ax: figures.reps(desk, ax=ax),
        "break_even": lambda ax: figures.break_even(hold_prices(desk), desk, ax=ax),
        "approval": lambda ax: figures.approval(approval_case(desk), ax=ax),
    }


@pytest.mark.parametrize("name", ["waterfall", "reps", "break_even", "approval"])
def test_axes_in_axes_out_with_message_and_alt_text(desk, name: str) -> None:
    _, given = plt.subplots()
    drawn = every(desk)[name](given)
    assert drawn is given and given.has_data()
    assert len(given.get_title(loc="left")) > 10
    alt = style.alt_text(given)
    assert any(ch.isdigit() for ch in alt) and "nan" not in alt
    assert every(desk)[name](None).figure is not given.figure
    plt.close("all")


def test_steps_are_as_long_as_their_money_and_end_at_what_is_given(desk) -> None:
    ax = figures.waterfall(desk)
    *steps, total = ax.patches
    assert [bar.get_width() for bar in steps] == pytest.approx(desk.waterfall["value"].tolist())
    assert steps[-1].get_x() + steps[-1].get_width() == pytest.approx(desk.discount_year.value)
    assert (total.get_x(), total.get_width()) == (0.0, pytest.approx(desk.discount_year.value))
    plt.close("all")


def test_an_axis_of_discounts_holds_discounts_only(desk) -> None:
    """ "At list prices $57M" stood at $0, and "Paid $50M" at $6.5M."""
    ax = figures.waterfall(desk)
    low, high = ax.get_xlim()
    assert low <= 0 < desk.discount_year.value < high
    assert not {"At list prices", "Paid"} & {one.get_text() for one in ax.get_yticklabels()}
    title = ax.get_title(loc="left").replace("\n", " ")
    whole = [wording.money(x, desk.currency) for x in (desk.discount_year.value, desk.list_year)]
    assert f": {whole[0]} of {whole[1]} a year given away" in title
    plt.close("all")


def test_nothing_in_a_legend_is_cut(desk) -> None:
    for draw in every(desk).values():
        legend = draw(None).get_legend()
        assert not [one for one in (legend.get_texts() if legend else ()) if "…" in one.get_text()]
    plt.close("all")


def test_no_threshold_is_written_over_the_axis(desk) -> None:
    """30% lay on the line at $0, where there were few deals and little money."""
    ax = figures.approval(approval_case(desk, threshold=0.1))
    ax.figure.canvas.draw()
    floor = ax.get_window_extent().y0
    assert [one.get_text() for one in ax.texts if one.get_window_extent().y0 < floor] == []
    plt.close("all")


def test_words_over_lines_stand_on_paper(desk) -> None:
    """The dashed line of what was seen went through "1 point: 1.7 in 100"."""
    ax = figures.break_even(hold_prices(desk), desk)
    assert [one.get_bbox_patch() is not None for one in ax.texts] == [True]
    plt.close("all")


def test_ticks_of_shares_say_where_they_stand() -> None:
    _, ax = plt.subplots()
    ax.set_xlim(0.06, 0.168)
    style.percent_axis(ax, "x")
    ax.set_xticks([0.075, 0.10, 0.125])
    assert [one.get_text() for one in ax.get_xticklabels()] == ["7.5%", "10%", "12.5%"]
    plt.close("all")


def test_hollow_is_what_was_seen(desk) -> None:
    ax = figures.reps(desk)
    hollow = [one for one in ax.lines if one.get_label() == "As seen"]
    assert hollow[0].get_xdata().tolist() == desk.reps["observed"].tolist()
    assert hollow[0].get_markerfacecolor() == "none"
    plt.close("all")


def test_of_more_reps_than_can_be_read_those_who_give_most_are_drawn_and_all_are_counted(
    desk,
) -> None:
    many = pd.concat([desk.reps] * 40, ignore_index=True).sort_values(
        "discount", ascending=False, ignore_index=True
    )
    sure = int((many["p_above"] >= 0.95).sum())
    assert sure > 60
    ax = figures.reps(desk, many)
    title = ax.get_title(loc="left").replace("\n", " ")
    assert title.startswith(f"{sure} reps clearly give more than average")
    assert f"60 of {len(many):,} drawn" in title
    assert len(ax.get_yticks()) == 60
    assert "60 of" in style.alt_text(ax)
    plt.close("all")


def test_without_a_comparison_the_figures_still_stand() -> None:
    few = deal_desk(by_hand()[:4])
    assert few.model is None
    assert figures.waterfall(few).patches[0].get_width() == pytest.approx(few.discount_year.value)
    assert "No deal" in figures.approval(approval_case(few, threshold=0.6)).get_title(loc="left")
    alone = deal_desk(by_hand()[:2])
    # No band is drawn where there is no interval, and the legend names none.
    legend = figures.approval(approval_case(alone, threshold=0.05)).get_legend()
    assert not [one for one in legend.get_texts() if "interval" in one.get_text()]
    assert figures.approval(approval_case(alone, threshold=0.05)).get_ylim()[1] < 1_000
    plt.close("all")


def test_nobody_is_marked_where_reps_are_alike() -> None:
    alike = deal_desk(company(spread=0.0, seed=5))
    ax = figures.reps(alike)
    assert "cannot be told" in ax.get_title(loc="left").replace("\n", " ")
    assert {one.get_color() for one in ax.lines if one.get_marker() == "o"} == {style.MUTED}
    plt.close("all")


def test_the_break_even_of_one_point_is_told_in_a_hundred(desk) -> None:
    held = hold_prices(desk)
    ax = figures.break_even(held, desk)
    said = f"{wording.number(100 * held.point_break_even.value)} in 100"
    assert f"one point {said}" in style.alt_text(ax)
    (dot,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert dot.get_xydata()[0] == pytest.approx([1.0, 100 * held.point_break_even.value])
    plt.close("all")
