"""Every figure draws what the result holds, with words for who cannot see it."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from salesops_lib import channel_gap
from salesops_lib.analyses.channel_gap import (
    closing_gap,
    compare_channels,
    funnel_gap,
    price_volume_mix,
)
from salesops_lib.figures import channel_gap as figures
from salesops_lib.figures import channel_gap_marks as marks
from salesops_lib.figures import style
from tests.analyses.gap_frames import MARKET, PRACTICE, rep_months
from tests.analyses.test_channel_gap_companions import deals, funnel_months, many


@pytest.fixture(scope="module")
def gap():
    return channel_gap(
        rep_months(reps=24), outcome="bookings", a="EU", b="US", market=MARKET, practice=PRACTICE,
        permutations=9,
    )  # fmt: skip


def every(gap) -> dict:
    mix = price_volume_mix(
        deals(), channel="channel", a="EU", b="US", product="product", amount="amount"
    )
    return {
        "rep_means": lambda ax: figures.rep_means(gap, ax=ax),
        "waterfall": lambda ax: figures.waterfall(gap, ax=ax),
        "practices": lambda ax: figures.practices(closing_gap(gap), gap, ax=ax),
        "sensitivity": lambda ax: figures.sensitivity(gap, ax=ax),
        "funnel": lambda ax: figures.funnel_steps(
            funnel_gap(funnel_months(), a="EU", b="US"), ax=ax
        ),
        "effects": lambda ax: figures.effects(mix, a="EU", b="US", ax=ax),
        "league": lambda ax: figures.league(compare_channels(many(), outcome="bookings"), ax=ax),
    }


NAMES = ("rep_means", "waterfall", "practices", "sensitivity", "funnel", "effects", "league")


@pytest.mark.parametrize("name", NAMES)
def test_axes_in_axes_out_with_message_and_alt_text(gap, name: str) -> None:
    _, given = plt.subplots()
    drawn = every(gap)[name](given)
    assert drawn is given
    assert given.has_data()
    assert len(given.get_title(loc="left")) > 10
    alt = style.alt_text(given)
    assert any(ch.isdigit() for ch in alt)
    assert "nan" not in alt
    own = every(gap)[name](None)
    assert own.figure is not given.figure
    plt.close("all")


def test_every_rep_is_a_dot(gap) -> None:
    ax = figures.rep_means(gap)
    dots = [
        line for line in ax.lines if line.get_linestyle() == "None" and line.get_marker() == "o"
    ]
    assert sum(len(line.get_xdata()) for line in dots) == len(gap.reps)
    plt.close("all")


def test_waterfall_runs_from_b_to_a(gap) -> None:
    ax = figures.waterfall(gap)
    tops = [patch.get_y() + patch.get_height() for patch in ax.patches]
    a, b = gap.means["value"]
    assert tops[0] == pytest.approx(b)
    assert tops[-1] == pytest.approx(a)
    assert tops[-2] == pytest.approx(a)
    plt.close("all")


def test_a_step_is_written_as_its_sentence_writes_it(gap) -> None:
    """+$666 in the picture was $0.67K (−$20K to $21K) in the sentence below it."""
    part = replace(gap.practice, value=666.0, low=-20e3, high=21e3)
    drawn = [one.get_text() for one in figures.waterfall(replace(gap, practice=part)).texts]
    assert "+$0.67K" in drawn
    plt.close("all")


@pytest.mark.parametrize(
    ("lows", "apart", "title"),
    [
        ((1.0, 1.0), False, "2 practices carry part of the gap; which carries most cannot be told"),
        (
            (1.0, -1.0),
            False,
            "One practice carries part of the gap; which carries most cannot be told",
        ),
        ((-1.0, -1.0), False, "No single practice can be told to carry the gap"),
        ((1.0, 1.0), True, "Selling share carries more of the gap than any other practice"),
        ((-1.0, -9.0), True, "No single practice can be told to carry the gap"),
        ((1.0,), False, "Selling share, the one practice measured, carries part of the gap"),
        (
            (-1.0,),
            False,
            "Selling share, the one practice measured, cannot be told to carry the gap",
        ),
    ],
)
def test_a_practice_told_from_nothing_is_not_denied(gap, lows, apart: bool, title: str) -> None:
    """Three of five lay above zero to the end of their lines, and the title said that none could be told
    to carry the gap; of one that was told from each of the others, that it carries most of it."""
    closing = closing_gap(gap)
    table = closing.practices.head(len(lows)).assign(told_low=lows, value=5.0, told_high=9.0)
    table["label"] = ["selling share", "discount"][: len(lows)]
    drawn = figures.practices(replace(closing, practices=table, apart=apart), gap)
    assert drawn.get_title(loc="left").replace("\n", " ") == title
    assert drawn.get_xlabel().startswith("Bookings a year if US practised as EU does")
    plt.close("all")


def test_logarithms_have_the_decimals_in_which_they_differ(gap) -> None:
    """Two channels a tenth apart were both at 12, on an axis of 12s."""
    logs = replace(gap, scale="log")
    assert marks.amount(logs, 11.513, "$") == "11.51"
    assert marks.amount(logs, -0.0953, "$") == "−0.095"
    assert marks.amount(logs, 1.25, "$", signed=True) == "+1.25"
    assert marks.amount(replace(gap, scale="share"), 0.25, "$", signed=True) == "+25%"


def test_no_bar_of_the_waterfall_is_cut(gap) -> None:
    """On an axis that does not begin at zero a bar of $92K looked a quarter of one of $102K."""
    parts = {
        name: replace(getattr(gap, name), value=one, low=one - 100.0, high=one + 100.0)
        for name, one in (("market", 500.0), ("practice", 300.0), ("unexplained", 200.0))
    }
    means = gap.means.assign(value=[101_000.0, 100_000.0])
    ax = figures.waterfall(replace(gap, means=means, **parts))
    assert ax.get_ylabel().endswith("axis cut")
    assert min(patch.get_y() for patch in ax.patches) > ax.get_ylim()[0]
    assert ax.patches[-1].get_y() + ax.patches[-1].get_height() == pytest.approx(101_000)
    plt.close("all")


def test_the_sensitivity_curve_crosses_zero_where_it_says(gap) -> None:
    ax = figures.sensitivity(gap)
    text = " ".join(one.get_text() for one in ax.texts)
    assert "wiped out at" in text
    assert "size" in text
    plt.close("all")


def test_two_thousand_reps_and_a_share_are_drawn_too() -> None:
    rng = np.random.default_rng(0)
    data = rep_months(reps=24)
    many_reps = data.assign(rep_id=rng.integers(0, 2000, len(data)).astype(str))
    won = many_reps.assign(bookings=rng.integers(0, 2, len(data)))
    for frame in (many_reps, won):
        found = channel_gap(frame, outcome="bookings", a="EU", b="US", permutations=9)
        assert figures.rep_means(found).has_data()
        assert figures.waterfall(found).has_data()
    plt.close("all")


@pytest.mark.parametrize(
    ("price", "volume", "mix", "title"),
    [
        (80.0, 15.0, 5.0, "Price makes most of the difference in revenue"),
        (-80.0, -15.0, 5.0, "Price makes most of the difference in revenue"),
        (
            -50.0,
            90.0,
            -5.0,
            "Volume makes the difference in revenue; price and mix work against it",
        ),
        (50.0, -90.0, 5.0, "Volume makes the difference in revenue; price and mix work against it"),
        (-50.0, 90.0, 0.0, "Volume makes the difference in revenue; price works against it"),
        (34.0, 33.0, 33.0, "Price, volume and mix share the difference in revenue"),
        (33.0, 40.0, -20.0, "Volume makes the difference in revenue; mix works against it"),
        (40.0, 40.0, -20.0, "Price and volume share the difference in revenue"),
        (50.0, -50.0, 0.0, "There is no difference in revenue to split"),
        (0.0, 0.0, 0.0, "There is no difference in revenue to split"),
    ],
)
def test_the_split_of_revenue_names_what_makes_it(
    price: float, volume: float, mix: float, title: str
) -> None:
    """The largest part is not most of it where three share it, nor where it works the other way."""
    parts = pd.DataFrame({"effect": ["price", "volume", "mix"], "shapley": [price, volume, mix]})
    parts = parts.assign(volume_first=parts["shapley"], price_first=parts["shapley"])
    drawn = figures.effects(parts, a="EU", b="US")
    assert drawn.get_title(loc="left").replace("\n", " ") == title


def test_parts_for_and_against_have_their_colours_and_amounts_stand_on_their_bars() -> None:
    parts = pd.DataFrame({"effect": ["price", "volume", "mix"], "shapley": [-50.0, 90.0, -5.0]})
    parts = parts.assign(volume_first=parts["shapley"], price_first=parts["shapley"])
    drawn = figures.effects(parts, a="EU", b="US")
    bars = {bar.get_width(): to_hex(bar.get_facecolor()).upper() for bar in drawn.patches}
    assert bars == {
        -5.0: style.ORANGE.upper(),
        90.0: style.BLUE.upper(),
        -50.0: style.ORANGE.upper(),
    }
    assert sorted(text.xy[0] for text in drawn.texts) == [-25.0, -2.5, 45.0]
